# %% [markdown] id="title"
# # 01 Tensor
#
# *4 to 6 hours. You need Python and a little numpy. 70 points for code, 30 for three written answers.*
#
# A photo, a sentence, the weights of a network and the error it makes are all stored the same way: as a
# block of numbers with a shape. That is a **tensor**. Every later part of this course, from a single
# neuron to a small GPT, only creates tensors, combines them, and measures how long that took. In this
# notebook you write the class. When you are done, this is one layer of a network:
#
# ```python
# hidden = images @ weights + bias        # (64, 784) @ (784, 128) + (128,)
# ```
#
# Those few characters hide three questions that decide how fast a model runs, and you will answer all three
# with numbers from your own machine:
#
# * **How many bytes** does this touch?
# * **In which order** are they touched?
# * **Who owns them**: is the result a new block of memory, or another name for an old one?
#
# | part | you write | points |
# |---|---|---|
# | 1 | `Tensor(...)`, `item()` | 8 |
# | 2 | `memory_footprint()` | 4 |
# | 4 | `+ - * / **` and broadcasting | 12 |
# | 5 | the checks before a matrix product | 6 |
# | 6 | the matrix product | 12 |
# | 7 | `reshape`, `permute`, `transpose` | 12 |
# | 8 | indexing | 6 |
# | 9 | `sum`, `mean`, `max` | 10 |
# | 12 | three answers in your own words | 30 |

# %% [markdown]
# ## How to work in this notebook
#
# Write your code where it says `# YOUR CODE HERE` and delete the line that raises `NotImplementedError`.
# After each exercise stands a **check cell** with a few asserts. Run it: if it prints `ok`, go on; if not, the
# last line of the error says what to look at. Check cells carry no points. The graded tests look at more cases,
# and you can run those at any time with `uv run tito module test`.
#
# Cells that begin with `#| export` become the file `tinytorch/core/tensor.py`, which later modules import.
# You can add cells of your own anywhere. The type hints in them are for readers: `Array` is a numpy array of any
# number type, `Operand` is whatever may stand next to a Tensor in a sum.

# %% id="imports"
#| export
from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array: TypeAlias = NDArray[Any]
Operand: TypeAlias = "Tensor | float | Array"

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# Two tools: a way to look at an error message, and a stopwatch. The stopwatch takes the **best** of several
# runs: another program can only make a run slower, never faster, so the minimum is the least disturbed number.

# %% id="tools"
import time


def seconds(function, repeats=5):
    """The shortest of several runs of `function()`, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def complaint(function):
    """The message of the ValueError that `function()` raises, or "no error"."""
    try:
        function()
    except ValueError as error:
        return str(error)
    return "no error"


# %% [markdown]
# ## 1. A shape is an agreement about one run of bytes
#
# Memory has no rows and columns; it has addresses in a line. A 2×3 array of 4-byte floats is 24 bytes in a
# row, plus a note on how to read them:
#
# ```text
#  what you see              what is stored
#
#  [[1, 2, 3],      byte     0    4    8    12   16   20   24
#   [4, 5, 6]]               ├────┼────┼────┼────┼────┼────┤
#                            │ 1. │ 2. │ 3. │ 4. │ 5. │ 6. │
#                            └────┴────┴────┴────┴────┴────┘
#  shape    (2, 3)           row 0 ────────┘└──────── row 1
#  dtype    float32          4 bytes an element
#  strides  (12, 4)          one row on: 12 bytes.  one column on: 4 bytes.
#
#  element [i, j] begins at byte  12·i + 4·j      [1, 2]  →  12·1 + 4·2 = 20
# ```
#
# numpy keeps exactly this note, and you can read it:

# %%
grid = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
print("shape  ", grid.shape)
print("strides", grid.strides, "bytes")
print(
    "element [1, 2] by hand:", np.frombuffer(grid.tobytes(), dtype=np.float32, offset=12 * 1 + 4 * 2, count=1)
)

# %% [markdown]
# The note can change while the bytes stay. Transposing, slicing and reshaping in numpy usually return a
# **view**: a new note about the old bytes. A view costs next to nothing, and it has a price of another
# kind: whoever writes through one name changes what the other name shows.

# %%
row = grid[0]  # a view: no number was copied
row[0] = 99
print("grid[0, 0] is now", grid[0, 0], "| shares memory:", np.shares_memory(row, grid))
print("transposed strides:", grid.T.strides, "| shares memory:", np.shares_memory(grid.T, grid))

# %% [markdown]
# Your `Tensor` takes the safe side of that trade, with one rule that holds everywhere:
#
# > **A Tensor owns its bytes.** It copies what you give it, and no two Tensors share memory.
#
# The second decision is the number type. Python and numpy default to `float64`, 8 bytes. Neural networks are
# usually trained in `float32` or less, because the noise in the data is far larger than the 7th digit. What
# does the difference cost on your machine?

# %%
n = 512 if QUICK else 1024
print(f"{'dtype':10}{'bytes each':>12}{'a + b':>12}{'a @ b':>12}")
for dtype in (np.float64, np.float32):
    a = np.ones((n, n), dtype=dtype)
    t_add, t_matmul = seconds(lambda a=a: a + a, 20), seconds(lambda a=a: a @ a)
    print(f"{a.dtype.name:10}{a.itemsize:12}{t_add * 1e3:9.3f} ms{t_matmul * 1e3:9.3f} ms")

# %% [markdown]
# Half the bytes and roughly half the time, for the addition as for the matrix product. Where the extra digits gain
# nothing, they cost a factor of two. Part 11 looks into why.

# %% [markdown]
# ### Exercise: construction (8 points)
#
# Write the line or lines of `__init__` that set `self.data`, and write `item`. The rest is given;
# `requires_grad`, `grad` and `grad_fn` wait for module 06.
#
# | you write | `data` becomes |
# |---|---|
# | `Tensor(3)` | shape `()`: a single number, zero axes |
# | `Tensor([1, 2, 3])` | shape `(3,)`, `float32`, although the numbers were Python integers |
# | `Tensor(array)` | a copy of the array; `float32`, although it may have been `float64` |
# | `Tensor(tensor)` | a copy of the tensor's data |
# | `Tensor([a, b])` with tensors `a`, `b` of shape `(3,)` | stacked on a new first axis: shape `(2, 3)` |
# | `Tensor([1, 2], dtype=np.int8)` | what you asked for: `int8` |
#
# numpy has two constructors, and the difference between them is the rule above. `np.array(x, dtype=...)`
# always makes a new array. `np.asarray(x, dtype=...)` returns `x` itself when nothing needs converting.
#
# `item()` returns the one number of a tensor with one element as a plain Python number. For any other size it
# raises `ValueError` and says what the shape is.
#
# Two given lines deserve a word. `__array_ufunc__ = None` tells numpy not to handle a Tensor itself: in
# `np.ones(3) - t` numpy would otherwise subtract element by element and return an array of objects; now it
# steps back and Python asks `t` (part 4). And `shape` is computed from `data` each time it is asked for.
# Storing it would be a second copy of one truth, and wrong as soon as someone assigns a new `data`.


# %% id="create" exercise="create"
#| export
class Tensor:
    """An n-dimensional array of numbers that owns its memory.

    `data` may be a number, a nested list, an ndarray, a Tensor, or a list of
    Tensors of one shape, which are stacked on a new first axis. It is copied, to
    float32 unless `dtype` says otherwise.
    """

    __array_ufunc__ = None  # array - tensor: numpy steps back and lets Tensor.__rsub__ answer

    def __init__(self, data: Any, requires_grad: bool = False, dtype: DTypeLike | None = None) -> None:
        ### BEGIN SOLUTION
        if isinstance(data, Tensor):
            data = data.data
        elif isinstance(data, list | tuple):
            data = [item.data if isinstance(item, Tensor) else item for item in data]
        self.data: Array = np.array(data, dtype=np.float32 if dtype is None else dtype)
        ### END SOLUTION
        self.requires_grad = requires_grad
        self.grad: Array | None = None
        self.grad_fn: Function | None = None
        self.retains_grad = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis; `()` for a single number."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of every element."""
        return self.data.dtype

    def numel(self) -> int:
        """The number of elements, under the name PyTorch uses."""
        return self.size

    def numpy(self) -> Array:
        """The array itself, not a copy: for reading."""
        return self.data

    def item(self) -> float:
        """The only element, as a Python number. ValueError if there is not exactly one."""
        ### BEGIN SOLUTION
        if self.size != 1:
            raise ValueError(
                f"item: shape {self.shape} holds {self.size} elements, not 1; index or reduce first"
            )
        number: float = self.data.item()
        return number
        ### END SOLUTION

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len: a tensor of shape () has no first axis")
        return self.shape[0]

    def __repr__(self) -> str:
        values = np.array2string(self.data, separator=", ", prefix="Tensor(")
        grad = ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({values}, shape={self.shape}{grad})"


