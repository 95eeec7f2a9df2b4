"""Hidden tests of module 01: the same behaviours at other shapes, dtypes and values."""

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
GIVEN = "This part is given: compare the cell with the notebook you started from."
COUNT = "The mean divides by how many elements disappeared into one result, not by how many there are in all."


# create


@exercise("create", hint="A nested list becomes an array with one axis for each level of nesting.")
def test_three_levels_of_nesting_become_three_axes(tt):
    t = tt.Tensor([[[1.5], [2]], [[3], [-4]]])
    assert_close(t.data, [[[1.5], [2]], [[3], [-4]]], dtype=np.float32)
    assert_equal(t.shape, (2, 2, 1))
    assert_equal(t.ndim, 3)
    assert_equal(t.numel(), 4)


@exercise("create", hint=DTYPE)
@pytest.mark.parametrize("dtype", ["float64", "int64", "bool"])
def test_arrays_of_any_number_type_become_float32(tt, dtype):
    assert_close(tt.Tensor(np.array([0, 1, 1], dtype=dtype)).data, [0, 1, 1], dtype=np.float32)


@exercise("create", hint="An explicit dtype wins over the default, also when the data is a Tensor.")
def test_an_explicit_dtype_wins_for_a_tensor_too(tt):
    t = tt.Tensor(tt.Tensor([1, 2]), dtype="float64")
    assert_close(t.data, [1, 2], dtype=np.float64)


@exercise("create", hint=OWNER)
def test_an_int8_source_is_copied_too(tt):
    source = tt.keep(np.array([1, 2, 3], dtype=np.int8))
    t = tt.Tensor(source, dtype="int8")
    source[1] = 7
    assert_close(t.data, [1, 2, 3], dtype=np.int8)


@exercise("create", hint="A list may hold Tensors: numpy can stack their arrays, not the Tensors themselves.")
def test_three_matrices_stack_on_a_new_first_axis(tt, rng):
    arrays = rng.normal(size=(3, 2, 4)).astype(np.float32)
    t = tt.Tensor([tt.Tensor(array) for array in arrays])
    assert_close(t.data, arrays, dtype=np.float32)


@exercise("create", hint="An empty list is a tensor with one axis of length 0.")
def test_an_empty_list_has_no_elements(tt):
    t = tt.Tensor([])
    assert_equal(t.shape, (0,))
    assert_equal(t.size, 0)


@exercise("create", hint="item() gives a plain Python number, whatever the shape of the one element.")
def test_item_of_an_integer_tensor_is_a_python_int(tt):
    assert_equal(tt.Tensor([[[5]]], dtype="int8").item(), 5)


@exercise("create", hint="No element is not one element: item() must raise ValueError.")
def test_item_of_no_element_is_an_error(tt):
    assert_equal(tt.Tensor(4).item(), 4.0)
    t = tt.Tensor([])
    with raises(ValueError, mentions=["(0,)"]):
        t.item()


@exercise("create", hint=GIVEN)
def test_a_new_tensor_wants_no_gradient_and_has_no_history(tt):
    t = tt.Tensor([1, 2])
    assert_equal([t.requires_grad, t.grad, t.grad_fn, t.retains_grad], [False, None, None, False])


@exercise("create", hint=GIVEN)
def test_a_tensor_remembers_what_it_is_told_about_gradients(tt):
    t = tt.Tensor([1, 2], requires_grad=True)
    t.grad = np.ones(2)
    t.zero_grad()
    t.retain_grad()
    assert_equal([t.requires_grad, t.grad, t.retains_grad], [True, None, True])


@exercise("create", hint=GIVEN)
def test_the_text_of_a_tensor_shows_numbers_shape_and_gradient(tt):
    assert_equal(repr(tt.Tensor([[1, 2], [3, 4]])), "Tensor([[1., 2.],\n        [3., 4.]], shape=(2, 2))")
    assert_equal(repr(tt.Tensor(5, requires_grad=True)), "Tensor(5., shape=(), requires_grad=True)")


