"""Visible tests of module 06: one behaviour each, each scored for one exercise."""

from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

PARAMETER = "A gradient has the same shape as the parameter: sum over the axes that were added in front."
SINGLETON = "size-1 axes were stretched too: sum over them, and leave them in place with size 1."
NOTHING_TO_DO = "Where nothing was stretched, nothing is summed; grad and its dtype stay as they are."
SLOPES = "Compare with the table of part 4, line by line: which sign, which operand, divided by what?"
POWER = "The exponent is a constant; a**0 does not move at all, and a negative base is an ordinary number."
SQUARE = "b * b leaves the range of float32 long before b does: divide twice."
PRODUCT = "Put the shapes together: gradient of a is (M, N) with (K, N), gradient of b is (M, K) with (M, N)."
VECTOR = "A 1-D operand is one row or one column for the product: give it the axis, and take it off again."
BATCH = "In a batch, transpose the last two axes only."
IMAGES = "None for an operand that requires none, and no product computed for it."
MOVED = "Nothing is computed: each number's gradient goes back to where the number came from."
INVERSE = "Axis k of the result is axis axes[k] of the input; the way back is the inverse permutation."
TWICE = "A place that was read twice gets the sum of both: full[key] = ... keeps only the last."
MASK = "Where the constant was filled in, the input has no influence."
PIECES = "One gradient for each input, cut at the places where the next input begins."
REMOVED_AXIS = "Before repeating, give the removed axis back, at its own place, with size 1."
ONE_MEAN = "Divide by the number of elements in one mean, not by the size of the tensor."
TIES = "Several elements that are equally large share the gradient evenly."
CHAIN = "chain rule: times grad. It comes from what the output is used for, and is not 1."
CORNER = "ReLU has slope 1 above 0, and 0 at 0 and below."
OUTPUT = "s is the output of the function, not its input: check one value with the table of part 7."
ROWS = "One score moves all shares of its distribution: subtract the weighted sum of grad along dim."
LOSS = "Look at the table of part 7, and let unreduced undo the reduction first."
COUNTED = "A row that is ignored gets 0, and a mean divides by the rows that count."
OVERFLOW = "Logits in the hundreds: subtract the largest of each row before exp."
UNTOUCHED = "A rule never writes into what it was given: grad belongs to others, too."
CONSUMERS = "Two consumers, one sum: add to what has arrived already."
COMPLETE = (
    "finish a node's gradient before using it: its turn comes after that of everything computed from it."
)
ONCE = "Each tensor has its turn once: with two ways through each block, walking every path never ends."
DEEP = "Python ends a recursion after 1000 calls: keep a stack of your own."
CONTRACT = "accumulation is the contract: a second walk adds to grad, until zero_grad."
SHARED = "two tensors share one array: a leaf's grad needs one of its own."
IN_PLACE = "Do not add in place: the array in the dict may belong to another tensor, too."
NONE = "None means no gradient, not one."
INTERIOR = "Only leaves keep a grad, and tensors on which retain_grad was called."
FREED = "After the walk the graph is freed, unless retain_graph says that there will be another walk."
MISTAKES = "Call first_gradient and topological_order before anything changes: they find the mistakes."
ARRAY = "grad is an ndarray with the shape and dtype of the tensor."
BEFORE = "Leaving a block restores what was there before it, which need not be True."
ENDS = "__exit__ is called however the block ends; returning None lets the exception go on."
NO_GRAPH = "Inside the block the engine does not record."
CUT = "detach gives a leaf with the same numbers and dtype, memory of its own, and no gradient."


def leaf(tt: Any, values: Any, dtype: str = "float64", requires_grad: bool = True) -> Any:
    """A Tensor made while autograd is on."""
    return tt.core.autograd.Tensor(np.asarray(values), requires_grad=requires_grad, dtype=dtype)


