# %% [markdown] id="title"
# # 07 Optimizers
#
# *3 to 5 hours. You need your Tensor from module 01; two examples also use modules 03, 04 and 06. 70 points for
# code, 30 for three written answers.*
#
# Module 06 answers one question for every parameter: if this number grew a little, how fast would the loss grow?
# That is the gradient. It does not say what to do about it. Whoever decides how far each parameter moves is the
# **optimizer**: some lines of arithmetic that read `param.grad` and change `param.data`.
#
# The lines are few. What distinguishes the good ones from the first one is that they **remember**: where the
# parameter was going, how large its gradients have been. That memory has the size of the model, once or twice:
#
# > **An optimizer is its state.** It lives next to the parameters, is often larger than they are, and whoever
# > loses it cannot continue a training run.
#
# | part | you write | points |
# |---|---|---|
# | 1, 3 | `gradient_descent_step`, `SGD` with weight decay | 12 |
# | 2 | the base: what may be optimized, `zero_grad` | 10 |
# | 4 | momentum, also Nesterov's | 12 |
# | 5 | `Adam` | 16 |
# | 6 | `AdamW` | 10 |
# | 7 | `state_dict`, `load_state_dict`, `state_bytes` | 10 |
# | 11 | three answers in your own words | 30 |
#
# You work as before: write where it says `# YOUR CODE HERE`, run the check cell after it, and
# `uv run tito module test` for the graded tests. Cells that begin with `#| export` become
# `tinytorch/core/optimizers.py`.

# %% id="imports"
#| export
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from tinytorch.core.tensor import Array, Tensor

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# The stopwatch and the error reader of the modules before, and one new tool: a parameter with numbers and a
# gradient that you choose. An optimizer does not ask where a gradient came from, so nothing here needs a network
# until part 9.

# %% id="tools"
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


def complaint(function):
    """The message of the error that `function()` raises, or "no error"."""
    try:
        function()
    except (ValueError, TypeError) as error:
        return str(error)
    return "no error"


def parameter(values, gradient=None):
    """A tensor that requires a gradient, and has this one."""
    param = Tensor(values, requires_grad=True)
    param.grad = None if gradient is None else np.full(param.shape, gradient, np.float32)
    return param


# %% [markdown]
# ## 1. Downhill, but how far?
#
# Take one weight $w$ and the loss $\frac{1}{2} c w^2$, a valley with its lowest point at 0. The gradient is
# $c w$; it points uphill. **Gradient descent** goes the other way, by the **learning rate** `lr` times the
# gradient:
#
# $$w \leftarrow w - \mathrm{lr} \cdot g \qquad\text{here}\qquad w \leftarrow (1 - \mathrm{lr} \cdot c) \cdot w$$
#
# With curvature $c = 1$, beginning at $w = 1$:
#
# | lr | w after 0, 1, 2, 3 steps | |
# |---|---|---|
# | 0.1 | 1, 0.9, 0.81, 0.729 | creeps |
# | 1 | 1, 0, 0, 0 | exact in one step |
# | 1.9 | 1, -0.9, 0.81, -0.729 | jumps from slope to slope, still inwards |
# | 2.1 | 1, -1.1, 1.21, -1.331 | outwards: the loss grows without end |
#
# So the curvature sets a limit: above $\mathrm{lr} = 2/c$ descent explodes. One weight could simply take $1/c$. A
# network has millions of directions with curvatures that differ by factors of thousands, and **one** rate for all
# of them. The steepest direction sets the limit, the flattest one has to live with it:
#
# ```text
#   a ravine from above: steep across (c = 1), flat along (c = 0.01)
#
#       ╭──────────────────────────────────────────────────────────────╮
#     ╭─╯   ╲        ╱╲                                                ╰─╮
#     │      ╲      ╱  ╲      ╱╲      ╱╲                                 │
#     │       ╲    ╱    ╲    ╱  ╲    ╱  ╲  ╱─► · · · · · · · · · ·   ◎   │
#     │        ╲  ╱      ╲  ╱    ╲  ╱    ╲╱                              │
#     ╰─╮       ╲╱        ╲╱      ╲╱                                   ╭─╯
#       ╰──────────────────────────────────────────────────────────────╯
#
#   across   each step overshoots; lr must stay below 2 / 1
#   along    with lr = 1 each step removes 1 % of the way, although the slope always points to ◎
# ```
#
# The ratio of the largest curvature to the smallest is the **condition number**. Part 10.2 measures what it
# costs. Everything in parts 4 and 5 exists to make it cost less.
#
# ### In the same array
#
# There are two ways to write the update, and they do not do the same:
#
# ```text
#   layer.weight ───────┐
#                       ├──► Tensor ──.data──► ┌──────────────────┐     somebody else who holds it:
#   optimizer.params[0]─┘                      │ 0.31  -1.20  ... │ ◄── a view, a moving average,
#                                              └──────────────────┘     a copy to disk
#
#   param.data -= lr * g                 writes into this array; everybody sees the new numbers
#   param.data = param.data - lr * g     makes a second array; somebody else keeps the old one
# ```
#
# In this course an update is **in place: `param.data` stays the same ndarray**. The other holders stay right, no
# second copy of the model is alive for a moment, and the dtype cannot change: numpy does not store float64
# results in a float32 array without converting them. The price: between `forward` and `backward` nobody may step,
# because the operations that wait for their backward hold these arrays too.
#
# The arithmetic runs on `param.data`, not on `param`: written with Tensor operators, the update would itself be
# recorded for differentiation. And `param.grad` is only ever read. It belongs to module 06.
#
# As a loop:


# %% id="descent-loop"
def descent_loop(data, gradient, lr):
    """The update of a 1-D array, one number at a time, in place."""
    for i in range(len(data)):
        data[i] = data[i] - lr * gradient[i]


w = np.array([1.0, -2.0, 3.0], dtype=np.float32)
descent_loop(w, np.array([10.0, 0.0, -5.0], dtype=np.float32), lr=0.1)
print(w)

# %% [markdown]
# ### Exercise: one step, by hand (part of the 12 points for SGD)
#
# `gradient_descent_step(param, lr)` moves one parameter in its own array and returns nothing. A parameter without
# a gradient (`param.grad is None`) is a `ValueError` that names the parameter's shape: who asks for this
# parameter by name expects it to move.


# %% id="descent" exercise="sgd"
#| export
def gradient_descent_step(param: Tensor, lr: float) -> None:
    """Move `param` against its gradient by `lr` times the gradient, in the same array."""
    ### BEGIN SOLUTION
    if param.grad is None:
        raise ValueError(
            f"gradient_descent_step: the parameter of shape {param.shape} has no gradient; run backward"
        )
    param.data -= lr * param.grad
    ### END SOLUTION


