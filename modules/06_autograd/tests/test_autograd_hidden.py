"""Hidden tests of module 06: the same behaviours at other shapes, dtypes and values."""

from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

PARAMETER = "A gradient has the same shape as the parameter: sum over the axes that were added in front."
SINGLETON = "size-1 axes were stretched too: sum over them, and leave them in place with size 1."
NOTHING_TO_DO = "Where nothing was stretched, nothing is summed; grad and its dtype stay as they are."
SLOPES = "Compare with the table of part 4, line by line: which sign, which operand, divided by what?"
POWER = "The exponent is a constant; a**0 does not move at all, and a negative base is an ordinary number."
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
TIES = "Several elements that are equally large share the gradient evenly."
OUTPUT = "s is the output of the function, not its input: check one value with the table of part 7."
ROWS = "One score moves all shares of its distribution: subtract the weighted sum of grad along dim."
LOSS = "Look at the table of part 7, and let unreduced undo the reduction first."
COUNTED = "A row that is ignored gets 0, and a mean divides by the rows that count."
UNTOUCHED = "A rule never writes into what it was given: grad belongs to others, too."
CONSUMERS = "Two consumers, one sum: add to what has arrived already."
COMPLETE = (
    "finish a node's gradient before using it: its turn comes after that of everything computed from it."
)
ONCE = "Each tensor has its turn once: with two ways through each block, walking every path never ends."
DEEP = "Python ends a recursion after 1000 calls: keep a stack of your own."
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
    """A Tensor of `values`, with autograd imported."""
    return tt.core.autograd.Tensor(np.asarray(values), requires_grad=requires_grad, dtype=dtype)


def slopes(operation: Any, arrays: list[Any], grad: Any, step: float = 1e-5) -> list[Any]:
    """What moving each element does to the weighted output, per unit moved."""
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
    """Every gradient of the operation equals the numeric one."""
    for gradient, expected in zip(operation.backward(grad), slopes(operation, arrays, grad), strict=True):
        assert_close(gradient, expected, rtol=1e-5, atol=1e-7, dtype=np.float64)


def away_from_zero(rng: Any, *shape: int) -> Any:
    """Random numbers that are not close to 0."""
    return rng.uniform(0.5, 2, size=shape) * rng.choice([-1, 1], size=shape)


def chained(tt: Any, operation: str, start: Any, operand: Any, length: int) -> Any:
    """The result of `length` operations in a row, made where the package lives."""
    function = getattr(tt.fresh_import("operator"), operation)
    operands = tt.fresh_import("itertools").repeat(operand, length)
    return tt.fresh_import("functools").reduce(function, operands, start)


def rule_that_returns(tt: Any, operation: Any, gradients: Any) -> None:
    """From now on the rule of `operation` is a constant."""
    tt.patch("tinytorch.core.autograd.enable_autograd", returns=gradients)
    tt.completes(operation)(tt.core.autograd.enable_autograd)


def reduced(gradient: Any, like: Any) -> Any:
    """A gradient of a stretched shape, summed down to the shape of the array `like`."""
    extra = gradient.ndim - like.ndim
    summed = gradient.sum(axis=tuple(range(extra)))
    stretched = tuple(axis for axis, size in enumerate(like.shape) if size == 1)
    return summed.sum(axis=stretched, keepdims=True)


# unbroadcast


@exercise("unbroadcast", hint=PARAMETER)
def test_axes_in_front_of_any_number_are_summed(tt, rng):
    grad = rng.normal(size=(4, 2, 3, 5))
    assert_close(tt.unbroadcast(grad, (5,)), grad.sum(axis=(0, 1, 2)))
    assert_close(tt.unbroadcast(grad, (3, 5)), grad.sum(axis=(0, 1)))
    assert_close(tt.unbroadcast(grad, (2, 3, 5)), grad.sum(axis=0))


@exercise("unbroadcast", hint=SINGLETON)
def test_several_stretched_axes_stay(tt, rng):
    grad = rng.normal(size=(2, 3, 4, 5))
    assert_close(tt.unbroadcast(grad, (2, 1, 4, 1)), grad.sum(axis=(1, 3), keepdims=True))


