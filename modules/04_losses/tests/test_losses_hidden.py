"""Hidden tests of module 04: the same behaviours at other shapes, dtypes and values."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

ALL_AXES = "Sum and mean run over all axes and end in one number."
DOUBLING = "What should doubling the batch do? The mean divides by how many losses there are, in all axes."
COUNTED = "Divide by how many losses count, not by how many there are."
NOTHING = "If nothing counts, 0 / 0 is not a loss: ValueError that names the shape."
COUNT_DTYPE = "The result has the dtype of the losses: a float32 divided by an int64 count is a float64."
SQUARES = "Each difference is squared: compare with the worked numbers in part 4."
SIXTEEN = "(4, 1) and (4,) broadcast to 16 numbers, not 4: compare the shapes, not the sizes."
OWNER = "The result is a new array: writing into it must not change what was given."
DTYPE = "The result has the dtype of the input: look for an array or a conversion with a dtype of its own."
MAXIMUM = "exp(10000) is not a float32: take the largest score out of the sum first."
CANCEL = "Take the maximum away first: x - logsumexp(x) subtracts two large numbers and keeps their rounding."
ROWS = "Maximum and sum are taken along dim: each row is its own distribution."
KEEPDIMS = "logsumexp drops the axis dim, and only that one, unless keepdims."
FORBIDDEN = "Among others, -inf adds 0 to the sum; alone, -inf minus -inf is nan."
NAN = "NaN has to come through: a broken computation must not look healthy."
LOG_SPACE = "Do not leave log space: a share that rounds to 0 has no logarithm any more."
PICK = "The loss of a row is log-sum-exp minus the logit of its own class: compare with the table in part 6."
CAST = "Whole numbers in a float tensor are labels too: cast once, before anything is indexed."
NEGATIVE = "NumPy accepts negative indices silently: a label below 0 would pick from the end."
ONE_HOT = "One-hot rows are not class numbers: do not guess, raise a ValueError that recommends argmax."
LABEL_SHAPE = "Labels have the shape of the logits without their last axis."
LABEL_VALUES = "A label is a whole number from 0 to C - 1, or ignore_index."
IGNORED = "A position with ignore_index has the loss 0, whatever its label would mean as a class."
LAST_AXIS = "The last axis counts the classes, however many axes come before it."
HALF = "Clip, do not shift: in the middle the loss is exactly -log p."
TOO_SMALL = "In float32, 1 - 1e-8 is 1: clip at 1e-7, on both sides."
RANGE = "A value outside 0 to 1 is no probability: ValueError, and do not let the clipping hide it."
BCE_TABLE = "Compare with the table in part 7: each target picks log p or log(1 - p)."
SIGMOID_FIRST = "From logits z the loss is that of sigmoid(z): check the sign of each term at z = 2."
FAR_OUT = "exp overflowed, or something was clipped: choose the form whose exponent is never positive."
DIGITS = "log(1 + tiny) rounds 1 + tiny first: numpy has a function that does not."


@pytest.fixture
def accidents_are_errors(tt: Any) -> Iterator[None]:
    """numpy in the worker raises FloatingPointError, underflow excepted."""
    numpy = tt.core.tensor.np
    before = numpy.seterr(over="raise", divide="raise", invalid="raise")
    yield
    with suppress(Exception):  # the worker may have ended
        numpy.seterr(**before)


def pairwise(tt: Any, loss: str, predictions: Any, targets: Any, dtype: str = "float32") -> Any:
    """The loss of each pair in this dtype, without the check of shapes."""
    tt.patch("tinytorch.core.losses.check_same_shape", returns=None)
    p, y = tt.Tensor(np.array(predictions), dtype=dtype), tt.Tensor(np.array(targets), dtype=dtype)
    return getattr(tt, loss)(reduction="none").forward(p, y).data


def of_rows(
    tt: Any, logits: Any, labels: Any, ignore_index: int | None = None, dtype: str = "float32"
) -> Any:
    """The cross entropy of each row in this dtype, without the check of labels."""
    return tt.CrossEntropyFunction.apply(
        tt.Tensor(np.array(logits), dtype=dtype),
        targets=np.array(labels),
        reduction="none",
        ignore_index=ignore_index,
    ).data


# reduce


@exercise("reduce", hint=ALL_AXES)
def test_sum_and_mean_of_three_axes(tt, rng):
    losses = rng.uniform(size=(3, 4, 5)).astype(np.float32)
    exact = losses.astype(np.float64)
    total, mean = float(tt.reduce_losses(losses, "sum")), float(tt.reduce_losses(losses, "mean"))
    expect(abs(total - exact.sum()) < 1e-3, f"sum {exact.sum():.5f}", f"{total:.5f}")
    expect(abs(mean - exact.mean()) < 1e-5, f"mean {exact.mean():.5f}", f"{mean:.5f}")


@exercise("reduce", hint=COUNTED)
def test_the_mean_of_what_counts_in_a_batch_of_sentences(tt):
    losses = np.array([[2, 4, 100], [6, 100, 100]], dtype=np.float32)
    counted = losses < 100
    assert_equal(float(tt.reduce_losses(losses, "mean", counted)), 4.0)
    assert_equal(float(tt.reduce_losses(losses, "sum", counted=counted)), 12.0)


@exercise("reduce", hint=COUNTED)
def test_losses_of_zero_count_like_all_others(tt):
    losses, counted = np.array([0, 0, 6, 9], dtype=np.float32), np.array([True, True, True, False])
    assert_equal(float(tt.reduce_losses(losses, "mean", counted)), 2.0)
    assert_equal(float(tt.reduce_losses(losses[:1], "mean", counted[:1])), 0.0)


@exercise("reduce", hint=NOTHING)
def test_no_mean_of_an_empty_array(tt):
    empty = np.zeros((0, 4), dtype=np.float32)
    assert_equal(float(tt.reduce_losses(empty, "sum")), 0.0)
    with raises(ValueError, mentions=["(0, 4)"]):
        tt.reduce_losses(empty, "mean")


@exercise("reduce", hint=NOTHING)
def test_nan_that_does_not_count_does_not_matter(tt):
    losses, counted = np.array([np.nan, 3], dtype=np.float32), np.array([False, True])
    assert_equal(float(tt.reduce_losses(losses, "mean", counted)), 3.0)


@exercise("reduce", hint=COUNT_DTYPE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_mean_has_the_dtype_of_the_losses(tt, dtype):
    result = tt.reduce_losses(np.array([[1, 2], [3, 6]], dtype=dtype), "mean")
    assert_equal((str(result.dtype), result.shape, float(result)), (dtype, (), 3.0))


@exercise("reduce", hint="All four losses have the same three reductions, and nothing to learn.")
@pytest.mark.parametrize(
    "name", ["MSELoss", "CrossEntropyLoss", "BinaryCrossEntropyLoss", "BCEWithLogitsLoss"]
)
def test_every_loss_reduces_by_the_mean_unless_told_otherwise(tt, name):
    loss = getattr(tt, name)()
    assert_equal(float(tt.reduce_losses(np.array([1.0, 4.0]), loss.reduction)), 2.5)
    assert_equal((loss.parameters(), repr(loss)), ([], f"{name}(reduction='mean')"))
    with raises(ValueError, mentions=[name, "'max'", "'mean', 'sum' or 'none'"]):
        getattr(tt, name)(reduction="max")
    with raises(NotImplementedError, mentions=["Loss has no forward"]):
        tt.Loss("sum")(tt.Tensor(1.0), None)


# mse


@exercise("mse", hint=SQUARES)
def test_squared_differences_of_single_numbers(tt):
    assert_close(pairwise(tt, "MSELoss", -3, 4), 49)


@exercise("mse", hint=DTYPE)
def test_squared_differences_keep_float64(tt):
    losses = pairwise(tt, "MSELoss", [1 + 1e-9, 2], [1, 2.5], "float64")
    assert_close(losses, [1e-18, 0.25], rtol=1e-6, atol=0, dtype=np.float64)


@exercise("mse", hint=SQUARES)
def test_mse_does_not_care_which_is_which(tt, rng):
    p, y = rng.normal(size=(2, 3, 4))
    assert_close(pairwise(tt, "MSELoss", p, y), pairwise(tt, "MSELoss", y, p), atol=0)


@exercise("mse", hint=SIXTEEN)
@pytest.mark.parametrize("name", ["MSELoss", "BinaryCrossEntropyLoss", "BCEWithLogitsLoss"])
def test_all_losses_of_pairs_refuse_different_shapes(tt, name):
    p, y = tt.Tensor(np.full((3, 1), 0.5)), tt.Tensor(np.zeros((1, 3)))
    with raises(ValueError, mentions=[name, "(3, 1)", "(1, 3)"]):
        getattr(tt, name)()(p, y)


@exercise("mse", hint=SIXTEEN)
def test_a_single_target_for_many_predictions_is_refused(tt):
    with raises(ValueError, mentions=["MSELoss", "(3,)", "()"]):
        tt.MSELoss("none")(tt.Tensor(np.zeros(3)), 0.0)


@exercise(
    "mse", hint="Integer targets become floats of the type of the predictions, floats stay as they are."
)
def test_targets_of_other_types_than_the_predictions(tt):
    p, y = tt.Tensor(np.array([0.5, 3]), dtype="float64"), tt.Tensor(np.array([1, 1]), dtype="int64")
    losses = tt.MSELoss("none")(p, y)
    assert_close(losses.data, [0.25, 4], dtype=np.float64)
    assert_close(tt.MSELoss("none")(tt.Tensor(p), y).data, [0.25, 4], dtype=np.float32)
    assert_close(tt.MSELoss("none")(tt.Tensor(p, dtype="float16"), y).data, [0.25, 4], dtype=np.float16)
    assert_close(tt.MSELoss("none")(tt.Tensor(p), p).data, [0, 0], dtype=np.float64)


@exercise("mse", hint="Integer predictions cannot be trained: TypeError.")
def test_integer_predictions_are_refused(tt):
    assert_close(pairwise(tt, "MSELoss", [2], [4]), [4])
    with raises(TypeError, mentions=["MSELoss: ", "int64"]):
        tt.MSELoss()(tt.Tensor(np.array([1]), dtype="int64"), np.array([1]))


# logsoftmax


@exercise("logsoftmax", hint=ROWS)
@pytest.mark.parametrize("dim", [0, -1])
def test_log_softmax_of_a_square_along_each_dim(tt, rng, dim):
    a = rng.normal(size=(3, 3)).astype(np.float32)
    weights = np.exp(a.astype(np.float64))
    expected = np.log(weights / weights.sum(axis=dim, keepdims=True))
    assert_close(tt.log_softmax(tt.Tensor(a), dim).data, expected, rtol=1e-4, dtype=np.float32)


@exercise("logsoftmax", hint=ROWS)
def test_log_softmax_takes_the_last_axis_unless_told_otherwise(tt):
    t = tt.Tensor(np.array([[0, 3], [0, 3], [0, 3]], dtype=np.float32))
    assert_close(tt.log_softmax(t).data, [[-3.0485874, -0.0485874]] * 3)


@exercise("logsoftmax", hint=KEEPDIMS)
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_logsumexp_along_each_dim(tt, rng, dim):
    a = rng.normal(size=(4, 1, 3)).astype(np.float32)
    expected = np.log(np.exp(a.astype(np.float64)).sum(axis=dim))
    assert_close(tt.logsumexp(tt.Tensor(a), dim).data, expected, rtol=1e-4, dtype=np.float32)


@exercise("logsoftmax", hint=MAXIMUM)
def test_logsumexp_moves_with_its_scores(tt, rng):
    a = rng.normal(size=(2, 6)).astype(np.float32)
    here, there = tt.logsumexp(tt.Tensor(a), 1).data, tt.logsumexp(tt.Tensor(a - 5000), 1).data
    assert_close(there, here - 5000, atol=2e-3, rtol=0)


@exercise("logsoftmax", hint=CANCEL)
def test_log_softmax_of_a_million_twice(tt):
    t = tt.Tensor(np.full((2, 4), [[1e6], [-1e6]]))
    assert_close(tt.log_softmax(t).data, np.full((2, 4), -np.log(4)), rtol=1e-6, atol=0)


@exercise("logsoftmax", hint=FORBIDDEN)
def test_a_causal_mask_in_log_space(tt, accidents_are_errors):
    t = tt.Tensor(np.triu(np.full((3, 3), -np.inf), 1))
    half, third = -np.log(2), -np.log(3)
    expected = [[0, -np.inf, -np.inf], [half, half, -np.inf], [third, third, third]]
    assert_close(tt.log_softmax(t).data, expected)


@exercise("logsoftmax", hint=FORBIDDEN)
def test_a_forbidden_column_is_an_error_only_along_the_columns(tt):
    t = tt.Tensor(np.array([[0, -np.inf], [1, -np.inf], [2, -np.inf]]))
    assert_close(tt.log_softmax(t, 1).data, [[0, -np.inf]] * 3)
    assert_close(tt.logsumexp(t, 0, keepdims=True).data, [[2.407606, -np.inf]])
    with raises(ValueError, mentions=["(3, 2)", "0"]):
        tt.log_softmax(t, dim=0)


@exercise("logsoftmax", hint="An infinite score makes the sum infinite, not nan.")
def test_logsumexp_of_infinity(tt):
    t = tt.Tensor(np.array([[np.inf, 0], [np.inf, -np.inf]]))
    assert_close(tt.logsumexp(t, 1).data, [np.inf, np.inf])


@exercise("logsoftmax", hint=NAN)
def test_nan_comes_through_both(tt):
    t = tt.Tensor(np.array([[np.nan, 0], [0, 0]]))
    assert_close(tt.log_softmax(t).data, [[np.nan, np.nan], [-np.log(2), -np.log(2)]])
    assert_close(tt.logsumexp(t, 1).data, [np.nan, np.log(2)])


@exercise("logsoftmax", hint=DTYPE)
def test_log_softmax_and_logsumexp_keep_float64(tt):
    t = tt.Tensor(np.array([0.0, 1.0]), dtype="float64")
    expected = [-1.3132616875182228, -0.3132616875182228]
    assert_close(tt.log_softmax(t).data, expected, rtol=1e-13, dtype=np.float64)
    assert_close(tt.logsumexp(t, 0).data, 1.3132616875182228, rtol=1e-13, dtype=np.float64)


@exercise("logsoftmax", hint="The operation applies to a Tensor of floats, and dim has to exist.")
def test_mistakes_in_calls_of_both(tt):
    t = tt.Tensor(np.zeros((2, 2)))
    assert_close(tt.log_softmax(t, -2).data, np.full((2, 2), -np.log(2)))
    with raises(IndexError, mentions=["log_softmax: ", "(2, 2)"]):
        tt.log_softmax(t, dim=2)
    with raises(IndexError, mentions=["logsumexp: ", "(2, 2)"]):
        tt.logsumexp(t, dim=-3)
    with raises(TypeError, mentions=["log_softmax: ", "list"]):
        tt.log_softmax([1.0])
    with raises(TypeError, mentions=["logsumexp: ", "int64"]):
        tt.logsumexp(tt.Tensor(np.array([1]), dtype="int64"), 0)


# ce: labels


@exercise("ce", hint=LABEL_VALUES)
def test_the_first_and_the_last_class_are_classes(tt):
    assert_close(tt.class_labels(np.array([[0, 6]]), (1, 2, 7)), [[0, 6]], dtype=np.int64)
    with raises(IndexError, mentions=["7"]):
        tt.class_labels(np.array([[0, 7]]), (1, 2, 7))


@exercise("ce", hint=NEGATIVE)
def test_a_negative_label_is_refused_next_to_another_ignore_index(tt):
    with raises(IndexError, mentions=["-2", "5"]):
        tt.class_labels(np.array([-1, 3, -2]), (3, 5), ignore_index=-1)


@exercise("ce", hint=CAST)
def test_the_labels_of_a_single_example(tt):
    assert_close(tt.class_labels(2, (5,)), 2, dtype=np.int64)
    assert_close(tt.class_labels(tt.Tensor(3.0), (5,)), 3, dtype=np.int64)


@exercise("ce", hint=CAST)
def test_ignored_labels_in_a_float_tensor(tt):
    labels = tt.class_labels(tt.Tensor(np.array([[1, -1]])), (1, 2, 3), -1)
    assert_close(labels, [[1, -1]], dtype=np.int64)


@exercise("ce", hint=ONE_HOT)
def test_one_hot_sentences_are_refused(tt):
    with raises(ValueError, mentions=["(2, 3, 4)", "argmax"]):
        tt.class_labels(tt.Tensor(np.eye(4)[np.zeros((2, 3), dtype=int)]), (2, 3, 4))


@exercise("ce", hint=LABEL_SHAPE)
@pytest.mark.parametrize("shape", [(3,), (3, 2), ()], ids=["one", "turned", "none"])
def test_labels_of_sentences_have_the_shape_of_the_batch(tt, shape):
    assert_close(tt.class_labels(np.full((2, 3), 8), (2, 3, 9)), np.full((2, 3), 8))
    with raises(ValueError, mentions=["(2, 3, 9)", str(shape)]):
        tt.class_labels(np.zeros(shape, dtype=np.int64), (2, 3, 9))


@exercise("ce", hint="A sentence of no words is an empty batch too.")
def test_empty_sentences_are_refused(tt):
    assert_close(tt.class_labels(np.ones((4, 1)), (4, 1, 9)), np.ones((4, 1)))
    with raises(ValueError, mentions=["(4, 0, 9)"]):
        tt.class_labels(np.zeros((4, 0)), (4, 0, 9))


@exercise("ce", hint="Only integers and floats can be class numbers: TypeError that names the dtype.")
def test_labels_of_text_are_refused(tt):
    with raises(TypeError, mentions=["<U3"]):
        tt.class_labels(["cat", "dog"], (2, 2))


@exercise("ce", hint=LABEL_VALUES)
def test_a_label_between_two_classes_is_refused_below_zero_too(tt):
    with raises(ValueError, mentions=["-0.25"]):
        tt.class_labels(np.array([[0, 1], [1, -0.25]]), (2, 2, 3))
    with raises(ValueError, mentions=["inf"]):
        tt.class_labels(np.array([np.inf, 1]), (2, 3))


# ce: losses


@exercise("ce", hint=PICK)
def test_cross_entropy_of_random_rows(tt, rng):
    logits, labels = rng.normal(scale=3, size=(20, 7)), rng.integers(0, 7, 20)
    weights = np.exp(logits)
    expected = -np.log(weights[np.arange(20), labels] / weights.sum(axis=1))
    assert_close(of_rows(tt, logits, labels), expected, dtype=np.float32)


@exercise("ce", hint=LAST_AXIS)
def test_cross_entropy_of_four_axes_and_of_one(tt, rng):
    logits, labels = rng.normal(size=(2, 2, 2, 3)), rng.integers(0, 3, (2, 2, 2))
    expected = np.log(np.exp(logits).sum(axis=-1)) - (logits * np.eye(3)[labels]).sum(axis=-1)
    assert_close(of_rows(tt, logits, labels), expected)
    assert_close(of_rows(tt, logits[1, 0, 1], labels[1, 0, 1]), expected[1, 0, 1])


@exercise("ce", hint=LOG_SPACE)
def test_rows_far_apart_do_not_disturb_each_other(tt, accidents_are_errors):
    logits = [[1e4, 1e4 - 1, -1e4], [-1e4, -1e4 - 1, -2e4]]
    assert_close(of_rows(tt, logits, [1, 1]), [1.3132617, 1.3132617])


@exercise("ce", hint="A class that is forbidden cannot be right: its loss is infinite, others stay finite.")
def test_forbidden_classes_in_cross_entropy(tt):
    logits = [[0, -np.inf, 0], [0, -np.inf, 0]]
    assert_close(of_rows(tt, logits, [1, 2]), [np.inf, np.log(2)])


@exercise("ce", hint=IGNORED)
def test_a_class_can_be_ignored(tt):
    logits = [[0, 0, 0], [5, 0, 0], [9, 9, 9]]
    assert_close(of_rows(tt, logits, [2, 0, 0], ignore_index=0), [np.log(3), 0, 0])
    assert_close(of_rows(tt, [[1, 1], [3, 0]], [-100, 0], ignore_index=-100), [0, np.log1p(np.exp(-3))])
    assert_close(of_rows(tt, [[4], [5]], [0, -1], ignore_index=-1), [0, 0])


@exercise("ce", hint=DTYPE)
def test_cross_entropy_keeps_float64(tt):
    losses = of_rows(tt, [[0.0, 1.0]], [0], dtype="float64")
    assert_close(losses, [1.3132616875182228], rtol=1e-13, dtype=np.float64)


@exercise("ce", hint=NAN)
def test_nan_comes_through_cross_entropy(tt):
    assert_close(of_rows(tt, [[np.nan, 0], [0, 0]], [1, 1]), [np.nan, np.log(2)])


@exercise("ce", hint="Logits are a Tensor of floats with an axis of classes.")
def test_what_cross_entropy_takes(tt):
    loss = tt.CrossEntropyLoss(reduction="none")
    result = loss(tt.Tensor(np.zeros(4)), 2)
    expect(type_name(result) == "Tensor", "a Tensor", type_name(result))
    assert_close(result.data, np.log(4), dtype=np.float32)
    assert_equal(loss.ignore_index, None)
    with raises(TypeError, mentions=["CrossEntropyLoss: ", "ndarray"]):
        loss(np.zeros((1, 4)), [2])
    with raises(ValueError, mentions=["CrossEntropyLoss", "()"]):
        loss(tt.Tensor(1.0), 0)


@exercise("ce", hint=IGNORED)
def test_the_object_knows_what_to_ignore(tt):
    loss = tt.CrossEntropyLoss("none", -1)
    logits = tt.Tensor(np.zeros((1, 3, 4)))
    assert_close(loss.forward(logits, np.array([[-1, 3, -1]])).data, [[0, np.log(4), 0]])
    with raises(IndexError, mentions=["-1", "4"]):
        tt.CrossEntropyLoss()(logits, np.array([[-1, 3, -1]]))


# bce


@exercise("bce", hint=BCE_TABLE)
def test_binary_cross_entropy_of_random_pairs(tt, rng):
    p, y = rng.uniform(0.01, 0.99, size=(3, 5)), rng.integers(0, 2, (3, 5))
    expected = -np.log(np.where(y == 1, p, 1 - p))
    assert_close(pairwise(tt, "BinaryCrossEntropyLoss", p, y), expected, dtype=np.float32)


@exercise("bce", hint=BCE_TABLE)
def test_targets_between_yes_and_no(tt, rng):
    p, y = rng.uniform(0.1, 0.9, size=(2, 6))
    expected = -y * np.log(p) - (1 - y) * np.log(1 - p)
    assert_close(pairwise(tt, "BinaryCrossEntropyLoss", p, y), expected)


@exercise("bce", hint=HALF)
def test_small_probabilities_are_not_shifted(tt):
    losses = pairwise(tt, "BinaryCrossEntropyLoss", [1e-3, 1e-5, 1e-6], [1, 1, 1])
    assert_close(losses, [6.9077553, 11.5129255, 13.8155106], atol=0, rtol=1e-6)


@exercise("bce", hint=TOO_SMALL)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_clip_is_at_one_ten_millionth(tt, accidents_are_errors, dtype):
    upper = float(1 - np.clip(np.ones((), dtype), 1e-7, 1 - 1e-7))
    losses = pairwise(tt, "BinaryCrossEntropyLoss", [0, 1, 1e-9, 0], [1, 0, 1, 0.5], dtype)
    assert_close(losses, [16.118096, -np.log(upper), 16.118096, 8.059048], atol=1e-5, rtol=0, dtype=dtype)


@exercise("bce", hint=RANGE)
@pytest.mark.parametrize("value", [-0.0625, 1.5, -np.inf], ids=["below", "above", "infinite"])
def test_one_wrong_probability_among_many_is_refused(tt, value):
    with raises(ValueError, mentions=[str(value)]):
        pairwise(tt, "BinaryCrossEntropyLoss", [[0, 1], [0.25, value]], np.ones((2, 2)))


@exercise("bce", hint=NAN)
def test_nan_comes_through_binary_cross_entropy(tt):
    assert_close(pairwise(tt, "BinaryCrossEntropyLoss", [np.nan, 0.5], [1, 1]), [np.nan, np.log(2)])


@exercise("bce", hint=RANGE)
def test_the_object_of_binary_cross_entropy(tt):
    tt.patch("tinytorch.core.losses.check_same_shape", returns=None)
    p = tt.Tensor(np.array([[0.25]]))
    assert_close(tt.BinaryCrossEntropyLoss("none")(p, np.array([[0]])).data, [[0.2876821]], dtype=np.float32)
    with raises(TypeError, mentions=["BinaryCrossEntropyLoss: ", "list"]):
        tt.BinaryCrossEntropyLoss()([0.5], p)


# bcelogits


@exercise("bcelogits", hint=SIGMOID_FIRST)
def test_losses_from_random_logits(tt, rng):
    z, y = rng.normal(scale=3, size=(2, 3, 4)), rng.uniform(size=(2, 3, 4))
    expected = y * np.log1p(np.exp(-z)) + (1 - y) * np.log1p(np.exp(z))
    assert_close(pairwise(tt, "BCEWithLogitsLoss", z, y), expected, dtype=np.float32)


@exercise("bcelogits", hint=SIGMOID_FIRST)
def test_yes_and_no_change_places_with_the_sign(tt, rng):
    z, y = rng.normal(scale=30, size=50), rng.integers(0, 2, 50)
    assert_close(pairwise(tt, "BCEWithLogitsLoss", z, y), pairwise(tt, "BCEWithLogitsLoss", -z, 1 - y))


@exercise("bcelogits", hint=FAR_OUT)
def test_no_clip_between_the_middle_and_the_far_end(tt, accidents_are_errors):
    losses = pairwise(tt, "BCEWithLogitsLoss", [30, -95, 1000, -10000], [0, 1, 0, 0.5])
    assert_close(losses, [30, 95, 1000, 5000])


@exercise("bcelogits", hint=DIGITS)
def test_small_losses_on_both_sides(tt):
    losses = pairwise(tt, "BCEWithLogitsLoss", [[-15, 30]], [[0, 1]])
    assert_close(losses, [[3.0590227e-7, 9.3576230e-14]], atol=0, rtol=1e-3)


@exercise("bcelogits", hint=DTYPE)
def test_losses_from_logits_keep_float64_and_nan(tt):
    losses = pairwise(tt, "BCEWithLogitsLoss", [1.0, np.nan], [0.0, 1.0], "float64")
    assert_close(losses, [1.3132616875182228, np.nan], rtol=1e-13, dtype=np.float64)


@exercise("bcelogits", hint=SIGMOID_FIRST)
def test_the_object_of_losses_from_logits(tt):
    tt.patch("tinytorch.core.losses.check_same_shape", returns=None)
    z = tt.Tensor(np.array([[0.0]]))
    assert_close(tt.BCEWithLogitsLoss("none")(z, np.array([[1]])).data, [[np.log(2)]], dtype=np.float32)
    with raises(TypeError, mentions=["BCEWithLogitsLoss: ", "float"]):
        tt.BCEWithLogitsLoss()(0.5, z)