# %% id="descent-check" tags=["check"]
param = parameter([1, -2, 3], gradient=10)
array = param.data
gradient_descent_step(param, lr=0.1)
assert np.allclose(param.data, [0, -3, 2]), "each number moves by 0.1 times 10, downwards"
assert param.data is array, "the numbers should change in the array that was there"
assert param.dtype == np.float32, "float32 stays float32"
assert np.array_equal(param.grad, [10, 10, 10]), "the gradient is only read"
assert "(3,)" in complaint(lambda: gradient_descent_step(parameter([1, 2, 3]), lr=0.1)), (
    "no gradient: ValueError"
)
print("ok")

# %% id="descent-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
param = parameter(np.ones(n), gradient=1e-3)
t_loop = seconds(lambda: descent_loop(param.data, param.grad, 0.1), 2)
t_fast = seconds(lambda: gradient_descent_step(param, 0.1), 20)
print(f"loop  {t_loop / n * 1e9:8.2f} ns a parameter")
print(f"yours {t_fast / n * 1e9:8.2f} ns a parameter, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 2. What all optimizers share
#
# ```text
#   model.parameters() ──► [ W1, b1, W2, b2 ]     params: the Tensors themselves, in this order
#                             │   │   │   │
#   state["velocity"] ───► [ ▒▒, ▒▒, ▒▒, None ]   arrays of their shapes, None before the first step
#   lr, momentum, ...                             hyperparameters: chosen by you, not learned
#   steps                                         how often step() has been called
# ```
#
# The order is what ties a memory to its parameter, so it never changes. A training loop uses three methods:
#
# ```text
#   for each batch:    zero_grad()          gradients of the last batch: away
#                      loss.backward()      module 06 ADDS to every param.grad
#                      step()               reads every param.grad, changes every param.data
# ```
#
# ### Exercise: the base (10 points)
#
# **`_check_arguments(params, lr)`** returns nothing, and raises where training could not work. `params` is a list
# of anything.
#
# | what is wrong | error | must name |
# |---|---|---|
# | the list is empty | `ValueError` | |
# | an element is not a `Tensor` | `TypeError` | its index, as `parameter 1`, and the name of its type, as `ndarray` |
# | an element does not require a gradient | `ValueError` | its index, as `parameter 1` |
# | the same Tensor stands there twice | `ValueError` | both indices, as `0 and 2` |
# | `lr` is not above 0, or not finite (`nan` and `inf` are not) | `ValueError` | its value |
#
# An empty list is usually a generator that somebody has used up. The same Tensor twice (two layers that share
# their weight) would move twice as far as it should, and nobody would be told. "The same" means the same object:
# two tensors with equal numbers are two parameters. An index counts from 0.
#
# **`zero_grad(set_to_none=True)`** goes through all parameters.
#
# | | `grad` was an array | `grad` was None |
# |---|---|---|
# | `set_to_none=True` | becomes None | stays None |
# | `set_to_none=False` | the **same array**, filled with 0 | stays None |
#
# None is the better default: the memory is free until the next backward, and None says something that 0 does not.
# **None means "no gradient arrived": the parameter is skipped. 0 is a gradient**: the parameter still rolls on by
# its momentum, and its weight decay still shrinks it. `set_to_none=False` saves the allocation.
#
# Given are the rest of the class, whose last three methods call functions that you write in part 7, and in the cell
# after it `_check_range`, for the hyperparameters to come.


# %% id="base" exercise="base"
#| export
def _check_arguments(params: list[Any], lr: float) -> None:
    """An error if these parameters cannot be trained, or not with this learning rate."""
    ### BEGIN SOLUTION
    if not params:
        raise ValueError("an optimizer needs at least one parameter; the list is empty")
    positions: dict[int, int] = {}
    for index, param in enumerate(params):
        if not isinstance(param, Tensor):
            raise TypeError(f"parameter {index} must be a Tensor, not {type(param).__name__}")
        if not param.requires_grad:
            raise ValueError(
                f"parameter {index} of shape {param.shape} does not require a gradient; "
                "make it with requires_grad=True, or leave it out"
            )
        first = positions.setdefault(id(param), index)
        if first != index:
            raise ValueError(f"parameters {first} and {index} are the same Tensor; pass it once")
    if not 0 < lr < math.inf:
        raise ValueError(f"lr must be above 0 and finite, not {lr}")
    ### END SOLUTION


class Optimizer:
    """Parameters, the rate at which they learn, and what is remembered from step to step.

    `state` has a list for every kind of memory, with one entry for every parameter, by
    position: an array of the parameter's shape and dtype, or None before its first step.
    """

    hyperparameters: ClassVar[tuple[str, ...]] = ("lr",)

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        if isinstance(params, Tensor):
            raise TypeError("an optimizer takes a list of Tensors, not one Tensor; write [tensor]")
        self.params = list(params)
        self.lr = lr
        self.steps = 0
        self.state: dict[str, list[Array | None]] = {}
        _check_arguments(self.params, lr)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients; with `set_to_none=False` keep their arrays and fill them with 0."""
        ### BEGIN SOLUTION
        for param in self.params:
            if set_to_none:
                param.grad = None
            elif param.grad is not None:
                param.grad.fill(0)
        ### END SOLUTION

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        raise NotImplementedError(f"{type(self).__name__} has no step")

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to continue later: plain values and copies of arrays."""
        return _pack_state(self)

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned. ValueError, before any change, if it does not fit."""
        _check_state(self, saved)
        _unpack_state(self, saved)

    def state_bytes(self) -> int:
        """The number of bytes of all arrays in `state`."""
        return _count_state_bytes(self)


# %% id="range"
#| export
def _check_range(name: str, value: float, below: float = math.inf) -> None:
    """ValueError unless 0 <= value < below."""
    if not 0 <= value < below:
        raise ValueError(f"{name} must be at least 0 and below {below}, not {value}")


# %% id="base-check" tags=["check"]
w, b = parameter([[1, 2], [3, 4]], gradient=1), parameter([1, 2])
optimizer = Optimizer((t for t in [w, b]), lr=0.1)
assert optimizer.params[0] is w, "the parameters are kept, in their order"
messages = {
    "an empty list": complaint(lambda: Optimizer([], 0.1)),
    "an array": complaint(lambda: Optimizer([w, np.ones(2)], 0.1)),
    "no gradient required": complaint(lambda: Optimizer([w, b, Tensor([1])], 0.1)),
    "twice the same": complaint(lambda: Optimizer([w, b, w], 0.1)),
    "lr = 0": complaint(lambda: Optimizer([w], 0)),
    "lr = nan": complaint(lambda: Optimizer([w], math.nan)),
}
for case, message in messages.items():
    print(f"{case:22}{message}")
    assert message != "no error", f"{case} should be an error"
assert "parameter 1" in messages["an array"], "name the index"
assert "ndarray" in messages["an array"], "name the type"
assert "2" in messages["no gradient required"], "name the index"
assert "0 and 2" in messages["twice the same"], "name both indices, as in: parameters 0 and 2"

gradient = w.grad
optimizer.zero_grad(set_to_none=False)
assert w.grad is gradient, "set_to_none=False keeps the array"
assert not gradient.any(), "set_to_none=False fills the array with 0"
assert b.grad is None, "None stays None"
optimizer.zero_grad()
assert w.grad is None, "by default the gradient becomes None"
print("ok")

# %% [markdown]
# ## 3. SGD
#
# *Stochastic* gradient descent is gradient descent on the gradient of a batch, a random sample of the data:
# noisy, and thousands of times cheaper than that of all data. The arithmetic is that of part 1, once for every
# parameter.
#
# **Weight decay** pulls every weight a little towards 0 in each step, so that a weight which the data does not
# hold up disappears. Adding $\frac{\lambda}{2} w^2$ to the loss does it, and the gradient of that is $\lambda w$:
#
# $$g \leftarrow g + \lambda w \qquad w \leftarrow w - \mathrm{lr} \cdot g$$
#
# With `lr=0.1`, `weight_decay=0.5`, a gradient of 2 in each step, beginning at $w = 1$:
#
# | step | w before | g + 0.5 w | w after |
# |---|---|---|---|
# | 1 | 1 | 2.5 | 0.75 |
# | 2 | 0.75 | 2.375 | 0.5125 |
# | 3 | 0.5125 | 2.25625 | 0.286875 |
#
# ### Exercise: SGD (12 points, with part 1)
#
# Write `step`. `__init__` is given.
#
# 1. Count the step: `self.steps` grows by 1 for each call, however many parameters there are.
# 2. Skip a parameter whose `grad` is None: it does not move, it does not decay.
# 3. If there is weight decay, add it to the gradient. **`param.grad` stays as it was**: watch for operators that
#    write into an array to which `param.grad` is another name.
# 4. If `self.momentum` is not 0, hand the result to `self.direction(index, gradient)`, which you write in part 4,
#    and go where it points. `index` is the position in `self.params`, also if parameters before it are skipped.
#    Without momentum, do not call it.
# 5. Move `param.data` in its own array, `lr` times that far.


# %% id="sgd" exercise="sgd"
#| export
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum and weight decay if they are not 0."""

    hyperparameters = ("lr", "momentum", "weight_decay", "nesterov")

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr)
        _check_range("momentum", momentum, below=1)
        _check_range("weight_decay", weight_decay)
        if nesterov and momentum == 0:
            raise ValueError("nesterov needs a momentum above 0, such as 0.9; it is 0")
        self.momentum, self.weight_decay, self.nesterov = momentum, weight_decay, nesterov
        self.state = {"velocity": [None] * len(self.params)}

    def step(self) -> None:
        """Move every parameter that has a gradient, in its own array."""
        ### BEGIN SOLUTION
        self.steps += 1
        for index, param in enumerate(self.params):
            if param.grad is None:
                continue
            gradient = param.grad
            if self.weight_decay:
                gradient = gradient + self.weight_decay * param.data
            if self.momentum:
                gradient = self.direction(index, gradient)
            param.data -= self.lr * gradient
        ### END SOLUTION


