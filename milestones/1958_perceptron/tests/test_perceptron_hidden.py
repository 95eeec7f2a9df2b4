"""Hidden tests of milestone 1958: more inputs, other seeds, other proportions."""

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises


@exercise("decide", hint="Points may have any number of inputs.")
def test_decisions_in_many_dimensions(tt, rng):
    points, weight = rng.normal(size=(40, 7)), rng.normal(size=7)
    sums = (points * weight).sum(axis=1) - 0.3
    assert_close(tt.milestones.perceptron.decide(points, weight, -0.3), (sums > 0).astype(int))


@exercise("decide", hint="The bias belongs to the sum.")
def test_a_bias_alone_decides_for_all_points(tt):
    points = np.zeros((3, 2), dtype=np.float32)
    assert_close(tt.milestones.perceptron.decide(points, np.zeros(2), 0.5), [1, 1, 1])
    assert_close(tt.milestones.perceptron.decide(points, np.zeros(2), 0.0), [0, 0, 0])


@exercise("rule", hint="The rule finds a line wherever there is one, also in more dimensions.")
@pytest.mark.parametrize("inputs", [1, 3, 10])
def test_separable_points_end_without_a_mistake(tt, rng, inputs):
    arrow = rng.normal(size=inputs)
    points = rng.normal(size=(60, inputs))
    points += np.sign(points @ arrow)[:, np.newaxis] * arrow / np.linalg.norm(arrow)
    labels = (points @ arrow > 0).astype(np.int64)
    weight, bias, mistakes = tt.milestones.perceptron.learn_from_mistakes(points, labels, max_epochs=500)
    assert_equal(mistakes[-1], 0)
    assert_close((points @ weight + bias > 0).astype(int), labels)


@exercise("rule", hint="By default there are at most 100 epochs.")
def test_by_default_it_gives_up_after_100_epochs(tt):
    points = np.array([[0.0], [1.0], [2.0]])
    assert_equal(len(tt.milestones.perceptron.learn_from_mistakes(points, np.array([1, 0, 1]))[2]), 100)


@exercise("rule", hint="Weights are float64 and the bias is a number of its own.")
def test_weights_are_float64(tt):
    points = np.array([[0.5, 1.5, -1]], dtype=np.float32)
    weight, bias, mistakes = tt.milestones.perceptron.learn_from_mistakes(points, np.array([1]))
    assert_close(weight, [0.5, 1.5, -1], dtype=np.float64)
    assert_equal((float(bias), mistakes), (1.0, [1, 0]))


@exercise("unit", hint="Decisions come from the unit's own weights, for any number of inputs.")
def test_decisions_follow_the_weights(tt, rng):
    unit = tt.milestones.perceptron.build_unit(6, 11)
    points = rng.normal(size=(50, 6)).astype(np.float32)
    sums = points.astype(np.float64) @ unit[0].weight.data[:, 0] + unit[0].bias.data[0]
    assert_close(tt.milestones.perceptron.classify(unit, points), (sums > 0).astype(int))


@exercise("unit", hint="The unit is built from the generator of its seed.")
def test_many_seeds_give_many_units(tt):
    weights = [tt.milestones.perceptron.build_unit(2, seed)[0].weight.data.ravel() for seed in range(6)]
    assert_equal(len({tuple(weight.round(6).tolist()) for weight in weights}), 6)


def unit_with(tt, weight):
    """A unit with these weights and no bias, which does not come from `build_unit`."""
    unit = tt.Sequential(tt.Linear(len(weight), 1))
    unit[0].weight.data = np.asarray(weight, dtype=np.float32).reshape(-1, 1)
    unit[0].bias.data = np.zeros(1, dtype=np.float32)
    return unit


@exercise("train", hint="Training works from every start, also from one that is exactly wrong.")
@pytest.mark.parametrize("angle", [0.0, 1.3, 2.5, 3.9, 5.2])
def test_training_works_from_every_start(tt, rng, angle):
    labels = np.arange(400) % 2
    centers = np.where(labels[:, np.newaxis] == 1, 1.0, -1.0)
    points = (centers + rng.normal(scale=0.5, size=(400, 2))).astype(np.float32)
    unit = unit_with(tt, [np.cos(angle), np.sin(angle)])
    losses = tt.milestones.perceptron.train_unit(unit, points[:100], labels[:100])
    sums = points[100:] @ unit[0].weight.data[:, 0] + unit[0].bias.data[0]
    reached = ((sums > 0) == labels[100:]).sum() / 300
    expect(reached >= 0.97, "an accuracy of at least 0.97", f"{reached:.3f}")
    expect(losses[-1] < losses[0], "a falling loss", f"{losses[0]:.3f} to {losses[-1]:.3f}")


@exercise("train", hint="The learning rate is 0.5 and there are 50 steps, unless the caller says otherwise.")
def test_the_defaults_are_50_steps_at_rate_one_half(tt, rng):
    points, labels = rng.normal(size=(8, 3)).astype(np.float32), np.array([0, 1] * 4)
    defaults, explicit = (unit_with(tt, [0.1, 0.2, 0.3]) for _ in range(2))
    tt.milestones.perceptron.train_unit(defaults, points, labels)
    tt.milestones.perceptron.train_unit(explicit, points, labels, steps=50, lr=0.5)
    assert_close(defaults[0].weight.data, explicit[0].weight.data)


@exercise("train", hint="No steps: no losses, and the unit stays as it was.")
def test_no_steps_change_nothing(tt):
    unit = unit_with(tt, [0.5, 0.25])
    assert_equal(tt.milestones.perceptron.train_unit(unit, np.ones((2, 2)), np.array([0, 1]), steps=0), [])
    assert_close(unit[0].weight.data, [[0.5], [0.25]])


@exercise("measure", hint="The share of equal pairs, whatever the values are.")
def test_the_share_of_equal_pairs(tt, rng):
    decisions, labels = rng.integers(0, 3, size=(2, 250))
    assert_close(np.array(tt.milestones.perceptron.accuracy(decisions, labels)), np.mean(decisions == labels))


@exercise("measure", hint="Different lengths are a mistake of the caller.")
def test_different_lengths_are_refused(tt):
    assert_equal(tt.milestones.perceptron.accuracy(np.ones(2), np.ones(2)), 1.0)
    with raises(ValueError, mentions=["(2,)", "(3,)"]):
        tt.milestones.perceptron.accuracy(np.zeros(2), np.zeros(3))
