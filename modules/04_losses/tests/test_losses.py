"""Visible tests of module 04: one behaviour each, each scored for one exercise."""

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
OWNER = "Compare the input before and after: out= wrote into your argument, or an operator such as -= did."
DTYPE = "The result has the dtype of the input: look for an array or a conversion with a dtype of its own."
WORKED = "Compare with the worked numbers of 1, 2, 3 in part 5."
MAXIMUM = "exp(10000) is not a float32: take the largest score out of the sum first."
LOG_SPACE = "Do not leave log space: a share that rounds to 0 has no logarithm any more."
CANCEL = "Take the maximum away first: x - logsumexp(x) subtracts two large numbers and keeps their rounding."
ROWS = "Maximum and sum are taken along dim: each row is its own distribution."
KEEPDIMS = "logsumexp drops the axis dim, and only that one, unless keepdims."
FORBIDDEN = "Among others, -inf adds 0 to the sum; alone, -inf minus -inf is nan."
PICK = "The loss of a row is log-sum-exp minus the logit of its own class: compare with the table in part 6."
UNIFORM = "Equal logits give every class the share 1/C, so the loss is log C."
CAST = "Whole numbers in a float tensor are labels too: cast once, before anything is indexed."
NEGATIVE = "NumPy accepts negative indices silently: a label below 0 would pick from the end."
ONE_HOT = "One-hot rows are not class numbers: do not guess, raise a ValueError that recommends argmax."
LABEL_SHAPE = "Labels have the shape of the logits without their last axis."
LABEL_VALUES = "A label is a whole number from 0 to C - 1, or ignore_index."
IGNORED = "A position with ignore_index has the loss 0, whatever its label would mean as a class."
LAST_AXIS = "The last axis counts the classes, however many axes come before it."
HALF = "Clip, do not shift: at p = 0.5 the loss is exactly log 2."
ZERO_LOG = "0 times log 0 is nan: keep p away from 0 and 1 before taking a logarithm."
TOO_SMALL = "In float32, 1 - 1e-8 is 1: clip at 1e-7."
RANGE = "A value outside 0 to 1 is no probability: ValueError, and do not let the clipping hide it."
BCE_TABLE = "Compare with the table in part 7: each target picks log p or log(1 - p)."
SIGMOID_FIRST = "From logits z the loss is that of sigmoid(z): check the sign of each term at z = 2."
FAR_OUT = "exp overflowed, or something was clipped: choose the form whose exponent is never positive."
DIGITS = "log(1 + tiny) rounds 1 + tiny first: numpy has a function that does not."


@pytest.fixture
def accidents_are_errors(tt: Any) -> Iterator[None]:
    """Overflow, division by zero and invalid operations raise in the student's code."""
    numpy = tt.core.tensor.np
    before = numpy.seterr(over="raise", divide="raise", invalid="raise")
    yield
    with suppress(Exception):  # a worker that ended with the test has nothing to restore
        numpy.seterr(**before)


def float32(*numbers: Any) -> Any:
    """The numbers, or one nested list of them, as a float32 array."""
    return np.array(numbers[0] if len(numbers) == 1 else numbers, dtype=np.float32)


def pairwise(tt: Any, loss: str, predictions: Any, targets: Any) -> Any:
    """The loss of each pair, whether or not the check of shapes is written."""
    tt.patch("tinytorch.core.losses.check_same_shape", returns=None)
    return getattr(tt, loss)("none")(tt.Tensor(predictions), tt.Tensor(targets)).data


def of_rows(tt: Any, logits: Any, labels: Any, ignore_index: int | None = None) -> Any:
    """The cross entropy of each row, whether or not the check of labels is written."""
    return tt.CrossEntropyFunction.apply(
        tt.Tensor(logits), targets=np.array(labels), reduction="none", ignore_index=ignore_index
    ).data


# reduce


@exercise("reduce", hint=ALL_AXES)
def test_the_sum_runs_over_all_axes(tt):
    losses = float32([[4, 1], [1, 2]])
    assert_equal(float(tt.reduce_losses(losses, "sum")), 8.0)