def slopes(operation: Any, arrays: list[Any], grad: Any, step: float = 1e-5) -> list[Any]:
    """The gradient for each array, by central differences of sum(grad * forward)."""
    found = []
    for number, array in enumerate(arrays):
        numeric = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            above, below = ([item.copy() for item in arrays] for _ in range(2))
            above[number][index] += step
            below[number][index] -= step
            difference = operation.forward(*above) - operation.forward(*below)
            numeric[index] = np.sum(grad * difference) / (2 * step)
        found.append(numeric)
    return found


def assert_rule(operation: Any, arrays: list[Any], grad: Any) -> None:
    """The rule of the operation agrees with finite differences, for every input."""
    for gradient, expected in zip(operation.backward(grad), slopes(operation, arrays, grad), strict=True):
        assert_close(gradient, expected, rtol=1e-5, atol=1e-7, dtype=np.float64)


def away_from_zero(rng: Any, *shape: int) -> Any:
    """Numbers of both signs with a size between 0.5 and 2."""
    return rng.uniform(0.5, 2, size=shape) * rng.choice([-1, 1], size=shape)


def chained(tt: Any, operation: str, start: Any, operand: Any, length: int) -> Any:
    """`start`, combined with `operand` so many times: in one call, as each call crosses the border."""
    function = getattr(tt.fresh_import("operator"), operation)
    operands = tt.fresh_import("itertools").repeat(operand, length)
    return tt.fresh_import("functools").reduce(function, operands, start)


def rule_that_returns(tt: Any, operation: Any, gradients: Any) -> None:
    """Let the rule of `operation` return these gradients, whatever it is asked."""
    tt.patch("tinytorch.core.autograd.enable_autograd", returns=gradients)
    tt.completes(operation)(tt.core.autograd.enable_autograd)


# unbroadcast


@exercise("unbroadcast", hint=PARAMETER)
def test_an_axis_added_in_front_is_summed(tt):
    grad = np.arange(1.0, 13).reshape(4, 3)
    assert_close(tt.unbroadcast(grad, (3,)), [22, 26, 30])


@exercise("unbroadcast", hint=PARAMETER)
def test_a_bias_in_a_batch_of_four_gets_its_own_shape(tt):
    bias = leaf(tt, [1, 2, 3], "float32")
    batch = leaf(tt, np.zeros((4, 3)), "float32")
    gradients = (batch + bias).grad_fn.backward(np.ones((4, 3), dtype=np.float32))
    assert_close(gradients[1], [4, 4, 4], dtype=np.float32)


@exercise("unbroadcast", hint=SINGLETON)
def test_a_stretched_axis_in_the_middle_is_summed_and_stays(tt, rng):
    grad = rng.normal(size=(4, 3, 5))
    assert_close(tt.unbroadcast(grad, (4, 1, 5)), grad.sum(axis=1, keepdims=True))


@exercise("unbroadcast", hint=SINGLETON)
def test_an_added_and_a_stretched_axis_together(tt, rng):
    grad = rng.normal(size=(4, 3, 5))
    assert_close(tt.unbroadcast(grad, (1, 5)), grad.sum(axis=(0, 1))[np.newaxis])


@exercise("unbroadcast", hint=PARAMETER)
def test_a_single_number_gets_the_sum_of_everything(tt, rng):
    grad = rng.normal(size=(2, 3))
    assert_close(tt.unbroadcast(grad, ()), grad.sum())


@exercise("unbroadcast", hint=NOTHING_TO_DO)
def test_nothing_stretched_nothing_summed(tt, rng):
    grad = rng.normal(size=(1, 3)).astype(np.float32)
    assert_close(tt.unbroadcast(grad, (1, 3)), grad, dtype=np.float32)


@exercise("unbroadcast", hint="Only shapes that broadcast to that of grad can be undone.")
def test_a_shape_that_was_never_stretched_to_this_is_an_error(tt):
    assert_close(tt.unbroadcast(np.ones((4, 3)), (4, 1)), [[3], [3], [3], [3]])
    with raises(ValueError, mentions=["(4,)", "(4, 3)"]):
        tt.unbroadcast(np.ones((4, 3)), (4,))


