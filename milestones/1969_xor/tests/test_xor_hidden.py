"""Hidden tests of milestone 1969: points with noise, other tables, other sizes."""

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
XOR = (CORNERS.sum(axis=1) == 1).astype(np.int64)

MAIN = "`main` is given: it compares what was measured with each target, and nothing else decides."


def recorder(tt, **options):
    """A function in the worker that remembers how it was called."""
    return tt.fresh_import("unittest.mock").Mock(**options)


def printed(tt, milestone):
    """The exit status of the milestone, and the lines that it prints."""
    milestone.print = recorder(tt)
    status, calls = milestone.main(), milestone.print.call_args_list
    return status, [calls[number][0][0] for number in range(milestone.print.call_count)]


def line_with(tt, weight, bias):
    """A line with these weights."""
    line = tt.Sequential(tt.Linear(2, 1))
    line[0].weight.data = np.array(weight, dtype=np.float32).reshape(2, 1)
    line[0].bias.data = np.array([bias], dtype=np.float32)
    return line


def solved_network(tt):
    """A network that decides XOR as OR and not AND."""
    model = tt.Sequential(tt.Linear(2, 2), tt.Tanh(), tt.Linear(2, 1))
    for layer, weight, bias in (
        (model[0], [[9, 9], [9, 9]], [-4.5, -13.5]),
        (model[2], [[1], [-1]], [-1]),
    ):
        layer.weight.data = np.array(weight, dtype=np.float32)
        layer.bias.data = np.array(bias, dtype=np.float32)
    return model


@exercise("line", hint="A line may have any number of inputs.", weight=3)
def test_a_line_in_five_dimensions(tt, rng):
    arrow = rng.normal(size=5)
    points = rng.normal(size=(40, 5)).astype(np.float32)
    points += (2 * np.sign(points @ arrow)[:, np.newaxis] * arrow / np.linalg.norm(arrow)).astype(np.float32)
    labels = (points @ arrow > 0).astype(np.int64)
    model = tt.milestones.xor.train_line(points, labels, 0)
    sums = points @ model[0].weight.data[:, 0] + model[0].bias.data[0]
    assert_close((sums > 0).astype(int), labels)


@exercise("line", hint="No single line gets more than three of the four corners.")
def test_the_best_of_20_lines_gets_at_most_three_corners(tt):
    best = 0.0
    for seed in range(20):
        model = tt.milestones.xor.train_line(CORNERS, XOR, seed, steps=20)
        sums = CORNERS @ model[0].weight.data[:, 0] + model[0].bias.data[0]
        best = max(best, ((sums > 0) == XOR).sum() / 4)
    assert_equal(len(model.parameters()), 2)
    expect(best <= 0.75, "at most 0.75", f"{best}")


@exercise("line", hint="By default 300 steps at rate 0.5.", weight=3)
def test_the_defaults_of_a_line(tt, rng):
    points = rng.normal(size=(12, 2)).astype(np.float32)
    # A line can part these points, so its weights never stop growing and each step shows.
    labels = (points[:, 0] > points[:, 1]).astype(np.int64)
    start = tt.milestones.xor.train_line(points, labels, 3, steps=0)
    weight, bias = start[0].weight.data[:, 0].astype(np.float64), float(start[0].bias.data[0])
    for _ in range(300):
        slope = (1 / (1 + np.exp(-(points @ weight + bias))) - labels) / 12
        weight, bias = weight - 0.5 * points.T @ slope, bias - 0.5 * slope.sum()
    trained = tt.milestones.xor.train_line(points, labels, 3)
    assert_close(trained[0].weight.data[:, 0], weight, rtol=1e-2, atol=1e-3)
    said = tt.milestones.xor.train_line(points, labels, 3, steps=300, lr=0.5)
    assert_close(trained[0].weight.data, said[0].weight.data, rtol=1e-6)


@exercise("network", hint="Any number of hidden units, one generator for both layers.")
@pytest.mark.parametrize("hidden", [1, 9])
def test_any_number_of_units(tt, hidden):
    model = tt.milestones.xor.build_network(hidden, 12)
    assert_equal(model.num_parameters(), 4 * hidden + 1)
    view = np.tanh(CORNERS @ model[0].weight.data + model[0].bias.data)
    wanted = view @ model[2].weight.data + model[2].bias.data
    assert_close(model(tt.Tensor(CORNERS)).data, wanted, rtol=1e-3, atol=1e-5)