@exercise("reduce", hint=DOUBLING)
def test_the_mean_of_a_square_divides_by_four(tt):
    losses = float32([[4, 1], [1, 2]])
    assert_equal(float(tt.reduce_losses(losses, "mean")), 2.0)


@exercise("reduce", hint=DOUBLING, weight=2)
def test_the_same_batch_twice_has_the_same_mean(tt, rng):
    losses = rng.uniform(size=7).astype(np.float32)
    once = float(tt.reduce_losses(losses, "mean"))
    twice = float(tt.reduce_losses(np.concatenate([losses, losses]), "mean"))
    expect(abs(once - losses.mean()) < 1e-6, f"{losses.mean():.6f}", f"{once:.6f}")
    expect(abs(once - twice) < 1e-6, f"{once:.6f} again", f"{twice:.6f}")


@exercise("reduce", hint=COUNTED, weight=2)
def test_the_mean_of_what_counts(tt):
    losses, counted = float32(1, 4, 3, 7, 6.5), np.array([True, True, True, False, False])
    assert_close(tt.reduce_losses(losses, "none", counted), [1, 4, 3, 0, 0])
    total, mean = tt.reduce_losses(losses, "sum", counted), tt.reduce_losses(losses, "mean", counted)
    assert_equal((float(total), round(float(mean), 5)), (8.0, 2.66667))


@exercise("reduce", hint=NOTHING)
def test_no_mean_of_nothing(tt):
    losses, nothing = float32(1, 2, 3), np.zeros(3, dtype=bool)
    assert_equal(float(tt.reduce_losses(losses, "sum", nothing)), 0.0)
    with raises(ValueError, mentions=["(3,)"]):
        tt.reduce_losses(losses, "mean", nothing)


@exercise("reduce", hint=COUNT_DTYPE)
@pytest.mark.parametrize(("reduction", "wanted"), [("sum", 3.0), ("mean", 1.5)])
def test_a_reduction_keeps_float32(tt, reduction, wanted):
    losses, counted = float32(1, 2, 0), np.array([True, True, False])
    result = tt.reduce_losses(losses, reduction, counted)
    assert_equal(float(result), wanted)
    assert_equal((str(result.dtype), result.shape), ("float32", ()))


@exercise("reduce", hint="The mean is the default, and anything but mean, sum and none is refused.")
def test_the_default_is_the_mean(tt):
    losses = float32(1, 2, 6)
    assert_equal(float(tt.reduce_losses(losses, tt.CrossEntropyLoss().reduction)), 3.0)
    assert_equal(float(tt.reduce_losses(losses, tt.MSELoss("sum").reduction)), 9.0)
    with raises(ValueError, mentions=["MSELoss", "average"]):
        tt.MSELoss("average")


# mse


@exercise("mse", hint=SQUARES, weight=2)
def test_squared_differences_of_four_pairs(tt):
    losses = pairwise(tt, "MSELoss", float32(2.5, 0, 2, 8), float32(3, -0.5, 2, 7))
    assert_close(losses, [0.25, 0.25, 0, 1], dtype=np.float32)


@exercise("mse", hint=SQUARES)
def test_squared_differences_of_any_shape(tt, rng):
    p, y = rng.normal(size=(2, 2, 3, 4)).astype(np.float32)
    assert_close(pairwise(tt, "MSELoss", p, y), np.square(p - y))


@exercise("mse", hint=SIXTEEN, weight=2)
def test_a_column_and_a_row_are_refused(tt):
    column = tt.Tensor(np.zeros((4, 1), dtype=np.float32))
    with raises(ValueError, mentions=["MSELoss", "(4, 1)", "(4,)"]):
        tt.MSELoss("none")(column, tt.Tensor(np.zeros(4, dtype=np.float32)))


