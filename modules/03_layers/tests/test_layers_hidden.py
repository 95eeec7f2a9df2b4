"""Hidden tests of module 03: the same behaviours at other shapes, dtypes and values."""

from typing import Any

import numpy as np

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

EVERYWHERE = (
    "A layer keeps its parts as attributes, in layers inside it, and in lists: look at the picture in part 2."
)
NAMES = "A name is the way there: the names of the members and the positions in lists, joined by dots."
ONCE = "A tensor that two layers share is one parameter: remember, by id, what was there before."
WHAT_COUNTS = (
    "A parameter has requires_grad and no grad_fn: what about buffers, and about results that a layer keeps?"
)
SWITCH = "train and eval switch every layer inside, also in lists, and leave everything else alone."
VARIANCE = "The schemes give variances: the std is the square root. Check one row of the table in part 3."
FANS = "he and lecun divide by the number of inputs, fan_in; xavier by the sum of both."
ONE_GENERATOR = "Seed once, not per layer: without rng, every draw continues where the last one stopped."
SEEDED = "Draw from the generator that was passed, so that the same seed gives the same numbers."
UNKNOWN = "A scheme that does not exist is a ValueError that names it, and those that exist."
CONTRACT = "x @ W must contract in_features: the inputs are the rows of the weight."
BIAS = "What will the optimizer update? One bias for each output, shape (out_features,), zero at first."
LEADING = "The features are the last axis; whatever stands before it stays as it is."
LINEAR_ERROR = (
    "Before multiplying, compare the last axis with in_features: ValueError with both, and the input's shape."
)
SIZES = "A layer needs at least one input and one output: ValueError that names both sizes."
EXPECTATION = "The expected value should not change: what must the survivors be multiplied by?"
FLAG = "Check the flag: training=None means self.training, True and False decide by themselves."
OWN_COIN = "Each element has its own coin: the mask has the shape of the input."
EDGES = "p may be 0 (nothing is dropped) and 1 (everything is, without a division by zero), nothing beyond."
NOT_DRAWN = "When nothing is dropped nothing is drawn: a look at validation data must not change how training continues."
RECORDED = "Multiply by the mask as a Tensor: only what leaves through Function.apply can be differentiated."
MUTABLE = "A mutable list of the model's own: layers can be replaced and appended, and the list that was given stays."
IN_A_ROW = "The output of each layer is the input of the next, in the order of the list."
WHICH_LAYER = "Say which of the layers failed: its number from 0, its class and its message, in an error of the same class."
CALLABLE = "Pass each layer through check_layer with its place."
KEEP_BATCH = "Flatten joins the axes from start_dim on; those before it stay, above all the batch."
STRUCTURE = "Between two Linear layers stands one activation, and after the last Linear only what output_activation makes."
CHAIN = "Each layer takes as many inputs as the layer before has outputs."


def parameter(tt: Any, *shape: int) -> Any:
    """A tensor that training would change."""
    return tt.Tensor(np.zeros(shape, dtype=np.float32), requires_grad=True)


def seeded(tt: Any, seed: int) -> Any:
    """A numpy generator on the other side."""
    return tt.core.layers.np.random.default_rng(seed)


def linear(tt: Any, weight: Any, bias: bool = True) -> Any:
    """A Linear layer whose weight is known."""
    array = np.asarray(weight, dtype=np.float32)
    tt.patch("tinytorch.core.layers.initial_weight", returns=array)
    return tt.Linear(array.shape[0], array.shape[1], bias=bias)


def record(tt: Any) -> None:
    """Let operations be recorded, as module 06 will."""
    tt.Function.engine.recording = True


# base


@exercise("base", hint=NAMES)
def test_names_lead_through_tuples_and_lists_in_lists(tt):
    model, first, second = tt.Layer(), tt.Layer(), tt.Layer()
    first.weight, second.weight = parameter(tt, 2), parameter(tt, 3)
    model.grid = [[first], (second,)]
    assert_equal([name for name, _ in model.named_parameters()], ["grid.0.0.weight", "grid.1.0.weight"])


