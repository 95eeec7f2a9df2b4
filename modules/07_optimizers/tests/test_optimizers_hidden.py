"""Hidden tests of module 07: the same behaviours at other shapes, dtypes and values."""

import json
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, raises

ITERABLE = "Any iterable of Tensors will do, and the Tensors themselves are kept, in their order."
ARGUMENTS = "Go through the table of part 2 line by line: type of error, and what the message names."
IDENTITY = "The same Tensor twice is a mistake; two Tensors with equal numbers are two parameters."
RATE = "nan compares False with everything: ask what lr must be, not what it must not be."
CONTRACT = "Read the contract of zero_grad again: None by default, else the same array full of 0, and None stays None."
DOWNHILL = "The gradient points uphill; the parameter goes the other way, lr times as far."
SKIP = "None is not 0: a parameter without a gradient is skipped, and nothing that is remembered about it changes."
READ_ONLY = "Copy before adding: += writes into the gradient, also through another name for it."
DECAY = "Weight decay adds weight_decay times the weight to the gradient, before lr and momentum."
DIRECTION = "With momentum, go where direction(index, gradient) points; without, do not ask it."
ONCE = "One step, one increment: count the calls of step(), not the parameters."
DTYPE = (
    "The parameter's dtype decides: float32 weights and state stay float32 also when a gradient is float64."
)
SCHEDULE = "step reads self.lr anew each time: a schedule changes it between steps."
VELOCITY = "v becomes momentum times v, plus the gradient: compare with the table of part 4."
NESTEROV = "Nesterov adds momentum times the new velocity to the gradient."
OWN_ARRAY = "zeros_like per parameter: a list of one array n times is one array with n names."
NOT_THE_GRADIENT = "The velocity is an array of its own: a second name for the gradient changes with it."
ADAM = "Compare m and v with the table of part 5 step by step; v averages the squares."
OUTSIDE = "eps stands outside the root: gradients far below 1e-4 still count."
DECOUPLED = (
    "Decoupled: the decay shrinks the weight itself by lr * weight_decay and never enters the moments."
)
ORDER = "Both parts use the weight from before the step: decay, then move."
LAYOUT = "Compare with the dictionary in part 7, key by key; what is not in it is lost."
JSON = "JSON knows Python numbers, booleans and lists: no tuples, no numpy scalars."
COPIES = "Saved arrays and loaded arrays are copies: whatever happens to one must not change the other."
REMEMBER = "What does the optimizer remember? Hyperparameters, step count, and every array of the state."
FITS = "Check everything before you change anything: keys, names, counts, shapes."
BYTES = "Bytes of all arrays in state; None has none."


def parameter(tt: Any, values: Any, grad: Any = None) -> Any:
    """A Tensor of float32 that requires a gradient and may have one."""
    tensor = tt.Tensor(np.array(values, dtype=np.float32), requires_grad=True)
    tensor.grad = grad if grad is None else np.array(grad, dtype=np.float32)
    return tensor


def make(tt: Any, kind: str, params: Any, **settings: Any) -> Any:
    """An optimizer that takes its arguments on trust."""
    tt.patch("tinytorch.core.optimizers._check_arguments")
    return getattr(tt, kind)(params, **settings)


def answer(tt: Any, value: Any) -> Any:
    """Something to call that always returns `value`."""
    tt.patch("tinytorch.core.tensor.stack", returns=value)
    return tt.core.tensor.stack


def adam_reference(w, gradients, lr, betas=(0.9, 0.999), eps=1e-8, decay=0.0):
    """Adam without running averages: each step sums over all gradients so far."""
    w, seen = np.array(w, dtype=np.float64), []
    for gradient in gradients:
        seen.append(np.asarray(gradient, dtype=np.float64) + decay * w)
        ages = np.arange(len(seen))[::-1]
        first, second = (beta**ages / np.sum(beta**ages) for beta in betas)
        mean = np.tensordot(first, np.array(seen), axes=1)
        square = np.tensordot(second, np.square(seen), axes=1)
        w = w - lr * mean / (np.sqrt(square) + eps)
    return w