# %% id="create-check" tags=["check"]
t = Tensor([[1, 2, 3], [4, 5, 6]])
assert t.shape == (2, 3), "two rows, three columns"
assert t.dtype == np.float32, f"integers in a list should become float32, not {t.dtype}"
assert Tensor(np.zeros(2)).dtype == np.float32, "np.zeros gives float64; a Tensor of it should be float32"
assert Tensor([1, 2], dtype=np.int8).dtype == np.int8, "an explicit dtype wins"
source = np.ones(3, dtype=np.float32)
t = Tensor(source)
source[0] = 9
assert t.data[0] == 1, "changing the source array changed the Tensor: they share memory"
assert Tensor([Tensor([1, 2]), Tensor([3, 4])]).shape == (2, 2), "a list of Tensors is stacked"
assert type(Tensor(3).item()) is float, "item() gives a plain Python number"
assert "(2,)" in complaint(lambda: Tensor([1, 2]).item()), (
    "item() of two elements: ValueError that names the shape"
)
print(Tensor([[1, 2], [3, 4]], requires_grad=True))
print("ok")

# %% [markdown]
# ## 2. What does it weigh?
#
# Before a model is too slow it is usually too big, so the first question about any tensor is how many bytes
# it holds. A batch of 64 colour photos of 224×224 pixels, for instance:
#
# ```text
#   64 · 3 · 224 · 224  =   9,633,792 numbers
#   × 4 bytes (float32) =  38,535,168 bytes  =  36.75 MiB        1 MiB = 1024² bytes
#   × 1 byte  (uint8)   =   9,633,792 bytes  =   9.19 MiB        how photos are stored on disk
# ```
#
# ### Exercise: memory footprint (4 points)
#
# A class may continue in a later cell: `class Tensor(Tensor):` means "the Tensor we had, plus these methods",
# and the export writes all parts as one class. An object made before you ran such a cell keeps the old
# methods, so make your tensors anew after it, and if you re-run the first cell of the class, re-run the
# ones after it too.
#
# Return the number of bytes of `data` as an `int`. Two traps: not every element has 4 bytes, and
# `np.prod(())`, the "number of elements" of a 0-d shape, is the *float* `1.0`.


# %% id="footprint" exercise="footprint"
#| export
class Tensor(Tensor):
    def memory_footprint(self) -> int:
        """The number of bytes of the data (a tensor's own, without Python's bookkeeping)."""
        ### BEGIN SOLUTION
        return self.data.size * self.data.itemsize
        ### END SOLUTION


# %% id="footprint-check" tags=["check"]
assert Tensor(np.zeros((64, 3, 4))).memory_footprint() == 64 * 3 * 4 * 4
assert Tensor(np.zeros(5), dtype=np.float64).memory_footprint() == 40
assert Tensor([1, 2], dtype=np.int8).memory_footprint() == 2, "ask the dtype how large an element is"
assert Tensor(1.5).memory_footprint() == 4, "a single number has one element"
assert type(Tensor(1.5).memory_footprint()) is int, "bytes are counted in whole numbers"
print("ok")

# %% [markdown]
# ## 3. One door for every operation (given)
#
# In module 06 the framework will differentiate: it will look at a result and ask which operation made it, and
# from what. That only works if every operation leaves through the same door. So each operation is a small
# class with a `forward` that computes on plain arrays, and one method, `Function.apply`, does everything
# that they have in common:
#
# ```text
#   Tensors     arrays                            a new array
#   a, b  ─►  a.data, b.data  ─►  Add.forward  ─►  a + b  ─►  dtype rule  ─►  result
#                                 Mul.forward                                   │
#                                 Sum.forward …         if engine.recording: result.grad_fn
# ```
#
# Read the next cell; you will call `X.apply(...)` and write many `forward` methods. Three things to notice.
#
# **`forward` returns a new array**, never its input and never a view of it. `apply` wraps the array without
# copying it again: the copy is made where it is needed, once.
#
# **The dtype rule.** numpy answers `int32 * float32` and `int / int` in float64. One such result, and every
# tensor computed from it has twice the bytes. So `apply` turns a float64 result back unless an input was
# float64 already.
#
# **The seam for module 06.** Whatever has to do with derivatives is asked of one object, `Function.engine`. The one
# below cannot do any of it: it records nothing, so an operation is forgotten once its result exists, and for the rest it
# says which module provides it. Module 06 puts a better engine in its place. From then on the last lines of `apply` keep
# the operation at its result as `grad_fn`, with `inputs` (the way back through the computation) and `arrays` (the numbers
# the derivative needs, and the reason why training takes more memory than using a model). No line here will change.


# %% id="function"
#| export
class Engine:
    """What the framework asks for derivatives. This one has none to give; module 06 has."""

    recording = False

    def derivative(self, operation: Function, grad_output: Array) -> tuple[Array | None, ...]:
        """The gradient for each input of `operation`, given the gradient of its output."""
        raise NotImplementedError(f"module 06 provides {type(operation).__name__}.backward")

    def backward(self, tensor: Tensor, gradient: Array | None, retain_graph: bool) -> None:
        """Put the gradient of `tensor` into everything it was computed from."""
        raise NotImplementedError(
            "module 06 provides Tensor.backward, and `import tinytorch.core.autograd` turns it on"
        )

    def detach(self, tensor: Tensor) -> Tensor:
        """The same numbers without the way they were computed."""
        raise NotImplementedError("module 06 provides Tensor.detach")


class Function:
    """An operation on arrays. `apply` is the only way from Tensors to a new Tensor.

    A subclass defines `forward`: arrays in, one new array out, never an input
    itself or a view of it. While the engine is recording, a result that requires a
    gradient keeps the operation it came from.
    """

    engine: ClassVar[Engine] = Engine()
    forward: Callable[..., Array]

    def __init__(self, *inputs: Tensor, **params: Any) -> None:
        self.inputs = inputs
        self.arrays = tuple(tensor.data for tensor in inputs)
        self.params = params

    def backward(self, grad_output: Array) -> tuple[Array | None, ...]:
        """The gradient for each input, given the gradient of the output: the engine knows how."""
        return Function.engine.derivative(self, grad_output)

    @classmethod
    def apply(cls, *inputs: Tensor, **params: Any) -> Tensor:
        """Run the operation on the inputs' arrays and wrap the result, without copying it again."""
        operation = cls(*inputs, **params)
        array = np.asarray(operation.forward(*operation.arrays))
        if array.dtype == np.float64 and all(given.dtype != np.float64 for given in operation.arrays):
            array = array.astype(np.float32)
        result = Tensor(0.0)
        result.data = array
        if Function.engine.recording and any(tensor.requires_grad for tensor in inputs):
            result.requires_grad = True
            result.grad_fn = operation
        return result


class Copy(Function):
    """A copy in row-major order, whatever the order of the input."""

    def forward(self, a: Array) -> Array:
        return a.copy()


def as_tensor(value: Operand, like: Tensor) -> Tensor:
    """`value` as an operand next to `like`, in a dtype that does not promote the result.

    A float tensor passes its own dtype on. Next to an integer tensor, integers
    follow numpy's rules and floats become float32.
    """
    if isinstance(value, Tensor):
        return value
    if not isinstance(value, Real | np.ndarray):
        raise TypeError(
            f"an operand must be a Tensor, a number or an ndarray, not {type(value).__name__}; "
            "wrap it first: Tensor(...)"
        )
    if like.dtype.kind == "f":
        return Tensor(value, dtype=like.dtype)
    dtype = np.result_type(like.dtype, value)
    return Tensor(value, dtype=np.float32 if dtype.kind == "f" else dtype)


# %% id="function-check" tags=["check"]
t = Tensor([1, 2, 3])
u = Copy.apply(t)
u.data[0] = 99
print("t is still", t, "and its copy is", u)
print("2.5 next to a float32 tensor becomes", as_tensor(2.5, like=t).dtype)

# %% [markdown]
# ## 4. Arithmetic, and the rule that stretches axes
#
# Why not simply loop over the elements? Because a Python loop pays for the interpreter at every number: look
# up the name, make an object, check its type, add, store. numpy pays once and then runs over the bytes in
# compiled code. Measured:

