import pytest


@pytest.mark.parametrize('n', range(500))
def test_pass(n):
    pass
