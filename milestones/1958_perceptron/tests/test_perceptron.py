"""Visible tests of milestone 1958. Accuracy is computed here, from decisions on points made here."""

from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises

GREATER = "1 only where the sum is greater than 0: a sum of exactly 0 says 0."
SUM = "Weighted sum plus bias: points @ weight + bias, one number for each point."
WHOLE = "Decisions are whole numbers 0 and 1, in an int64 array of shape (N,)."
UPDATE = "label - decision is added to the bias, and that number times the point to the weights."
ONE_BY_ONE = "The rule changes the weights after each mistake, before it looks at the next point."
COUNT = "Count mistakes in each epoch, starting again from 0."
STOP = "Stop after the first epoch without a mistake, or after max_epochs."
UNTOUCHED = "The arguments stay as they were: an operator such as += wrote into an array that was given."
SHAPE = "One Linear with `inputs` inputs and 1 output, and nothing else."
SEED = "Equal seeds give equal units: draw from np.random.default_rng(seed)."
RECORD = "Nothing is recorded while classifying: no_grad."
STEPS = "Each step: zero_grad, loss, backward, step; one loss for each of the `steps`, taken before it."
FORGET = "Gradients of earlier steps must not add up: where is zero_grad?"
MEAN = "The loss is the mean over all points: many points must not make the steps larger."
SHARE = "The share of decisions that equal their label, as a float between 0 and 1."
STRETCHED = "Shapes (N,) and (N, 1) make N times N comparisons: check that they are equal."


def blobs(rng: Any, n: int, spread: float = 0.4) -> tuple[Any, Any]:
    """Points around (-1, -1) and (1, 1) as float32, with labels 0 and 1."""
    labels = rng.permutation(np.arange(n) % 2)
    centers = np.where(labels[:, np.newaxis] == 1, 1.0, -1.0)
    return (centers + rng.normal(scale=spread, size=(n, 2))).astype(np.float32), labels


def rosenblatt(points: Any, labels: Any, max_epochs: int) -> tuple[Any, float, list[int]]:
    """The rule, with the bias as the weight of a constant 1."""
    extended = np.c_[points.astype(np.float64), np.ones(len(points))]
    vector, mistakes = np.zeros(extended.shape[1]), []
    for _ in range(max_epochs):
        before = vector.copy()
        wrong = [_correct(vector, row, label) for row, label in zip(extended, labels, strict=True)]
        mistakes.append(sum(wrong))
        if np.array_equal(before, vector) and not mistakes[-1]:
            break
    return vector[:-1], float(vector[-1]), mistakes


def _correct(vector: Any, row: Any, label: int) -> int:
    sign = int(label) - int(vector.dot(row) > 0)
    vector += sign * row
    return abs(sign)


def share(decisions: Any, labels: Any) -> float:
    """The accuracy of decisions, which have to be an int64 array of the labels' shape."""
    expect(
        type(decisions) is np.ndarray and decisions.shape == labels.shape and decisions.dtype == np.int64,
        f"an int64 array of shape {labels.shape}",
        f"{getattr(decisions, 'dtype', 'no array')} of shape {getattr(decisions, 'shape', None)}",
    )
    return float((decisions == labels).sum() / labels.size)


def unit_with(tt: Any, weight: Any, bias: float) -> Any:
    """A unit with these weights, which does not come from `build_unit`."""
    unit = tt.Sequential(tt.Linear(len(weight), 1))
    unit[0].weight.data = np.asarray(weight, dtype=np.float32).reshape(-1, 1)
    unit[0].bias.data = np.array([bias], dtype=np.float32)
    return unit


def right(unit: Any, points: Any, labels: Any) -> float:
    """The accuracy of a unit, from its weights."""
    sums = points @ unit[0].weight.data[:, 0] + unit[0].bias.data[0]
    return share((sums > 0).astype(np.int64), labels)


@exercise("decide", hint=SUM)
def test_points_on_both_sides_of_the_line_are_told_apart(tt):
    points = np.array([[1, 0], [0, 1.5], [-1, 1], [3, -1]], dtype=np.float32)
    decisions = tt.milestones.perceptron.decide(points, np.array([2, 1], dtype=np.float32), -1.8)
    assert_close(decisions, [1, 0, 0, 1])


