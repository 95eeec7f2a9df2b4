"""What a test sees through `tt`, and what a student reads when it fails."""

from __future__ import annotations

import pytest

from tests.grader.conftest import Judge

TENSOR = """
    import numpy as np

    class Tensor:
        def __init__(self, data):
            self.data = np.array(data, dtype=np.float32)

        @property
        def shape(self):
            return self.data.shape

        def __add__(self, other):
            return Tensor(self.data + getattr(other, "data", other))

        def __rsub__(self, other):
            return Tensor(self.data - other)

        def __getitem__(self, key):
            return Tensor(self.data[key])

        def item(self):
            return self.data.item()

        def reshape(self, *shape):
            raise ValueError("cannot reshape (2, 3) to (4,)")

    def memory():
        return 1
"""


def test_operators_reach_the_students_object(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_addition(tt):
            assert_close((tt.Tensor([1, 2]) + np.ones(2)).data, [2, 3], dtype=np.float32)
        """,
    )
    assert outcomes["test_addition"].outcome == "passed"


def test_a_failure_names_the_call_the_expectation_and_the_result(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_reflected(tt):
            assert_equal((10 - tt.Tensor([1.0])).item(), 9.0)
        """,
    )
    assert outcomes["test_reflected"].message == (
        "called: (10 - Tensor([1.0])).item()\nexpected: 9.0\ngot: -9.0"
    )


def test_slices_and_ellipsis_work_as_indices(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_index(tt):
            assert_equal(tt.Tensor(np.zeros((4, 5)))[1:3, ...].shape, (2, 5))
        """,
    )
    assert outcomes["test_index"].outcome == "passed"


def test_a_students_exception_is_caught_as_its_builtin_class(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_error(tt):
            with raises(ValueError, mentions=["(2, 3)", "(4,)"]):
                tt.Tensor([1]).reshape(4)
        """,
    )
    assert outcomes["test_error"].outcome == "passed"


def test_an_exception_of_another_class_fails_with_both_names(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_error(tt):
            with raises(TypeError):
                tt.Tensor([1]).reshape(4)
        """,
    )
    assert "expected: TypeError\ngot: ValueError: cannot reshape" in outcomes["test_error"].message


def test_a_kept_array_is_one_object_in_the_worker(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_copy(tt):
            source = tt.keep(np.ones(2))
            tensor = tt.Tensor(source)
            source[0] = 9.0
            assert_close(tensor.data, [1, 1])
        """,
    )
    assert outcomes["test_copy"].outcome == "passed"


def test_a_patched_function_returns_what_the_test_says(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_patch(tt):
            tt.patch("tinytorch.memory", returns=8)
            assert_equal(tt.memory(), 8)
        """,
    )
    assert outcomes["test_patch"].outcome == "passed"


def test_a_hidden_module_cannot_be_imported(judge: Judge) -> None:
    outcomes = judge(
        "def probe():\n    import json",
        """
        @exercise("a", hint="h")
        def test_hide(tt):
            tt.hide("json")
            with raises(ModuleNotFoundError):
                tt.probe()
        """,
    )
    assert outcomes["test_hide"].outcome == "passed"


def test_a_package_that_does_not_import_fails_every_test_with_the_reason(judge: Judge) -> None:
    outcomes = judge(
        "raise RuntimeError('broken on import')",
        """
        @exercise("a", hint="h")
        def test_any(tt):
            tt.Tensor
        """,
    )
    assert "got: RuntimeError: broken on import" in outcomes["test_any"].message


def test_two_test_ids_draw_different_but_repeatable_numbers(judge: Judge) -> None:
    outcomes = judge(
        TENSOR,
        """
        @exercise("a", hint="h")
        def test_first(tt, rng):
            assert_equal(int(rng.integers(10**6)), -1)

        @exercise("a", hint="h")
        def test_second(tt, rng):
            assert_equal(int(rng.integers(10**6)), -1)
        """,
    )
    assert outcomes["test_first"].message.endswith("got: 442703")
    assert outcomes["test_second"].message != outcomes["test_first"].message


def test_a_message_of_many_megabytes_is_cut(judge: Judge) -> None:
    outcomes = judge(
        """
        def fail():
            raise type("E" * 10_000_000, (Exception,), {})("x" * 100_000_000)
        """,
        """
        @exercise("one", hint="h")
        def test_fail(tt):
            assert_equal(tt.fail(), 1)
        """,
    )
    assert "got: EEEE" in outcomes["test_fail"].message
    assert len(outcomes["test_fail"].message) <= 1200


def test_variables_that_steer_python_and_pytest_do_not_reach_the_judge(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    monkeypatch.setenv("PYTHONSTARTUP", "/no/such/file")
    outcomes = judge(
        "",
        """
        @exercise("a", hint="h")
        def test_any(tt):
            assert not [name for name in __import__("os").environ if name.startswith("PYTEST_ADDOPTS")]
        """,
    )
    assert outcomes["test_any"].outcome == "passed"


def test_an_object_in_the_place_of_an_array_is_named_in_the_message(judge: Judge) -> None:
    outcomes = judge(
        "import numpy as np\nclass Lazy(np.ndarray): pass\ndef f(): return np.ones(2).view(Lazy)",
        """
        @exercise("a", hint="h")
        def test_array(tt):
            assert not np.array_equal(tt.f(), [2, 2])
        """,
    )
    assert outcomes["test_array"].message == "called: f()\nexpected: an ndarray\ngot: Lazy"


def test_an_object_that_says_it_is_equal_is_not_asked(judge: Judge) -> None:
    outcomes = judge(
        "class Liar:\n    def __eq__(self, other): return True\ndef f(): return (Liar(), 3)",
        """
        @exercise("a", hint="h")
        def test_pair(tt):
            assert_equal(tt.f(), (2, 3))
        """,
    )
    assert outcomes["test_pair"].outcome == "failed"
    assert "expected: a plain value of type int\ngot: an object of type Liar" in outcomes["test_pair"].message


def test_half_a_surrogate_pair_in_a_message_is_written_out(judge: Judge) -> None:
    outcomes = judge(
        "def f(): raise ValueError('\\\\ud800')",
        """
        @exercise("a", hint="h")
        def test_any(tt):
            tt.f()
        """,
    )
    assert "got: ValueError: \\ud800" in outcomes["test_any"].message


def test_arguments_written_into_stay_as_they_were_for_the_judge(judge: Judge) -> None:
    outcomes = judge(
        "def f(a):\n    a[...] = 0\n    return a",
        """
        @exercise("a", hint="h")
        def test_input(tt):
            a = np.ones(2)
            assert_close(tt.f(a), a)
        """,
    )
    assert outcomes["test_input"].message == (
        "called: f(array(2,))\nexpected: array(2,) [1., 1.], at [0] 1\ngot: array(2,) [0., 0.], at [0] 0"
    )
