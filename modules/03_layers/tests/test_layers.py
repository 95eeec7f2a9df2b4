"""Visible tests of module 03: one behaviour each, each scored for one exercise."""

from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

EVERYWHERE = (
    "A layer keeps its parts as attributes, in layers inside it, and in lists: look at the picture in part 2."
)
NAMES = "A name is the way there: the names of the members and the positions in lists, joined by dots."
ONCE = "A tensor that two layers share is one parameter: remember, by id, what was there before."
ITSELF = "The optimizer must see the same object: a copy would be updated instead of the parameter."
ORDER = (
    "Members come in the order in which they were set, and all that is in one before the next: depth first."
)
WHAT_COUNTS = (
    "A parameter has requires_grad and no grad_fn: what about buffers, and about results that a layer keeps?"
)
SWITCH = "train and eval switch every layer inside, also in lists, and leave everything else alone."
VARIANCE = "The schemes give variances: the std is the square root. Check one row of the table in part 3."
FANS = "he and lecun divide by the number of inputs, fan_in; xavier by the sum of both."
ONE_GENERATOR = "Seed once, not per layer: without rng, every draw continues where the last one stopped."
SEEDED = "Draw from the generator that was passed, so that the same seed gives the same numbers."
FLOAT32 = "Weights are float32: numpy draws float64 unless it is told otherwise."
UNKNOWN = "A scheme that does not exist is a ValueError that names it, and those that exist."
CONTRACT = "x @ W must contract in_features: the inputs are the rows of the weight."
BIAS = "What will the optimizer update? One bias for each output, shape (out_features,), zero at first."
BY_HAND = "Compute one output by hand: the weighted sum of the inputs, plus its bias."
LEADING = "The features are the last axis; whatever stands before it stays as it is."
LINEAR_ERROR = (
    "Before multiplying, compare the last axis with in_features: ValueError with both, and the input's shape."
)
SIZES = "A layer needs at least one input and one output: ValueError that names both sizes."
EXPECTATION = "The expected value should not change: what must the survivors be multiplied by?"
SHARE = "p is the probability of being dropped, not of being kept."
FLAG = "Check the flag: training=None means self.training, True and False decide by themselves."
DRAW_AGAIN = "Draw per call: which numbers are dropped changes from one step to the next."
OWN_COIN = "Each element has its own coin: the mask has the shape of the input."
EDGES = "p may be 0 (nothing is dropped) and 1 (everything is, without a division by zero), nothing beyond."
OWNER = "Compare the input before and after: the layer has written into its argument."
MUTABLE = "A mutable list of the model's own: layers can be replaced and appended, and the list that was given stays."
IN_A_ROW = "The output of each layer is the input of the next, in the order of the list."
WHICH_LAYER = "Say which of the layers failed: its number from 0, its class and its message, in an error of the same class."
KEEP_BATCH = "Flatten joins the axes from start_dim on; those before it stay, above all the batch."
STRUCTURE = "Between two Linear layers stands one activation, and after the last Linear only what output_activation makes."
CHAIN = "Each layer takes as many inputs as the layer before has outputs."
ONE_EACH = "Call activation once for each place: an object that stands in two places is one object."


def parameter(tt: Any, *shape: int) -> Any:
    """A tensor that counts as a parameter."""
    return tt.Tensor(np.ones(shape, dtype=np.float32), requires_grad=True)


def seeded(tt: Any, seed: int) -> Any:
    """A generator in the worker."""
    return tt.core.layers.np.random.default_rng(seed)


def linear(tt: Any, weight: Any, bias: bool = True) -> Any:
    """A Linear layer with these weights, whatever initial_weight would have drawn."""
    array = np.asarray(weight, dtype=np.float32)
    tt.patch("tinytorch.core.layers.initial_weight", returns=array)
    return tt.Linear(array.shape[0], array.shape[1], bias=bias)


def replace_layer(tt: Any, model: Any, place: int, layer: Any) -> None:
    """`model.layers[place] = layer`, done in the worker: here, a list is a copy."""
    tt.core.tensor.operator.attrgetter("layers.__setitem__")(model)(place, layer)


# base


@exercise("base", hint=EVERYWHERE)
def test_parameters_are_found_in_layers_inside_layers(tt):
    outer, middle, inner = tt.Layer(), tt.Layer(), tt.Layer()
    outer.middle, middle.inner, inner.weight = middle, inner, parameter(tt, 2, 3)
    outer.bias = parameter(tt, 4)
    assert_equal([name for name, _ in outer.named_parameters()], ["middle.inner.weight", "bias"])


