# %% [markdown] id="title"
# # 02 Activations
#
# *2 to 3 hours. You need your Tensor from module 01. 70 points for code, 30 for three written answers.*
#
# A layer of a network is `x @ w + b`. Two of them in a row are `(x @ w1 + b1) @ w2 + b2`, and multiplied out
# that is `x @ (w1 @ w2) + (b1 @ w2 + b2)`: one layer again. However many you stack, you get a straight line, and a
# straight line cannot even compute XOR. So between two layers stands a function that is not straight, applied
# to every number by itself: an **activation**. You write four of these, and a fifth, softmax, that turns a row of
# scores into probabilities.
#
# The mathematics is one line each. The work is elsewhere:
#
# > **The mathematically equal formula is not the numerically equal one.**
#
# Each function here has a textbook formula that works on small examples and returns `nan`, a wrong digit, or a
# warning on numbers that a real network produces. You will see where, and write the version that does not.
#
# | part | you write | points |
# |---|---|---|
# | 3 | `ReLU` | 10 |
# | 4 | `Sigmoid` | 15 |
# | 5 | `Tanh` | 10 |
# | 6 | `GELU` | 15 |
# | 7 | `Softmax` | 20 |
# | 9 | three answers in your own words | 30 |
#
# You work as in module 01: write where it says `# YOUR CODE HERE`, run the check cell after it, and
# `uv run tito module test` for the graded tests. Cells that begin with `#| export` become
# `tinytorch/core/activations.py`.

# %% id="imports"
#| export
from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.core.tensor import Array, Function, Tensor, check_axis

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# The stopwatch of module 01, and a microscope for warnings: numpy reports an overflow only as a warning, which
# a notebook prints once and then hides. `strict()` turns overflow, division by zero and invalid operations
# into errors. Underflow (a result too small, rounded to 0) stays silent, because it is harmless here; part 7 says why.

# %% id="tools"
import math
import time
import tracemalloc


def seconds(function, repeats=5):
    """The shortest of several runs of `function()`, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def strict():
    """Inside `with strict():` a floating-point accident is an error."""
    return np.errstate(over="raise", divide="raise", invalid="raise")


def complaint(function):
    """The message of the error that `function()` raises, or "no error"."""
    try:
        function()
    except (ValueError, TypeError, FloatingPointError) as error:
        return str(error)
    return "no error"


# %% [markdown]
# ## 1. Why a bend is enough
#
# XOR is 1 if exactly one of two inputs is 1. Below, the best that any straight line can do, found by least squares,
# and the same two-layer network from the checkpoint of module 01 with a bend in the middle.

# %% id="xor"
inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
wanted = np.array([0, 1, 1, 0], dtype=np.float32)
line = np.linalg.lstsq(np.c_[inputs, np.ones(4)], wanted, rcond=None)[0]
print("best straight line:", (np.c_[inputs, np.ones(4)] @ line).round(3))

hidden = inputs @ np.array([[1, 1], [1, 1]]) + np.array([0, -1])
bent = np.where(hidden < 0, 0, hidden)
print("with a bend:       ", bent @ np.array([1, -2]))

# %% [markdown]
# The straight line answers 0.5 four times: it has learned nothing. One bend at 0 solves it exactly.
#
# ```text
#        ReLU                 sigmoid               tanh                  GELU
#            ╱              1 ┈┈┈┈┈┈╭───          1 ┈┈┈┈╭────                 ╱
#           ╱                      ╱                   ╱                     ╱
#          ╱                 0.5  ╱                   ╱                     ╱
#   ──────┘                ──────╯ 0           ──────╯ -1            ───╮__╱
#         0                      0                   0               -0.17 at -0.75
# ```
#
# | x | ReLU | sigmoid | tanh | GELU |
# |---|---|---|---|---|
# | -2 | 0 | 0.1192 | -0.9640 | -0.0454 |
# | -1 | 0 | 0.2689 | -0.7616 | -0.1588 |
# | 0 | 0 | 0.5 | 0 | 0 |
# | 1 | 1 | 0.7311 | 0.7616 | 0.8412 |
# | 2 | 2 | 0.8808 | 0.9640 | 1.9546 |
#
# Keep this table: one value checked by hand finds most mistakes in a formula.

# %% [markdown]
# ## 2. The frame (given)
#
# Each activation comes in three forms that do the same. You write the first one; the others are given:
#
# ```text
#   ReLUFunction    a Function (module 01): arrays in, a new array out; 06 adds its backward
#   relu(x)         checks that x is a Tensor of floats, and applies the operation
#   ReLU()          an object with forward(x) and parameters(), to stand in a list of layers
# ```
#
# The rules of module 01 hold: `forward` returns a **new** array, the input is never written to, the shape stays, and
# so does the dtype. Watch the dtype when you allocate: `np.zeros(shape)` is `float64`.
#
# An integer tensor is refused. `exp` of an int8 array would come out as float16 with three digits,
# and nobody would be told.


# %% id="frame"
#| export
def check_float(x: Any, operation: str) -> Tensor:
    """`x` itself if it is a Tensor of floats, else a TypeError that names what came."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{operation}: expected a Tensor, not {type(x).__name__}; wrap it first: Tensor(...)")
    if x.dtype.kind != "f":
        raise TypeError(f"{operation}: expected floats, not {x.dtype}; Tensor(x) makes a float32 copy")
    return x


