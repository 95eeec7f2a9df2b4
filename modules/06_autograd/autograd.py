# %% [markdown] id="title"
# # 06 Autograd
#
# *6 to 8 hours, the longest module of this tier. You need modules 01 to 04. 70 points for code, 30 for three written answers.*
#
# You can compute how wrong a network is. To make it less wrong you need to know, for each of its numbers, which way to
# turn it and how much that helps: the **gradient** of the loss. A small network has a hundred thousand such numbers, and
# nobody derives them on paper. In this module your framework learns to do it alone, for any program that is written with
# your operations. Two ideas are enough:
#
# * every operation knows its own derivative, one line each (parts 3 to 7);
# * the forward pass leaves a **graph**: which result came from which operation on which inputs. Walked backwards in
#   the right order, it applies the chain rule for the whole program (part 8).
#
# > **The forward pass leaves a graph. What it holds on to is the memory bill of training, and the order in which you walk
# > it decides whether the gradient is right and what it costs.**
#
# | part | you write | points |
# |---|---|---|
# | 3 | `unbroadcast` | 8 |
# | 4 | rules of `-`, `/`, `**` and the minus sign | 10 |
# | 5 | rule of the matrix product | 8 |
# | 6 | rules of reshape, permute, slices, sums, means, maxima | 10 |
# | 7 | rules of activations and losses | 12 |
# | 8 | the backward walk | 16 |
# | 9 | `no_grad`, `detach` | 6 |
# | 12 | three answers in your own words | 30 |
#
# You work as before: write where it says `# YOUR CODE HERE`, run the check cell after it, and
# `uv run tito module test` for the graded tests. Cells that begin with `#| export` become
# `tinytorch/core/autograd.py`. The parts do not depend on each other: if you are stuck in one, go on.

# %% id="imports"
#| export
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from types import EllipsisType, TracebackType
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np

from tinytorch.core.activations import (
    GELUFunction,
    ReLUFunction,
    SigmoidFunction,
    SoftmaxFunction,
    TanhFunction,
)
from tinytorch.core.losses import (
    BCEWithLogitsFunction,
    BinaryCrossEntropyFunction,
    CrossEntropyFunction,
    LogSoftmax,
    LogSumExp,
    MSEFunction,
)
from tinytorch.core.tensor import (
    Add,
    Array,
    Concatenate,
    Copy,
    Div,
    Engine,
    Function,
    MaskedFill,
    MatMul,
    Max,
    Mean,
    Mul,
    Neg,
    Permute,
    Pow,
    Reshape,
    Slice,
    Sub,
    Sum,
    Tensor,
)

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# The stopwatch of module 01, and the highest memory in use while something runs:

# %% id="tools"
import math
import time
import tracemalloc

from tinytorch.core.activations import gelu, relu, sigmoid, softmax, tanh
from tinytorch.core.losses import (
    BCEWithLogitsLoss,
    BinaryCrossEntropyLoss,
    CrossEntropyLoss,
    MSELoss,
    log_softmax,
    logsumexp,
)
from tinytorch.core.tensor import concatenate

rng = np.random.default_rng(0)


def seconds(function, repeats=5):
    """The shortest of several runs of `function()`, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_bytes(function):
    """The most memory that was in use at once during `function()`."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def complaint(function):
    """The message of the error that `function()` raises, or "no error"."""
    try:
        function()
    except (ValueError, TypeError, RuntimeError, AssertionError) as error:
        return str(error)
    return "no error"


# %% [markdown]
# ## 1. One derivative by hand
#
# Take `h = a * b` and `y = h + b` at `a = 2`, `b = 5`. How much does `y` move if `a` moves by a little? Ask each operation
# alone, from the end to the beginning. `y = h + b` moves 1 for 1 with `h`. `h = a * b` moves `b = 5` for each 1 of `a`.
# Along the way the numbers **multiply**: 1 · 5 = 5. That is the chain rule. `b` is used in two places, so there are
# two ways from `b` to `y`, and what comes back along them is **added**: 1 · 2 through the product, and 1 directly.
#
# ```text
#   forward: values                               backward: how far y moves for each 1
#
#   a = 2 ────┐                                   a: 1 · 5 = 5 ◄────┐
#             ├─ Mul ─► h = 10 ─┐                                   ├─ Mul ◄── h: 1 ◄─┐
#         ┌───┘                 ├─ Add ─► y = 15        ┌── 1 · 2 ◄─┘                 ├─ Add ◄── y: 1
#   b = 5 ┴─────────────────────┘                 b:    + ◄───────── 1 ◄──────────────┘
#                                                       = 3           (two consumers, one sum)
# ```
#
# Three observations carry the whole module:
#
# 1. Backward needs **values of the forward pass**: the 5 and the 2. They have to be kept until then.
# 2. An operation needs one number from outside: how far `y` moves for each 1 of its **output**. This is the *gradient of its output*,
#    `grad` in the code below. It never needs to know what the rest of the program does with it.
# 3. `b` is finished only when **all** its consumers have reported.
#
# The slow way to the same numbers is to move one input by a little and to look: **finite differences**.


# %% id="finite-differences"
def y_of(a, b):
    h = a * b
    return h + b


step = 1e-6
print("a:", round((y_of(2 + step, 5) - y_of(2 - step, 5)) / (2 * step), 6))
print("b:", round((y_of(2, 5 + step) - y_of(2, 5 - step)) / (2 * step), 6))

# %% [markdown]
# They need no theory, and they need two forward passes **for each number**. For a small network that reads digits, 784 pixels,
# 128 hidden units and 10 outputs, that is:

# %% id="price-of-differences" tags=["check"]
x = rng.normal(size=(64, 784)).astype(np.float32)
w1 = rng.normal(scale=0.05, size=(784, 128)).astype(np.float32)
w2 = rng.normal(scale=0.1, size=(128, 10)).astype(np.float32)
one_pass = seconds(lambda: np.maximum(x @ w1, 0) @ w2, 20)
count = w1.size + w2.size
print(
    f"{count:,} numbers, one forward pass {one_pass * 1e3:.2f} ms: {2 * count * one_pass:.0f} s for one gradient"
)

# %% [markdown]
# The walk that you write needs a small multiple of **one** forward pass for all of them together; part 11 measures
# it. Finite differences stay useful for one thing: they know nothing of your rules, so they find every mistake in them.
#
# ## 2. The frame (given)
#
# Since module 01 every operation is a `Function`, and `Function.apply` is the only way to a new Tensor. It asks one object,
# `Function.engine`, whether to record. If so, and if an input has `requires_grad`, the result gets `requires_grad` too and
# keeps the operation it came from:
#
# ```text
#   y.grad_fn ──► Add                     operation.inputs    the Tensors that went in
#                  └─ inputs: h, b        operation.arrays    their arrays, as they were then
#                             │           operation.params    everything else, such as axis or key
#                h.grad_fn ──►Mul
#                              └─ inputs: a, b     a and b have no grad_fn: they are leaves
# ```
#
# What is missing is a **rule** for each operation: a function that gets the operation and the gradient of its output, and
# returns a tuple with one gradient **for each input**. The decorator `@completes(Mul)` files it in one table. No class of
# another module is changed: importing this module puts another engine in, and that is all.


# %% id="table"
#| export
Gradients: TypeAlias = tuple[Array | None, ...]
Rule: TypeAlias = Callable[[Function, Array], Gradients]

GRADIENT_RULES: dict[type[Function], Rule] = {}


def completes(operation: type[Function]) -> Callable[[Rule], Rule]:
    """Decorator: this function is the gradient rule of `operation`.

    A rule gets the operation, with its `inputs`, `arrays` and `params`, and the gradient of its
    output; it returns one gradient for each input, None where there is none. It never writes
    into an array that it was given.
    """

    def register(rule: Rule) -> Rule:
        GRADIENT_RULES[operation] = rule
        return rule

    return register


# %% [markdown]
# (If you run this cell a second time the table is empty again: then run all cells below it, too.)
#
# Three rules as examples. Read the second one twice: the gradient for `a` is `grad` **times** the slope, and the slope
# with respect to `a` is the *other* operand.


# %% id="given-rules"
#| export
@completes(Add)
def add_backward(_operation: Function, grad: Array) -> Gradients:
    """a + b moves as much as a, and as much as b."""
    return grad, grad


@completes(Mul)
def mul_backward(operation: Function, grad: Array) -> Gradients:
    """a * b moves b times as much as a, and a times as much as b."""
    (a, b), (left, right) = operation.arrays, operation.inputs
    return grad * b if left.requires_grad else None, grad * a if right.requires_grad else None


@completes(Copy)
def copy_backward(_operation: Function, grad: Array) -> Gradients:
    """A copy moves with its original."""
    return (grad,)


# %% [markdown]
# What a rule has to keep to:
#
# * It multiplies by `grad`; it never assumes that `grad` is 1.
# * It returns new arrays, or `grad` itself or a view of it. It never **writes** into `grad`, `operation.arrays` or
#   `operation.params`: others still need them.
# * `None` means: no gradient for this input. Where an input does not require a gradient, the rule may return `None` or any
#   array, which is thrown away. If the array is expensive, `None` saves the work.
# * `operation.arrays` may be float32 or float64, and the result has the same dtype.
# * It need not care about broadcasting: if a gradient has the stretched shape, the engine below sums it down to the shape of
#   the input, with the function that you write next.
#
# The engine:


# %% id="engine"
#| export
class Autograd(Engine):
    """The engine that knows derivatives: a table of rules, and a walk over the graph."""

    recording = True

    def derivative(self, operation: Function, grad_output: Array) -> Gradients:
        """The gradient for each input that requires one, in the shape and dtype of that input."""
        name = type(operation).__name__
        if type(operation) not in GRADIENT_RULES:
            raise NotImplementedError(f"{name} has no gradient rule: write one below @completes({name})")
        gradients = GRADIENT_RULES[type(operation)](operation, np.asarray(grad_output))
        if len(gradients) != len(operation.inputs):
            raise ValueError(
                f"the rule of {name} returned {len(gradients)} gradients for {len(operation.inputs)} inputs; "
                "return one for each, None where there is none"
            )
        return tuple(
            None if gradient is None or not tensor.requires_grad else fitted(gradient, tensor)
            for tensor, gradient in zip(operation.inputs, gradients, strict=True)
        )

    def backward(self, tensor: Tensor, gradient: Array | None, retain_graph: bool) -> None:
        """Put the gradient of `tensor` into everything it was computed from."""
        backward(tensor, gradient, retain_graph)

    def detach(self, tensor: Tensor) -> Tensor:
        """The same numbers without the way they were computed."""
        return detach(tensor)


def fitted(gradient: Array, tensor: Tensor) -> Array:
    """`gradient` as an array of the shape and dtype of `tensor`."""
    array = np.asarray(gradient)
    if array.shape != tensor.shape:
        array = unbroadcast(array, tensor.shape)
    if array.dtype != tensor.dtype:
        if tensor.dtype.kind != "f":
            raise TypeError(f"backward: a tensor of {tensor.dtype} has no gradient; make it float32")
        array = array.astype(tensor.dtype)
    return array


Function.engine = Autograd()

# %% [markdown]
# The last line turns recording on. From here on your tensors remember:

# %% id="recorded"
a, b = Tensor(2.0, requires_grad=True), Tensor(5.0, requires_grad=True)
y = a * b + b
print("y came from", type(y.grad_fn).__name__, "of", y.grad_fn.inputs)
print("its rule, given 1:", y.grad_fn.backward(np.array(1.0)))
print("and one further:  ", y.grad_fn.inputs[0].grad_fn.backward(np.array(1.0)))

# %% [markdown]
# The tool for your rules: it runs **one** operation in float64 and compares what the rule says with finite differences.
# `weights` plays the gradient that comes from outside, with different numbers everywhere, so that a rule that ignores it is found
# out. You use it in the check cells and whenever you like: a correct rule stays below 1e-6.


# %% id="rule-error"
def rule_error(function, *inputs):
    """The largest difference between the rule of the operation in `function` and finite differences."""
    tensors = [Tensor(array, requires_grad=True, dtype=np.float64) for array in inputs]
    out = function(*tensors)
    weights = np.random.default_rng(1).uniform(0.5, 1.5, size=out.shape)
    worst, step = 0.0, 1e-5
    for tensor, gradient in zip(tensors, out.grad_fn.backward(weights), strict=True):
        for index in np.ndindex(tensor.shape):
            middle = tensor.data[index]
            tensor.data[index] = middle + step
            above = (function(*tensors).data * weights).sum()
            tensor.data[index] = middle - step
            below = (function(*tensors).data * weights).sum()
            tensor.data[index] = middle
            worst = max(worst, abs(gradient[index] - (above - below) / (2 * step)))
    return worst


left, right = rng.normal(size=(2, 3, 4))
print("product:", rule_error(lambda a, b: a * b, left, right))

# %% [markdown]
# ## 3. Broadcasting backwards
#
# `(4, 3) + (3,)`: broadcasting uses the bias in each of the four rows. Four consumers, one sum: its gradient is the **sum** of the
# four rows, and it has the shape of the bias again.
#
# ```text
#   forward (3,) ──► (4, 3)              backward (4, 3) ──► (3,)
#
#                  b0 b1 b2               1  2  3
#   b0 b1 b2  ──►  b0 b1 b2               4  5  6      ──►  22 26 30
#                  b0 b1 b2               7  8  9
#                  b0 b1 b2              10 11 12
# ```
#
# Broadcasting does two things to a shape (module 01, part 5), and both have to be undone:
#
# | shape | stretched to | sum over |
# |---|---|---|
# | `(3,)` | `(4, 3)` | axis 0: it was added in front |
# | `(4, 1, 5)` | `(4, 3, 5)` | axis 1: its size was 1; it stays, with size 1 |
# | `(1, 5)` | `(4, 3, 5)` | axis 0, added, and axis 1, stretched |
# | `()` | `(4, 3)` | everything |
# | `(4, 3)` | `(4, 3)` | nothing |
#
# As a loop: find for every element of the big gradient the place it was copied from.


# %% id="unbroadcast-loop"
def unbroadcast_loop(grad, shape):
    """`grad` summed down to `shape`, one number at a time."""
    out = np.zeros(shape, dtype=grad.dtype)
    extra = grad.ndim - len(shape)
    for index in np.ndindex(grad.shape):
        source = tuple(0 if size == 1 else place for place, size in zip(index[extra:], shape, strict=True))
        out[source] += grad[index]
    return out


print(unbroadcast_loop(np.arange(1.0, 13).reshape(4, 3), (3,)))

# %% [markdown]
# ### Exercise: unbroadcast (8 points)
#
# The same without a loop in Python, for any number of axes. The result has exactly the shape `shape` and the dtype of
# `grad`; `grad` is not changed. The lines that are given refuse a `shape` that cannot have been stretched to that of `grad`.


# %% id="unbroadcast" exercise="unbroadcast"
#| export
def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """`grad` summed down to `shape`, over every axis that broadcasting has added or stretched."""
    extra = grad.ndim - len(shape)
    if extra < 0 or any(size not in (1, big) for size, big in zip(shape, grad.shape[extra:], strict=True)):
        raise ValueError(
            f"unbroadcast: shape {shape} does not broadcast to {grad.shape}, the shape of the gradient"
        )
    ### BEGIN SOLUTION
    stretched = tuple(extra + axis for axis, size in enumerate(shape) if size == 1)
    return np.asarray(grad.sum(axis=(*range(extra), *stretched))).reshape(shape)
    ### END SOLUTION


# %% id="unbroadcast-check" tags=["check"]
for small in [(3,), (4, 1, 3), (1, 3), (1, 1, 1), (4, 2, 3), (2, 1), ()]:
    grad = rng.normal(size=(4, 2, 3))
    result = unbroadcast(grad, small)
    assert result.shape == small, f"(4, 2, 3) to {small} came out as {result.shape}"
    assert np.allclose(result, unbroadcast_loop(grad, small)), f"wrong numbers for {small}"