@exercise("base", hint=EVERYWHERE)
def test_parameters_are_found_in_lists_of_layers(tt):
    model, first, second = tt.Layer(), tt.Layer(), tt.Layer()
    first.weight, second.weight = parameter(tt, 2), parameter(tt, 3)
    model.blocks = [first, second]
    assert_equal([name for name, _ in model.named_parameters()], ["blocks.0.weight", "blocks.1.weight"])


@exercise("base", hint=ONCE)
def test_a_shared_parameter_is_counted_once(tt):
    model, first, second = tt.Layer(), tt.Layer(), tt.Layer()
    shared = parameter(tt, 5)
    first.weight, second.weight, second.bias = shared, shared, parameter(tt, 2)
    model.first, model.second = first, second
    assert_equal(len(model.parameters()), 2)
    assert_equal(model.num_parameters(), 7)


@exercise("base", hint=ITSELF)
def test_parameters_are_the_tensors_themselves(tt):
    layer = tt.Layer()
    layer.weight = parameter(tt, 3)
    expect(tt.same(layer.parameters()[0], layer.weight), "layer.weight itself", "another tensor")
    expect(tt.same(layer.named_parameters()[0][1], layer.weight), "layer.weight itself", "another tensor")


@exercise("base", hint=ORDER)
def test_parameters_come_in_the_order_in_which_they_were_set(tt):
    layer, inner = tt.Layer(), tt.Layer()
    layer.zeta, layer.inner, layer.alpha = parameter(tt, 1), inner, parameter(tt, 1)
    inner.weight, inner.bias = parameter(tt, 1), parameter(tt, 1)
    assert_equal(
        [name for name, _ in layer.named_parameters()], ["zeta", "inner.weight", "inner.bias", "alpha"]
    )


@exercise("base", hint=WHAT_COUNTS)
def test_buffers_and_other_attributes_are_no_parameters(tt):
    layer = tt.Layer()
    layer.weight, layer.mean = parameter(tt, 2, 2), tt.Tensor([5.0])
    layer.bend, layer.width, layer.name = tt.ReLU(), 64, "first"
    assert_equal([name for name, _ in layer.named_parameters()], ["weight"])
    assert_equal(layer.num_parameters(), 4)


@exercise("base", hint=SWITCH)
def test_eval_and_train_reach_every_layer_inside(tt):
    model, block, deep = tt.Layer(), tt.Layer(), tt.Layer()
    model.blocks, block.inside, block.bend = [block], deep, tt.Tanh()
    model.eval()
    assert_equal([layer.training for layer in (model, block, deep)], [False, False, False])
    model.train()
    assert_equal([layer.training for layer in (model, block, deep)], [True, True, True])


@exercise(
    "base",
    hint="train and eval return the layer itself, so that a model can be made and switched in one line.",
)
def test_train_and_eval_return_the_layer(tt):
    layer = tt.Layer()
    expect(tt.same(layer.eval(), layer), "the layer itself", type_name(layer.eval()))
    expect(tt.same(layer.train(), layer), "the layer itself", type_name(layer.train()))


# init


@exercise("init", hint=VARIANCE)
@pytest.mark.parametrize(
    ("init", "std"),
    [("he", 0.0707107), ("xavier", 0.0516398), ("lecun", 0.05)],
    ids=["he", "xavier", "lecun"],
)
def test_each_scheme_has_its_std(tt, init, std):
    weight = tt.initial_weight((400, 350), 400, 350, init, seeded(tt, 3))
    assert_close(np.array(weight.std()), std, rtol=0.02)
    assert_close(np.array(weight.mean()), 0, atol=0.001)


@exercise("init", hint=FANS)
def test_he_is_the_default_and_looks_at_the_inputs_only(tt):
    weight = tt.initial_weight((800, 50), 800, 50, rng=seeded(tt, 1))
    assert_close(np.array(weight.std()), 0.05, rtol=0.05)


@exercise("init", hint=ONE_GENERATOR, weight=2)
def test_two_draws_without_a_generator_differ(tt):
    first, second = (tt.initial_weight((3, 4), 3, 4) for _ in range(2))
    assert_equal((first.shape, second.shape), ((3, 4), (3, 4)))
    expect(not np.array_equal(first, second), "different weights", "the same weights twice")