@exercise("create", hint=GIVEN)
def test_the_length_of_a_tensor_is_that_of_its_first_axis(tt):
    assert_equal(len(tt.Tensor([[1], [2], [3]])), 3)
    assert_equal(len(tt.Tensor([7])), 1)
    number = tt.Tensor(7)
    with raises(TypeError, mentions=["()"]):
        len(number)


@exercise("create", hint="zeros and ones hand an array to Tensor, which copies it in the dtype it is given.")
def test_zeros_and_ones_have_the_shape_and_dtype_asked_for(tt):
    assert_close(tt.Tensor.zeros(2, 3).data, [[0, 0, 0], [0, 0, 0]], dtype=np.float32)
    assert_close(tt.Tensor.zeros((2,), dtype="int8").data, [0, 0], dtype=np.int8)
    assert_close(tt.Tensor.ones((1, 2)).data, [[1, 1]], dtype=np.float32)
    assert_close(tt.Tensor.ones(3, dtype="float64").data, [1, 1, 1], dtype=np.float64)


@exercise("create", hint="arange hands an array of integers to Tensor: without a dtype that is float32.")
def test_arange_counts_like_numpy(tt):
    assert_close(tt.Tensor.arange(4).data, [0, 1, 2, 3], dtype=np.float32)
    assert_close(tt.Tensor.arange(1, 8, 3).data, [1, 4, 7], dtype=np.float32)
    assert_close(tt.Tensor.arange(2, 4, dtype="int64").data, [2, 3], dtype=np.int64)


@exercise("create", hint=GIVEN)
def test_randn_draws_from_the_generator_it_is_given(tt):
    t = tt.Tensor.randn(2, 3, rng=tt.core.tensor.np.random.default_rng(3))
    assert_close(t.data, np.random.default_rng(3).standard_normal((2, 3), np.float32), dtype=np.float32)
    assert_equal(tt.Tensor.randn(4, 5).shape, (4, 5))


@exercise("create", hint=GIVEN)
@pytest.mark.parametrize("wanted", [False, True], ids=["without", "with"])
def test_every_factory_passes_on_whether_a_gradient_is_wanted(tt, wanted):
    made = [
        factory(2, requires_grad=wanted) for factory in (tt.Tensor.zeros, tt.Tensor.ones, tt.Tensor.randn)
    ]
    assert_equal([t.requires_grad for t in made], [wanted] * 3)


@exercise("create", hint=GIVEN)
def test_without_being_asked_no_factory_wants_a_gradient(tt):
    made = [factory(2) for factory in (tt.Tensor.zeros, tt.Tensor.ones, tt.Tensor.randn, tt.Tensor.arange)]
    assert_equal([t.requires_grad for t in made], [False] * 4)


@exercise("create", hint=GIVEN)
def test_masked_fill_replaces_what_the_mask_names(tt):
    mask = np.array([[True, False], [False, True]])
    t = tt.Tensor(np.array([[1, 2], [3, 4]], dtype=np.float32))
    assert_close(t.masked_fill(mask, -9.0).data, [[-9, 2], [3, -9]], dtype=np.float32)
    assert_close(t.masked_fill(tt.Tensor(mask), -9.0).data, [[-9, 2], [3, -9]], dtype=np.float32)
    assert_close(t.data, [[1, 2], [3, 4]])


@exercise("create", hint=GIVEN)
def test_a_recording_engine_sees_where_a_result_came_from(tt):
    t = tt.Tensor([1, 2], requires_grad=True)
    assert_equal(t.contiguous().requires_grad, False)
    tt.Function.engine.recording = True
    result = t.contiguous()
    assert_equal(result.requires_grad, True)
    assert_equal(type_name(result.grad_fn), "Copy")
    expect(tt.same(result.grad_fn.inputs[0], t), "the Tensor that was copied", "another object")


@exercise("create", hint=GIVEN)
def test_a_recording_engine_ignores_what_wants_no_gradient(tt):
    tt.Function.engine.recording = True
    result = tt.Tensor([1, 2]).contiguous()
    assert_close(result.data, [1, 2])
    assert_equal([result.requires_grad, result.grad_fn], [False, None])