@exercise("mse", hint=SIXTEEN)
def test_shapes_of_equal_size_are_refused(tt):
    assert_equal(tt.check_same_shape((3, 4), (3, 4), "SomeLoss"), None)
    with raises(ValueError, mentions=["SomeLoss", "(2, 6)", "(3, 4)"]):
        tt.check_same_shape((2, 6), (3, 4), "SomeLoss")


@exercise("mse", hint="Shapes that are equal pass, and nothing is returned.")
def test_equal_shapes_pass_the_check(tt):
    assert_equal(tt.check_same_shape((2, 6), (2, 6), "MSELoss"), None)
    assert_equal(tt.check_same_shape((), (), "MSELoss"), None)


@exercise("mse", hint=OWNER)
def test_mse_leaves_predictions_and_targets_alone(tt):
    p, y = tt.Tensor(float32(3, 5)), tt.Tensor(float32(1, 1))
    assert_close(tt.MSELoss("none")(p, y).data, [4, 16])
    assert_close(p.data, [3, 5])
    assert_close(y.data, [1, 1])


@exercise("mse", hint="Predictions are a Tensor of floats; targets may also be an array, also of integers.")
def test_what_mse_takes(tt):
    p = tt.Tensor(float32(3, 5))
    losses = tt.MSELoss("none")(p, np.array([1, 1]))
    assert_close(losses.data, [4, 16], dtype=np.float32)
    with raises(TypeError, mentions=["MSELoss", "list"]):
        tt.MSELoss()([3.0], p)


# logsoftmax


@exercise("logsoftmax", hint=WORKED)
def test_log_softmax_of_one_two_three(tt):
    result = tt.log_softmax(tt.Tensor(float32(1, 2, 3)))
    assert_close(result.data, [-2.407606, -1.407606, -0.407606], rtol=1e-5, dtype=np.float32)


@exercise("logsoftmax", hint=WORKED)
def test_logsumexp_of_one_two_three(tt):
    result = tt.logsumexp(tt.Tensor(float32(1, 2, 3)), dim=0)
    assert_close(result.data, 3.407606, rtol=1e-5, dtype=np.float32)


@exercise("logsoftmax", hint=MAXIMUM, weight=2)
@pytest.mark.parametrize("size", [-1e4, 1e4])
def test_scores_of_ten_thousand_have_no_overflow(tt, accidents_are_errors, size):
    t = tt.Tensor(float32([[size, size, size], [size, 0, 0]]))
    assert_close(tt.logsumexp(t, 1).data[:1], [size + np.log(3)], rtol=1e-6)
    assert_close(tt.log_softmax(t).data[0], [-np.log(3)] * 3)


@exercise("logsoftmax", hint=LOG_SPACE, weight=2)
def test_log_softmax_stays_in_log_space(tt, accidents_are_errors):
    t = tt.Tensor(float32([[0, 110], [0, 1e4]]))
    assert_close(tt.log_softmax(t).data, [[-110, 0], [-1e4, 0]])


@exercise("logsoftmax", hint=CANCEL)
def test_log_softmax_of_large_scores_keeps_its_digits(tt):
    result = tt.log_softmax(tt.Tensor(float32(10000, 10001)))
    assert_close(result.data, [-1.3132617, -0.3132617], rtol=1e-5)


@exercise("logsoftmax", hint=ROWS)
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_shares_along_each_dim_add_up_to_one(tt, rng, dim):
    a = rng.normal(scale=3, size=(2, 3, 4)).astype(np.float32)
    result = tt.log_softmax(tt.Tensor(a), dim=dim)
    assert_close(np.exp(result.data).sum(axis=dim), np.ones(a.sum(axis=dim).shape), rtol=1e-5)


@exercise("logsoftmax", hint=ROWS)
def test_rows_with_different_offsets(tt, accidents_are_errors):
    t = tt.Tensor(float32([[0, 1], [500, 501], [-500, -499]]))
    assert_close(tt.log_softmax(t).data, [[-1.3132617, -0.3132617]] * 3)
    assert_close(tt.logsumexp(t, 1).data, [1.3132617, 501.3132617, -498.6867383])