@exercise("network", hint="The seed decides all numbers of the network.")
def test_ten_seeds_give_ten_networks(tt):
    firsts = [tt.milestones.xor.build_network(4, seed)[0].weight.data.ravel() for seed in range(10)]
    assert_equal(len({tuple(first.round(6).tolist()) for first in firsts}), 10)


@exercise("network", hint="Equal seeds give equal numbers in both layers.")
def test_the_first_layer_follows_the_seed_too(tt):
    first, second = (tt.milestones.xor.build_network(3, 8)[0].weight.data for _ in range(2))
    assert_close(first, second)


@exercise(
    "train", hint="A decision is 1 where the output is greater than 0: 0 itself says 0, and 0.5 says 1."
)
@pytest.mark.parametrize(("weight", "bias", "labels"), [([0, 0], 0, [0] * 4), ([1, 1], -0.5, [0, 1, 1, 1])])
def test_what_is_right_from_the_start_needs_no_update(tt, weight, bias, labels):
    line = line_with(tt, weight, bias)
    assert_equal(tt.milestones.xor.train_network(line, CORNERS, np.array(labels)), 0)


@exercise("train", hint="Points with noise around the corners are learned like the corners.")
def test_noisy_corners_are_learned(tt, rng):
    corner = np.arange(120) % 4
    points = (CORNERS[corner] + rng.normal(scale=0.05, size=(120, 2))).astype(np.float32)
    model = tt.Sequential(tt.Linear(2, 8), tt.Tanh(), tt.Linear(8, 1))
    numbers = np.random.default_rng(2)
    model[0].weight.data = numbers.normal(size=(2, 8)).astype(np.float32)
    model[2].weight.data = (numbers.normal(size=(8, 1)) / 2).astype(np.float32)
    tt.milestones.xor.train_network(model, points, XOR[corner])
    view = np.tanh(points @ model[0].weight.data + model[0].bias.data)
    sums = (view @ model[2].weight.data + model[2].bias.data)[:, 0]
    assert_close((sums > 0).astype(int), XOR[corner])


@exercise("train", hint="A model that cannot solve it ends with None.")
def test_a_line_ends_with_none(tt):
    line = tt.Sequential(tt.Linear(2, 1))
    assert_equal(tt.milestones.xor.train_network(line, CORNERS, XOR, steps=25), None)
    solvable = tt.milestones.xor.train_network(
        tt.Sequential(tt.Linear(2, 1)), CORNERS, np.array([0, 1, 1, 1])
    )
    expect(type(solvable) is int, "a number of updates for OR", repr(solvable))


@exercise("train", hint="The rate is the one that was given.")
def test_the_rate_matters(tt):
    results = []
    for rate in (0.5, 0.05):
        line = tt.Sequential(tt.Linear(2, 1))
        line[0].weight.data = np.array([[-1.0], [0.5]], dtype=np.float32)
        line[0].bias.data = np.zeros(1, dtype=np.float32)
        results.append(tt.milestones.xor.train_network(line, CORNERS, np.array([0, 1, 1, 1]), lr=rate))
    expect(type(results[0]) is int and results[1] > 3 * results[0], "ten times as many updates", str(results))


@exercise("train", hint="By default at most 1000 steps at rate 0.5.")
def test_the_defaults_of_training(tt):
    counts = []
    for options in ({}, {"lr": 0.5}, {"steps": 1000}):
        line = tt.Sequential(tt.Linear(2, 1))
        line[0].weight.data = np.array([[-1.0], [0.5]], dtype=np.float32)
        line[0].bias.data = np.zeros(1, dtype=np.float32)
        counts.append(tt.milestones.xor.train_network(line, CORNERS, np.array([0, 0, 0, 1]), **options))
    expect(type(counts[0]) is int and len(set(counts)) == 1, "the same number three times", str(counts))


@exercise("hidden", hint="The view has a row for every point and a column for every hidden unit.")
def test_the_view_of_many_points(tt, rng):
    model = tt.Sequential(tt.Linear(2, 6), tt.Tanh(), tt.Linear(6, 1))
    points = rng.normal(size=(30, 2)).astype(np.float32)
    wanted = np.tanh(points @ model[0].weight.data + model[0].bias.data)
    assert_close(tt.milestones.xor.hidden_view(model, points), wanted, rtol=1e-3, atol=1e-5)