class Activation:
    """An object that can stand between two layers; it has nothing to learn."""

    def forward(self, x: Tensor) -> Tensor:
        """The activation of every element."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        return self.forward(*args, **kwargs)

    def parameters(self) -> list[Tensor]:
        """The tensors that training changes: none."""
        return []

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


# %% [markdown]
# ## 3. ReLU: negative numbers become 0
#
# ReLU, the *rectified linear unit*, is `max(x, 0)`. As a loop:


# %% id="relu-loop"
def relu_loop(array):
    """ReLU one number at a time, as Python sees it."""
    out = np.empty_like(array)
    for i in range(len(array)):
        out[i] = array[i] if array[i] > 0 else 0.0
    return out


print(relu_loop(np.array([-2.0, -0.5, 0.0, 1.5])))
print("and of nan:", relu_loop(np.array([np.nan])))

# %% [markdown]
# The second line is a defect. `nan` ("not a number") is how a broken computation announces itself: `nan > 0` is
# False, so the loop quietly replaces it by a healthy-looking 0, and the search for the mistake begins ten layers
# later. **NaN has to come through.** Another popular formula, `x * (x > 0)`, has a different hole:

# %% id="relu-trick"
x = np.array([-np.inf, -1.0, 2.0, np.inf])
with np.errstate(invalid="ignore"):
    print("x * (x > 0) at", x, "is", x * (x > 0))

# %% [markdown]
# ### Exercise: ReLU (10 points)
#
# | x | -inf | -3 | 0 | 2 | inf | nan |
# |---|---|---|---|---|---|---|
# | ReLU | 0 | 0 | 0 | 2 | inf | nan |
#
# for an array of any number of axes, without a Python loop. numpy has one function that does all of the table.


# %% id="relu" exercise="relu"
#| export
class ReLUFunction(Function):
    """The larger of a and 0, element by element; NaN stays NaN."""

    def forward(self, a: Array) -> Array:
        ### BEGIN SOLUTION
        return np.asarray(np.maximum(a, 0))
        ### END SOLUTION


def relu(x: Tensor) -> Tensor:
    """The larger of x and 0, element by element; NaN stays NaN."""
    return ReLUFunction.apply(check_float(x, "relu"))


class ReLU(Activation):
    """`relu` as an object."""

    def forward(self, x: Tensor) -> Tensor:
        """The larger of x and 0, element by element."""
        return relu(x)


# %% id="relu-check" tags=["check"]
t = Tensor([[-3, 0], [2, 5]])
assert np.array_equal(relu(t).data, [[0, 0], [2, 5]]), "negative numbers become 0, all others stay"
assert np.array_equal(t.data, [[-3, 0], [2, 5]]), "the input has changed: return a new array"
assert relu(t).dtype == np.float32, "float32 stays float32"
assert np.isnan(relu(Tensor([np.nan])).item()), "NaN should come through"
assert np.array_equal(relu(Tensor([-np.inf, np.inf])).data, [0, np.inf]), "what is -inf times 0?"
assert "list" in complaint(lambda: relu([1.0])), "a list is no Tensor"
print("ok")

# %% [markdown]
# What the loop costs, and your version:

# %% id="relu-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: relu_loop(x), 2), seconds(lambda: relu(t), 20)
print(f"loop {t_loop / n * 1e9:8.2f} ns an element")
print(f"relu {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 4. Sigmoid: any number to between 0 and 1
#
# The sigmoid turns a score into a probability: $s(x) = 1 / (1 + e^{-x})$. At 0 it is one half, and it is symmetric:
# $s(-x) = 1 - s(x)$. The textbook loop, at harmless numbers and at one that is not:


# %% id="sigmoid-loop"
def sigmoid_loop(array):
    """The textbook formula, one number at a time."""
    out = np.empty_like(array)
    for i in range(len(array)):
        out[i] = 1 / (1 + math.exp(-array[i]))
    return out


print(sigmoid_loop(np.array([-2.0, 0.0, 2.0])))
try:
    sigmoid_loop(np.array([-1000.0]))
except OverflowError as error:
    print("at -1000:", error)
with strict():
    print("in numpy:", complaint(lambda: 1 / (1 + np.exp(-np.array([-100.0], dtype=np.float32)))))

# %% [markdown]
# The answer at -1000 is 0 for every purpose, and the way there leads over $e^{1000}$, a number with 435 digits. A
# float64 ends near $1.8 \cdot 10^{308}$, which is $e^{709.8}$. A float32 ends near $3.4 \cdot 10^{38}$: **in float32 the
# exponential overflows already a little below 89**, and a score of -89 is nothing unusual in a network early in training.
#
# Multiply numerator and denominator by $e^{x}$ and you have a second formula for the same function:
#
# ```text
#              1                      e^x
#   s(x) = ──────────      s(x) = ──────────
#          1 + e^(-x)              1 + e^x
#
#   x = -1000   e^1000: overflow       e^-1000 = 0: fine, 0 / 1
#   x =  1000   e^-1000 = 0: fine      e^1000: overflow
# ```
#
# Each is safe on one side of 0. **Choose the form whose exponent is never positive.**
#
# ### Exercise: sigmoid (15 points)
#
# Use both forms, each where it is safe, without a Python loop, and for arrays of any shape. There must be no
# overflow on the way either: `np.where(condition, first, second)` computes `first` and `second` for **all** elements
# and then picks. Clipping `x` first is no way out: it makes the function wrong beyond the clip. For ±10000 the results
# are exactly 0 and 1.


# %% id="sigmoid" exercise="sigmoid"
#| export
class SigmoidFunction(Function):
    """1 / (1 + exp(-a)) without overflow, element by element."""

    def forward(self, a: Array) -> Array:
        ### BEGIN SOLUTION
        numerator = np.exp(np.minimum(a, 0))
        return np.asarray(numerator / (1 + np.exp(-np.abs(a))))
        ### END SOLUTION


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(-x)) for every element: between 0 and 1."""
    return SigmoidFunction.apply(check_float(x, "sigmoid"))