def saved_adam(**changes: Any) -> dict[str, Any]:
    """A saved Adam that fits `adam_of_two`, with some parts exchanged."""
    saved = {
        "hyperparameters": {"lr": 0.25, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.5},
        "steps": 7,
        "shapes": [[2, 3], [3]],
        "state": {"m": [np.ones((2, 3), np.float32), None], "v": [np.full((2, 3), 2, np.float32), None]},
    }
    return saved | changes


def adam_of_two(tt: Any) -> Any:
    """An Adam that has a matrix and a vector to train."""
    return make(tt, "Adam", [parameter(tt, np.zeros((2, 3))), parameter(tt, np.zeros(3))], lr=0.5)


# base


@exercise("base", hint=ITERABLE)
def test_a_list_of_the_optimizer_is_its_own(tt):
    params = tt.keep([parameter(tt, [1, 2])])
    optimizer = tt.Optimizer(params, lr=0.5)
    params.append(parameter(tt, [3]))
    assert_equal([param.shape for param in optimizer.params], [(2,)])
    assert_equal([optimizer.lr, optimizer.steps, optimizer.state], [0.5, 0, {}])


@exercise("base", hint=ITERABLE)
def test_one_tensor_is_not_a_list_of_tensors(tt):
    param = parameter(tt, [[1, 2], [3, 4]])
    assert_equal(len(tt.Optimizer([param], lr=0.1).params), 1)
    with raises(TypeError, mentions=["[tensor]"]):
        tt.Optimizer(param, lr=0.1)


@exercise("base", hint=ARGUMENTS)
def test_an_empty_iterable_is_an_error(tt):
    assert_close(tt.SGD([parameter(tt, [1, 2])], lr=0.1).params[0].data, [1, 2])
    with raises(ValueError):
        tt.SGD(tt.keep({}).values(), lr=0.1)


@exercise("base", hint=ARGUMENTS)
@pytest.mark.parametrize(("other", "name"), [("weight", "str"), (None, "NoneType"), ([1.0], "list")])
def test_only_tensors_are_parameters(tt, other, name):
    with raises(TypeError, mentions=["parameter 2", name]):
        tt.SGD([parameter(tt, [1]), parameter(tt, [2]), other], lr=0.1)


@exercise("base", hint=ARGUMENTS)
def test_the_first_parameter_has_to_require_a_gradient_too(tt):
    with raises(ValueError, mentions=["parameter 0"]):
        tt.Adam([tt.Tensor(np.ones((2, 2))), parameter(tt, [1])])


@exercise("base", hint=IDENTITY)
def test_neighbours_that_are_the_same_are_an_error(tt):
    shared = parameter(tt, [1, 2])
    with raises(ValueError, mentions=["1 and 2"]):
        tt.AdamW([parameter(tt, [1, 2]), shared, shared])


@exercise("base", hint=RATE)
@pytest.mark.parametrize("lr", [0.0, -1e-9], ids=["zero", "tiny"])
def test_no_optimizer_takes_such_a_rate(tt, lr):
    with raises(ValueError, mentions=[str(lr)]):
        tt.SGD([parameter(tt, [1])], lr=lr)


@exercise("base", hint=RATE)
@pytest.mark.parametrize("lr", [1e-30, 1], ids=["tiny", "one"])
def test_any_positive_rate_is_allowed(tt, lr):
    assert_equal(tt.SGD([parameter(tt, [1])], lr=lr).lr, lr)


@exercise("base", hint="The base class has no step of its own; it says whose step is missing.")
def test_the_base_has_no_step(tt):
    optimizer = tt.Optimizer([parameter(tt, [1], grad=[1])], lr=0.1)
    with raises(NotImplementedError, mentions=["Optimizer"]):
        optimizer.step()