@exercise("create", hint=GIVEN)
def test_derivatives_wait_for_module_06(tt):
    t = tt.Tensor([1, 2])
    with raises(NotImplementedError, mentions=["module 06", "Tensor.backward"]):
        t.backward()
    with raises(NotImplementedError, mentions=["module 06", "Tensor.detach"]):
        t.detach()
    with raises(NotImplementedError, mentions=["module 06", "Copy.backward"]):
        tt.Copy(t).backward(np.ones(2))


# footprint


@exercise("footprint", hint="Not every element has 4 bytes: ask the dtype.")
@pytest.mark.parametrize(
    ("dtype", "expected"), [("float64", 192), ("float32", 96), ("float16", 48), ("int64", 192), ("bool", 24)]
)
def test_the_footprint_follows_the_dtype(tt, dtype, expected):
    assert_equal(tt.Tensor(np.ones((2, 3, 4)), dtype=dtype).memory_footprint(), expected)


@exercise("footprint", hint="An empty tensor holds no elements, so no bytes.")
def test_an_empty_tensor_has_no_footprint(tt):
    assert_equal(tt.Tensor(np.zeros((0, 3)), dtype="float32").memory_footprint(), 0)


@exercise(
    "footprint", hint="Compute the footprint from `data` when asked, so that it is right after data changes."
)
def test_the_footprint_follows_new_data(tt):
    t = tt.Tensor(1, dtype="float32")
    t.data = np.zeros((5, 5))
    assert_equal(t.memory_footprint(), 200)


# arith


@exercise("arith", hint="Check each operator on a pair of numbers you can compute in your head.")
def test_a_formula_of_all_operations(tt, rng):
    a, b = rng.uniform(1, 2, size=(2, 3, 4)).astype(np.float32)
    x, y = tt.Tensor(a), tt.Tensor(b)
    assert_close(((x - y) * x / (x + y) - (-x) ** 2).data, (a - b) * a / (a + b) - (-a) ** 2, atol=1e-5)


@exercise("arith", hint=REFLECTED)
def test_reflected_operators_with_numbers(tt, rng):
    a = rng.uniform(1, 2, size=(2, 3)).astype(np.float32)
    assert_close((3.5 - tt.Tensor(a)).data, 3.5 - a, dtype=np.float32)
    assert_close((3.5 / tt.Tensor(a)).data, 3.5 / a, dtype=np.float32)


@exercise("arith", hint=REFLECTED)
def test_an_array_divided_by_a_tensor_is_a_tensor(tt, rng):
    a, b = rng.uniform(1, 2, size=(2, 4)).astype(np.float32)
    result = a / tt.Tensor(b)
    expect(type_name(result) == "Tensor", "a Tensor", type_name(result))
    assert_close(result.data, a / b)


@exercise("arith", hint="The order of the operands must survive when the smaller one is on the left.")
def test_a_row_minus_a_matrix(tt, rng):
    a, b = rng.normal(size=5).astype(np.float32), rng.normal(size=(3, 5)).astype(np.float32)
    assert_close((tt.Tensor(a) - tt.Tensor(b)).data, a - b)


@exercise("arith", hint=BROADCAST)
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((5, 1), (1, 7), (5, 7)),
        ((1,), (4, 1, 2), (4, 1, 2)),
        ((2, 1, 3, 1), (4, 1, 5), (2, 4, 3, 5)),
        ((0, 3), (1, 3), (0, 3)),
        ((), (), ()),
    ],
    ids=["outer", "one-element", "four-axes", "empty", "numbers"],
)
def test_broadcast_shape_of_other_shapes(tt, a, b, expected):
    assert_equal(tt.broadcast_shape(a, b), expected)


@exercise("arith", hint=BROADCAST)
def test_both_operands_stretch(tt, rng):
    a, b = rng.normal(size=(3, 1, 2)).astype(np.float32), rng.normal(size=(4, 1)).astype(np.float32)
    assert_close((tt.Tensor(a) * tt.Tensor(b)).data, a * b)


