"""Visible tests of module 07: one behaviour each, each scored for one exercise.

An optimizer reads `grad` and writes `data`, so the tests set gradients themselves and need
nothing of modules 03 to 06.
"""

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
IN_PLACE = "The numbers change in the array that was there: somebody else may hold it."
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
SAME_MEMORY = (
    "Update the array in state in place; a new array a step costs memory, and other holders go stale."
)
POSITION = "State belongs to a parameter: its position in params, also if parameters before it are skipped."
BIAS = "Moments start at zero: divide each by 1 - beta to the power of the step number, for this step only."
ADAM = "Compare m and v with the table of part 5 step by step; v averages the squares."
OUTSIDE = "eps stands outside the root: gradients far below 1e-4 still count."
L2 = "In Adam the decay is part of the gradient, so it goes through both moments."
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
    """A float32 parameter in the worker, with this gradient."""
    tensor = tt.Tensor(np.array(values, dtype=np.float32), requires_grad=True)
    tensor.grad = grad if grad is None else np.array(grad, dtype=np.float32)
    return tensor


def make(tt: Any, kind: str, params: Any, **settings: Any) -> Any:
    """An optimizer whose arguments are not checked: exercise base is tested by itself."""
    tt.patch("tinytorch.core.optimizers._check_arguments")
    return getattr(tt, kind)(params, **settings)


def answer(tt: Any, value: Any) -> Any:
    """A function in the worker that returns `value` whatever it is asked."""
    tt.patch("tinytorch.core.tensor.stack", returns=value)
    return tt.core.tensor.stack


def adam_reference(w, gradients, lr, betas=(0.9, 0.999), eps=1e-8, decay=0.0):
    """The weights after these gradients, in float64, from sums instead of running averages."""
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
    """What an Adam with parameters of shapes (2, 3) and (3,) could have saved."""
    saved = {
        "hyperparameters": {"lr": 0.25, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.5},
        "steps": 7,
        "shapes": [[2, 3], [3]],
        "state": {"m": [np.ones((2, 3), np.float32), None], "v": [np.full((2, 3), 2, np.float32), None]},
    }
    return saved | changes


def adam_of_two(tt: Any) -> Any:
    """An Adam with parameters of shapes (2, 3) and (3,)."""
    return make(tt, "Adam", [parameter(tt, np.zeros((2, 3))), parameter(tt, np.zeros(3))], lr=0.5)


# base


@exercise("base", hint=ITERABLE)
def test_parameters_may_come_from_any_iterable(tt):
    named = tt.keep({"weight": parameter(tt, [1, 2]), "bias": parameter(tt, [3])})
    optimizer = tt.Optimizer(named.values(), lr=0.1)
    assert_equal([param.shape for param in optimizer.params], [(2,), (1,)])
    assert_equal(tt.same(optimizer.params[0], named["weight"]), True)


@exercise("base", hint=ARGUMENTS)
def test_no_parameters_are_an_error(tt):
    assert_close(tt.Optimizer([parameter(tt, [1, 2])], lr=0.1).params[0].data, [1, 2])
    with raises(ValueError):
        tt.Optimizer([], lr=0.1)


@exercise("base", hint=ARGUMENTS)
def test_an_array_is_not_a_parameter(tt):
    with raises(TypeError, mentions=["parameter 1", "ndarray"]):
        tt.Optimizer([parameter(tt, [1]), np.ones(2)], lr=0.1)


@exercise("base", hint=ARGUMENTS)
def test_a_parameter_has_to_require_a_gradient(tt):
    fixed = tt.Tensor([1.0])
    with raises(ValueError, mentions=["parameter 2"]):
        tt.Optimizer([parameter(tt, [1]), parameter(tt, [2]), fixed], lr=0.1)


@exercise("base", hint=IDENTITY)
def test_the_same_parameter_twice_is_an_error(tt):
    shared = parameter(tt, [1, 2])
    with raises(ValueError, mentions=["0 and 2"]):
        tt.Optimizer([shared, parameter(tt, [5]), shared], lr=0.1)