@exercise("base", hint=CONTRACT)
def test_zero_grad_of_many(tt):
    params = [parameter(tt, np.ones((2, k)), grad=np.full((2, k), 3)) for k in (1, 2, 3)]
    optimizer = make(tt, "Adam", params)
    optimizer.zero_grad(set_to_none=False)
    for param in params:
        assert_close(param.grad, np.zeros(param.shape), dtype=np.float32)
    optimizer.zero_grad()
    assert_equal([param.grad for param in params], [None, None, None])


# sgd


@exercise("sgd", hint=DOWNHILL)
def test_one_step_by_hand_in_float64(tt, rng):
    start, gradient = rng.normal(size=(3, 2, 2)), rng.normal(size=(3, 2, 2))
    param = tt.Tensor(start, requires_grad=True, dtype="float64")
    param.grad = gradient
    tt.gradient_descent_step(param, 0.125)
    assert_close(param.data, start - 0.125 * gradient, rtol=1e-12, atol=1e-12, dtype=np.float64)
    assert_close(param.grad, gradient, rtol=0, atol=0)


@exercise("sgd", hint=DECAY)
def test_decay_of_several_parameters(tt, rng):
    starts, gradients = rng.normal(size=(2, 3, 2)), rng.normal(size=(4, 2, 3, 2))
    params = [parameter(tt, start) for start in starts]
    optimizer = make(tt, "SGD", params, lr=0.2, weight_decay=0.25)
    for pair in gradients:
        params[0].grad, params[1].grad = pair.astype(np.float32)
        optimizer.step()
    expected = starts * 0.95**4 - 0.2 * sum(g * 0.95 ** (3 - k) for k, g in enumerate(gradients))
    assert_close(np.array([param.data for param in params]), expected, atol=1e-5, dtype=np.float32)


@exercise("sgd", hint=SKIP)
def test_a_gradient_of_zero_still_decays(tt):
    param = parameter(tt, [4, -8], grad=[0, 0])
    make(tt, "SGD", [param], lr=0.5, weight_decay=0.5).step()
    assert_close(param.data, [3, -6])


@exercise("sgd", hint=READ_ONLY)
def test_sgd_does_not_scale_the_direction_in_place(tt):
    param, direction = parameter(tt, [1], grad=[7]), tt.keep(np.array([2], dtype=np.float32))
    optimizer = make(tt, "SGD", [param], lr=0.25, momentum=0.5, weight_decay=1.0)
    optimizer.direction = answer(tt, direction)
    optimizer.step()
    optimizer.step()
    assert_close(param.data, [0])
    assert_close(direction.copy(), [2])
    assert_close(param.grad, [7])


@exercise("sgd", hint=DIRECTION)
def test_every_default_of_sgd(tt):
    param = parameter(tt, [1], grad=[1])
    optimizer = make(tt, "SGD", [param])
    optimizer.step()
    assert_close(param.data, [0.99], rtol=1e-6)
    assert_equal([optimizer.momentum, optimizer.weight_decay, optimizer.nesterov], [0.0, 0.0, False])


@exercise("sgd", hint=DTYPE)
def test_sgd_of_a_single_number(tt):
    param = parameter(tt, 3, grad=2)
    make(tt, "SGD", [param], lr=0.5).step()
    assert_close(param.data, 2, dtype=np.float32)


@exercise("sgd", hint=SCHEDULE)
def test_stairs_of_one_epoch_and_their_mistakes(tt):
    param = parameter(tt, [0], grad=[1])
    optimizer = make(tt, "SGD", [param], lr=1.0)
    schedule = tt.StepLR(optimizer, 1)
    for _ in range(3):
        optimizer.step()
        schedule.step()
    assert_close(param.data, [-1.11])
    with raises(ValueError, mentions=["0"]):
        tt.StepLR(optimizer, 0)