@exercise("decide", hint=GREATER)
def test_a_sum_of_zero_says_0(tt):
    points = np.array([[1, 1], [2, -2]], dtype=np.float32)
    assert_close(tt.milestones.perceptron.decide(points, np.array([1.0, 1.0]), 0.0), [1, 0])


@exercise("decide", hint=WHOLE)
def test_decisions_are_whole_numbers(tt, rng):
    decisions = tt.milestones.perceptron.decide(rng.normal(size=(5, 3)), rng.normal(size=3), 0.5)
    expect(decisions.dtype == np.int64, "dtype int64", f"dtype {decisions.dtype}")
    assert_equal(decisions.shape, (5,))


@exercise("rule", hint=UPDATE)
def test_two_points_by_hand(tt):
    pair = np.array([[1, 2], [3, 1]], dtype=np.float32)
    weight, bias, mistakes = tt.milestones.perceptron.learn_from_mistakes(
        pair, np.array([1, 0]), max_epochs=2
    )
    assert_close(weight, [-4.0, 2.0])
    assert_equal(float(bias), 0.0)
    assert_equal(mistakes, [2, 2])


@exercise("rule", hint=ONE_BY_ONE)
def test_each_point_meets_the_weights_that_the_one_before_left(tt, rng):
    points, labels = blobs(rng, 30, spread=0.9)
    weight, bias, mistakes = tt.milestones.perceptron.learn_from_mistakes(points, labels, max_epochs=6)
    wanted_weight, wanted_bias, wanted_mistakes = rosenblatt(points, labels, 6)
    assert_equal(mistakes, wanted_mistakes)
    assert_close(weight, wanted_weight)
    assert_equal(float(bias), wanted_bias)


@exercise("rule", hint=STOP)
def test_it_stops_after_an_epoch_without_a_mistake(tt, rng):
    points, labels = blobs(rng, 50, spread=0.2)
    mistakes = tt.milestones.perceptron.learn_from_mistakes(points, labels)[2]
    assert_equal(mistakes, rosenblatt(points, labels, 100)[2])


@exercise("rule", hint=STOP)
def test_it_stops_after_max_epochs_where_no_line_separates_the_labels(tt):
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    mistakes = tt.milestones.perceptron.learn_from_mistakes(points, np.array([0, 1, 1, 0]), max_epochs=9)[2]
    assert_equal(len(mistakes), 9)


@exercise("rule", hint=UNTOUCHED)
def test_the_points_stay_as_they_were(tt):
    first = np.array([[1, 2], [3, 1]], dtype=np.float32)
    points = tt.keep(first)
    weight = tt.milestones.perceptron.learn_from_mistakes(points, np.array([1, 0]), max_epochs=3)[0]
    assert_close(weight, [-3, 4])
    assert_close(points[:], first)


@exercise("unit", hint=SHAPE)
@pytest.mark.parametrize("inputs", [2, 5])
def test_the_unit_has_a_weight_for_each_input_and_one_bias(tt, inputs):
    unit = tt.milestones.perceptron.build_unit(inputs, 0)
    assert_equal([p.shape for p in unit.parameters()], [(inputs, 1), (1,)])


@exercise("unit", hint=SEED)
def test_equal_seeds_give_equal_units_and_others_do_not(tt):
    weights = [tt.milestones.perceptron.build_unit(3, seed)[0].weight.data for seed in (7, 7, 8)]
    assert_close(weights[0], weights[1])
    expect(not np.allclose(weights[0], weights[2]), "other weights for another seed", "the same weights")


@exercise("unit", hint=GREATER)
def test_a_unit_decides_by_the_sign_of_its_sum(tt):
    points = np.array([[1, 0], [0, 1], [-1, 1], [0, 1.5]], dtype=np.float32)
    decisions = tt.milestones.perceptron.classify(unit_with(tt, [2, 1], -1), points)
    assert_equal(share(decisions, np.array([1, 0, 0, 1])), 1.0)