@exercise("arith", hint=NAME_BOTH)
@pytest.mark.parametrize(
    ("a", "b"), [((2, 3), (2,)), ((4, 3, 2), (4, 3, 3)), ((3, 2), (2, 3))], ids=["row", "last", "swapped"]
)
def test_other_shapes_that_do_not_broadcast_are_an_error(tt, a, b):
    left, right = tt.Tensor(np.ones(a, dtype=np.float32)), tt.Tensor(np.ones(b, dtype=np.float32))
    with raises(ValueError, mentions=[str(a), str(b)]):
        left / right


@exercise("arith", hint=DTYPE)
def test_an_array_of_float64_does_not_promote_a_float32_tensor(tt, rng):
    a, b = rng.normal(size=3).astype(np.float32), rng.normal(size=3)
    assert_close((tt.Tensor(a) - b).data, a - b, dtype=np.float32, atol=1e-5)


@exercise(
    "arith", hint="An integer tensor with an integer stays an integer; with a fraction it becomes float32."
)
def test_an_int8_tensor_meets_numbers(tt):
    t = tt.Tensor([10, -20], dtype="int8")
    assert_close((t * 2).data, [20, -40], dtype=np.int8)
    assert_close((t * 0.5).data, [5, -10], dtype=np.float32)


@exercise("arith", hint="Pow raises every element to the exponent.")
def test_a_square_root_is_a_power(tt):
    assert_close((tt.Tensor(np.array([4, 9], dtype=np.float32)) ** 0.5).data, [2, 3], dtype=np.float32)


@exercise("arith", hint="The number beside a tensor takes the tensor's dtype, also where it is not float32.")
def test_a_number_takes_the_dtype_of_the_float_tensor_beside_it(tt):
    half = tt.Tensor([1, 2], dtype="float16")
    assert_close((half * 0.5).data, [0.5, 1], dtype=np.float16)
    assert_close((half ** tt.core.tensor.np.float64(2)).data, [1, 4], dtype=np.float16)
    double = tt.Tensor([3.0], dtype="float64")
    assert_close((double - 0.1).data, [2.9], dtype=np.float64, rtol=1e-12, atol=0)


@exercise("arith", hint="Text is neither a Tensor nor a number: TypeError, and it names the type.")
def test_text_is_no_operand_and_no_exponent(tt):
    t = tt.Tensor(np.array([1, 2], dtype=np.float32))
    with raises(TypeError, mentions=["str"]):
        t - "1"
    with raises(TypeError, mentions=["str"]):
        t ** "2"


@exercise("arith", hint=BROADCAST)
def test_the_mask_of_masked_fill_broadcasts(tt):
    t = tt.Tensor(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))
    assert_close(t.masked_fill(np.array([True, False, True]), 0.0).data, [[0, 2, 0], [0, 5, 0]])
    with raises(ValueError, mentions=["(2, 2, 3)", "(2, 3)"]):
        t.masked_fill(np.ones((2, 2, 3), dtype=bool), 0.0)


# matcheck


@exercise("matcheck", hint=ROWS)
@pytest.mark.parametrize(
    ("left", "right"),
    [((7, 1, 2, 6), (4, 6, 3)), ((6,), (5, 6, 2)), ((5, 2, 6), (6,)), ((1, 1), (1, 1)), ((3, 0), (0, 2))],
    ids=["batch-stretch", "vector-batch", "batch-vector", "ones", "empty"],
)
def test_other_shapes_that_fit_pass_the_check(tt, left, right):
    a, b = tt.Tensor(np.zeros(left, dtype=np.float32)), tt.Tensor(np.zeros(right, dtype=np.float32))
    assert_equal(tt.check_matmul(a, b), None)


@exercise("matcheck", hint=NAME_BOTH)
@pytest.mark.parametrize(
    ("left", "right"),
    [((5, 4), (5, 4)), ((2, 3, 4), (2, 5, 4)), ((3, 2, 4), (3,)), ((4,), (3, 3, 4)), ((1, 2), (1, 3))],
    ids=["same", "batch", "batch-vector", "vector-batch", "ones"],
)
def test_other_inner_sizes_that_differ_are_an_error(tt, left, right):
    a, b = tt.Tensor(np.zeros(left, dtype=np.float32)), tt.Tensor(np.zeros(right, dtype=np.float32))
    assert_equal(tt.check_matmul(a, tt.Tensor(np.zeros(left[-1:]))), None)
    with raises(ValueError, mentions=[str(left), str(right)]):
        a.matmul(b)