@exercise("sgd", hint=DECAY)
def test_a_negative_decay_is_an_error(tt):
    param = parameter(tt, [1], grad=[1])
    make(tt, "SGD", [param], lr=0.5, weight_decay=0).step()
    assert_close(param.data, [0.5])
    with raises(ValueError, mentions=["weight_decay must be", "-0.1"]):
        make(tt, "SGD", [param], weight_decay=-0.1)
    with raises(ValueError, mentions=["weight_decay must be", "inf"]):
        make(tt, "SGD", [param], weight_decay=float("inf"))


# momentum


@exercise("momentum", hint=VELOCITY)
@pytest.mark.parametrize("momentum", [0.25, 0.99])
def test_the_velocity_is_a_weighted_sum_of_gradients(tt, rng, momentum):
    gradients = rng.normal(size=(6, 2, 3)).astype(np.float32)
    optimizer = make(tt, "SGD", [parameter(tt, np.zeros((2, 3)))], momentum=momentum)
    path = [optimizer.direction(0, gradient) for gradient in gradients]
    weights = momentum ** np.arange(6)[::-1]
    assert_close(path[-1], np.tensordot(weights, gradients, axes=1), atol=1e-5, dtype=np.float32)


@exercise("momentum", hint=NESTEROV)
def test_nesterov_stores_the_plain_velocity(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0, 0])], momentum=0.5, nesterov=True)
    first = optimizer.direction(0, np.array([2, -4], dtype=np.float32))
    second = optimizer.direction(0, np.array([1, 1], dtype=np.float32))
    assert_close(first, [3, -6])
    assert_close(second, [2, 0.5])
    assert_close(optimizer.state["velocity"][0], [2, -1])


@exercise("momentum", hint=OWN_ARRAY)
def test_velocities_of_other_shapes_and_orders(tt):
    optimizer = make(
        tt, "SGD", [parameter(tt, np.zeros(shape)) for shape in ((2,), (2, 1), (2,))], momentum=0.5
    )
    for index, shape in ((2, (2,)), (0, (2,)), (1, (2, 1)), (2, (2,))):
        optimizer.direction(index, np.full(shape, index + 1, dtype=np.float32))
    first, second, third = optimizer.state["velocity"]
    assert_close(first, [1, 1])
    assert_close(second, [[2], [2]])
    assert_close(third, [4.5, 4.5])


@exercise("momentum", hint=NOT_THE_GRADIENT)
def test_nesterov_only_reads_the_gradient(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5, nesterov=True)
    gradient = tt.keep(np.array([2], dtype=np.float32))
    assert_close(optimizer.direction(0, gradient), [3])
    assert_close(optimizer.direction(0, gradient), [3.5])
    assert_close(gradient.copy(), [2])


@exercise("momentum", hint=DTYPE)
def test_a_float64_parameter_has_a_float64_velocity(tt):
    param = tt.Tensor(np.zeros(1), requires_grad=True, dtype="float64")
    optimizer = make(tt, "SGD", [param], momentum=0.1)
    optimizer.direction(0, np.array([1 / 3]))
    optimizer.direction(0, np.array([1.0]))
    assert_close(optimizer.state["velocity"][0], [1 + 1 / 30], rtol=1e-12, atol=0, dtype=np.float64)


@exercise("momentum", hint=SKIP)
def test_a_gradient_of_zero_rolls_on_and_none_does_not(tt):
    param = parameter(tt, [0], grad=[4])
    optimizer = make(tt, "SGD", [param], lr=1, momentum=0.5)
    optimizer.step()
    param.grad = None
    optimizer.step()
    assert_close(optimizer.state["velocity"][0], [4])
    param.grad = np.zeros(1, dtype=np.float32)
    optimizer.step()
    assert_close(optimizer.state["velocity"][0], [2])


@exercise("momentum", hint=VELOCITY)
def test_the_range_of_momentum(tt):
    params = [parameter(tt, [0])]
    assert_close(make(tt, "SGD", params, momentum=0.5).direction(0, np.ones(1, np.float32)), [1])
    with raises(ValueError, mentions=["momentum must be", "1"]):
        make(tt, "SGD", params, momentum=1)
    with raises(ValueError, mentions=["momentum must be", "-0.5"]):
        make(tt, "SGD", params, momentum=-0.5)
    with raises(ValueError, mentions=["nesterov"]):
        make(tt, "SGD", params, nesterov=True)