@exercise("base", hint=IDENTITY)
def test_equal_numbers_are_two_parameters(tt):
    optimizer = tt.Optimizer([parameter(tt, [1, 2]), parameter(tt, [1, 2])], lr=0.1)
    assert_equal(len(optimizer.params), 2)
    assert_close(optimizer.params[1].data, [1, 2])


@exercise("base", hint=RATE)
@pytest.mark.parametrize("lr", [0, -0.5, float("nan"), float("inf")], ids=["zero", "negative", "nan", "inf"])
def test_the_learning_rate_is_positive_and_finite(tt, lr):
    with raises(ValueError, mentions=[str(lr)]):
        tt.Optimizer([parameter(tt, [1])], lr=lr)


@exercise("base", hint=CONTRACT)
def test_zero_grad_sets_gradients_to_none(tt):
    w, b = parameter(tt, [1, 2], grad=[3, 4]), parameter(tt, [1])
    make(tt, "Optimizer", [w, b], lr=0.1).zero_grad()
    assert_equal([w.grad, b.grad], [None, None])


@exercise("base", hint=CONTRACT)
def test_zero_grad_can_keep_the_array(tt):
    w, b, array = parameter(tt, [1, 2]), parameter(tt, [1]), tt.keep(np.ones(2, dtype=np.float32))
    w.grad = array
    make(tt, "Optimizer", [b, w], lr=0.1).zero_grad(set_to_none=False)
    assert_close(w.grad, [0, 0])
    assert_close(array.copy(), [0, 0])
    assert_equal(b.grad, None)


# sgd


@exercise("sgd", hint=DOWNHILL)
def test_one_step_by_hand(tt):
    param = parameter(tt, [1, -2, 3], grad=[10, 0, -5])
    assert_equal(tt.gradient_descent_step(param, 0.1), None)
    assert_close(param.data, [0, -2, 3.5], dtype=np.float32)


@exercise("sgd", hint="Who asks for one parameter by name expects it to move: no gradient is a ValueError.")
def test_one_step_by_hand_without_a_gradient_is_an_error(tt):
    moving, still = parameter(tt, [[1], [2]], [[1], [-1]]), parameter(tt, [[1], [2]])
    tt.gradient_descent_step(moving, 0.1)
    assert_close(moving.data, [[0.9], [2.1]])
    with raises(ValueError, mentions=["(2, 1)"]):
        tt.gradient_descent_step(still, 0.1)


@exercise("sgd", hint=IN_PLACE)
def test_one_step_by_hand_writes_into_the_array(tt):
    param, array = parameter(tt, [0, 0], grad=[1, 2]), tt.keep(np.array([1, 1], dtype=np.float32))
    param.data = array
    tt.gradient_descent_step(param, 0.5)
    assert_close(array.copy(), [0.5, 0])


@exercise("sgd", hint=DOWNHILL)
def test_three_plain_steps(tt, rng):
    start, gradients = rng.normal(size=(2, 3)), rng.normal(size=(3, 2, 3))
    param = parameter(tt, start)
    optimizer = make(tt, "SGD", [param], lr=0.3)
    for gradient in gradients:
        param.grad = gradient.astype(np.float32)
        optimizer.step()
    assert_close(param.data, start - 0.3 * gradients.sum(axis=0), dtype=np.float32)


@exercise("sgd", hint=DECAY)
def test_three_steps_with_weight_decay(tt):
    param = parameter(tt, [1], grad=[2])
    optimizer = make(tt, "SGD", [param], lr=0.1, weight_decay=0.5)
    path = []
    for _ in range(3):
        optimizer.step()
        path.append(float(param.data[0]))
    assert_close(np.array(path), [0.75, 0.5125, 0.286875])