@exercise(
    "matcheck",
    hint="The inner sizes fit here, but the batches do not: check the axes before the last two as well.",
)
def test_batches_that_do_not_broadcast_are_an_error_that_names_both_shapes(tt):
    a, b = tt.Tensor(np.zeros((2, 3, 4), dtype=np.float32)), tt.Tensor(np.zeros((5, 4, 6), dtype=np.float32))
    with raises(ValueError, mentions=["(2, 3, 4)", "(5, 4, 6)"]):
        a @ b


@exercise(
    "matcheck",
    hint="Only a Tensor has axes to check: anything else on the right is a TypeError that names its type.",
)
def test_text_and_nothing_are_no_tensors(tt):
    t = tt.Tensor(np.zeros((3, 2), dtype=np.float32))
    with raises(TypeError, mentions=["str"]):
        t.matmul("weights")
    with raises(TypeError, mentions=["NoneType"]):
        t.matmul(None)


# matmul


@exercise("matmul", hint=LOOPS)
@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(7, 2, 4), (3, 9, 5), (1, 1, 8)], ids=["7x2x4", "3x9x5", "1x1x8"]
)
def test_the_loops_handle_other_rectangles(tt, rng, rows, inner, columns):
    a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    assert_close(tt.matmul_loops(a, b), a @ b, dtype=np.float64)


@exercise("matmul", hint="The result has the dtype numpy would choose for the two: np.result_type(a, b).")
def test_the_loops_keep_integers(tt, rng):
    a, b = rng.integers(-9, 9, size=(4, 3)), rng.integers(-9, 9, size=(3, 5))
    assert_close(tt.matmul_loops(a, b), a @ b, dtype=np.int64)


@exercise(
    "matmul",
    hint="The loops read their arguments and write a new array; they must not change what they read.",
)
def test_the_loops_leave_their_arguments_alone(tt, rng):
    values = rng.normal(size=(3, 3)).astype(np.float32)
    a = tt.keep(values)
    assert_close(tt.matmul_loops(a, a), values @ values)
    assert_close(a[:], values)


@exercise("matmul", hint=BATCH)
@pytest.mark.parametrize(
    ("left", "right"),
    [((4, 2, 3), (3, 5)), ((2, 1, 3, 4), (6, 4, 2)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,))],
    ids=["batch-matrix", "batch-stretch", "vector-batch", "batch-vector"],
)
def test_batches_of_other_shapes_multiply(tt, rng, left, right):
    a, b = rng.normal(size=left).astype(np.float32), rng.normal(size=right).astype(np.float32)
    assert_close(
        tt.MatMul.apply(tt.Tensor(a), tt.Tensor(b)).data, np.matmul(a, b), dtype=np.float32, atol=1e-5
    )


@exercise("matmul", hint="Two products in a row: the result of the first must be an ordinary Tensor.")
def test_products_chain(tt, rng):
    a, b, c = rng.normal(size=(3, 4, 4)).astype(np.float32)
    product = tt.Tensor(a) @ tt.Tensor(b) @ tt.Tensor(c)
    expect(type_name(product) == "Tensor", "a Tensor", type_name(product))
    assert_close(product.data, a @ b @ c, rtol=1e-3, atol=1e-4)


@exercise("matmul", hint="The result has the dtype numpy would choose for the two: np.result_type(a, b).")
@pytest.mark.parametrize(
    ("left", "right"), [("float32", "float64"), ("float64", "float32")], ids=["wide-right", "wide-left"]
)
def test_the_loops_take_the_wider_of_two_dtypes(tt, rng, left, right):
    a, b = rng.normal(size=(2, 3)).astype(left), rng.normal(size=(3, 4)).astype(right)
    assert_close(tt.matmul_loops(a, b), a @ b, rtol=1e-12, atol=1e-12, dtype=np.float64)