@exercise("momentum", hint=VELOCITY)
def test_without_momentum_there_is_no_momentum_state(tt):
    with_momentum = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5)
    with_momentum.direction(0, np.ones(1, np.float32))
    assert_close(with_momentum.get_momentum_state()[0], [1])
    without = make(tt, "SGD", [parameter(tt, [0])])
    assert_equal([without.has_momentum(), without.get_momentum_state()], [False, None])


# adam


@exercise("adam", hint=ADAM, weight=2)
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.75), (0.0, 0.9)], ids=["usual", "short", "no-m"])
def test_eight_steps_agree_with_sums_over_all_gradients(tt, rng, betas):
    start, gradients = rng.normal(size=(2, 3)), rng.normal(size=(8, 2, 3)).astype(np.float32)
    param = parameter(tt, start)
    optimizer = make(tt, "Adam", [param], lr=0.05, betas=betas)
    for gradient in gradients:
        param.grad = gradient
        optimizer.step()
    assert_close(param.data, adam_reference(start, gradients, 0.05, betas), atol=1e-5, dtype=np.float32)


@exercise("adam", hint=ADAM)
def test_adam_in_float64(tt, rng):
    start, gradients = rng.normal(size=4), rng.normal(size=(5, 4))
    param = tt.Tensor(start, requires_grad=True, dtype="float64")
    optimizer = make(tt, "Adam", [param], lr=0.1, eps=0.5, weight_decay=0.25)
    for gradient in gradients:
        param.grad = gradient
        optimizer.step()
    expected = adam_reference(start, gradients, 0.1, eps=0.5, decay=0.25)
    assert_close(param.data, expected, rtol=1e-9, atol=1e-12, dtype=np.float64)


@exercise("adam", hint=OUTSIDE)
def test_a_large_eps_shortens_the_step(tt):
    param = parameter(tt, [0, 0], grad=[1, -3])
    make(tt, "Adam", [param], lr=1, eps=1).step()
    assert_close(param.data, [-0.5, 0.75], rtol=1e-5)


@exercise("adam", hint="eps keeps 0 / 0 from happening: a gradient of 0 is a step of 0.")
def test_a_gradient_of_zero_is_a_step_of_zero(tt):
    param = parameter(tt, [1, 2], grad=[0, 3])
    make(tt, "Adam", [param], lr=0.5).step()
    assert_close(param.data, [1, 1.5])


@exercise("adam", hint=ONCE)
def test_three_parameters_count_as_one_step(tt):
    params = [parameter(tt, [0]) for _ in range(3)]
    optimizer = make(tt, "Adam", params, lr=0.1)
    for gradient in (1, -2):
        for param in params:
            param.grad = np.array([gradient], dtype=np.float32)
        optimizer.step()
    expected = adam_reference([0], [[1], [-2]], 0.1)
    assert_close(np.array([param.data for param in params]), [expected] * 3, atol=1e-5)


@exercise("adam", hint=ONCE)
def test_a_step_without_gradients_counts_too(tt):
    param = parameter(tt, [0])
    optimizer = make(tt, "Adam", [param], lr=1)
    optimizer.step()
    param.grad = np.ones(1, dtype=np.float32)
    optimizer.step()
    assert_equal(optimizer.steps, 2)
    assert_close(param.data, [-(0.1 / 0.19) / np.sqrt(0.001 / 0.001999)], rtol=1e-3)


@exercise("adam", hint=SKIP)
def test_a_skipped_parameter_keeps_its_moments(tt):
    param, other = parameter(tt, [0], grad=[2]), parameter(tt, [0], grad=[1])
    optimizer = make(tt, "Adam", [param, other], lr=0.1, betas=(0.5, 0.5), weight_decay=0.1)
    optimizer.step()
    m, v, data = optimizer.state["m"][0], optimizer.state["v"][0], param.data
    param.grad = None
    optimizer.step()
    assert_close(optimizer.state["m"][0], m, rtol=0, atol=0)
    assert_close(optimizer.state["v"][0], v, rtol=0, atol=0)
    assert_close(param.data, data, rtol=0, atol=0)


