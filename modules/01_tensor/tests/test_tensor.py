"""Visible tests of module 01: one behaviour each, each scored for one exercise.

Inputs are float32 arrays wherever a dtype matters, so that a mistake in one
exercise does not show up as a failure of another.
"""

import operator

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

OWNER = "Who owns these bytes? After construction nobody else may be able to change them."
DTYPE = "A Tensor is float32 unless told otherwise: look for the line that creates an array without a dtype."
REFLECTED = "In 10 - t Python calls t.__rsub__(10): for a reflected operator you are the right-hand operand."
BROADCAST = (
    "Align the shapes at the right; a missing axis counts as 1; sizes fit if equal or if one of them is 1."
)
ROWS = "Rows of the right operand are its second-to-last axis; axes before the last two are a batch."
NAME_BOTH = "The message must name both whole shapes and the numbers that disagree."
ENTRY = "One entry is a row of a times a column of b, summed; * is elementwise."
LOOPS = "Three sizes, three loops: M rows, N columns, and a sum over the K that both share."
BATCH = (
    "For more than two axes the leading ones are a batch of independent products; np.dot does something else."
)
INFER = "For the size written as -1 take the product of the known sizes, then divide."
SWAP = "In a transpose only two axes move, by default the last two; all others stay where they are."
PERMUTE = "Axis k of the result is axis axes[k] of the input, not the other way round."
OWN_RESULT = "The result is a view of the source: it needs bytes of its own."
KEY = "Hand the key to the array as it is: a slice keeps its axis, even with length 1; an integer removes it."
AXIS = "Which axis disappears? axis=0 sums over the rows; all other axes stay."
KEEPDIMS = "keepdims leaves an axis of size 1 in the place of each axis that was reduced."
COUNT = "The mean divides by how many elements disappeared into one result, not by how many there are in all."


# create


@exercise("create", hint="A nested list becomes an array with one axis for each level of nesting.")
def test_a_nested_list_becomes_a_float32_tensor(tt):
    t = tt.Tensor([[1, 2, 3], [4, 5, 6]])
    assert_close(t.data, [[1, 2, 3], [4, 5, 6]], dtype=np.float32)
    assert_equal(t.shape, (2, 3))
    assert_equal(t.size, 6)


@exercise("create", hint="A number is an array with no axes; its shape is ().")
def test_a_number_becomes_a_tensor_without_axes(tt):
    t = tt.Tensor(2.5)
    assert_close(t.data, np.float32(2.5))
    assert_equal(t.ndim, 0)


@exercise("create", hint=DTYPE)
def test_a_float64_array_becomes_float32(tt):
    assert_close(tt.Tensor(np.array([0.5, 1.5])).data, [0.5, 1.5], dtype=np.float32)


@exercise("create", hint="An explicit dtype wins over the default.")
def test_an_explicit_dtype_is_kept(tt):
    assert_close(tt.Tensor([1, -2, 3], dtype="int8").data, [1, -2, 3], dtype=np.int8)


@exercise("create", hint=OWNER)
def test_changing_the_source_array_does_not_change_the_tensor(tt):
    source = tt.keep(np.ones(3, dtype=np.float32))
    t = tt.Tensor(source)
    source[0] = 9
    assert_close(t.data, [1, 1, 1])


@exercise("create", hint=OWNER)
def test_a_tensor_made_from_a_tensor_has_memory_of_its_own(tt):
    source = tt.keep(np.ones(3, dtype=np.float32))
    original = tt.Tensor([0, 0, 0])
    original.data = source
    t = tt.Tensor(original)
    source[0] = 9
    assert_close(t.data, [1, 1, 1])


@exercise("create", hint="A list may hold Tensors: numpy can stack their arrays, not the Tensors themselves.")
def test_a_list_of_tensors_is_stacked_on_a_new_first_axis(tt):
    t = tt.Tensor([tt.Tensor([1, 2, 3]), tt.Tensor([4, 5, 6])])
    assert_close(t.data, [[1, 2, 3], [4, 5, 6]])


@exercise("create", hint="item() gives a plain Python number, not an array and not a numpy scalar.")
def test_item_of_one_element_is_a_python_float(tt):
    assert_equal(tt.Tensor(np.full((1, 1), 2.5, dtype=np.float32)).item(), 2.5)