@exercise("sgd", hint=READ_ONLY)
def test_sgd_only_reads_the_gradient(tt):
    param, gradient = parameter(tt, [4, 5]), tt.keep(np.array([1, 2], dtype=np.float32))
    param.grad = gradient
    make(tt, "SGD", [param], lr=0.5, weight_decay=1.0).step()
    assert_close(param.data, [1.5, 1.5])
    assert_close(gradient.copy(), [1, 2])


@exercise("sgd", hint=IN_PLACE)
def test_sgd_writes_into_the_array(tt):
    param, array = parameter(tt, [0, 0], grad=[1, 2]), tt.keep(np.array([1, 1], dtype=np.float32))
    param.data = array
    make(tt, "SGD", [param], lr=0.5).step()
    assert_close(array.copy(), [0.5, 0])


@exercise("sgd", hint=SKIP)
def test_sgd_skips_a_parameter_without_a_gradient(tt):
    idle, param = parameter(tt, [3]), parameter(tt, [1], grad=[1])
    make(tt, "SGD", [idle, param], lr=0.5, weight_decay=0.5).step()
    assert_close(idle.data, [3])
    assert_close(param.data, [0.25])


@exercise("sgd", hint=DIRECTION)
def test_sgd_with_momentum_goes_where_direction_points(tt):
    param = parameter(tt, [1, 1], grad=[7, 7])
    optimizer = make(tt, "SGD", [param], lr=0.1, momentum=0.5)
    optimizer.direction = answer(tt, np.array([2, -4], dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [0.8, 1.4])


@exercise("sgd", hint=DIRECTION)
def test_sgd_without_momentum_does_not_ask_for_a_direction(tt):
    param = parameter(tt, [1, 1], grad=[7, 7])
    optimizer = make(tt, "SGD", [param])
    optimizer.direction = answer(tt, np.array([2, -4], dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [0.93, 0.93])


@exercise("sgd", hint=ONCE)
def test_sgd_counts_calls(tt):
    optimizer = make(
        tt, "SGD", [parameter(tt, [1], grad=[1]), parameter(tt, [2], grad=[1]), parameter(tt, [3])]
    )
    optimizer.step()
    optimizer.step()
    assert_equal(optimizer.steps, 2)


@exercise("sgd", hint=DTYPE)
def test_sgd_keeps_float32(tt):
    param = parameter(tt, [1, 2])
    param.grad = np.array([0.5, 0.25])
    make(tt, "SGD", [param], lr=0.1, weight_decay=0.1).step()
    assert_close(param.data, [0.94, 1.955], dtype=np.float32)


@exercise("sgd", hint=SCHEDULE)
def test_a_schedule_of_stairs(tt):
    param = parameter(tt, [0], grad=[1])
    optimizer = make(tt, "SGD", [param], lr=0.8)
    schedule = tt.StepLR(optimizer, step_size=2, gamma=0.5)
    path = []
    for _ in range(5):
        optimizer.step()
        schedule.step()
        path.append(float(param.data[0]))
    assert_close(np.array(path), [-0.8, -1.6, -2.0, -2.4, -2.6])
    assert_equal(schedule.epochs, 5)


# momentum


@exercise("momentum", hint=VELOCITY)
def test_the_velocity_adds_up(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0, 0])], momentum=0.9)
    path = [optimizer.direction(0, np.array([1, 1 - 2 * (k % 2)], np.float32)).copy() for k in range(4)]
    assert_close(np.array(path), [[1, 1], [1.9, -0.1], [2.71, 0.91], [3.439, -0.181]])


@exercise("momentum", hint=NESTEROV)
def test_nesterov_looks_ahead(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5, nesterov=True)
    path = [float(optimizer.direction(0, np.array([g], dtype=np.float32))[0]) for g in (1, 2, -1)]
    assert_close(np.array(path), [1.5, 3.25, -0.875])


@exercise("momentum", hint=OWN_ARRAY)
def test_two_parameters_of_one_shape_have_two_velocities(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0, 0]), parameter(tt, [0, 0])], momentum=0.5)
    for _ in range(2):
        optimizer.direction(0, np.array([1, 1], dtype=np.float32))
        optimizer.direction(1, np.array([-4, 2], dtype=np.float32))
    assert_close(optimizer.state["velocity"][0], [1.5, 1.5])
    assert_close(optimizer.state["velocity"][1], [-6, 3])


