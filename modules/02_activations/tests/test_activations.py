"""Visible tests of module 02: one behaviour each, each scored for one exercise."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

VALUES = "Check one value by hand: the table in part 1 of the notebook has five for each function."
INFINITY = "What is -inf times 0? The result has to be 0 on the left, also at the very end."
NAN = "NaN has to come through: a comparison with NaN is False, so a choice by comparison loses it."
OWNER = "Compare the input before and after: out= wrote into your argument, or an operator such as -= did."
DTYPE = "The result has the dtype of the input: look for an array that is made without one."
EXPONENT = "exp overflowed on the way: choose the form whose exponent is never positive."
CLIP = "Far out the result is exactly 0 or 1, and before that it is not: clipping the input changes the function."
SYMMETRY = "s(-x) is 1 - s(x), and tanh(-x) is -tanh(x): look at both signs."
SATURATION = "Far out the exponentials are infinite: inf / inf is nan, although the result is plainly 1."
CANCELLATION = "Near 0, tanh(x) is x: subtracting two numbers that are almost equal loses the digits."
ONE_DEFINITION = "There are several GELUs: this course has the one with tanh, 0.79788456 and 0.044715."
TOO_LARGE = "exp(1000) is not a float32: what may you subtract from all scores?"
ROWS = "Maximum and sum are taken along dim: each row is its own distribution."
KEEPDIMS = "After a maximum or a sum along dim, the reduced axis must stay to broadcast against the scores."
FORBIDDEN = "A score of -inf means a share of exactly 0; if nothing else is left there is no distribution: ValueError."
TENSOR = "The operation applies to a Tensor of floats, and the result is a Tensor."


@pytest.fixture
def accidents_are_errors(tt: Any) -> Iterator[None]:
    """Overflow, division by zero and invalid operations raise in the student's code."""
    numpy = tt.core.tensor.np
    before = numpy.seterr(over="raise", divide="raise", invalid="raise")
    yield
    with suppress(Exception):  # a worker that ended with the test has nothing to restore
        numpy.seterr(**before)


def gelu_reference(array: Any) -> Any:
    """This course's GELU in float64, with a power instead of products."""
    x = np.asarray(array, dtype=np.float64)
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * np.power(x, 3))))


def softmax_reference(array: Any, axis: int) -> Any:
    """Shares of moderate scores, in float64."""
    weights = np.exp(np.asarray(array, dtype=np.float64))
    return weights / weights.sum(axis=axis, keepdims=True)


# relu


@exercise("relu", hint=VALUES)
def test_relu_replaces_negative_numbers_by_zero(tt):
    t = tt.Tensor(np.array([-2, -0.5, 0, 1.5, 7], dtype=np.float32))
    assert_close(tt.relu(t).data, [0, 0, 0, 1.5, 7])


@exercise("relu", hint=INFINITY)
def test_relu_of_infinities(tt):
    t = tt.Tensor(np.array([-np.inf, np.inf], dtype=np.float32))
    assert_close(tt.relu(t).data, [0, np.inf])


@exercise("relu", hint=NAN)
def test_relu_lets_nan_through(tt):
    t = tt.Tensor(np.array([np.nan, -1], dtype=np.float32))
    assert_close(tt.relu(t).data, [np.nan, 0])


@exercise("relu", hint=OWNER)
def test_relu_leaves_its_input_alone(tt):
    t = tt.Tensor(np.array([-1, 2], dtype=np.float32))
    result = tt.relu(t)
    assert_close(result.data, [0, 2])
    result.data[1] = 9
    assert_close(t.data, [-1, 2])


@exercise("relu", hint=DTYPE)
def test_relu_keeps_float32_and_the_shape(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.relu(tt.Tensor(a)).data, a.clip(min=0), dtype=np.float32)


@exercise("relu", hint=TENSOR)
def test_relu_as_an_object_and_its_mistakes(tt):
    activation = tt.ReLU()
    result = activation(tt.Tensor(np.array([-1, 2], dtype=np.float32)))
    expect(type_name(result) == "Tensor", "a Tensor", type_name(result))
    assert_close(result.data, [0, 2])
    assert_equal(activation.parameters(), [])
    with raises(TypeError, mentions=["list"]):
        tt.relu([1.0])