@exercise("init", hint=SEEDED)
def test_the_same_seed_gives_the_same_weights(tt):
    first, second = (tt.initial_weight((3, 4), 3, 4, rng=seeded(tt, 7)) for _ in range(2))
    assert_equal(first.shape, (3, 4))
    assert_close(first, second, atol=0, rtol=0)


@exercise("init", hint=FLOAT32)
def test_weights_are_float32_arrays_of_the_given_shape(tt):
    weight = tt.initial_weight((2, 3, 4), 12, 2, "lecun", seeded(tt, 0))
    expect(type(weight) is np.ndarray, "an ndarray", type_name(weight))
    assert_equal((weight.shape, weight.dtype.name), ((2, 3, 4), "float32"))


@exercise("init", hint=UNKNOWN)
def test_an_unknown_scheme_is_an_error(tt):
    with raises(ValueError, mentions=["best", "he", "xavier", "lecun"]):
        tt.initial_weight((2, 2), 2, 2, "best")


# linear


@exercise("linear", hint=BY_HAND)
def test_linear_of_one_example(tt):
    layer = linear(tt, [[1, 0, 2], [3, 1, 0]])
    layer.bias = tt.Tensor([10, 20, 30], requires_grad=True)
    assert_close(layer(tt.Tensor([1, 2])).data, [17, 22, 32])


@exercise("linear", hint=CONTRACT, weight=2)
def test_the_weight_has_inputs_as_rows_and_outputs_as_columns(tt):
    assert_equal(tt.Linear(3, 5).weight.shape, (3, 5))


@exercise("linear", hint=CONTRACT)
def test_linear_of_a_batch(tt, rng):
    weight, x = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=(6, 4)).astype(np.float32)
    assert_close(
        linear(tt, weight)(tt.Tensor(x)).data, np.einsum("ni,io->no", x, weight), rtol=1e-3, atol=1e-5
    )


@exercise("linear", hint=LEADING)
def test_linear_of_a_batch_of_sequences(tt, rng):
    weight, x = rng.normal(size=(2, 5)).astype(np.float32), rng.normal(size=(3, 4, 2)).astype(np.float32)
    expected = np.einsum("nsi,io->nso", x, weight)
    assert_close(linear(tt, weight)(tt.Tensor(x)).data, expected, rtol=1e-3, atol=1e-5)


@exercise("linear", hint=BIAS)
def test_the_bias_is_one_zero_for_each_output(tt):
    layer = linear(tt, np.ones((2, 3)))
    assert_close(layer.bias.data, [0, 0, 0], atol=0, dtype=np.float32)


@exercise("linear", hint=BIAS)
def test_weight_and_bias_are_parameters(tt):
    layer = linear(tt, np.ones((2, 3)))
    assert_equal((layer.weight.requires_grad, layer.bias.requires_grad), (True, True))


@exercise("linear", hint="With bias=False the attribute bias is None, and nothing is added.")
def test_linear_without_a_bias(tt):
    layer = linear(tt, [[2, 1]], bias=False)
    expect(layer.bias is None, "bias None", type_name(layer.bias))
    assert_close(layer(tt.Tensor([[3]])).data, [[6, 3]])


@exercise("linear", hint=LINEAR_ERROR)
def test_an_input_with_other_features_is_an_error(tt):
    layer = linear(tt, np.ones((37, 2)))
    x = tt.Tensor(np.zeros((4, 9), dtype=np.float32))
    with raises(ValueError, mentions=["in_features", "37", "(4, 9)"]):
        layer(x)


@exercise("linear", hint=SIZES)
@pytest.mark.parametrize("sizes", [(0, 41), (41, -1)], ids=["no-inputs", "negative-outputs"])
def test_sizes_below_one_are_an_error(tt, sizes):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    with raises(ValueError, mentions=[str(sizes[0]), str(sizes[1])]):
        tt.Linear(*sizes)


@exercise(
    "linear",
    hint="float32 stays float32, and an input that holds no floats is a TypeError: check_float says so.",
)
def test_linear_keeps_float32_and_refuses_integers(tt):
    layer = linear(tt, np.ones((2, 3)))
    x = tt.Tensor(np.ones((4, 2), dtype=np.float32))
    assert_close(layer(x).data, np.full((4, 3), 2), dtype=np.float32)
    integers = tt.Tensor([[1, 2]], dtype="int64")
    with raises(TypeError, mentions=["int64", "Linear"]):
        layer(integers)