class Sigmoid(Activation):
    """`sigmoid` as an object."""

    def forward(self, x: Tensor) -> Tensor:
        """1 / (1 + exp(-x)) for every element."""
        return sigmoid(x)


# %% id="sigmoid-check" tags=["check"]
t = Tensor([-2, -1, 0, 1, 2])
assert np.allclose(sigmoid(t).data, [0.1192, 0.2689, 0.5, 0.7311, 0.8808], atol=1e-4), (
    "see the table in part 1"
)
assert np.allclose(sigmoid(t).data + sigmoid(-t).data, 1), "s(x) and s(-x) add up to 1"
with strict():
    assert np.array_equal(sigmoid(Tensor([-1e4, 1e4])).data, [0, 1]), "the limits are exactly 0 and 1"
assert sigmoid(t).dtype == np.float32, "float32 stays float32"
assert sigmoid(Tensor(np.zeros((2, 3, 4)))).shape == (2, 3, 4), "any shape"
print("ok")

# %% id="sigmoid-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: sigmoid_loop(x), 2), seconds(lambda: sigmoid(t), 10)
t_textbook = seconds(lambda: 1 / (1 + np.exp(-x)), 10)
print(f"loop                {t_loop / n * 1e9:8.2f} ns an element")
print(f"textbook, vectorised{t_textbook / n * 1e9:8.2f} ns an element, and it overflows")
print(f"yours               {t_fast / n * 1e9:8.2f} ns an element")

# %% [markdown]
# Safety has a price, and how high it is depends on how you chose. Part 8.4 measures one frequent way, `np.where`;
# come back afterwards and see whether yours can be made cheaper. (Can both forms be one fraction?)

