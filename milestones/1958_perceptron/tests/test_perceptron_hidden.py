"""Hidden tests of milestone 1958: more inputs, other seeds, other proportions."""

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises

MAIN = "`main` is given: it compares what your accuracy measured with each target, and nothing else decides."


def recorder(tt, **options):
    """A function in the worker that remembers how it was called."""
    return tt.fresh_import("unittest.mock").Mock(**options)


def printed(tt, milestone):
    """The exit status of the milestone, and the lines that it prints."""
    milestone.print = recorder(tt)
    status, calls = milestone.main(), milestone.print.call_args_list
    return status, [calls[number][0][0] for number in range(milestone.print.call_count)]


def right(count, of=1000):
    """Decisions for points whose labels alternate, of which this many are right."""
    labels = np.arange(of) % 2
    return np.where(np.arange(of) < count, labels, 1 - labels)


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
    moved = np.abs(np.array(defaults[0].weight.data, dtype=float) - np.array([[0.1], [0.2], [0.3]]))
    assert moved.max() > 0.01
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


@exercise("measure", hint=MAIN)
@pytest.mark.parametrize(
    ("untrained", "rule", "unit", "status", "words"),
    [
        (600, 0.9, 0.97, 0, ["reached", "reached", "reached"]),
        (400, 1.0, 1.0, 0, ["reached", "reached", "reached"]),
        (601, 1.0, 1.0, 1, ["MISSED", "reached", "reached"]),
        (399, 1.0, 1.0, 1, ["MISSED", "reached", "reached"]),
        (500, 0.899, 1.0, 1, ["reached", "MISSED", "reached"]),
        (500, 1.0, 0.969, 1, ["reached", "reached", "MISSED"]),
    ],
)
def test_the_milestone_is_decided_by_its_numbers(tt, untrained, rule, unit, status, words):
    milestone = tt.milestones.perceptron
    milestone.build_unit = builder = recorder(tt)
    tt.patch("tinytorch.milestones.perceptron.classify", returns=right(untrained))
    milestone.run_once = runs = recorder(tt, side_effect=[(1.0, 1.0)] * 3 + [(rule, 1.0), (1.0, unit)])
    found, lines = printed(tt, milestone)
    rows = [
        f"400 untrained units, mean        {untrained / 1000:.3f}   target 0.40 to 0.60  {words[0]}",
        f"Rosenblatt's rule, worst of 5    {rule:.3f}   target >= 0.90       {words[1]}",
        f"50 gradient steps, worst of 5    {unit:.3f}   target >= 0.97       {words[2]}",
    ]
    assert_equal((found, lines), (status, rows))
    assert_equal([builder.call_args_list[number][0] for number in (0, 399)], [(2, 0), (2, 399)])
    assert_equal([runs.call_args_list[number][0] for number in range(5)], [(k,) for k in range(5)])


@exercise("measure", hint="`main` is given: untrained units are measured on 1000 points of seed 0.")
def test_what_untrained_units_are_measured_on(tt):
    milestone = tt.milestones.perceptron
    tt.patch("tinytorch.milestones.perceptron.build_unit", returns="a unit")
    tt.patch("tinytorch.milestones.perceptron.run_once", returns=(1.0, 1.0))
    milestone.classify = classify = recorder(tt, return_value=right(500))
    assert_equal(printed(tt, milestone)[0], 0)
    unit, points = classify.call_args[0]
    assert_equal(unit, "a unit")
    numbers = tt.core.tensor.np.random.default_rng(0)
    assert_close(points, tt.core.dataloader.make_blobs(1000, rng=numbers).tensors[0].data)


@exercise(
    "measure", hint="`run_once` is given: both learn from 100 points and are measured on 1000 new ones."
)
def test_both_are_measured_on_points_that_they_have_not_seen(tt):
    milestone = tt.milestones.perceptron
    milestone.learn_from_mistakes = rule = recorder(tt, return_value=("weight", "bias", []))
    milestone.decide = decide = recorder(tt, return_value=right(910))
    milestone.build_unit = build = recorder(tt, return_value="a unit")
    milestone.train_unit = train = recorder(tt)
    milestone.classify = classify = recorder(tt, return_value=right(985))
    assert_close(np.array(milestone.run_once(3)), [0.91, 0.985])
    numbers = tt.core.tensor.np.random.default_rng(3)
    seen, new = (tt.core.dataloader.make_blobs(count, rng=numbers).tensors[0].data for count in (100, 1000))
    assert_equal(build.call_args[0], (2, 3))
    assert_equal((train.call_args[0][0], train.call_args[0][3]), ("a unit", 50))
    assert_equal((decide.call_args[0][1:], classify.call_args[0][0]), (("weight", "bias"), "a unit"))
    for learned in (rule.call_args[0][:2], train.call_args[0][1:3]):
        assert_close(learned[0], seen)
        assert_close(learned[1], np.arange(100) % 2)
    for asked in (decide.call_args[0][0], classify.call_args[0][1]):
        assert_close(asked, new)