# dropout


@exercise("dropout", hint=EXPECTATION, weight=2)
def test_the_mean_of_many_ones_stays_one(tt):
    x = tt.Tensor(np.ones(100_000, dtype=np.float32))
    out = tt.Dropout(0.3, rng=seeded(tt, 5))(x).data
    assert_equal(out.shape, (100_000,))
    assert_close(np.array(out.mean()), 1, atol=0.01)


@exercise("dropout", hint=SHARE)
def test_the_share_of_zeros_is_p(tt):
    x = tt.Tensor(np.full((200, 250), 3, dtype=np.float32))
    assert_close(np.array((tt.Dropout(0.2, rng=seeded(tt, 5))(x).data == 0).mean()), 0.2, atol=0.01)


@exercise("dropout", hint=EXPECTATION)
def test_what_is_kept_is_divided_by_one_minus_p(tt):
    x = tt.Tensor(np.full(1000, 3, dtype=np.float32))
    out = tt.Dropout(0.25, rng=seeded(tt, 1))(x).data
    assert_close(np.unique(out), [0, 4])


@exercise("dropout", hint=FLAG, weight=2)
def test_nothing_changes_when_the_layer_is_not_training(tt, rng):
    x = rng.normal(size=(20, 30)).astype(np.float32)
    layer = tt.Dropout(0.5)
    layer.training = False
    assert_close(layer(tt.Tensor(x)).data, x, atol=0)
    assert_close(layer(tt.Tensor(x)).data, x, atol=0)


@exercise("dropout", hint=FLAG)
def test_the_argument_training_wins_over_the_attribute(tt):
    x = tt.Tensor(np.ones(1000, dtype=np.float32))
    layer = tt.Dropout(0.5)
    assert_close(layer(x, training=False).data, np.ones(1000))
    layer.training = False
    assert_close(np.unique(layer(x, training=True).data), [0, 2])


@exercise("dropout", hint=DRAW_AGAIN)
def test_two_calls_drop_different_numbers(tt):
    x = tt.Tensor(np.ones(1000, dtype=np.float32))
    layer = tt.Dropout(0.5, rng=seeded(tt, 2))
    first, second = layer(x).data, layer(x).data
    expect(not np.array_equal(first, second), "two different masks", "the same mask twice")


@exercise("dropout", hint=OWN_COIN)
def test_the_rows_of_a_batch_have_masks_of_their_own(tt):
    x = tt.Tensor(np.ones((2, 1000), dtype=np.float32))
    out = tt.Dropout(0.5, rng=seeded(tt, 3))(x).data
    expect(not np.array_equal(out[0], out[1]), "rows with different masks", "the same mask in both rows")


@exercise("dropout", hint=EDGES)
def test_p_zero_drops_nothing_and_p_one_everything(tt):
    x = tt.Tensor(np.full((3, 4), 5, dtype=np.float32))
    assert_close(tt.Dropout(0.0)(x).data, np.full((3, 4), 5), atol=0)
    assert_close(tt.Dropout(1.0)(x).data, np.zeros((3, 4)), atol=0)


@exercise("dropout", hint=EDGES)
@pytest.mark.parametrize("p", [-0.1, 1.5], ids=["negative", "above-one"])
def test_p_outside_zero_to_one_is_an_error(tt, p):
    with raises(ValueError, mentions=[str(p)]):
        tt.Dropout(p)


@exercise("dropout", hint=SEEDED)
def test_the_same_seed_drops_the_same_numbers(tt):
    x = tt.Tensor(np.ones(500, dtype=np.float32))
    first, second = (tt.Dropout(rng=seeded(tt, 9))(x).data for _ in range(2))
    assert_close(first, second, atol=0, dtype=np.float32)


@exercise("dropout", hint=OWNER)
def test_dropout_leaves_its_input_alone(tt):
    x = tt.Tensor(np.ones(100, dtype=np.float32))
    assert_close(np.unique(tt.Dropout(0.5)(x).data), [0, 2])
    assert_close(x.data, np.ones(100), atol=0)


# sequential