@exercise("adam", hint=ADAM)
def test_every_default_of_adam(tt):
    param = parameter(tt, [0], grad=[5])
    optimizer = make(tt, "Adam", [param])
    assert_equal(optimizer.state, {"m": [None], "v": [None]})
    optimizer.step()
    assert_close(param.data, [-0.001], rtol=1e-5, atol=0)
    assert_equal([optimizer.betas, optimizer.eps, optimizer.weight_decay], [(0.9, 0.999), 1e-8, 0.0])


@exercise("adam", hint="Each beta is at least 0 and below 1; eps and weight_decay are at least 0.")
def test_the_ranges_of_adam(tt):
    param = parameter(tt, [0], grad=[5])
    make(tt, "Adam", [param], lr=0.5, betas=(0, 0), eps=0).step()
    assert_close(param.data, [-0.5])
    for settings, name, value in [
        ({"betas": (1, 0.999)}, "beta1", "1"),
        ({"betas": (-0.25, 0.9)}, "beta1", "-0.25"),
        ({"betas": (0.9, 1.0)}, "beta2", "1.0"),
        ({"betas": (0.9, -0.25)}, "beta2", "-0.25"),
        ({"eps": -1}, "eps", "-1"),
        ({"weight_decay": -2}, "weight_decay", "-2"),
    ]:
        with raises(ValueError, mentions=[f"{name} must be", value]):
            make(tt, "Adam", [param], **settings)


# adamw


@exercise("adamw", hint=ORDER)
def test_five_steps_of_decay_and_direction(tt, rng):
    start, direction = rng.normal(size=(2, 2)), rng.normal(size=(2, 2)).astype(np.float32)
    param = parameter(tt, start, grad=np.ones((2, 2)))
    optimizer = make(tt, "AdamW", [param], lr=0.25, weight_decay=0.5)
    optimizer.direction = answer(tt, direction)
    for _ in range(5):
        optimizer.step()
    rest = -2 * direction
    assert_close(param.data, (start - rest) * 0.875**5 + rest, atol=1e-5, dtype=np.float32)