@exercise("unbroadcast", hint=SINGLETON)
def test_a_stretched_axis_below_an_added_one_in_float32(tt, rng):
    grad = rng.normal(size=(6, 4, 3)).astype(np.float32)
    expected = grad.sum(axis=(0, 2))[:, np.newaxis]
    assert_close(tt.unbroadcast(grad, (4, 1)), expected, rtol=1e-4, atol=1e-5, dtype=np.float32)


@exercise("unbroadcast", hint=PARAMETER)
def test_the_gradient_of_a_number_next_to_a_matrix(tt):
    number, matrix = leaf(tt, 2.0, "float32"), leaf(tt, np.ones((3, 4)), "float32")
    gradients = (number + matrix).grad_fn.backward(np.full((3, 4), 2, dtype=np.float32))
    assert_close(gradients[0], 24, dtype=np.float32)


@exercise("unbroadcast", hint="Only shapes that broadcast to that of grad can be undone.")
def test_shapes_that_cannot_have_been_stretched(tt):
    assert_close(tt.unbroadcast(np.ones((2, 3)), (2, 3)), np.ones((2, 3)))
    with raises(ValueError, mentions=["(2, 2, 3)", "(2, 3)"]):
        tt.unbroadcast(np.ones((2, 3)), (2, 2, 3))
    with raises(ValueError, mentions=["(2, 4)", "(2, 3)"]):
        tt.unbroadcast(np.ones((2, 3)), (2, 4))


@exercise("unbroadcast", hint=NOTHING_TO_DO)
def test_sizes_of_one_that_were_not_stretched(tt, rng):
    grad = rng.normal(size=(1, 1, 4))
    assert_close(tt.unbroadcast(grad, (1, 4)), grad[0])


# arith


@exercise("arith", hint=SLOPES)
def test_arithmetic_between_shapes_that_broadcast(tt, rng):
    a, b, grad = away_from_zero(rng, 4, 1, 3), away_from_zero(rng, 2, 3), rng.normal(size=(4, 2, 3))
    for_a, for_b = tt.div_backward((leaf(tt, a) / leaf(tt, b)).grad_fn, grad)
    assert_close(reduced(for_a, a), (grad / b).sum(axis=1, keepdims=True))
    assert_close(reduced(for_b, b), (-grad * a / (b * b)).sum(axis=0))


@exercise("arith", hint=SLOPES)
@pytest.mark.parametrize("name", ["Sub", "Div"])
def test_an_operand_that_is_used_on_both_sides(tt, rng, name):
    a, grad = away_from_zero(rng, 2, 4)
    x = leaf(tt, a)
    first, second = getattr(tt, name).apply(x, x).grad_fn.backward(grad)
    assert_close(first + second, np.zeros(4))
    expect(np.abs(first).min() > 0.1, "two gradients that cancel", "zeros")


@exercise("arith", hint=POWER)
def test_gradient_of_other_powers(tt, rng):
    a = rng.uniform(0.5, 2, size=(2, 2))
    for exponent in (0.5, -1, 2.5, 5):
        assert_rule((leaf(tt, a) ** exponent).grad_fn, [a], rng.normal(size=(2, 2)))


@exercise("arith", hint=POWER)
def test_a_negative_base_with_an_odd_exponent(tt):
    (gradient,) = (leaf(tt, [-2, -1], "float32") ** 3).grad_fn.backward(np.array([1, 10], dtype=np.float32))
    assert_close(gradient, [12, 30], dtype=np.float32)


@exercise("arith", hint=SLOPES)
def test_a_number_minus_a_tensor_and_a_number_divided_by_one(tt):
    x, grad = leaf(tt, [2, 4], "float32"), np.ones(2, dtype=np.float32)
    assert_close((10 - x).grad_fn.backward(grad)[1], [-1, -1], dtype=np.float32)
    assert_close((10 / x).grad_fn.backward(grad)[1], [-2.5, -0.625], dtype=np.float32)
    assert_equal((10 / x).grad_fn.backward(grad)[0], None)
    assert_close((-x).grad_fn.backward(grad)[0], [-1, -1], dtype=np.float32)


