"""Visible tests of milestone 1969. What a model decides is computed here, from its weights."""

from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
TABLES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}

LEARNS = (
    "Each step: zero_grad, loss of all points, backward, step. AND and OR have a line, and 300 steps find it."
)
NO_LINE = "No line decides XOR: one Linear and nothing else."
SEED = "The numbers come from np.random.default_rng(seed): equal seeds, equal models."
COLUMN = "Targets need the shape (N, 1) of the logits, and every step begins with zero_grad."
FORGET = "Gradients of earlier steps must not add up: where is zero_grad?"
LAYERS = "Linear(2, hidden), Tanh, Linear(hidden, 1), in this order."
ONE_GENERATOR = "Both layers draw from one generator, or their numbers are the same numbers."
UPDATES = (
    "Return the number of updates made before every decision was right; 0 if it was right from the start."
)
NEVER = "None, if after the last of `steps` updates a decision is still wrong; all of them are made, and not one more."
SOLVES = "From these starts 1000 steps of SGD with rate 0.5 are enough: is every step taken, on all points?"
STOPS = "Stop as soon as every decision is right: a solved network is not changed any more."
VIEW = "The outputs after the first Linear and the Tanh, one row for each point."
RECORD = "Nothing is recorded: an array, computed under no_grad."


def network_with(tt: Any, first: Any, bias: Any, last: Any, last_bias: float) -> Any:
    """A network with these weights, which does not come from `build_network`."""
    model = tt.Sequential(tt.Linear(2, len(bias)), tt.Tanh(), tt.Linear(len(bias), 1))
    for layer, weight, shift in ((model[0], first, bias), (model[2], np.c_[last], [last_bias])):
        layer.weight.data = np.asarray(weight, dtype=np.float32)
        layer.bias.data = np.asarray(shift, dtype=np.float32)
    return model


def start(tt: Any, seed: int, hidden: int = 4) -> Any:
    """A network that training begins with."""
    rng = np.random.default_rng(1000 + seed)
    first, last = rng.normal(size=(2, hidden)), rng.normal(size=hidden) * np.sqrt(2 / hidden)
    return network_with(tt, first, np.zeros(hidden), last, 0.0)


def logits(model: Any, points: Any = CORNERS) -> Any:
    """What a network answers, from its weights."""
    hidden = np.tanh(points @ model[0].weight.data.astype(np.float64) + model[0].bias.data)
    return hidden @ model[2].weight.data[:, 0] + model[2].bias.data[0]


def line_decides(model: Any, points: Any) -> Any:
    """0 or 1 for each point, from the weights of a line."""
    return (points @ model[0].weight.data[:, 0] + model[0].bias.data[0] > 0).astype(int)


@exercise("line", hint=LEARNS)
@pytest.mark.parametrize("name", ["AND", "OR"])
def test_a_line_learns_what_has_a_line(tt, name):
    wanted = np.array(TABLES[name])
    model = tt.milestones.xor.train_line(CORNERS, wanted, 1)
    assert_close(line_decides(model, CORNERS), wanted)


@exercise("line", hint=NO_LINE)
def test_a_line_does_not_learn_xor(tt):
    model = tt.milestones.xor.train_line(CORNERS, np.array(TABLES["XOR"]), 2, steps=50)
    assert_equal([p.shape for p in model.parameters()], [(2, 1), (1,)])


@exercise("line", hint=SEED)
def test_the_same_seed_gives_the_same_line(tt):
    wanted = np.array(TABLES["OR"])
    runs = [tt.milestones.xor.train_line(CORNERS, wanted, seed, steps=1) for seed in (3, 3, 4)]
    weights = [run[0].weight.data for run in runs]
    assert_close(weights[0], weights[1])
    expect(not np.allclose(weights[0], weights[2]), "other numbers for another seed", "the same numbers")


@exercise("line", hint=COLUMN, weight=3)
def test_two_steps_follow_the_gradient(tt):
    wanted = np.array(TABLES["AND"])
    before = tt.milestones.xor.train_line(CORNERS, wanted, 5, steps=0)
    after = tt.milestones.xor.train_line(CORNERS, wanted, 5, steps=2, lr=0.25)
    weight, bias = before[0].weight.data[:, 0].astype(np.float64), float(before[0].bias.data[0])
    for _ in range(2):
        slope = (1 / (1 + np.exp(-(CORNERS @ weight + bias))) - wanted) / 4
        weight, bias = weight - 0.25 * CORNERS.T @ slope, bias - 0.25 * slope.sum()
    assert_close(after[0].weight.data[:, 0], weight, rtol=1e-3)
    assert_close(after[0].bias.data, [bias], rtol=1e-3)


@exercise("network", hint=LAYERS)
@pytest.mark.parametrize("hidden", [2, 5])
def test_a_network_has_two_layers_with_tanh_between(tt, hidden):
    model = tt.milestones.xor.build_network(hidden, 0)
    shapes = [parameter.shape for parameter in model.parameters()]
    assert_equal(shapes, [(2, hidden), (hidden,), (hidden, 1), (1,)])
    assert_close(model(tt.Tensor(CORNERS)).data[:, 0], logits(model), rtol=1e-3, atol=1e-5)