@exercise("logsoftmax", hint=KEEPDIMS)
def test_logsumexp_drops_its_axis_unless_told_otherwise(tt, rng):
    a = rng.normal(size=(2, 1, 4)).astype(np.float32)
    t, expected = tt.Tensor(a), np.log(np.exp(a.astype(np.float64)).sum(axis=2))
    assert_close(tt.logsumexp(t, 2).data, expected, rtol=1e-5)
    assert_close(tt.logsumexp(t, -1, keepdims=True).data, expected[..., np.newaxis], rtol=1e-5)


@exercise("logsoftmax", hint=FORBIDDEN)
def test_a_forbidden_class_among_others(tt):
    t = tt.Tensor(float32(0, -np.inf, 0))
    assert_close(tt.log_softmax(t).data, [-np.log(2), -np.inf, -np.log(2)])
    assert_close(tt.logsumexp(t, 0).data, np.log(2))


@exercise("logsoftmax", hint=FORBIDDEN)
def test_logsumexp_of_nothing_is_minus_infinity(tt, accidents_are_errors):
    t = tt.Tensor(float32([[-np.inf, -np.inf], [0, -np.inf]]))
    assert_close(tt.logsumexp(t, 1).data, [-np.inf, 0])


@exercise("logsoftmax", hint=FORBIDDEN)
def test_log_softmax_of_nothing_is_an_error(tt):
    t = tt.Tensor(float32([[0, 0], [-np.inf, -np.inf]]))
    assert_close(tt.log_softmax(t[:1]).data, [[-0.693147, -0.693147]])
    with raises(ValueError, mentions=["(2, 2)", "1"]):
        tt.log_softmax(t)


@exercise("logsoftmax", hint=OWNER)
def test_log_softmax_and_logsumexp_leave_their_input_alone(tt):
    t = tt.Tensor(float32(3, 5))
    assert_close(tt.log_softmax(t).data, [-2.126928, -0.126928])
    assert_close(tt.logsumexp(t, 0).data, 5.126928)
    assert_close(t.data, [3, 5])


# ce: labels


@exercise("ce", hint=CAST, weight=2)
def test_labels_in_a_float_tensor_are_cast(tt):
    labels = tt.class_labels(tt.Tensor(float32(2, 0)), (2, 3))
    assert_close(labels, [2, 0], dtype=np.int64)


@exercise("ce", hint=CAST)
def test_labels_of_any_integer_type_in_any_container(tt):
    assert_close(tt.class_labels(np.array([2, 0], dtype=np.uint8), (2, 3)), [2, 0], dtype=np.int64)
    assert_close(tt.class_labels([[1, 0]], (1, 2, 3)), [[1, 0]], dtype=np.int64)


@exercise("ce", hint=NEGATIVE, weight=2)
def test_a_label_below_zero_is_refused(tt):
    with raises(IndexError, mentions=["-1", "3"]):
        tt.class_labels(np.array([0, -1]), (2, 3))


@exercise("ce", hint=LABEL_VALUES)
def test_a_label_beyond_the_classes_is_refused(tt):
    with raises(IndexError, mentions=["12", "10"]):
        tt.class_labels(np.array([0, 12]), (2, 10))


@exercise("ce", hint=LABEL_VALUES)
@pytest.mark.parametrize("label", [0.5, np.nan], ids=["half", "nan"])
def test_a_label_that_is_not_whole_is_refused(tt, label):
    with raises(ValueError, mentions=[str(label)]):
        tt.class_labels(float32(1, label), (2, 3))


@exercise("ce", hint=ONE_HOT)
def test_one_hot_targets_are_refused(tt):
    with raises(ValueError, mentions=["(2, 3)", "argmax"]):
        tt.class_labels(np.array([[0, 1, 0], [1, 0, 0]]), (2, 3))


@exercise("ce", hint=LABEL_SHAPE)
def test_labels_of_another_shape_are_refused(tt):
    assert_close(tt.class_labels(np.array([0, 1]), (2, 3)), [0, 1])
    with raises(ValueError, mentions=["(2, 3)", "(2, 1)"]):
        tt.class_labels(np.array([[0], [1]]), (2, 3))


