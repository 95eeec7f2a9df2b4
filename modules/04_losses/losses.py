# %% [markdown] id="title"
# # 04 Losses
#
# *3 to 4 hours. You need your Tensor, activations and layers (modules 01 to 03). 70 points for code, 30 for three written
# answers.*
#
# Your network from module 03 maps an image to ten scores. Are they good scores? To improve a network, training needs
# **one number** that says how wrong it is, and that falls as the network gets better. The function that computes it is the
# **loss**. You write four of them: one for amounts (mean squared error), one for classes (cross entropy), and two for yes or no
# (binary cross entropy).
#
# Three of the four take the logarithm of a probability, and the probability comes out of an exponential. So this module is about
# one idea, again one that a formula on paper does not show:
#
# > **Never exponentiate what you are going to take the logarithm of. Stay in log space.**
#
# | part | you write | points |
# |---|---|---|
# | 3 | `reduce_losses`: mean, sum, and what does not count | 5 |
# | 4 | `MSELoss` and the check of shapes | 10 |
# | 5 | `logsumexp`, `log_softmax` | 15 |
# | 6 | `CrossEntropyLoss` and the check of labels | 20 |
# | 7 | `BinaryCrossEntropyLoss` | 10 |
# | 8 | `BCEWithLogitsLoss` | 10 |
# | 10 | three answers in your own words | 30 |
#
# You work as before: write where it says `# YOUR CODE HERE`, run the check cell after it, and
# `uv run tito module test` for the graded tests. Cells that begin with `#| export` become
# `tinytorch/core/losses.py`.

# %% id="imports"
#| export
from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.core.activations import check_float
from tinytorch.core.tensor import Array, Function, Operand, Tensor, as_tensor, check_axis

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# The tools of module 02: a stopwatch, `strict()`, which turns overflow, division by zero and invalid operations into errors, and
# `complaint`, which shows the message of an error. New is `peak_bytes`: the memory in use at the worst moment of a call.

# %% id="tools"
import math
import time
import tracemalloc
from functools import partial

from tinytorch.core.activations import sigmoid, softmax


def seconds(function, repeats=5):
    """The shortest of several runs of `function()`, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_bytes(function):
    """The bytes allocated at the worst moment of `function()`."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def strict():
    """Inside `with strict():` a floating-point accident is an error."""
    return np.errstate(over="raise", divide="raise", invalid="raise")


def complaint(function):
    """The message of the error that `function()` raises, or "no error"."""
    try:
        function()
    except (ValueError, TypeError, IndexError, FloatingPointError) as error:
        return str(error)
    return "no error"


# %% [markdown]
# ## 1. One number to be wrong by
#
# Two weather services forecast rain with a probability. It rains. One had said 90 %, the other 60 %. How wrong was each? A good
# answer punishes a forecast by the probability `p` that it gave to **what happened**: nothing for 100 %, more and more as `p`
# falls, and without limit for somebody who was sure of the contrary. `-log(p)` does that (the natural logarithm):
#
# ```text
#   p given to what happened    1      0.9     0.5     0.1     0.01    0.001     0
#   -log(p)                     0      0.105   0.693   2.303   4.605   6.908     infinite
#
#   7 ┤▌
#     │▌
#   5 ┤▙
#     │ ▙
#   3 ┤  ▚▖
#     │   ▝▀▚▄▖
#   1 ┤       ▝▀▀▀▄▄▄▄▄
#     │                ▀▀▀▀▀▀▀▀▀▄▄▄▄▄▄▄▄
#     └┬───────────────┬───────────────┬
#      0              0.5              1    p
# ```
#
# Why the logarithm, and not `1 - p`? Two hundred independent forecasts are right with the **product** of their
# probabilities. The product is what you want to be large; see what a computer makes of it:

# %% id="product"
p = np.full(200, 0.5, dtype=np.float32)
print("product of 200 probabilities of 0.5:", np.prod(p))
print("sum of their -log:                  ", np.sum(-np.log(p)))

# %% [markdown]
# $0.5^{200}$ is $6 \cdot 10^{-61}$. A float32 below $7 \cdot 10^{-46}$ is 0, so every set of 200 such forecasts looks equally
# hopeless. The logarithm turns the product into a sum, tiny numbers into moderate ones, and keeps the order. That is all
# that "log space" means: **store log(p) instead of p**. A probability of $e^{-10000}$ is no number that a computer has; its logarithm is -10000.
#
# A second reason appears in part 9.1: training follows slopes, and the slope of `-log` is steep exactly where a prediction is badly
# wrong.

# %% [markdown]
# ## 2. The frame (given)
#
# Every loss has two steps. The first compares predictions and targets and gives one number for each example; the second makes one
# number of these:
#
# ```text
#   predictions (32, 10) ──┐
#                          ├──► single losses (32,) ──► reduce_losses ──► loss ()
#   targets     (32,)    ──┘         parts 4 to 8            part 3
# ```
#
# In code each loss comes as an operation on arrays, as in modules 01 and 02 (`MSEFunction`; 06 adds its derivative), and
# as an object that checks what it is given and applies the operation (`MSELoss()`). You write the operations and the checks;
# the objects are given:


# %% id="frame"
#| export
class Loss:
    """An object that turns predictions and targets into one number; it has nothing to learn.

    `reduction` says what becomes of the single losses: their "mean", their "sum", or
    "none", which returns them as they are.
    """

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(
                f"{type(self).__name__}: no reduction {reduction!r}; use 'mean', 'sum' or 'none'"
            )
        self.reduction = reduction

    def forward(self, predictions: Tensor, targets: Any) -> Tensor:
        """How wrong the predictions are."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def __call__(self, predictions: Tensor, targets: Any) -> Tensor:
        return self.forward(predictions, targets)

    def parameters(self) -> list[Tensor]:
        """The tensors that training changes: none."""
        return []

    def __repr__(self) -> str:
        return f"{type(self).__name__}(reduction={self.reduction!r})"


# %% [markdown]
# ## 3. From many losses to one
#
# Take the single losses 4, 1 and 1. Their sum is 6, their mean 2. Which should training use? Ask **what doubling the batch should
# do**. The same three examples twice are no worse than once, so the loss should stay the same. The mean does, the sum doubles, and with it every step
# that training takes. So "mean" is the default.
#
# The mean over **what**? Sentences in a batch have different lengths, and the short ones are filled up to the longest.
# What the model says about the filling is nobody's concern: these positions do not count. A boolean array
# `counted` says which do.
#
# ```text
#                  I     read   books    .    <fill> <fill>
#   losses       1.0     4.0     3.0    0.4     7.1    6.5
#   counted     True    True    True   True   False  False
#
#   "none"       1.0     4.0     3.0    0.4     0      0        (given)
#   "sum"        8.4
#   "mean"       8.4 / 4 = 2.1           not 8.4 / 6, and not 22 / 6
# ```
#
# As a loop:


# %% id="reduce-loop"
def mean_loop(losses, counted):
    """The mean of those losses that count, one after the other."""
    total, count = 0.0, 0
    for loss, counts in zip(losses.tolist(), counted.tolist(), strict=True):
        if counts:
            total += loss
            count += 1
    return total / count


words = np.array([1.0, 4.0, 3.0, 0.4, 7.1, 6.5], dtype=np.float32)
real = np.array([True, True, True, True, False, False])
print("loop:", round(mean_loop(words, real), 6))

# %% [markdown]
# One trap is about types. A count in numpy is an `int64`, and a float32 divided by it is a float64:

# %% id="count-dtype"
print((words.sum() / np.sum(real)).dtype, "but", (words.sum() / int(np.sum(real))).dtype)

# %% [markdown]
# ### Exercise: reduce_losses (5 points)
#
# The first lines are given: losses that do not count are already 0, and "none" is done. You write the other two:
#
# * "sum" is the sum over **all** axes, "mean" the sum divided by how many losses count. All of them count if `counted` is None.
# * Both return a single number, shape `()`, of the dtype of the losses. `np.asarray(number)` makes an array of it.
# * If nothing counts, there is no mean: `ValueError` that names the shape of the losses. The sum of nothing is 0.


# %% id="reduce" exercise="reduce"
#| export
def reduce_losses(losses: Array, reduction: str, counted: Array | None = None) -> Array:
    """The losses as they are ("none"), their "sum", or their "mean" over those that count.

    `counted` has the shape of the losses; where it is False, the loss becomes 0
    and does not count. None: all count.
    """
    if counted is not None:
        losses = np.where(counted, losses, 0)
    if reduction == "none":
        return losses
    ### BEGIN SOLUTION
    total = np.asarray(np.sum(losses))
    if reduction == "sum":
        return total
    count = losses.size if counted is None else int(np.sum(counted))
    if count == 0:
        raise ValueError(f"mean: none of the losses of shape {losses.shape} counts; use at least one")
    return np.asarray(total / count)
    ### END SOLUTION


# %% id="reduce-check" tags=["check"]
assert abs(float(reduce_losses(words, "sum", real)) - 8.4) < 1e-5, "the sum of what counts is 8.4"
assert abs(float(reduce_losses(words, "mean", real)) - 2.1) < 1e-5, "four losses count: 8.4 / 4"
square = np.array([[4, 1], [1, 2]], dtype=np.float32)
assert float(reduce_losses(square, "sum")) == 8, "the sum runs over all axes"
assert float(reduce_losses(square, "mean")) == 2, "4 losses: divide by 4"
assert float(reduce_losses(np.concatenate([square] * 2), "mean")) == 2, (
    "the same batch twice has the same mean"
)
assert reduce_losses(words, "mean", real).dtype == np.float32, "float32 divided by an int64 count is float64"
message = complaint(lambda: reduce_losses(words, "mean", np.zeros(6, dtype=bool)))
print("your message:", message)
assert "(6,)" in message, "nothing counts: ValueError that names the shape"
print("ok")

# %% id="reduce-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
rng = np.random.default_rng(0)
losses, counted = rng.random(n, np.float32), rng.random(n) < 0.8
t_loop = seconds(lambda: mean_loop(losses, counted), 1)
t_fast = seconds(lambda: reduce_losses(losses, "mean", counted), 10)
print(f"loop          {t_loop / n * 1e9:8.2f} ns an element")
print(f"reduce_losses {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 4. Mean squared error: how far off an amount is
#
# For amounts (a price, a temperature, a brightness) the loss is the squared distance to the truth:
#
# ```text
#   predictions    2.5    0.0    2.0    8.0
#   targets        3.0   -0.5    2.0    7.0
#   difference    -0.5    0.5    0.0    1.0
#   squared        0.25   0.25   0.0    1.0       sum 1.5, mean 0.375
# ```
#
# The square makes all differences positive and counts one error of 10 as much as a hundred errors of 1.


# %% id="mse-loop"
def mse_loop(predictions, targets):
    """The mean squared error of two 1-D arrays, one pair at a time."""
    total = 0.0
    for i in range(len(predictions)):
        difference = predictions[i] - targets[i]
        total += difference * difference
    return total / len(predictions)


print(mse_loop(np.array([2.5, 0, 2, 8]), np.array([3, -0.5, 2, 7])))

# %% [markdown]
# Nothing can overflow here, so where is the difficulty? In a shape. A layer with one output returns (32, 1); the targets come
# from a file as (32,). Broadcasting (module 01) stretches both to (32, 32) without a word:
#
# ```text
#                     targets (4,)
#                     y0     y1     y2     y3
#   predictions  p0  p0-y0  p0-y1  p0-y2  p0-y3
#     (4, 1)     p1  p1-y0  p1-y1  p1-y2  p1-y3       16 differences, of which
#                p2  p2-y0  p2-y1  p2-y2  p2-y3       12 are between a prediction
#                p3  p3-y0  p3-y1  p3-y2  p3-y3       and somebody else's target
# ```
#
# Here is a perfect model, whose predictions **are** the targets, only as a column:

# %% id="mse-broadcast"
y = np.random.default_rng(0).normal(size=1000).astype(np.float32)
column = y.reshape(1000, 1)
print("loss of a perfect model:", ((column - y) ** 2).mean(), "from", (column - y).size, "differences")
print("of one that says 0 always:", ((np.zeros_like(column) - y) ** 2).mean())

# %% [markdown]
# With this loss a model that has learned everything does worse than one that always says the same, so training unlearns. No error, no
# warning, no `nan`. Many hours have been lost to this one line, so your loss refuses it.
#
# ### Exercise: the check and the operation (10 points)
#
# `check_same_shape` takes two shapes and the name of the loss. If they are not exactly equal, it raises `ValueError`, and the message contains
# the name of the loss and both shapes. It returns nothing.
#
# In `MSEFunction.forward` you write one line or two: `losses`, the squared difference of each pair, shape and dtype as they came. The reduction
# stands below it already. `predictions` and `targets` belong to somebody else: do not write into them. And remember what module 02 measured
# for powers.


# %% id="mse" exercise="mse"
#| export
def check_same_shape(predictions: tuple[int, ...], targets: tuple[int, ...], loss: str) -> None:
    """Raise a ValueError that names the loss and both shapes, unless the shapes are equal."""
    ### BEGIN SOLUTION
    if predictions != targets:
        raise ValueError(
            f"{loss}: predictions have shape {predictions}, targets {targets}; each prediction needs "
            f"its own target: give the targets the shape {predictions}"
        )
    ### END SOLUTION


class MSEFunction(Function):
    """(prediction - target) squared, then reduced."""

    def forward(self, predictions: Array, targets: Array) -> Array:
        ### BEGIN SOLUTION
        difference = predictions - targets
        losses = difference * difference
        ### END SOLUTION
        return reduce_losses(losses, self.params["reduction"])


# %% [markdown]
# The object is given. Predictions must be a Tensor of floats. Targets may be a Tensor or an array, and integers become floats of the type of the
# predictions: the one place where they are converted. `_pair` serves the losses of parts 7 and 8 too.


# %% id="mse-loss"
#| export
def _pair(predictions: Tensor, targets: Operand, loss: str) -> tuple[Tensor, Tensor]:
    """Predictions and targets as two Tensors of floats, once their shapes have been checked."""
    predictions = check_float(predictions, loss)
    targets = as_tensor(targets, like=predictions)
    if targets.dtype.kind != "f":
        targets = Tensor(targets, dtype=predictions.dtype)
    check_same_shape(predictions.shape, targets.shape, loss)
    return predictions, targets


class MSELoss(Loss):
    """The squared difference between each prediction and its target."""

    def forward(self, predictions: Tensor, targets: Operand) -> Tensor:
        """Squared differences, reduced; both shapes must be equal."""
        predictions, targets = _pair(predictions, targets, "MSELoss")
        return MSEFunction.apply(predictions, targets, reduction=self.reduction)


# %% id="mse-check" tags=["check"]
predictions, targets = Tensor([2.5, 0, 2, 8]), np.array([3, -0.5, 2, 7])
assert np.allclose(MSELoss("none")(predictions, targets).data, [0.25, 0.25, 0, 1]), (
    "the squares from the table"
)
assert MSELoss()(predictions, targets).item() == 0.375, "the mean of the squares is 1.5 / 4"
assert MSELoss("sum")(predictions, targets).item() == 1.5, "the sum of the squares is 1.5"
assert MSELoss()(predictions, targets).dtype == np.float32, "float32 stays float32"
assert MSELoss()(Tensor([[1], [3]]), Tensor([[1], [2]], dtype=np.int64)).item() == 0.5, "integer targets"
assert np.array_equal(predictions.data, [2.5, 0, 2, 8]), "the predictions have changed: return a new array"
message = complaint(lambda: MSELoss()(Tensor(column), y))
print("your message:", message)
assert all(text in message for text in ("MSELoss", "(1000, 1)", "(1000,)")), (
    "the name of the loss and both shapes"
)
print("ok")

# %% id="mse-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
x, y = np.random.default_rng(0).normal(size=(2, n)).astype(np.float32)
a, b, mse = Tensor(x), Tensor(y), MSELoss()
t_loop, t_fast = seconds(lambda: mse_loop(x, y), 1), seconds(lambda: mse(a, b), 10)
print(f"loop    {t_loop / n * 1e9:8.2f} ns an element")
print(f"MSELoss {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 5. Staying in log space
#
# For classes we need the logarithm of a share of softmax (module 02). You have `softmax`, numpy has `log`. Together, on scores
# that are not even large:

# %% id="log-of-softmax"
for gap in (10, 80, 100, 110):
    shares = softmax(Tensor([0, gap])).data
    with np.errstate(all="ignore"):
        print(f"scores 0 and {gap:3}: shares {shares}, log {np.log(shares)}")

# %% [markdown]
# At a gap of 110 the smaller share, $e^{-110}$, is too small for a float32. It becomes 0, and its logarithm -inf, although
# the right answer, -110, is a number like any other. At 100 there is an answer, and it is wrong in the fourth digit: numbers below $10^{-38}$ are
# stored with fewer and fewer bits (they are called *denormal*). Your softmax did nothing wrong. What was wrong was to leave log space:
#
# ```text
#                   exp                        log
#    score  0  ──────────────►  e^-110 = 0  ──────────►  -inf        through probabilities
#        and
#         110  ────────────────────────────────────────►  -110       in log space
#               0 - 110 - log(1 + e^-110)
# ```
#
# The way around is school algebra: the logarithm of a quotient is a difference, and $\log(e^{x}) = x$ needs no exponential:
#
# $$\log\frac{e^{x_i}}{\sum_j e^{x_j}} = x_i - \log\sum_j e^{x_j}$$
#
# Only one term still has exponentials, **log-sum-exp**, and there the trick of softmax helps. Take the largest score $m$ out of the sum:
#
# $$\log\sum_j e^{x_j} = m + \log\sum_j e^{x_j - m}$$
#
# The largest exponent is then 0, so nothing overflows; the sum is at least 1, so its logarithm is harmless. By hand for 1, 2, 3:
#
# ```text
#   x                1         2         3          m = 3
#   x - m           -2        -1         0
#   e^(x - m)        0.1353    0.3679    1          sum 1.5032, log 0.4076
#
#   logsumexp        3 + 0.4076 = 3.4076
#   log_softmax     -2.4076   -1.4076   -0.4076     (x - m) - 0.4076
# ```
#
# log-sum-exp is a soft maximum: a little more than the largest score, at most by $\log n$.


# %% id="logsumexp-loop"
def logsumexp_loop(rows):
    """log(sum(exp(row))) for each row of a 2-D array, one number at a time."""
    out = np.empty(rows.shape[0], rows.dtype)
    for i in range(rows.shape[0]):
        top = max(rows[i])
        total = 0.0
        for j in range(rows.shape[1]):
            total += math.exp(rows[i, j] - top)
        out[i] = top + math.log(total)
    return out


print(logsumexp_loop(np.array([[1, 2, 3], [10001, 10002, 10003]], dtype=np.float32)))

# %% [markdown]
# ### Two traps
#
# **Add the maximum back, or never take it away?** It is tempting to write log_softmax as `x - logsumexp(x)`. On paper it is the same. Two
# equal scores have the shares one half, whatever the scores are, and $\log 0.5 = -0.693147$:

# %% id="cancellation"
for score in (1, 100, 10_000, 1_000_000):
    x = np.array([score, score], dtype=np.float32)
    print(f"scores {score:9,}: x - logsumexp(x) = {(x - (x[0] + np.log(np.float32(2))))[0]:.6f}")

# %% [markdown]
# Near 10000 a float32 has steps of 0.001, so 10000.693147 is stored as 10000.693, and the subtraction brings the rounding to light: the
# *cancellation* of module 02. With `x - m` first, the large numbers are gone before anything small is added.
#
# **Nothing to sum.** A forbidden class has the score -inf (module 02, part 7). Among others it adds $e^{-\infty} = 0$ to the sum, and all is well. But if **all** are
# -inf, then $m$ is -inf as well, and $x - m$ is -inf minus -inf, which is nan.
#
# | along `dim` | `logsumexp` | `log_softmax` |
# |---|---|---|
# | some -inf | as without them | -inf there |
# | only -inf | -inf: the logarithm of 0, and no `nan` | `ValueError` that names the shape and `dim`, as in softmax |
# | inf | inf | not asked |
# | nan | nan | nan |
#
# ### Exercise: logsumexp and log_softmax (15 points)
#
# `dim` is checked already, and not negative. As in softmax: maximum and sum once for each distribution, and `keepdims`, so that they fit next to the scores. `logsumexp`
# drops the axis in the end unless `self.params["keepdims"]`; `np.squeeze(array, axis=dim)` does that. No overflow for any scores, also under `strict()`, and no writing into
# the input. Where a maximum is infinite, `np.where` can subtract 0 in its place. A logarithm of 0 that you want on purpose can be
# wrapped in `np.errstate(divide="ignore")`, used in a `with` statement like `strict()`.


# %% id="logsoftmax" exercise="logsoftmax"
#| export
class LogSumExp(Function):
    """The logarithm of the sum of exp(a) along the axis `dim`, without overflow."""

    def forward(self, a: Array) -> Array:
        dim, keepdims = self.params["dim"], self.params["keepdims"]
        ### BEGIN SOLUTION
        top = np.max(a, axis=dim, keepdims=True)
        top = np.where(np.isfinite(top), top, 0)
        with np.errstate(divide="ignore"):
            result = top + np.log(np.sum(np.exp(a - top), axis=dim, keepdims=True))
        return np.asarray(result if keepdims else np.squeeze(result, axis=dim))
        ### END SOLUTION


class LogSoftmax(Function):
    """The logarithm of softmax along the axis `dim`, without computing softmax."""

    def forward(self, a: Array) -> Array:
        dim: int = self.params["dim"]
        ### BEGIN SOLUTION
        top = np.max(a, axis=dim, keepdims=True)
        if np.isneginf(top).any():
            raise ValueError(
                f"log_softmax: in shape {a.shape}, a distribution along dim {dim} has only -inf: nothing "
                "to choose from; leave at least one entry unmasked"
            )
        shifted = a - top
        return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True)))
        ### END SOLUTION


def logsumexp(x: Tensor, dim: int, keepdims: bool = False) -> Tensor:
    """The logarithm of the sum of exp(x) along the axis `dim`, which disappears unless `keepdims`."""
    x = check_float(x, "logsumexp")
    return LogSumExp.apply(x, dim=check_axis(dim, x.shape, "logsumexp"), keepdims=keepdims)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """The logarithms of the shares that softmax gives along the axis `dim`."""
    x = check_float(x, "log_softmax")
    return LogSoftmax.apply(x, dim=check_axis(dim, x.shape, "log_softmax"))


# %% id="logsoftmax-check" tags=["check"]
t = Tensor([[1, 2, 3], [10001, 10002, 10003]])
with strict():
    logs, sums = log_softmax(t).data, logsumexp(t, dim=1).data
assert np.allclose(logs, [[-2.4076, -1.4076, -0.4076]] * 2, atol=1e-4), (
    "see the worked numbers; both rows agree"
)
assert np.allclose(sums, [3.4076, 10003.4076], atol=1e-3), "see the worked numbers above"
assert np.allclose(log_softmax(Tensor([1e4, 1e4])).data, math.log(0.5), atol=1e-6), (
    "the first of the two traps"
)
assert np.array_equal(log_softmax(Tensor([0, 110])).data, [-110, 0]), "you have left log space"
cube = Tensor(np.random.default_rng(0).normal(size=(2, 3, 4)))
for dim in (0, 1, 2, -1):
    assert np.allclose(np.exp(log_softmax(cube, dim).data).sum(axis=dim), 1), (
        f"shares along dim {dim} add up to 1"
    )
assert logsumexp(cube, 1).shape == (2, 4), "without keepdims the axis disappears"
assert logsumexp(cube, 1, keepdims=True).shape == (2, 1, 4), "with keepdims it stays, with length 1"
masked = Tensor([[0, -np.inf], [-np.inf, -np.inf]])
with strict():
    assert np.array_equal(logsumexp(masked, 1).data, [0, -np.inf]), "the logarithm of nothing is -inf"
message = complaint(lambda: log_softmax(masked))
print("your message:", message)
assert "(2, 2)" in message, "a row of -inf: ValueError that names the shape"
assert np.array_equal(t.data[:, 0], [1, 10001]), "the input has changed: return a new array"
print("ok")

# %% id="logsoftmax-timing" tags=["check"]
rows = 50 if QUICK else 2000
x = np.random.default_rng(0).normal(size=(rows, 100)).astype(np.float32)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: logsumexp_loop(x), 2), seconds(lambda: logsumexp(t, 1), 10)
print(f"loop         {t_loop / x.size * 1e9:8.2f} ns an element")
print(f"logsumexp    {t_fast / x.size * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")
print(f"log_softmax  {seconds(lambda: log_softmax(t), 10) / x.size * 1e9:8.2f} ns an element")
print(f"log, softmax {seconds(lambda: np.log(softmax(t).data), 10) / x.size * 1e9:8.2f} ns an element")

# %% [markdown]
# Compare the last two lines. Is there a price for being right?
#
# ## 6. Cross entropy: which class it is
#
# A classifier gives each class a score, called a **logit** when softmax is still to come. The target is the number of the right class.
# The loss of one example is $-\log$ of the share that softmax gives to the right class, the forecast of part 1:
#
# ```text
#                  class 0   1      2      3     target    share of the target    loss
#   logits  row 0    2.0    1.0    0.1    0.0      0             0.605            0.502
#           row 1    0.0    0.0    0.0    0.0      2             0.25             1.386  = log 4
#           row 2    0.0    4.0    0.0    0.0      3             0.017            4.053
#                                                                          mean   1.981
# ```
#
# Row 1 is worth remembering: whoever knows nothing and gives all `C` classes the same score has a loss of **log C**. For ten classes that is 2.303, and it is
# what an untrained network should show.


# %% id="ce-loop"
def cross_entropy_loop(logits, labels):
    """The loss of each row: log-sum-exp of its logits minus the logit of its class."""
    out = np.empty(len(logits), logits.dtype)
    for i in range(len(logits)):
        top = max(logits[i])
        total = 0.0
        for logit in logits[i].tolist():
            total += math.exp(logit - top)
        out[i] = math.log(total) - (logits[i, labels[i]] - top)
    return out


scores = np.array([[2, 1, 0.1, 0], [0, 0, 0, 0], [0, 4, 0, 0]], dtype=np.float32)
classes = np.array([0, 2, 3])
print(
    cross_entropy_loop(scores, classes).round(3), "mean", cross_entropy_loop(scores, classes).mean().round(3)
)

# %% [markdown]
# ### Labels that are not what they seem
#
# Logits may have any number of axes, the last one counts the classes: (N, C) for images, (N, S, C) for the words of sentences. Labels have
# the same shape without the last axis. Nothing else in this module fails so often and so silently. What numpy makes of a wrong label:

# %% id="wrong-labels"
row = np.array([[0.1, 0.2, 0.7]])
print("label -1:   ", row[[0], [-1]], "the last class, without a complaint")
print("label 2.0:  ", complaint(lambda: row[[0], np.array([2.0])]))
print("label 3:    ", complaint(lambda: row[[0], [3]]))
print("one-hot:    ", row[[0], [0, 0, 1]], "three losses for one example")

# %% [markdown]
# So labels are checked before they are used, once, in one place, and leave it as `int64`:
#
# | targets | result |
# |---|---|
# | integers, also in a list; whole numbers in a float tensor (`Tensor([2, 0])` is one) | cast, once |
# | neither integers nor floats (text, booleans) | `TypeError` that names their dtype |
# | the same shape as the logits: one-hot rows | `ValueError` that names the shape and recommends `argmax` |
# | any other shape than `logits_shape[:-1]` | `ValueError` that names both shapes, of logits and targets |
# | no label at all: an empty batch | `ValueError` that names the shape of the logits |
# | 1.5, nan, inf | `ValueError` that names the label |
# | below 0, or C and above | `IndexError` that names the label and C |
# | equal to `ignore_index` | fine, also if it is no class: -1 and -100 are usual |
#
# ### Exercise: class_labels (first half of 20 points)
#
# The first line, given, makes an array of whatever came. `array.dtype.kind` is "i" or "u" for integers, "f" for floats; `labels == None`
# is False everywhere, so a comparison with `ignore_index` needs no case of its own.


# %% id="labels" exercise="ce"
#| export
def class_labels(targets: Any, logits_shape: tuple[int, ...], ignore_index: int | None = None) -> Array:
    """The targets as an int64 array of shape `logits_shape[:-1]`, each a class or `ignore_index`.

    TypeError for what is not a number, ValueError for a wrong shape, an empty
    batch or a label that is not whole, IndexError for a class that does not exist.
    """
    labels = np.asarray(targets.data if isinstance(targets, Tensor) else targets)
    ### BEGIN SOLUTION
    if labels.dtype.kind not in "iuf":
        raise TypeError(f"CrossEntropyLoss: labels must be integers, not {labels.dtype}")
    if labels.shape == logits_shape:
        raise ValueError(
            f"CrossEntropyLoss: logits and targets both have shape {logits_shape}; are the targets one-hot? "
            "Class numbers are wanted: targets.argmax(axis=-1)"
        )
    if labels.shape != logits_shape[:-1]:
        raise ValueError(
            f"CrossEntropyLoss: logits {logits_shape} need targets of shape {logits_shape[:-1]}, "
            f"not {labels.shape}; give one class number for each row of logits"
        )
    if labels.size == 0:
        raise ValueError(f"CrossEntropyLoss: logits {logits_shape} are an empty batch; skip it")
    whole = np.isfinite(labels) & (labels == np.floor(labels))
    if not whole.all():
        raise ValueError(f"CrossEntropyLoss: label {labels[~whole][0]} is not a whole number")
    labels = labels.astype(np.int64)
    classes = logits_shape[-1]
    outside = labels[((labels < 0) | (labels >= classes)) & (labels != ignore_index)]
    if outside.size:
        raise IndexError(
            f"CrossEntropyLoss: label {outside[0]} is outside 0 to {classes - 1}, the {classes} classes "
            "of the logits; count classes from 0"
        )
    return labels
    ### END SOLUTION


# %% id="labels-check" tags=["check"]
labels = class_labels(Tensor([2, 0]), (2, 3))
assert labels.tolist() == [2, 0], "whole floats are labels too"
assert labels.dtype == np.int64, "cast once, to int64"
assert class_labels([[1, -1]], (1, 2, 3), ignore_index=-1).tolist() == [[1, -1]], (
    "ignore_index may be outside"
)
wrong = {
    "below 0": ([-1, 0], (2, 3)),
    "beyond C": ([0, 3], (2, 3)),
    "not whole": ([0.5, 1], (2, 3)),
    "one-hot": ([[0, 1, 0], [1, 0, 0]], (2, 3)),
    "a column": ([[0], [1]], (2, 3)),
    "empty": ([], (0, 3)),
    "text": (["cat", "dog"], (2, 3)),
}
for name, (targets, shape) in wrong.items():
    message = complaint(partial(class_labels, targets, shape))
    print(f"{name:10}{message}")
    assert message != "no error", f"{name}: {targets} is no set of labels for logits of shape {shape}"
print("ok")

# %% [markdown]
# Seven mistakes, seven sentences: would each of them tell you what to do at two in the morning?
#
# ### Exercise: the operation (second half)
#
# Cross entropy needs the log-probability of **one** class in each row, so there is no reason to compute a table with those of all classes. After the
# maximum `m` of the row is taken away, what is left is
#
# $$\text{loss} = \log\sum_j e^{x_j - m} - (x_\text{target} - m)$$
#
# Compute `losses`, an array of the shape of `labels`. To pick one entry from each row, for any number of axes, there is
# `np.take_along_axis(array, indices, axis=-1)`; it wants as many axes in `indices` as in `array`, so `labels` needs a last axis of length 1
# (`labels[..., np.newaxis]`), and the result has one too many again.
#
# Given: which positions count, and `labels`, in which positions that do not count point to class 0, so that
# picking works everywhere. They become 0 in `reduce_losses`. No overflow, no writing into the logits, no logarithm of softmax.


# %% id="ce" exercise="ce"
#| export
class CrossEntropyFunction(Function):
    """-log softmax(logits) at the class of each row, then reduced.

    Params: `targets`, int64 of shape logits.shape[:-1]; `reduction`; `ignore_index`,
    the target that does not count, or None.
    """

    def forward(self, logits: Array) -> Array:
        targets, ignore_index = self.params["targets"], self.params["ignore_index"]
        counted = np.full(targets.shape, True) if ignore_index is None else targets != ignore_index
        labels = np.where(counted, targets, 0)  # any class will do where nothing counts
        ### BEGIN SOLUTION
        shifted = logits - np.max(logits, axis=-1, keepdims=True)
        wanted = np.take_along_axis(shifted, labels[..., np.newaxis], axis=-1)[..., 0]
        losses = np.log(np.sum(np.exp(shifted), axis=-1)) - wanted
        ### END SOLUTION
        return reduce_losses(losses, self.params["reduction"], counted)


# %% [markdown]
# And the object, given:


# %% id="ce-loss"
#| export
class CrossEntropyLoss(Loss):
    """How improbable softmax of the logits finds the right classes: -log of their share."""

    def __init__(self, reduction: str = "mean", ignore_index: int | None = None) -> None:
        super().__init__(reduction)
        self.ignore_index = ignore_index

    def forward(self, predictions: Tensor, targets: Any) -> Tensor:
        """-log softmax at the targets, reduced. Logits (..., C), targets class numbers (...)."""
        logits = check_float(predictions, "CrossEntropyLoss")
        if logits.ndim == 0:
            raise ValueError("CrossEntropyLoss: logits of shape () have no axis of classes; give (..., C)")
        labels = class_labels(targets, logits.shape, self.ignore_index)
        return CrossEntropyFunction.apply(
            logits, targets=labels, reduction=self.reduction, ignore_index=self.ignore_index
        )


# %% id="ce-check" tags=["check"]
ce = CrossEntropyLoss()
single = CrossEntropyLoss("none")(Tensor(scores), classes)
assert np.allclose(single.data, [0.502, 1.386, 4.053], atol=1e-3), "see the table at the top of this part"
assert abs(ce(Tensor(scores), classes).item() - 1.981) < 1e-3, "the mean of the three"
assert abs(ce(Tensor(np.zeros((5, 10))), [0, 9, 3, 3, 1]).item() - math.log(10)) < 1e-6, "equal scores: log C"
with strict():
    assert ce(Tensor([[1000, 0]]), [1]).item() == 1000, "do not leave log space"
    assert ce(Tensor([[1e4, -1e4]]), Tensor([0])).item() == 0, "sure and right"
sentences = Tensor(np.random.default_rng(0).normal(size=(2, 3, 5)))
words = np.array([[1, 4, 0], [2, -1, -1]])
flat = ce(Tensor(sentences.data.reshape(6, 5)[:4]), [1, 4, 0, 2]).item()
assert abs(CrossEntropyLoss(ignore_index=-1)(sentences, words).item() - flat) < 1e-6, "four words count"
assert ce(Tensor(scores), classes).dtype == np.float32, "float32 stays float32"
print("ok")

# %% id="ce-timing" tags=["check"]
rows = 50 if QUICK else 2000
x = np.random.default_rng(0).normal(size=(rows, 100)).astype(np.float32)
labels = np.random.default_rng(1).integers(0, 100, rows)
t = Tensor(x)
t_loop, t_fast = seconds(lambda: cross_entropy_loop(x, labels), 2), seconds(lambda: ce(t, labels), 10)
print(f"loop             {t_loop / x.size * 1e9:8.2f} ns a logit")
print(f"CrossEntropyLoss {t_fast / x.size * 1e9:8.2f} ns a logit, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 7. Binary cross entropy: yes or no
#
# With two answers one probability is enough: `p` for yes, `1 - p` for no. With the target `y`, 1 or 0, the loss is again
# $-\log$ of the probability that was given to what happened, in one formula:
#
# $$\text{loss} = -\bigl(y \log p + (1 - y) \log(1 - p)\bigr)$$
#
# ```text
#     p      y      y log p     (1 - y) log(1 - p)     loss
#    0.9     1      -0.105              0              0.105
#    0.9     0        0               -2.303           2.303
#    0.5     1      -0.693              0              0.693  = log 2
#    0.8     0.5    -0.112            -0.805           0.916     a target may lie between
#    1       1        0          0 * log 0 = nan       nan
# ```
#
# The last row is the trouble: the prediction is perfect, and the term that should not matter is 0 times minus infinity. The usual cure is some small number `eps`. Where it
# goes makes all the difference:


# %% id="epsilon"
def bce_loop(predictions, targets, eps):
    """The loss of each pair, with probabilities kept eps away from 0 and 1."""
    out = np.empty_like(predictions)
    for i in range(len(predictions)):
        p = min(max(predictions[i], eps), 1 - eps)
        out[i] = -(targets[i] * math.log(p) + (1 - targets[i]) * math.log(1 - p))
    return out


p, y = np.array([[0.5, 1.0, 1.0, 1e-4], [1, 1, 0, 0]], dtype=np.float32)
with np.errstate(all="ignore"):
    print("no eps:            ", -(y * np.log(p) + (1 - y) * np.log(1 - p)))
    print("log(p + 1e-3):     ", -(y * np.log(p + 1e-3) + (1 - y) * np.log(1 - p + 1e-3)))
    small = np.clip(p, np.float32(1e-8), 1 - np.float32(1e-8))
    print("clip to 1e-8:      ", -(y * np.log(small) + (1 - y) * np.log(1 - small)))
print("clip to 1e-7, loop:", bce_loop(p, y, 1e-7))

# %% [markdown]
# * **Shifting** (`log(p + eps)`) changes every value a little: at 0.5 the loss is no longer log 2, and for a perfect prediction it is even negative.
# * **Clipping** `p` to `eps … 1 - eps` leaves everything in between as it is. But `eps` has to be a number that the type can subtract: in float32
#   the neighbours of 1 are $6 \cdot 10^{-8}$ away, so $1 - 10^{-8}$ **is** 1 and nothing has been clipped. $10^{-7}$ works.
#
# Clipped at $10^{-7}$, the worst possible loss is about 16. A probability cannot say "wrong by more than that"; part 8 can.
#
# ### Exercise: binary cross entropy (10 points)
#
# * A prediction below 0 or above 1 is no probability, and somebody has most likely forgotten the sigmoid: `ValueError` that names the value. Do not let the clipping
#   hide it. nan is let through: its loss is nan.
# * Clip to $10^{-7} … 1 - 10^{-7}$, then the formula. `np.log1p(x)` is $\log(1 + x)$ without rounding `1 + x` first; `np.log1p(-p)` is good for $\log(1-p)$.
# * New arrays, no warnings, any shape. The shapes are equal, `_pair` has seen to that.


# %% id="bce" exercise="bce"
#| export
class BinaryCrossEntropyFunction(Function):
    """-log of the probability that each prediction gives to its target, then reduced."""

    def forward(self, predictions: Array, targets: Array) -> Array:
        ### BEGIN SOLUTION
        outside = predictions[(predictions < 0) | (predictions > 1)]
        if outside.size:
            raise ValueError(
                f"BinaryCrossEntropyLoss: {outside[0]:g} is not a probability between 0 and 1; "
                "apply sigmoid first, or use BCEWithLogitsLoss"
            )
        p = np.clip(predictions, 1e-7, 1 - 1e-7)
        losses = -(targets * np.log(p) + (1 - targets) * np.log1p(-p))
        ### END SOLUTION
        return reduce_losses(losses, self.params["reduction"])


# %% id="bce-loss"
#| export
class BinaryCrossEntropyLoss(Loss):
    """-log of the probability given to what was true, from probabilities between 0 and 1."""

    def forward(self, predictions: Tensor, targets: Operand) -> Tensor:
        """The loss of probabilities of the answer 1; both shapes must be equal."""
        predictions, targets = _pair(predictions, targets, "BinaryCrossEntropyLoss")
        return BinaryCrossEntropyFunction.apply(predictions, targets, reduction=self.reduction)


# %% id="bce-check" tags=["check"]
bce = BinaryCrossEntropyLoss("none")
with strict():
    single = bce(Tensor([0.9, 0.9, 0.5, 0.8, 1]), np.array([1, 0, 1, 0.5, 1])).data
assert np.allclose(single, [0.105, 2.303, 0.693, 0.916, 0], atol=1e-3), "see the table above"
assert abs(bce(Tensor([0.5]), np.array([1])).item() - math.log(2)) < 1e-6, "clip, do not shift"
worst = bce(Tensor([1, 0]), np.array([0, 1])).data
assert np.all((worst > 15.5) & (worst < 16.5)), f"sure and wrong costs about 16, yours {worst}"
message = complaint(lambda: bce(Tensor([0.5, 1.25]), np.array([1, 1])))
print("your message:", message)
assert "1.25" in message, "1.25 is no probability: ValueError that names it"
assert BinaryCrossEntropyLoss()(Tensor([0.5]), np.array([1])).dtype == np.float32, "float32 stays float32"
print("ok")

# %% id="bce-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
p = np.random.default_rng(0).uniform(size=n).astype(np.float32)
y = np.random.default_rng(1).integers(0, 2, n).astype(np.float32)
a, b = Tensor(p), Tensor(y)
t_loop, t_fast = seconds(lambda: bce_loop(p, y, 1e-7), 1), seconds(lambda: bce(a, b), 10)
print(f"loop {t_loop / n * 1e9:8.2f} ns an element")
print(f"bce  {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 8. The same from logits
#
# Clipping repairs what should not have happened. A network computes a logit `z`, any number; sigmoid turns it into `p`, and there, at `z` = 17 already, a float32 rounds to 1. The
# loss then takes a logarithm, to get back to where it came from. In log space there is no detour, as in part 5. With
# $p = 1 / (1 + e^{-z})$:
#
# ```text
#   -log p        =  log(1 + e^-z)
#   -log(1 - p)   =  log(1 + e^-z) + z
#
#   loss = y log(1 + e^-z) + (1 - y) (log(1 + e^-z) + z)
#        = log(1 + e^-z) + z - z y                          e^-z overflows for z = -100
#        = max(z, 0) - z y + log(1 + e^-|z|)                the exponent is never positive
# ```
#
# The last step is $\log(1 + e^{-z}) + z = \log(e^{z} + 1)$, for negative `z`: choose the form that cannot overflow, as for the sigmoid.
#
# One more loss of digits hides in `log(1 + tiny)`:

# %% id="log1p"
for z in (5, 10, 15, 20, 50):
    tiny = np.exp(np.float32(-z))
    print(f"z = {z:2}: log(1 + e^-z) = {np.log(1 + tiny):.4e}, log1p(e^-z) = {np.log1p(tiny):.4e}")

# %% [markdown]
# From about 17 on the first form is 0: a prediction that is right gets a loss of exactly 0. What is worse, a few before
# are wrong in the second digit.


# %% id="bcelogits-loop"
def bce_with_logits_loop(logits, targets):
    """The loss of each pair, one at a time, each logit on its safe side."""
    out = np.empty_like(logits)
    for i in range(len(logits)):
        z = float(logits[i])
        out[i] = max(z, 0.0) - z * targets[i] + math.log1p(math.exp(-abs(z)))
    return out


print(bce_with_logits_loop(np.array([0.0, 2.0, -1e4, 1e4]), np.array([1, 0, 1, 1])).round(4))

# %% [markdown]
# ### Exercise: binary cross entropy from logits (10 points)
#
# The formula for whole arrays: finite and free of overflow for ±10000, with four correct digits at `z` = 20, for any shape, and nothing clipped.
# nan gives nan.


# %% id="bcelogits" exercise="bcelogits"
#| export
class BCEWithLogitsFunction(Function):
    """-log of the probability that sigmoid(logit) gives to each target, then reduced."""

    def forward(self, logits: Array, targets: Array) -> Array:
        ### BEGIN SOLUTION
        losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
        ### END SOLUTION
        return reduce_losses(losses, self.params["reduction"])


# %% id="bcelogits-loss"
#| export
class BCEWithLogitsLoss(Loss):
    """-log of the probability given to what was true, from logits: sigmoid is built in."""

    def forward(self, predictions: Tensor, targets: Operand) -> Tensor:
        """The loss of logits, sigmoid included; both shapes must be equal."""
        predictions, targets = _pair(predictions, targets, "BCEWithLogitsLoss")
        return BCEWithLogitsFunction.apply(predictions, targets, reduction=self.reduction)


# %% id="bcelogits-check" tags=["check"]
from_logits = BCEWithLogitsLoss("none")
with strict():
    far = from_logits(Tensor([1e4, 1e4, -1e4, -1e4]), np.array([1, 0, 1, 0])).data
assert np.array_equal(far, [0, 1e4, 1e4, 0]), "sure and right costs 0, sure and wrong |z|"
z, y = Tensor([-4, -1, 0, 2, 6]), np.array([1, 0, 0.25, 1, 0])
assert np.allclose(from_logits(z, y).data, bce(sigmoid(z), y).data, atol=1e-4), (
    "in the safe range both losses agree"
)
assert abs(from_logits(Tensor([20]), np.array([1])).item() / 2.0612e-9 - 1) < 1e-3, (
    "log(1 + tiny) loses digits"
)
assert from_logits(z, y).dtype == np.float32, "float32 stays float32"
print("ok")

# %% id="bcelogits-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
z = np.random.default_rng(0).normal(size=n).astype(np.float32)
y = np.random.default_rng(1).integers(0, 2, n).astype(np.float32)
a, b = Tensor(z), Tensor(y)
t_loop, t_fast = seconds(lambda: bce_with_logits_loop(z, y), 1), seconds(lambda: from_logits(a, b), 10)
t_two = seconds(lambda: bce(sigmoid(a), b), 10)
print(f"loop                 {t_loop / n * 1e9:8.2f} ns an element")
print(f"from logits          {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")
print(f"sigmoid, then binary {t_two / n * 1e9:8.2f} ns an element")

# %% [markdown]
# ## 9. Systems analysis
#
# ### 9.1 What a mistake costs, and how hard it pulls
#
# Why is everybody using cross entropy for classes, and not the squared distance between the shares and a one-hot target? Two classes, the second one is
# right, and the logit of the first is ahead by `d`. Training follows the slope of the loss, measured here as the difference of two neighbours in
# float64 (module 06 computes slopes without measuring):

# %% id="slopes" tags=["check"]
step = 1e-5


def squared(d):
    """Mean squared error between the shares of logits (d, 0) and the target (0, 1)."""
    shares = softmax(Tensor([[d, 0]], dtype=np.float64))
    return MSELoss()(shares, np.array([[0, 1]])).item()


def entropy(d):
    """Cross entropy of logits (d, 0) and class 1."""
    return ce(Tensor([[d, 0]], dtype=np.float64), [1]).item()


def slope(function, d):
    """The slope of `function` at `d`, from its two neighbours."""
    return (function(d + step) - function(d - step)) / (2 * step)


print(f"{'d':>4}{'share of the wrong class':>26}{'MSE':>9}{'slope':>11}{'CE':>11}{'slope':>9}")
for d in (-4, -2, 0, 1, 2, 4, 8, 16):
    wrong = sigmoid(Tensor(d)).item()
    print(
        f"{d:4}{wrong:26.7f}{squared(d):9.4f}{slope(squared, d):11.2e}{entropy(d):11.4f}{slope(entropy, d):9.4f}"
    )

# %% [markdown]
# Read the two slopes from top to bottom. For cross entropy the slope is the share of the wrong class: the surer of the wrong class, the harder the pull,
# and it ends at 1. For MSE behind a softmax the pull is strongest in the middle and fades where the prediction is worst: at `d` = 16 the model is as wrong
# as it can be, and learns nothing from it.
#
# ### 9.2 Where the naive formulas fail
#
# Each formula below gets the logits (0, `d`), with class 0 the right one; the answer is `d` for large `d`. The table shows the smallest `d`, found by
# bisection, at which the result is off by 1 % or not finite:

# %% id="thresholds" tags=["check"]


def naive(x):
    """-log of the textbook softmax at entry 0."""
    return -np.log(np.exp(x) / np.exp(x).sum())[0]


def log_of_softmax(x):
    """-log of the stable softmax at entry 0."""
    return -np.log(softmax(Tensor(x, dtype=x.dtype)).data)[0]


def through_sigmoid(x):
    """Binary cross entropy after a sigmoid, which clips."""
    z = Tensor(x[1:] - x[:1], dtype=x.dtype)
    return BinaryCrossEntropyLoss()(sigmoid(z), np.array([0])).item()


def yours(x):
    """Cross entropy in log space."""
    return CrossEntropyLoss()(Tensor(x, dtype=x.dtype), 0).item()


def first_failure(function, dtype):
    """The smallest d (to 0.01) where `function` is off by more than 1 %, or None below a million."""
    low, high = 10.0, 1e6
    with np.errstate(all="ignore"):

        def fails(d):
            value = function(np.array([0, d], dtype=dtype))
            return not abs(value - d) <= 0.01 * d

        if not fails(high):
            return None
        while high - low > 0.005:
            middle = (low + high) / 2
            low, high = (low, middle) if fails(middle) else (middle, high)
    return high


print(f"{'':20}{'float32':>10}{'float64':>10}")
for function in (through_sigmoid, naive, log_of_softmax, yours):
    found = [first_failure(function, dtype) for dtype in (np.float32, np.float64)]
    print(f"{function.__name__:20}" + "".join(f"{'never' if d is None else f'{d:.2f}':>10}" for d in found))

# %% [markdown]
# ```text
#   0 ──── 16 ───────────────────── 88.7 ──────── 104 ───────────────────► d (float32)
#           │                         │             │
#        the clip of              e^d over-      e^-d rounds
#        probabilities            flows          to 0
# ```
#
# Twice the bits move the two thresholds of the exponential from about 100 to about 700, leave that of the clip nearly where it was, and remove none of them.
# Log space removes them. And the slope? Where the value is infinite, the difference of two neighbours is inf minus inf:

# %% id="naive-slopes" tags=["check"]
for dtype, d in ((np.float32, 110), (np.float64, 800)):
    with np.errstate(all="ignore"):
        slopes = [
            (f(np.array([0, d + 1], dtype)) - f(np.array([0, d - 1], dtype))) / 2
            for f in (log_of_softmax, yours)
        ]
    print(f"{np.dtype(dtype).name} at {d}: slope of log(softmax) {slopes[0]}, in log space {slopes[1]}")

# %% [markdown]
# One nan in a slope becomes nan in every weight at the next step.
#
# ### 9.3 The loss before the first step
#
# Here are untrained networks from module 03 on inputs and labels at random. Who knows nothing should say so: log 10 = 2.303. Then the last layer is made
# smaller or larger, the inputs are left at 0 to 255, or the labels are shifted by one class:

# %% id="first-loss" tags=["check"]
from tinytorch.core.layers import create_mlp

rng = np.random.default_rng(0)
images, digits = rng.uniform(size=(500, 64)), rng.integers(0, 10, 500)


def untrained(pixels, labels, scale=1.0):
    """Mean loss of five untrained networks whose last layer is multiplied by `scale`, and the spread of their logits."""
    values, spreads = [], []
    for seed in range(5):
        model = create_mlp(64, [32], 10, rng=np.random.default_rng(seed))
        model.parameters()[-2].data *= scale
        logits = model(Tensor(pixels))
        values.append(ce(logits, labels).item())
        spreads.append(logits.data.std())
    return np.mean(values), np.mean(spreads)


for name, arguments in {
    "as create_mlp makes it": (images, digits),
    "last layer * 0.01": (images, digits, 0.01),
    "last layer * 4": (images, digits, 4),
    "inputs from 0 to 255": (images * 255, digits),
    "labels shifted by one": (images, (digits + 1) % 10),
}.items():
    value, spread = untrained(*arguments)
    print(f"{name:23} loss {value:8.3f}   spread of the logits {spread:8.3f}")
print("labels from 1 to 10:    ", complaint(lambda: untrained(images, digits + 1)))

# %% [markdown]
# Before training, the loss knows only one thing: whether the network is unduly sure of something. Logits with a spread `s` cost about
# $\log C + s^2 / 2$, as long as `s` is not much above 1: check it against the table. The loss cannot see shifted labels, because one random answer
# is as good as another; you notice those only when the loss of a **trained** network is bad on true labels. Question 2 is about this.
#
# ### 9.4 Many classes
#
# A language model has a class for each word or piece of a word: 50 000 are usual. Logits are then by far the largest array of the network. What does the loss add to
# them? Three ways to the same number, in bytes at the worst moment beyond the logits themselves:

# %% id="many-classes" tags=["check"]


def through_table(logits, labels):
    """All log-probabilities, then one of them from each row."""
    table = log_softmax(logits).data
    return -table[np.arange(len(labels)), labels].mean()


def in_chunks(logits, labels, rows=16):
    """The same from a few rows at a time: sums of chunks, divided once."""
    add = CrossEntropyLoss("sum")
    total = 0.0
    for start in range(0, len(labels), rows):
        chunk = Tensor(0.0)
        chunk.data = logits.data[start : start + rows]  # a view: Tensor(...) would copy
        total += add(chunk, labels[start : start + rows]).item()
    return total / len(labels)


n = 64 if QUICK else 256
print(
    f"{n} rows{'':16}"
    + "".join(f"{name:>20}" for name in ("log_softmax, pick", "CrossEntropyLoss", "in chunks"))
)
for c in (10, 1000, 10_000) if QUICK else (10, 100, 1000, 10_000, 50_000):
    logits = Tensor.randn(n, c, rng=np.random.default_rng(0))
    labels = np.random.default_rng(1).integers(0, c, n)
    cells = []
    for function in (through_table, ce, in_chunks):
        call = partial(function, logits, labels)
        cells.append(f"{peak_bytes(call) / 2**20:8.2f} MiB {seconds(call, 3) * 1e3:4.0f} ms")
    print(
        f"C {c:6,}, logits {logits.data.nbytes / 2**20:6.2f} MiB" + "".join(f"{cell:>20}" for cell in cells)
    )

# %% [markdown]
# Compare a column with the logits: how many arrays of their size are alive at once? Which way is the fastest, and why may the one that does the same work in small pieces
# win although it runs a Python loop? (Module 02, part 8.2.)
#
# ### 9.5 What breaks at scale
#
# * **The gradient is as large as the logits**: softmax minus one-hot, for every class of every word. Computing it chunk by chunk right after each
#   chunk's loss, from the logits or even from `x @ w` anew, trades arithmetic for memory. Question 3 asks for numbers.
# * **The mean of means.** Two batches with 10 and 1000 words that count: the mean of the two mean losses weighs a word of the small batch a hundred times as
#   much. When a batch is split over machines or steps, add up sums and counts and divide once, as `in_chunks` does.
# * **Smaller types.** In float16, $10^{-7}$ is nearly the smallest number there is, $1 - 10^{-7}$ is 1, and $e^{x}$ ends at 11. Losses are computed in float32 even where the
#   network is not.
# * **Sums of many.** A float32 sum of a million losses has rounding errors of its own. numpy adds in pairs of pairs, which keeps them small; a loop
#   that adds one by one does not.
#
# ### 9.6 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `MSELoss()` | `torch.nn.MSELoss()` | different shapes broadcast there, with a warning |
# | `log_softmax(x, dim)` | `torch.log_softmax(x, dim)` | a row of -inf gives nan there; `LogSoftmax` is a layer there, an operation here |
# | `logsumexp(x, dim)` | `torch.logsumexp(x, dim)` | |
# | `CrossEntropyLoss()` | `torch.nn.CrossEntropyLoss()` | classes are axis **1** there: (N, C, S), not (N, S, C); `ignore_index` is -100 unless you say otherwise; targets of floats are probabilities; nan if nothing counts |
# | `BinaryCrossEntropyLoss()` | `torch.nn.BCELoss()` | limits the logarithm to -100 there, instead of clipping `p` |
# | `BCEWithLogitsLoss()` | `torch.nn.BCEWithLogitsLoss()` | |
#
# For those who want more, without points: label smoothing, in which the right class gets a target of 0.9 and the others share the rest; and a
# `logsumexp` that reads each number only once and corrects its sum whenever a larger maximum turns up.
#
# ## 10. Three questions (30 points)
#
# As before: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *Compare log(softmax(z)) with your log_softmax at z = [0, 110]: what does each return in float32 and what happens to the
# gradient?*
#
# Go on to 100 and 103 for the gap. Where exactly does the result become infinite, and which numbers does a float32 still have just before? For the gradient
# use differences, as in 9.2.

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Your initial loss on 10 classes is 2.9. What is expected, and list three causes in order of likelihood.*
#
# For each cause: which measurement would confirm it or rule it out? Produce a 2.9 yourself with the network of 9.3.

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Vocabulary 50,000, batch 8, sequence 1024: bytes of logits and of their gradient; how would you avoid materialising
# them?*
#
# Use 9.4 for what the loss needs in between. What do you pay for each way around?

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add losses.ipynb
# git commit -m "Module 04"
# git push                       the Actions tab shows your points after a minute
# ```
#
# You can say how wrong a network is. Module 05 feeds it examples, and module 06 finds out which weight to blame.