# %% id="sgd-check" tags=["check"]
param, idle = parameter([1.0], gradient=2), parameter([5.0])
array, optimizer = param.data, SGD([idle, param], lr=0.1, weight_decay=0.5)
for expected in (0.75, 0.5125, 0.286875):
    optimizer.step()
    assert np.allclose(param.data, expected), f"the table says {expected}, yours is {param.item()}"
assert np.array_equal(param.grad, [2]), "the gradient has changed: who else writes into that array?"
assert param.data is array, "the numbers should change in the array that was there"
assert np.array_equal(idle.data, [5]), "without a gradient nothing moves and nothing decays"
assert optimizer.steps == 3, "three calls are three steps, whatever the number of parameters"
print("ok")

# %% [markdown]
# ## 4. Momentum: remember where you were going
#
# In the ravine the gradient across changes its sign in each step, the one along never does. So keep a running sum
# of gradients, the **velocity**, that slowly forgets. What alternates cancels in it, what persists adds up:
#
# $$v \leftarrow \mu v + g \qquad w \leftarrow w - \mathrm{lr} \cdot v$$
#
# With $\mu = 0.9$:
#
# | step | 1 | 2 | 3 | 4 | ... | in the end |
# |---|---|---|---|---|---|---|
# | g along | 1 | 1 | 1 | 1 | | |
# | v along | 1 | 1.9 | 2.71 | 3.439 | | 10 |
# | g across | 1 | -1 | 1 | -1 | | |
# | v across | 1 | -0.1 | 0.91 | -0.181 | | ±0.526 |
#
# Along, the velocity grows to $1 + 0.9 + 0.81 + \dots = 1/(1-\mu) = 10$ times the gradient; across it stays about
# half of it. Nothing had to know which direction is which. It also means that with `momentum=0.9` a learning rate
# does ten times as much: take a smaller one.
#
# **Nesterov's** variant goes where the next velocity would point if the same gradient came again:
# $w \leftarrow w - \mathrm{lr} \cdot (g + \mu v)$, with the new $v$. It brakes earlier. The first steps with a
# gradient of 1 go by 1.9, 2.71, 3.439.
#
# ### Where the velocity lives
#
# `self.state["velocity"]` is a list with one entry for every parameter, by position, None until the parameter's
# first step. Four rules:
#
# * **Every parameter has an array of its own.** `[zeros] * n` is one array with n names.
# * The array has the **shape and dtype of the parameter**, whatever dtype a gradient arrives in.
# * After the first step the velocity **stays in the same array**: no new array a step.
# * The gradient is not written to, and the array is not the gradient's: `velocity = gradient` gives one array two
#   names, and the next backward adds into your memory.
#
# ### Exercise: momentum (12 points)
#
# `direction(index, gradient)` updates the velocity of parameter `index` and returns what `step` multiplies by
# `lr`: $v$, or with `self.nesterov` $g + \mu v$. Weight decay is already in `gradient`. The rest is given.


# %% id="momentum" exercise="momentum"
#| export
class SGD(SGD):
    def direction(self, index: int, gradient: Array) -> Array:
        """Update the velocity of parameter `index`, and return where the parameter should go."""
        ### BEGIN SOLUTION
        velocity = self.state["velocity"][index]
        if velocity is None:
            velocity = np.zeros_like(self.params[index].data)
            self.state["velocity"][index] = velocity
        velocity *= self.momentum
        velocity += gradient
        return gradient + self.momentum * velocity if self.nesterov else velocity
        ### END SOLUTION

    def has_momentum(self) -> bool:
        """Whether a velocity is kept."""
        return self.momentum != 0

    def get_momentum_state(self) -> list[Array | None] | None:
        """Copies of the velocities by position; None without momentum."""
        return _copies(self.state["velocity"]) if self.has_momentum() else None

    def set_momentum_state(self, velocities: Sequence[Array | None]) -> None:
        """Continue with these velocities; the checks are those of `load_state_dict`."""
        if not self.has_momentum():
            raise ValueError("set_momentum_state: momentum is 0, so no velocity would be used")
        self.load_state_dict(self.state_dict() | {"state": {"velocity": velocities}})


def _copies(arrays: Sequence[Array | None]) -> list[Array | None]:
    """A copy of each array; None stays None."""
    return [None if array is None else array.copy() for array in arrays]