# arith


@exercise("arith", hint=SLOPES)
def test_gradients_of_a_difference(tt, rng):
    a, b, grad = rng.normal(size=(3, 2, 3))
    assert_rule((leaf(tt, a) - leaf(tt, b)).grad_fn, [a, b], grad)


@exercise("arith", hint=SLOPES)
def test_gradients_of_a_quotient(tt, rng):
    a, b = away_from_zero(rng, 2, 2, 3)
    assert_rule((leaf(tt, a) / leaf(tt, b)).grad_fn, [a, b], rng.normal(size=(2, 3)))


@exercise("arith", hint=SLOPES)
def test_gradient_of_the_minus_sign(tt, rng):
    a, grad = rng.normal(size=(2, 4))
    assert_rule((-leaf(tt, a)).grad_fn, [a], grad)


@exercise("arith", hint=POWER)
def test_gradient_of_a_power_also_of_negative_numbers(tt, rng):
    a = away_from_zero(rng, 5)
    for exponent in (3, 2, 1, -2):
        assert_rule((leaf(tt, a) ** exponent).grad_fn, [a], rng.normal(size=5))


@exercise("arith", hint=POWER)
def test_gradient_of_the_power_zero_is_zero_also_at_zero(tt):
    (gradient,) = (leaf(tt, [0, 2]) ** 0).grad_fn.backward(np.ones(2))
    assert_close(gradient, [0, 0])


@exercise("arith", hint=SQUARE)
def test_a_quotient_of_tiny_numbers_in_float32(tt):
    quotient = leaf(tt, [1e-25], "float32") / leaf(tt, [1e-25], "float32")
    gradient = quotient.grad_fn.backward(np.ones(1, dtype=np.float32))[1]
    assert_close(gradient, [-1e25], rtol=1e-3, dtype=np.float32)


@exercise("arith", hint=UNTOUCHED)
def test_arithmetic_rules_leave_grad_alone(tt):
    a, b = leaf(tt, [1, 2]), leaf(tt, [4, 5])
    grad = tt.keep(np.array([1.0, 10.0]))
    tt.div_backward((a / b).grad_fn, grad)
    tt.sub_backward((a - b).grad_fn, grad)
    assert_close(tt.neg_backward((-a).grad_fn, grad)[0], [-1, -10])


# matmul


@exercise("matmul", hint=PRODUCT, weight=2)
def test_gradients_of_a_product_of_matrices(tt, rng):
    a, b, grad = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=(3, 2))
    assert_rule((leaf(tt, a) @ leaf(tt, b)).grad_fn, [a, b], grad)


@exercise("matmul", hint=VECTOR)
@pytest.mark.parametrize(
    "shapes", [((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2))], ids=["dot", "column", "row"]
)
def test_gradients_of_products_with_vectors(tt, rng, shapes):
    a, b = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
    assert_rule((leaf(tt, a) @ leaf(tt, b)).grad_fn, [a, b], rng.normal(size=(a @ b).shape))


@exercise("matmul", hint=BATCH)
def test_gradients_of_a_batch_of_products(tt, rng):
    a, b, grad = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 4, 5)), rng.normal(size=(2, 3, 5))
    assert_rule((leaf(tt, a) @ leaf(tt, b)).grad_fn, [a, b], grad)


@exercise("matmul", hint=BATCH)
def test_gradient_of_the_batch_when_the_weight_is_shared(tt, rng):
    a, b, grad = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=(2, 3, 5))
    operation = (leaf(tt, a) @ leaf(tt, b, requires_grad=False)).grad_fn
    assert_close(tt.matmul_backward(operation, grad)[0], grad @ b.T)