# shape


@exercise("shape", hint="Reshaping keeps the elements in row-major order.")
def test_reshape_and_back_is_the_original(tt, rng):
    a = rng.normal(size=(3, 4, 5)).astype(np.float32)
    t = tt.Tensor(a)
    assert_close(t.reshape(5, -1).data, a.reshape(5, 12), dtype=np.float32)
    assert_close(t.reshape(5, -1).view(3, 4, 5).data, a)


@exercise("shape", hint=INFER)
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((60,), (3, 4, -1), (3, 4, 5)),
        ((5, 6), (-1, 2, 3), (5, 2, 3)),
        ((), (-1,), (1,)),
        ((8,), (2, 2, 2), (2, 2, 2)),
        ((1, 1), (), ()),
    ],
    ids=["last", "first", "number", "none-unknown", "to-number"],
)
def test_other_sizes_of_minus_one_are_worked_out(tt, old, new, expected):
    assert_equal(tt.infer_shape(old, new), expected)


@exercise(
    "shape", hint="Check in this order: more than one -1, sizes that are 0 or below -1, divisibility, count."
)
@pytest.mark.parametrize(
    "new",
    [(-1, 5, -1), (-1, 0), (-3, -1), (-1, 7), (2, 3, 5)],
    ids=["two-unknown", "zero", "below", "no-divisor", "count"],
)
def test_other_impossible_reshapes_are_errors(tt, new):
    t = tt.Tensor(np.zeros((4, 5), dtype=np.float32))
    with raises(ValueError, mentions=["(4, 5)", str(new)]):
        t.reshape(*new)


@exercise("shape", hint=SWAP)
def test_transpose_of_four_axes(tt, rng):
    a = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
    t = tt.Tensor(a)
    assert_close(t.transpose().data, np.swapaxes(a, 2, 3))
    assert_close(t.transpose(1, 2).data, np.swapaxes(a, 1, 2))
    assert_close(t.transpose(-4, -2).data, np.swapaxes(a, 0, 2))


@exercise("shape", hint="Naming one axis alone is an error, also when it is axis 0 or given by keyword.")
def test_transpose_with_only_the_second_axis_is_an_error(tt):
    t = tt.Tensor(np.array([[1, 2, 3]], dtype=np.float32))
    assert_close(t.transpose(dim0=0, dim1=1).data, [[1], [2], [3]])
    with raises(ValueError):
        t.transpose(dim1=1)


@exercise("shape", hint=PERMUTE)
def test_permute_of_four_axes_and_back(tt, rng):
    a = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
    moved = tt.Tensor(a).permute(1, -1, 0, 2)
    assert_close(moved.data, a.transpose(1, 3, 0, 2))
    assert_close(moved.permute((2, 0, 3, 1)).data, a)


@exercise("shape", hint=OWN_RESULT)
def test_a_transposed_tensor_has_memory_of_its_own(tt):
    source = tt.keep(np.zeros((2, 3), dtype=np.float32))
    t = tt.Tensor(0)
    t.data = source
    turned = t.transpose()
    source[1, 2] = 9
    assert_close(turned.data, np.zeros((3, 2)))


@exercise("shape", hint="Moving axes does not touch the numbers or their type.")
def test_shapes_keep_an_integer_dtype(tt):
    t = tt.Tensor([[1, 2, 3], [4, 5, 6]], dtype="int8")
    assert_close(t.reshape(3, 2).data, [[1, 2], [3, 4], [5, 6]], dtype=np.int8)
    assert_close(t.T.data, [[1, 4], [2, 5], [3, 6]], dtype=np.int8)


@exercise("shape", hint="-2 is no size either: only -1 stands for one to be worked out.")
def test_two_sizes_of_minus_two_are_an_error(tt):
    assert_equal(tt.infer_shape((2, 2), (-1, 1)), (4, 1))
    with raises(ValueError, mentions=["(2, 2)", "(-2, -2)"]):
        tt.infer_shape((2, 2), (-2, -2))