# %% id="momentum-check" tags=["check"]
one = np.ones(1, dtype=np.float32)
optimizer = SGD([parameter([0.0]), parameter([0.0])], lr=0.1, momentum=0.9)
assert optimizer.state["velocity"] == [None, None], "before the first step there is no velocity"
along = [float(optimizer.direction(0, one)[0]) for _ in range(4)]
assert np.allclose(along, [1, 1.9, 2.71, 3.439]), f"the table says 1, 1.9, 2.71, 3.439; yours are {along}"
across = [float(optimizer.direction(1, one * sign)[0]) for sign in (1, -1, 1, -1)]
assert np.allclose(across, [1, -0.1, 0.91, -0.181]), f"the second parameter has its own velocity: {across}"
assert np.array_equal(one, [1]), "the gradient is not written to"
memory = optimizer.state["velocity"][0]
optimizer.direction(0, np.ones(1, dtype=np.float64))
assert optimizer.state["velocity"][0] is memory, "the velocity should stay in its array"
optimizer = SGD([parameter([0.0])], momentum=0.9, nesterov=True)
steps = [float(optimizer.direction(0, one)[0]) for _ in range(3)]
assert np.allclose(steps, [1.9, 2.71, 3.439]), f"Nesterov: g + 0.9 v with the new v, not {steps}"
param = parameter([1.0], gradient=1)
optimizer = SGD([param], lr=0.1, momentum=0.9)
for _ in range(3):
    optimizer.step()
assert np.allclose(param.data, 1 - 0.1 * (1 + 1.9 + 2.71)), "does step() go where direction() points?"
print("ok")

# %% [markdown]
# ## 5. Adam: a rate for every parameter
#
# Momentum leaves one rate for all. But the gradients of an embedding row that appears once in a thousand batches
# and of a bias that every example touches differ by orders of magnitude. Adam remembers two running averages for
# **every number**: of its gradient, $m$, and of the square of its gradient, $v$. It goes by the ratio of the
# first and the root of the second:
#
# ```text
#   m ← β₁ m + (1 - β₁) g          where is it going?       β₁ = 0.9: the last ten steps or so
#   v ← β₂ v + (1 - β₂) g²         how large is it?         β₂ = 0.999: the last thousand
#
#   m̂ = m / (1 - β₁ᵗ)              t = 1 in the first step
#   v̂ = v / (1 - β₂ᵗ)
#
#   w ← w - lr · m̂ / (√v̂ + ε)      multiply all gradients by 1000, and nothing changes
# ```
#
# ### Moments start at zero
#
# An average that begins at 0 is too small at first, and $v$, which changes slowly, stays so for thousands of
# steps. For a gradient that is always 1:
#
# | t | m | 1 - 0.9ᵗ | v | 1 - 0.999ᵗ | m / √v | m̂ / √v̂ |
# |---|---|---|---|---|---|---|
# | 1 | 0.1 | 0.1 | 0.001 | 0.001 | 3.16 | 1 |
# | 2 | 0.19 | 0.19 | 0.001999 | 0.001999 | 4.25 | 1 |
# | 10 | 0.651 | 0.651 | 0.00996 | 0.00996 | 6.53 | 1 |
# | 1000 | 1.000 | 1.000 | 0.632 | 0.632 | 1.26 | 1 |
#
# Uncorrected, the first steps would be several times too long. Dividing by $1 - \beta^t$, the share of the
# weights of the average that has been handed out so far, is the **bias correction**. `self.steps` is $t$: it
# counts **calls of `step()`**, not parameters, so it has to grow once before the first parameter and not again.
# (A parameter that was skipped for a while uses the same $t$.)
#
# ### ε stands outside the root
#
# ε, $10^{-8}$, keeps 0 / 0 from happening: a gradient of 0 gives a step of 0. Where it stands decides which
# gradients count as noise. For a gradient that is $10^{-10}$ all the time:
#
# ```text
#   outside   1e-10 / (√1e-20 + 1e-8)      = 0.0099      gradients below 1e-8 fade out
#   inside    1e-10 / √(1e-20 + 1e-8)      = 0.000001    gradients below 1e-4 fade out
# ```
#
# Five steps with `lr=0.1` and the gradients 4, -1, 2, 0, 1, beginning at $w = 1$:
#
# | t | g | m | v | m̂ / (√v̂ + ε) | w after |
# |---|---|---|---|---|---|
# | 1 | 4 | 0.4 | 0.016 | 1.0000 | 0.90000 |
# | 2 | -1 | 0.26 | 0.016984 | 0.46947 | 0.85305 |
# | 3 | 2 | 0.434 | 0.020967 | 0.60547 | 0.79251 |
# | 4 | 0 | 0.3906 | 0.020946 | 0.49597 | 0.74291 |
# | 5 | 1 | 0.45154 | 0.021925 | 0.52603 | 0.69031 |
#
# ### Exercise: Adam (16 points)
#
# `__init__` is given. `direction(index, gradient)` updates `self.state["m"][index]` and `self.state["v"][index]`
# by the four rules of part 4 and returns $\hat m / (\sqrt{\hat v} + \varepsilon)$ of the parameter's dtype. The
# corrected moments are for this step only: what is stored stays uncorrected.
#
# `step()` is as in SGD: count, skip, add weight decay to a new gradient, and here always go where `direction`
# points.


# %% id="adam" exercise="adam"
#| export
class Adam(Optimizer):
    """Steps scaled by the recent size of each gradient; weight decay is added to the gradient (L2)."""

    hyperparameters = ("lr", "betas", "eps", "weight_decay")

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        beta1, beta2 = betas
        _check_range("beta1", beta1, below=1)
        _check_range("beta2", beta2, below=1)
        _check_range("eps", eps)
        _check_range("weight_decay", weight_decay)
        self.betas, self.eps, self.weight_decay = (beta1, beta2), eps, weight_decay
        self.state = {"m": [None] * len(self.params), "v": [None] * len(self.params)}

    def direction(self, index: int, gradient: Array) -> Array:
        """Update both moments of parameter `index`, and return where the parameter should go."""
        ### BEGIN SOLUTION
        m, v = self.state["m"][index], self.state["v"][index]
        if m is None or v is None:
            m, v = np.zeros_like(self.params[index].data), np.zeros_like(self.params[index].data)
            self.state["m"][index], self.state["v"][index] = m, v
        beta1, beta2 = self.betas
        m *= beta1
        m += (1 - beta1) * gradient
        v *= beta2
        v += (1 - beta2) * gradient * gradient
        unbiased_m = m / (1 - beta1**self.steps)
        unbiased_v = v / (1 - beta2**self.steps)
        return np.asarray(unbiased_m / (np.sqrt(unbiased_v) + self.eps))
        ### END SOLUTION

    def step(self) -> None:
        """Move every parameter that has a gradient, in its own array."""
        ### BEGIN SOLUTION
        self.steps += 1
        for index, param in enumerate(self.params):
            if param.grad is None:
                continue
            gradient = param.grad
            if self.weight_decay:
                gradient = gradient + self.weight_decay * param.data
            param.data -= self.lr * self.direction(index, gradient)
        ### END SOLUTION