# %%
n = 50_000 if QUICK else 500_000
a, b = np.random.default_rng(0).normal(size=(2, n)).astype(np.float32)


def add_loop(a, b):
    """Element by element, as Python sees it."""
    out = np.empty_like(a)
    for i in range(len(a)):
        out[i] = a[i] + b[i]
    return out


assert np.array_equal(add_loop(a, b), a + b)
t_loop, t_numpy = seconds(lambda: add_loop(a, b), 3), seconds(lambda: a + b, 20)
print(f"loop  {t_loop / n * 1e9:8.2f} ns an element")
print(f"numpy {t_numpy / n * 1e9:8.2f} ns an element, {t_loop / t_numpy:.0f} times faster")

# %% [markdown]
# ### Broadcasting
#
# Adding a bias of shape `(128,)` to a batch of shape `(64, 128)` should not need 64 copies of the bias.
# The rule, which PyTorch and numpy share: **align the shapes at the right; a missing axis counts as 1; two
# sizes fit if they are equal or one of them is 1, and then the 1 is stretched.**
#
# ```text
#   a        (64, 128)        64  128          a        (8, 1, 6)        8   1   6
#   b            (128,)        1  128          b           (7, 1)        1   7   1
#   ─────────────────────────────────          ────────────────────────────────────
#   a + b    (64, 128)        64  128          a + b    (8, 7, 6)        8   7   6
#
#
#   a            (2, 3)        2    3
#   b               (4,)       1    4    ◄── 3 and 4: neither is 1, so this is an error
# ```
#
# The rule is convenient and it is silent, which is a bad combination. Predictions of shape `(32, 1)` minus
# targets of shape `(32,)` ought to be 32 differences. What comes out:

# %%
predictions, targets = np.zeros((32, 1), dtype=np.float32), np.arange(32, dtype=np.float32)
difference = predictions - targets
print("shape of the difference:", difference.shape, "holding", difference.size, "numbers, not 32")
predictions[:, 0] = targets  # a perfect model: its error should be 0
print("mean squared error of a perfect model:", ((predictions - targets) ** 2).mean())

# %% [markdown]
# No error, no warning, and training on that number goes nowhere. Question 3 comes back to this.
#
# ### Exercise: arithmetic (12 points), first half
#
# Work out the broadcast shape by hand, because you need the error message that numpy does not give. When two
# sizes do not fit, raise `ValueError` with the operation, **both shapes, the two numbers that disagree, and
# one way to mend it**, for example:
#
# ```text
# add: shapes (2, 3) and (4,) do not broadcast: axis -1 has 3 on the left and 4 on the right;
# make them equal, or make one of them 1
# ```
#
# An error message is part of an interface: whoever reads it, at night, in a stack trace from a big model,
# has nothing else.


# %% id="arith-broadcast" exercise="arith"
#| export
def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...], operation: str = "broadcast") -> tuple[int, ...]:
    """The shape that `a` and `b` stretch to together, or a ValueError that names both."""
    ### BEGIN SOLUTION
    ndim = max(len(a), len(b))
    left, right = (1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b
    for axis, (m, n) in enumerate(zip(left, right, strict=True)):
        if m != n and m != 1 and n != 1:
            raise ValueError(
                f"{operation}: shapes {a} and {b} do not broadcast: axis {axis - ndim} has {m} on the left "
                f"and {n} on the right; make them equal, or make one of them 1"
            )
    return tuple(n if m == 1 else m for m, n in zip(left, right, strict=True))
    ### END SOLUTION


# %% id="arith-broadcast-check" tags=["check"]
assert broadcast_shape((2, 3), (2, 3)) == (2, 3)
assert broadcast_shape((64, 128), (128,)) == (64, 128), "align at the right"
assert broadcast_shape((8, 1, 6), (7, 1)) == (8, 7, 6), "a 1 stretches, on either side"
assert broadcast_shape((), (4, 5)) == (4, 5), "a single number fits everywhere"
message = complaint(lambda: broadcast_shape((2, 3), (4,), "add"))
print("your message:", message)
assert "(2, 3)" in message, "the message should name the left shape"
assert "(4,)" in message, "the message should name the right shape"
print("ok")

# %% [markdown]
# ### Exercise: arithmetic, second half
#
# Addition is given as the pattern. Write the `forward` of `Sub`, `Mul`, `Div`, `Neg` and `Pow`, and the operators
# `-`, `*`, `/` with their reflected forms.
#
# Python turns `10 - t` into a question: it asks the number 10 first, 10 does not know tensors, so Python calls
# `t.__rsub__(10)`: `self` is then the operand on the **right**. For `+` and `*` the order does not
# matter; for `-` and `/` it does:
#
# ```text
#   t - 10     →   t.__sub__(10)      self is on the left
#   10 - t     →   t.__rsub__(10)     self is on the right
# ```
#
# `self._operand(other, "sub")` makes a Tensor of whatever stands on the other side and checks the shapes with
# your `broadcast_shape`. Do not guard the division: `1 / 0` is `inf` and `0 / 0` is `nan` in IEEE arithmetic,
# which is more useful than a small wrong number, because it is visible.


# %% id="arith" exercise="arith"
#| export
class Add(Function):
    """a + b."""

    def forward(self, a: Array, b: Array) -> Array:
        return a + b


class Sub(Function):
    """a - b."""

    def forward(self, a: Array, b: Array) -> Array:
        ### BEGIN SOLUTION
        return a - b
        ### END SOLUTION


class Mul(Function):
    """a * b, element by element."""

    def forward(self, a: Array, b: Array) -> Array:
        ### BEGIN SOLUTION
        return a * b
        ### END SOLUTION


class Div(Function):
    """a / b, element by element; division by zero gives inf or nan."""

    def forward(self, a: Array, b: Array) -> Array:
        ### BEGIN SOLUTION
        return a / b
        ### END SOLUTION


class Neg(Function):
    """-a."""

    def forward(self, a: Array) -> Array:
        ### BEGIN SOLUTION
        return -a
        ### END SOLUTION


class Pow(Function):
    """a to the power of the number `exponent`."""

    def forward(self, a: Array) -> Array:
        exponent: float = self.params["exponent"]
        ### BEGIN SOLUTION
        return a**exponent
        ### END SOLUTION


class Tensor(Tensor):
    def _operand(self, other: Operand, operation: str) -> Tensor:
        other = as_tensor(other, like=self)
        if other.shape not in (self.shape, ()):
            broadcast_shape(self.shape, other.shape, operation)
        return other

    def __add__(self, other: Operand) -> Tensor:
        return Add.apply(self, self._operand(other, "add"))

    def __sub__(self, other: Operand) -> Tensor:
        ### BEGIN SOLUTION
        return Sub.apply(self, self._operand(other, "sub"))
        ### END SOLUTION

    def __mul__(self, other: Operand) -> Tensor:
        ### BEGIN SOLUTION
        return Mul.apply(self, self._operand(other, "mul"))
        ### END SOLUTION

    def __truediv__(self, other: Operand) -> Tensor:
        ### BEGIN SOLUTION
        return Div.apply(self, self._operand(other, "div"))
        ### END SOLUTION

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Operand) -> Tensor:
        ### BEGIN SOLUTION
        return Sub.apply(self._operand(other, "sub"), self)
        ### END SOLUTION

    def __rtruediv__(self, other: Operand) -> Tensor:
        ### BEGIN SOLUTION
        return Div.apply(self._operand(other, "div"), self)
        ### END SOLUTION

    def __neg__(self) -> Tensor:
        return Neg.apply(self)

    def __pow__(self, exponent: float) -> Tensor:
        if not isinstance(exponent, Real):
            raise TypeError(f"pow: the exponent must be a number, not {type(exponent).__name__}")
        return Pow.apply(self, exponent=exponent.item() if isinstance(exponent, np.number) else exponent)


# %% id="arith-check" tags=["check"]
a, b = Tensor([[1, 2, 3], [4, 5, 6]]), Tensor([10, 20, 30])
assert np.array_equal((a + b).data, [[11, 22, 33], [14, 25, 36]])
assert np.array_equal((a - b).data, [[-9, -18, -27], [-6, -15, -24]])
assert np.array_equal((a * 2).data, (2 * a).data)
assert (10 - Tensor([1.0])).item() == 9, "10 - 1 is 9: who stands on the left?"
assert (1 / Tensor([4.0])).item() == 0.25
assert np.array_equal((-a).data, [[-1, -2, -3], [-4, -5, -6]])
assert np.array_equal((a**2).data, [[1, 4, 9], [16, 25, 36]])
assert (a / 3).dtype == (a * np.float64(0.1)).dtype == np.float32, "a number should not promote a tensor"
assert type(np.ones(3) - b).__name__ == "Tensor", "an array on the left should give a Tensor too"
print("your message:", complaint(lambda: a - Tensor([1, 2])))
print("ok")