@exercise("arith", hint="The gradient of a quotient is also needed where only one of the two requires it.")
def test_a_tensor_divided_by_a_number(tt):
    first, second = (leaf(tt, [2, 4], "float32") / 8).grad_fn.backward(np.ones(2, dtype=np.float32))
    assert_close(first, [0.125, 0.125], dtype=np.float32)
    assert_equal(second, None)


# matmul


@exercise("matmul", hint=PRODUCT)
@pytest.mark.parametrize("shapes", [((1, 5), (5, 1)), ((2, 7), (7, 3))], ids=["thin", "wide"])
def test_gradients_of_products_of_other_matrices(tt, rng, shapes):
    a, b = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
    assert_rule((leaf(tt, a) @ leaf(tt, b)).grad_fn, [a, b], rng.normal(size=(a @ b).shape))


@exercise("matmul", hint=BATCH)
@pytest.mark.parametrize(
    "shapes",
    [((5, 3, 4), (4, 2)), ((3, 4), (5, 4, 2)), ((2, 1, 3, 4), (5, 4, 2)), ((5, 1, 3, 4), (2, 4, 2))],
    ids=["weight", "left", "four-axes", "both"],
)
def test_gradients_of_products_whose_batches_broadcast(tt, rng, shapes):
    a, b = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
    grad = rng.normal(size=(a @ b).shape)
    operation = (leaf(tt, a) @ leaf(tt, b)).grad_fn
    for_a, for_b = tt.matmul_backward(operation, grad)
    numeric = slopes(operation, [a, b], grad)
    assert_close(reduced(for_a, a), numeric[0], rtol=1e-5)
    assert_close(reduced(for_b, b), numeric[1], rtol=1e-5)


@exercise("matmul", hint=VECTOR)
@pytest.mark.parametrize("shapes", [((5, 3, 4), (4,)), ((4,), (5, 4, 2))], ids=["column", "row"])
def test_gradients_of_vectors_next_to_batches(tt, rng, shapes):
    a, b = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
    grad = rng.normal(size=(a @ b).shape)
    operation = (leaf(tt, a) @ leaf(tt, b)).grad_fn
    for_a, for_b = tt.matmul_backward(operation, grad)
    numeric = slopes(operation, [a, b], grad)
    assert_close(reduced(for_a, a), numeric[0], rtol=1e-5)
    assert_close(reduced(for_b, b), numeric[1], rtol=1e-5)


@exercise("matmul", hint=IMAGES)
def test_a_constant_weight_gets_no_gradient(tt, rng):
    a, b = rng.normal(size=(2, 3)).astype(np.float32), rng.normal(size=(3, 4)).astype(np.float32)
    operation = (leaf(tt, a, "float32") @ leaf(tt, b, "float32", requires_grad=False)).grad_fn
    for_a, for_b = tt.matmul_backward(operation, np.ones((2, 4), dtype=np.float32))
    assert_close(for_a, np.tile(b.sum(axis=1), (2, 1)), dtype=np.float32)
    assert_equal(for_b, None)


@exercise("matmul", hint=UNTOUCHED)
def test_the_rule_of_matmul_changes_neither_grad_nor_the_operands(tt):
    a, b = leaf(tt, np.eye(2)), leaf(tt, [1, 2])
    grad = tt.keep(np.array([1.0, 10.0]))
    operation = (a @ b).grad_fn
    tt.matmul_backward(operation, grad)
    assert_close(tt.matmul_backward(operation, grad)[1], [1, 10])
    assert_close(a.data, np.eye(2))
    assert_close(b.data, [1, 2])


# shape


@exercise("shape", hint=MOVED)
def test_gradients_of_moves_in_float32(tt, rng):
    a, grad = leaf(tt, np.zeros((2, 3, 4)), "float32"), rng.normal(size=(3, 8)).astype(np.float32)
    (moved,) = a.reshape(3, 8).grad_fn.backward(grad)
    assert_close(moved, grad.reshape(2, 3, 4), dtype=np.float32)
    (copied,) = a.contiguous().grad_fn.backward(moved)
    assert_close(copied, moved, dtype=np.float32)


@exercise("shape", hint=INVERSE)
def test_gradients_of_permutations(tt, rng):
    for axes in ((1, 2, 0), (2, 1, 0), (1, 3, 0, 2)):
        a = rng.normal(size=(2, 3, 4, 2)[: len(axes)])
        assert_rule(leaf(tt, a).permute(*axes).grad_fn, [a], rng.normal(size=a.transpose(axes).shape))