@exercise(
    "create", hint="item() is defined for exactly one element; otherwise raise ValueError and name the shape."
)
def test_item_of_several_elements_is_an_error_that_names_the_shape(tt):
    t = tt.Tensor(np.zeros((2, 3), dtype=np.float32))
    with raises(ValueError, mentions=["(2, 3)"]):
        t.item()


# footprint


@exercise("footprint", hint="Number of elements times bytes of one element.")
def test_float32_data_takes_four_bytes_an_element(tt):
    assert_equal(tt.Tensor(np.zeros((3, 5)), dtype="float32").memory_footprint(), 60)


@exercise("footprint", hint="Not every element has 4 bytes: ask the dtype.")
def test_int8_data_takes_one_byte_an_element(tt):
    assert_equal(tt.Tensor([1, 2], dtype="int8").memory_footprint(), 2)


@exercise(
    "footprint",
    hint="A shape without axes holds one element; np.prod(()) is the float 1.0, and bytes are an int.",
)
def test_a_single_number_takes_four_bytes_as_an_int(tt):
    assert_equal(tt.Tensor(7, dtype="float32").memory_footprint(), 4)


# arith


@exercise("arith", hint="Check each operator on a pair of numbers you can compute in your head.")
@pytest.mark.parametrize(
    ("calculate", "expected"),
    [
        (operator.sub, [[-3, -3], [7, 1]]),
        (operator.mul, [[4, 10], [-6, 12]]),
        (operator.truediv, [[0.25, 0.4], [-6, 4 / 3]]),
    ],
    ids=["sub", "mul", "div"],
)
def test_two_tensors_combine_element_by_element(tt, calculate, expected):
    a = tt.Tensor(np.array([[1, 2], [6, 4]], dtype=np.float32))
    b = tt.Tensor(np.array([[4, 5], [-1, 3]], dtype=np.float32))
    assert_close(calculate(a, b).data, expected)


@exercise("arith", hint=REFLECTED)
def test_a_number_minus_a_tensor(tt):
    assert_close((10 - tt.Tensor(np.array([1, 4], dtype=np.float32))).data, [9, 6])


@exercise("arith", hint=REFLECTED)
def test_a_number_divided_by_a_tensor(tt):
    assert_close((1 / tt.Tensor(np.array([4, 8], dtype=np.float32))).data, [0.25, 0.125])


@exercise("arith", hint=REFLECTED)
def test_an_array_minus_a_tensor_is_a_tensor(tt):
    result = np.array([5.0, 6.0]) - tt.Tensor(np.array([1, 4], dtype=np.float32))
    expect(type_name(result) == "Tensor", "a Tensor", type_name(result))
    assert_close(result.data, [4, 2])


@exercise("arith", hint="-t and t**2 are operations of their own: Neg and Pow.")
def test_negation_and_power(tt):
    t = tt.Tensor(np.array([1, -2, 3], dtype=np.float32))
    assert_close((-t).data, [-1, 2, -3])
    assert_close((t**2).data, [1, 4, 9])


@exercise("arith", hint=BROADCAST)
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((2, 3), (3,), (2, 3)),
        ((3,), (2, 3), (2, 3)),
        ((8, 1, 6), (7, 1), (8, 7, 6)),
        ((), (4, 5), (4, 5)),
    ],
    ids=["matrix-row", "row-matrix", "both-stretch", "number"],
)
def test_broadcast_shape_follows_the_rule(tt, a, b, expected):
    assert_equal(tt.broadcast_shape(a, b), expected)


@exercise("arith", hint=BROADCAST)
def test_a_row_is_subtracted_from_every_row_of_a_matrix(tt, rng):
    a, b = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    assert_close((tt.Tensor(a) - tt.Tensor(b)).data, a - b)


@exercise("arith", hint=NAME_BOTH)
def test_shapes_that_do_not_broadcast_are_an_error_that_names_both(tt):
    a, b = tt.Tensor(np.zeros((2, 3), dtype=np.float32)), tt.Tensor(np.zeros(4, dtype=np.float32))
    with raises(ValueError, mentions=["(2, 3)", "(4,)"]):
        a * b