@exercise("base", hint=EVERYWHERE)
def test_tensors_in_lists_are_parameters_too(tt):
    model = tt.Layer()
    model.scales = [parameter(tt, 2), tt.Tensor([1.0]), parameter(tt, 4)]
    assert_equal([name for name, _ in model.named_parameters()], ["scales.0", "scales.2"])


@exercise("base", hint=ONCE)
def test_a_layer_that_refers_back_to_its_parent_ends_the_search(tt):
    model, block = tt.Layer(), tt.Layer()
    model.block, block.parent, block.weight = block, model, parameter(tt, 6)
    assert_equal([name for name, _ in model.named_parameters()], ["block.weight"])
    model.eval()
    assert_equal((model.training, block.training), (False, False))


@exercise("base", hint=ONCE)
def test_equal_values_are_not_the_same_parameter(tt):
    model = tt.Layer()
    model.first, model.second = parameter(tt, 3), parameter(tt, 3)
    assert_equal(model.num_parameters(), 6)


@exercise("base", hint=ONCE)
def test_a_layer_in_two_places_keeps_its_first_name(tt):
    model, block = tt.Layer(), tt.Layer()
    block.weight = parameter(tt, 3)
    model.head, model.blocks = block, [block]
    assert_equal([name for name, _ in model.named_parameters()], ["head.weight"])


@exercise("base", hint=WHAT_COUNTS)
def test_a_result_that_a_layer_keeps_is_no_parameter(tt):
    record(tt)
    layer = tt.Layer()
    layer.weight = parameter(tt, 3)
    layer.last = layer.weight * 2.0
    assert_equal((layer.last.requires_grad, len(layer.parameters())), (True, 1))


@exercise("base", hint=SWITCH)
def test_train_takes_a_mode_and_stays_inside_the_layer(tt):
    model, block = tt.Layer(), tt.Layer()
    model.block, model.bend = block, tt.ReLU()
    assert_equal((model.training, block.training), (True, True))
    block.train(False)
    assert_equal((model.training, block.training), (True, False))
    block.train(mode=True)
    assert_equal(block.training, True)
    with raises(AttributeError):
        _ = model.eval().bend.training


@exercise("base", hint="A layer without parameters has none, and its forward is for a subclass to write.")
def test_an_empty_layer(tt):
    layer = tt.Layer()
    assert_equal((layer.parameters(), layer.num_parameters(), repr(layer)), ([], 0, "Layer()"))
    with raises(NotImplementedError, mentions=["Layer has no forward"]):
        layer(1)


@exercise("base", hint=NAMES)
def test_walk_gives_layers_and_tensors_below_the_name_it_was_given(tt):
    model, block = tt.Layer(), tt.Layer()
    model.block, block.mean, model.other = block, tt.Tensor([1.0]), {"weight": parameter(tt, 1)}
    found = [(name, type_name(item)) for name, item in tt.core.layers.walk(model)]
    assert_equal(found, [("", "Layer"), ("block", "Layer"), ("block.mean", "Tensor")])
    assert_equal([name for name, _ in tt.core.layers.walk([block], "top")], ["top.0", "top.0.mean"])


# init


@exercise("init", hint=VARIANCE)
def test_each_scheme_for_few_inputs_and_more_outputs(tt):
    for init, std in [("he", 0.1), ("xavier", 0.0666667), ("lecun", 0.0707107)]:
        weight = tt.initial_weight((200, 250), 200, 250, init, seeded(tt, 11))
        assert_close(np.array(weight.astype(np.float64).var() / std**2), 1, atol=0.05)


@exercise("init", hint=FANS)
def test_the_fans_count_and_not_the_shape(tt):
    for init, std in [("he", 0.2), ("xavier", 0.1), ("lecun", 0.1414214)]:
        weight = tt.initial_weight((150, 10, 30), 50, 150, init, rng=seeded(tt, 4))
        assert_close(np.array(weight.std()), std, rtol=0.05)
        assert_equal((weight.shape, weight.dtype.name), ((150, 10, 30), "float32"))