@exercise("adamw", hint=DECOUPLED)
def test_without_decay_adamw_moves_by_the_direction_alone(tt):
    param = parameter(tt, [5, 6], grad=[1, 1])
    optimizer = make(tt, "AdamW", [param], lr=0.5, weight_decay=0)
    optimizer.direction = answer(tt, np.array([1, -1], dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [4.5, 6.5])


@exercise("adamw", hint=DECOUPLED)
def test_the_decay_does_not_depend_on_the_gradient(tt):
    for size in (0.001, 1000):
        decaying, free = parameter(tt, [8], grad=[size]), parameter(tt, [8], grad=[size])
        make(tt, "AdamW", [decaying], lr=0.25, weight_decay=0.5).step()
        make(tt, "AdamW", [free], lr=0.25, weight_decay=0).step()
        assert_close(free.data - decaying.data, [1.0], rtol=1e-5)


@exercise("adamw", hint=SKIP)
def test_adamw_asks_for_no_direction_where_there_is_no_gradient(tt):
    idle, param = parameter(tt, [3, 4]), parameter(tt, [1], grad=[1])
    optimizer = make(tt, "AdamW", [idle, param], lr=0.5, weight_decay=0.5)
    optimizer.step()
    assert_equal([optimizer.state["m"][0], optimizer.state["v"][0]], [None, None])
    assert_close(idle.data, [3, 4])
    assert_equal(optimizer.state["m"][1].shape, (1,))


@exercise("adamw", hint="The settings of AdamW are those of Adam, but for the default of weight_decay.")
def test_every_default_of_adamw(tt):
    param = parameter(tt, [1], grad=[1])
    optimizer = make(tt, "AdamW", [param])
    optimizer.direction = answer(tt, np.full(1, 100, dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [0.89999], rtol=1e-6)
    settings = [optimizer.lr, optimizer.betas, optimizer.eps, optimizer.weight_decay]
    assert_equal(settings, [0.001, (0.9, 0.999), 1e-8, 0.01])
    other = make(tt, "AdamW", [param], lr=0.5, betas=(0.5, 0.25), eps=0.125, weight_decay=2.0)
    assert_equal([other.lr, other.betas, other.eps, other.weight_decay], [0.5, (0.5, 0.25), 0.125, 2.0])


@exercise("adamw", hint=DTYPE)
def test_adamw_keeps_float32(tt):
    param = parameter(tt, [2])
    param.grad = np.array([3.0])
    optimizer = make(tt, "AdamW", [param], lr=0.5, weight_decay=0.5)
    optimizer.direction = answer(tt, np.ones(1))
    optimizer.step()
    assert_close(param.data, [1.0], dtype=np.float32)


# state


@exercise("state", hint=LAYOUT)
def test_the_saved_state_of_sgd(tt):
    optimizer = make(tt, "SGD", [parameter(tt, 0)], lr=0.5, momentum=0.25, weight_decay=2, nesterov=True)
    assert_equal(
        optimizer.state_dict(),
        {
            "hyperparameters": {"lr": 0.5, "momentum": 0.25, "weight_decay": 2, "nesterov": True},
            "steps": 0,
            "shapes": [[]],
            "state": {"velocity": [None]},
        },
    )


@exercise("state", hint=LAYOUT)
def test_the_base_saves_its_learning_rate(tt):
    optimizer = make(tt, "Optimizer", [parameter(tt, [1])], lr=0.5)
    expected = {"hyperparameters": {"lr": 0.5}, "steps": 0, "shapes": [[1]], "state": {}}
    assert_equal(optimizer.state_dict(), expected)


@exercise("state", hint=JSON)
def test_a_saved_state_goes_through_json_and_back(tt):
    optimizer = adam_of_two(tt)
    optimizer.steps = 3
    other = make(tt, "AdamW", [parameter(tt, np.zeros((2, 3))), parameter(tt, np.zeros(3))])
    other.load_state_dict(json.loads(json.dumps(optimizer.state_dict())))
    assert_equal([other.lr, other.steps, other.weight_decay], [0.5, 3, 0.0])
    assert_equal(other.betas, (0.9, 0.999))


@exercise("state", hint=DTYPE)
def test_loaded_arrays_have_the_dtype_of_the_parameter(tt):
    optimizer = adam_of_two(tt)
    state = {name: [np.ones((2, 3)), np.arange(3.0)] for name in ("m", "v")}
    optimizer.load_state_dict(saved_adam(state=state))
    assert_close(optimizer.state["m"][1], [0, 1, 2], dtype=np.float32)
    assert_close(optimizer.state["v"][0], np.ones((2, 3)), dtype=np.float32)


@exercise("state", hint=COPIES)
def test_loading_changes_the_saved_state_as_little_as_the_optimizer(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5)
    saved = tt.keep(np.ones(1, dtype=np.float32))
    state = optimizer.state_dict() | {"state": {"velocity": [saved]}}
    optimizer.load_state_dict(state)
    saved[0] = 5
    assert_close(optimizer.get_momentum_state()[0], [1])


@exercise("state", hint=FITS)
def test_a_missing_part_is_an_error(tt):
    optimizer, saved = adam_of_two(tt), saved_adam()
    for key in saved:
        with raises(ValueError, mentions=[key]):
            optimizer.load_state_dict({name: value for name, value in saved.items() if name != key})
    assert_equal([optimizer.lr, optimizer.steps], [0.5, 0])


@exercise("state", hint=FITS)
def test_the_names_have_to_be_those_of_the_optimizer(tt):
    optimizer, memory = adam_of_two(tt), [np.ones((2, 3)), None]
    with raises(ValueError, mentions=["velocity"]):
        optimizer.load_state_dict(saved_adam(state={"m": memory, "v": memory, "velocity": memory}))
    with raises(ValueError, mentions=["v"]):
        optimizer.load_state_dict(saved_adam(state={"m": memory}))
    with raises(ValueError, mentions=["eps"]):
        optimizer.load_state_dict(saved_adam(hyperparameters={"lr": 1, "betas": [0, 0], "weight_decay": 0}))
    assert_equal(optimizer.state, {"m": [None, None], "v": [None, None]})


@exercise("state", hint=FITS)
def test_every_array_has_to_fit_its_parameter(tt):
    optimizer, good = adam_of_two(tt), [np.ones((2, 3)), np.ones(3)]
    with raises(ValueError, mentions=["1", "(3,)", "(3, 1)"]):
        optimizer.load_state_dict(saved_adam(state={"m": good, "v": [np.ones((2, 3)), np.ones((3, 1))]}))
    with raises(ValueError, mentions=["0", "(2, 3)", "(3, 2)"]):
        optimizer.load_state_dict(saved_adam(state={"m": [np.ones((3, 2)), None], "v": good}))
    with raises(ValueError, mentions=["2", "3"]):
        optimizer.load_state_dict(saved_adam(state={"m": good, "v": [*good, None]}))
    assert_equal([optimizer.lr, optimizer.state["m"]], [0.5, [None, None]])


@exercise("state", hint=FITS)
def test_more_saved_parameters_than_there_are(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5)
    wide = make(tt, "SGD", [parameter(tt, [0]), parameter(tt, [0]), parameter(tt, [0])], momentum=0.5)
    with raises(ValueError, mentions=["1", "3"]):
        optimizer.load_state_dict(wide.state_dict())


@exercise("state", hint=BYTES)
def test_bytes_depend_on_the_dtype(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0]), parameter(tt, np.zeros((4, 5)))], momentum=0.5)
    optimizer.state = {"velocity": [np.zeros(1, np.float16), np.zeros((4, 5))]}
    assert_equal(optimizer.state_bytes(), 162)