@exercise("matmul", hint=IMAGES)
def test_images_get_no_gradient(tt):
    images = leaf(tt, np.ones((2, 3)), "float32", requires_grad=False)
    weight = leaf(tt, np.ones((3, 4)), "float32")
    gradients = tt.matmul_backward((images @ weight).grad_fn, np.ones((2, 4), dtype=np.float32))
    assert_equal(gradients[0], None)
    assert_close(gradients[1], np.full((3, 4), 2), dtype=np.float32)


# shape


@exercise("shape", hint=MOVED)
def test_gradient_of_a_reshape(tt, rng):
    grad = rng.normal(size=(2, 6))
    (gradient,) = leaf(tt, np.zeros((3, 4))).reshape(2, 6).grad_fn.backward(grad)
    assert_close(gradient, grad.reshape(3, 4))


@exercise("shape", hint=INVERSE)
def test_gradient_of_a_permutation_that_is_not_its_own_inverse(tt, rng):
    a, grad = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 2, 3))
    assert_rule(leaf(tt, a).permute(2, 0, 1).grad_fn, [a], grad)


@exercise("shape", hint=TWICE)
def test_gradient_of_a_row_that_was_read_twice(tt):
    operation = leaf(tt, [[1, 2], [3, 4], [5, 6]])[[0, 0, 2]].grad_fn
    (gradient,) = operation.backward(np.array([[2.0, 20], [3, 30], [4, 40]]))
    assert_close(gradient, [[5, 50], [0, 0], [4, 40]])


@exercise("shape", hint=MOVED)
def test_gradient_of_a_column_and_of_every_other_row(tt, rng):
    a = leaf(tt, np.zeros((3, 4)))
    (column,) = a[:, 2].grad_fn.backward(np.array([1.0, 2.0, 3.0]))
    (rows,) = a[::2].grad_fn.backward(np.ones((2, 4)))
    assert_close(column, [[0, 0, 1, 0], [0, 0, 2, 0], [0, 0, 3, 0]])
    assert_close(rows, [[1] * 4, [0] * 4, [1] * 4])


@exercise("shape", hint=MASK)
def test_gradient_of_a_masked_fill_whose_mask_broadcasts(tt):
    operation = leaf(tt, np.zeros((2, 3))).masked_fill(np.array([False, True, False]), 9).grad_fn
    (gradient,) = operation.backward(np.array([[1.0, 2, 3], [4, 5, 6]]))
    assert_close(gradient, [[1, 0, 3], [4, 0, 6]])


@exercise("shape", hint=PIECES)
def test_gradients_of_pieces_of_different_lengths(tt, rng):
    pieces = [leaf(tt, np.zeros((2, length))) for length in (1, 3, 2)]
    grad = rng.normal(size=(2, 6))
    gradients = tt.concatenate(pieces, axis=1).grad_fn.backward(grad)
    assert_equal(len(gradients), 3)
    assert_close(gradients[1], grad[:, 1:4])
    assert_close(gradients[2], grad[:, 4:])


@exercise("shape", hint=REMOVED_AXIS, weight=2)
@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_gradient_of_a_reduction_over_the_second_axis(tt, rng, name):
    a, grad = rng.normal(size=(3, 3)), rng.normal(size=3)
    assert_rule(getattr(leaf(tt, a), name)(axis=1).grad_fn, [a], grad)


@exercise("shape", hint=REMOVED_AXIS)
def test_restored_axes_repeat_each_gradient_along_its_own_row(tt):
    grad = np.array([10.0, 20.0])
    assert_close(tt.restore_axes(grad, (2, 3), (1,), False), [[10] * 3, [20] * 3])
    assert_close(tt.restore_axes(np.array([[5.0]]), (2, 2), None, True), [[5, 5], [5, 5]])


@exercise("shape", hint=ONE_MEAN)
def test_gradient_of_a_mean_over_one_axis_of_two(tt):
    operation = leaf(tt, np.zeros((2, 4)), "float32").mean(axis=0).grad_fn
    (gradient,) = operation.backward(np.array([1, 2, 3, 4], dtype=np.float32))
    assert_close(gradient, [[0.5, 1, 1.5, 2]] * 2, dtype=np.float32)