@exercise(
    "init",
    hint="The distribution is normal: about 32 % lie beyond one std, 5 % beyond two, 0.3 % beyond three.",
)
def test_the_weights_are_normally_distributed(tt):
    weight = tt.initial_weight((300, 300), 300, 300, "lecun", seeded(tt, 8)) * np.sqrt(300)
    shares = np.array([(np.abs(weight) > bound).mean() for bound in (1, 2, 3)])
    assert_close(shares, [0.3173, 0.0455, 0.0027], rtol=0, atol=0.01)
    assert_close(np.array(weight.mean()), 0, atol=0.02)
    expect(shares[2] > 0.001, "some beyond three stds", f"{shares[2]:.4f}")


@exercise("init", hint=SEEDED)
def test_a_passed_generator_moves_on_with_every_draw(tt):
    generator = seeded(tt, 7)
    first, second = (tt.initial_weight((2, 6), 2, 6, rng=generator) for _ in range(2))
    again = tt.initial_weight((2, 6), 2, 6, rng=seeded(tt, 7))
    assert_close(again, first, atol=0)
    expect(not np.array_equal(first, second), "different weights", "the same weights twice")


@exercise("init", hint=ONE_GENERATOR)
def test_draws_without_a_generator_share_that_of_the_module(tt):
    tt.core.layers._RNG = seeded(tt, 21)
    first, second = (tt.initial_weight((4, 4), 4, 4) for _ in range(2))
    generator = seeded(tt, 21)
    expected = [tt.initial_weight((4, 4), 4, 4, rng=generator) for _ in range(2)]
    assert_close(np.array([first, second]), np.array(expected), atol=0)


@exercise("init", hint=UNKNOWN)
def test_the_schemes_have_exactly_these_names(tt):
    with raises(ValueError, mentions=["He", "he", "xavier", "lecun"]):
        tt.initial_weight((2, 2), 2, 2, init="He")


@exercise("init", hint="rng is a numpy Generator; a seed has to be made into one first.")
def test_a_seed_is_no_generator(tt):
    with raises(TypeError, mentions=["int", "default_rng"]):
        tt.initial_weight((2, 2), 2, 2, rng=7)


# linear


@exercise("linear", hint=CONTRACT)
def test_linear_agrees_with_a_sum_of_products(tt, rng):
    for sizes in [(1, 4), (6, 1), (7, 3)]:
        weight = rng.normal(size=sizes).astype(np.float32)
        bias, x = rng.normal(size=sizes[1]), rng.normal(size=(5, sizes[0]))
        layer = linear(tt, weight)
        layer.bias = tt.Tensor(bias, requires_grad=True)
        expected = (x[:, :, None] * weight[None]).sum(axis=1) + bias
        assert_close(layer(tt.Tensor(x)).data, expected, rtol=1e-3, atol=1e-4, dtype=np.float32)


@exercise("linear", hint=LEADING)
def test_leading_axes_stay(tt, rng):
    for shape in [(3,), (1, 3), (2, 1, 4, 3)]:
        weight, x = rng.normal(size=(3, 2)).astype(np.float32), rng.normal(size=shape).astype(np.float32)
        expected = np.tensordot(x, weight, axes=1)
        assert_close(linear(tt, weight, bias=False)(tt.Tensor(x)).data, expected, rtol=1e-3, atol=1e-5)


@exercise("linear", hint="Scheme and generator are passed on to initial_weight, with in_features as fan_in.")
def test_linear_passes_scheme_and_generator_on(tt):
    for init in ["xavier", "lecun"]:
        layer = tt.Linear(6, 3, init=init, rng=seeded(tt, 5))
        assert_close(
            layer.weight.data, tt.initial_weight((6, 3), 6, 3, init, seeded(tt, 5)), dtype=np.float32
        )


@exercise("linear", hint="The default scheme is he.")
def test_the_default_scheme_is_he(tt):
    layer = tt.Linear(6, 3, rng=seeded(tt, 5))
    assert_close(layer.weight.data, tt.initial_weight((6, 3), 6, 3, "he", seeded(tt, 5)))