@exercise("state", hint=REMEMBER)
def test_velocities_can_be_set(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0, 0]), parameter(tt, [0])], lr=0.5, momentum=0.5)
    optimizer.set_momentum_state([None, np.array([4.0])])
    assert_equal(optimizer.state["velocity"][0], None)
    assert_close(optimizer.state["velocity"][1], [4], dtype=np.float32)
    assert_equal([optimizer.lr, optimizer.momentum], [0.5, 0.5])
    with raises(ValueError, mentions=["(2,)", "(3,)"]):
        optimizer.set_momentum_state([np.ones(3), None])
    with raises(ValueError, mentions=["momentum"]):
        make(tt, "SGD", [parameter(tt, [0])]).set_momentum_state([None])


@exercise("state", hint=REMEMBER)
@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_what_happens_after_saving_does_not_matter(tt, rng, kind):
    settings = {
        "SGD": {"lr": 0.1, "momentum": 0.5, "nesterov": True},
        "AdamW": {"lr": 0.1, "betas": (0.5, 0.9)},
    }
    gradients = rng.normal(size=(4, 2, 2)).astype(np.float32)
    whole = parameter(tt, np.ones((2, 2)), grad=np.ones((2, 2)))
    optimizer = make(tt, kind, [whole], **settings[kind])
    optimizer.step()
    assert np.abs(np.array(whole.data, dtype=float) - 1).min() > 0.01
    saved, part = optimizer.state_dict(), parameter(tt, whole.data)
    resumed = make(tt, kind, [part])
    for gradient in gradients:
        whole.grad = gradient
        optimizer.step()
    resumed.load_state_dict(saved)
    for gradient in gradients:
        part.grad = gradient
        resumed.step()
    assert_close(part.data, whole.data, rtol=0, atol=0)