# %% id="adam-check" tags=["check"]
idle, first, second = parameter([7.0]), parameter([1.0]), parameter([1.0])
optimizer = Adam([idle, first, second], lr=0.1)
for gradient, expected in [(4, 0.9), (-1, 0.85305), (2, 0.79251), (0, 0.74291), (1, 0.69031)]:
    first.grad = second.grad = np.full(1, gradient, np.float32)
    optimizer.step()
    assert np.allclose(first.data, expected, atol=2e-5), f"the table says {expected}, yours is {first.item()}"
    assert np.allclose(second.data, expected, atol=2e-5), "equal parameters, equal steps: what differs?"
assert idle.item() == 7, "without a gradient nothing moves"
assert np.allclose(optimizer.state["m"][1], 0.45154), "m is stored uncorrected; see the table"
assert np.allclose(optimizer.state["v"][1], 0.021925, atol=1e-5), "v is stored uncorrected; see the table"
assert optimizer.state["m"][0] is None, "without a gradient nothing is remembered"
for size in (1e-3, 1, 1e3):
    param = parameter([1.0], gradient=size)
    Adam([param], lr=0.1).step()
    assert np.allclose(param.data, 0.9, atol=1e-5), f"the first step is lr, also for a gradient of {size}"
param = parameter([1.0], gradient=1e-10)
Adam([param], lr=1).step()
assert np.allclose(param.data, 1 - 0.00990099, rtol=1e-6), "where does eps stand?"
assert param.dtype == np.float32
print("ok")

# %% [markdown]
# ## 6. AdamW: decay that is not averaged
#
# In SGD, "decay every weight" and "add $\lambda w$ to the gradient" are the same thing. In Adam they are not.
# What is added to the gradient gets divided by $\sqrt{\hat v}$ like the gradient itself: a weight with large
# gradients hardly decays, one with small gradients decays fast, however small $\lambda$ is. **AdamW** takes the
# decay out of the gradient. It is *decoupled*:
#
# ```text
#   Adam, L2   g + λw ──► m, v ──► m̂ / (√v̂ + ε) ──► w ← w - lr · ( … )
#
#   AdamW      g ───────► m, v ──► m̂ / (√v̂ + ε) ──► w ← w - lr·λ·w - lr · ( … )
#                                                            └── the w from before the step
# ```
#
# Both parts use the weight **from before the step**. $w = 2$, `lr=0.1`, `weight_decay=0.5`, a direction of 1:
# $2 - 0.1 \cdot 0.5 \cdot 2 - 0.1 \cdot 1 = 1.8$. Decaying last would give $(2 - 0.1) \cdot 0.95 = 1.805$.
#
# ### Exercise: AdamW (10 points)
#
# Only `step` differs from Adam; `direction` is inherited and gets the bare gradient. Count, skip (no gradient, no
# decay), move in place. A gradient of 0 is a gradient: the weight shrinks by the factor `1 - lr * weight_decay`.
# Note the default: `weight_decay` is 0.01 here.


# %% id="adamw" exercise="adamw"
#| export
class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself and never enters the moments."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def step(self) -> None:
        """Shrink every parameter that has a gradient, then move it, in its own array."""
        ### BEGIN SOLUTION
        self.steps += 1
        for index, param in enumerate(self.params):
            if param.grad is None:
                continue
            param.data -= self.lr * self.weight_decay * param.data
            param.data -= self.lr * self.direction(index, param.grad)
        ### END SOLUTION


# %% id="adamw-check" tags=["check"]
param = parameter([2.0], gradient=3)
AdamW([param], lr=0.1, weight_decay=0.5).step()
assert np.allclose(param.data, 1.8), f"2 - 0.1 - 0.1 is 1.8, yours is {param.item()}"
param = parameter([2.0, -4.0], gradient=0)
optimizer = AdamW([param, parameter([1.0])], lr=0.1, weight_decay=0.5)
optimizer.step()
assert np.allclose(param.data, [1.9, -3.8]), "a gradient of 0: the weight shrinks by 5 %"
assert optimizer.params[1].item() == 1, "no gradient, no decay"
assert optimizer.steps == 1, "one call is one step"
assert not optimizer.state["m"][0].any(), "the decay has no business in the moments"
print("ok")

# %% [markdown]
# What the coupling does. Two weights whose gradients are noise around 0, so that the data holds up neither; one
# has gradients of size 100, the other of size 0.01:

# %% id="coupling" tags=["check"]
rng, count = np.random.default_rng(0), 200 if QUICK else 2000
for kind in (Adam, AdamW):
    param = parameter([1.0, 1.0])
    optimizer = kind([param], lr=1e-3, weight_decay=0.1)
    for _ in range(count):
        param.grad = (rng.normal(size=2) * [100, 0.01]).astype(np.float32)
        optimizer.step()
    print(
        f"{kind.__name__:6} after {count} steps: large gradients {param.data[0]:7.3f}, small gradients {param.data[1]:7.3f}"
    )
print(f"decay alone would leave {(1 - 1e-3 * 0.1) ** count:.3f}")

# %% [markdown]
# ## 7. Saving what it knows
#
# A run of days gets interrupted. Whoever saves only the parameters and builds a new Adam has lost $m$, $v$ and
# $t$: the next steps are as long and as blind as the first ones. Continued properly, an interrupted run gives
# **bit for bit** what the uninterrupted one gives.
#
# `state_dict()` returns plain values and arrays, nested like this, so that module 08 can write them as JSON and
# `.npz`:
#
# ```text
#   {"hyperparameters": {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-08, "weight_decay": 0.0},
#    "steps": 5,
#    "shapes": [[3, 4], [4]],                                    of the parameters, by position
#    "state": {"m": [array, None], "v": [array, None]}}          copies; None where there was no step
# ```
#
# Not a pickled object: reading a pickle runs code that stands in the file, and the file may come from a stranger.
#
# ### Exercise: state (10 points)
#
# **`_pack_state(optimizer)`** returns that dictionary. `optimizer.hyperparameters` lists the names;
# `getattr(optimizer, name)` is a value. Values must be plain Python numbers, booleans and lists, because JSON
# knows nothing else: a schedule may have set `lr` to an `np.float64`, and `betas` is a tuple.
# (`np.asarray(x).tolist()` does both.) Arrays are **copies** (`_copies` of part 4 makes a list of them); a step
# afterwards must not change what was saved.
#
# **`_check_state(optimizer, saved)`** returns nothing and changes nothing. It raises `ValueError` if
#
# | what is wrong | must name |
# |---|---|
# | one of the four keys is missing | the key |
# | the names in `hyperparameters` or `state` are not those of this optimizer | one name that is too many or missing |
# | `shapes`, or a list in `state`, has another length than `params` | both counts |
# | a shape in `shapes`, or of an array in `state`, is not that of the parameter | its index and both shapes, as `(3, 4)` |
#
# In a file that has been through JSON, tuples have become lists.
#
# **`_unpack_state(optimizer, saved)`** sets the hyperparameters (lists become tuples again), `steps`, and the
# lists in `state`, with **copies** of the arrays in the dtype of the parameters. It may rely on `_check_state`
# having been there.
#
# **`_count_state_bytes(optimizer)`** is the number of bytes of all arrays in `optimizer.state`. Before the first
# step that is 0.