# %% [markdown]
# ## 5. Tanh: between -1 and 1
#
# $\tanh(x) = (e^{x} - e^{-x}) / (e^{x} + e^{-x})$. It has the shape of a sigmoid, stretched and moved so that
# 0 stays at 0: $\tanh(x) = 2\,s(2x) - 1$. It is odd: $\tanh(-x) = -\tanh(x)$. Both formulas look usable. In float32:

# %% id="tanh-formulas"
for value in (100, 1, 1e-3, 1e-6, 1e-8):
    x = np.array([value], dtype=np.float32)
    with np.errstate(all="ignore"):
        quotient = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
        stretched = 2 / (1 + np.exp(-2 * x)) - 1
    exact = math.tanh(x[0])
    print(
        f"tanh({value:g}) is {exact:.6g}; the quotient gives {quotient[0]:.6g}, the sigmoid {stretched[0]:.6g}"
    )

# %% [markdown]
# At 100 the quotient is inf / inf. Near 0 both subtract two numbers that are almost equal: near 1 a float32 has steps of
# $6 \cdot 10^{-8}$ below and $1.2 \cdot 10^{-7}$ above, and a result of that size is all rounding. This is called
# **cancellation**, and it is why libraries have functions that seem superfluous, such as `np.expm1` for $e^x - 1$.
#
# ### Exercise: tanh (10 points)
#
# Correct near 0 (to four digits, also at $10^{-6}$), and exactly ±1 far out. This time you need not
# build it from exponentials: numpy has it.


# %% id="tanh" exercise="tanh"
#| export
class TanhFunction(Function):
    """The hyperbolic tangent of every element."""

    def forward(self, a: Array) -> Array:
        ### BEGIN SOLUTION
        return np.asarray(np.tanh(a))
        ### END SOLUTION


def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent of every element: between -1 and 1."""
    return TanhFunction.apply(check_float(x, "tanh"))


class Tanh(Activation):
    """`tanh` as an object."""

    def forward(self, x: Tensor) -> Tensor:
        """The hyperbolic tangent of every element."""
        return tanh(x)


# %% id="tanh-check" tags=["check"]
t = Tensor([-2, -1, 0, 1, 2])
assert np.allclose(tanh(t).data, [-0.9640, -0.7616, 0, 0.7616, 0.9640], atol=1e-4), "see the table in part 1"
assert np.array_equal(tanh(-t).data, -tanh(t).data), "tanh is odd"
assert np.array_equal(tanh(Tensor([-1e4, 1e4])).data, [-1, 1]), "exactly -1 and 1 far out"
assert abs(tanh(Tensor(1e-6)).item() - 1e-6) < 1e-10, "near 0, tanh(x) is x to many digits"
print("ok")

# %% id="tanh-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: [math.tanh(value) for value in x], 2), seconds(lambda: tanh(t), 10)
print(f"loop {t_loop / n * 1e9:8.2f} ns an element")
print(f"tanh {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 6. GELU: a ReLU without a corner
#
# Transformers use the *Gaussian error linear unit*: `x` times the probability that a standard normal number is
# below `x`. That probability has no elementary formula, so there are approximations, and they are **not
# interchangeable**: a network trained with one and run with another is off in the third digit. This course
# uses one definition everywhere, the one of GPT-2:
#
# $$\mathrm{gelu}(x) = 0.5\,x\,\bigl(1 + \tanh(0.79788456\,(x + 0.044715\,x^3))\bigr)
# \qquad 0.79788456 = \sqrt{2/\pi}$$
#
# By hand at 1: $0.79788456 \cdot 1.044715 = 0.83356$, its tanh is $0.68238$, so $0.5 \cdot 1.68238 = 0.84119$.
#
# How far apart are three definitions that all go by the name of GELU?


# %% id="gelu-definitions"
def gelu_loop(array):
    """This course's definition, one number at a time."""
    out = np.empty_like(array)
    for i, x in enumerate(array.tolist()):
        out[i] = 0.5 * x * (1 + math.tanh(0.79788456 * (x + 0.044715 * x * x * x)))
    return out


grid = np.linspace(-5, 5, 2001)
exact = np.array([x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in grid])
with_sigmoid = grid / (1 + np.exp(-1.702 * grid))
print(f"the formula with tanh  is off by up to {np.abs(gelu_loop(grid) - exact).max():.5f}")
print(f"x times sigmoid(1.702x) is off by up to {np.abs(with_sigmoid - exact).max():.5f}")

# %% [markdown]
# ### The cost of a cube
#
# `x**3` asks a function that can do any power. Two multiplications ask for two multiplications:

# %% id="cube"
n = 20_000 if QUICK else 1_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)
for name, function in {"x**3": lambda: x**3, "x * x * x": lambda: x * x * x}.items():
    print(f"{name:10}{seconds(function) / n * 1e9:8.2f} ns an element")

# %% [markdown]
# The factor depends on processor and numpy version. Where it is large, one careless `**` costs more than the
# rest of the function together.
#
# ### Exercise: GELU (15 points)
#
# The formula for whole arrays, with the cube as multiplications.


# %% id="gelu" exercise="gelu"
#| export
class GELUFunction(Function):
    """GELU in the form with tanh, element by element."""

    def forward(self, a: Array) -> Array:
        ### BEGIN SOLUTION
        inner = 0.79788456 * (a + 0.044715 * a * a * a)
        return np.asarray(0.5 * a * (1 + np.tanh(inner)))
        ### END SOLUTION


def gelu(x: Tensor) -> Tensor:
    """x for large x, 0 for very negative x, and smooth between: GELU in the form with tanh."""
    return GELUFunction.apply(check_float(x, "gelu"))


class GELU(Activation):
    """`gelu` as an object."""

    def forward(self, x: Tensor) -> Tensor:
        """GELU of every element."""
        return gelu(x)


# %% id="gelu-check" tags=["check"]
t = Tensor([-2, -1, 0, 1, 2])
assert np.allclose(gelu(t).data, [-0.0454, -0.1588, 0, 0.8412, 1.9546], atol=1e-4), "see the table in part 1"
assert np.allclose(gelu(Tensor([-100, 100])).data, [0, 100]), "far out it is 0 on the left and x on the right"
assert np.allclose(gelu(Tensor(grid)).data, gelu_loop(grid), atol=1e-6), "the loop says something else"
assert gelu(t).dtype == np.float32, "float32 stays float32"
print("ok")