@exercise("shape", hint=TWICE)
def test_gradient_of_pairs_of_indices_with_repetition(tt):
    operation = leaf(tt, np.zeros((3, 2)), "float32")[np.array([0, 2, 0]), np.array([1, 0, 1])].grad_fn
    (gradient,) = operation.backward(np.array([1, 2, 4], dtype=np.float32))
    assert_close(gradient, [[0, 5], [0, 0], [2, 0]], dtype=np.float32)


@exercise("shape", hint=MOVED)
def test_gradient_of_a_boolean_key_and_of_a_new_axis(tt):
    (chosen,) = leaf(tt, [1, 2, 3])[np.array([True, False, True])].grad_fn.backward(np.array([5.0, 6.0]))
    (same,) = leaf(tt, [1, 2, 3])[None, ...].grad_fn.backward(np.array([[5.0, 6.0, 7.0]]))
    (single,) = leaf(tt, [1, 2, 3])[-1].grad_fn.backward(np.array(4.0))
    assert_close(chosen, [5, 0, 6])
    assert_close(same, [5, 6, 7])
    assert_close(single, [0, 0, 4])


@exercise("shape", hint=MASK)
def test_gradient_of_a_masked_fill_in_float32(tt, rng):
    mask, grad = rng.uniform(size=(3, 4)) < 0.5, rng.normal(size=(3, 4)).astype(np.float32)
    operation = leaf(tt, np.zeros((3, 4)), "float32").masked_fill(mask, float("-inf")).grad_fn
    (gradient,) = operation.backward(grad)
    assert_close(gradient, grad * ~mask, dtype=np.float32)


@exercise("shape", hint=PIECES)
def test_gradients_of_pieces_along_the_first_axis(tt, rng):
    a, b, grad = rng.normal(size=(1, 2)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    assert_rule(tt.concatenate([leaf(tt, a), leaf(tt, b)]).grad_fn, [a, b], grad)


@exercise("shape", hint=REMOVED_AXIS)
@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_gradients_of_reductions_over_any_axes(tt, rng, name):
    a = rng.normal(size=(3, 2, 3))
    reduction = getattr(leaf(tt, a), name)
    for axis in (None, 0, (0, 2), (-1, 0)):
        kept = np.sum(a, axis=axis, keepdims=True)
        grad = rng.normal(size=kept.shape)
        assert_rule(reduction(axis=axis, keepdims=True).grad_fn, [a], grad)
        assert_rule(reduction(axis=axis).grad_fn, [a], grad.reshape(np.sum(a, axis=axis).shape))


@exercise("shape", hint=TIES)
def test_equal_maxima_of_the_whole_tensor_share_evenly_in_float32(tt):
    operation = leaf(tt, [[7, 7], [7, 0]], "float32").max().grad_fn
    (gradient,) = operation.backward(np.array(6, dtype=np.float32))
    assert_close(gradient, [[2, 2], [2, 0]], dtype=np.float32)


# act


@exercise("act", hint=OUTPUT)
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "gelu"])
def test_gradients_of_activations_over_a_wider_range(tt, rng, name):
    a = away_from_zero(rng, 12) * 3
    assert_rule(getattr(tt, name)(leaf(tt, a)).grad_fn, [a], rng.normal(size=12))


@exercise("act", hint=OUTPUT)
def test_gradients_of_activations_stay_finite_far_out_and_float32(tt):
    for activation in (tt.relu, tt.sigmoid, tt.tanh, tt.gelu, tt.softmax, tt.log_softmax):
        operation = activation(leaf(tt, [-1e4, 0.5, 1e4], "float32")).grad_fn
        (gradient,) = operation.backward(np.array([2, 3, 0], dtype=np.float32))
        expect(np.isfinite(gradient).all(), "finite gradients", str(gradient))
        assert_equal(str(gradient.dtype), "float32")


@exercise("act", hint=ROWS)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_gradients_of_softmax_in_a_cube(tt, rng, name):
    a = rng.normal(size=(2, 3, 2))
    for dim in (1, -1):
        assert_rule(getattr(tt, name)(leaf(tt, a), dim=dim).grad_fn, [a], rng.normal(size=(2, 3, 2)))