# %% id="state" exercise="state"
#| export
def _pack_state(optimizer: Optimizer) -> dict[str, Any]:
    """Hyperparameters, step count, shapes of the parameters and copies of the state."""
    ### BEGIN SOLUTION
    settings = {name: np.asarray(getattr(optimizer, name)).tolist() for name in optimizer.hyperparameters}
    return {
        "hyperparameters": settings,
        "steps": optimizer.steps,
        "shapes": [list(param.shape) for param in optimizer.params],
        "state": {name: _copies(arrays) for name, arrays in optimizer.state.items()},
    }
    ### END SOLUTION


def _check_state(optimizer: Optimizer, saved: Mapping[str, Any]) -> None:
    """ValueError if `saved` belongs to another kind of optimizer or to other parameters."""
    ### BEGIN SOLUTION
    kind = type(optimizer).__name__
    for part in ("hyperparameters", "steps", "shapes", "state"):
        if part not in saved:
            raise ValueError(f"load_state_dict: what was saved has no {part}")
    for part, expected in (("hyperparameters", optimizer.hyperparameters), ("state", optimizer.state)):
        if set(saved[part]) != set(expected):
            raise ValueError(
                f"load_state_dict: the {part} of {kind} is {', '.join(expected)}; "
                f"what was saved has {', '.join(saved[part])}"
            )
    for arrays in [saved["shapes"], *saved["state"].values()]:
        if len(arrays) != len(optimizer.params):
            raise ValueError(
                f"load_state_dict: {kind} has {len(optimizer.params)} parameters, "
                f"what was saved is for {len(arrays)}"
            )
    for index, param in enumerate(optimizer.params):
        arrays = [values[index] for values in saved["state"].values() if values[index] is not None]
        for shape in [tuple(saved["shapes"][index]), *(array.shape for array in arrays)]:
            if shape != param.shape:
                raise ValueError(
                    f"load_state_dict: parameter {index} has shape {param.shape} here, "
                    f"{shape} in what was saved"
                )
    ### END SOLUTION


def _unpack_state(optimizer: Optimizer, saved: Mapping[str, Any]) -> None:
    """Take over the hyperparameters, the step count and copies of the state."""
    ### BEGIN SOLUTION
    for name, value in saved["hyperparameters"].items():
        setattr(optimizer, name, tuple(value) if isinstance(value, list) else value)
    optimizer.steps = saved["steps"]
    for name, arrays in saved["state"].items():
        optimizer.state[name] = [
            None if array is None else array.astype(param.dtype)
            for array, param in zip(arrays, optimizer.params, strict=True)
        ]
    ### END SOLUTION


def _count_state_bytes(optimizer: Optimizer) -> int:
    """The number of bytes of all arrays in the optimizer's state."""
    ### BEGIN SOLUTION
    return sum(array.nbytes for arrays in optimizer.state.values() for array in arrays if array is not None)
    ### END SOLUTION


# %% id="state-check" tags=["check"]
import json

gradients = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)


def run(optimizer, gradients):
    """One step for each gradient."""
    for gradient in gradients:
        optimizer.params[0].grad = gradient
        optimizer.step()


for make in (lambda p: SGD([p], 0.1, momentum=0.9), lambda p: Adam([p], 0.1), lambda p: AdamW([p], 0.1)):
    whole = make(parameter([1, 2, 3]))
    assert whole.state_bytes() == 0, "before the first step there is no state"
    run(whole, gradients)
    before = make(parameter([1, 2, 3]))
    run(before, gradients[:5])
    saved, weights = before.state_dict(), before.params[0].data.copy()
    run(before, gradients[:5])  # what happens after saving must not matter
    after = make(parameter(weights))
    after.lr = 5.0  # the saved rate counts
    after.load_state_dict(saved)
    run(after, gradients[5:])
    kind = type(whole).__name__
    assert np.array_equal(after.params[0].data, whole.params[0].data), f"{kind}: the resumed run differs"
    assert whole.state_bytes() == 12 * len(whole.state), f"{kind}: three float32 for each kind of memory"

saved["state"] = "the arrays go to the .npz"
print(json.dumps(saved))
for case, other in {
    "another kind": SGD([parameter([1, 2, 3])]),
    "another count": Adam([parameter([1, 2, 3]), parameter([1])]),
    "another shape": Adam([parameter([1, 2])]),
}.items():
    message = complaint(lambda other=other: other.load_state_dict(whole.state_dict()))
    print(f"{case:15}{message}")
    assert message != "no error", f"{case} should be an error"
    assert other.steps == 0, "check everything before you change anything"
print("ok")

# %% [markdown]
# ## 8. A rate that changes (given)
#
# Late in a run the noise of the batches keeps the weights dancing around the lowest point, by an amount that is
# proportional to `lr`. A **schedule** makes the rate smaller as the run goes on. The simplest one goes down in
# stairs; module 08 has smoother ones. All of them just set `optimizer.lr`, which every `step` reads anew.