@exercise("unit", hint=RECORD)
def test_classifying_records_nothing_and_leaves_the_mode_alone(tt):
    unit = unit_with(tt, [2, 1], -1)
    points = np.ones((4, 2), dtype=np.float32)
    assert_equal(tt.milestones.perceptron.classify(unit, points).shape, (4,))
    assert_equal((unit.training, tt.is_grad_enabled()), (True, True))


@exercise("train", hint=STEPS)
def test_fifty_steps_reach_97_percent_on_new_points(tt, rng):
    points, labels = blobs(rng, 100, spread=0.5)
    new_points, new_labels = blobs(rng, 1000, spread=0.5)
    unit = unit_with(tt, [-0.7, 0.4], 0.1)
    losses = tt.milestones.perceptron.train_unit(unit, points, labels)
    reached = right(unit, new_points, new_labels)
    expect(reached >= 0.97, "an accuracy of at least 0.97", f"{reached:.3f}")
    assert_equal(len(losses), 50)


@exercise("train", hint=FORGET)
def test_three_steps_follow_the_gradient_of_the_mean_loss(tt, rng):
    points, labels = blobs(rng, 20)
    unit = unit_with(tt, [0.3, -0.6], 0.2)
    weight, bias = np.array([[0.3], [-0.6]]), np.array([0.2])
    losses = tt.milestones.perceptron.train_unit(unit, points, labels, steps=3, lr=0.25)
    wanted = []
    for _ in range(3):
        logits = points @ weight + bias
        target = labels[:, np.newaxis]
        wanted.append(float(np.mean(np.logaddexp(0, logits) - target * logits)))
        slope = (1 / (1 + np.exp(-logits)) - target) / len(points)
        weight, bias = weight - 0.25 * points.T @ slope, bias - 0.25 * slope.sum(axis=0)
    assert_close(np.array(losses), wanted, rtol=1e-3)
    assert_close(unit[0].weight.data, weight, rtol=1e-3, atol=1e-5)
    assert_close(unit[0].bias.data, bias, rtol=1e-3, atol=1e-5)


@exercise("train", hint=MEAN)
def test_every_point_twice_changes_nothing(tt, rng):
    points, labels = blobs(rng, 10)
    once, twice = (unit_with(tt, [0.5, -0.5], 0) for _ in range(2))
    losses = tt.milestones.perceptron.train_unit(once, points, labels, steps=4)
    again = tt.milestones.perceptron.train_unit(twice, np.r_[points, points], np.r_[labels, labels], steps=4)
    assert_equal((len(losses), len(again)), (4, 4))
    assert_close(np.array(losses), np.array(again), rtol=1e-3)
    assert_close(once[0].weight.data, twice[0].weight.data, rtol=1e-3)


@exercise("train", hint=STEPS)
def test_the_first_loss_is_that_of_the_untrained_unit(tt, rng):
    points, labels = blobs(rng, 12)
    logits = points @ np.array([1.5, 0.5]) - 0.25
    wanted = float(np.mean(np.logaddexp(0, logits) - labels * logits))
    losses = tt.milestones.perceptron.train_unit(unit_with(tt, [1.5, 0.5], -0.25), points, labels, steps=2)
    assert_close(np.array(losses[0]), wanted, rtol=1e-3)
    assert_equal(len(losses), 2)


@exercise("measure", hint=SHARE)
def test_three_of_four_is_75_percent(tt):
    assert_equal(tt.milestones.perceptron.accuracy(np.array([1, 0, 1, 1]), np.array([1, 1, 1, 1])), 0.75)


@exercise("measure", hint=STRETCHED)
def test_different_shapes_are_refused(tt):
    assert_equal(tt.milestones.perceptron.accuracy(np.array([0, 1]), np.array([1, 1])), 0.5)
    with raises(ValueError, mentions=["(3,)", "(3, 1)"]):
        tt.milestones.perceptron.accuracy(np.zeros(3), np.zeros((3, 1)))


@exercise("measure", hint="The mean of nothing is nan: say that there is nothing to measure.")
def test_nothing_to_measure_is_refused(tt):
    assert_equal(tt.milestones.perceptron.accuracy(np.array([0]), np.array([0])), 1.0)
    with raises(ValueError):
        tt.milestones.perceptron.accuracy(np.zeros(0), np.zeros(0))