@exercise("act", hint=LOSS, weight=2)
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_gradients_of_losses_with_other_reductions(tt, rng, reduction):
    a, b = rng.normal(size=(2, 3)), rng.uniform(0.1, 0.9, size=(2, 3))
    x, t = leaf(tt, a), leaf(tt, b)
    grad = rng.normal(size=(2, 3) if reduction == "none" else ())
    assert_rule(tt.MSELoss(reduction)(x, t).grad_fn, [a, b], grad)
    assert_rule(tt.BCEWithLogitsLoss(reduction)(x, t).grad_fn, [a, b], grad)


@exercise("act", hint=LOSS)
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)], ids=["one", "batch", "sequence"])
def test_gradient_of_cross_entropy(tt, rng, shape):
    a, labels = rng.normal(size=shape), rng.integers(0, 4, size=shape[:-1])
    for loss in (tt.CrossEntropyLoss(), tt.CrossEntropyLoss("sum")):
        assert_rule(loss(leaf(tt, a), labels).grad_fn, [a], np.array(0.7))


@exercise("act", hint=COUNTED)
def test_gradient_of_cross_entropy_with_ignored_targets(tt, rng):
    a, labels = rng.normal(size=(2, 3, 4)), np.array([[-1, 2, 3], [0, -1, -1]])
    for reduction in ("mean", "sum"):
        loss = tt.CrossEntropyLoss(reduction, ignore_index=-1)
        assert_rule(loss(leaf(tt, a), labels).grad_fn, [a], np.array(1.3))


@exercise("act", hint=LOSS)
def test_gradient_of_cross_entropy_of_single_rows(tt, rng):
    a, labels, grad = rng.normal(size=(3, 4)), np.array([3, 0, 0]), rng.normal(size=3)
    assert_rule(tt.CrossEntropyLoss("none")(leaf(tt, a), labels).grad_fn, [a], grad)


# walk


@exercise("walk", hint=CONSUMERS)
def test_three_consumers_and_two_outputs(tt, rng):
    a, grad = rng.normal(size=(2, 3, 2))
    x = leaf(tt, a, "float32")
    h = x * 2
    (h * x + h + x * 5).backward(grad)
    assert_close(x.grad, grad * (4 * a + 7), rtol=1e-4, atol=1e-5, dtype=np.float32)


@exercise("walk", hint=COMPLETE)
def test_a_ladder_of_additions_and_products(tt):
    x = leaf(tt, 2.0)
    a = x + x
    b = a * x
    c = b + a
    (c * b + a).backward()
    assert_close(x.grad, 16 * 2**3 + 12 * 2**2 + 2)


@exercise("walk", hint=ONCE)
def test_blocks_with_eight_ways_through_each(tt):
    x = h = leaf(tt, 1.0)
    for _ in range(20):
        h = h + (h + h) * 0.01 + h * 0.02 + h * 0.03 + (h + h) * 0.01
    h.backward()
    assert_close(x.grad, 1.09**20)


@exercise("walk", hint=DEEP)
def test_a_chain_of_other_operations(tt):
    x, one = leaf(tt, 1.0), leaf(tt, 1.0, requires_grad=False)
    chained(tt, "mul", x, one, 3000).backward(np.array(4.0))
    assert_close(x.grad, 4)
    assert_equal(one.grad, None)


@exercise("walk", hint="A leaf that requires a gradient is a graph of its own.")
def test_backward_from_a_leaf_and_from_a_tensor_with_one_element(tt):
    x = leaf(tt, [[5]], "float32")
    x.backward()
    (x * 3).backward()
    assert_close(x.grad, [[4]], dtype=np.float32)
    assert_equal(len(tt.topological_order(x)), 1)


@exercise("walk", hint=MISTAKES)
def test_the_gradient_may_be_a_tensor_or_a_list_and_is_not_kept(tt):
    x, z, double = leaf(tt, [1, 2], "float32"), leaf(tt, [1, 2], "float32"), leaf(tt, [1, 2])
    given = tt.keep(np.array([3.0, 4.0]))
    x.backward(leaf(tt, [3, 4]))
    z.backward([3, 4])
    double.backward(given)
    given[0] = 9
    assert_close(x.grad, [3, 4], dtype=np.float32)
    assert_close(z.grad, [3, 4], dtype=np.float32)
    assert_close(double.grad, [3, 4], dtype=np.float64)