@exercise("linear", hint="Shown are the sizes, and whether there is a bias.")
def test_linear_says_what_it_is(tt):
    assert_equal(repr(linear(tt, np.ones((2, 3)))), "Linear(in_features=2, out_features=3, bias=True)")
    assert_equal(
        repr(linear(tt, np.ones((4, 1)), False)), "Linear(in_features=4, out_features=1, bias=False)"
    )
    expect(tt.same(tt.Dense, tt.Linear), "Dense to be Linear", "another class")


@exercise("linear", hint=BIAS)
def test_a_bias_of_its_own_for_each_layer(tt):
    first, second = linear(tt, np.ones((2, 3))), linear(tt, np.ones((2, 3)))
    first.bias.data[0] = 9
    assert_close(second.bias.data, [0, 0, 0])
    expect(not tt.same(first.weight, second.weight), "two weights", "one weight in two layers")


@exercise("linear", hint=LINEAR_ERROR)
def test_other_features_are_an_error_in_any_shape(tt):
    for shape in [(), (5,), (2, 4, 1)]:
        layer = linear(tt, np.ones((23, 1)))
        x = tt.Tensor(np.zeros(shape, dtype=np.float32))
        with raises(ValueError, mentions=["in_features", "23", str(shape)]):
            layer(x)


@exercise("linear", hint=SIZES)
def test_other_sizes_below_one_are_an_error(tt):
    for sizes in [(-3, 4), (6, 0)]:
        tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
        with raises(ValueError, mentions=[str(sizes[0]), str(sizes[1])]):
            tt.Linear(*sizes)


@exercise("linear", hint="The smallest layer has one input and one output.")
def test_a_layer_of_one_by_one(tt):
    assert_close(linear(tt, [[3]])(tt.Tensor([[2], [5]])).data, [[6], [15]])


@exercise("linear", hint=RECORDED)
def test_linear_is_recorded_from_the_input_to_the_output(tt):
    record(tt)
    layer = linear(tt, np.ones((2, 3)))
    out = layer(tt.Tensor(np.ones((4, 2), dtype=np.float32)))
    assert_equal(type_name(out.grad_fn), "Add")
    product, bias = sorted(out.grad_fn.inputs, key=lambda term: type_name(term.grad_fn))
    assert_equal(type_name(product.grad_fn), "MatMul")
    expect(tt.same(bias, layer.bias), "the bias itself as an input", "another tensor")


@exercise("linear", hint="An input that is no Tensor is a TypeError; check_float raises it.")
def test_linear_of_a_list_is_an_error(tt):
    layer = linear(tt, np.ones((2, 3)))
    with raises(TypeError, mentions=["list", "Linear"]):
        layer([1.0, 2.0])


@exercise("linear", hint="The input stays as it is, and so do weight and bias.")
def test_linear_changes_nothing_but_its_output(tt):
    layer = linear(tt, np.ones((2, 2)))
    layer.bias = tt.Tensor([1, 2], requires_grad=True)
    x = tt.Tensor([[3, 4]])
    layer(x)
    assert_close(layer(x).data, [[8, 9]])
    assert_close(x.data, [[3, 4]])
    assert_close(layer.bias.data, [1, 2])


# dropout


@exercise("dropout", hint=EXPECTATION)
def test_mean_and_share_for_several_p(tt):
    for p in [0.1, 0.5, 0.8]:
        out = tt.Dropout(p, rng=seeded(tt, 17))(tt.Tensor(np.ones((300, 400), dtype=np.float32))).data
        assert_close(np.array((out == 0).mean()), p, rtol=0, atol=0.01)
        assert_close(np.unique(out), [0, 1 / (1 - p)])


@exercise("dropout", hint="The default probability is one half.")
def test_p_is_one_half_by_default(tt):
    layer = tt.Dropout()
    assert_equal((layer.p, repr(layer)), (0.5, "Dropout(p=0.5)"))
    out = tt.Dropout(rng=seeded(tt, 1))(tt.Tensor(np.ones(2000, dtype=np.float32))).data
    assert_close(np.array((out == 0).mean()), 0.5, atol=0.05)