# %% id="step-lr"
#| export
class StepLR:
    """Multiplies the learning rate of an optimizer by `gamma` after every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        if step_size < 1:
            raise ValueError(f"StepLR: step_size must be at least 1, not {step_size}")
        self.optimizer, self.step_size, self.gamma = optimizer, step_size, gamma
        self.epochs = 0

    def step(self) -> None:
        """Call it once at the end of each epoch."""
        self.epochs += 1
        if self.epochs % self.step_size == 0:
            self.optimizer.lr *= self.gamma


# %% id="step-lr-example" tags=["check"]
optimizer = SGD([parameter([1.0])], lr=0.8)
schedule, rates = StepLR(optimizer, step_size=3, gamma=0.5), []
for _ in range(9):
    rates.append(optimizer.lr)
    schedule.step()
print(rates)

# %% [markdown]
# ## 9. Train something
#
# Three arms of a spiral, 300 points, and a network of two hidden layers: layers from module 03, a loss from 04,
# gradients from 06 (importing the module turns differentiation on), and your optimizers. The same network, the
# same batches, one row for each:

# %% id="spiral" tags=["check"]
import tinytorch.core.autograd  # noqa: F401 - from here on backward() works
from tinytorch.core.layers import create_mlp
from tinytorch.core.losses import CrossEntropyLoss

arm = np.repeat(np.arange(3), 100)
radius = np.tile(np.linspace(0.1, 1, 100), 3)
angle = 4 * radius + arm * 2 * math.pi / 3 + np.random.default_rng(0).normal(scale=0.1, size=300)
points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)


def train(make, epochs):
    """The loss on all points after each epoch, for the optimizer that `make(parameters)` returns."""
    model, loss_fn = create_mlp(2, [32, 32], 3, rng=np.random.default_rng(0)), CrossEntropyLoss()
    optimizer, rng, losses = make(model.parameters()), np.random.default_rng(1), []
    for _ in range(epochs):
        for batch in rng.permutation(300).reshape(6, 50):
            optimizer.zero_grad()
            loss_fn(model(Tensor(points[batch])), Tensor(arm[batch], dtype=np.int64)).backward()
            optimizer.step()
        losses.append(loss_fn(model(Tensor(points)), Tensor(arm, dtype=np.int64)).item())
    return losses


choices = {
    "SGD(lr=0.1)": lambda p: SGD(p, lr=0.1),
    "SGD(lr=0.1, momentum=0.9)": lambda p: SGD(p, lr=0.1, momentum=0.9),
    "  the same, nesterov": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam(lr=0.01)": lambda p: Adam(p, lr=0.01),
    "AdamW(lr=0.01)": lambda p: AdamW(p, lr=0.01),
}
epochs = 6 if QUICK else 60
marks = [epochs // 6, epochs // 2, epochs]
print(f"{'loss after epoch':28}" + "".join(f"{mark:>9}" for mark in marks))
for name, make in choices.items():
    losses = train(make, epochs)
    print(f"{name:28}" + "".join(f"{losses[mark - 1]:9.4f}" for mark in marks))

# %% [markdown]
# A different optimizer, a different loss by an order of magnitude: at the same number of gradients. What none of
# them changes is the work of forward and backward. What they cost in memory and time is measured next.

# %% [markdown]
# ## 10. Systems analysis
#
# ### 10.1 Bytes
#
# For a network of 784-512-10, after one step. Parameters and gradients are there in any case:

# %% id="bytes" tags=["check"]
shapes = [(784, 512), (512,), (512, 10), (10,)]
kinds = {
    "SGD": lambda p: SGD(p),
    "SGD, momentum": lambda p: SGD(p, momentum=0.9),
    "Adam": lambda p: Adam(p),
    "AdamW": lambda p: AdamW(p),
}
count = sum(math.prod(shape) for shape in shapes)
print(f"{count:,} parameters of 4 bytes")
print(
    f"{'':15}{'state before':>14}{'after a step':>14}{'all, bytes a parameter':>24}{'extra during step':>19}"
)
for name, make in kinds.items():
    optimizer = make([parameter(np.ones(shape), gradient=1) for shape in shapes])
    before = optimizer.state_bytes()
    optimizer.step()
    held = sum(p.data.nbytes + p.grad.nbytes for p in optimizer.params) + optimizer.state_bytes()
    tracemalloc.start()
    optimizer.step()
    extra = tracemalloc.get_traced_memory()[1] / count
    tracemalloc.stop()
    print(f"{name:15}{before:14,}{optimizer.state_bytes():14,}{held / count:24.1f}{extra:19.1f}")

# %% [markdown]
# * Adam holds four arrays of the size of the model: weights, gradients, two moments. Half of the memory is state.
# * The state is **not there before the first step**. A run that just fits in memory when it starts may fail one
#   step later.
# * The last column is for the temporary arrays of the arithmetic, at the worst moment, in bytes a parameter. They
#   are as large as the largest parameter, not as the model: one more reason why huge matrices hurt.
#
# With n parameters and numbers of 4 bytes: 4n weights + 4n gradients + 4n for each kind of state. In **mixed
# precision** the weights and gradients that the network computes with have 2 bytes; the optimizer still keeps a
# float32 copy of the weights, because a step that is a ten-thousandth of the weight is lost in a type with three
# digits. Question 1 does this sum for a large model.
#
# ### 10.2 The ravine, measured
#
# A quadratic in two dimensions with curvatures 1 and 1/condition: how many steps until both weights are, and
# stay, within 0.001 of the lowest point? Once with the ravine along an axis, once turned by half a radian.

# %% id="ravine" tags=["check"]


def steps_needed(make, condition, angle, limit):
    """Steps until 20 in a row end within 0.001 of the lowest point; None if `limit` is not enough."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    curvature = turn @ np.diag([1, 1 / condition]) @ turn.T
    w = Tensor(turn @ [1, 1], requires_grad=True, dtype=np.float64)
    optimizer, near = make([w]), 0
    for step in range(limit):
        near = near + 1 if np.abs(w.data).max() < 1e-3 else 0
        if near == 20:
            return step - 19
        w.grad = curvature @ w.data
        optimizer.step()
    return None


limit = 1_000 if QUICK else 80_000
walkers = {
    "SGD, lr 1": lambda p: SGD(p, lr=1),
    "lr 1.9": lambda p: SGD(p, lr=1.9),
    "momentum 0.9": lambda p: SGD(p, lr=1, momentum=0.9),
    "0.9, nesterov": lambda p: SGD(p, lr=1, momentum=0.9, nesterov=True),
    "momentum 0.99": lambda p: SGD(p, lr=1, momentum=0.99),
    "Adam, lr 0.1": lambda p: Adam(p, lr=0.1),
    "Adam, lr 0.01": lambda p: Adam(p, lr=0.01),
}
print(f"{'condition':>16}" + "".join(f"{name:>15}" for name in walkers))
for condition in (1, 100, 10_000):
    for angle, name in ((0, "straight"), (0.5, "turned")):
        needed = [steps_needed(make, condition, angle, limit) for make in walkers.values()]
        cells = "".join(f"{f'> {limit}' if steps is None else steps:>15}" for steps in needed)
        print(f"{condition:>7} {name:8}{cells}")

# %% [markdown]
# Read it by columns.
#
# * Plain SGD pays in proportion to the condition number. lr 1.9 is nearly the best of all rates, and wins a
#   factor of two.
# * Momentum turns the condition number into something like its root, **if** the momentum fits: a condition of 10⁴
#   wants 0.99, which is too much for a condition of 1.
# * Adam does not see the condition number at all while the ravine runs along an axis: a rate for every parameter
#   is exactly the remedy. Turned, its advantage shrinks. It rescales coordinates; it cannot turn them. Real
#   ravines are turned, but less than completely: much of the difference in scale is between layers, and that is
#   along the axes.
# * A step of SGD shrinks with the slope; a step of Adam is about as long as lr says, as 10.5 measures. With a tenth of
#   the rate Adam needs two to seven times as many steps here. A rate that is large first and small later is what
#   schedules are for.
#
# ### 10.3 Time
#
# An update computes next to nothing with each number, so its time is the time to move bytes. The unit is one
# **pass**: reading or writing an array once. The cell times a plain copy (two passes), and says how many passes
# the step of each optimizer is worth, next to the gigabytes a second that plain SGD reaches: `w -= lr * g` reads
# g, writes a temporary array, reads it, reads w, writes w: five passes, 20 bytes a parameter.