@exercise("walk", hint=NONE)
def test_nothing_behind_a_missing_gradient_gets_one(tt):
    a, b = leaf(tt, 2.0), leaf(tt, 3.0)
    h = b * 2
    y = a + h * 4
    rule_that_returns(tt, tt.Add, (np.array(1.0), None))
    y.backward()
    assert_equal(b.grad, None)
    assert_equal(type_name(h.grad_fn), "Freed")
    ((a + b) * b).backward()
    assert_close(b.grad, 5)


@exercise("walk", hint=INTERIOR)
def test_the_result_itself_keeps_a_gradient_only_if_asked(tt):
    x = leaf(tt, 3.0)
    y, z = x * x, x * x
    y.retain_grad()
    y.backward(retain_graph=True)
    y.backward()
    z.backward()
    assert_close(y.grad, 2)
    assert_equal(z.grad, None)
    assert_close(x.grad, 18)


@exercise("walk", hint=FREED)
def test_leaves_are_not_freed_and_retained_graphs_keep_their_operations(tt):
    x = leaf(tt, 3.0)
    y = x * x
    y.backward(retain_graph=True)
    assert_equal(type_name(y.grad_fn), "Mul")
    y.backward()
    assert_equal(x.grad_fn, None)
    (x * x).backward()
    assert_close(x.grad, 18)


@exercise("walk", hint=FREED)
def test_the_order_of_a_freed_graph_is_an_error(tt):
    x = leaf(tt, 3.0)
    y = x * x
    tt.backward(y)
    assert_close(x.grad, 6)
    with raises(RuntimeError, mentions=["freed", "retain_graph"]):
        tt.topological_order(y + x)


@exercise("walk", hint="The engine says what is wrong with a rule: missing, too short, or of another shape.")
def test_rules_that_are_missing_or_wrong(tt):
    x = leaf(tt, [1, 2])
    with raises(NotImplementedError, mentions=["Freed has no gradient rule"]):
        tt.core.autograd.Freed(x).backward(np.ones(2))
    rule_that_returns(tt, tt.Mul, (np.ones(2),))
    with raises(ValueError, mentions=["Mul", "1", "2"]):
        (x * x).backward(np.ones(2))
    assert_close(x.detach().data, [1, 2])


@exercise("walk", hint=ARRAY)
def test_gradients_follow_the_dtype_of_each_tensor(tt):
    single, double = leaf(tt, [1, 2], "float32"), leaf(tt, [3, 4], "float64")
    (single * double).backward(np.array([1.0, 1.0]))
    assert_close(single.grad, [3, 4], dtype=np.float32)
    assert_close(double.grad, [1, 2], dtype=np.float64)


@exercise("walk", hint=MISTAKES)
def test_integers_have_no_gradient(tt):
    counts, weights = leaf(tt, [1, 2], "int64"), leaf(tt, [1, 2], "float32")
    with raises(TypeError, mentions=["int64"]):
        (counts * 2).backward([1, 1])
    with raises(TypeError, mentions=["int64"]):
        (counts * weights).backward([1, 1])


@exercise("walk", hint="gradcheck compares your walk with finite differences, element by element.")
def test_gradcheck_accepts_a_right_rule_and_names_the_worst_element_of_a_wrong_one(tt):
    a, b = leaf(tt, [1, 2], "float32"), leaf(tt, [3, 7], "float32")
    assert_equal(tt.gradcheck(tt.Mul.apply, [a, b]), True)
    assert_equal(tt.gradcheck(tt.Copy.apply, a), True)
    assert_equal(tt.gradcheck(tt.Mul.apply, [a, b], 1e-5, 1e-8, 1e-7), True)
    assert_close(a.data, [1, 2], dtype=np.float32)
    assert_equal(a.grad, None)
    tt.completes(tt.Mul)(tt.add_backward)
    with raises(AssertionError, mentions=["input 0", "(1,)", "finite"]):
        tt.gradcheck(tt.Mul.apply, [a, b])
    with raises(ValueError, mentions=["requires a gradient"]):
        tt.gradcheck(tt.Mul.apply, leaf(tt, [1], requires_grad=False))
    rule_that_returns(tt, tt.Mul, (None, np.ones(2)))
    with raises(AssertionError, mentions=["input 0", "backward says 0,"]):
        tt.gradcheck(tt.Mul.apply, [a, b])