@exercise("dropout", hint=OWN_COIN)
def test_columns_have_masks_of_their_own(tt):
    out = tt.Dropout(0.5, rng=seeded(tt, 3))(tt.Tensor(np.ones((1000, 2, 1), dtype=np.float32))).data
    expect(not np.array_equal(out[:, 0], out[:, 1]), "columns with different masks", "the same mask twice")


@exercise("dropout", hint=NOT_DRAWN)
def test_evaluation_and_p_zero_draw_nothing(tt):
    x = tt.Tensor(np.ones(200, dtype=np.float32))
    expected = tt.Dropout(0.5, rng=seeded(tt, 6))(x).data
    layer = tt.Dropout(0.5, rng=seeded(tt, 6))
    layer(x, training=False)
    layer.p = 0
    layer(x)
    layer.p = 0.5
    assert_close(layer(x).data, expected, atol=0)


@exercise("dropout", hint="The generator stays at hand as rng, and without one it is that of the module.")
def test_the_generator_is_kept(tt):
    generator = seeded(tt, 6)
    expect(tt.same(tt.Dropout(0.5, generator).rng, generator), "the generator itself", "another one")
    expect(tt.same(tt.Dropout(0.2).rng, tt.core.layers._RNG), "the generator of the module", "another one")


@exercise("dropout", hint="float64 stays float64, with all its digits.")
def test_dropout_keeps_float64(tt):
    x = tt.Tensor(np.ones(50), dtype="float64")
    out = tt.Dropout(0.3, rng=seeded(tt, 2))(x).data
    assert_close(np.unique(out), [0, 1.4285714285714286], rtol=1e-12, atol=0, dtype=np.float64)


@exercise("dropout", hint=EDGES)
def test_p_hardly_outside_is_an_error(tt):
    for p in [1.0001, -1e-09, np.nan]:
        with raises(ValueError, mentions=[str(p)]):
            tt.Dropout(float(p))


@exercise("dropout", hint=EDGES)
def test_integers_zero_and_one_are_probabilities(tt):
    x = tt.Tensor(np.full(300, 7, dtype=np.float32))
    assert_close(tt.Dropout(1, rng=seeded(tt, 1))(x).data, np.zeros(300), atol=0, dtype=np.float32)
    assert_close(tt.Dropout(0)(x).data, np.full(300, 7), atol=0)


@exercise("dropout", hint=FLAG)
def test_training_false_as_second_argument(tt):
    x = tt.Tensor(np.ones(300, dtype=np.float32))
    layer = tt.Dropout(0.5)
    assert_close(layer.forward(x, False).data, np.ones(300), atol=0)
    layer.training = False
    assert_close(np.unique(layer.forward(x, True).data), [0, 2])
    assert_close(layer.forward(x, None).data, np.ones(300), atol=0)


@exercise("dropout", hint=RECORDED)
def test_dropout_is_recorded_as_a_product(tt):
    record(tt)
    x = tt.Tensor(np.ones(20, dtype=np.float32), requires_grad=True)
    out = tt.Dropout(0.5)(x)
    assert_equal((out.requires_grad, type_name(out.grad_fn)), (True, "Mul"))


@exercise("dropout", hint="The input is a Tensor of floats.")
def test_dropout_of_integers_is_an_error(tt):
    assert_close(tt.Dropout(0.0)(tt.Tensor(4.0)).data, np.float32(4))
    with raises(TypeError, mentions=["Dropout: ", "int32"]):
        tt.Dropout()(tt.Tensor([1], dtype="int32"))


@exercise("dropout", hint="Any shape will do, also none.")
def test_dropout_of_a_single_number(tt):
    out = tt.Dropout(1.0)(tt.Tensor(4.0))
    assert_close(out.data, np.float32(0), dtype=np.float32)


# sequential