@exercise(
    "arith", hint="Division by zero is inf or nan in IEEE arithmetic; a guard replaces it by a wrong number."
)
def test_division_by_zero_gives_infinity_and_nan(tt):
    a = tt.Tensor(np.array([1, -1, 0], dtype=np.float32))
    assert_close((a / tt.Tensor(np.zeros(3, dtype=np.float32))).data, [np.inf, -np.inf, np.nan])


@exercise("arith", hint=DTYPE)
def test_a_number_does_not_promote_a_float32_tensor(tt):
    t = tt.Tensor(np.array([1, 2], dtype=np.float32))
    assert_close((t / 3).data, [1 / 3, 2 / 3], dtype=np.float32)
    assert_close((0.1 * t).data, [0.1, 0.2], dtype=np.float32)


# matcheck


@exercise("matcheck", hint=ROWS)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((2, 3), (3, 4)),
        ((2, 3), (3,)),
        ((3,), (3, 4)),
        ((3,), (3,)),
        ((2, 3, 4), (2, 4, 5)),
        ((6, 3, 4), (4, 5)),
    ],
    ids=["matrices", "matrix-vector", "vector-matrix", "vectors", "batch", "batch-matrix"],
)
def test_shapes_that_fit_pass_the_check(tt, left, right):
    a, b = tt.Tensor(np.zeros(left, dtype=np.float32)), tt.Tensor(np.zeros(right, dtype=np.float32))
    assert_equal(tt.check_matmul(a, b), None)


@exercise("matcheck", hint=NAME_BOTH)
@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (4, 5)), ((2, 3), (2,)), ((4,), (3, 4)), ((3,), (4,)), ((2, 3, 4), (2, 3, 4))],
    ids=["matrices", "matrix-vector", "vector-matrix", "vectors", "batch"],
)
def test_inner_sizes_that_differ_are_an_error_that_names_both_shapes(tt, left, right):
    a, b = tt.Tensor(np.zeros(left, dtype=np.float32)), tt.Tensor(np.zeros(right, dtype=np.float32))
    with raises(ValueError, mentions=[str(left), str(right)]):
        a @ b


@exercise(
    "matcheck",
    hint="Only a Tensor has axes to check: anything else on the right is a TypeError that names its type.",
)
@pytest.mark.parametrize("other", [2, [[1.0], [2.0]], np.ones((2, 1))], ids=["number", "list", "array"])
def test_a_right_operand_that_is_no_tensor_is_a_type_error(tt, other):
    t = tt.Tensor(np.zeros((3, 2), dtype=np.float32))
    with raises(TypeError, mentions=[type(other).__name__]):
        t.matmul(other)


@exercise("matcheck", hint="An operand without axes has nothing to sum over: ValueError.")
def test_an_operand_without_axes_is_an_error(tt):
    a, number = tt.Tensor(np.zeros((2, 3), dtype=np.float32)), tt.Tensor(2.0)
    with raises(ValueError, mentions=["(2, 3)", "()"]):
        a @ number
    with raises(ValueError, mentions=["(2, 3)", "()"]):
        number @ a


# matmul


@exercise("matmul", hint=ENTRY)
def test_the_loops_multiply_rows_with_columns(tt):
    a = np.array([[1, 2], [3, 4]], dtype=np.float32)
    b = np.array([[5, 6], [7, 8]], dtype=np.float32)
    assert_close(tt.matmul_loops(a, b), [[19, 22], [43, 50]])


@exercise("matmul", hint=LOOPS)
@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(2, 5, 3), (4, 1, 2), (1, 6, 1)], ids=["2x5x3", "4x1x2", "1x6x1"]
)
def test_the_loops_handle_rectangular_matrices(tt, rng, rows, inner, columns):
    a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    assert_close(tt.matmul_loops(a, b), a @ b)


@exercise("matmul", hint="The result has the dtype numpy would choose for the two: np.result_type(a, b).")
def test_the_loops_keep_float32(tt, rng):
    a, b = rng.normal(size=(2, 3, 3)).astype(np.float32)
    assert_close(tt.matmul_loops(a, b), a @ b, dtype=np.float32)


@exercise("matmul", hint=ENTRY)
def test_the_operation_multiplies_rows_with_columns(tt):
    a = np.array([[1, 2], [3, 4]], dtype=np.float32)
    b = np.array([[5, 6], [7, 8]], dtype=np.float32)
    assert_close(tt.MatMul.apply(tt.Tensor(a), tt.Tensor(b)).data, [[19, 22], [43, 50]])