@exercise("momentum", hint=NOT_THE_GRADIENT)
def test_the_velocity_is_not_the_gradient(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5)
    gradient = tt.keep(np.array([2], dtype=np.float32))
    optimizer.direction(0, gradient)
    gradient[0] = 100
    assert_close(optimizer.direction(0, np.array([1], dtype=np.float32)), [2])
    assert_close(gradient.copy(), [100])


@exercise("momentum", hint=DTYPE)
def test_the_velocity_has_the_dtype_of_the_parameter(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0])], momentum=0.5)
    optimizer.direction(0, np.array([1.0]))
    optimizer.direction(0, np.array([1.0]))
    assert_close(optimizer.state["velocity"][0], [1.5], dtype=np.float32)


@exercise("momentum", hint=SAME_MEMORY)
def test_the_velocity_stays_in_its_array(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0, 0])], momentum=0.5)
    memory = tt.keep(np.array([4, 6], dtype=np.float32))
    optimizer.state = {"velocity": [memory]}
    optimizer.direction(0, np.array([1, 1], dtype=np.float32))
    assert_close(memory.copy(), [3, 4])


@exercise("momentum", hint=POSITION)
def test_a_skipped_parameter_does_not_shift_the_velocities(tt):
    late, param = parameter(tt, [0]), parameter(tt, [0], grad=[1])
    optimizer = make(tt, "SGD", [late, param], momentum=0.5)
    optimizer.step()
    assert_equal(optimizer.state["velocity"][0], None)
    assert_close(optimizer.state["velocity"][1], [1])


@exercise("momentum", hint=VELOCITY)
def test_velocities_can_be_looked_at(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0]), parameter(tt, [0])], momentum=0.5)
    optimizer.direction(1, np.array([3], dtype=np.float32))
    velocities = optimizer.get_momentum_state()
    assert_equal(velocities[0], None)
    assert_close(velocities[1], [3])
    assert_equal(optimizer.has_momentum(), True)


# adam


@exercise("adam", hint=ADAM, weight=2)
def test_the_five_steps_of_the_table(tt):
    param = parameter(tt, [1])
    optimizer = make(tt, "Adam", [param], lr=0.1)
    path = []
    for gradient in (4, -1, 2, 0, 1):
        param.grad = np.array([gradient], dtype=np.float32)
        optimizer.step()
        path.append(float(param.data[0]))
    assert_close(np.array(path), [0.9, 0.8530532, 0.7925058, 0.7429090, 0.6903059])


@exercise("adam", hint=BIAS)
@pytest.mark.parametrize("size", [0.001, 1, -1000], ids=["small", "one", "large"])
def test_the_first_step_is_lr_for_every_gradient(tt, size):
    param = parameter(tt, [0, 0], grad=[size, -size])
    make(tt, "Adam", [param], lr=0.25).step()
    expected = [-0.25 * np.sign(size), 0.25 * np.sign(size)]
    assert_close(param.data, expected, rtol=2e-5, atol=0)


@exercise("adam", hint=BIAS)
def test_what_is_stored_is_not_corrected(tt):
    param = parameter(tt, [0], grad=[4])
    optimizer = make(tt, "Adam", [param], lr=0.1)
    optimizer.step()
    optimizer.step()
    assert_close(optimizer.state["m"][0], [0.76], dtype=np.float32)
    assert_close(optimizer.state["v"][0], [0.031984], dtype=np.float32)


@exercise("adam", hint=ONCE)
def test_the_second_parameter_moves_like_the_first(tt):
    first, second = parameter(tt, [1]), parameter(tt, [1])
    optimizer = make(tt, "Adam", [first, second], lr=0.1)
    for gradient in (4, -1, 2):
        first.grad = second.grad = np.array([gradient], dtype=np.float32)
        optimizer.step()
    assert_close(second.data, [0.7925058])
    assert_equal(optimizer.steps, 3)


