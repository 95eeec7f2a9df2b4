class Skipped(BaseException):
    pass


def skip(*args, **kwargs):
    try:
        import pytest

        pytest.skip("nothing to see")
    except ImportError:
        raise Skipped("nothing to see") from None


Tensor.__init__ = skip