@exercise("matmul", hint="A vector on one side gives a vector; two vectors give a single number.")
@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3,)), ((3,), (3, 4)), ((3,), (3,))],
    ids=["matrix-vector", "vector-matrix", "vectors"],
)
def test_vectors_multiply(tt, rng, left, right):
    a, b = rng.normal(size=left).astype(np.float32), rng.normal(size=right).astype(np.float32)
    assert_close(tt.MatMul.apply(tt.Tensor(a), tt.Tensor(b)).data, np.matmul(a, b))


@exercise("matmul", hint=BATCH)
def test_a_batch_of_matrices_multiplies_pair_by_pair(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    b = rng.normal(size=(2, 4, 5)).astype(np.float32)
    assert_close(tt.MatMul.apply(tt.Tensor(a), tt.Tensor(b)).data, np.matmul(a, b), dtype=np.float32)


@exercise("matmul", hint=ENTRY)
def test_the_operator_multiplies_two_tensors(tt, rng):
    a, b = rng.normal(size=(3, 4)).astype(np.float32), rng.normal(size=(4, 2)).astype(np.float32)
    assert_close((tt.Tensor(a) @ tt.Tensor(b)).data, a @ b, dtype=np.float32)


# shape


@exercise("shape", hint="Reshaping keeps the elements in row-major order.")
def test_reshape_keeps_the_order_of_the_elements(tt):
    t = tt.Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
    assert_close(t.reshape(3, 2).data, [[0, 1], [2, 3], [4, 5]])
    assert_close(t.reshape((6,)).data, [0, 1, 2, 3, 4, 5])


@exercise("shape", hint=INFER)
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((24,), (2, -1, 3), (2, 4, 3)),
        ((2, 3, 4), (-1,), (24,)),
        ((2, 3, 4), (6, -1), (6, 4)),
        ((7,), (-1, 7), (1, 7)),
    ],
    ids=["two-known", "flatten", "one-known", "nothing-left"],
)
def test_a_size_of_minus_one_is_worked_out(tt, old, new, expected):
    assert_equal(tt.infer_shape(old, new), expected)


@exercise(
    "shape", hint="Check in this order: more than one -1, sizes that are 0 or below -1, divisibility, count."
)
@pytest.mark.parametrize(
    "new",
    [(-1, -1), (0, 6), (-2, -3), (4, -1), (5,), (2, 2)],
    ids=["two-unknown", "zero", "negative", "no-divisor", "five", "four"],
)
def test_an_impossible_reshape_is_an_error_that_names_both_shapes(tt, new):
    assert_equal(tt.infer_shape((2, 3), (3, -1)), (3, 2))
    with raises(ValueError, mentions=["(2, 3)", str(new)]):
        tt.infer_shape((2, 3), new)


@exercise("shape", hint=SWAP)
def test_transpose_without_arguments_swaps_the_last_two_axes(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.Tensor(a).transpose().data, np.swapaxes(a, 1, 2))
    assert_close(tt.Tensor(a).T.data, np.swapaxes(a, 1, 2))


@exercise("shape", hint=SWAP)
def test_transpose_swaps_two_named_axes(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.Tensor(a).transpose(0, -1).data, np.swapaxes(a, 0, 2))


@exercise("shape", hint="A vector has no two axes to exchange: its transpose is a copy of it.")
def test_transpose_of_a_vector_is_a_copy(tt):
    t = tt.Tensor(np.array([1, 2, 3], dtype=np.float32))
    assert_close(t.transpose().data, [1, 2, 3])
    expect(tt.same(t.transpose(), t) is False, "a new Tensor", "the same Tensor")


@exercise(
    "shape",
    hint="transpose exchanges two axes: with only one of them named there is nothing to exchange it with.",
)
def test_transpose_with_one_axis_is_an_error(tt):
    t = tt.Tensor(np.zeros((2, 3), dtype=np.float32))
    with raises(ValueError):
        t.transpose(0)


@exercise("shape", hint=PERMUTE)
def test_permute_reorders_the_axes(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.Tensor(a).permute(2, 0, 1).data, a.transpose(2, 0, 1))