# %% id="step-time" tags=["check"]
for n in [10_000, 100_000] if QUICK else [10_000, 100_000, 1_000_000, 8_000_000]:
    source, target = np.ones((2, n), dtype=np.float32)
    a_pass = seconds(lambda t=target, s=source: np.copyto(t, s), 10) / 2
    old, new = seconds(lambda t=target: t.fill(1), 10), seconds(lambda n=n: np.full(n, 1, np.float32), 10)
    print(
        f"{n:>9,} parameters, a pass {a_pass / n * 1e9:6.3f} ns a parameter; "
        f"writing to an old array {old / n * 1e9:.3f}, to a new one {new / n * 1e9:.3f}"
    )
    for name, make in kinds.items():
        optimizer = make([parameter(np.ones(n), gradient=1e-3)])
        optimizer.step()
        time_of_step = seconds(optimizer.step, 3 if n > 10**6 else 10)
        rate = f", {20 * n / time_of_step / 1e9:5.1f} GB/s" if name == "SGD" else ""
        print(
            f"    {name:14}{time_of_step / n * 1e9:7.2f} ns a parameter, {time_of_step / a_pass:5.1f} passes{rate}"
        )

# %% [markdown]
# For small arrays all of it stays in a cache and the passes are cheap; look for the size at which that ends on
# your machine. Look also at what a **new** array costs where it is large: the operating system hands it out page
# by page, cleared, and every temporary array is a new one. The division and the root of Adam cost arithmetic too:
# whether it waits for memory or computes is the question that the next table answers.
#
# ### 10.4 Fewer passes without other arithmetic
#
# If the temporary arrays are small enough to stay in the cache, their passes never reach memory. Your optimizers
# work in place, so nothing has to be rewritten for it: cut one large array into **views**, and give each view to
# the optimizer as a parameter of its own.

# %% id="blocks" tags=["check"]
n = 100_000 if QUICK else 8_000_000


def in_blocks(block):
    """Parameters of `block` numbers each that together are one array of n numbers, and its gradient."""
    weights, gradient = np.ones(n, dtype=np.float32), np.full(n, 1e-3, dtype=np.float32)
    params = []
    for start in range(0, n, block):
        param = Tensor(0, requires_grad=True)
        param.data, param.grad = weights[start : start + block], gradient[start : start + block]
        params.append(param)
    return params


print("ns a parameter" + "".join(f"{name:>16}" for name in kinds))
for block in (n, 65_536, 16_384, 1_024, 64):
    if n / block > 10_000:
        continue
    times = []
    for make in kinds.values():
        optimizer = make(in_blocks(block))
        optimizer.step()
        times.append(seconds(optimizer.step, 3) / n * 1e9)
    print(f"blocks of {block:>9,}" + "".join(f"{value:16.2f}" for value in times)[5:])

# %% [markdown]
# The state of the blocks is as large as before; only the temporaries have shrunk. Too small, and Python's price
# for each block takes over: the same reason why a model of ten thousand tiny parameters steps slowly. Libraries
# go one step further with a **fused** kernel that computes all of Adam for one number while it is in a register:
# g, m, v, w read, m, v, w written, seven passes.
#
# ### 10.5 The first steps of Adam
#
# How far the weights move in the first steps, as a multiple of `lr`, for gradients that are always there, for
# noise, and for a gradient that arrives in one of ten steps (a rare word):

# %% id="first-steps" tags=["check"]
n, rng = 1000, np.random.default_rng(0)
sources = {
    "always 0.001": lambda t: np.full(n, 0.001),
    "always 1000": lambda t: np.full(n, 1000.0),
    "noise": lambda t: rng.normal(size=n),
    "1 in 10, at t = 3, 13, ...": lambda t: np.full(n, float(t % 10 == 3)),
}
marks = (1, 2, 3, 5, 10, 100)
print(f"{'size of step t, in lr':28}" + "".join(f"{f't = {t}':>9}" for t in marks))
for name, source in sources.items():
    param = parameter(np.zeros(n))
    optimizer, sizes = Adam([param], lr=1e-3), {}
    for t in range(1, 101):
        before, param.grad = param.data.copy(), source(t).astype(np.float32)
        optimizer.step()
        sizes[t] = np.abs(param.data - before).mean() / 1e-3
    print(f"{name:28}" + "".join(f"{sizes[t]:9.3f}" for t in marks))

# %% [markdown]
# Noise moves the weights by a full `lr` in the first step, in a direction that one batch has chosen by accident;
# by step 100 most of it cancels. That is one reason for **warm-up**, a rate that rises during the first hundreds
# of steps. The rare gradient moves its weight for many steps after it has gone. Question 2 goes on from here.
#
# ### 10.6 What breaks at scale
#
# * **Memory.** State is what fills the machines that train large models, so it gets divided (each of N machines
#   keeps the moments of one Nth of the parameters), stored in 8 bits, or approximated by rows and columns.
# * **Small types.** In float16 the square of 0.0001 is 0, and so is ε = 10⁻⁸: then the step is 0.1 / 0. Moments
#   stay in float32.
# * **Sparse gradients.** An embedding table of a million rows sees some thousand of them in a batch; Adam still
#   reads and writes all of it, and the rows that nobody used keep moving by their momentum.
# * **Checkpoints** are three times as large as the model: weights and two moments.
# * **Many machines.** If each sees other data, all must apply the same sum of gradients in the same order, or
#   their weights drift apart.
#
# ### 10.7 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `SGD(params, lr, ...)` | `torch.optim.SGD` | the same formulas (there is also `dampening`, which is 0) |
# | `Adam`, `AdamW` | `torch.optim.Adam`, `AdamW` | t is counted there for every parameter, here for the optimizer: differs only after a skip. `AdamW` decays before it moves, as here |
# | `params`: a list | a list, or groups with a rate each | no decay on biases, say, needs two optimizers here |
# | `state`: lists by position | `state`: a dictionary by parameter | the saved form goes by position there too |
# | `param.data -= ...` | `param.add_(...)` under `no_grad` | PyTorch notices a step between forward and backward; here it is silent |
# | `StepLR(optimizer, n)` | `torch.optim.lr_scheduler.StepLR` | |
#
# ## 11. Three questions (30 points)
#
# As before: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *For a 7 B parameter model give the training bytes per parameter under SGD, momentum and Adam, in fp32 and in
# mixed precision; which part would you shard first?*
#
# "Shard" means to divide over machines. Use 10.1 for the fp32 column, and say how many machines with 80 GB each
# version needs at least.

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Your first Adam step moves every weight by about lr, regardless of the size of the gradient. Show why, and when
# this hurts.*
#
# Begin with the formulas at t = 1, then use 10.5, and your own variations of it.

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Count the passes over memory in your Adam step, and say how to halve them.*
#
# Go through your lines one by one: which arrays does each read, which does it write, which of them are temporary?
# Compare the sum with 10.3, and test your proposal by timing, for example in the manner of 10.4.

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add optimizers.ipynb
# git commit -m "Module 07"
# git push                       the Actions tab shows your points after a minute
# ```
#
# Data, layers, a loss, gradients, updates: all parts are there. Module 08 is the loop around them.