# %% [markdown]
# ## 5. Before a matrix product: do the shapes fit?
#
# A matrix product multiplies rows of the left operand with columns of the right one, so a row on the left must
# be as long as a column on the right. In `(M, K) @ (K, N)` the two inner numbers must agree and disappear; the
# outer ones stay:
#
# ```text
#                            K   N
#                          ┌───────┐
#                        K │   b   │           left      right        result
#                          └───────┘           (M, K)  @ (K, N)     → (M, N)
#              K               ▼               (M, K)  @ (K,)       → (M,)
#          ┌───────┐       ┌───────┐           (K,)    @ (K, N)     → (N,)
#        M │   a   │  ──►  │ M × N │           (K,)    @ (K,)       → ()
#          └───────┘       └───────┘           (B, M, K) @ (B, K, N) → (B, M, N)
# ```
#
# The last line is a **batch**: B independent products. Only the last two axes are matrices; the axes before
# them broadcast as in part 4, so `(8, 1, 4, 5) @ (3, 5, 6)` is `(8, 3, 4, 6)`.
#
# ### Exercise: matmul validation (6 points)
#
# Write `check_matmul(a, b)`. It returns nothing when `a @ b` is possible, and otherwise raises
#
# * `TypeError` if `b` is not a Tensor, naming the type it got. A number is a frequent accident: `a @ 2` was
#   meant as `a * 2`.
# * `ValueError` if an operand is 0-d, if the inner sizes differ, or if the batch axes do not broadcast
#   (`np.broadcast_shapes` will tell you). Name both whole shapes, the numbers that disagree, and one fix.


# %% id="matcheck" exercise="matcheck"
#| export
def check_matmul(a: Tensor, b: Any) -> None:
    """Raise TypeError or ValueError unless `a @ b` is defined."""
    ### BEGIN SOLUTION
    if not isinstance(b, Tensor):
        raise TypeError(
            f"matmul: the right operand must be a Tensor, not {type(b).__name__}; "
            "wrap it in Tensor(...), or use * to scale by a number"
        )
    shapes = f"matmul: shapes {a.shape} and {b.shape}"
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"{shapes}: an operand with no axis has nothing to sum over; use * to scale")
    inner, rows = a.shape[-1], b.shape[-2 if b.ndim > 1 else 0]
    if inner != rows:
        raise ValueError(
            f"{shapes} do not fit: the last axis on the left has {inner}, the rows on the right are {rows}; "
            "these two must be equal, perhaps after a transpose"
        )
    try:
        np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ValueError(
            f"{shapes}: the batch axes {a.shape[:-2]} and {b.shape[:-2]} do not broadcast; "
            "make them equal, or make one of them 1"
        ) from None
    ### END SOLUTION


# %% id="matcheck-check" tags=["check"]
def check(left, right):
    """What check_matmul says about two shapes."""
    return complaint(lambda: check_matmul(Tensor(np.zeros(left)), Tensor(np.zeros(right))))


assert check((2, 3), (3, 4)) == check((3,), (3, 4)) == check((2, 3), (3,)) == "no error"
assert check((2, 3, 4), (2, 4, 5)) == "no error", "rows of the right operand are its second-to-last axis"
assert check((8, 1, 4, 5), (3, 5, 6)) == "no error", "batch axes broadcast"
for left, right in [((2, 3), (4, 5)), ((), (3, 4)), ((2, 3, 4), (5, 4, 6))]:
    print(check(left, right))
    assert f"{left}" in check(left, right), f"the message should name the left shape, {left}"
    assert f"{right}" in check(left, right), f"the message should name the right shape, {right}"
print("ok")

# %% [markdown]
# ## 6. The matrix product
#
# One entry of the result is one row times one column, summed up:
#
# ```text
#   a = [[1, 2, 3],       b = [[ 7,  8],        result[0, 1] =  1·8 + 2·10 + 3·12 = 64
#        [4, 5, 6]]            [ 9, 10],
#                              [11, 12]]        result = [[ 58,  64],
#                                                         [139, 154]]
# ```
#
# Each of the `M·N` entries takes `K` multiplications and `K` additions: `2·M·N·K` floating-point operations,
# **FLOP** for short. Remember that formula; the cost of nearly every model is a sum of such terms.
#
# ### Exercise: matrix product (12 points)
#
# 1. `matmul_loops(a, b)` on two 2-D arrays, with loops and nothing else: rows, columns, and the sum. It is slow
#    on purpose. Module 17 will make it fast, so it stays in the package as the version to beat. The result
#    has the dtype that numpy would choose, `np.result_type(a, b)`, so `float32` stays `float32`.
# 2. `MatMul.forward` for every shape of part 5. Here you may use `np.matmul`, which runs an optimized library
#    (a BLAS) underneath. Beware of `np.dot`: the two agree for matrices and differ for batches.


# %% id="matmul" exercise="matmul"
#| export
def matmul_loops(a: Array, b: Array) -> Array:
    """The matrix product (M, K) @ (K, N) of two arrays, one multiplication at a time."""
    ### BEGIN SOLUTION
    rows, inner = a.shape
    columns = b.shape[1]
    out = np.zeros((rows, columns), dtype=np.result_type(a, b))
    for i in range(rows):
        for j in range(columns):
            total = out.dtype.type(0)
            for k in range(inner):
                total += a[i, k] * b[k, j]
            out[i, j] = total
    return out
    ### END SOLUTION


class MatMul(Function):
    """Matrix product over the last axis of a and the second-to-last of b."""

    def forward(self, a: Array, b: Array) -> Array:
        ### BEGIN SOLUTION
        return np.asarray(np.matmul(a, b))
        ### END SOLUTION


class Tensor(Tensor):
    def matmul(self, other: Tensor) -> Tensor:
        """The matrix product self @ other; leading axes are batches and broadcast."""
        check_matmul(self, other)
        return MatMul.apply(self, other)

    def __matmul__(self, other: Tensor) -> Tensor:
        return self.matmul(other)


# %% id="matmul-check" tags=["check"]
a = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
b = np.array([[7, 8], [9, 10], [11, 12]], dtype=np.float32)
assert np.array_equal(matmul_loops(a, b), [[58, 64], [139, 154]])
assert matmul_loops(a, b).dtype == np.float32
assert np.array_equal((Tensor(a) @ Tensor(b)).data, [[58, 64], [139, 154]])
assert (Tensor(np.ones((2, 3, 4))) @ Tensor(np.ones((2, 4, 5)))).shape == (2, 3, 5), "a batch of products"
assert (Tensor([1, 2, 3]) @ Tensor([4, 5, 6])).item() == 32, "two vectors give a single number"
print("ok")

# %% [markdown]
# Both versions do the same `2N³` operations. How long does each take, and how does the time grow with N? The middle
# column is a version in between: two loops, and numpy for the sum over `k`. `GF/s` are GFLOP/s, `2N³` divided by the
# time, in thousand millions a second. If time grows like `N^p`, then `log(time)` against `log(N)` is a line with slope
# `p`, and a straight-line fit gives the exponent.


# %% id="matmul-timing" tags=["check"]
def matmul_dots(a, b):
    """Two loops; numpy multiplies one row with one column."""
    out = np.empty((a.shape[0], b.shape[1]), dtype=np.result_type(a, b))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = a[i] @ b[:, j]
    return out


kernels = {"three loops": matmul_loops, "two loops": matmul_dots, "np.matmul": np.matmul}
sizes = [16, 32, 64] if QUICK else [16, 32, 64, 128, 256]
timings = {name: [] for name in kernels}
print(f"{'N':>5}" + "".join(f"{name:>26}" for name in kernels))
for n in sizes:
    a, b = np.random.default_rng(n).normal(size=(2, n, n)).astype(np.float32)
    line = f"{n:5}"
    for name, kernel in kernels.items():
        t = seconds(lambda kernel=kernel, a=a, b=b: kernel(a, b), 50 if kernel is np.matmul else 1)
        timings[name].append(t)
        line += f"{t * 1e3:11.3f} ms {2 * n**3 / t / 1e9:8.3f} GF/s"
    print(line)