@exercise("train", hint=MAIN)
@pytest.mark.parametrize(
    ("failing", "status", "word"), [(0, 0, "reached"), (1, 0, "reached"), (2, 1, "MISSED")]
)
def test_the_milestone_is_decided_by_its_numbers(tt, failing, status, word):
    milestone, good, bad = tt.milestones.xor, solved_network(tt), line_with(tt, [0, 0], -5)
    milestone.train_line = train = recorder(tt, return_value=line_with(tt, [1, 1], -0.5))
    networks = [good] * (21 - failing) + [bad] * failing
    milestone.build_network = build = recorder(tt, side_effect=networks)
    found, lines = printed(tt, milestone)
    rows = [
        "a line, best of 20 runs           0.75   target <= 0.75  reached",
        "4 units, after 0 updates          1.00   target 1.00     reached",
        f"4 units, solved of 20 seeds {20 - failing:10}   target >= 19    {word}",
    ]
    assert_equal((found, lines), (status, rows))
    assert_equal([train.call_args_list[number][0][2] for number in range(20)], list(range(20)))
    assert_close(train.call_args[0][0], CORNERS)
    assert_close(train.call_args[0][1], XOR)
    seeds = [build.call_args_list[number][0] for number in range(21)]
    assert_equal(seeds, [(4, 0), *((4, seed) for seed in range(20))])


@exercise("train", hint=MAIN)
def test_a_line_that_decides_xor_and_a_network_that_does_not_miss_their_targets(tt):
    milestone, bad = tt.milestones.xor, line_with(tt, [0, 0], -5)
    milestone.RUNS = 2
    milestone.train_line = recorder(tt, side_effect=[bad, solved_network(tt)])
    milestone.build_network = recorder(tt, return_value=bad)
    milestone.decisions = recorder(tt, side_effect=[XOR, 1 - XOR, np.zeros(4, dtype=np.int64)])
    found, lines = printed(tt, milestone)
    assert_equal((found, [line.split()[-1] for line in lines]), (1, ["MISSED", "MISSED", "MISSED"]))
    assert_equal(lines[0], "a line, best of 2 runs            1.00   target <= 0.75  MISSED")
    assert_equal(lines[1], "4 units, after None updates       0.50   target 1.00     MISSED")


@exercise("train", hint="`decisions` and `share_right` are given: 1 where the output is greater than 0.")
def test_the_decisions_of_a_model(tt):
    milestone, line = tt.milestones.xor, line_with(tt, [1, 1], -1)
    assert_close(milestone.decisions(line, CORNERS), [0, 0, 0, 1], dtype=np.int64)
    assert_close(np.array(milestone.share_right(line, CORNERS, XOR)), 0.25)
    assert_equal(milestone.train_network(line, CORNERS, np.array([0, 0, 0, 1])), 0)


@exercise("train", hint="`count_solved` is given: it counts the seeds whose network ends with a number.")
def test_networks_that_are_solved_are_counted(tt):
    milestone, bad, nearly = tt.milestones.xor, line_with(tt, [0, 0], -5), solved_network(tt)
    nearly[2].bias.data = np.array([0.3], dtype=np.float32)
    networks = [solved_network(tt), bad, nearly, solved_network(tt)]
    milestone.build_network = build = recorder(tt, side_effect=networks)
    assert_equal(milestone.count_solved(6, [5, 9, 4, 2], steps=0), 2)
    seeds = [build.call_args_list[number][0] for number in range(4)]
    assert_equal(seeds, [(6, 5), (6, 9), (6, 4), (6, 2)])
    updates = milestone.train_network(nearly, CORNERS, XOR)
    expect(type(updates) is int and updates > 0, "a number of updates", repr(updates))


@exercise(
    "train", hint="`count_solved` is given: 1000 steps for each network, unless the caller says otherwise."
)
def test_each_network_has_a_thousand_steps(tt):
    milestone = tt.milestones.xor
    assert_equal(milestone.train_network(solved_network(tt), CORNERS, XOR), 0)
    milestone.build_network = recorder(tt, return_value=solved_network(tt))
    milestone.train_network = train = recorder(tt, return_value=5)
    assert_equal(milestone.count_solved(4, [0]), 1)
    assert_equal(train.call_args[0][3], 1000)