@exercise("network", hint=ONE_GENERATOR)
def test_the_layers_draw_different_numbers(tt):
    model = tt.milestones.xor.build_network(4, 6)
    first, last = model[0].weight.data.ravel()[:4], model[2].weight.data.ravel()
    ratios = first / last
    expect(np.ptp(ratios) > 1e-3, "numbers of their own for each layer", "the same numbers up to a factor")


@exercise("network", hint=SEED)
def test_the_same_seed_gives_the_same_network(tt):
    weights = [tt.milestones.xor.build_network(3, seed)[2].weight.data for seed in (7, 7, 8)]
    assert_close(weights[0], weights[1])
    expect(not np.allclose(weights[0], weights[2]), "other numbers for another seed", "the same numbers")


@exercise("train", hint=SOLVES)
def test_at_least_19_of_20_networks_with_4_units_learn_xor(tt):
    solved = 0
    for seed in range(20):
        model = start(tt, seed)
        tt.milestones.xor.train_network(model, CORNERS, np.array(TABLES["XOR"]))
        solved += np.array_equal(logits(model) > 0, np.array(TABLES["XOR"]) == 1)
    expect(solved >= 19, "at least 19 of 20 solved", f"{solved}")


@exercise("train", hint=UPDATES)
def test_it_says_how_many_updates_were_made(tt):
    counted = tt.milestones.xor.train_network(start(tt, 0), CORNERS, np.array(TABLES["XOR"]))
    expect(type(counted) is int and counted > 1, "the number of updates", repr(counted))
    one_less = tt.milestones.xor.train_network(
        start(tt, 0), CORNERS, np.array(TABLES["XOR"]), steps=counted - 1
    )
    exactly = tt.milestones.xor.train_network(start(tt, 0), CORNERS, np.array(TABLES["XOR"]), steps=counted)
    assert_equal((one_less, exactly), (None, counted))


@exercise("train", hint=STOPS)
def test_a_solved_network_is_left_alone(tt):
    model = network_with(tt, [[9, 9], [9, 9]], [-4, -14], [3, -3], -3)
    before = model[0].weight.data
    assert_equal(tt.milestones.xor.train_network(model, CORNERS, np.array(TABLES["XOR"])), 0)
    assert_close(model[0].weight.data, before)


@exercise("train", hint=NEVER)
def test_what_is_not_solved_is_none_after_all_steps(tt):
    model, again = start(tt, 3), start(tt, 3)
    assert_equal(tt.milestones.xor.train_network(model, CORNERS, np.array(TABLES["XOR"]), steps=1), None)
    expect(not np.allclose(model[0].weight.data, again[0].weight.data), "one update", "no update")


@exercise("train", hint=FORGET, weight=3)
def test_three_updates_follow_the_gradient(tt):
    model, wanted = start(tt, 5), np.array(TABLES["XOR"])
    first, last = model[0].weight.data.astype(np.float64), model[2].weight.data[:, 0].astype(np.float64)
    bias, last_bias = np.zeros(4), 0.0
    tt.milestones.xor.train_network(model, CORNERS, wanted, steps=3, lr=0.1)
    for _ in range(3):
        hidden = np.tanh(CORNERS @ first + bias)
        slope = (1 / (1 + np.exp(-(hidden @ last + last_bias))) - wanted) / 4
        inner = np.outer(slope, last) * (1 - hidden**2)
        last, last_bias = last - 0.1 * hidden.T @ slope, last_bias - 0.1 * slope.sum()
        first, bias = first - 0.1 * CORNERS.T @ inner, bias - 0.1 * inner.sum(axis=0)
    assert_close(model[0].weight.data, first, rtol=1e-3, atol=1e-5)
    assert_close(model[2].weight.data[:, 0], last, rtol=1e-3, atol=1e-5)


@exercise("hidden", hint=VIEW)
def test_the_view_is_the_output_of_the_hidden_layer(tt):
    model = network_with(tt, [[1, 2, 0], [1, -1, 0.5]], [-0.5, 0, 1], [1, 1, 1], 0)
    wanted = np.tanh(CORNERS @ np.array([[1, 2, 0], [1, -1, 0.5]]) + [-0.5, 0, 1])
    assert_close(tt.milestones.xor.hidden_view(model, CORNERS), wanted)


@exercise("hidden", hint=RECORD)
def test_the_view_is_an_array_and_training_goes_on_as_before(tt):
    model = start(tt, 1)
    view = tt.milestones.xor.hidden_view(model, CORNERS[:3])
    expect(type(view) is np.ndarray, "an ndarray", type(view).__name__)
    assert_equal((view.shape, model.training, tt.is_grad_enabled()), ((3, 4), True, True))