@exercise("shape", hint="An axis that does not exist is an IndexError, also the first one past the end.")
def test_permute_with_an_axis_past_the_end_is_an_error_that_says_which_there_are(tt):
    t = tt.Tensor(np.zeros((2, 3), dtype=np.float32))
    with raises(IndexError, mentions=["permute: shape (2, 3) has no axis 2", "-2 to 1"]):
        t.permute(0, 2)
    number = tt.Tensor(1.0)
    with raises(IndexError, mentions=["has none"]):
        number.permute(0)


@exercise("shape", hint="A permutation names every axis once.")
def test_permute_with_an_axis_twice_is_an_error(tt):
    t = tt.Tensor(np.zeros((2, 3), dtype=np.float32))
    with raises(ValueError, mentions=["(0, 0)", "(2, 3)"]):
        t.permute(0, 0)


@exercise("shape", hint=GIVEN)
def test_contiguous_is_a_copy_in_the_same_order(tt):
    source = tt.keep(np.array([[1, 2], [3, 4]], dtype=np.float32))
    t = tt.Tensor(0)
    t.data = source
    copied = t.contiguous()
    source[0, 0] = 9
    assert_close(copied.data, [[1, 2], [3, 4]], dtype=np.float32)


@exercise("shape", hint=GIVEN)
def test_concatenate_joins_along_an_existing_axis(tt, rng):
    a, b = rng.normal(size=(2, 3)).astype(np.float32), rng.normal(size=(1, 3)).astype(np.float32)
    x, y = tt.Tensor(a), tt.Tensor(b)
    assert_close(tt.concatenate([x]).data, a, dtype=np.float32)
    assert_close(tt.concatenate([x, y, x]).data, np.concatenate([a, b, a]), dtype=np.float32)
    assert_close(tt.concatenate([x.T, y.T], axis=-1).data, np.concatenate([a.T, b.T], axis=1))


@exercise("shape", hint=GIVEN)
@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (2, 4)), ((2,), ())], ids=["another-axis", "another-number-of-axes"]
)
def test_concatenate_refuses_shapes_that_differ_elsewhere(tt, left, right):
    x, y = tt.Tensor(np.ones(left, dtype=np.float32)), tt.Tensor(np.ones(right, dtype=np.float32))
    with raises(ValueError, mentions=[str(left), str(right), "axis 0"]):
        tt.concatenate([x, y])


@exercise("shape", hint=GIVEN)
def test_nothing_can_be_joined_with_nothing(tt):
    assert_equal(tt.concatenate([tt.Tensor([1, 2])]).shape, (2,))
    with raises(ValueError, mentions=["at least one"]):
        tt.concatenate([])
    with raises(ValueError, mentions=["no tensor"]):
        tt.stack([])


@exercise("shape", hint=GIVEN)
def test_stack_joins_along_a_new_axis(tt, rng):
    a, b = rng.normal(size=(2, 2, 3)).astype(np.float32)
    pair = [tt.Tensor(a), tt.Tensor(b)]
    assert_close(tt.stack(pair).data, np.stack([a, b]), dtype=np.float32)
    assert_close(tt.stack(pair, axis=1).data, np.stack([a, b], axis=1))
    assert_close(tt.stack(pair, axis=-1).data, np.stack([a, b], axis=-1))


@exercise("shape", hint=GIVEN)
def test_stack_refuses_shapes_that_differ(tt):
    x, y = tt.Tensor(np.ones((2, 3), dtype=np.float32)), tt.Tensor(np.ones((3,), dtype=np.float32))
    with raises(ValueError, mentions=["(2, 3)", "(3,)"]):
        tt.stack([x, y])


@exercise("shape", hint=GIVEN)
def test_an_axis_to_join_along_must_exist(tt):
    x = tt.Tensor(np.ones((2, 3), dtype=np.float32))
    with raises(IndexError, mentions=["concatenate: ", "no axis 2"]):
        tt.concatenate([x, x], axis=2)
    with raises(IndexError, mentions=["stack: ", "no axis 3"]):
        tt.stack([x, x], axis=3)


# index


