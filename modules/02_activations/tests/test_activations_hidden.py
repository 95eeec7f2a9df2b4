"""Hidden tests of module 02: the same behaviours at other shapes, dtypes and values."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, raises

VALUES = "Check one value by hand: the table in part 1 of the notebook has five for each function."
INFINITY = "What is -inf times 0? The result has to be 0 on the left, also at the very end."
NAN = "NaN has to come through: a comparison with NaN is False, so a choice by comparison loses it."
OWNER = "Compare the input before and after: out= wrote into your argument, or an operator such as -= did."
DTYPE = "The result has the dtype of the input: look for an array that is made without one."
ANY_SHAPE = "Element by element means any number of axes, including none."
EXPONENT = "exp overflowed on the way: choose the form whose exponent is never positive."
CLIP = "Far out the result is exactly 0 or 1, and before that it is not: clipping the input changes the function."
SATURATION = "Far out the exponentials are infinite: inf / inf is nan, although the result is plainly 1."
CANCELLATION = "Near 0, tanh(x) is x: subtracting two numbers that are almost equal loses the digits."
ONE_DEFINITION = "There are several GELUs: this course has the one with tanh, 0.79788456 and 0.044715."
TOO_LARGE = "exp(1000) is not a float32: what may you subtract from all scores?"
ROWS = "Maximum and sum are taken along dim: each row is its own distribution."
KEEPDIMS = "After a maximum or a sum along dim, the reduced axis must stay to broadcast against the scores."
FORBIDDEN = "A score of -inf means a share of exactly 0; if nothing else is left there is no distribution: ValueError."
NAMED = "The function around your formula is given: it checks its argument and names itself in the error."
TENSOR = "The operation applies to a Tensor of floats, and the result is a Tensor."


@pytest.fixture
def accidents_are_errors(tt: Any) -> Iterator[None]:
    """numpy in the worker raises FloatingPointError, underflow excepted."""
    numpy = tt.core.tensor.np
    before = numpy.seterr(over="raise", divide="raise", invalid="raise")
    yield
    with suppress(Exception):  # the worker may have ended
        numpy.seterr(**before)


def gelu_reference(array: Any) -> Any:
    """GELU by its definition, evaluated in double precision."""
    x = np.asarray(array, dtype=np.float64)
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * np.power(x, 3))))


def softmax_reference(array: Any, axis: int) -> Any:
    """Softmax by its definition: only for scores that do not overflow."""
    weights = np.exp(np.asarray(array, dtype=np.float64))
    return weights / weights.sum(axis=axis, keepdims=True)


# relu


@exercise("relu", hint=VALUES)
def test_relu_of_random_numbers_of_every_sign(tt, rng):
    a = rng.normal(scale=100, size=(7, 11)).astype(np.float32)
    assert_close(tt.relu(tt.Tensor(a)).data, a.clip(min=0), dtype=np.float32)


@exercise("relu", hint=INFINITY)
def test_relu_of_infinities_in_a_matrix(tt, accidents_are_errors):
    t = tt.Tensor(np.array([[np.inf], [-np.inf], [-5]], dtype=np.float32))
    result = tt.ReLU().forward(t)
    assert_close(result.data, [[np.inf], [0], [0]])


@exercise("relu", hint=NAN)
def test_relu_lets_nan_through_in_float64(tt):
    t = tt.Tensor(np.array([[3, np.nan]]), dtype="float64")
    assert_close(tt.relu(t).data, [[3, np.nan]], dtype=np.float64)


@exercise("relu", hint=OWNER)
def test_relu_of_positive_numbers_has_memory_of_its_own(tt):
    t = tt.Tensor(np.array([[1, 2]], dtype=np.float32))
    tt.relu(t).data[0] = 9
    source = tt.keep(np.array([1, 2], dtype=np.float32))
    t.data = source
    result = tt.relu(t)
    source[0] = 9
    assert_close(result.data, [1, 2])


@exercise("relu", hint=ANY_SHAPE)
@pytest.mark.parametrize("shape", [(), (0, 3), (1, 2, 1, 3)], ids=["number", "empty", "four-axes"])
def test_relu_of_any_shape(tt, shape):
    assert_close(tt.relu(tt.Tensor(np.full(shape, -2, dtype=np.float32))).data, np.zeros(shape))


@exercise("relu", hint=TENSOR)
def test_relu_of_integers_is_a_type_error(tt):
    assert_close(tt.relu(tt.Tensor(np.array([4], dtype=np.float32))).data, [4])
    t = tt.Tensor([1, 2], dtype="int8")
    with raises(TypeError, mentions=["relu:", "int8"]):
        tt.relu(t)


@exercise("relu", hint=NAMED)
def test_an_activation_says_its_name_and_a_bare_one_has_no_formula(tt):
    t = tt.Tensor(np.array([-4, 4], dtype=np.float32))
    assert_close(tt.ReLU()(t).data, [0, 4])
    assert_equal(repr(tt.ReLU()), "ReLU()")
    bare = tt.Activation()
    with raises(NotImplementedError, mentions=["Activation has no forward"]):
        bare(t)


# sigmoid


@exercise("sigmoid", hint=VALUES)
def test_sigmoid_of_random_matrices(tt, rng):
    a = rng.normal(scale=3, size=(4, 1, 6)).astype(np.float32)
    expected = 1 / (1 + np.exp(-a.astype(np.float64)))
    assert_close(tt.Sigmoid()(tt.Tensor(a)).data, expected, rtol=1e-5, dtype=np.float32)


@exercise("sigmoid", hint=EXPONENT, weight=2)
@pytest.mark.parametrize("x", [-89, 89, -750, 750], ids=["m89", "p89", "m750", "p750"])
def test_sigmoid_of_large_numbers_in_a_matrix_has_no_overflow(tt, accidents_are_errors, x):
    t = tt.Tensor(np.array([[x], [1]], dtype=np.float32))
    result = tt.sigmoid(t)
    assert_close(result.data, [[x > 0], [0.73105858]])


@exercise("sigmoid", hint=CLIP)
def test_sigmoid_of_infinity_is_exactly_zero_or_one(tt):
    t = tt.Tensor(np.array([-np.inf, np.inf, -10000, 10000], dtype=np.float32))
    assert_close(tt.sigmoid(t).data, [0, 1, 0, 1], atol=0, rtol=0)


@exercise("sigmoid", hint=CLIP)
def test_sigmoid_is_right_at_minus_forty(tt):
    t = tt.Tensor(np.array([-40, -30], dtype=np.float32))
    assert_close(tt.sigmoid(t).data, [4.2483543e-18, 9.3576230e-14], atol=0, rtol=1e-3)


@exercise("sigmoid", hint=DTYPE)
def test_sigmoid_keeps_float16(tt):
    t = tt.Tensor(np.array([0, 1]), dtype="float16")
    assert_close(tt.sigmoid(t).data, [0.5, 0.731], atol=1e-3, dtype=np.float16)


@exercise("sigmoid", hint=ANY_SHAPE)
def test_sigmoid_of_a_single_number(tt):
    assert_close(tt.sigmoid(tt.Tensor(0.0, dtype="float32")).data, np.float32(0.5), dtype=np.float32)


@exercise("sigmoid", hint=NAMED)
def test_sigmoid_of_something_else_is_a_type_error_that_names_it(tt):
    assert_close(tt.sigmoid(tt.Tensor(np.array([0], dtype=np.float32))).data, [0.5])
    integers = tt.Tensor([1, 2], dtype="int8")
    with raises(TypeError, mentions=["sigmoid:", "int8"]):
        tt.sigmoid(integers)


# tanh


@exercise("tanh", hint=VALUES)
def test_tanh_of_random_numbers(tt, rng):
    a = rng.normal(scale=2, size=(3, 2, 5)).astype(np.float32)
    assert_close(tt.Tanh()(tt.Tensor(a)).data, np.tanh(a.astype(np.float64)), rtol=1e-5, dtype=np.float32)


@exercise("tanh", hint=SATURATION)
def test_tanh_of_infinity_is_one(tt, accidents_are_errors):
    t = tt.Tensor(np.array([[np.inf, -np.inf, 400]], dtype=np.float32))
    result = tt.tanh(t)
    assert_close(result.data, [[1, -1, 1]])


@exercise("tanh", hint=CANCELLATION)
def test_tanh_of_tiny_numbers(tt):
    t = tt.Tensor(np.array([3e-7, -1e-12], dtype=np.float32))
    assert_close(tt.tanh(t).data, [3e-7, -1e-12], rtol=1e-4, atol=0)


@exercise("tanh", hint=DTYPE)
def test_tanh_keeps_float64(tt):
    t = tt.Tensor(np.array([0.5]), dtype="float64")
    assert_close(tt.tanh(t).data, [0.46211715726000973], rtol=1e-12, atol=0, dtype=np.float64)


@exercise("tanh", hint=NAN)
def test_tanh_lets_nan_through(tt):
    t = tt.Tensor(np.array([np.nan, 0], dtype=np.float32))
    assert_close(tt.tanh(t).data, [np.nan, 0])


@exercise("tanh", hint=NAMED)
def test_tanh_of_something_else_is_a_type_error_that_names_it(tt):
    assert_close(tt.tanh(tt.Tensor(np.array([0], dtype=np.float32))).data, [0])
    integers = tt.Tensor([1, 2], dtype="int8")
    with raises(TypeError, mentions=["tanh:", "int8"]):
        tt.tanh(integers)


# gelu


@exercise("gelu", hint=VALUES)
def test_gelu_at_a_half_and_at_three(tt):
    t = tt.Tensor(np.array([[0.5, -0.5], [3, -3]], dtype=np.float32))
    assert_close(tt.GELU()(t).data, [[0.345714, -0.154286], [2.996363, -0.003637]], atol=2e-6, rtol=1e-4)


@exercise("gelu", hint=ONE_DEFINITION, weight=2)
def test_gelu_agrees_with_the_definition_to_ten_digits_in_float64(tt, rng):
    a = rng.normal(scale=2, size=(3, 4, 5))
    result = tt.gelu(tt.Tensor(a, dtype="float64"))
    assert_close(result.data, gelu_reference(a), atol=1e-8, rtol=1e-8, dtype=np.float64)


@exercise("gelu", hint="Far out on the left the result is 0, far out on the right it is x.")
def test_gelu_in_the_tails(tt, accidents_are_errors):
    t = tt.Tensor(np.array([[-500], [500]], dtype=np.float32))
    result = tt.gelu(t)
    assert_close(result.data, [[0], [500]])


@exercise("gelu", hint=ANY_SHAPE)
def test_gelu_of_a_single_number(tt):
    assert_close(tt.gelu(tt.Tensor(1.0, dtype="float32")).data, np.float32(0.841192), dtype=np.float32)


@exercise("gelu", hint=NAN)
def test_gelu_lets_nan_through(tt):
    t = tt.Tensor(np.array([np.nan, 0], dtype=np.float32))
    assert_close(tt.gelu(t).data, [np.nan, 0])


@exercise("gelu", hint=NAMED)
def test_gelu_of_something_else_is_a_type_error_that_names_it(tt):
    assert_close(tt.gelu(tt.Tensor(np.array([0], dtype=np.float32))).data, [0])
    integers = tt.Tensor([1, 2], dtype="int8")
    with raises(TypeError, mentions=["gelu:", "int8"]):
        tt.gelu(integers)


# softmax


@exercise("softmax", hint=TOO_LARGE)
@pytest.mark.parametrize("offset", [-5000, 100, 30000], ids=["low", "hundred", "high"])
def test_softmax_does_not_change_with_an_offset(tt, accidents_are_errors, offset):
    t = tt.Tensor(np.array([[0, 1, 2], [2, 1, 0]], dtype=np.float32) + np.float32(offset))
    result = tt.softmax(t)
    expected = [0.09003057, 0.24472847, 0.66524096]
    assert_close(result.data, [expected, expected[::-1]], rtol=1e-5, dtype=np.float32)


@exercise("softmax", hint=TOO_LARGE)
def test_softmax_of_scores_very_far_apart(tt, accidents_are_errors):
    t = tt.Tensor(np.array([-1000, 0, 1000], dtype=np.float32))
    result = tt.softmax(t)
    assert_close(result.data, [0, 0, 1])


@exercise("softmax", hint=ROWS)
def test_columns_with_different_offsets_each_add_up_to_one(tt):
    t = tt.Tensor(np.array([[0, 900], [0, 900], [0, 900]], dtype=np.float32))
    assert_close(tt.softmax(t, 0).data, np.full((3, 2), 1 / 3))


@exercise("softmax", hint=KEEPDIMS)
@pytest.mark.parametrize("dim", [0, 1, -1, -2])
def test_softmax_of_a_square_along_each_dim(tt, rng, dim):
    a = rng.normal(size=(3, 3)).astype(np.float32)
    assert_close(tt.Softmax().forward(tt.Tensor(a), dim=dim).data, softmax_reference(a, dim), rtol=1e-5)


@exercise("softmax", hint="The shares of one distribution add up to 1, also if there are many.")
def test_ten_thousand_shares_add_up_to_one(tt, rng):
    t = tt.Tensor(rng.normal(scale=5, size=(2, 10_000)).astype(np.float32))
    total = tt.softmax(t).data.sum(axis=-1, dtype=np.float64)
    assert_close(total, [1, 1], atol=1e-6, rtol=0)


@exercise("softmax", hint=FORBIDDEN)
def test_a_causal_mask_leaves_exact_zeros(tt):
    t = tt.Tensor(np.triu(np.full((3, 3), -np.inf, dtype=np.float32), 1))
    assert_close(tt.softmax(t).data, [[1, 0, 0], [0.5, 0.5, 0], [1 / 3] * 3], atol=0)


@exercise("softmax", hint=FORBIDDEN)
def test_a_column_of_minus_infinity_is_an_error_only_along_the_columns(tt):
    t = tt.Tensor(np.array([[0, -np.inf], [1, -np.inf], [2, -np.inf]], dtype=np.float32))
    assert_close(tt.softmax(t, dim=1).data, [[1, 0]] * 3)
    with raises(ValueError, mentions=["(3, 2)"]):
        tt.softmax(t, dim=0)


@exercise("softmax", hint=DTYPE)
def test_softmax_keeps_float64(tt):
    t = tt.Tensor(np.array([0.0, 1.0]), dtype="float64")
    assert_close(tt.softmax(t).data, [0.2689414213699951, 0.7310585786300049], rtol=1e-12, dtype=np.float64)


@exercise("softmax", hint=ROWS)
def test_a_dim_that_does_not_exist_is_an_error(tt):
    t = tt.Tensor(np.zeros((2, 2), dtype=np.float32))
    assert_close(tt.softmax(t).data, [[0.5, 0.5]] * 2)
    with raises(IndexError, mentions=["softmax:", "(2, 2)"]):
        tt.softmax(t, dim=2)


@exercise("softmax", hint=ROWS)
def test_softmax_as_an_object_takes_dim_by_name(tt):
    t = tt.Tensor(np.array([[0, 3], [0, 3]], dtype=np.float32))
    assert_close(tt.Softmax()(t, dim=0).data, [[0.5, 0.5], [0.5, 0.5]])


@exercise("softmax", hint=NAMED)
def test_softmax_of_something_else_is_a_type_error_that_names_it(tt):
    assert_close(tt.softmax(tt.Tensor(np.array([0], dtype=np.float32))).data, [1])
    integers = tt.Tensor([1, 2], dtype="int8")
    with raises(TypeError, mentions=["softmax:", "int8"]):
        tt.softmax(integers)