@exercise("shape", hint=TIES)
def test_equal_maxima_share_the_gradient(tt):
    (gradient,) = leaf(tt, [[3, 1, 3], [0, 5, 2]]).max(axis=1).grad_fn.backward(np.array([1.0, 7.0]))
    assert_close(gradient, [[0.5, 0, 0.5], [0, 7, 0]])


# act


@exercise("act", hint=OUTPUT)
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "gelu"])
def test_gradient_of_an_activation(tt, rng, name):
    a = away_from_zero(rng, 2, 3)
    assert_rule(getattr(tt, name)(leaf(tt, a)).grad_fn, [a], rng.normal(size=(2, 3)))


@exercise("act", hint=CHAIN)
def test_three_times_the_activation_has_three_times_the_gradient(tt):
    for activation in (tt.relu, tt.sigmoid, tt.tanh, tt.gelu):
        operation = activation(leaf(tt, [0.5, 1], "float32")).grad_fn
        (once,) = operation.backward(np.ones(2, dtype=np.float32))
        (thrice,) = operation.backward(np.full(2, 3, dtype=np.float32))
        assert_close(thrice, 3 * once, dtype=np.float32)


@exercise("act", hint=CORNER)
def test_relu_has_no_slope_at_zero(tt):
    (gradient,) = tt.relu(leaf(tt, [-1, 0, 2])).grad_fn.backward(np.array([5.0, 5.0, 5.0]))
    assert_close(gradient, [0, 0, 5])


@exercise("act", hint=ROWS)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_gradient_of_softmax_and_its_logarithm_along_the_first_axis(tt, rng, name):
    a, grad = rng.normal(size=(2, 3, 3))[:2]
    assert_rule(getattr(tt, name)(leaf(tt, a), dim=0).grad_fn, [a], grad)


@exercise("act", hint=LOSS)
@pytest.mark.parametrize("name", ["MSELoss", "BCEWithLogitsLoss"])
def test_gradients_of_a_mean_loss_for_predictions_and_targets(tt, rng, name):
    a, b = rng.normal(size=(4, 2)), rng.uniform(0.1, 0.9, size=(4, 2))
    assert_rule(getattr(tt, name)()(leaf(tt, a), leaf(tt, b)).grad_fn, [a, b], np.array(3.0))


@exercise("act", hint=CHAIN)
def test_three_times_a_loss_has_three_times_the_gradient(tt):
    targets = leaf(tt, [[1, 0]], requires_grad=False)
    for loss in (tt.MSELoss(), tt.BCEWithLogitsLoss()):
        operation = loss(leaf(tt, [[0.5, 2]]), targets).grad_fn
        once = operation.backward(np.array(1.0))[0]
        assert_close(operation.backward(np.array(3.0))[0], 3 * once)


@exercise("act", hint=LOSS)
def test_gradient_of_cross_entropy_of_one_two_three(tt):
    operation = tt.CrossEntropyLoss()(leaf(tt, [[1, 2, 3]], "float32"), np.array([2])).grad_fn
    (gradient,) = operation.backward(np.array(1, dtype=np.float32))
    assert_close(gradient, [[0.09003057, 0.24472847, -0.33475904]], dtype=np.float32)


@exercise("act", hint=CHAIN)
def test_three_times_cross_entropy_has_three_times_the_gradient(tt):
    operation = tt.CrossEntropyLoss()(leaf(tt, [[1, 2, 3]]), np.array([2])).grad_fn
    (gradient,) = operation.backward(np.array(3.0))
    assert_close(gradient, [[0.27009172, 0.7341854, -1.00427711]])


@exercise("act", hint=COUNTED)
def test_a_row_that_is_ignored_has_no_gradient(tt):
    loss = tt.CrossEntropyLoss(ignore_index=0)
    (gradient,) = loss(leaf(tt, [[1, 2], [3, 3]]), np.array([0, 1])).grad_fn.backward(np.array(1.0))
    assert_close(gradient, [[0, 0], [0.5, -0.5]])