@exercise("walk", hint="gradcheck allows 1e-3 and 1 % by default.")
def test_gradcheck_allows_a_small_difference(tt):
    a, constant = leaf(tt, [1, 2]), leaf(tt, [1, 1], requires_grad=False)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, size=2)
    rule_that_returns(tt, tt.Add, (weights * 1.009 + 0.0009, None))
    assert_equal(tt.gradcheck(tt.Add.apply, [a, constant]), True)
    rule_that_returns(tt, tt.Add, (weights * 1.0101 + 0.001, None))
    with raises(AssertionError, mentions=["input 0"]):
        tt.gradcheck(tt.Add.apply, [a, constant])
    rule_that_returns(tt, tt.Add, (weights * 1.009 + 0.0009, None))
    with raises(AssertionError, mentions=["input 0"]):
        tt.gradcheck(tt.Add.apply, [a, constant], 1e-3, 1e-5, 1e-4)


@exercise("walk", hint="gradcheck checks every input that requires a gradient, wherever it stands.")
def test_gradcheck_passes_over_constants_and_leaves_whole_numbers_whole(tt):
    numbers, counts = leaf(tt, [1, 2], "float32"), leaf(tt, [3, 5], "int64", requires_grad=False)
    product = tt.fresh_import("unittest.mock").Mock(wraps=tt.Mul.apply)
    assert_equal(tt.gradcheck(product, [numbers, counts]), True)
    copies = product.call_args[0]
    assert_equal([copy.dtype.kind + str(copy.dtype.itemsize) for copy in copies], ["f8", "i8"])
    rule_that_returns(tt, tt.Mul, (None, np.full(2, 7.0)))
    with raises(AssertionError, mentions=["input 1"]):
        tt.gradcheck(tt.Mul.apply, [leaf(tt, [1, 2], requires_grad=False), leaf(tt, [3, 4])])


@exercise("walk", hint="gradcheck: what agrees exactly passes with any tolerance, also with none.")
def test_gradcheck_without_tolerance(tt):
    rule_that_returns(tt, tt.ReLUFunction, (np.zeros(2),))
    assert_equal(tt.gradcheck(tt.relu, leaf(tt, [-1, -2]), 1e-3, 0.0, 0.0), True)
    rule_that_returns(tt, tt.ReLUFunction, (np.array([0.0, 1e-12]),))
    with raises(AssertionError, mentions=["(1,)"]):
        tt.gradcheck(tt.relu, leaf(tt, [-1, -2]), 1e-3, 0.0, 0.0)


@exercise("walk", hint="gradcheck moves by 1e-3 by default, in both directions.")
def test_gradcheck_sees_a_corner_within_its_step(tt):
    rule_that_returns(tt, tt.ReLUFunction, (np.random.default_rng(0).uniform(0.5, 1.5, size=1) * 0.75,))
    near = leaf(tt, [0.0005])
    assert_equal(tt.gradcheck(tt.relu, near), True)
    with raises(AssertionError, mentions=["(0,)"]):
        tt.gradcheck(tt.relu, near, eps=1e-5)


@exercise("walk", hint="graph_to_text shows the topological order, a line for each tensor.")
def test_a_graph_as_text(tt):
    x, w = leaf(tt, np.ones((2, 3)), requires_grad=False), leaf(tt, np.ones((3, 4)))
    text = tt.graph_to_text((x @ w) * 2)
    lines = ["0: leaf (3, 4)", "1: MatMul (2, 4) of constant (2, 3), 0", "2: Mul (2, 4) of 1, constant ()"]
    assert_equal(text, "\n".join(lines))
    assert_equal(tt.enable_autograd(), None)
    assert_equal(tt.enable_autograd(quiet=True), None)