@exercise("sequential", hint=IN_A_ROW)
def test_layers_are_applied_one_after_the_other(tt, rng):
    x = rng.normal(size=(3, 4)).astype(np.float32)
    model = tt.Sequential(tt.Tanh(), tt.ReLU(), tt.Sigmoid())
    assert_close(model(tt.Tensor(x)).data, 1 / (1 + np.exp(-np.maximum(np.tanh(x), 0))), rtol=1e-4)


@exercise("sequential", hint="Sequential(a, b) and Sequential([a, b]) mean the same.")
def test_a_list_of_layers_is_taken_as_the_layers(tt):
    model = tt.Sequential([tt.Tanh(), tt.Flatten(), tt.ReLU()])
    assert_equal([type_name(layer) for layer in model.layers], ["Tanh", "Flatten", "ReLU"])


@exercise("sequential", hint=MUTABLE)
def test_a_layer_can_be_replaced_and_appended(tt):
    model = tt.Sequential(tt.Tanh(), tt.Sigmoid())
    replace_layer(tt, model, 0, tt.ReLU())
    model.append(tt.Tanh())
    assert_equal([type_name(layer) for layer in model.layers], ["ReLU", "Sigmoid", "Tanh"])
    assert_close(model(tt.Tensor([0.0])).data, np.tanh([0.5]))


@exercise("sequential", hint=MUTABLE)
def test_the_list_that_was_given_does_not_grow(tt):
    given = tt.keep([tt.Tanh()])
    model = tt.Sequential(given)
    model.append(tt.ReLU())
    assert_equal([type_name(layer) for layer in model.layers], ["Tanh", "ReLU"])
    assert_equal(len(given), 1)


@exercise("sequential", hint=MUTABLE)
def test_the_layers_are_the_ones_that_were_given(tt):
    first, second = tt.Tanh(), tt.ReLU()
    model = tt.Sequential(first)
    expect(tt.same(model.append(second), model), "append to return the model", "something else")
    expect(tt.same(model[0], first) and tt.same(model.layers[1], second), "the layers themselves", "copies")


@exercise("sequential", hint=WHICH_LAYER, weight=2)
def test_an_error_says_in_which_layer_it_happened(tt):
    model = tt.Sequential(tt.Flatten(), tt.Softmax(), tt.ReLU())
    nothing = tt.Tensor(np.full((2, 3), -np.inf, dtype=np.float32))
    with raises(ValueError, mentions=["layer 1", "Softmax", "only -inf"]):
        model(nothing)


@exercise("sequential", hint=KEEP_BATCH)
def test_flatten_keeps_the_batch(tt, rng):
    x = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
    assert_close(tt.Flatten()(tt.Tensor(x)).data, x.reshape(2, 60), dtype=np.float32)


@exercise("sequential", hint=KEEP_BATCH)
def test_flatten_from_another_axis(tt, rng):
    x = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.Flatten(start_dim=0)(tt.Tensor(x)).data, x.reshape(24))


# mlp


@exercise("mlp", hint=STRUCTURE)
def test_an_mlp_alternates_linear_layers_and_activations(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    model = tt.create_mlp(8, [6, 4], 3)
    assert_equal([type_name(layer) for layer in model.layers], ["Linear", "ReLU", "Linear", "ReLU", "Linear"])


@exercise("mlp", hint=CHAIN, weight=2)
def test_the_sizes_of_an_mlp_form_a_chain(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    layers = tt.create_mlp(784, [128, 64], 10).layers
    sizes = [(layer.in_features, layer.out_features) for layer in (layers[0], layers[2], layers[4])]
    assert_equal(sizes, [(784, 128), (128, 64), (64, 10)])


@exercise("mlp", hint=STRUCTURE)
def test_activations_can_be_chosen(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    model = tt.create_mlp(8, [6], 3, activation=tt.Tanh, output_activation=tt.Softmax)
    assert_equal([type_name(layer) for layer in model.layers], ["Linear", "Tanh", "Linear", "Softmax"])


@exercise("mlp", hint=ONE_EACH)
def test_every_place_has_an_activation_of_its_own(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    layers = tt.create_mlp(8, [6, 6], 3).layers
    expect(not tt.same(layers[1], layers[3]), "two activation objects", "one object in two places")


@exercise("mlp", hint="hidden_sizes is a list or a tuple: TypeError that names the type of anything else.")
def test_hidden_sizes_that_are_no_list_are_an_error(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    with raises(TypeError, mentions=["int"]):
        tt.create_mlp(4, 8, 2)