print()
for name, times in timings.items():
    exponent = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    print(
        f"{name:12} time grows like N^{exponent:.2f}; at N = {sizes[-1]} "
        f"{timings['three loops'][-1] / times[-1]:8.0f} times as fast as three loops"
    )

# %% [markdown]
# Three loops follow theory: exponent 3. The version with two loops does the same `2N³` operations and seems to
# grow more slowly, because at these sizes its time is not arithmetic: it is `N²` trips through the interpreter,
# and the sums themselves are nearly free. `np.matmul` is no clear power at all: small sizes pay the price of
# a call, large ones are cut into blocks and shared between cores (and wait, if another program keeps a core busy).
# **An operation count predicts time only where the operations are what takes the time.**
#
# ## 7. The same numbers in another shape
#
# Row-major order says that the last index runs fastest. Reshaping keeps that order and sets the line breaks
# elsewhere; transposing exchanges axes, so it changes the order in which numbers are met:
#
# ```text
#   in memory:  0 1 2 3 4 5
#
#   (2, 3)            reshape(3, 2)          transpose()
#   [[0, 1, 2],       [[0, 1],               [[0, 3],
#    [3, 4, 5]]        [2, 3],                [1, 4],
#                      [4, 5]]                [2, 5]]
#                     order unchanged        memory would have to be 0 3 1 4 2 5
# ```
#
# Both of the right-hand results are 3×2, and swapping one for the other is a classic mistake: the shapes fit,
# so nothing complains, and the picture is scrambled.
#
# ### Exercise: shapes (12 points), first half
#
# In `reshape`, one size may be `-1`: "whatever is left". 24 elements as `(2, -1, 3)` are `(2, 4, 3)`, because
# 24 / (2·3) = 4. Write `infer_shape(old, new)`, which returns the complete new shape. It raises `ValueError`
#
# * for two `-1`, for a size of 0 or below -1,
# * when the known sizes do not divide the number of elements,
# * when there is no `-1` and the number of elements differs,
#
# and names the old shape, the new one, and the numbers that disagree. `math.prod(shape)` multiplies the sizes
# (and returns the integer 1 for `()`).