@exercise("ce", hint="An empty batch has no mean loss: ValueError that names the shape of the logits.")
def test_an_empty_batch_is_refused(tt):
    assert_close(tt.class_labels(np.array([2]), (1, 3)), [2])
    with raises(ValueError, mentions=["(0, 3)"]):
        tt.class_labels(np.zeros(0, dtype=np.int64), (0, 3))


@exercise("ce", hint="Only integers and floats can be class numbers: TypeError that names the dtype.")
def test_labels_that_are_no_numbers_are_refused(tt):
    with raises(TypeError, mentions=["bool"]):
        tt.class_labels(np.array([True, False]), (2, 2))


@exercise("ce", hint=IGNORED)
def test_ignore_index_may_be_no_class(tt):
    labels = tt.class_labels(np.array([2, -100]), (2, 3), ignore_index=-100)
    assert_close(labels, [2, -100], dtype=np.int64)


# ce: losses


@exercise("ce", hint=PICK, weight=2)
def test_cross_entropy_of_three_rows(tt):
    logits = float32([[2, 1, 0.1, 0], [0, 0, 0, 0], [0, 4, 0, 0]])
    assert_close(of_rows(tt, logits, [0, 2, 3]), [0.502461, 1.386294, 4.053487], dtype=np.float32)


@exercise("ce", hint=UNIFORM)
@pytest.mark.parametrize("classes", [2, 1000])
def test_equal_logits_cost_log_c(tt, classes):
    losses = of_rows(tt, np.full((3, classes), 5, dtype=np.float32), [0, classes - 1, 1])
    assert_close(losses, [np.log(classes)] * 3)


@exercise("ce", hint=LOG_SPACE, weight=2)
def test_being_sure_and_wrong_costs_the_gap(tt, accidents_are_errors):
    logits = float32([[1000, 0], [-1e4, 1e4], [1e4, -1e4]])
    assert_close(of_rows(tt, logits, [1, 0, 0]), [1000, 20000, 0])


@exercise("ce", hint=LAST_AXIS)
def test_a_sentence_is_as_its_words(tt, rng):
    logits, labels = rng.normal(size=(2, 3, 5)).astype(np.float32), rng.integers(0, 5, (2, 3))
    weights = np.exp(logits.astype(np.float64))
    shares = (weights * np.eye(5)[labels]).sum(axis=-1) / weights.sum(axis=-1)
    assert_close(of_rows(tt, logits, labels), -np.log(shares))


@exercise("ce", hint=IGNORED)
def test_ignored_rows_cost_nothing(tt):
    logits = float32([[0, 0], [7, 0], [0, 0]])
    assert_close(of_rows(tt, logits, [0, -1, 1], ignore_index=-1), [np.log(2), 0, np.log(2)])


@exercise("ce", hint=OWNER)
def test_cross_entropy_leaves_its_input_alone(tt):
    t, labels = tt.Tensor(float32([[3, 5]])), np.array([1])
    losses = tt.CrossEntropyFunction.apply(t, targets=labels, reduction="none", ignore_index=None)
    assert_close(losses.data, [0.126928])
    assert_close(t.data, [[3, 5]])


@exercise("ce", hint=CAST)
def test_the_object_checks_and_computes(tt):
    loss = tt.CrossEntropyLoss("none", ignore_index=0)
    result = loss(tt.Tensor(float32([[0, 3, 0], [1, 1, 1]])), tt.Tensor(float32(2, 0)))
    expect(type_name(result) == "Tensor", "a Tensor", type_name(result))
    assert_close(result.data, [3.094923, 0])
    with raises(IndexError, mentions=["-1"]):
        loss(tt.Tensor(float32([[0, 3, 0]])), [-1])


# bce