@exercise("sequential", hint=IN_A_ROW)
def test_an_empty_sequential_returns_its_input(tt):
    model = tt.Sequential()
    assert_equal((len(model), model.layers), (0, []))
    assert_close(model(tt.Tensor([1, -2])).data, [1, -2])


@exercise("sequential", hint=IN_A_ROW)
def test_a_sequential_in_a_sequential(tt):
    inner = tt.Sequential((tt.ReLU(), tt.Tanh()))
    model = tt.Sequential(inner, tt.Sigmoid())
    assert_equal((len(inner), len(model)), (2, 2))
    assert_close(model(tt.Tensor([-1, 0.5])).data, [0.5, 0.6135122], rtol=1e-4)
    assert_equal(repr(model), "Sequential(Sequential(ReLU(), Tanh()), Sigmoid())")


@exercise("sequential", hint=MUTABLE)
def test_the_list_that_was_given_does_not_grow(tt):
    source = tt.keep([tt.Tanh(), tt.ReLU()])
    model = tt.Sequential(source)
    source[0] = tt.GELU()
    model.append(tt.Sigmoid())
    assert_equal([type_name(layer) for layer in model.layers], ["Tanh", "ReLU", "Sigmoid"])
    assert_equal(len(source), 2)


@exercise("sequential", hint=MUTABLE)
def test_appends_can_be_chained(tt):
    model = tt.Sequential().append(tt.Tanh()).append(tt.ReLU())
    assert_equal([type_name(layer) for layer in model.layers], ["Tanh", "ReLU"])
    assert_equal((type_name(model[-1]), type_name(model[-2])), ("ReLU", "Tanh"))


@exercise("sequential", hint="An index that does not exist is an IndexError with the number of layers.")
def test_an_index_that_does_not_exist(tt):
    for place in [2, -3]:
        model = tt.Sequential(tt.Tanh(), tt.ReLU())
        with raises(IndexError, mentions=[str(place), "it has 2"]):
            model[place]


@exercise("sequential", hint="The layers of a Sequential are named by their place.")
def test_the_members_are_the_layers_and_what_else_there_is(tt):
    model = tt.Sequential(tt.Tanh(), tt.ReLU())
    model.scale = 3
    assert_equal([name for name, _ in model.members()], ["0", "1", "scale"])


@exercise("sequential", hint=WHICH_LAYER)
def test_an_error_keeps_its_class(tt):
    x = tt.Tensor(np.zeros((2, 3), dtype=np.float32))
    model = tt.Sequential(tt.Tanh(), tt.ReLU(), tt.Flatten(4))
    with raises(IndexError, mentions=["layer 2", "Flatten", "(2, 3)"]):
        model(x)
    with raises(TypeError, mentions=["layer 0", "Tanh", "list"]):
        model([1.0])


@exercise("sequential", hint=WHICH_LAYER)
def test_an_error_inside_two_levels_names_both(tt):
    x = tt.Tensor(np.zeros(3, dtype=np.float32))
    model = tt.Sequential(tt.ReLU(), tt.Sequential(tt.ReLU(), tt.ReLU(), tt.Flatten()))
    with raises(IndexError, mentions=["layer 1", "Sequential", "layer 2", "Flatten", "(3,)"]):
        model(x)


@exercise("sequential", hint=CALLABLE)
def test_what_is_no_layer_is_refused(tt):
    with raises(TypeError, mentions=["layer 1", "ReLU"]):
        tt.Sequential(tt.Tanh(), tt.ReLU)
    with raises(TypeError, mentions=["layer 0", "str"]):
        tt.Sequential(["tanh"])
    model = tt.Sequential(tt.Tanh())
    with raises(TypeError, mentions=["layer 1", "int"]):
        model.append(5)


@exercise("sequential", hint="Whatever can be called with a tensor may stand in the row.")
def test_a_function_can_be_a_layer(tt):
    assert_close(tt.Sequential(tt.relu, tt.Tanh())(tt.Tensor([-1, 0])).data, [0, 0])