@exercise("adam", hint=POSITION)
def test_adam_skips_a_parameter_and_keeps_the_moments_of_the_others(tt):
    late, param = parameter(tt, [5]), parameter(tt, [1], grad=[4])
    optimizer = make(tt, "Adam", [late, param], lr=0.1)
    optimizer.step()
    assert_close(late.data, [5])
    late.grad, param.grad = np.zeros(1, dtype=np.float32), np.array([-1], dtype=np.float32)
    optimizer.step()
    assert_close(late.data, [5])
    assert_close(param.data, [0.8530532])


@exercise("adam", hint=OWN_ARRAY)
def test_two_parameters_of_one_shape_have_their_own_moments(tt, rng):
    gradients = rng.normal(size=(4, 2, 3)).astype(np.float32)
    params = [parameter(tt, np.zeros(3)), parameter(tt, np.zeros(3))]
    optimizer = make(tt, "Adam", params, lr=0.1)
    for pair in gradients:
        params[0].grad, params[1].grad = pair
        optimizer.step()
    assert_close(params[0].data, adam_reference(np.zeros(3), gradients[:, 0], 0.1), atol=1e-5)
    assert_close(params[1].data, adam_reference(np.zeros(3), gradients[:, 1], 0.1), atol=1e-5)


@exercise("adam", hint=OUTSIDE)
def test_eps_stands_outside_the_root(tt):
    param = parameter(tt, [0], grad=[1e-10])
    make(tt, "Adam", [param], lr=1).step()
    assert_close(param.data, [-0.00990099], rtol=1e-3, atol=0)


@exercise("adam", hint=L2)
def test_the_decay_of_adam_is_part_of_the_gradient(tt):
    gradients = np.array([[1, -1], [0.5, 2], [0, 0]], dtype=np.float32)
    param = parameter(tt, [3, -2])
    optimizer = make(tt, "Adam", [param], lr=0.1, weight_decay=0.5)
    for gradient in gradients:
        param.grad = gradient
        optimizer.step()
    assert_close(param.data, adam_reference([3, -2], gradients, 0.1, decay=0.5), atol=1e-5)


@exercise("adam", hint=READ_ONLY)
def test_adam_only_reads_the_gradient_and_writes_into_the_array(tt):
    param, array = parameter(tt, [0, 0]), tt.keep(np.array([1, 1], dtype=np.float32))
    gradient = tt.keep(np.array([1, 2], dtype=np.float32))
    param.data, param.grad = array, gradient
    make(tt, "Adam", [param], lr=0.5, weight_decay=1.0).step()
    assert_close(array.copy(), [0.5, 0.5])
    assert_close(gradient.copy(), [1, 2])


@exercise("adam", hint=DTYPE)
def test_adam_keeps_float32(tt):
    param = parameter(tt, [1])
    param.grad = np.array([4.0])
    optimizer = make(tt, "Adam", [param], lr=0.5)
    optimizer.step()
    assert_close(param.data, [0.5], dtype=np.float32)
    assert_close(optimizer.state["v"][0], [0.016], dtype=np.float32)


@exercise("adam", hint=SAME_MEMORY)
def test_the_moments_stay_in_their_arrays(tt):
    param, (m, v) = parameter(tt, [0], grad=[2]), [tt.keep(np.ones(1, dtype=np.float32)) for _ in range(2)]
    optimizer = make(tt, "Adam", [param], betas=(0.5, 0.75))
    optimizer.state = {"m": [m], "v": [v]}
    optimizer.step()
    assert_close(m.copy(), [1.5])
    assert_close(v.copy(), [1.75])


# adamw