# %% id="shape-infer" exercise="shape"
#| export
def infer_shape(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    """`new` with its -1 replaced by the size that keeps the number of elements of `old`."""
    ### BEGIN SOLUTION
    shapes = f"reshape: {old} to {new}"
    if new.count(-1) > 1:
        raise ValueError(f"{shapes}: {new.count(-1)} sizes are -1; only one can be worked out")
    if any(size == 0 or size < -1 for size in new):
        raise ValueError(f"{shapes}: a size must be positive, or -1 for the one to be worked out")
    count, known = math.prod(old), math.prod(size for size in new if size != -1)
    if -1 in new and count % known:
        raise ValueError(f"{shapes}: {count} elements do not divide by {known}; change the known sizes")
    if -1 not in new and count != known:
        raise ValueError(f"{shapes}: {count} elements cannot become {known}; let one size be -1")
    return tuple(count // known if size == -1 else size for size in new)
    ### END SOLUTION


# %% id="shape-infer-check" tags=["check"]
assert infer_shape((2, 3), (6,)) == (6,)
assert infer_shape((24,), (2, -1, 3)) == (2, 4, 3), "product of the known sizes, then divide"
assert infer_shape((5, 1), (-1,)) == (5,)
assert infer_shape((), (1, 1)) == (1, 1)
for new in [(-1, -1), (0, 6), (-2, 3), (4, -1), (7,)]:
    message = complaint(lambda new=new: infer_shape((2, 3), new))
    print(message)
    assert message != "no error", f"(2, 3) cannot become {new}"
print("ok")

# %% [markdown]
# ### Exercise: shapes, second half
#
# Now the operations. Remember the promise that `forward` makes: its result is an array of its own, and
# numpy's `reshape` and `transpose` return views. `array.copy()` gives a view its own bytes, in row-major order.
#
# * `Reshape.forward`: the array in the shape `self.params["shape"]`.
# * `Permute.forward`: the axes in the order `self.params["axes"]`: axis `k` of the result is axis `axes[k]` of
#   the input. `a.transpose(axes)` in numpy.
# * `Tensor.transpose(dim0, dim1)`: exchanges two axes and leaves all others alone. Without arguments they are
#   **the last two**. A tensor with fewer than two axes has nothing to exchange then: return a copy. Just one
#   of the two arguments is an error (`ValueError`): exchange it with what? Negative axes count from the end.
#   Use the given `check_axis` and `self.permute(...)`.
#
# `t.T` is `t.transpose()`. Note the difference: numpy's `.T` reverses *all* axes, so `(2, 3, 4)` becomes
# `(4, 3, 2)`. With a batch in front that is never what you want, and ours gives `(2, 4, 3)`, as PyTorch's
# `.mT` does.


# %% id="shape-helpers"
#| export
def as_shape(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """The sizes as a tuple of ints: `reshape(2, 3)` and `reshape((2, 3))` mean the same."""
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    return tuple(operator.index(size) for size in sizes)


def check_axis(axis: int, shape: tuple[int, ...], operation: str) -> int:
    """`axis` counted from the front. IndexError if `shape` has no such axis."""
    if not -len(shape) <= axis < len(shape):
        allowed = f"use {-len(shape)} to {len(shape) - 1}" if shape else "it has none"
        raise IndexError(f"{operation}: shape {shape} has no axis {axis}; {allowed}")
    return axis % len(shape)


# %% id="shape" exercise="shape"
#| export
class Reshape(Function):
    """The same numbers in the same order, in another shape."""

    def forward(self, a: Array) -> Array:
        shape = self.params["shape"]
        ### BEGIN SOLUTION
        return a.reshape(shape).copy()
        ### END SOLUTION


class Permute(Function):
    """The same numbers with the axes in another order."""

    def forward(self, a: Array) -> Array:
        axes = self.params["axes"]
        ### BEGIN SOLUTION
        return a.transpose(axes).copy()
        ### END SOLUTION


class Tensor(Tensor):
    def reshape(self, *shape: int | Sequence[int]) -> Tensor:
        """The same elements in row-major order in another shape; one size may be -1."""
        return Reshape.apply(self, shape=infer_shape(self.shape, as_shape(shape)))

    view = reshape

    def permute(self, *axes: int | Sequence[int]) -> Tensor:
        """All axes in a new order: axis k of the result is axis `axes[k]` of this tensor."""
        order = tuple(check_axis(axis, self.shape, "permute") for axis in as_shape(axes))
        if sorted(order) != list(range(self.ndim)):
            raise ValueError(
                f"permute: {as_shape(axes)} must name each of the {self.ndim} axes of {self.shape} once"
            )
        return Permute.apply(self, axes=order)

    def transpose(self, dim0: int | None = None, dim1: int | None = None) -> Tensor:
        """Two axes exchanged, by default the last two; a copy if there are not two."""
        ### BEGIN SOLUTION
        if (dim0 is None) != (dim1 is None):
            raise ValueError(f"transpose: got one axis, {dim0 if dim1 is None else dim1}; name two, or none")
        if dim0 is None or dim1 is None:
            if self.ndim < 2:
                return Copy.apply(self)
            dim0, dim1 = -2, -1
        first, second = check_axis(dim0, self.shape, "transpose"), check_axis(dim1, self.shape, "transpose")
        axes = list(range(self.ndim))
        axes[first], axes[second] = second, first
        return self.permute(axes)
        ### END SOLUTION

    @property
    def T(self) -> Tensor:  # noqa: N802
        """The last two axes exchanged (numpy's `.T` would reverse all of them)."""
        return self.transpose()


# %% id="shape-check" tags=["check"]
t = Tensor(np.arange(24).reshape(2, 3, 4))
assert t.reshape(4, 6).shape == t.reshape((4, 6)).shape == t.view(-1, 6).shape == (4, 6)
assert np.array_equal(t.reshape(-1).data, np.arange(24)), "reshape keeps the order of the elements"
assert t.transpose().shape == t.T.shape == (2, 4, 3), "only two axes move"
assert t.transpose(0, -1).shape == (4, 3, 2)
assert t.permute(2, 0, 1).shape == (4, 2, 3)
assert t.permute(2, 0, 1).data[3, 1, 2] == t.data[1, 2, 3], (
    "axis k of the result is axis axes[k] of the input"
)
assert Tensor([1, 2]).transpose().shape == (2,)
flat = t.reshape(24)
flat.data[0] = 99
assert t.data[0, 0, 0] == 0, "the reshaped tensor shares memory with the original"
print("ok")

# %% [markdown]
# ## 8. Picking elements out
#
# numpy's indexing is a small language, and a Tensor understands all of it. For `t` of shape `(4, 5)`:
#
# | key | result | in numpy a |
# |---|---|---|
# | `t[1]` | row 1, shape `(5,)` | view |
# | `t[1, 2]` | one number, shape `()` | scalar |
# | `t[1:3]`, `t[:, ::2]` | shape `(2, 5)`, `(4, 3)` | view |
# | `t[..., 0]` | first entry of the last axis, shape `(4,)` | view |
# | `t[[0, 0, 3]]` | rows 0, 0 and 3, shape `(3, 5)` | copy |
# | `t[t.data > 0]` | all positive numbers in a row, 1-D | copy |
#
# The right column is the problem. Whether an assignment through the result reaches the source depends on how
# the key was written, and a slice of 10 numbers keeps the 10 million of its source alive. A Tensor always
# copies: one behaviour, no surprise, at the price of the copy.
#
# ### Exercise: indexing (6 points)
#
# `self.params["key"]` is whatever stood between the brackets. Hand it to the array as it is, and keep the promise of
# `forward`: whether numpy gave you a view, a copy or a single number, return an array that owns its bytes.


# %% id="index" exercise="index"
#| export
class Slice(Function):
    """The elements that numpy's indexing picks with `key`."""

    def forward(self, a: Array) -> Array:
        key = self.params["key"]
        ### BEGIN SOLUTION
        return np.array(a[key])
        ### END SOLUTION


class Tensor(Tensor):
    def __getitem__(self, key: Any) -> Tensor:
        return Slice.apply(self, key=key)


# %% id="index-check" tags=["check"]
t = Tensor(np.arange(20).reshape(4, 5))
assert t[1, 2].item() == 7
assert t[1, 2].shape == (), "an integer removes its axis"
assert t[1:2].shape == (1, 5), "a slice keeps its axis, even with length 1"
assert t[..., 0].shape == (4,)
assert np.array_equal(t[[0, 0, 3]].data[:, 0], [0, 0, 15])
assert np.array_equal(t[t.data > 16].data, [17, 18, 19])
part = t[0]
part.data[0] = 99
assert t.data[0, 0] == 0, "writing to a part of t changed t: the part is a view"
print("ok")

# %% [markdown]
# ## 9. Fewer numbers: sum, mean, max
#
# `axis` names **the axis that disappears**. Written as loops, it is the index that is summed over:

# %%
table = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)


def sum_axis_0(a):
    """Sum over the first index; the second one stays."""
    out = np.zeros(a.shape[1], dtype=a.dtype)
    for i in range(a.shape[0]):  # this index disappears
        for j in range(a.shape[1]):
            out[j] += a[i, j]
    return out


big = np.ones((200, 200), dtype=np.float32)
t_loop, t_numpy = seconds(lambda: sum_axis_0(big), 1), seconds(lambda: big.sum(axis=0), 20)
print("axis=0:", sum_axis_0(table), " axis=1:", table.sum(axis=1), " axis=None:", table.sum())
print(f"loop {t_loop * 1e3:.2f} ms, numpy {t_numpy * 1e3:.4f} ms, {t_loop / t_numpy:.0f} times faster")

# %% [markdown]
# ```text
#                     axis=1: columns disappear
#                 [[1, 2, 3],  ──►   6
#                  [4, 5, 6]]  ──►  15           keepdims=True leaves an axis of size 1:
#                   │  │  │
#   axis=0:         ▼  ▼  ▼                      (2, 3)  sum(axis=1)                 →  (2,)
#   rows disappear  5  7  9                      (2, 3)  sum(axis=1, keepdims=True)  →  (2, 1)
# ```
#
# `keepdims` looks like cosmetics and is not. To turn each row of `t`, shape `(2, 3)`, into shares of its sum, write
# `t / t.sum(axis=1, keepdims=True)`: `(2, 3) / (2, 1)` fits. Without `keepdims` it is `(2, 3) / (2,)`, an error;
# and for a *square* tensor no error, but each number is divided by the sum of the wrong row.
#
# ### Exercise: reductions (10 points)
#
# Write the three `forward` methods. `self.params` holds `axis` and `keepdims`. However the axes were named, the given
# `_reduce` has checked them: `axis` is None, or a tuple of axes counted from the front. The mean divides by the number of elements that disappeared, not by all of them.
# Python's own `max(array)` iterates over the first axis and compares whole rows; you want numpy's.


# %% id="reduce" exercise="reduce"
#| export
class Sum(Function):
    """The sum over `axis`."""

    def forward(self, a: Array) -> Array:
        axis, keepdims = self.params["axis"], self.params["keepdims"]
        ### BEGIN SOLUTION
        return np.asarray(np.sum(a, axis=axis, keepdims=keepdims))
        ### END SOLUTION


class Mean(Function):
    """The mean over `axis`."""

    def forward(self, a: Array) -> Array:
        axis, keepdims = self.params["axis"], self.params["keepdims"]
        ### BEGIN SOLUTION
        return np.asarray(np.mean(a, axis=axis, keepdims=keepdims))
        ### END SOLUTION


class Max(Function):
    """The largest element along `axis`."""

    def forward(self, a: Array) -> Array:
        axis, keepdims = self.params["axis"], self.params["keepdims"]
        ### BEGIN SOLUTION
        return np.asarray(np.max(a, axis=axis, keepdims=keepdims))
        ### END SOLUTION


class Tensor(Tensor):
    def _reduce(self, operation: type[Function], axis: int | Sequence[int] | None, keepdims: bool) -> Tensor:
        name = operation.__name__.lower()
        if axis is not None:
            axis = tuple(check_axis(item, self.shape, name) for item in as_shape((axis,)))
        return operation.apply(self, axis=axis, keepdims=keepdims)

    def sum(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
        """The sum over one axis, several, or (None) all; they disappear unless `keepdims`."""
        return self._reduce(Sum, axis, keepdims)

    def mean(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
        """The mean over one axis, several, or (None) all; they disappear unless `keepdims`."""
        return self._reduce(Mean, axis, keepdims)

    def max(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
        """The largest element along one axis, several, or (None) all; they disappear unless `keepdims`."""
        return self._reduce(Max, axis, keepdims)


# %% id="reduce-check" tags=["check"]
t = Tensor([[1, 2, 3], [4, 5, 6]])
assert t.sum().item() == 21
assert np.array_equal(t.sum(axis=0).data, [5, 7, 9]), "axis=0: the rows disappear"
assert np.array_equal(t.sum(axis=-1).data, [6, 15]), "the last axis: the columns disappear"
assert t.sum(axis=1, keepdims=True).shape == (2, 1), "keepdims leaves an axis of size 1"
assert np.array_equal(t.mean(axis=1).data, [2, 5]), "divide by the elements that disappeared: 3, not 6"
assert np.array_equal(t.max(axis=0).data, [4, 5, 6])
assert t.max().item() == 6
assert Tensor(np.ones((2, 3, 4))).sum(axis=(0, 2)).shape == (3,)
assert t.mean().dtype == np.float32
print("ok")

# %% [markdown]
# ## 10. The rest of the class (given)
#
# Later modules need a few more things, none of which teaches anything new: a masked fill (attention will hide the
# future with it), constructors, and joining tensors. The convention for masks is fixed here for the
# whole course: `masked_fill(mask, value)` writes `value` **where the mask is True**. The random constructor
# takes a generator, `Tensor.randn(2, 3, rng=np.random.default_rng(7))`, so that a run can be repeated exactly.
# `stack` and `concatenate` go through `Function.apply` like everything else: an operation that goes around
# that door would be invisible to module 06.


# %% id="rest"
#| export
class MaskedFill(Function):
    """`value` where `mask` is True, the element elsewhere."""

    def forward(self, a: Array) -> Array:
        return np.where(self.params["mask"], self.params["value"], a)


class Concatenate(Function):
    """Arrays one after the other along an existing axis."""

    def forward(self, *arrays: Array) -> Array:
        return np.concatenate(arrays, axis=self.params["axis"])


class Tensor(Tensor):
    def masked_fill(self, mask: Tensor | Array, value: float) -> Tensor:
        """A copy with `value` wherever `mask` is True; the mask broadcasts to this shape."""
        mask = np.asarray(mask.data if isinstance(mask, Tensor) else mask, dtype=bool)
        if mask.shape != self.shape and broadcast_shape(self.shape, mask.shape, "masked_fill") != self.shape:
            raise ValueError(
                f"masked_fill: a mask of shape {mask.shape} is larger than the tensor, {self.shape}; "
                "its axes must be 1 or the same"
            )
        return MaskedFill.apply(self, mask=mask, value=value)

    def contiguous(self) -> Tensor:
        """A copy whose elements stand in memory in row-major order."""
        return Copy.apply(self)

    @staticmethod
    def zeros(
        *shape: int | Sequence[int], requires_grad: bool = False, dtype: DTypeLike | None = None
    ) -> Tensor:
        """A tensor full of zeros."""
        return Tensor(np.zeros(as_shape(shape), np.float32), requires_grad, dtype)

    @staticmethod
    def ones(
        *shape: int | Sequence[int], requires_grad: bool = False, dtype: DTypeLike | None = None
    ) -> Tensor:
        """A tensor full of ones."""
        return Tensor(np.ones(as_shape(shape), np.float32), requires_grad, dtype)

    @staticmethod
    def randn(
        *shape: int | Sequence[int], requires_grad: bool = False, rng: np.random.Generator | None = None
    ) -> Tensor:
        """Independent normal numbers, mean 0 and variance 1, drawn from `rng`."""
        rng = rng or np.random.default_rng()
        return Tensor(rng.standard_normal(as_shape(shape), np.float32), requires_grad)

    @staticmethod
    def arange(
        start: float, stop: float | None = None, step: float = 1, dtype: DTypeLike | None = None
    ) -> Tensor:
        """The numbers from `start` (0 if only one number is given) up to, not including, `stop`."""
        start, stop = (0, start) if stop is None else (start, stop)
        return Tensor(np.arange(start, stop, step), dtype=dtype)

    def backward(self, gradient: Array | None = None, retain_graph: bool = False) -> None:
        """Put the gradient of this tensor into the `grad` of everything it was computed from.

        `gradient` is that of this tensor itself, which only a single number can do without.
        """
        Function.engine.backward(self, gradient, retain_graph)

    def detach(self) -> Tensor:
        """The same numbers without the way they were computed."""
        return Function.engine.detach(self)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor too, although it was computed from others."""
        self.retains_grad = True


def concatenate(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Tensors one after the other along an existing axis; all other axes must agree."""
    shapes = [tensor.shape for tensor in tensors]
    if not shapes:
        raise ValueError("concatenate: there must be at least one tensor")
    axis = check_axis(axis, shapes[0], "concatenate")
    others = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
    if len(others) > 1 or any(len(shape) != len(shapes[0]) for shape in shapes):
        raise ValueError(f"concatenate: {', '.join(map(str, shapes))} may differ in axis {axis} only")
    return Concatenate.apply(*tensors, axis=axis)


def stack(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Tensors of one shape along a new axis."""
    shapes = {tensor.shape for tensor in tensors}
    if len(shapes) != 1:
        raise ValueError(
            f"stack: all shapes must be equal, got {', '.join(map(str, sorted(shapes))) or 'no tensor'}"
        )
    shape = shapes.pop()
    place = check_axis(axis, (1, *shape), "stack")
    return concatenate([tensor.reshape(*shape[:place], 1, *shape[place:]) for tensor in tensors], place)


# %% id="rest-check" tags=["check"]
t = Tensor.randn(2, 3, rng=np.random.default_rng(7))
print(t.masked_fill(t.data < 0, 0.0))
print(
    stack([Tensor.zeros(2), Tensor.ones(2)], axis=1),
    concatenate([Tensor.arange(3), Tensor.ones(2)]),
    sep="\n",
)
try:
    t.backward()
except NotImplementedError as error:
    print("backward:", error)
print("ok")

# %% [markdown]
# ## 11. Systems analysis: where does the time go?
#
# The class works. Now measure it, because you will need these numbers for the three questions. Each table below
# is from **your** machine; run the cells with nothing else busy, and twice, to see how far you can trust them.
#
# ### 11.1 What does an addition cost?
#
# `a + b` on two float32 tensors of shape `(4096, 4096)` does one addition for each result element, and for that
# it reads 4 + 4 bytes and writes 4. As a yardstick, the first line only copies: no arithmetic at all.

# %% id="addition-cost" tags=["check"]
n = 1024 if QUICK else 4096
x, y = np.random.default_rng(0).normal(size=(2, n, n)).astype(np.float32)
out = np.empty_like(x)
a, b = Tensor(x), Tensor(y)
MiB = 1024**2

cases = {  # name: (what to run, arrays read or written)
    "np.copyto(out, x)": (lambda: np.copyto(out, x), 2),
    "np.add(x, y, out=out)": (lambda: np.add(x, y, out=out), 3),
    "x + y": (lambda: x + y, 3),
    "Tensor + Tensor": (lambda: a + b, 3),
    "Tensor + ndarray": (lambda: a + y, 5),
}
print(f"one array: {x.nbytes / MiB:.0f} MiB")
print(f"{'':24}{'time':>12}{'moved':>12}{'moved / time':>16}{'GFLOP/s':>10}")
for name, (function, arrays) in cases.items():
    t = seconds(function)
    flop = 0 if "copyto" in name else n * n
    print(
        f"{name:24}{t * 1e3:9.2f} ms{arrays * x.nbytes / MiB:8.0f} MiB"
        f"{arrays * x.nbytes / t / 1e9:11.1f} GB/s{flop / t / 1e9:10.2f}"
    )

# %% [markdown]
# Compare the last column with the GFLOP/s of `np.matmul` in part 6. A matrix product uses every number it loads
# many times; an addition uses it once, so the arithmetic units wait for memory and a faster processor with the
# same memory would not help. The lines that make a new array also pay for that: the operating system has to
# hand over fresh pages. And the last line converts its right operand first, so it moves two arrays more:
# the array is read and its copy is written before the addition begins. Whose line of code does that?
#
# ### 11.2 In which order?
#
# A processor fetches memory in **cache lines**, 64 bytes on most machines: 16 neighbouring float32. Along a row, all 16
# get used. Down a column, the next number is a whole row away, and 15 of the 16 were fetched for nothing
# (unless the line is still in a cache when you come for its neighbour).
#
# ```text
#   along a row                                down a column
#   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ ················          ▓··············· ················
#   ················ ················          ▓··············· ················
#   ················ ················          ▓··············· ················
#   1 line fetched, 16 numbers used            3 lines fetched, 3 numbers used
# ```

# %% id="row-column"
n = 1000 if QUICK else 2000
table = np.random.default_rng(0).normal(size=(n, n)).astype(np.float32)
orders = {
    "row by row:       table[i].sum()": lambda: [table[i].sum() for i in range(n)],
    "column by column: table[:, j].sum()": lambda: [table[:, j].sum() for j in range(n)],
    "all rows:         table.sum(axis=1)": lambda: table.sum(axis=1),
    "all columns:      table.sum(axis=0)": lambda: table.sum(axis=0),
}
for name, function in orders.items():
    t = seconds(function)
    print(f"{name:38}{t * 1e3:9.3f} ms{t / table.size * 1e9:8.2f} ns an element")

# %% [markdown]
# The first two lines do the same number of additions and of Python calls. The last line is the interesting one:
# it also sums columns, and it does not suffer. numpy adds whole rows into a row of running totals, so it walks
# through memory in order. **The order of the loops is free to choose; the order of the bytes is not.**
#
# A matrix product has three loops, so six orders. Here are three of them with numpy as the innermost loop, so that the
# interpreter does not hide the effect (in `matmul_loops` it does: swap the loops and see).


# %% id="loop-orders"
def order_ijk(a, b):
    """Innermost over k: a row of a (contiguous) times a column of b (strided)."""
    out = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = a[i] @ b[:, j]
    return out


def order_ikj(a, b):
    """Innermost over j: a row of b is added to a row of out (both contiguous)."""
    out = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            out[i] += a[i, k] * b[k]
    return out


def order_jki(a, b):
    """Innermost over i: a column of a is added to a column of out (both strided)."""
    out = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    for j in range(b.shape[1]):
        for k in range(a.shape[1]):
            out[:, j] += a[:, k] * b[k, j]
    return out


print(f"{'N':>5}{'ijk':>12}{'ikj':>12}{'jki':>12}{'jki / ikj':>12}{'np.matmul':>14}")
for n in [128, 250, 256] if QUICK else [128, 256, 500, 512]:
    x, y = np.random.default_rng(n).normal(size=(2, n, n)).astype(np.float32)
    times = [seconds(lambda f=f, x=x, y=y: f(x, y), 1) for f in (order_ijk, order_ikj, order_jki)]
    blas = seconds(lambda x=x, y=y: x @ y)
    columns = "".join(f"{t * 1e3:9.1f} ms" for t in times)
    print(f"{n:5}{columns}{times[2] / times[1]:12.2f}{blas * 1e3:11.3f} ms")

# %% [markdown]
# The gap widens as a column touches more cache lines. Compare 500 with 512: nearly the same work, and yet a jump, because
# addresses a power of two apart compete for the same few places in a cache. BLAS is ahead of every order, because it does
# not choose one: it cuts the matrices into blocks that fit in the cache, copies them into contiguous order, and
# computes with SIMD registers on several cores.
#
# ### 11.3 Who owns the bytes?
#
# The same operation on a raw array and on a Tensor. "shares" means that writing to the result changes the source.

# %% id="sharing" tags=["check"]
x = np.arange(12, dtype=np.float32).reshape(3, 4)
t = Tensor(x)
pairs = {
    "row 0                x[0]": (x[0], t[0]),
    "every second column  x[:, ::2]": (x[:, ::2], t[:, ::2]),
    "rows 0 and 2         x[[0, 2]]": (x[[0, 2]], t[[0, 2]]),
    "positive elements    x[x > 0]": (x[x > 0], t[x > 0]),
    "reshape              x.reshape(4, 3)": (x.reshape(4, 3), t.reshape(4, 3)),
    "transpose            x.T": (x.T, t.T),
    "then reshape         x.T.reshape(12)": (x.T.reshape(12), t.T.reshape(12)),
}
print(f"{'':40}{'array':>10}{'Tensor':>10}")
for name, (from_array, from_tensor) in pairs.items():
    raw = "shares" if np.shares_memory(x, from_array) else "copies"
    ours = "shares" if np.shares_memory(t.data, from_tensor.data) else "copies"
    print(f"{name:40}{raw:>10}{ours:>10}")
print("t.numpy() shares with t:", np.shares_memory(t.data, t.numpy()))

# %% [markdown]
# One raw line stands out: the transposed array cannot be flattened without a copy, because its numbers do not stand in
# the order that the result needs. numpy decides silently. PyTorch is stricter: `view` never copies and raises an
# error in this case, `reshape` copies if it must, and `contiguous()` is how you ask for the copy. In our class
# `view` is another name for `reshape`.
#
# What does the safe side cost? A view moves no numbers. A copy moves all of them, and a transposed copy reads rows
# and writes columns, or the other way round:

# %% id="copy-cost" tags=["check"]
n = 512 if QUICK else 2048
x = np.ones((n, n), dtype=np.float32)
t = Tensor(x)
print(f"{x.nbytes / 1024**2:.0f} MiB")
print(f"x.T       {seconds(lambda: x.T, 100) * 1e3:10.5f} ms")
print(f"x.copy()  {seconds(lambda: x.copy()) * 1e3:10.5f} ms")
print(f"t.T       {seconds(lambda: t.T) * 1e3:10.5f} ms")

# %% [markdown]
# ### 11.4 What does one operation cost when there is almost nothing to do?

# %% id="overhead" tags=["check"]
u, v = 1.5, 2.5
x, y = np.array([1.5], dtype=np.float32), np.array([2.5], dtype=np.float32)
a, b = Tensor(x), Tensor(y)
for name, function in {
    "float + float": lambda: u + v,
    "array + array": lambda: x + y,
    "Tensor + Tensor": lambda: a + b,
}.items():
    t = seconds(lambda function=function: [function() for _ in range(1000)]) / 1000
    print(f"{name:18}{t * 1e9:8.0f} ns for one addition")

# %% [markdown]
# This fixed price is why frameworks work on whole batches: with one element an operation is all overhead, with a
# million elements the overhead disappears. You can read off your own break-even: divide the last line by the
# nanoseconds an element that numpy needed in part 4.
#
# ### 11.5 What breaks at scale
#
# Things that are right in every small example and wrong in a large one. Run the numbers:

# %% id="scale"
ones = np.ones(2**24 + 1000, dtype=np.float32)
print("counting 16,778,216 ones in float32, one after the other:", int(np.cumsum(ones)[-1]))
print("the same with np.sum:                                    ", int(ones.sum()))
print("int8: 100 + 100 =", (np.array([100], dtype=np.int8) + np.array([100], dtype=np.int8))[0])
x = np.full((256, 256), 1.1, dtype=np.float32)
print(f"x**3 {seconds(lambda: x**3) * 1e3:.3f} ms, x*x*x {seconds(lambda: x * x * x) * 1e3:.3f} ms")
activations = 256 * 1024 * 4096
print(f"a float32 tensor of shape (256, 1024, 4096): {activations * 4 / 1024**3:.0f} GiB")

# %% [markdown]
# * **Precision.** A float32 has 24 bits for its digits, so from 2²⁴ = 16,777,216 on, adding 1 changes nothing. `np.sum` over
#   contiguous numbers adds partial sums pairwise and stays exact here. A running total over a long training run does not.
# * **Overflow.** Small integer types wrap around without a word. Module 15 computes with int8 and accumulates in int32.
# * **Copies.** Every operation allocates its result, so `a + b + c` of such tensors needs two of them. Frameworks for big
#   models fuse operations, reuse buffers, and hand out views; all three need the careful bookkeeping about ownership that our one rule avoids.
# * **Special functions.** `x**3` calls a general power function. How much dearer that is than two multiplications depends
#   on processor and numpy version; you have just measured yours. In this course cubes are written `x * x * x`.
#
# ### 11.6 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `Tensor(data)` | `torch.tensor(data)` | both copy; PyTorch keeps integers as `int64` |
# | `t.data`, `t.numpy()` | `t.numpy()` | both without a copy |
# | `t.size`, `t.numel()` | `t.numel()` | in PyTorch `t.size()` is the shape |
# | `t.memory_footprint()` | `t.numel() * t.element_size()` | |
# | `a + b`, `a @ b` | the same | |
# | `t.reshape`, `t.view`, `t.permute`, `t[...]` | the same names | views there wherever possible, copies here |
# | `t.transpose(dim0, dim1)`, `t.T` | `t.transpose(dim0, dim1)`, `t.mT` | there both dims are required |
# | `t.sum(axis=1, keepdims=True)` | `t.sum(dim=1, keepdim=True)` | PyTorch accepts numpy's names too |
# | `t.max(axis=1)` | `t.amax(dim=1)` | `torch.max(dim=...)` also returns the positions |
# | `t.masked_fill(mask, value)`, `t.contiguous()` | the same names | `contiguous()` copies there only if needed |
# | `concatenate`, `stack` | `torch.cat`, `torch.stack` | |
# | `Function.apply`, `grad_fn` | `torch.autograd.Function.apply`, `grad_fn` | the same idea; module 06 |
#
# ## 12. Three questions (30 points)
#
# Graders read these. What counts is reasoning from **your own code and your own numbers** to a consequence; half a
# page each is plenty. Write into the cells below each question.
#
# ### Question 1 (10 points)
#
# *Your `a + b` on two `(4096, 4096)` tensors: count the bytes read, written and allocated, and say what limits its
# speed.*
#
# Use your table in 11.1 and the GFLOP/s of part 6. Look in your code for the lines that allocate or copy: what is
# different when the right operand is an ndarray, and why? Check your count against a measured time.

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Swap the loop order in your matmul kernel. Which order is fastest for row-major arrays, and why? Relate it to your
# own timing.*
#
# Two experiments belong together here: swapping loops in your `matmul_loops` (in a new cell, keep the original), and
# the table in 11.2. If they do not show the same thing, say why. Give the stride of each access in bytes, and say
# where BLAS does something else altogether.

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Predictions `(32, 1)` minus targets `(32,)` gives `(32, 32)`. Where in your code could this be caught, and what would
# catching it break?*
#
# Name at least two places (part 4 has one candidate, a loss function in module 04 is another), and for each what it
# would catch and which legitimate program it would stop.

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells, so that nothing depends on a cell you have deleted. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add tensor.ipynb
# git commit -m "Module 01"
# git push                       the Actions tab shows your points after a minute
# ```
#
# You now own an n-dimensional array type whose every byte you can account for. Module 02 puts functions on it that
# are not linear, and meets numbers that are too large to exponentiate.
