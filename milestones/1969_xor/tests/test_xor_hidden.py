"""Hidden tests of milestone 1969: points with noise, other tables, other sizes."""

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
XOR = (CORNERS.sum(axis=1) == 1).astype(np.int64)


@exercise("line", hint="A line may have any number of inputs.")
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


@exercise("line", hint="By default 300 steps at rate 0.5.")
def test_the_defaults_of_a_line(tt):
    labels = np.array([0, 0, 0, 1])
    defaults = tt.milestones.xor.train_line(CORNERS, labels, 3)
    explicit = tt.milestones.xor.train_line(CORNERS, labels, 3, steps=300, lr=0.5)
    assert_close(defaults[0].weight.data, explicit[0].weight.data)


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