@exercise(
    "walk",
    hint="The whole chain: rules, order, leaves. Compare one layer after the other with finite differences.",
)
def test_the_given_losses_in_a_whole_walk(tt, rng):
    p, t = rng.uniform(0.1, 0.9, size=(2, 2, 3))
    x, y = leaf(tt, p), leaf(tt, t)
    tt.BinaryCrossEntropyLoss()(x, y).backward()
    assert_close(x.grad, (p - t) / (p * (1 - p)) / 6)
    assert_close(y.grad, (np.log(1 - p) - np.log(p)) / 6)
    edge = leaf(tt, [0.0, 1.0])
    tt.BinaryCrossEntropyLoss("sum")(edge, leaf(tt, [1.0, 0.0], requires_grad=False)).backward()
    assert_close(edge.grad, [-1e7, 1e7], rtol=1e-4)
    z = leaf(tt, p * 5 + 1000)
    tt.logsumexp(z, dim=1).backward(np.array([1.0, 2.0]))
    tt.logsumexp(z, dim=1, keepdims=True).backward(np.array([[1.0], [2.0]]))
    weights = np.exp(5 * p)
    assert_close(z.grad, weights / weights.sum(axis=1, keepdims=True) * [[2], [4]])


@exercise("walk", hint="None where no gradient is wanted saves work; everything else stays right.")
def test_the_rule_of_a_product_with_constants(tt):
    x, two = leaf(tt, [1, 2]), leaf(tt, [2, 2], requires_grad=False)
    left = tt.mul_backward((x * two).grad_fn, np.ones(2))
    right = tt.mul_backward((two * x).grad_fn, np.ones(2))
    assert_close(left[0], [2, 2])
    assert_equal(left[1], None)
    assert_equal(right[0], None)
    rule_that_returns(tt, tt.Add, (np.ones(2), np.ones(2)))
    assert_equal((x + two).grad_fn.backward(np.ones(2))[1], None)
    (x * two).backward(np.ones(2))
    assert_close(x.grad, [2, 2])
    assert_equal(two.grad, None)


# nograd


@exercise("nograd", hint=BEFORE)
def test_three_blocks_inside_each_other(tt):
    blocks = [tt.no_grad() for _ in range(3)]
    [block.__enter__() for block in blocks]
    blocks[2].__exit__(None, None, None)
    blocks[1].__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), False)
    blocks[0].__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), True)


@exercise("nograd", hint=ENDS)
def test_an_exception_in_an_inner_block_leaves_the_outer_one_alone(tt):
    outer = tt.no_grad()
    outer.__enter__()
    with raises(TypeError):
        tt.no_grad()(tt.tanh)("text")
    assert_equal(tt.is_grad_enabled(), False)
    outer.__exit__(None, None, None)
    assert_equal(tt.is_grad_enabled(), True)


@exercise("nograd", hint=NO_GRAPH)
def test_a_decorated_function_keeps_its_name_arguments_and_result(tt):
    quiet = tt.no_grad()(tt.softmax)
    result = quiet(leaf(tt, [[0, 0], [0, 0]]), dim=0)
    assert_close(result.data, [[0.5, 0.5], [0.5, 0.5]])
    assert_equal(quiet.__name__, "softmax")
    assert_equal(result.grad_fn, None)
    assert_equal(tt.softmax(leaf(tt, [[0, 0]])).requires_grad, True)


@exercise(
    "nograd", hint="A tensor that is told to require a gradient does so in the block, too: it is a leaf."
)
def test_a_leaf_made_in_a_block_requires_a_gradient(tt):
    block = tt.no_grad()
    block.__enter__()
    x = leaf(tt, [1, 2])
    assert_equal((x * 2).requires_grad, False)
    block.__exit__(None, None, None)
    assert_equal((x * 2).requires_grad, True)


@exercise("nograd", hint=CUT)
def test_a_detached_leaf_in_float32_is_a_constant(tt):
    x, array = leaf(tt, [[1, 2]], "float32"), tt.keep(np.array([[1, 2]], dtype=np.float32))
    x.data = array
    cut = tt.detach(x)
    array[0] = 7
    assert_close(cut.data, [[1, 2]], dtype=np.float32)
    assert_equal(cut.requires_grad, False)
    assert_equal((cut * cut).requires_grad, False)
    assert_equal(x.requires_grad, True)