@exercise("adamw", hint=DECOUPLED)
def test_a_gradient_of_zero_leaves_the_decay(tt):
    param = parameter(tt, [2, -4], grad=[0, 0])
    optimizer = make(tt, "AdamW", [param], lr=0.1, weight_decay=0.5)
    optimizer.direction = answer(tt, np.zeros(2, dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [1.9, -3.8], dtype=np.float32)


@exercise("adamw", hint=DECOUPLED)
def test_the_moments_of_adamw_do_not_see_the_weights(tt):
    small, large = parameter(tt, [1], grad=[1]), parameter(tt, [100], grad=[1])
    one, two = (make(tt, "AdamW", [param], lr=0.1, weight_decay=0.5) for param in (small, large))
    one.step()
    two.step()
    assert_close(two.state["m"][0], one.state["m"][0])


@exercise("adamw", hint=ORDER)
def test_both_parts_use_the_weight_from_before_the_step(tt):
    param = parameter(tt, [2], grad=[3])
    optimizer = make(tt, "AdamW", [param], lr=0.1, weight_decay=0.5)
    optimizer.direction = answer(tt, np.ones(1, dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [1.8], rtol=1e-6)


@exercise("adamw", hint="AdamW decays by default: weight_decay is 0.01, lr is 0.001.")
def test_the_decay_of_adamw_is_on_by_default(tt):
    param = parameter(tt, [10_000], grad=[0])
    optimizer = make(tt, "AdamW", [param])
    optimizer.direction = answer(tt, np.zeros(1, dtype=np.float32))
    optimizer.step()
    assert_close(param.data, [9999.9], rtol=1e-7)


@exercise("adamw", hint=SKIP)
def test_adamw_skips_a_parameter_without_a_gradient(tt):
    idle, param = parameter(tt, [3]), parameter(tt, [1], grad=[1])
    optimizer = make(tt, "AdamW", [idle, param], lr=0.5, weight_decay=0.5)
    optimizer.direction = answer(tt, np.zeros(1, dtype=np.float32))
    optimizer.step()
    assert_close(idle.data, [3])
    assert_close(param.data, [0.75])


@exercise("adamw", hint=ONCE)
def test_adamw_counts_calls(tt):
    optimizer = make(tt, "AdamW", [parameter(tt, [1], grad=[1]), parameter(tt, [2], grad=[1])])
    optimizer.direction = answer(tt, np.zeros(1, dtype=np.float32))
    optimizer.step()
    optimizer.step()
    assert_equal(optimizer.steps, 2)


@exercise("adamw", hint=IN_PLACE)
def test_adamw_writes_into_the_array_and_only_reads_the_gradient(tt):
    param, array = parameter(tt, [0]), tt.keep(np.array([2], dtype=np.float32))
    gradient = tt.keep(np.array([3], dtype=np.float32))
    param.data, param.grad = array, gradient
    optimizer = make(tt, "AdamW", [param], lr=0.1, weight_decay=0.5)
    optimizer.direction = answer(tt, np.ones(1, dtype=np.float32))
    optimizer.step()
    assert_close(array.copy(), [1.8])
    assert_close(gradient.copy(), [3])


# state


@exercise("state", hint=LAYOUT)
def test_the_saved_state_has_four_parts(tt):
    optimizer = adam_of_two(tt)
    optimizer.steps = 7
    optimizer.state = {"m": [np.ones((2, 3)), None], "v": [np.full((2, 3), 2.0), None]}
    saved = optimizer.state_dict()
    assert_equal(sorted(saved), ["hyperparameters", "shapes", "state", "steps"])
    assert_equal(saved["steps"], 7)
    assert_equal(saved["shapes"], [[2, 3], [3]])
    assert_close(saved["state"]["v"][0], np.full((2, 3), 2.0))
    assert_equal(saved["state"]["m"][1], None)


@exercise("state", hint=JSON)
def test_saved_hyperparameters_are_plain_values(tt):
    optimizer = adam_of_two(tt)
    optimizer.lr = tt.keep(np.array([0.25]))[0]
    expected = {"lr": 0.25, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}
    assert_equal(optimizer.state_dict()["hyperparameters"], expected)


@exercise("state", hint=COPIES)
def test_what_is_saved_is_a_copy(tt):
    optimizer = make(tt, "SGD", [parameter(tt, [0, 0])], momentum=0.5)
    # A number type that does not cross the border by value, so that the saved array stays where it is.
    velocity = tt.keep(np.array([2.5, 3.5])).astype("longdouble")
    optimizer.state = {"velocity": [velocity]}
    saved = optimizer.state_dict()
    velocity[0] = 9
    kept = saved["state"]["velocity"][0]
    assert_equal([float(kept[0]), float(kept[1])], [2.5, 3.5])


@exercise("state", hint=REMEMBER)
def test_loading_restores_everything(tt):
    optimizer = adam_of_two(tt)
    optimizer.load_state_dict(saved_adam())
    assert_equal([optimizer.lr, optimizer.eps, optimizer.weight_decay], [0.25, 1e-6, 0.5])
    assert_equal(optimizer.betas, (0.8, 0.99))
    assert_equal(optimizer.steps, 7)
    assert_close(optimizer.state["v"][0], np.full((2, 3), 2), dtype=np.float32)
    assert_equal(optimizer.state["m"][1], None)


@exercise("state", hint=COPIES)
def test_what_is_loaded_is_a_copy(tt):
    optimizer, array = adam_of_two(tt), tt.keep(np.ones((2, 3), dtype=np.float32))
    optimizer.load_state_dict(saved_adam(state={"m": [array, None], "v": [array, None]}))
    array[0] = 9
    assert_close(optimizer.state["m"][0], np.ones((2, 3)))


@exercise("state", hint=FITS)
def test_the_state_of_another_kind_is_an_error(tt):
    optimizer = make(tt, "SGD", [parameter(tt, np.zeros((2, 3))), parameter(tt, np.zeros(3))])
    with raises(ValueError, mentions=["betas"]):
        optimizer.load_state_dict(saved_adam())


@exercise("state", hint=FITS)
def test_another_number_of_parameters_is_an_error(tt):
    optimizer = make(tt, "Adam", [parameter(tt, np.zeros((2, 3)))])
    with raises(ValueError, mentions=["1", "2"]):
        optimizer.load_state_dict(saved_adam())


@exercise("state", hint=FITS)
def test_another_shape_is_an_error_and_changes_nothing(tt):
    optimizer = adam_of_two(tt)
    with raises(ValueError, mentions=["1", "(3,)", "(4,)"]):
        optimizer.load_state_dict(saved_adam(shapes=[[2, 3], [4]]))
    assert_equal([optimizer.lr, optimizer.steps], [0.5, 0])
    assert_equal(optimizer.state["m"], [None, None])


@exercise("state", hint=BYTES)
def test_the_bytes_of_the_state(tt):
    optimizer = adam_of_two(tt)
    assert_equal(optimizer.state_bytes(), 0)
    optimizer.state = {
        "m": [np.ones((2, 3), np.float32), None],
        "v": [np.ones((2, 3), np.float32), np.ones(3)],
    }
    assert_equal(optimizer.state_bytes(), 72)


@exercise("state", hint=REMEMBER, weight=2)
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_a_resumed_run_equals_the_uninterrupted_one(tt, rng, kind):
    settings = {"SGD": {"lr": 0.1, "momentum": 0.9}, "Adam": {"lr": 0.1}}[kind]
    start, gradients = rng.normal(size=3), rng.normal(size=(6, 3)).astype(np.float32)
    whole = parameter(tt, start)
    optimizer = make(tt, kind, [whole], **settings)
    for gradient in gradients[:3]:
        whole.grad = gradient
        optimizer.step()
    part = parameter(tt, whole.data)
    resumed = make(tt, kind, [part], **(settings | {"lr": 7.0}))
    resumed.load_state_dict(optimizer.state_dict())
    assert_equal(resumed.lr, 0.1)
    for gradient in gradients[3:]:
        whole.grad = part.grad = gradient
        optimizer.step()
        resumed.step()
    assert_close(part.data, whole.data, rtol=0, atol=0)