# sigmoid


@exercise("sigmoid", hint=VALUES)
def test_sigmoid_at_five_points(tt):
    t = tt.Tensor(np.array([-2, -1, 0, 1, 2], dtype=np.float32))
    expected = [0.11920292, 0.26894142, 0.5, 0.73105858, 0.88079708]
    assert_close(tt.sigmoid(t).data, expected, rtol=1e-5)


@exercise("sigmoid", hint=SYMMETRY)
def test_sigmoid_of_x_and_minus_x_add_up_to_one(tt, rng):
    a = rng.normal(scale=4, size=50).astype(np.float32)
    assert_close(tt.sigmoid(tt.Tensor(-a)).data, 1 - tt.sigmoid(tt.Tensor(a)).data, atol=1e-6)


@exercise("sigmoid", hint=EXPONENT, weight=2)
@pytest.mark.parametrize("x", [-10000, 10000], ids=["left", "right"])
def test_sigmoid_far_out_has_no_overflow(tt, accidents_are_errors, x):
    t = tt.Tensor(np.array([x, 0], dtype=np.float32))
    result = tt.sigmoid(t)
    assert_close(result.data, [x > 0, 0.5])


@exercise("sigmoid", hint=CLIP)
def test_sigmoid_is_right_between_the_middle_and_the_limits(tt):
    t = tt.Tensor(np.array([-20, -60, -80], dtype=np.float32))
    assert_close(tt.sigmoid(t).data, [2.0611537e-9, 8.7565108e-27, 1.8048514e-35], atol=0, rtol=1e-3)


@exercise("sigmoid", hint=DTYPE)
def test_sigmoid_keeps_float64(tt):
    t = tt.Tensor(np.array([[1.0]]), dtype="float64")
    assert_close(tt.sigmoid(t).data, [[0.7310585786300049]], rtol=1e-12, atol=0, dtype=np.float64)


@exercise("sigmoid", hint=OWNER)
def test_sigmoid_leaves_its_input_alone(tt):
    t = tt.Tensor(np.array([-1, 2], dtype=np.float32))
    assert_close(tt.sigmoid(t).data, [0.268941, 0.880797])
    assert_close(t.data, [-1, 2])


@exercise("sigmoid", hint=NAN)
def test_sigmoid_lets_nan_through(tt):
    t = tt.Tensor(np.array([np.nan, 0], dtype=np.float32))
    assert_close(tt.Sigmoid()(t).data, [np.nan, 0.5])


# tanh


@exercise("tanh", hint=VALUES)
def test_tanh_at_five_points(tt):
    t = tt.Tensor(np.array([-2, -1, 0, 1, 2], dtype=np.float32))
    assert_close(tt.tanh(t).data, [-0.96402758, -0.76159416, 0, 0.76159416, 0.96402758], rtol=1e-5)


@exercise("tanh", hint=SYMMETRY)
def test_tanh_is_odd(tt, rng):
    a = rng.normal(scale=3, size=(4, 5)).astype(np.float32)
    assert_close(tt.tanh(tt.Tensor(-a)).data, -tt.tanh(tt.Tensor(a)).data, dtype=np.float32)


@exercise("tanh", hint=SATURATION)
def test_tanh_far_out_is_one(tt, accidents_are_errors):
    t = tt.Tensor(np.array([-10000, -100, 100, 10000], dtype=np.float32))
    result = tt.tanh(t)
    assert_close(result.data, [-1, -1, 1, 1])


@exercise("tanh", hint=CANCELLATION)
def test_tanh_near_zero_keeps_its_digits(tt):
    t = tt.Tensor(np.array([1e-6, -2e-5], dtype=np.float32))
    assert_close(tt.tanh(t).data, [1e-6, -2e-5], rtol=1e-4, atol=0)


@exercise("tanh", hint=OWNER)
def test_tanh_leaves_its_input_alone(tt):
    t = tt.Tensor(np.array([-1, 2], dtype=np.float32))
    assert_close(tt.Tanh()(t).data, [-0.761594, 0.964028])
    assert_close(t.data, [-1, 2])