@exercise("sequential", hint=KEEP_BATCH)
def test_flatten_from_each_axis(tt, rng):
    for start, shape in [
        (1, (3, 8)),
        (2, (3, 2, 4)),
        (3, (3, 2, 2, 2)),
        (-1, (3, 2, 2, 2)),
        (-3, (3, 8)),
        (-4, (24,)),
    ]:
        x = rng.normal(size=(3, 2, 2, 2)).astype(np.float32)
        assert_close(tt.Flatten(start)(tt.Tensor(x)).data, x.reshape(shape))


@exercise("sequential", hint="Flatten reshapes a Tensor of any dtype, and refuses what is no Tensor.")
def test_flatten_by_default_and_of_other_things(tt):
    layer = tt.Flatten()
    assert_equal((layer.start_dim, repr(layer)), (1, "Flatten(start_dim=1)"))
    assert_close(layer(tt.Tensor([[[1], [2]]], dtype="int8")).data, [[1, 2]], dtype=np.int8)
    with raises(TypeError, mentions=["ndarray", "Flatten"]):
        layer(np.zeros((2, 2)))


@exercise("sequential", hint="Flatten has to be recorded: reshape the Tensor, not its array.")
def test_flatten_is_recorded(tt):
    record(tt)
    out = tt.Flatten()(tt.Tensor(np.ones((2, 2, 2), dtype=np.float32), requires_grad=True))
    assert_equal(type_name(out.grad_fn), "Reshape")


# mlp


@exercise("mlp", hint=STRUCTURE)
def test_no_hidden_sizes_make_one_linear_layer(tt):
    for hidden in [[], ()]:
        tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
        model = tt.create_mlp(5, hidden, 2)
        assert_equal([type_name(layer) for layer in model.layers], ["Linear"])
        assert_equal((model[0].in_features, model[0].out_features), (5, 2))


@exercise("mlp", hint=CHAIN)
def test_four_hidden_sizes_in_a_tuple(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    layers = tt.create_mlp(3, (9, 8, 7, 6), 2, tt.GELU).layers
    linears, bends = list(layers)[::2], list(layers)[1::2]
    assert_equal([layer.in_features for layer in linears], [3, 9, 8, 7, 6])
    assert_equal([layer.out_features for layer in linears], [9, 8, 7, 6, 2])
    assert_equal([type_name(layer) for layer in bends], ["GELU"] * 4)


@exercise("mlp", hint="The parameters are (in + 1) x out for each Linear layer.")
def test_the_number_of_parameters_follows_the_formula(tt):
    layers = list(tt.create_mlp(20, [30, 40], 5).layers)[::2]
    counts = [layer.weight.size + layer.bias.size for layer in layers]
    assert_equal(counts, [630, 1240, 205])


@exercise("mlp", hint="All Linear layers draw from the one generator that was passed, one after the other.")
def test_one_generator_serves_all_layers(tt):
    first, second = (list(tt.create_mlp(4, [4, 4], 4, rng=seeded(tt, 3)).layers)[::2] for _ in range(2))
    weights = [layer.weight.data for layer in first]
    assert_close(np.array([layer.weight.data for layer in second]), np.array(weights), atol=0)
    expect(not np.array_equal(weights[0], weights[1]), "different weights", "equal layers")
    expect(not np.array_equal(weights[1], weights[2]), "different weights", "equal layers")


@exercise("mlp", hint=STRUCTURE)
def test_output_activation_without_hidden_layers(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    model = tt.create_mlp(5, [], 2, output_activation=tt.Sigmoid)
    assert_equal([type_name(layer) for layer in model.layers], ["Linear", "Sigmoid"])
    assert_equal(type_name(model), "Sequential")


@exercise("mlp", hint="hidden_sizes is a list or a tuple: TypeError that names the type of anything else.")
def test_a_dictionary_of_sizes_is_an_error(tt):
    tt.patch("tinytorch.core.layers.initial_weight", returns=np.ones((1, 1), dtype=np.float32))
    with raises(TypeError, mentions=["dict"]):
        tt.create_mlp(4, {8: 1}, 2)