@exercise("act", hint=OVERFLOW)
def test_gradient_of_cross_entropy_of_large_logits(tt):
    operation = tt.CrossEntropyLoss()(leaf(tt, [[1000, 0]], "float32"), np.array([1])).grad_fn
    (gradient,) = operation.backward(np.array(1, dtype=np.float32))
    assert_close(gradient, [[1, -1]])


# walk


@exercise("walk", hint=CONSUMERS, weight=2)
def test_x_times_x_at_three_has_slope_six(tt):
    x = leaf(tt, 3.0, "float32")
    (x * x).backward()
    assert_close(x.grad, 6, dtype=np.float32)


@exercise("walk", hint=COMPLETE, weight=2)
def test_a_tensor_used_at_two_depths_gets_both_parts(tt):
    x, z = leaf(tt, 3.0), leaf(tt, 3.0)
    h, k = x * 2, z * 2
    (h + h * h).backward()
    (k * k + k).backward()
    assert_close(x.grad, 26)
    assert_close(z.grad, 26)


@exercise("walk", hint=ONCE, weight=2)
def test_forty_residual_blocks(tt):
    x = h = leaf(tt, 1.0)
    for _ in range(40):
        h = h + h * 0.1
    h.backward()
    assert_close(x.grad, 1.1**40)


@exercise("walk", hint=DEEP, weight=2)
def test_a_chain_of_five_thousand_additions(tt):
    x = leaf(tt, 1.0)
    chained(tt, "add", x, x, 5000).backward()
    assert_close(x.grad, 5001)


@exercise("walk", hint="Inputs stand before what was computed from them, each once, constants not at all.")
def test_the_topological_order_of_a_diamond(tt):
    x = leaf(tt, 3.0)
    h = x * 2
    m = h * h
    y = h + m
    order = tt.topological_order(y)
    assert_equal(len(order), 4)
    expect(all(map(tt.same, order, [x, h, m, y])), "x, h, m, y", "another order")


@exercise("walk", hint=CONTRACT)
def test_a_second_walk_adds_until_zero_grad(tt):
    x = leaf(tt, [1, 2])
    (x * 3).backward(np.array([1.0, 1.0]))
    (x * 3).backward(np.array([1.0, 1.0]))
    assert_close(x.grad, [6, 6])
    x.zero_grad()
    (x * 3).backward(np.array([1.0, 1.0]))
    assert_close(x.grad, [3, 3])


@exercise("walk", hint=SHARED)
def test_the_gradients_of_two_leaves_do_not_share_memory(tt):
    a, b = leaf(tt, [1, 2]), leaf(tt, [3, 4])
    start = tt.keep(np.array([1.0, 10.0]))
    (a + b).backward(start)
    start[0] = 99
    assert_close(a.grad, [1, 10])
    a.backward(np.array([5.0, 5.0]))
    assert_close(b.grad, [1, 10])


@exercise("walk", hint=IN_PLACE)
def test_what_is_added_for_one_tensor_does_not_reach_another(tt):
    a, b = leaf(tt, 1.0), leaf(tt, 1.0)
    ((a + b) + a).backward()
    assert_close(b.grad, 1)
    assert_close(a.grad, 2)


@exercise("walk", hint=NONE)
def test_an_input_without_a_gradient_gets_none(tt):
    a, b = leaf(tt, 2.0), leaf(tt, 3.0)
    rule_that_returns(tt, tt.Add, (np.array(5.0), None))
    (a + b * 2).backward()
    assert_close(a.grad, 5)
    assert_equal(b.grad, None)


@exercise("walk", hint=INTERIOR)
def test_only_leaves_and_those_who_asked_keep_a_gradient(tt):
    x = leaf(tt, 3.0)
    h, m = x * 2, x * 5
    h.retain_grad()
    (h * m).backward()
    assert_close(h.grad, 15)
    assert_equal(m.grad, None)