@exercise("index", hint=KEY)
@pytest.mark.parametrize(
    "key",
    [
        -1,
        (-1, -2),
        slice(None, None, -1),
        (slice(None), slice(2, 3)),
        (0, slice(None), 1),
        (Ellipsis, slice(1, None)),
        (slice(5, 9),),
    ],
    ids=["last", "two-integers", "backwards", "one-column", "mixed", "ellipsis", "empty"],
)
def test_other_keys_pick_the_same_elements_as_in_numpy(tt, rng, key):
    a = rng.normal(size=(3, 4, 5)).astype(np.float32)
    assert_close(tt.Tensor(a)[key].data, a[key], dtype=np.float32)


@exercise("index", hint=KEY)
def test_two_integer_arrays_pick_pairs(tt, rng):
    a = rng.normal(size=(4, 6)).astype(np.float32)
    rows, columns = np.array([3, 0, 3]), np.array([1, 5, 1])
    assert_close(tt.Tensor(a)[rows, columns].data, a[rows, columns])


@exercise("index", hint=KEY)
def test_a_boolean_row_mask_picks_rows_of_integers(tt):
    t = tt.Tensor([[1, 2], [3, 4], [5, 6]], dtype="int8")
    assert_close(t[np.array([True, False, True])].data, [[1, 2], [5, 6]], dtype=np.int8)


@exercise("index", hint=OWN_RESULT)
def test_a_row_has_memory_of_its_own(tt):
    source = tt.keep(np.zeros((3, 2), dtype=np.float32))
    t = tt.Tensor(0)
    t.data = source
    row = t[1]
    source[1, 0] = 9
    assert_close(row.data, [0, 0])


# reduce


@exercise("reduce", hint=AXIS)
@pytest.mark.parametrize("method", ["sum", "mean", "max"])
@pytest.mark.parametrize(
    "axis", [0, 1, -1, (0, 2), (-1, -2), None], ids=["0", "1", "last", "0-2", "last-two", "all"]
)
def test_reductions_of_three_axes(tt, rng, method, axis):
    a = rng.normal(size=(3, 4, 5)).astype(np.float32)
    assert_close(
        getattr(tt.Tensor(a), method)(axis=axis).data,
        getattr(a, method)(axis=axis),
        dtype=np.float32,
        atol=1e-5,
    )


@exercise("reduce", hint=KEEPDIMS)
def test_keepdims_keeps_all_reduced_axes(tt, rng):
    a = rng.normal(size=(2, 3, 4)).astype(np.float32)
    t = tt.Tensor(a)
    assert_close(t.max(axis=(0, 2), keepdims=True).data, a.max(axis=(0, 2), keepdims=True))
    assert_close(t.sum(keepdims=True).data, a.sum(keepdims=True), atol=1e-5)


@exercise("reduce", hint=COUNT)
def test_the_mean_of_integers_is_a_fraction(tt):
    assert_close(tt.Tensor([[1, 2], [3, 5]], dtype="int8").mean(axis=0).data, [2, 3.5], dtype=np.float32)


@exercise("reduce", hint="Start from the elements themselves, not from 0: they may all be negative.")
def test_the_largest_of_negative_numbers_is_negative(tt):
    t = tt.Tensor(np.array([[-5, -2], [-3, -4]], dtype=np.float32))
    assert_close(t.max().data, np.float32(-2))
    assert_close(t.max(axis=0).data, [-3, -2])


@exercise("reduce", hint="A sum of int8 must be taken in a wider type: int8 ends at 127.")
def test_a_sum_of_small_integers_does_not_overflow(tt):
    assert_close(tt.Tensor([[100, 1], [100, 2], [100, 3]], dtype="int8").sum(axis=0).data, [300, 6])


@exercise(
    "reduce", hint="The given part of sum checks the axis: past the last one there is nothing to sum over."
)
def test_a_sum_over_an_axis_that_does_not_exist_is_an_error(tt):
    t = tt.Tensor(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))
    assert_close(t.sum(axis=-2).data, [5, 7, 9])
    with raises(IndexError, mentions=["sum: ", "(2, 3)", "no axis 2"]):
        t.sum(axis=2)