print("message:", complaint(lambda: unbroadcast(np.ones((4, 3)), (4,))))
big = rng.normal(size=(64, 100 if QUICK else 1000)).astype(np.float32)
t_loop = seconds(lambda: unbroadcast_loop(big, big.shape[1:]), 1)
t_fast = seconds(lambda: unbroadcast(big, big.shape[1:]), 20)
print(f"loop {t_loop * 1e3:.2f} ms, yours {t_fast * 1e3:.3f} ms, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 4. Arithmetic
#
# | operation | moved by 1 of a | moved by 1 of b | at a = 6, b = 2 |
# |---|---|---|---|
# | `a + b` | 1 | 1 | 1 and 1 |
# | `a - b` | 1 | -1 | 1 and -1 |
# | `a * b` | b | a | 2 and 6 |
# | `a / b` | 1/b | -a/b² | 0.5 and -1.5 |
# | `-a` | -1 | | -1 |
# | `a**n` | n·a^(n-1) | (n is a constant) | n = 3: 108 |
#
# Two places where the line of the table is not enough:
#
# * `a**0` is 1 whatever `a` is, so its gradient is 0, also at `a = 0`. The formula says 0 · 0⁻¹ = 0 · inf = nan there.
# * If `b` is around 1e-25, `b * b` is 0 in float32, and the slope of `1e-25 / b` becomes -inf. It is -1e25, which float32 can hold.
#   Divide twice instead of dividing by a square.
#
# ### Exercise: arithmetic (10 points)
#
# `operation.params["exponent"]` is the number `n`. A negative base with a whole exponent is an ordinary number: no `abs`, no `log`.


# %% id="arith" exercise="arith"
#| export
@completes(Sub)
def sub_backward(_operation: Function, grad: Array) -> Gradients:
    """The gradients of a - b."""
    ### BEGIN SOLUTION
    return grad, -grad
    ### END SOLUTION


@completes(Neg)
def neg_backward(_operation: Function, grad: Array) -> Gradients:
    """The gradient of -a."""
    ### BEGIN SOLUTION
    return (-grad,)
    ### END SOLUTION


@completes(Div)
def div_backward(operation: Function, grad: Array) -> Gradients:
    """The gradients of a / b."""
    a, b = operation.arrays
    ### BEGIN SOLUTION
    share = grad / b
    return share, -share * a / b if operation.inputs[1].requires_grad else None
    ### END SOLUTION


@completes(Pow)
def pow_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a to the power of a constant."""
    exponent: float = operation.params["exponent"]
    (a,) = operation.arrays
    ### BEGIN SOLUTION
    if exponent == 0:
        return (np.zeros_like(a),)
    return (grad * (exponent * a ** (exponent - 1)),)
    ### END SOLUTION


# %% id="arith-check" tags=["check"]
a, b = rng.normal(size=(2, 3, 4)) + np.where(rng.uniform(size=(2, 3, 4)) < 0.5, -3, 3)
for name, operation in {"-": lambda a, b: a - b, "/": lambda a, b: a / b}.items():
    assert rule_error(operation, a, b) < 1e-6, f"a {name} b disagrees with finite differences"
assert rule_error(lambda a: -a, a) < 1e-6, "-a disagrees with finite differences"
for n in (3, 2, 1, -1, 0):
    assert rule_error(lambda a, n=n: a**n, a) < 1e-5, f"a**{n} disagrees with finite differences"
zero = Tensor([0.0], requires_grad=True) ** 0
assert zero.grad_fn.backward(np.ones(1))[0] == 0, "a**0 is constant, also at 0"
tiny = Tensor([1e-25]) / Tensor([1e-25], requires_grad=True)
assert np.isclose(tiny.grad_fn.backward(np.ones(1, np.float32))[1], -1e25), "b * b is 0 here, b is not"
print("ok")
# %% [markdown]
# ## 5. The matrix product
#
# `out = a @ b` with shapes (M, K) and (K, N). The number `a[i, k]` is used N times, in the whole row `out[i, :]`, each time
# multiplied by `b[k, j]`. N consumers, one sum:
#
# ```text
#   gradient of a[i, k]  =  sum over j of  grad[i, j] · b[k, j]
#   gradient of b[k, j]  =  sum over i of  a[i, k] · grad[i, j]
#
#   grad (M, N)        gradient of a (M, K)          gradient of b (K, N)
#                      (M, N) with (K, N)            (M, K) with (M, N)
# ```
#
# As loops, in the style of `matmul_loops` from module 01:


# %% id="matmul-loops"
def matmul_backward_loops(a, b, grad):
    """The gradients of the matrix product of two 2-D arrays, one multiplication at a time."""
    grad_a, grad_b = np.zeros_like(a), np.zeros_like(b)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                grad_a[i, k] += grad[i, j] * b[k, j]
                grad_b[k, j] += a[i, k] * grad[i, j]
    return grad_a, grad_b


a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]])
print("for a:\n", matmul_backward_loops(a, b, np.array([[1.0], [10.0]]))[0])
print("for b:\n", matmul_backward_loops(a, b, np.array([[1.0], [10.0]]))[1])

# %% [markdown]
# Both sums are matrix products again, if you transpose the right operand. Do not memorise which: in the picture above there is only one
# way to put the shapes together. And note the cost: the backward of one product is **two** products of the same size.
#
# Then there are the forms that numpy's `@` allows besides 2-D:
#
# | a | b | out | think of it as |
# |---|---|---|---|
# | (K,) | (K,) | () | a sum of products: each operand gets `grad` times the other |
# | (M, K) | (K,) | (M,) | b as one column (K, 1), grad as (M, 1) |
# | (K,) | (K, N) | (N,) | a as one row (1, K), grad as (1, N) |
# | (B, M, K) | (B, K, N) | (B, M, N) | B separate products: transpose the last two axes only |
# | (B, M, K) | (K, N) | (B, M, N) | b stretched over the batch |
#
# The gradient of a stretched operand may come back stretched, (B, K, N) in the last row: the engine sums it down. But where a 1-D operand was
# given an axis, take it off again, as the engine cannot know. With a 1-D operand the other one may have batch axes, too.
#
# ### Exercise: matrix product (8 points)
#
# One gradient for each operand, for all rows of the table, no loop. Each gradient has the operand's shape, or that shape with the batch
# axes stretched. For an operand that does **not** require a gradient, return `None` and do not compute it: at the first layer that operand is
# the images.


# %% id="matmul" exercise="matmul"
#| export
@completes(MatMul)
def matmul_backward(operation: Function, grad: Array) -> Gradients:
    """The gradients of a @ b; None for an operand that requires none."""
    (a, b), (left, right) = operation.arrays, operation.inputs
    ### BEGIN SOLUTION
    if a.ndim == 1 and b.ndim == 1:
        return grad * b, grad * a
    if a.ndim == 1:
        a, grad = a[np.newaxis, :], grad[..., np.newaxis, :]
    if b.ndim == 1:
        b, grad = b[:, np.newaxis], grad[..., np.newaxis]
    grad_a = grad_b = None
    if left.requires_grad:
        grad_a = grad @ b.swapaxes(-1, -2)
    if right.requires_grad and b.ndim == 2:
        grad_b = a.reshape(-1, a.shape[-1]).T @ grad.reshape(-1, grad.shape[-1])
    elif right.requires_grad:
        grad_b = a.swapaxes(-1, -2) @ grad
    if grad_a is not None and left.ndim == 1:
        grad_a = grad_a[..., 0, :]
    if grad_b is not None and right.ndim == 1:
        grad_b = grad_b[..., 0]
    return grad_a, grad_b
    ### END SOLUTION


# %% id="matmul-check" tags=["check"]
for shapes in [((3, 4), (4, 2)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((5, 3, 4), (5, 4, 2))]:
    a, b = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
    assert rule_error(lambda a, b: a @ b, a, b) < 1e-6, f"{shapes} disagrees with finite differences"
images, weight = Tensor(np.ones((2, 3))), Tensor(np.ones((3, 4)), requires_grad=True)
assert (images @ weight).grad_fn.backward(np.ones((2, 4)))[0] is None, "nobody wants the images' gradient"
print("ok without broadcasting")
for shapes in [((5, 3, 4), (4, 2)), ((5, 3, 4), (4,)), ((4,), (5, 4, 2)), ((2, 1, 3, 4), (6, 4, 2))]:
    a, b = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
    assert rule_error(lambda a, b: a @ b, a, b) < 1e-6, f"{shapes} disagrees with finite differences"
print("ok with broadcasting (this half needs your unbroadcast)")

# %% id="matmul-timing" tags=["check"]
m, k, n = (8, 32, 16) if QUICK else (32, 128, 32)
a, b, g = rng.normal(size=(m, k)), rng.normal(size=(k, n)), rng.normal(size=(m, n))
rule = (Tensor(a, True, np.float64) @ Tensor(b, True, np.float64)).grad_fn
t_loop, t_fast = seconds(lambda: matmul_backward_loops(a, b, g), 1), seconds(lambda: rule.backward(g), 20)
print(f"({m}, {k}) @ ({k}, {n}): loops {t_loop * 1e3:.1f} ms, yours {t_fast * 1e3:.4f} ms")

g = rng.normal(size=(64, 128)).astype(np.float32)
weight = Tensor(rng.normal(size=(784, 128)), requires_grad=True)
for wanted in (True, False):
    rule = (Tensor(rng.normal(size=(64, 784)), requires_grad=wanted) @ weight).grad_fn
    print(
        f"images require a gradient: {wanted!s:5}  {seconds(lambda rule=rule: rule.backward(g), 20) * 1e6:6.0f} µs"
    )

batch, d = (8, 64) if QUICK else (64, 256)
a, g = rng.normal(size=(2, batch, 32, d)).astype(np.float32)
stacked = seconds(lambda: (a.swapaxes(-1, -2) @ g).sum(axis=0), 5)
folded = seconds(lambda: a.reshape(-1, d).T @ g.reshape(-1, d), 5)
print(
    f"({batch}, 32, {d}) @ ({d}, {d}), gradient of the weight: stacked, then summed {stacked * 1e3:.2f} ms; ",
    end="",
)
print(f"batch folded into the rows {folded * 1e3:.2f} ms")

# %% [markdown]
# The last line is worth a second look. A weight that is shared by a batch may get B gradients of the weight's size, which are then
# summed; or the batch and the rows become one long axis, and the sum happens inside **one** product that never stores them.
# Both are correct. Which is yours?
#
# ## 6. Moves and reductions
#
# **Moves.** Reshape, permute, slice and concatenate compute nothing: each number goes to another place, and its gradient goes back.
#
# ```text
#   permute by (2, 0, 1): (2, 3, 4) ──► (4, 2, 3)        back by the inverse, (1, 2, 0)
#
#   slice a[[0, 0, 2]]                                    masked_fill(mask, v)
#
#     a0 a1 a2 ──► a0 a0 a2                               a0 a1 a2 ──► a0  v  a2
#                   │  │  │                                             │     │
#     5  0  4  ◄──  2  3  4   (2 + 3: read twice)         2  0  4  ◄──  2  3  4   (v is a constant)
# ```
#
# The slice is the one with a trap. `zeros[key] = grad` writes the 2 and then the 3 over it; so does `zeros[key] += grad`, since numpy reads
# the old values once, before it writes. `np.add.at(zeros, key, grad)` adds one after the other.
#
# ### Exercise: moves (first half of 10 points)
#
# * `Reshape`: the shape from before is that of the array.
# * `Permute`: axis k of the result is axis `axes[k]` of the input; `np.argsort` finds the inverse.
# * `Slice`: `key` is whatever stood in the brackets: numbers, slices, lists with repetitions, boolean arrays.
# * `MaskedFill`: `mask` may be smaller than the tensor; it broadcasts. `None` and the constant need nothing: the tensor is the only input.
# * `Concatenate`: one gradient for each of any number of inputs, which may differ in length along `axis` (`np.split`).


# %% id="moves" exercise="shape"
#| export
@completes(Reshape)
def reshape_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a reshape."""
    (a,) = operation.arrays
    ### BEGIN SOLUTION
    return (grad.reshape(a.shape),)
    ### END SOLUTION


@completes(Permute)
def permute_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a permutation of the axes."""
    axes: tuple[int, ...] = operation.params["axes"]
    ### BEGIN SOLUTION
    return (grad.transpose(np.argsort(axes)),)
    ### END SOLUTION


@completes(Slice)
def slice_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a[key]: zeros, with `grad` added at the places that were read."""
    key = operation.params["key"]
    (a,) = operation.arrays
    ### BEGIN SOLUTION
    full = np.zeros_like(a, dtype=grad.dtype)
    parts = key if isinstance(key, tuple) else (key,)
    if all(isinstance(part, int | slice | EllipsisType | None) for part in parts):
        full[key] = grad
    else:
        np.add.at(full, key, grad)
    return (full,)
    ### END SOLUTION


@completes(MaskedFill)
def masked_fill_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a tensor in which some elements were replaced by a constant."""
    mask: Array = operation.params["mask"]
    ### BEGIN SOLUTION
    return (np.where(mask, 0, grad),)
    ### END SOLUTION


@completes(Concatenate)
def concatenate_backward(operation: Function, grad: Array) -> Gradients:
    """The gradients of arrays put one after the other."""
    axis: int = operation.params["axis"]
    ### BEGIN SOLUTION
    ends = np.cumsum([array.shape[axis] for array in operation.arrays])
    return tuple(np.split(grad, ends[:-1], axis=axis))
    ### END SOLUTION


# %% id="moves-check" tags=["check"]
a = rng.normal(size=(3, 4))
assert rule_error(lambda a: a.reshape(2, 6), a) < 1e-6, "reshape"
assert rule_error(lambda a: a.permute(2, 0, 1), rng.normal(size=(2, 3, 4))) < 1e-6, (
    "permute: which way round?"
)
for key in (1, (slice(None), 2), (..., slice(None, None, -2)), [0, 0, 2], np.array([True, False, True])):
    assert rule_error(lambda a, key=key: a[key], a) < 1e-6, f"slice with {key}"
assert rule_error(lambda a: a.masked_fill(a.data > 0, 7), a) < 1e-6, "masked_fill"
assert rule_error(lambda a, b: concatenate([a, b], axis=1), a, a[:, :1]) < 1e-6, "concatenate"
print("ok")

# %% id="slice-timing" tags=["check"]
size = 100 if QUICK else 1000
full, part = np.zeros((size, size), np.float32), np.ones((size, 10), np.float32)
rows = np.arange(size)[:, np.newaxis]
print(
    f"add.at, an array as key  {seconds(lambda: np.add.at(full, (rows, np.arange(10)), part)) * 1e6:8.0f} µs"
)
print(
    f"add.at, slices as key    {seconds(lambda: np.add.at(full, (slice(None), slice(10)), part)) * 1e6:8.0f} µs"
)


def assign():
    full[:, :10] = part


print(f"assignment with slices   {seconds(assign) * 1e6:8.0f} µs")

# %% [markdown]
# With numbers and slices alone no place can be read twice, so assignment is right there; with arrays and lists in the key it is not.
# Taking the fast way where it is safe is optional.
#
# **Reductions.** A sum moves 1 for each 1 of every element: the gradient of each element is that of **its** sum. If the sum was over axis 1 of
# (2, 3), there are two sums, and the axis that disappeared has to be given back before the gradient can be repeated:
#
# ```text
#   a (2, 3)            sum(axis=1) (2,)       grad (2,)      with its axis (2, 1)     repeated (2, 3)
#
#   1 2 3      ──►       6                      10      ──►    10               ──►    10 10 10
#   4 5 6               15                      20             20                      20 20 20
# ```
#
# Without this step, (2,) against (2, 3) is an error if you are lucky, and (3,) against (3, 3) is silently the wrong way round if you are not.
#
# * **Mean** is the sum divided by the number of elements in **one** mean, not by the size of the tensor.
# * **Max** moves with the largest element only. If several are equally large, they share the gradient **evenly**: the maximum of
#   `[3, 1, 3]` gives `[0.5, 0, 0.5]`. (PyTorch's `amax` does so too; its `max(dim)` gives all to one of them.)
#
# ### Exercise: reductions (second half of the 10 points)
#
# `axis` is `None` (all axes) or a tuple of axes counted from the front; with `keepdims` the axes are still there, with size 1. Write
# `restore_axes` first: it does the two steps of the picture, and returns an array of its own (`np.broadcast_to` gives a view that repeats
# the same memory; make it a real array). `np.expand_dims` takes a tuple of axes.


# %% id="reductions" exercise="shape"
#| export
def restore_axes(grad: Array, shape: tuple[int, ...], axis: tuple[int, ...] | None, keepdims: bool) -> Array:
    """The gradient of a reduction over `axis`, repeated to the `shape` from before: a new array."""
    ### BEGIN SOLUTION
    if axis is not None and not keepdims:
        grad = np.expand_dims(grad, axis)
    return np.broadcast_to(grad, shape).copy()
    ### END SOLUTION


@completes(Sum)
def sum_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a sum."""
    (a,), axis, keepdims = operation.arrays, operation.params["axis"], operation.params["keepdims"]
    ### BEGIN SOLUTION
    return (restore_axes(grad, a.shape, axis, keepdims),)
    ### END SOLUTION


@completes(Mean)
def mean_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a mean."""
    (a,), axis, keepdims = operation.arrays, operation.params["axis"], operation.params["keepdims"]
    ### BEGIN SOLUTION
    return (restore_axes(grad / (a.size // grad.size), a.shape, axis, keepdims),)
    ### END SOLUTION


@completes(Max)
def max_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of a maximum: to the largest element; several that are equal share it evenly."""
    (a,), axis, keepdims = operation.arrays, operation.params["axis"], operation.params["keepdims"]
    ### BEGIN SOLUTION
    largest = a == np.max(a, axis=axis, keepdims=True)
    count = largest.sum(axis=axis, keepdims=True)
    return (restore_axes(grad, a.shape, axis, keepdims) * largest / count,)
    ### END SOLUTION


# %% id="reductions-check" tags=["check"]
assert np.array_equal(restore_axes(np.array([10.0, 20.0]), (2, 3), (1,), False), [[10] * 3, [20] * 3])
cube = rng.normal(size=(3, 3, 3))
for name in ("sum", "mean", "max"):
    for axis in (None, 0, 1, -1, (0, 2)):
        for keepdims in (False, True):
            error = rule_error(lambda a, n=name, x=axis, k=keepdims: getattr(a, n)(axis=x, keepdims=k), cube)
            assert error < 1e-6, f"{name}(axis={axis}, keepdims={keepdims}) disagrees with finite differences"
ties = Tensor([3.0, 1.0, 3.0], requires_grad=True).max()
assert np.array_equal(ties.grad_fn.backward(np.array(1.0))[0], [0.5, 0, 0.5]), "equal maxima share evenly"
print("ok")

# %% [markdown]
# ## 7. Activations and losses
#
# An activation is applied to each number alone, so its gradient is `grad` times its slope **at that number**. Let `s` be the output:
#
# | function | slope | at 0.5 |
# |---|---|---|
# | ReLU | 1 if a > 0, else 0 (also at 0 itself) | 1 |
# | sigmoid | s (1 - s) | 0.2350 |
# | tanh | 1 - s² | 0.7864 |
# | GELU | 0.5 (1 + t) + 0.5 a (1 - t²) · 0.79788456 (1 + 3 · 0.044715 a²), with t the tanh inside | 0.8674 |
#
# The operation kept its input, not its output, so the given line computes `s` again. That is a trade: an array less in memory, a forward
# more in time. Question 1 comes back to it.
#
# **Softmax** is different: one score moves *all* shares of its row, since they add up to 1. Its slopes form a matrix. For the scores 1, 2, 3 and a
# gradient that only asks for the first share:
#
# ```text
#   shares s                0.0900   0.2447   0.6652
#   gradient g              1        0        0
#   weighted sum of g       0.0900 · 1 + 0.2447 · 0 + 0.6652 · 0 = 0.0900
#   s · (g - sum)           0.0819  -0.0220  -0.0599     they add up to 0: what one gains, others lose
# ```
#
# The weighted sum runs along `dim`, once for each distribution. If all `g` are equal the result is 0 everywhere: a check with equal
# weights finds nothing, which is why every check here uses unequal ones. With the whole matrix of slopes, as a loop:


# %% id="softmax-jacobian"
def softmax_backward_loops(shares, grad):
    """The gradient of softmax along the last axis of 2-D arrays, by the matrix of all slopes."""
    out = np.zeros_like(grad)
    for row in range(grad.shape[0]):
        for i in range(grad.shape[1]):
            for j in range(grad.shape[1]):
                slope = shares[row, j] * ((i == j) - shares[row, i])  # of share j, moved by score i
                out[row, i] += grad[row, j] * slope
    return out


print(softmax_backward_loops(np.array([[0.0900, 0.2447, 0.6652]]), np.array([[1.0, 0.0, 0.0]])).round(4))

# %% [markdown]
# ### Exercise: activations (first half of 12 points)
#
# Five rules, from the table and from the worked softmax, for arrays of any shape and any `dim`, without a loop. The given lines compute
# the value that the slope is written in.


# %% id="activation-rules" exercise="act"
#| export
@completes(ReLUFunction)
def relu_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of ReLU."""
    (a,) = operation.arrays
    ### BEGIN SOLUTION
    return (grad * (a > 0),)
    ### END SOLUTION


@completes(SigmoidFunction)
def sigmoid_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of the sigmoid."""
    (a,) = operation.arrays
    out = operation.forward(a)
    ### BEGIN SOLUTION
    return (grad * out * (1 - out),)
    ### END SOLUTION


@completes(TanhFunction)
def tanh_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of tanh."""
    (a,) = operation.arrays
    out = operation.forward(a)
    ### BEGIN SOLUTION
    return (grad * (1 - out * out),)
    ### END SOLUTION


@completes(GELUFunction)
def gelu_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of GELU."""
    (a,) = operation.arrays
    bend = np.tanh(0.79788456 * (a + 0.044715 * a * a * a))
    ### BEGIN SOLUTION
    steepness = 0.79788456 * (1 + 3 * 0.044715 * a * a)
    return (grad * (0.5 * (1 + bend) + 0.5 * a * (1 - bend * bend) * steepness),)
    ### END SOLUTION


@completes(SoftmaxFunction)
def softmax_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of softmax along `dim`."""
    dim: int = operation.params["dim"]
    (a,) = operation.arrays
    out = operation.forward(a)
    ### BEGIN SOLUTION
    return (out * (grad - np.sum(out * grad, axis=dim, keepdims=True)),)
    ### END SOLUTION


# %% id="activations-check" tags=["check"]
a = rng.normal(size=(3, 4)) + 0.1
for function in (relu, sigmoid, tanh, gelu):
    assert rule_error(function, a) < 1e-6, f"{function.__name__} disagrees with finite differences"
for dim in (0, 1):
    assert rule_error(lambda a, dim=dim: softmax(a, dim), a) < 1e-6, f"softmax along {dim} disagrees"
print("ok")

# %% id="softmax-timing" tags=["check"]
n = 20 if QUICK else 100
operation = softmax(Tensor(rng.normal(size=(n, n)), True, np.float64)).grad_fn
shares, g = softmax(operation.inputs[0]).data, rng.normal(size=(n, n))
t_loop, t_fast = (
    seconds(lambda: softmax_backward_loops(shares, g), 1),
    seconds(lambda: operation.backward(g), 20),
)
print(f"{n} rows of {n}: matrix of slopes {t_loop * 1e3:.1f} ms, yours {t_fast * 1e3:.3f} ms")

# %% [markdown]
# **Losses.** A loss is first one number for each element or row, then the reduction. Backwards the reduction comes first. `unreduced` (given)
# turns the gradient of the reduced loss into that of each single one: divided by their number for a mean, unchanged for a sum or none. Its result
# has no axes, or the shape of the single losses.
#
# | loss | gradient for predictions or logits, each | for targets |
# |---|---|---|
# | `MSEFunction` | 2 (p - t) | -2 (p - t) |
# | `BinaryCrossEntropyFunction` | (p - t) / (p (1 - p)), p clipped as in module 04 | log(1 - p) - log(p) |
# | `BCEWithLogitsFunction` | sigmoid(z) - t | -z |
# | `CrossEntropyFunction` | softmax(z), less 1 at the right class | (class numbers have none) |
#
# Compare the second row with the third: the sigmoid inside cancels the fraction, and nothing is left to divide by 0. **Cross entropy** of the
# logits 1, 2, 3 with class 2 being right: 0.0900, 0.2447, 0.6652 - 1 = -0.3348. They add up to 0 again: right up, wrong down.
#
# The logarithms of softmax and of a sum of exponentials complete the list. LogSumExp has the shares of softmax as slopes; LogSoftmax is a score minus
# the LogSumExp of its row, so its gradient is `g` minus the share of the row's **sum** of `g`.
#
# Two of the six are given:


# %% id="loss-given"
#| export
def unreduced(grad: Array, operation: Function, count: int) -> Array:
    """The gradient of each single loss, before `count` of them were reduced; it broadcasts to them."""
    return np.asarray(grad / count) if operation.params["reduction"] == "mean" else grad


@completes(BinaryCrossEntropyFunction)
def binary_cross_entropy_backward(operation: Function, grad: Array) -> Gradients:
    """The gradients of the loss of probabilities, and of their targets."""
    predictions, targets = operation.arrays
    each = unreduced(grad, operation, targets.size)
    p = np.clip(predictions, 1e-7, 1 - 1e-7)
    return each * (p - targets) / (p * (1 - p)), each * (np.log1p(-p) - np.log(p))


@completes(LogSumExp)
def log_sum_exp_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of log(sum(exp(a))): the shares of softmax."""
    dim: int = operation.params["dim"]
    (a,) = operation.arrays
    if not operation.params["keepdims"]:
        grad = np.expand_dims(grad, dim)
    weights = np.exp(a - np.max(a, axis=dim, keepdims=True))
    return (grad * (weights / np.sum(weights, axis=dim, keepdims=True)),)


# %% [markdown]
# ### Exercise: losses (second half of the 12 points)
#
# In `cross_entropy_backward` the given lines prepare `counted` and `labels`, both of the shape of the targets. A row whose target is
# `ignore_index` gets exactly 0, and a mean divides by the number of rows that **count**. Logits may be (C,), (N, C), (N, S, C) and so on; like
# in module 04, logits in the hundreds must not overflow, so subtract the maximum of each row. And do not forget: every loss may be
# multiplied by something afterwards, so `grad` is not 1.


# %% id="loss-rules" exercise="act"
#| export
@completes(LogSoftmax)
def log_softmax_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of the logarithm of softmax along `dim`."""
    dim: int = operation.params["dim"]
    (a,) = operation.arrays
    shares = np.exp(operation.forward(a))
    ### BEGIN SOLUTION
    return (grad - shares * np.sum(grad, axis=dim, keepdims=True),)
    ### END SOLUTION


@completes(MSEFunction)
def mse_backward(operation: Function, grad: Array) -> Gradients:
    """The gradients of the squared difference, for predictions and targets."""
    predictions, targets = operation.arrays
    ### BEGIN SOLUTION
    slope = unreduced(grad, operation, targets.size) * 2 * (predictions - targets)
    return slope, -slope
    ### END SOLUTION


@completes(CrossEntropyFunction)
def cross_entropy_backward(operation: Function, grad: Array) -> Gradients:
    """The gradient of the cross entropy: softmax of the logits, less 1 at the right class."""
    targets, ignore_index = operation.params["targets"], operation.params["ignore_index"]
    (logits,) = operation.arrays
    counted = np.full(targets.shape, True) if ignore_index is None else targets != ignore_index
    labels = np.where(counted, targets, 0)  # any class will do where nothing counts
    ### BEGIN SOLUTION
    weights = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    shares = (weights / np.sum(weights, axis=-1, keepdims=True)).reshape(-1, logits.shape[-1])
    shares[np.arange(len(shares)), labels.ravel()] -= 1
    each = unreduced(grad, operation, int(np.sum(counted))) * counted
    return (shares.reshape(logits.shape) * each[..., np.newaxis],)
    ### END SOLUTION


@completes(BCEWithLogitsFunction)
def bce_with_logits_backward(operation: Function, grad: Array) -> Gradients:
    """The gradients of the binary cross entropy of logits, and of their targets."""
    logits, targets = operation.arrays
    share = SigmoidFunction().forward(logits)
    ### BEGIN SOLUTION
    loss_grad = unreduced(grad, operation, targets.size)
    return loss_grad * (share - targets), -loss_grad * logits
    ### END SOLUTION


# %% id="losses-check" tags=["check"]
z, p = rng.normal(size=(4, 3)), rng.uniform(0.1, 0.9, size=(4, 3))
labels = np.array([2, 0, 1, 2])
for reduction in ("mean", "sum", "none"):
    assert rule_error(MSELoss(reduction), z, p) < 1e-6, f"MSE, reduction {reduction}"
    assert rule_error(BinaryCrossEntropyLoss(reduction), p, p.T.reshape(4, 3)) < 1e-6, (
        "given: should be right"
    )
    assert rule_error(BCEWithLogitsLoss(reduction), z, p) < 1e-6, f"BCE with logits, reduction {reduction}"
    for ignore in (None, 2):
        loss = CrossEntropyLoss(reduction, ignore_index=ignore)
        error = rule_error(lambda z, loss=loss: loss(z, labels), z)
        assert error < 1e-6, f"cross entropy, reduction {reduction}, ignore_index {ignore}"
assert rule_error(lambda z: log_softmax(z, 0), z) < 1e-6, "log_softmax along 0"
assert rule_error(lambda z: logsumexp(z, 1), z) < 1e-6, "given: should be right"
print("ok")
# %% [markdown]
# ## 8. The walk
#
# Every operation can now answer for itself. What is left is to ask them all, in an order. The obvious way is to follow the
# links: ask the last operation, then go to each of its inputs with what came out, and so on down to the leaves.


# %% id="naive-walk"
visits = 0


def naive_walk(tensor, grad):
    """Carry `grad` down every path from `tensor` to a leaf."""
    global visits
    visits += 1
    if tensor.grad_fn is None:
        tensor.grad = grad if tensor.grad is None else tensor.grad + grad
        return
    for given, part in zip(tensor.grad_fn.inputs, tensor.grad_fn.backward(grad), strict=True):
        if part is not None:
            naive_walk(given, part)


a, b = Tensor(2.0, requires_grad=True), Tensor(5.0, requires_grad=True)
naive_walk(a * b + b, np.array(1.0))
print("a:", a.grad, " b:", b.grad)

# %% [markdown]
# 5 and 3, as in part 1. It is correct for every program. Now a residual network: each block adds something to what goes through it,
# `h + f(h)`, so `h` is used twice. Two ways through each block:
#
# ```text
#          ┌──────────────┐      ┌──────────────┐      ┌──────────────┐
#    x ────┤              ├─Add──┤              ├─Add──┤              ├─Add── y
#          └─── Mul by 0.1┘      └─── Mul by 0.1┘      └─── Mul by 0.1┘
#
#    paths from y to x:   3 blocks: 2 · 2 · 2 = 8      L blocks: 2^L
#    tensors:             3 blocks: 2 · 3 + 1 = 7      L blocks: 2 L + 1
# ```
#
# Each time the naive walk arrives at the same tensor it walks everything behind it **again**:

# %% id="blow-up" tags=["check"]


def residual(x, blocks):
    """`h + 0.1 h`, again and again."""
    for _ in range(blocks):
        x = x + x * 0.1
    return x


for blocks in (2, 4, 6, 8) if QUICK else (2, 4, 6, 8, 10, 12, 14):
    x = Tensor(1.0, requires_grad=True)
    y = residual(x, blocks)
    visits, start = 0, time.perf_counter()
    naive_walk(y, np.array(1.0))
    elapsed = time.perf_counter() - start
    print(
        f"{blocks:3} blocks {visits:8,} visits {elapsed * 1e3:9.2f} ms   x.grad {x.grad:.4f} = 1.1^{blocks}"
    )

# %% [markdown]
# Twelve blocks are a small transformer, and a transformer's block has more ways through it than two: part 11.2 counts them.
#
# The obvious repair is to walk behind each tensor only the **first** time. It is fast, and wrong: at that moment not all consumers
# have reported. Finish a tensor's gradient before you use it:


# %% id="hasty-walk"
def hasty_walk(tensor, grad, done):
    """Like the naive walk, but behind each tensor only once: wrong."""
    tensor.grad = grad if tensor.grad is None else tensor.grad + grad
    if tensor.grad_fn is None or id(tensor) in done:
        return
    done.add(id(tensor))
    for given, part in zip(tensor.grad_fn.inputs, tensor.grad_fn.backward(tensor.grad), strict=True):
        if part is not None:
            hasty_walk(given, part, done)


x = Tensor(3.0, requires_grad=True)
h = x * 2
hasty_walk(h + h * h, np.array(1.0), set())
print("hasty:", x.grad)
x = Tensor(3.0, requires_grad=True)
h = x * 2
naive_walk(h + h * h, np.array(1.0))
print("naive:", x.grad, " by hand: y = 2x + 4x², slope 2 + 8 · 3 = 26")

# %% [markdown]
# The right order comes from one rule: **a tensor's turn comes after that of everything computed from it.** A list in which inputs stand
# before what was computed from them is called a *topological order*; read it from the back and you have that rule. Each tensor then has its
# turn once, with its gradient complete.
#
# ### Exercise: topological order (first part of 16 points)
#
# How to find such a list: put a tensor into it once all its inputs are in it (*depth first*). As a recursion that is four lines,
# but Python ends a recursion after 1000 calls, and a graph may be a million operations deep. So keep a stack of your own, with
# pairs: a tensor, and whether its inputs are done.
#
# ```text
#   y = h + m, m = h * h, h = x * 2     (the constant 2 requires no gradient: the walk leaves it out)
#
#   take     what happens                            stack afterwards (top on the right)     order
#   y, no    new: back with "yes", then its inputs   y-yes  h-no  m-no
#   m, no    new: the same                           y-yes  h-no  m-yes  h-no  h-no
#   h, no    new                                     y-yes  h-no  m-yes  h-no  h-yes  x-no
#   x, no    new: a leaf, it has no inputs           y-yes  h-no  m-yes  h-no  h-yes  x-yes
#   x, yes   inputs are done: into the list          y-yes  h-no  m-yes  h-no  h-yes         x
#   h, yes                                           y-yes  h-no  m-yes  h-no                x h
#   h, no    seen before: nothing                    y-yes  h-no  m-yes                      x h
#   m, yes   ...                                     y-yes  h-no                             x h m
# ```
#
# * Follow only inputs with `requires_grad`.
# * Tell tensors apart by `id(tensor)`, not by their values.
# * Take the operation from `operation_behind(tensor)` (given below), which is `tensor.grad_fn`, or a RuntimeError if it has been freed. More on that
#   in a moment.


# %% id="walk-given"
#| export
class Freed(Function):
    """Stands where an operation stood, after a backward walk has used it and let it go."""


def operation_behind(tensor: Tensor) -> Function | None:
    """The operation that made `tensor`, None for a leaf; RuntimeError if a walk has freed it."""
    if isinstance(tensor.grad_fn, Freed):
        raise RuntimeError(
            f"backward: the graph behind a tensor of shape {tensor.shape} was freed by an earlier backward; "
            "pass retain_graph=True to that one, or compute the forward pass again"
        )
    return tensor.grad_fn


def first_gradient(tensor: Tensor, gradient: Any) -> Array:
    """The gradient that a walk from `tensor` starts with: `gradient`, or 1 for a single number."""
    if not tensor.requires_grad:
        raise RuntimeError(
            f"backward: this tensor of shape {tensor.shape} was not computed from anything that requires "
            "a gradient; set requires_grad=True on what you want the gradient of, and do not use no_grad"
        )
    if tensor.dtype.kind != "f":
        raise TypeError(f"backward: a tensor of {tensor.dtype} has no gradient; make it float32")
    if gradient is None and tensor.size != 1:
        raise ValueError(
            f"backward: a tensor of shape {tensor.shape} is not a single number; "
            "reduce it, with sum() or mean(), or give a gradient of this shape"
        )
    if gradient is None:
        return np.ones_like(tensor.data)
    array = np.asarray(gradient.data if isinstance(gradient, Tensor) else gradient, dtype=tensor.dtype)
    if array.shape != tensor.shape:
        raise ValueError(f"backward: the gradient has shape {array.shape}, the tensor {tensor.shape}")
    return array


# %% id="order" exercise="walk"
#| export
def topological_order(tensor: Tensor) -> list[Tensor]:
    """All tensors that `tensor` was computed from and that require a gradient, each once.

    Inputs stand before what was computed from them, so `tensor` itself is last.
    RuntimeError if a backward walk has already freed a part of the graph.
    """
    ### BEGIN SOLUTION
    order: list[Tensor] = []
    seen: set[int] = set()
    stack = [(tensor, False)]
    while stack:
        node, inputs_are_done = stack.pop()
        if inputs_are_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            operation = operation_behind(node)
            if operation is not None:
                stack.extend((given, False) for given in operation.inputs if given.requires_grad)
    return order
    ### END SOLUTION


# %% id="order-check" tags=["check"]
x = Tensor(3.0, requires_grad=True)
h = x * 2
m = h * h
y = h + m
order = topological_order(y)
assert [id(tensor) for tensor in order] == [id(x), id(h), id(m), id(y)], "x, h, m, y: the only order here"
assert len(topological_order(x)) == 1, "a leaf alone is a graph, too"
deep = x
for _ in range(1_000 if QUICK else 20_000):
    deep = deep + 1.0
print("a chain:", len(topological_order(deep)), "tensors")
print("12 residual blocks:", len(topological_order(residual(x, 12))), "tensors")

# %% [markdown]
# ### Exercise: backward (the rest of the 16 points)
#
# `backward(tensor, gradient, retain_graph)` is what `tensor.backward()` calls. Keep a dict with the gradient of each tensor so far, by
# `id`. It begins with one entry: `first_gradient(tensor, gradient)` (given) for the tensor itself. Then for each tensor of the topological order, from
# the back:
#
# 1. Take its gradient out of the dict. It may have none: all its consumers answered `None`. **None means no gradient, not one.**
# 2. If it is a leaf (`grad_fn` is None), or `tensor.retains_grad` is set, **add** the gradient to `tensor.grad`. The first time that is
#    an array **of its own**: a rule may have handed the same array to two tensors, and whoever clips one `grad` in place would change the
#    other. Later calls of `backward` add to what is there: that is a contract, and training on several batches at once (module 08) builds on it.
#    `grad` is always an ndarray. (numpy turns a sum of arrays without axes into a scalar; `np.array` makes it an array again.)
# 3. Ask the operation, `operation.backward(grad)`, and add each part that is not `None` to the dict entry of its input. Two consumers, one
#    sum. Do not add in place (`+=`): the array in the dict may be the one that another tensor has, too.
# 4. **Free.** Unless `retain_graph`, replace the tensor's `grad_fn` by `Freed()`. Nobody holds the operation then, nor the arrays that it kept, so
#    the memory goes while the walk goes, and the graph is not walked twice by mistake: `operation_behind` raises a RuntimeError. A leaf stays as it is.
#
# A tensor that is not a leaf keeps no `grad` unless `retain_grad()` was called on it: gradients of all intermediate results would
# double the memory.
#
# What is an error, before anything has changed: a tensor that requires no gradient (RuntimeError), no `gradient` although there is more
# than one number, or one of another shape (ValueError), a freed graph (RuntimeError). `first_gradient` and `topological_order` see to all of
# it if you call both before the loop.


# %% id="backward" exercise="walk"
#| export
def backward(tensor: Tensor, gradient: Any = None, retain_graph: bool = False) -> None:
    """Add the gradient of `tensor` to the `grad` of every leaf it was computed from.

    A leaf is a tensor that no operation made. Other tensors keep no `grad`, unless
    `retain_grad()` asked for it. The graph is freed on the way, unless `retain_graph`.
    """
    ### BEGIN SOLUTION
    gradients = {id(tensor): first_gradient(tensor, gradient)}
    order = topological_order(tensor)
    while order:
        node = order.pop()
        grad, operation = gradients.pop(id(node), None), node.grad_fn
        if grad is not None and (operation is None or node.retains_grad):
            if node.grad is None:
                node.grad = np.array(grad)
            else:
                node.grad += grad
        if operation is None:
            continue
        if grad is not None:
            for given, part in zip(operation.inputs, operation.backward(grad), strict=True):
                if part is not None:
                    known = gradients.get(id(given))
                    gradients[id(given)] = part if known is None else known + part
        if not retain_graph:
            node.grad_fn = Freed()
    ### END SOLUTION


# %% id="backward-check" tags=["check"]
x = Tensor(3.0, requires_grad=True)
(x * x).backward()
assert x.grad == 6, f"x * x at 3 has slope 6, not {x.grad}: two consumers, one sum"
assert type(x.grad) is np.ndarray, "grad is an ndarray, not a numpy scalar"
x.zero_grad()
h = x * 2
h.retain_grad()
y = h + h * h
y.backward()
assert x.grad == 26, f"h + h * h at h = 2x, x = 3 has slope 26, not {x.grad}"
assert h.grad == 13, "h asked for its gradient"
assert y.grad is None, "y did not"
print("second walk:", complaint(y.backward))
assert x.grad == 26, "a walk that raises an error changes nothing"

a, b = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
(a + b).backward(np.array([1.0, 10.0]))
a.grad *= 0
assert np.array_equal(b.grad, [1, 10]), "two tensors share one array"
(a + b).backward(np.array([1.0, 10.0]))
assert np.array_equal(b.grad, [2, 20]), "a second walk adds"
print("no gradient given:", complaint(lambda: (a + b).backward()))

x = Tensor(1.0, requires_grad=True)
residual(x, 200).backward()
assert np.isclose(x.grad, 1.1**200, rtol=1e-4), "200 residual blocks"
deep = x
for _ in range(1_000 if QUICK else 20_000):
    deep = deep + 1.0
deep.backward()
print("ok")

# %% [markdown]
# The two walks on the same graphs, now that both are there:

# %% id="both-walks" tags=["check"]
for blocks in (2, 4, 6, 8) if QUICK else (2, 4, 8, 12, 14):
    times = []
    for walk in (lambda y: naive_walk(y, np.array(1.0)), backward):
        y = residual(Tensor(1.0, requires_grad=True), blocks)
        start = time.perf_counter()
        walk(y)
        times.append(time.perf_counter() - start)
    print(f"{blocks:3} blocks: naive {times[0] * 1e3:9.2f} ms, yours {times[1] * 1e3:6.2f} ms")

# %% [markdown]
# ## 9. Switching it off
#
# Whoever only *uses* a network wants no graph: it costs time, and it keeps every intermediate array alive. `Function.engine.recording` is the switch.
# It has to be put back to what it **was**, not simply to True: blocks may be nested, and an exception may end one. Python calls `__enter__` at
# the beginning of a `with` block and `__exit__` at its end, however it ends; an `__exit__` that returns `None` lets the exception go on.
#
# ```text
#   with no_grad():            recording was True      remembered: [True]           now False
#       with no_grad():        recording was False     remembered: [True, False]    now False
#           ...
#       (end)                  last one remembered     remembered: [True]           now False
#   (end)                                              remembered: []               now True
# ```
#
# One object may be entered several times, if a function below `@no_grad()` calls itself. So what it remembers is a list, `self.before`.
#
# `detach` cuts out a single tensor: the same numbers with the same dtype, a leaf that requires no gradient. Like everything in this course that makes a
# Tensor, it copies, so changing one does not change the other.
#
# ### Exercise: no_grad and detach (6 points)
#
# `__enter__` returns the object itself.


# %% id="nograd" exercise="nograd"
#| export
_P = ParamSpec("_P")
_R = TypeVar("_R")


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return Function.engine.recording


class no_grad:  # noqa: N801
    """Inside `with no_grad():`, or in a function below `@no_grad()`, nothing is recorded.

    Blocks may be nested. Leaving one, also by an exception, restores what was before it.
    """

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> no_grad:
        ### BEGIN SOLUTION
        self.before.append(Function.engine.recording)
        Function.engine.recording = False
        return self
        ### END SOLUTION

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ### BEGIN SOLUTION
        Function.engine.recording = self.before.pop()
        ### END SOLUTION

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def without_recording(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with self:
                return function(*args, **kwargs)

        return without_recording


def detach(tensor: Tensor) -> Tensor:
    """A copy of the numbers, without the way they were computed."""
    ### BEGIN SOLUTION
    return Tensor(tensor, dtype=tensor.dtype)
    ### END SOLUTION


# %% id="nograd-check" tags=["check"]
x = Tensor([1.0, 2.0], requires_grad=True)
with no_grad():
    assert not (x * x).requires_grad, "nothing is recorded here"
    with no_grad():
        pass
    assert not is_grad_enabled(), "the inner block has ended, the outer one has not"
assert is_grad_enabled(), "both blocks have ended"
try:
    with no_grad():
        raise ValueError("on purpose")
except ValueError:
    assert is_grad_enabled(), "an exception ends the block, too"


@no_grad()
def predict(x):
    """x squared, without a graph."""
    return x * x


assert not predict(x).requires_grad, "the function runs in a block"
assert (x * x).requires_grad, "and the block ends with it"
cut = (x * x).detach()
assert not cut.requires_grad, "cut off: requires no gradient"
assert np.array_equal(cut.data, [1, 4]), "the same numbers"
source = Tensor([1.0])
source.detach().data[0] = 9
assert source.data[0] == 1, "the copy has memory of its own"
print("ok")

# %% [markdown]
# ## 10. Two tools and a test drive (given)
#
# `gradcheck` is `rule_error` for whole programs: it walks your graph, in float64, and compares with finite differences. Every layer that you will ever
# write with a rule of its own deserves one call.


# %% id="gradcheck"
#| export
def gradcheck(
    function: Callable[..., Tensor],
    inputs: Tensor | Sequence[Tensor],
    eps: float = 1e-3,
    atol: float = 1e-3,
    rtol: float = 1e-2,
) -> bool:
    """True if `backward` through `function(*inputs)` agrees with finite differences, in float64.

    Every input that requires a gradient is checked, on a copy. AssertionError that names the
    worst element if they disagree; ValueError if no input requires a gradient.
    """
    given = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if not any(tensor.requires_grad for tensor in given):
        raise ValueError("gradcheck: no input requires a gradient; there is nothing to check")
    copies = [
        Tensor(tensor, tensor.requires_grad, np.float64 if tensor.dtype.kind == "f" else tensor.dtype)
        for tensor in given
    ]
    out = function(*copies)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, size=out.shape)
    out.backward(weights)
    for number, copy in enumerate(copies):
        if not copy.requires_grad:
            continue
        analytic = np.zeros(copy.shape) if copy.grad is None else copy.grad
        numeric = np.zeros(copy.shape)
        for index in np.ndindex(copy.shape):
            middle = copy.data[index]
            copy.data[index] = middle + eps
            above = np.sum(function(*copies).data * weights)
            copy.data[index] = middle - eps
            below = np.sum(function(*copies).data * weights)
            copy.data[index] = middle
            numeric[index] = (above - below) / (2 * eps)
        excess = np.abs(analytic - numeric) - (atol + rtol * np.abs(numeric))
        if not np.all(excess <= 0):
            worst = np.unravel_index(int(np.argmax(excess)), copy.shape)
            place = tuple(int(axis) for axis in worst)
            raise AssertionError(
                f"gradcheck: input {number}, element {place}: backward says {analytic[worst]:.6g}, "
                f"finite differences say {numeric[worst]:.6g}"
            )
    return True


# %% [markdown]
# `graph_to_text` shows what the walk sees.


# %% id="inspect"
#| export
def graph_to_text(tensor: Tensor) -> str:
    """The graph behind `tensor`, a line for each tensor that requires a gradient, inputs first."""
    order = topological_order(tensor)
    numbers = {id(node): number for number, node in enumerate(order)}
    lines = []
    for number, node in enumerate(order):
        if node.grad_fn is None:
            lines.append(f"{number}: leaf {node.shape}")
            continue
        given = [
            f"{numbers[id(x)]}" if id(x) in numbers else f"constant {x.shape}" for x in node.grad_fn.inputs
        ]
        lines.append(f"{number}: {type(node.grad_fn).__name__} {node.shape} of {', '.join(given)}")
    return "\n".join(lines)


def enable_autograd(quiet: bool = True) -> None:
    """Nothing: importing this module has turned autograd on. For code written for other versions."""


# %% id="test-drive" tags=["check"]
x, w = Tensor(rng.normal(size=(5, 3))), Tensor(rng.normal(size=(3, 4)), requires_grad=True)
b, labels = Tensor.zeros(4, requires_grad=True), np.array([0, 1, 2, 3, 0])


def network(w, b):
    return CrossEntropyLoss()(tanh(x @ w + b), labels)


print(graph_to_text(network(w, b)))
print("gradcheck:", gradcheck(network, [w, b]))


def wrong(a):
    """A square, of which one factor has been cut off."""
    return a * a.detach()


print("gradcheck:", complaint(lambda: gradcheck(wrong, Tensor([1.0, 3.0], requires_grad=True))))

# %% [markdown]
# (`detach` makes a constant, so the walk sees half of the slope, and `gradcheck` says where.)
#
# And the purpose of it all. XOR, which no straight line can compute, learned from its four examples: forward, backward, a small step
# against the gradient, and again.

# %% id="xor" tags=["check"]
generator = np.random.default_rng(3)
inputs, wanted = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
w1, w2 = Tensor(generator.normal(size=(2, 8)), True), Tensor(generator.normal(size=(8, 2)), True)
b1, b2 = Tensor.zeros(8, requires_grad=True), Tensor.zeros(2, requires_grad=True)
for epoch in range(201):
    loss = CrossEntropyLoss()(tanh(inputs @ w1 + b1) @ w2 + b2, wanted)
    loss.backward()
    for parameter in (w1, b1, w2, b2):
        parameter.data -= 0.5 * parameter.grad
        parameter.zero_grad()
    if epoch % 50 == 0:
        print(f"epoch {epoch:3}: loss {loss.item():.4f}")
with no_grad():
    answers = softmax(tanh(inputs @ w1 + b1) @ w2 + b2).data.argmax(axis=1)
print("answers", answers, "wanted", wanted)

# %% [markdown]
# Leave out the line with `zero_grad` and see what the contract "a second walk adds" does to it.
#
# ## 11. Systems analysis
#
# ### 11.1 What depth costs
#
# A network of 256 wide layers on 64 examples. Times are for the whole pass; memory is the most that was in use at once, without the weights.


# %% id="depth" tags=["check"]
def deep_network(depth, width):
    """The weights, and a function from them to a loss."""
    weights = [Tensor(rng.normal(size=(width, width)) / math.sqrt(width), True) for _ in range(depth)]
    batch = Tensor(rng.normal(size=(64, width)))

    def loss():
        h = batch
        for weight in weights:
            h = tanh(h @ weight)
        return (h * h).mean()

    return weights, loss


def forget(weights):
    """All gradients gone, as before the first walk."""
    for weight in weights:
        weight.zero_grad()


print("depth  nodes   forward  no_grad  backward   peak: forward  no_grad  with backward")
for depth in (1, 4) if QUICK else (1, 2, 4, 8, 16):
    weights, loss = deep_network(depth, 256)
    nodes, silent = len(topological_order(loss())), no_grad()(loss)
    graphs = [loss() for _ in range(3)]
    times = [seconds(loss), seconds(silent), seconds(lambda graphs=graphs: graphs.pop().backward(), 3)]
    forget(weights)
    peaks = [peak_bytes(loss), peak_bytes(silent), peak_bytes(lambda loss=loss: loss().backward())]
    print(f"{depth:5}  {nodes:5}" + "".join(f"{t * 1e3:6.2f} ms" for t in times), end="     ")
    print("".join(f"{peak / 2**20:8.2f} MiB" for peak in peaks))

# %% [markdown]
# Divide backward by forward: a matrix product has two products as its gradient, and the first layer saves one of them. Then look at the peaks:
# with a graph they grow with depth, under `no_grad` they do not. The last column contains the gradients of the weights as well; depth · 256 KiB of it are theirs.
#
# ### 11.2 The blow-up, again
#
# A transformer's block has an attention with three inputs from the same `h` and a way around it, then a small network with a way
# around it: (3 + 1) · (1 + 1) = 8 paths. The same shape with single numbers:


# %% id="transformer-shape" tags=["check"]
def block(h):
    """Eight paths from the result to `h`."""
    h = h + (h * 0.1) * (h * 0.2) * (h * 0.3)
    return h + h * 0.1


for blocks in (1, 2, 3) if QUICK else (1, 2, 3, 4, 5):
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(blocks):
        y = block(y)
    nodes, visits, start = len(topological_order(y)), 0, time.perf_counter()
    naive_walk(y, np.array(1.0))
    naive = time.perf_counter() - start
    value, x.grad = float(x.grad), None
    start = time.perf_counter()
    y.backward()
    yours = time.perf_counter() - start
    print(f"{blocks} blocks {nodes:3} nodes: naive {visits:7,} visits {naive * 1e3:9.2f} ms", end="")
    print(f", yours {yours * 1e3:6.2f} ms, {value:.5f} and {x.grad:.5f}")

# %% [markdown]
# ### 11.3 Who keeps what
#
# Each operation keeps the arrays that went in. For a network 784 - 128 - 10 on a batch of 64, and what the walk releases on its way:

# %% id="saved" tags=["check"]
x = Tensor(rng.normal(size=(64, 784)))
w1, w2 = Tensor(rng.normal(size=(784, 128)) * 0.05, True), Tensor(rng.normal(size=(128, 10)) * 0.1, True)
b1, b2 = Tensor.zeros(128, requires_grad=True), Tensor.zeros(10, requires_grad=True)
labels = rng.integers(0, 10, size=64)


def digits_loss():
    return CrossEntropyLoss()(relu(x @ w1 + b1) @ w2 + b2, labels)


loss = digits_loss()
known = {id(parameter.data) for parameter in (w1, b1, w2, b2)}
for node in topological_order(loss):
    if node.grad_fn is not None:
        kept = sum(array.nbytes for array in node.grad_fn.arrays if id(array) not in known)
        known.update(id(array) for array in node.grad_fn.arrays)
        print(f"{type(node.grad_fn).__name__:22}{kept:9,} bytes {'█' * math.ceil(kept / 4096)}")


def train(retain_graph):
    _, loss = deep_network(16, 64 if QUICK else 256)
    return lambda: loss().backward(retain_graph=retain_graph)


print(f"\n16 layers, peak with retain_graph {peak_bytes(train(True)) / 2**20:6.2f} MiB", end="")
print(f", freed on the way {peak_bytes(train(False)) / 2**20:6.2f} MiB")

# %% [markdown]
# Now compare the list with the rules you wrote. Which of these arrays does a rule really read? A rule that needs only the sign of its
# input, or only the shape, keeps the whole array alive in this design. And what can be computed again from something that is kept anyway
# need not be kept at all: that is **checkpointing**, memory for time. Question 1 asks for the bill.
#
# ### 11.4 The other direction
#
# The walk answers "what moves **this output**?", with all inputs in one go. *Forward mode* answers "what does **this input** move?", with all
# outputs in one go: it carries the slopes along with the values, needs no graph and keeps nothing. For `y = tanh(x @ w)` with n inputs and m outputs, the whole
# matrix of slopes costs m walks, or n pushes:


# %% id="modes" tags=["check"]
def by_walks(x, w):
    """The (m, n) matrix of slopes, one backward walk for each output."""
    x, rows = Tensor(x, requires_grad=True), []
    y = tanh(x @ Tensor(w))
    for output in np.eye(w.shape[1], dtype=np.float32):
        x.zero_grad()
        y.backward(output, retain_graph=True)
        rows.append(x.grad)
    return np.stack(rows)


def by_pushes(x, w):
    """The (m, n) matrix of slopes, one forward pass with slopes for each input."""
    columns = []
    for direction in np.eye(w.shape[0], dtype=np.float32):
        value, slope = x @ w, direction @ w
        columns.append(slope * (1 - np.tanh(value) ** 2))
    return np.stack(columns, axis=1)


many = 200 if QUICK else 2000
for n, m in ((3, many), (many, 3)):
    x, w = rng.normal(size=n).astype(np.float32), (rng.normal(size=(n, m)) * 0.05).astype(np.float32)
    assert np.allclose(by_walks(x, w), by_pushes(x, w), atol=1e-4)
    t_walks, t_pushes = (
        seconds(lambda x=x, w=w: by_walks(x, w), 2),
        seconds(lambda x=x, w=w: by_pushes(x, w), 2),
    )
    print(
        f"{n:5} inputs, {m:5} outputs: {m:5} walks {t_walks * 1e3:8.2f} ms, {n:5} pushes {t_pushes * 1e3:8.2f} ms"
    )

# %% [markdown]
# ### 11.5 What breaks at scale
#
# * **Slices in a loop.** The rule of a slice returns an array of the size of the **whole** tensor, nearly all zeros. Taking n rows one by one costs
#   n² in the walk:

# %% id="slices" tags=["check"]
for n in (50, 100) if QUICK else (250, 500, 1000, 2000):
    table = Tensor(rng.normal(size=(n, 32)), requires_grad=True)
    total = table[0]
    for row in range(1, n):
        total = total + table[row]
    start = time.perf_counter()
    total.sum().backward()
    print(f"{n:5} rows one by one, backward {(time.perf_counter() - start) * 1e3:8.2f} ms")

# %% [markdown]
# * **Memory before time.** 11.1 multiplied by a real width, depth and batch: the graph is what ends a training run with "out of memory", not the weights.
#   Large trainings keep one tensor for each block and compute the inside of the block again.
# * **A forgotten reference keeps a graph.** `losses.append(loss)` in a loop without a backward keeps every graph of it; `loss.item()` keeps a number.
# * **Small numbers.** Slopes multiply. In float16 everything below 6e-8 is 0, so trainings in float16 multiply the loss by a large constant before the walk
#   and divide the gradients afterwards. Your walk starts from any gradient: `loss.backward(np.array(1024.0))`.
#
# ### 11.6 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `loss.backward()` | `loss.backward()` | a tensor of several numbers: ValueError here, RuntimeError there |
# | `grad` is an ndarray | `grad` is a Tensor | there a gradient can have a gradient (`create_graph=True`) |
# | `retain_grad()`, `retain_graph=True` | the same | an operation whose rule reads no array can be walked twice there, never here |
# | `no_grad` | `torch.no_grad` | per thread there; `torch.inference_mode` goes further |
# | `detach()` | `detach()` | shares the memory there, copies here |
# | `@completes(Mul)` | `backward` of a `torch.autograd.Function` | there `ctx.save_for_backward` says what is kept; here it is all inputs |
# | `gradcheck` | `torch.autograd.gradcheck` | that one wants float64 inputs from you |
# | `backward`'s order | consumers are counted | the same result: each node once, when it is complete |
#
# ## 12. Three questions (30 points)
#
# As before: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *Your two-layer MLP at batch 256: which arrays stay alive between forward and backward, how many bytes, and which could be
# recomputed instead?*
#
# Take the network of 11.3 with a batch of 256. For each array: which rule reads it, and what of it?

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Explain with counts what a depth-first recursive backward does on L residual blocks and what yours does.*
#
# Use part 8 and 11.2: visits, nodes, milliseconds. Where does the base of the power come from?

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Why is reverse mode right for training and forward mode right for 3 inputs and 10⁶ outputs? What is the memory price?*
#
# Use 11.4 for the time and 11.1 for the memory. How many inputs and outputs has a training step?

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add autograd.ipynb
# git commit -m "Module 06"
# git push                       the Actions tab shows your points after a minute
# ```
#
# Your framework can say what to change. Module 07 decides how far.