# %% id="gelu-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: gelu_loop(x), 2), seconds(lambda: gelu(t), 10)
print(f"loop {t_loop / n * 1e9:8.2f} ns an element")
print(f"gelu {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 7. Softmax: scores to probabilities
#
# A classifier ends with one score for each class. Softmax makes them positive and lets them add up to 1: $e$ to the
# power of each, divided by the sum. The scores 1, 2, 3:
#
# ```text
#   scores       1        2        3
#   e^score    2.718    7.389   20.086      sum 30.193
#   share      0.0900   0.2447   0.6652     sum 1
# ```


# %% id="softmax-loop"
def softmax_loop(rows):
    """The textbook formula for a 2-D array, one number at a time."""
    out = np.empty_like(rows)
    for i in range(rows.shape[0]):
        total = 0.0
        for j in range(rows.shape[1]):
            out[i, j] = math.exp(rows[i, j])
            total += out[i, j]
        for j in range(rows.shape[1]):
            out[i, j] /= total
    return out


print(softmax_loop(np.array([[1.0, 2.0, 3.0]])).round(4))
big = np.array([1000, 1001], dtype=np.float32)
with np.errstate(all="ignore"):
    print("two scores near 1000:", np.exp(big) / np.exp(big).sum())

# %% [markdown]
# inf / inf is nan, although nothing about the question is extreme: the second score is 1 higher than the first, so the
# answer is the same as for 0 and 1. That is the way out. Subtracting one number `c` from all scores divides
# numerator and denominator by the same $e^{c}$, so **every** `c` gives the same shares on paper. On a computer one choice
# stands out: the largest score. Then the largest exponent is 0, nothing can overflow, and the sum is at least 1. What is
# far below the largest may underflow to 0; it would have added nothing that float32 can hold.
#
# ### Along which axis?
#
# Scores come in batches, and **each row is its own distribution**. `dim` names the axis along which the shares add up to 1;
# all other axes count the distributions. Maximum and sum are therefore taken along `dim`, once for each, and they
# have to fit next to the scores again:
#
# ```text
#   scores                         (2, 3, 4)        scores - (2, 3, 4).max(axis=1)
#   max along dim=1                (2, 4)           (2, 3, 4)
#   ... with keepdims=True         (2, 1, 4)           (2, 4)    ◄── 3 and 2: an error; and where
#                                                                    the sizes fit: a wrong result
# ```
#
# ### Forbidden entries
#
# Attention (module 12) forbids some entries by a score of `-inf`; their share has to be exactly 0, and that comes out by
# itself: $e^{-\infty}$ is 0. If **all** scores of a distribution are `-inf`, there is nothing to choose from. The formula
# would give `nan`, which some later step would have to explain. Raise `ValueError` instead and name the shape and `dim`.
#
# ### Exercise: softmax (20 points)
#
# `self.params["dim"]` is the axis, already checked. No overflow for any scores, any `dim`, `-inf` as above, and the
# input stays as it was: `a -= ...` writes into it.


# %% id="softmax" exercise="softmax"
#| export
class SoftmaxFunction(Function):
    """exp(a) divided by its sum along the axis `dim`, without overflow."""

    def forward(self, a: Array) -> Array:
        dim: int = self.params["dim"]
        ### BEGIN SOLUTION
        top = np.max(a, axis=dim, keepdims=True)
        if np.isneginf(top).any():
            raise ValueError(
                f"softmax: in shape {a.shape}, a distribution along dim {dim} has only -inf: nothing "
                "to choose from; leave at least one entry unmasked"
            )
        weights = np.exp(a - top)
        return np.asarray(weights / np.sum(weights, axis=dim, keepdims=True))
        ### END SOLUTION


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Shares that are positive and add up to 1 along the axis `dim`."""
    x = check_float(x, "softmax")
    return SoftmaxFunction.apply(x, dim=check_axis(dim, x.shape, "softmax"))


class Softmax(Activation):
    """`softmax` as an object."""

    def forward(self, x: Tensor, dim: int = -1) -> Tensor:
        """Shares that add up to 1 along the axis `dim`."""
        return softmax(x, dim)


# %% id="softmax-check" tags=["check"]
t = Tensor([[1, 2, 3], [1001, 1002, 1003]])
with strict():
    shares = softmax(t).data
assert np.allclose(shares[0], [0.0900, 0.2447, 0.6652], atol=1e-4), "see the worked numbers above"
assert np.allclose(shares[1], shares[0]), "only the differences between the scores count"
assert np.array_equal(t.data[:, 0], [1, 1001]), "the input has changed: return a new array"
cube = Tensor(np.random.default_rng(0).normal(size=(2, 3, 4)))
for dim in (0, 1, 2, -1):
    assert np.allclose(softmax(cube, dim).data.sum(axis=dim), 1), f"shares should add up to 1 along dim {dim}"
assert np.array_equal(softmax(Tensor([0, -np.inf, 0])).data, [0.5, 0, 0.5]), "-inf means a share of exactly 0"
message = complaint(lambda: softmax(Tensor([[0, 1], [-np.inf, -np.inf]])))
print("your message:", message)
assert "(2, 2)" in message, "a row of -inf: ValueError that names the shape"
print("ok")

# %% id="softmax-timing" tags=["check"]
rows = 50 if QUICK else 2000
x = np.random.default_rng(0).normal(size=(rows, 100)).astype(np.float32)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: softmax_loop(x), 2), seconds(lambda: softmax(t), 10)
print(f"loop    {t_loop / x.size * 1e9:8.2f} ns an element")
print(f"softmax {t_fast / x.size * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 8. Systems analysis
#
# ### 8.1 Time and bytes
#
# An activation reads every number once and writes one: 8 bytes an element in float32, if it makes one pass. Every
# intermediate array is another pass. The first table is time per element; the second the memory that was in use
# at the worst moment, in bytes an element, as `tracemalloc` saw it.

# %% id="time-and-bytes" tags=["check"]
activations = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "gelu": gelu, "softmax": softmax}
sizes = [10**3, 10**4, 10**5] if QUICK else [10**3, 10**4, 10**5, 10**6, 10**7]
print("ns an element" + "".join(f"{name:>10}" for name in activations))
for n in sizes:
    t = Tensor.randn(n // 100, 100, rng=np.random.default_rng(0))
    times = [seconds(lambda f=f, t=t: f(t), 5) / n for f in activations.values()]
    print(f"{n:>13,}" + "".join(f"{t * 1e9:10.2f}" for t in times) + f"   input {n * 4 / 1024:8.0f} KiB")

print("\npeak bytes   " + "".join(f"{name:>10}" for name in activations))
n = 100_000
t = Tensor.randn(n // 100, 100, rng=np.random.default_rng(0))
peaks = []
for function in activations.values():
    tracemalloc.start()
    function(t)
    peaks.append(tracemalloc.get_traced_memory()[1] / n)
    tracemalloc.stop()
print("an element   " + "".join(f"{peak:10.1f}" for peak in peaks))

# %% [markdown]
# Read a column from top to bottom. At 1000 elements the fixed price of a call dominates (module 01, part 11.4). Then the
# time per element falls to a floor, and rises again when the arrays, **with their intermediates**, no longer fit in a cache:
# look for the knee, and compare it with your cache sizes. Is the knee of `relu` where that of `gelu` is?
#
# ### 8.2 Passes over memory, and fusion
#
# `gelu` reads and writes whole arrays for each of its steps. The same arithmetic on one block after the other, each small
# enough that its intermediates stay in the cache, moves fewer bytes to and from memory:

# %% id="blocks" tags=["check"]
n = 100_000 if QUICK else 4_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)


def in_blocks(forward, x, block):
    """`forward` on one block of `x` after the other."""
    out = np.empty_like(x)
    for start in range(0, len(x), block):
        out[start : start + block] = forward(x[start : start + block])
    return out


for name, operation in {"relu": ReLUFunction, "gelu": GELUFunction}.items():
    forward = operation().forward
    whole, blocks = seconds(lambda f=forward: f(x)), seconds(lambda f=forward: in_blocks(f, x, 16_384))
    print(f"{name:6} whole {whole / n * 1e9:6.2f} ns an element, in blocks {blocks / n * 1e9:6.2f}")

a, w = np.random.default_rng(0).normal(size=(2, 512, 512)).astype(np.float32)
product = Tensor(a @ w)
print(f"\na matrix product of 512 x 512: {seconds(lambda: a @ w) * 1e3:7.3f} ms")
for name, function in activations.items():
    print(f"{name:8} of its result:       {seconds(lambda f=function: f(product), 10) * 1e3:7.3f} ms")

# %% [markdown]
# A **fused** kernel goes further: it applies the activation while the result of the matrix product is still in a
# register, so the array is written once instead of written, read and written again. Question 2 asks what that would save
# you. Module 17 builds one.
#
# ### 8.3 What large inputs do
#
# Where an activation is flat, its slope is 0, and training works by slopes. How much of the output lies where
# nothing moves any more depends on the size of the inputs:

# %% id="saturation" tags=["check"]
rng = np.random.default_rng(0)
edges = np.linspace(-1, 1, 11)
for std in (0.1, 1, 10):
    t = Tensor(rng.normal(scale=std, size=20_000))
    out = tanh(t).data
    counts = np.histogram(out, bins=edges)[0]
    bars = "".join(" ▁▂▃▄▅▆▇█"[math.ceil(8 * count / counts.max())] for count in counts)
    flat_tanh = (np.abs(out) > 0.99).mean()
    flat_sigmoid = (np.abs(sigmoid(t).data - 0.5) > 0.49).mean()
    print(
        f"input std {std:4}   tanh from -1 to 1: |{bars}|   flat: tanh {flat_tanh:6.1%}, sigmoid {flat_sigmoid:6.1%}"
    )

# %% [markdown]
# ReLU is flat on one whole side. A unit that is negative for **every** input of the data never changes again: it is dead.
# A random layer of 128 units on 256 inputs, with the bias moved down step by step:

# %% id="dead-units" tags=["check"]
images = rng.uniform(size=(256, 784)).astype(np.float32)
w = (rng.normal(size=(784, 128)) / math.sqrt(784)).astype(np.float32)
for bias in (0, -0.5, -1, -2):
    out = relu(Tensor(images) @ Tensor(w) + bias).data
    dead = int((out == 0).all(axis=0).sum())
    print(f"bias {bias:4}: {dead:3} of 128 units dead, {(out == 0).mean():4.0%} of all outputs are 0")
out = relu(Tensor(images - images.mean()) @ Tensor(w)).data
dead = int((out == 0).all(axis=0).sum())
print(f"mean 0   : {dead:3} of 128 units dead, {(out == 0).mean():4.0%} of all outputs are 0")

# %% [markdown]
# Units are dead even at bias 0: the pixels are all positive, so the sign of a unit hardly depends on the picture. In the last
# line the mean of the pixels was subtracted first (and the bias is 0). GELU keeps a small slope on the left of 0 and costs what
# the table in 8.1 says.
#
# The slopes themselves, measured as a difference of two close points in float64, and what is left of them after five
# activations in a row (slopes multiply):

# %% id="slopes" tags=["check"]
step = 1e-5


def slope(function, points):
    """The slope of `function` at an array of points, from two neighbours of each."""
    right, left = Tensor(points + step, dtype=np.float64), Tensor(points - step, dtype=np.float64)
    return (function(right).data - function(left).data) / (2 * step)


points = np.linspace(-6, 6, 2001)
print(f"{'':8}{'largest':>10}{'at -4':>10}{'at 0.5':>10}{'5 in a row from 0.5':>22}")
for name in ("relu", "sigmoid", "tanh", "gelu"):
    function = activations[name]
    x, product = np.array([0.5]), 1.0
    for _ in range(5):
        product *= slope(function, x)[0]
        x = function(Tensor(x, dtype=np.float64)).data
    at = slope(function, np.array([-4, 0.5]))
    print(f"{name:8}{slope(function, points).max():10.4f}{at[0]:10.4f}{at[1]:10.4f}{product:22.2e}")

# %% [markdown]
# ### 8.4 The price of a choice
#
# `np.where` decides element by element, and a processor guesses decisions before it knows them. With signs at random it
# is wrong half of the time; with sorted numbers nearly never. Same numbers, same function:

# %% id="branches"
n = 50_000 if QUICK else 1_000_000
x = np.random.default_rng(0).normal(size=n).astype(np.float32)
y = -x
for name, values in {"random signs": x, "sorted": np.sort(x)}.items():
    mask = values >= 0
    t = seconds(lambda mask=mask, values=values: np.where(mask, values, y), 10)
    print(f"np.where, {name:13}{t / n * 1e9:6.2f} ns an element")
print(f"np.minimum{'':13}{seconds(lambda: np.minimum(x, y), 10) / n * 1e9:7.2f} ns an element")

# %% [markdown]
# If the first line is far above the others on your machine, a formula without a choice (`np.minimum`, `np.abs`) may
# beat one with it, even if it computes more.
#
# ### 8.5 What breaks at scale
#
# * **Smaller types overflow sooner.** float16 ends at 65504, so its exponential overflows above 11. Networks that compute in
#   float16 still compute softmax in float32.
# * **Memory.** The scores of attention are a softmax over (batch, heads, S, S). At S = 8192 one head is 256 MiB, and the
#   version above has two new arrays of that size alive at once (the 8 bytes in 8.1). Methods that never store the whole matrix do the
#   max-and-sum in blocks and correct the running sum whenever a larger maximum turns up.
# * **Then the logarithm.** `log(softmax(x))` is -inf where a share underflowed. Module 04 has a function that takes both
#   steps at once.
#
# ### 8.6 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `relu(x)`, `ReLU()` | `torch.relu(x)`, `torch.nn.ReLU()` | there `inplace=True` overwrites the input |
# | `sigmoid(x)`, `tanh(x)` | `torch.sigmoid(x)`, `torch.tanh(x)` | |
# | `gelu(x)` | `torch.nn.functional.gelu(x, approximate="tanh")` | the default there is the exact form with `erf` |
# | `softmax(x, dim)` | `torch.softmax(x, dim)` | a row of -inf gives nan there, an error here |
# | `ReLUFunction` | `torch.autograd.Function` | module 06 |
#
# For those who want more, without points: `LeakyReLU(negative_slope=0.01)`, which keeps a little of the negative side, and
# `Softplus`, $\log(1 + e^x)$, a smooth ReLU whose textbook formula overflows too.
#
# ## 9. Three questions (30 points)
#
# As in module 01: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *Show with numbers from your code where the naive softmax first fails in float32, and why subtracting any constant is
# legal but subtracting the max is right.*
#
# Find the smallest score at which it fails, by experiment. Then try other constants (the mean, the minimum, the max of
# the whole array) and find scores for which they fail.

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Rank your five activations by time per element on 10⁶ elements and explain the ranking; then predict what changes if
# they were fused with the preceding matmul.*
#
# Use 8.1 and 8.2. For each activation: is it limited by memory or by arithmetic, and how do you know?

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Stack 20 sigmoid layers of width 1: bound the gradient reaching the first one. Which activations avoid this, and what do
# they cost?*
#
# Use 8.3: slopes multiply. Compare the bound with what a float32 can add to a weight of about 1.

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add activations.ipynb
# git commit -m "Module 02"
# git push                       the Actions tab shows your points after a minute
# ```
#
# You have the bends. Module 03 puts layers between them.