@exercise("walk", hint=FREED)
def test_a_second_walk_over_a_freed_graph_is_an_error_and_changes_nothing(tt):
    x = leaf(tt, 3.0)
    h = x * x
    (h * 2).backward()
    with raises(RuntimeError, mentions=["retain_graph"]):
        (h + x).backward()
    assert_equal(type_name(h.grad_fn), "Freed")
    assert_close(x.grad, 12)


@exercise("walk", hint=FREED)
def test_a_retained_graph_can_be_walked_again(tt):
    x = leaf(tt, 3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert_close(x.grad, 12)


@exercise("walk", hint=MISTAKES)
def test_mistakes_in_the_call_of_backward(tt):
    x = leaf(tt, [1, 2])
    with raises(RuntimeError, mentions=["requires_grad"]):
        leaf(tt, 1.0, requires_grad=False).backward()
    with raises(ValueError, mentions=["(2,)"]):
        (x * 2).backward()
    with raises(ValueError, mentions=["gradient has shape (3,)", "(2,)"]):
        (x * 2).backward(np.ones(3))
    assert_equal(x.grad, None)


@exercise("walk", hint=ARRAY)
def test_a_gradient_is_an_ndarray_of_the_tensors_shape_and_dtype(tt):
    x, b = leaf(tt, np.ones((2, 1)), "float32"), leaf(tt, 2.0, "float32")
    (b * b + b).backward()
    (b * 1).backward()
    (x * x).backward(np.ones((2, 1)))
    assert_close(b.grad, 6, dtype=np.float32)
    assert_close(x.grad, [[2], [2]], dtype=np.float32)


# nograd


@exercise("nograd", hint=NO_GRAPH)
def test_nothing_is_recorded_in_the_block(tt):
    x = leaf(tt, [1, 2])
    block = tt.no_grad()
    block.__enter__()
    assert_equal((x * x).requires_grad, False)
    assert_equal((x * x).grad_fn, None)
    block.__exit__(None, None, None)
    assert_equal((x * x).requires_grad, True)


@exercise("nograd", hint=BEFORE)
def test_leaving_an_inner_block_does_not_end_the_outer_one(tt):
    outer, inner = tt.no_grad(), tt.no_grad()
    outer.__enter__()
    inner.__enter__()
    inner.__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), False)
    outer.__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), True)


@exercise("nograd", hint=BEFORE)
def test_one_block_may_be_entered_twice(tt):
    block = tt.no_grad()
    expect(tt.same(block.__enter__(), block), "the object itself", "something else")
    block.__enter__()
    block.__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), False)
    block.__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), True)


@exercise("nograd", hint=ENDS)
def test_an_exception_ends_the_block_and_goes_on(tt):
    without_graph = tt.no_grad()(tt.relu)
    with raises(TypeError, mentions=["list"]):
        without_graph([1.0])
    assert_equal(tt.is_grad_enabled(), True)


@exercise("nograd", hint=NO_GRAPH)
def test_no_grad_as_a_decorator(tt):
    result = tt.no_grad()(tt.relu)(leaf(tt, [-1, 2]))
    assert_close(result.data, [0, 2])
    assert_equal(result.requires_grad, False)


@exercise("nograd", hint=CUT)
def test_detach_cuts_the_graph(tt):
    cut = (leaf(tt, [1, 2]) * 2).detach()
    assert_close(cut.data, [2, 4], dtype=np.float64)
    assert_equal(cut.requires_grad, False)
    assert_equal(cut.grad_fn, None)


@exercise("nograd", hint=CUT)
def test_detach_copies(tt):
    x, array = leaf(tt, [1, 2]), tt.keep(np.array([1.0, 2.0]))
    x.data = array
    cut = x.detach()
    array[0] = 9
    assert_close(x.data, [9, 2])
    assert_close(cut.data, [1, 2])