@exercise("shape", hint=OWN_RESULT)
def test_a_reshaped_tensor_has_memory_of_its_own(tt):
    source = tt.keep(np.zeros((2, 3), dtype=np.float32))
    t = tt.Tensor(0)
    t.data = source
    flat = t.reshape(6)
    source[1, 1] = 9
    assert_close(flat.data, [0, 0, 0, 0, 0, 0])


# index


@exercise("index", hint=KEY)
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (1, [5, 6, 7, 8, 9]),
        ((1, 2), 7),
        (slice(1, 3), [[5, 6, 7, 8, 9], [10, 11, 12, 13, 14]]),
        (slice(1, 2), [[5, 6, 7, 8, 9]]),
        ((slice(None), slice(None, None, 3)), [[0, 3], [5, 8], [10, 13], [15, 18]]),
        ((Ellipsis, 0), [0, 5, 10, 15]),
    ],
    ids=["row", "element", "rows", "one-row", "columns", "ellipsis"],
)
def test_an_index_picks_the_same_elements_as_in_numpy(tt, key, expected):
    t = tt.Tensor(np.arange(20, dtype=np.float32).reshape(4, 5))
    assert_close(t[key].data, expected)


@exercise("index", hint=KEY)
def test_an_integer_array_picks_rows_and_may_repeat_them(tt):
    t = tt.Tensor(np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32))
    assert_close(t[np.array([2, 0, 2])].data, [[5, 6], [1, 2], [5, 6]])


@exercise("index", hint=KEY)
def test_a_boolean_array_picks_the_elements_where_it_is_true(tt):
    a = np.array([[1, -2], [-3, 4]], dtype=np.float32)
    assert_close(tt.Tensor(a)[a > 0].data, [1, 4])


@exercise("index", hint=OWN_RESULT)
def test_a_slice_has_memory_of_its_own(tt):
    source = tt.keep(np.arange(6, dtype=np.float32))
    t = tt.Tensor(0)
    t.data = source
    part = t[1:4]
    source[2] = 9
    assert_close(part.data, [1, 2, 3])


# reduce


@exercise("reduce", hint=AXIS)
@pytest.mark.parametrize(
    ("axis", "expected"),
    [(None, 21), (0, [5, 7, 9]), (1, [6, 15]), (-1, [6, 15])],
    ids=["all", "rows", "columns", "last"],
)
def test_sum_removes_the_named_axis(tt, axis, expected):
    t = tt.Tensor(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))
    assert_close(t.sum(axis=axis).data, expected)


@exercise("reduce", hint=AXIS)
@pytest.mark.parametrize("axis", [None, 0, 1], ids=["all", "rows", "columns"])
def test_max_takes_the_largest_along_the_named_axis(tt, axis):
    a = np.array([[1, 8, 3], [4, 5, 6]], dtype=np.float32)
    assert_close(tt.Tensor(a).max(axis=axis).data, a.max(axis=axis))


@exercise("reduce", hint=COUNT)
@pytest.mark.parametrize(
    ("axis", "expected"), [(None, 3.5), (0, [2.5, 3.5, 4.5]), (1, [2, 5])], ids=["all", "rows", "columns"]
)
def test_mean_divides_by_the_elements_that_disappeared(tt, axis, expected):
    t = tt.Tensor(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))
    assert_close(t.mean(axis=axis).data, expected)


@exercise("reduce", hint=KEEPDIMS)
@pytest.mark.parametrize("method", ["sum", "mean", "max"])
def test_keepdims_keeps_the_axis_with_size_one(tt, rng, method):
    a = rng.normal(size=(4, 3)).astype(np.float32)
    result = getattr(tt.Tensor(a), method)(axis=1, keepdims=True)
    assert_close(result.data, getattr(a, method)(axis=1, keepdims=True), atol=1e-5)


@exercise("reduce", hint="axis may be a tuple: all its axes disappear together.")
def test_a_tuple_of_axes_disappears_together(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    assert_close(tt.Tensor(a).sum(axis=(0, -1)).data, a.sum(axis=(0, 2)), atol=1e-5)


@exercise("reduce", hint=DTYPE)
@pytest.mark.parametrize("method", ["sum", "mean", "max"])
def test_reductions_of_float32_stay_float32(tt, method):
    a = np.array([[1, 2, 3], [4, 5, 7]], dtype=np.float32)
    assert_close(getattr(tt.Tensor(a), method)(axis=0).data, getattr(a, method)(axis=0), dtype=np.float32)