# gelu


@exercise("gelu", hint=VALUES, weight=2)
def test_gelu_at_one_and_minus_one(tt):
    t = tt.Tensor(np.array([1, -1, 2, -2], dtype=np.float32))
    assert_close(tt.gelu(t).data, [0.8411920, -0.1588080, 1.9545977, -0.0454023], rtol=1e-4)


@exercise("gelu", hint=ONE_DEFINITION)
def test_gelu_agrees_with_the_definition_of_the_course(tt, rng):
    a = rng.normal(scale=2, size=(5, 40)).astype(np.float32)
    assert_close(tt.gelu(tt.Tensor(a)).data, gelu_reference(a), atol=1e-6, rtol=1e-5, dtype=np.float32)


@exercise("gelu", hint="Far out on the left the result is 0, far out on the right it is x.")
def test_gelu_of_large_numbers(tt, accidents_are_errors):
    t = tt.Tensor(np.array([-10000, -30, 30, 10000], dtype=np.float32))
    result = tt.gelu(t)
    assert_close(result.data, [0, 0, 30, 10000])


@exercise("gelu", hint=OWNER)
def test_gelu_leaves_its_input_alone(tt):
    t = tt.Tensor(np.array([-1, 2], dtype=np.float32))
    assert_close(tt.GELU()(t).data, [-0.158808, 1.954598])
    assert_close(t.data, [-1, 2])


# softmax


@exercise("softmax", hint="Every share is the exponential of a score, divided by the sum of them.")
def test_softmax_of_one_two_three(tt):
    t = tt.Tensor(np.array([1, 2, 3], dtype=np.float32))
    assert_close(tt.softmax(t).data, [0.09003057, 0.24472847, 0.66524096], rtol=1e-5, dtype=np.float32)


@exercise("softmax", hint=TOO_LARGE, weight=2)
def test_softmax_of_scores_around_a_thousand(tt, accidents_are_errors):
    t = tt.Tensor(np.array([1000, 1001], dtype=np.float32))
    result = tt.softmax(t)
    assert_close(result.data, [0.26894142, 0.73105858])


@exercise("softmax", hint=ROWS, weight=2)
def test_rows_with_different_offsets_each_add_up_to_one(tt):
    t = tt.Tensor(np.array([[0, 1], [500, 501]], dtype=np.float32))
    assert_close(tt.softmax(t).data, [[0.26894142, 0.73105858]] * 2)


@exercise("softmax", hint=KEEPDIMS, weight=2)
@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_softmax_along_each_dim(tt, rng, dim):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.softmax(tt.Tensor(a), dim=dim).data, softmax_reference(a, dim), rtol=1e-5)


@exercise("softmax", hint=FORBIDDEN)
def test_a_score_of_minus_infinity_has_no_share(tt):
    t = tt.Tensor(np.array([[0, -np.inf, 0], [-np.inf, 5, -np.inf]], dtype=np.float32))
    assert_close(tt.softmax(t).data, [[0.5, 0, 0.5], [0, 1, 0]], atol=0)


@exercise("softmax", hint=FORBIDDEN)
def test_a_row_of_minus_infinity_is_an_error(tt):
    t = tt.Tensor(np.array([[0, -np.inf], [-np.inf, -np.inf]], dtype=np.float32))
    assert_close(tt.softmax(t[:1]).data, [[1, 0]])
    with raises(ValueError, mentions=["(2, 2)"]):
        tt.softmax(t)


@exercise("softmax", hint=OWNER)
def test_softmax_leaves_its_input_alone(tt):
    t = tt.Tensor(np.array([3, 5], dtype=np.float32))
    assert_close(tt.Softmax()(t).data, [0.119203, 0.880797])
    assert_close(t.data, [3, 5])


@exercise("softmax", hint=ROWS)
def test_shares_down_the_columns(tt):
    t = tt.Tensor(np.array([[0, 3], [0, 3]], dtype=np.float32))
    assert_close(tt.softmax(t, dim=0).data, [[0.5, 0.5], [0.5, 0.5]])