@exercise("bce", hint=BCE_TABLE, weight=2)
def test_binary_cross_entropy_of_four_pairs(tt):
    losses = pairwise(tt, "BinaryCrossEntropyLoss", float32(0.9, 0.9, 0.2, 0.8), float32(1, 0, 1, 0.5))
    assert_close(losses, [0.1053605, 2.3025851, 1.6094379, 0.9162907], dtype=np.float32)


@exercise("bce", hint=HALF)
def test_one_half_costs_log_two(tt):
    losses = pairwise(tt, "BinaryCrossEntropyLoss", float32(0.5, 0.5, 0.5), float32(0, 1, 0.3))
    assert_close(losses, [0.6931472] * 3, atol=0, rtol=1e-6)


@exercise("bce", hint=ZERO_LOG, weight=2)
def test_sure_and_right_costs_nothing(tt, accidents_are_errors):
    losses = pairwise(tt, "BinaryCrossEntropyLoss", float32(1, 0), float32(1, 0))
    assert_close(losses, [0, 0])


@exercise("bce", hint=TOO_SMALL, weight=2)
def test_sure_and_wrong_costs_about_sixteen(tt, accidents_are_errors):
    losses = pairwise(tt, "BinaryCrossEntropyLoss", float32(1, 0), float32(0, 1))
    assert_close(losses, [15.94, 16.12], atol=0.2)


@exercise("bce", hint=RANGE)
@pytest.mark.parametrize("value", [-0.25, 1.25])
def test_what_is_no_probability_is_refused(tt, value):
    with raises(ValueError, mentions=[str(value)]):
        pairwise(tt, "BinaryCrossEntropyLoss", float32(0.5, value), float32(1, 1))


@exercise("bce", hint=OWNER)
def test_binary_cross_entropy_leaves_its_input_alone(tt):
    p, y = tt.Tensor(float32(1, 0)), tt.Tensor(float32(1, 1))
    losses = tt.BinaryCrossEntropyFunction.apply(p, y, reduction="none")
    assert_close(losses.data, [0, 16.118096])
    assert_close(p.data, [1, 0], atol=0)
    assert_close(y.data, [1, 1], atol=0)


# bcelogits


@exercise("bcelogits", hint=SIGMOID_FIRST, weight=2)
def test_losses_from_five_logits(tt):
    losses = pairwise(tt, "BCEWithLogitsLoss", float32(0, 2, 2, -1, 1), float32(1, 1, 0, 0, 0.5))
    assert_close(losses, [0.6931472, 0.126928, 2.126928, 0.3132617, 0.8132617], dtype=np.float32)


@exercise("bcelogits", hint=SIGMOID_FIRST)
def test_losses_from_logits_agree_with_those_from_probabilities(tt, rng):
    z, y = rng.normal(scale=2, size=(2, 4, 5)).astype(np.float32)
    p, y = 1 / (1 + np.exp(-z.astype(np.float64))), (y > 0).astype(np.float32)
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    assert_close(pairwise(tt, "BCEWithLogitsLoss", z, y), expected)


@exercise("bcelogits", hint=FAR_OUT, weight=2)
def test_logits_of_ten_thousand(tt, accidents_are_errors):
    losses = pairwise(tt, "BCEWithLogitsLoss", float32(1e4, 1e4, -1e4, -1e4), float32(1, 0, 1, 0))
    assert_close(losses, [0, 1e4, 1e4, 0])


@exercise("bcelogits", hint=DIGITS)
def test_a_small_loss_keeps_its_digits(tt):
    losses = pairwise(tt, "BCEWithLogitsLoss", float32(20, -20), float32(1, 0))
    assert_close(losses, [2.0611537e-9] * 2, atol=0)


@exercise("bcelogits", hint=OWNER)
def test_losses_from_logits_leave_their_input_alone(tt):
    z, y = tt.Tensor(float32(-2, 3)), tt.Tensor(float32(1, 1))
    losses = tt.BCEWithLogitsFunction.apply(z, y, reduction="none")
    assert_close(losses.data, [2.126928, 0.048587])
    assert_close(z.data, [-2, 3])
    assert_close(y.data, [1, 1])
