# %% [markdown] id="title"
# # 08 Training
#
# *4 to 6 hours. You need modules 01 to 07. 70 points for code, 30 for three written answers.*
#
# You have layers, losses, batches, gradients and update rules. None of them trains anything by itself. What is
# missing is the loop that calls them in the right order, thousands of times, and that survives what happens during
# thousands of times: a gradient a hundred times too long, a batch that does not fit into memory, a machine that is
# switched off at 97 %.
#
# The loop is five lines. The idea of this module is what stands around it:
#
# > **A run is a state machine: everything it needs to continue can be written down, and what is not written down is lost.**
#
# You will stop a run in the middle, throw the process's objects away, build new ones, and end with parameters that
# are **bit for bit** those of a run that was never stopped. If one piece of state is missing, they are not, and
# part 8 shows for each piece by how much.
#
# | part | you write | points |
# |---|---|---|
# | 2 | `CosineSchedule`, `StepSchedule` | 8 |
# | 3 | `clip_grad_norm` | 10 |
# | 5 | `Trainer.train_step`, `Trainer.train_epoch` | 18 |
# | 6 | `Trainer.windows`, `Trainer.accumulate` | 10 |
# | 7 | `Trainer.evaluate`, `Accuracy`, `confusion_matrix`, `precision_recall`, `EarlyStopping` | 10 |
# | 8 | `write_checkpoint`, `Trainer.state_dict`, `Trainer.load_state_dict` | 14 |
# | 11 | three answers in your own words | 30 |
#
# You work as before: write where it says `# YOUR CODE HERE`, run the check cell after it, and
# `uv run tito module test` for the graded tests. Cells that begin with `#| export` become
# `tinytorch/core/training.py`.

# %% id="imports"
#| export
from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeAlias

import numpy as np

from tinytorch.core.autograd import no_grad
from tinytorch.core.layers import Layer
from tinytorch.core.optimizers import Optimizer
from tinytorch.core.tensor import Array, Tensor

Batch: TypeAlias = Sequence[Tensor]  # inputs and targets, as a DataLoader yields them

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# The tools of this notebook: the stopwatch and `complaint` of the earlier modules, and the parts that a run is put
# together from.

# %% id="tools"
import tempfile
import time

from tinytorch.core.activations import ReLU
from tinytorch.core.dataloader import DataLoader, TensorDataset, load_tinydigits
from tinytorch.core.layers import Dropout, Flatten, Linear, Sequential
from tinytorch.core.losses import CrossEntropyLoss, MSELoss
from tinytorch.core.optimizers import SGD, Adam


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
    except (ValueError, IndexError, OSError) as error:
        return str(error)
    return "no error"


# %% [markdown]
# ## 1. Five calls in one order
#
# ```text
#                 ┌──────────────────────── once for every batch ───────────────────────┐
#                 │                                                                     │
#   loader ─────► │  zero_grad ──► forward, loss ──► backward ──► (clip) ──► step       │ ──► evaluate
#   (shuffles)    │  forget the    where are we?     which way    not too    one step   │     save
#                 │  old gradient                    is down?     far        down       │
#                 └─────────────────────────────────────────────────────────────────────┘
# ```
#
# Two of them are easy to get wrong, because a wrong order gives no error, only worse learning. One weight, `w = 0`,
# the model `w * x`, and the same sample twice: `x = 2`, wanted `y = 6`. The loss is $(wx - y)^2$, its slope
# $2x(wx - y)$, and the learning rate 0.01.
#
# | | prediction | loss | slope | w after the step |
# |---|---|---|---|---|
# | batch 1 | 0 | 36 | -24 | 0 + 0.01 · 24 = 0.24 |
# | batch 2 | 0.48 | 30.47 | -22.08 | 0.24 + 0.01 · 22.08 = 0.4608 |
# | batch 2, nobody called `zero_grad` | 0.48 | 30.47 | -24 - 22.08 | 0.24 + 0.01 · 46.08 = **0.7008** |
#
# Module 06 **adds** a new gradient to what is there; part 6 will need that. So yesterday's gradient stays until
# somebody clears it, and every step also repeats all steps before it. The same sample many times, by hand in
# Python:


# %% id="stale"
def walk_downhill(steps, forget):
    """The weight after each step; without `forget`, gradients pile up."""
    w, slope, path = 0.0, 0.0, []
    for _ in range(steps):
        slope = (0.0 if forget else slope) + 2 * 2 * (w * 2 - 6)
        w -= 0.01 * slope
        path.append(round(w, 2))
    return path


print("with zero_grad:   ", walk_downhill(12, forget=True))
print("without zero_grad:", walk_downhill(12, forget=False))

# %% [markdown]
# The right answer is 3. The first row approaches it; the second runs past it as far as 6 before it turns around.
# And if `zero_grad` is called *after* `backward`? Then the gradient is gone before `step` sees it, and nothing is
# learned at all.
#
# ## 2. The learning rate changes with time
#
# Far from the goal, long steps save time. Close to it they jump over the goal again and again. So the learning rate
# falls while a run lasts; the rule is called a *schedule*. One of the most used is half a cosine, which stays long
# near the top, falls fast in the middle, and arrives gently:
#
# ```text
#   max_lr ┤      ╭──╮                         warm-up: epochs 0, 1, 2 with 1/4, 2/4, 3/4 of max_lr,
#          │     ╱    ╲                        then max_lr itself
#          │    ╱      ╲
#          │   ╱        ╲                      cosine: from max_lr at epoch `warmup`
#          │              ╲                            to min_lr at epoch `total_epochs`
#   min_lr ┤               ╲_______________    and min_lr ever after
#          └──────┬────────┬────── epoch
#               warmup   total_epochs
# ```
#
# The **warm-up** is there because the first gradients of a fresh network are long and Adam's second moments are
# estimates from few samples. With `warmup = 3` the first epochs get $\tfrac14, \tfrac24, \tfrac34$ of `max_lr`: in
# general $(e + 1) / (w + 1)$ for a warm-up of $w$ epochs, so that no epoch is trained with a rate of 0. From epoch `warmup` on,
#
# $$\mathrm{lr}(e) = l + (h - l) \cdot \frac{1 + \cos(\pi p)}{2} \qquad p = \frac{e - w}{n - w}$$
#
# with $h$ for `max_lr`, $l$ for `min_lr`, $w$ for `warmup` and $n$ for `total_epochs`.
#
# By hand, with the defaults (0.1 to 0.01 in 100 epochs, no warm-up): epoch 0 has $p = 0$, cosine 1, rate 0.1. Epoch
# 50 has cosine 0 and the rate in the middle, 0.055. Epoch 25: $0.01 + 0.09 \cdot (1 + 0.7071)/2 = 0.0868$.
#
# A schedule here is a pure function of the epoch number, counted from 0. That is on purpose: it has **no state**
# that could get out of step when a run is resumed. All that it knows are its attributes.


# %% id="schedule-frame"
#| export
class Schedule:
    """A learning rate for every epoch. Its attributes are all that it knows."""

    def get_lr(self, epoch: int) -> float:
        """The learning rate of the epoch with this number, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr")

    def state_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return dict(vars(self))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the attributes of another schedule."""
        vars(self).update(state)


# %% [markdown]
# ### Exercise: two schedules (8 points)
#
# `CosineSchedule.get_lr` as above. `StepSchedule.get_lr` is the older way: after every `step_size` epochs the rate
# is multiplied by `gamma`; with the defaults 0.1 for epochs 0 to 29, 0.01 for 30 to 59, and so on. Both raise
# `ValueError` that names the number for a negative epoch: there is no such epoch, and a silent answer would hide a
# counting mistake.


# %% id="schedule" exercise="schedule"
#| export
class CosineSchedule(Schedule):
    """Rises for `warmup` epochs, then falls along half a cosine from `max_lr` to `min_lr`."""

    def __init__(
        self, max_lr: float = 0.1, min_lr: float = 0.01, total_epochs: int = 100, warmup: int = 0
    ) -> None:
        if not 0 <= min_lr <= max_lr:
            raise ValueError(f"CosineSchedule: 0 <= min_lr <= max_lr does not hold for {min_lr} and {max_lr}")
        if not 0 <= warmup < total_epochs:
            raise ValueError(
                f"CosineSchedule: 0 <= warmup < total_epochs does not hold for {warmup} and {total_epochs}"
            )
        self.max_lr, self.min_lr = max_lr, min_lr
        self.total_epochs, self.warmup = total_epochs, warmup

    def get_lr(self, epoch: int) -> float:
        """The learning rate of the epoch with this number, counted from 0."""
        ### BEGIN SOLUTION
        if epoch < 0:
            raise ValueError(f"get_lr: epochs are counted from 0, there is no epoch {epoch}")
        if epoch < self.warmup:
            return self.max_lr * (epoch + 1) / (self.warmup + 1)
        if epoch >= self.total_epochs:
            return self.min_lr
        progress = (epoch - self.warmup) / (self.total_epochs - self.warmup)
        return self.min_lr + (self.max_lr - self.min_lr) * (1 + math.cos(math.pi * progress)) / 2
        ### END SOLUTION


class StepSchedule(Schedule):
    """`initial_lr`, multiplied by `gamma` after every `step_size` epochs."""

    def __init__(self, initial_lr: float = 0.1, step_size: int = 30, gamma: float = 0.1) -> None:
        if step_size < 1:
            raise ValueError(f"StepSchedule: step_size is at least 1, not {step_size}")
        self.initial_lr, self.step_size, self.gamma = initial_lr, step_size, gamma

    def get_lr(self, epoch: int) -> float:
        """The learning rate of the epoch with this number, counted from 0."""
        ### BEGIN SOLUTION
        if epoch < 0:
            raise ValueError(f"get_lr: epochs are counted from 0, there is no epoch {epoch}")
        return self.initial_lr * self.gamma ** (epoch // self.step_size)
        ### END SOLUTION


# %% id="schedule-check" tags=["check"]
s = CosineSchedule()
assert s.get_lr(0) == 0.1, "epoch 0 has the largest rate"
assert abs(s.get_lr(50) - 0.055) < 1e-12, "half-way in time is half-way in height"
assert abs(s.get_lr(25) - 0.0868198) < 1e-6, "see the numbers above"
assert s.get_lr(100) == s.get_lr(10_000) == 0.01, "from total_epochs on: min_lr"
w = CosineSchedule(max_lr=0.4, min_lr=0.0, total_epochs=13, warmup=3)
assert np.allclose([w.get_lr(epoch) for epoch in range(4)], [0.1, 0.2, 0.3, 0.4]), "warm-up in equal steps"
assert abs(w.get_lr(8) - 0.2) < 1e-12, "half-way between epoch 3 and epoch 13"
assert np.allclose([StepSchedule().get_lr(epoch) for epoch in (0, 29, 30, 60)], [0.1, 0.1, 0.01, 0.001])
assert "-1" in complaint(lambda: s.get_lr(-1)), "a negative epoch: ValueError that names it"
rates = [CosineSchedule(warmup=10).get_lr(epoch) for epoch in range(110)]
print("".join("▁▂▃▄▅▆▇█"[int(7.99 * rate / 0.1)] for rate in rates[::2]))
print("ok")

# %% [markdown]
# ## 3. Not too far: clipping
#
# One bad batch can have a gradient a thousand times longer than the others. One step along it, and the work of an
# hour is undone. **Clipping** puts a limit to the length of the gradient. *The* gradient: all parameters together
# are one vector, and its length (its L2 norm) is the square root of the sum of **all** squares.
#
# ```text
#   weight.grad  [3, 4]       squares  9 + 16 = 25
#   bias.grad    [12]         squares        144
#   ─────────────────────────────────────────────
#   together     [3, 4, 12]                  169     norm 13
#
#   clip to 6.5: everything times 6.5 / 13 = 0.5    [1.5, 2, 6]      the same direction, half as long
#   each by itself to 6.5:                          [3, 4], [6.5]    another direction
# ```
#
# If every parameter is clipped by itself, short gradients stay and long ones shrink, and the step points somewhere
# else. How far the two are apart in this example, in degrees:

# %% id="direction"
gradient, each = np.array([3, 4, 12]), np.array([3, 4, 6.5])
cosine = gradient @ each / np.linalg.norm(gradient) / np.linalg.norm(each)
print(
    f"clipping each parameter by itself turned the gradient by {math.degrees(math.acos(cosine)):.1f} degrees"
)
large = np.full(4, 1e20, dtype=np.float32)
with np.errstate(over="ignore"):
    print(
        "sum of squares in float32:",
        (large * large).sum(),
        " in float64:",
        np.square(large, dtype=float).sum(),
    )

# %% [markdown]
# The second line is the other trap: a gradient that needs clipping is a large one, and its squares overflow in
# float32. **Sum the squares in float64.**
#
# ### Exercise: clip_grad_norm (10 points)
#
# * The norm over the gradients of all parameters, as a Python `float`, computed in float64. A parameter whose
#   `grad` is `None` took no part: skip it. Without any gradient the norm is 0.
# * If the norm is larger than `max_norm`, multiply every gradient by `max_norm / norm`, **in place**: the same
#   array object afterwards, float32 stays float32. If it is not larger, leave them exactly as they are; clipping
#   never makes a gradient longer.
# * Return the norm **before** clipping. It is the number to watch in a log.
# * If the norm is `inf` or `nan`, return it and leave the gradients alone: no factor could repair them, and zeros
#   would only hide that something is broken.
# * `max_norm` must be greater than 0, else `ValueError` with its value. (`max_norm=math.inf` is allowed: it only
#   measures.)
# * `parameters` is anything that can be iterated over **once**, also a generator.


# %% id="clip" exercise="clip"
#| export
def clip_grad_norm(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients together, in place, so that their common length is at most `max_norm`.

    Returns the length before. If it is not finite, the gradients stay as they are.
    """
    ### BEGIN SOLUTION
    if not max_norm > 0:
        raise ValueError(f"clip_grad_norm: max_norm is greater than 0, not {max_norm}")
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = math.sqrt(sum(float(np.square(gradient, dtype=np.float64).sum()) for gradient in gradients))
    if max_norm < norm < math.inf:
        for gradient in gradients:
            gradient *= max_norm / norm
    return norm
    ### END SOLUTION


# %% id="clip-check" tags=["check"]
def with_grad(*values):
    """A parameter that has this gradient."""
    parameter = Tensor(np.zeros(len(values)), requires_grad=True)
    parameter.grad = np.array(values, dtype=np.float32)
    return parameter


weight, bias, unused = with_grad(3, 4), with_grad(12), Tensor([1.0], requires_grad=True)
array = weight.grad
assert clip_grad_norm([weight, unused, bias], 6.5) == 13.0, "one length for all of them, before clipping"
assert np.allclose(np.r_[weight.grad, bias.grad], [1.5, 2, 6]), "all scaled by the same factor"
assert weight.grad is array, "in place: the same array"
assert array.dtype == np.float32, "float32 stays float32"
assert unused.grad is None, "no gradient stays no gradient"
assert clip_grad_norm(iter([weight, bias]), 100.0) == 6.5
assert np.allclose(bias.grad, [6]), "never longer"
assert abs(clip_grad_norm([with_grad(1e20, 0)], 1.0) / 1e20 - 1) < 1e-6, "squares in float64"
assert math.isnan(clip_grad_norm([with_grad(math.nan, 1)], 1.0)), "nan is returned"
assert "-2" in complaint(lambda: clip_grad_norm([weight], -2)), "max_norm must be greater than 0"
print("ok")

# %% [markdown]
# ## 4. The Trainer (given)
#
# The loop, and the state that it needs, live in one class:
#
# ```text
#   Trainer   model, optimizer, loss_fn                   what is trained, how, towards what
#             scheduler, grad_clip_norm, metrics          optional
#             epoch, step                                 counters: epochs finished, updates made
#             history                                     lists: train_loss, eval_loss,
#                                                                eval_accuracy, learning_rates
#
#             train_step(inputs, targets)      part 5     one batch, one update
#             train_epoch(loader)              part 5     one pass over the data
#             accumulate(window)               part 6     several batches, one update
#             evaluate(loader)                 part 7     how good is it?
#             state_dict(), load_state_dict()  part 8     all that would be lost
#             fit(...)                         part 9     the whole run
# ```
#
# A loader is anything that yields pairs `(inputs, targets)` of Tensors: a `DataLoader`, or a list of pairs. The
# length of `inputs` is the number of samples.
#
# The functions in the next cell look for random generators: `parts_of` visits an object and everything in its
# attributes, lists and dicts; `find_generators(model)` so finds the generator in every `Dropout`, and
# `find_generators(loader)` that of the shuffle and of random transforms. Part 8 needs to know where each of them
# stands. `_meet` of the class is called at the beginning of an epoch for the same reason.


# %% id="generators"
#| export
def parts_of(thing: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """`thing` and all objects in its attributes, lists and dicts, each once, not looking into tensors."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, Tensor | ModuleType | type):
        return
    seen.add(id(thing))
    yield thing
    children: Iterable[Any] = getattr(thing, "__dict__", {}).values()
    if isinstance(thing, list | tuple):
        children = thing
    elif isinstance(thing, dict):
        children = thing.values()
    for child in children:
        yield from parts_of(child, seen)


def find_generators(thing: Any) -> list[np.random.Generator]:
    """The random generators that `thing` and its parts hold, each once, in the order of the attributes."""
    return [part for part in parts_of(thing) if isinstance(part, np.random.Generator)]


def generator_states(thing: Any) -> list[dict[str, Any]]:
    """Where each of the random generators of `thing` stands."""
    return [dict(generator.bit_generator.state) for generator in find_generators(thing)]


def set_generator_states(thing: Any, states: Sequence[Mapping[str, Any]]) -> None:
    """Put the random generators of `thing` where `generator_states` found them."""
    generators = find_generators(thing)
    if len(generators) != len(states):
        raise ValueError(
            f"{type(thing).__name__} has {len(generators)} random generators, the checkpoint has "
            f"{len(states)}: build it the same way as before"
        )
    for generator, state in zip(generators, states, strict=True):
        generator.bit_generator.state = state


# %% id="trainer"
#| export
class Metric(Protocol):
    """Something that watches an evaluation, batch by batch."""

    def reset(self) -> None:
        """Forget everything: an evaluation begins."""

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Take one batch into account."""


class Trainer:
    """Trains `model` with `optimizer` to make `loss_fn` small, and remembers how far it has come."""

    def __init__(
        self,
        model: Layer,
        optimizer: Optimizer,
        loss_fn: Callable[[Tensor, Tensor], Tensor],
        scheduler: Schedule | None = None,
        grad_clip_norm: float | None = None,
        metrics: Sequence[Metric] = (),
    ) -> None:
        reduction = getattr(loss_fn, "reduction", "mean")
        if reduction != "mean":
            raise ValueError(f"Trainer: the loss must be a mean over the batch, not reduction={reduction!r}")
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.scheduler, self.grad_clip_norm, self.metrics = scheduler, grad_clip_norm, metrics
        self.epoch = 0  # epochs finished
        self.step = 0  # updates of the parameters
        self.history: dict[str, list[Any]] = {
            name: [] for name in ("train_loss", "eval_loss", "eval_accuracy", "learning_rates")
        }
        self._loader: Any = None
        self._loader_states: list[dict[str, Any]] | None = None  # from a checkpoint, for the next loader

    def _meet(self, loader: Any) -> None:
        """Remember the loader, and put its generators where the checkpoint says they were."""
        if self._loader_states is not None:
            set_generator_states(loader, self._loader_states)
        self._loader, self._loader_states = loader, None


# %% [markdown]
# ## 5. One epoch
#
# ### The mean of means is not the mean
#
# The loss of an epoch should be the mean over its samples. Each batch gives the mean of its own. With 9 samples in
# batches of 4:
#
# | batch | samples | mean loss | sum |
# |---|---|---|---|
# | 1 | 4 | 1.0 | 4 |
# | 2 | 4 | 1.0 | 4 |
# | 3 | **1** | 10.0 | 10 |
# | mean of the three means | | 4.0 | |
# | mean over the samples | 9 | **2.0** | 18 / 9 |
#
# One odd sample that happens to come last would double the number. **Weight by samples.**
#
# ### Exercise: train_step and train_epoch (18 points)
#
# `train_step(inputs, targets)` is part 1 with your own framework:
#
# * forget old gradients, forward, loss, backward, then the update of the optimizer, in this order. Gradients that
#   somebody left behind before the call must make no difference;
# * if `self.grad_clip_norm` is not `None`, clip the gradient of all of the model's parameters to it with
#   `clip_grad_norm`. It has to be between the two steps that make and use the gradient;
# * count the update in `self.step`, and return the loss as a Python `float` (the one *before* the update; nobody
#   has computed another).
#
# `train_epoch(loader, accumulation_steps)`:
#
# * **before** the first batch: if there is a scheduler, the optimizer's `lr` becomes its rate for `self.epoch`; and
#   the model goes into training mode, whatever mode somebody left it in;
# * `self.windows(loader, accumulation_steps)` yields lists of batches, here of length 1 (part 6 writes the rest).
#   Give each list to `self.train_window(...)`, which is given and returns the mean loss of all samples in the list.
#   How many samples are in it? Add up the lengths of the inputs;
# * **afterwards**: count the epoch in `self.epoch`, append the sample-weighted mean to `history["train_loss"]` and
#   the rate that was used to `history["learning_rates"]`, and return the mean;
# * a loader that yields nothing raises `ValueError` that says so (no batch), and no epoch is counted. It happens: a
#   generator is empty when it is used for the second time.


# %% id="epoch" exercise="epoch"
#| export
class Trainer(Trainer):
    def train_step(self, inputs: Tensor, targets: Tensor) -> float:
        """One update from one batch. Returns the mean loss of the batch before the update."""
        ### BEGIN SOLUTION
        self.optimizer.zero_grad()
        loss = self.loss_fn(self.model(inputs), targets)
        loss.backward()
        if self.grad_clip_norm is not None:
            clip_grad_norm(self.model.parameters(), self.grad_clip_norm)
        self.optimizer.step()
        self.step += 1
        return loss.item()
        ### END SOLUTION

    @staticmethod
    def windows(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
        """The batches, each in a list of its own; part 6 makes lists of several."""
        for batch in batches:
            yield [batch]

    def train_window(self, window: Sequence[Batch]) -> float:
        """One update from one batch, or from several whose gradients are added up."""
        if len(window) > 1:
            return self.accumulate(window)
        inputs, targets = window[0]
        return self.train_step(inputs, targets)

    def train_epoch(self, loader: Iterable[Batch], accumulation_steps: int = 1) -> float:
        """One pass over the data, an update every `accumulation_steps` batches. Returns the mean loss."""
        self._meet(loader)
        ### BEGIN SOLUTION
        if self.scheduler is not None:
            self.optimizer.lr = self.scheduler.get_lr(self.epoch)
        self.model.train()
        total, samples = 0.0, 0
        for window in self.windows(loader, accumulation_steps):
            size = sum(len(inputs) for inputs, _ in window)
            total += self.train_window(window) * size
            samples += size
        if samples == 0:
            raise ValueError("train_epoch: the loader gave no batch; a generator can be used only once")
        self.epoch += 1
        self.history["train_loss"].append(total / samples)
        self.history["learning_rates"].append(self.optimizer.lr)
        return total / samples
        ### END SOLUTION


# %% id="epoch-check" tags=["check"]
def line_trainer(**options):
    """A Trainer of one weight, 0 at first, with the numbers of part 1."""
    model = Linear(1, 1, bias=False)
    model.weight.data[...] = 0
    return Trainer(model, SGD(model.parameters(), lr=0.01), MSELoss(), **options)


trainer, sample = line_trainer(), (Tensor([[2.0]]), Tensor([[6.0]]))
assert trainer.train_step(*sample) == 36.0, "the loss before the update, as a float"
assert abs(trainer.model.weight.item() - 0.24) < 1e-6, "batch 1 of the table in part 1"
trainer.train_step(*sample)
assert abs(trainer.model.weight.item() - 0.4608) < 1e-6, "batch 2 of the table: yesterday's gradient?"
assert trainer.step == 2, "two updates"

trainer = line_trainer(grad_clip_norm=1.0)
trainer.train_step(*sample)
assert abs(trainer.model.weight.item() - 0.01) < 1e-6, "clipped to 1, the step is as long as the rate"

nine = [
    (Tensor(np.ones((n, 1))), Tensor(np.full((n, 1), value))) for n, value in ((4, 1), (4, 1), (1, 10**0.5))
]
trainer = line_trainer(scheduler=StepSchedule(initial_lr=1e-12))
trainer.model.eval()
assert abs(trainer.train_epoch(nine) - 2.0) < 1e-5, "18 / 9: weight by samples"
assert trainer.model.training, "training mode"
assert trainer.history["learning_rates"] == [1e-12], "the schedule sets the rate before the epoch"
assert (trainer.epoch, trainer.step) == (1, 3), "one epoch, three updates"
assert "batch" in complaint(lambda: trainer.train_epoch([])), "ValueError: the loader gave no batch"
print("ok")

# %% [markdown]
# Your first run. 64 noisy points of the line $y = 2x + 1$, in batches of 16:

# %% id="first-run" tags=["check"]
rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, size=(64, 1)).astype(np.float32)
y = (2 * x + 1 + 0.1 * rng.normal(size=(64, 1))).astype(np.float32)
points = DataLoader(
    TensorDataset(Tensor(x), Tensor(y)), batch_size=16, shuffle=True, rng=np.random.default_rng(1)
)
model = Linear(1, 1, rng=rng)
trainer = Trainer(
    model, SGD(model.parameters(), lr=0.1), MSELoss(), CosineSchedule(0.3, 0.01, total_epochs=20)
)
start = time.perf_counter()
for _ in range(20):
    trainer.train_epoch(points)
print("losses:", [round(value, 3) for value in trainer.history["train_loss"][::4]])
print(f"weight {model.weight.item():.3f}, bias {model.bias.item():.3f}, after {trainer.step} updates")
print(f"{(time.perf_counter() - start) / trainer.step * 1e6:.0f} µs an update")

# %% [markdown]
# ## 6. More than fits: accumulation
#
# You want batches of 64, but the activations of 64 images do not fit into memory; those of 16 do. Gradients
# **add**: go through four batches of 16, one graph after the other, let the gradients pile up, and update once.
#
# What must be piled up? The gradient of the mean over all 64 samples. With $n_i$ samples in batch $i$, $N$
# together, and $L_i$ its mean loss:
#
# $$L = \sum_i \frac{n_i}{N} L_i \qquad\text{so}\qquad \nabla L = \sum_i \nabla \Bigl(\frac{n_i}{N} L_i\Bigr)$$
#
# The factor $n_i / N$ has to be in what you **differentiate**. Dividing the number in the log afterwards changes
# the log, and with four equal batches the step is four times too long. With the one weight of part 1, at `w = 0`:
#
# | | x | y | loss | slope | share | share · slope |
# |---|---|---|---|---|---|---|
# | batch 1, one sample | 2 | 6 | 36 | -24 | 1/3 | -8 |
# | batch 2, two samples | 1, 1 | 3, 3 | 9 | -6 | 2/3 | -4 |
# | all three at once | 2, 1, 1 | 6, 3, 3 | 54 / 3 = 18 | **-12** | | **-12** |
#
# ### What is left over
#
# 10 batches in windows of 4 are 4, 4 and **2**. The last window is shorter; it still counts, with shares of its own
# samples. Decide by counting batches. A popular shortcut decides by "has any loss been accumulated since the last
# step?", and a window that the model fits perfectly has a loss of exactly 0.
#
# ### Exercise: accumulation (10 points)
#
# * `Trainer.windows(batches, size)` is a generator of lists: `size` batches each, in order, and at the end a
#   shorter list with the rest, if there is a rest. It takes batches from the loader as it goes, no more than the
#   window needs. (The first lines, for a wrong size and for size 1, are given.)
# * `Trainer.accumulate(window)` makes **one** update from all batches of the list: old gradients are forgotten
#   once, at the start; each batch goes forward and backward by itself, with its share; clipping applies to the
#   finished sum, once; then the update, and `self.step` counts one. It returns the mean loss over all samples of
#   the window, a Python `float`: what one large batch would have reported, not divided or multiplied by the number
#   of batches.
#
# A list of batches holds only inputs and targets. What is large, the graph, exists for one batch at a time.


# %% id="accum" exercise="accum"
#| export
class Trainer(Trainer):
    @staticmethod
    def windows(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
        """Lists of `size` batches that follow each other; the last list may be shorter."""
        if type(size) is not int or size < 1:
            raise ValueError(f"accumulation_steps is a whole number from 1 on, not {size!r}")
        if size == 1:
            for batch in batches:
                yield [batch]
            return
        ### BEGIN SOLUTION
        window = []
        for batch in batches:
            window.append(batch)
            if len(window) == size:
                yield window
                window = []
        if window:
            yield window
        ### END SOLUTION

    def accumulate(self, window: Sequence[Batch]) -> float:
        """One update from several batches, as if they were one. Returns the mean loss of all samples."""
        ### BEGIN SOLUTION
        samples = sum(len(inputs) for inputs, _ in window)
        self.optimizer.zero_grad()
        total = 0.0
        for inputs, targets in window:
            share = self.loss_fn(self.model(inputs), targets) * (len(inputs) / samples)
            share.backward()
            total += share.item()
        if self.grad_clip_norm is not None:
            clip_grad_norm(self.model.parameters(), self.grad_clip_norm)
        self.optimizer.step()
        self.step += 1
        return total
        ### END SOLUTION


# %% id="accum-check" tags=["check"]
assert [len(window) for window in Trainer.windows("abcdefghij", 4)] == [4, 4, 2], "4, 4 and the rest"
assert list(Trainer.windows("abcd", 2)) == [["a", "b"], ["c", "d"]], "no empty window at the end"
one, two = (Tensor([[2.0]]), Tensor([[6.0]])), (Tensor([[1.0], [1.0]]), Tensor([[3.0], [3.0]]))
trainer = line_trainer()
assert abs(trainer.accumulate([one, two]) - 18.0) < 1e-5, "the loss of all three at once"
assert abs(trainer.model.weight.item() - 0.12) < 1e-6, "a slope of -12, times 0.01"
assert trainer.step == 1, "one update"
trainer.train_epoch([one, one, one, two, two], accumulation_steps=3)
assert trainer.step == 3, "a full window and the two that are left"
print("ok")

# %% [markdown]
# Does it save memory, and what does it cost? The largest amount in use at any time during one update, and its time,
# for 512 samples in one piece and in parts (`tracemalloc` counts what numpy allocates):

# %% id="accum-memory" tags=["check"]
import tracemalloc

rng = np.random.default_rng(0)
images = Tensor(rng.normal(size=(512, 64)))
labels = Tensor(rng.integers(0, 10, size=512), dtype=np.int64)
for pieces in (1, 2, 4, 8, 16):
    model = Sequential(Linear(64, 256, rng=rng), ReLU(), Linear(256, 10, rng=rng))
    trainer = Trainer(model, SGD(model.parameters(), lr=0.01), CrossEntropyLoss())
    n = 512 // pieces
    window = [(images[i : i + n], labels[i : i + n]) for i in range(0, 512, n)]
    t = seconds(lambda trainer=trainer, window=window: trainer.train_window(window), 3)
    tracemalloc.start()
    trainer.train_window(window)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{pieces:3} x {n:3} samples   peak {peak / 1024**2:6.2f} MiB   {t * 1e3:6.2f} ms")

# %% [markdown]
# ## 7. How good is it? Evaluation
#
# The training loss is measured on samples that the model has just learned from, with dropout on. To know what it
# can do, ask it about samples that it has never seen, and change nothing while asking:
#
# | during `evaluate` | because |
# |---|---|
# | eval mode: dropout off | the answer should not depend on chance |
# | no graph (`no_grad`) | there will be no backward; the memory is not needed |
# | no update, no gradient touched | the test set is not for learning |
# | afterwards, the mode from before | a model left in eval mode trains without dropout from then on, silently |
#
# ### Which numbers?
#
# The **loss**, weighted by samples as in part 5. The **accuracy**: the share of predictions whose largest score
# belongs to the right class. It exists only if the predictions *are* scores of classes: shape (..., C) with C of at
# least 2, and one class number for each, shape (...). Predictions of shape (N, 1), or targets that have the shape
# of the predictions, belong to a regression. Its accuracy is `None`. It is not 0: 0 means "all wrong", and nobody
# has counted anything.
#
# The **confusion matrix** says more: row = true class, column = predicted class, entry = how often. As a loop:


# %% id="confusion-loop"
def confusion_loop(y_true, y_pred, n):
    """Count pair by pair."""
    table = [[0] * n for _ in range(n)]
    for true, predicted in zip(y_true, y_pred, strict=True):
        table[true][predicted] += 1
    return np.array(table)


print(confusion_loop([0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 2, 2], 3))

# %% [markdown]
# ```text
#                predicted
#                 0   1   2
#            0    1   1   0      recall of 0:     1 of the 2 in its row      0.5
#     true   1    0   2   1      recall of 1:     2 of 3                     0.667
#            2    0   0   1      precision of 1:  2 of the 3 in its column   0.667
#                                precision of 2:  1 of 2                     0.5
# ```
#
# **Precision** of a class: of all that were called so, how many are? Column. **Recall**: of all that are, how many
# were found? Row. A class that was never predicted has no precision (0 / 0): `nan`, without a warning.
#
# For arrays there is a trap. `+= 1` on `counts` at index arrays adds 1 only **once** to a place that occurs several
# times: numpy reads, adds, and writes the same number again and again. `np.add.at` and `np.bincount` count
# repetitions.
#
# ### Exercise: evaluation (10 points)
#
# * `Accuracy.update(predictions, targets)` adds one batch to `self.correct` and `self.total` (single predictions,
#   so a (N, S, C) batch has N · S of them), or sets `self.are_classes` to `False` if these are no classes (above).
#   `as_labels(targets)` gives the class numbers as integers. `compute()` returns the share as a float, or `None` if
#   there was nothing to count or something was no class.
# * `confusion_matrix(y_true, y_pred, n)`: int64, shape (n, n), without a Python loop over the samples, which may
#   come in arrays of any shape. The checks are given.
# * `precision_recall(counts)`: two float64 arrays of length n; `nan` where there is nothing to divide by, and no
#   warning.
# * `Trainer.evaluate(loader)`: the table above. The given lines have put an `Accuracy` and the metrics of the
#   Trainer into the list `metrics` and reset them; call the `update` of each with the predictions and the targets
#   of every batch. Returns `(loss, accuracy)`. The old mode comes back **also when an error interrupts** the
#   evaluation. A loader that yields no batch: `ValueError`, as in part 5.
# * `EarlyStopping.update(loss)`: an improvement is a loss smaller than `self.best - self.min_delta`; it becomes the
#   new `best`, and the waiting starts anew at 0. Anything else, `nan` too, makes `self.waited` one longer. Returns
#   `True` as soon as `waited` has reached `patience`.


# %% id="metrics" exercise="eval"
#| export
def as_labels(labels: Any) -> Array:
    """Class numbers from a Tensor, an array or a list, as int64."""
    return np.asarray(labels.data if isinstance(labels, Tensor) else labels).astype(np.int64)


class Accuracy:
    """The share of predictions whose largest score is that of the right class, over several batches."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything: an evaluation begins."""
        self.correct, self.total = 0, 0
        self.are_classes = True

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Count one batch: scores (..., C) and class numbers (...); anything else has no accuracy."""
        ### BEGIN SOLUTION
        if predictions.shape[-1:] in ((), (1,)) or predictions.shape[:-1] != targets.shape:
            self.are_classes = False
            return
        right = predictions.data.argmax(axis=-1) == as_labels(targets)
        self.correct += int(right.sum())
        self.total += right.size
        ### END SOLUTION

    def compute(self) -> float | None:
        """The accuracy so far; None without any prediction, or if the predictions are no classes."""
        ### BEGIN SOLUTION
        return self.correct / self.total if self.are_classes and self.total else None
        ### END SOLUTION


# %% id="metrics-check" tags=["check"]
accuracy = Accuracy()
assert accuracy.compute() is None, "nothing counted yet"
accuracy.update(Tensor([[1, 2, 0], [5, 4, 3]]), Tensor([1, 1], dtype=np.int64))
accuracy.update(Tensor([[0, 0, 9]]), Tensor([2.0]))
assert accuracy.compute() == 2 / 3, "two of three, over two batches of different sizes"
accuracy.update(Tensor([[0.7]]), Tensor([[1.0]]))
assert accuracy.compute() is None, "a regression has no accuracy"
print("ok")


# %% id="confusion" exercise="eval"
#| export
def confusion_matrix(y_true: Any, y_pred: Any, n: int) -> Array:
    """How often each class (row) was taken for each class (column): int64, shape (n, n)."""
    true, predicted = as_labels(y_true), as_labels(y_pred)
    if true.shape != predicted.shape:
        raise ValueError(
            f"confusion_matrix: {true.shape} true classes and {predicted.shape} predicted ones; "
            "they come in pairs"
        )
    labels = np.concatenate([true.ravel(), predicted.ravel()])
    outside = labels[(labels < 0) | (labels >= n)]
    if outside.size:
        raise IndexError(f"confusion_matrix: class {outside[0]} is not in 0 to {n - 1}")
    ### BEGIN SOLUTION
    counts = np.zeros((n, n), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts
    ### END SOLUTION


def precision_recall(counts: Array) -> tuple[Array, Array]:
    """For each class: which share of its predictions is right, and which share of it was found.

    `counts` is a confusion matrix. A class that was never predicted has no precision
    and one that never occurred no recall: nan.
    """
    ### BEGIN SOLUTION
    right = np.diagonal(counts).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return right / counts.sum(axis=0), right / counts.sum(axis=1)
    ### END SOLUTION


# %% id="confusion-check" tags=["check"]
pairs = [0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 2, 2]
assert np.array_equal(confusion_matrix(*pairs, 3), confusion_loop(*pairs, 3)), "the loop says something else"
precision, recall = precision_recall(np.array([[1, 1, 0], [0, 2, 1], [0, 0, 1]]))
assert np.allclose(precision, [1, 2 / 3, 1 / 2]), "precision: columns"
assert np.allclose(recall, [1 / 2, 2 / 3, 1]), "recall: rows"
assert np.isnan(precision_recall(np.array([[0, 2], [0, 3]]))[0][0]), "never predicted: nan"
print("ok")

# %% id="confusion-timing" tags=["check"]
n = 10_000 if QUICK else 200_000
true, guess = np.random.default_rng(0).integers(0, 10, size=(2, n))
t_loop = seconds(lambda: confusion_loop(true.tolist(), guess.tolist(), 10), 3)
t_fast = seconds(lambda: confusion_matrix(true, guess, 10), 3)
print(f"loop   {t_loop / n * 1e9:7.1f} ns a pair\nmatrix {t_fast / n * 1e9:7.1f} ns a pair, with its checks")


# %% id="evaluate" exercise="eval"
#| export
class Trainer(Trainer):
    def evaluate(self, loader: Iterable[Batch]) -> tuple[float, float | None]:
        """The mean loss over all samples and the accuracy, without learning anything from them."""
        accuracy = Accuracy()
        metrics: list[Metric] = [accuracy, *self.metrics]
        for metric in metrics:
            metric.reset()
        ### BEGIN SOLUTION
        was_training = self.model.training
        self.model.eval()
        total, samples = 0.0, 0
        try:
            with no_grad():
                for inputs, targets in loader:
                    predictions = self.model(inputs)
                    total += self.loss_fn(predictions, targets).item() * len(inputs)
                    samples += len(inputs)
                    for metric in metrics:
                        metric.update(predictions, targets)
        finally:
            if was_training:
                self.model.train()
        if samples == 0:
            raise ValueError("evaluate: the loader gave no batch; a generator can be used only once")
        return total / samples, accuracy.compute()
        ### END SOLUTION


# %% id="evaluate-check" tags=["check"]
model = Sequential(Dropout(0.9), Linear(1, 1, bias=False))
model.layers[1].weight.data[...] = 2
trainer = Trainer(model, SGD(model.parameters()), MSELoss())
short_last = [(Tensor(np.ones((n, 1))), Tensor(np.full((n, 1), value))) for n, value in ((4, 1), (1, 5))]
loss, share = trainer.evaluate(short_last)
assert abs(loss - (4 * 1 + 9) / 5) < 1e-6, "dropout off, and weighted by samples"
assert share is None, "a regression has no accuracy"
assert model.layers[0].training, "the mode from before"
assert model.layers[1].weight.grad is None, "no gradient"
model.eval()
trainer.evaluate(short_last)
assert not model.training, "also if the mode from before was eval"
print("ok")


# %% id="stopping" exercise="eval"
#| export
class EarlyStopping:
    """Says when a loss has not improved by more than `min_delta` for `patience` epochs."""

    def __init__(self, patience: float, min_delta: float = 0.0) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping: patience is at least 1, not {patience}")
        self.patience, self.min_delta = patience, min_delta
        self.best = math.inf
        self.waited = 0

    def update(self, loss: float) -> bool:
        """Take the loss of one more epoch. True means: stop."""
        ### BEGIN SOLUTION
        if loss < self.best - self.min_delta:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        return self.waited >= self.patience
        ### END SOLUTION


# %% id="stopping-check" tags=["check"]
stopping = EarlyStopping(patience=2)
assert [stopping.update(loss) for loss in (3, 2, 2.5, 1, 1, 1)] == [False] * 5 + [True], "waiting starts anew"
assert stopping.best == 1
assert [EarlyStopping(1, min_delta=0.5).update(loss) for loss in (9, math.nan)] == [False, True]
print("ok")

# %% [markdown]
# ## 8. Checkpoints: nothing is lost
#
# What would a new process need to continue exactly where an old one stopped?
#
# | state | where | without it |
# |---|---|---|
# | parameters | `named_arrays(model)` | everything is lost |
# | the optimizer's memory: moments, step counter, rate | `optimizer.state_dict()` | Adam starts with empty moments |
# | the schedule's attributes | `scheduler.state_dict()` | another rate |
# | `epoch`, `step`, `history` | the Trainer | the schedule starts again |
# | generators of the model | `generator_states(model)` | other dropout masks |
# | generators of the loader | `_loader_positions()` | another order of the samples |
#
# A random generator is a state machine too: a few integers, which `rng.bit_generator.state` shows, and each draw
# moves it on. Put back the integers, and the same draws follow.
#
# ### The file
#
# Python's `pickle` can save any object. It can because a pickle is a *program* that builds the object when it is
# loaded, and it may do anything else as well: loading a pickle from somebody is running their code. Here a
# checkpoint is an `.npz` file with the arrays, and one more array of bytes with all the rest as JSON. Reading it
# runs nothing. The packing and the reading are given:


# %% id="packing"
#| export
def pack_state(state: Any, name: str, arrays: dict[str, Array]) -> Any:
    """`state` as JSON can hold it; arrays go into `arrays`, under names that begin with `name`."""
    if isinstance(state, dict):
        for key in state:
            if not isinstance(key, str):
                raise TypeError(f"{name}: a key of a checkpoint is a text, not {key!r}")
        return {"dict": {key: pack_state(item, f"{name}/{key}", arrays) for key, item in state.items()}}
    if isinstance(state, list | tuple):
        items = [pack_state(item, f"{name}/{number}", arrays) for number, item in enumerate(state)]
        return {type(state).__name__: items}
    if isinstance(state, np.ndarray):
        if state.dtype.hasobject:
            raise TypeError(f"{name}: an array of objects would need pickle")
        arrays[name] = state
        return {"array": name}
    if state is None or isinstance(state, bool | int | float | str):
        return state
    raise TypeError(f"{name}: a {type(state).__name__} cannot be saved, only numbers, texts and arrays")


def unpack_state(tree: Any, arrays: Mapping[str, Array]) -> Any:
    """What `pack_state` was given."""
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: unpack_state(item, arrays) for key, item in content.items()}
    items = [unpack_state(item, arrays) for item in content]
    return tuple(items) if kind == "tuple" else items


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """The state that `write_checkpoint` wrote. Runs nothing that stands in the file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        state: dict[str, Any] = unpack_state(json.loads(arrays["json"].tobytes()), arrays)
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged or not a checkpoint: {error}") from error
    return state


# %% [markdown]
# ### Old or new, never half
#
# Writing takes time, and a machine can die at any moment of it. If the new checkpoint is written over the old one,
# that moment costs both. So:
#
# ```text
#   run.npz      ██████████ old   ██████████ old      ██████████ old   ──►  ██████████ new
#   run.npz.tmp                   ████ new, half      ██████████ new        (gone)
#                                 crash here:         flushed to the        os.replace: one step
#                                 old one is whole    disk (fsync)          for the file system
# ```
#
# The temporary file has to be in the **same folder**: only within one file system is renaming a single step.
# `file.flush()` hands Python's buffer to the operating system, `os.fsync`, given the open file, makes the operating
# system put it on the disk; without these, the new name could stand on the disk before the content does.
#
# ### Exercise, first half: write_checkpoint
#
# Given are the arrays, the path, and the path of the temporary file. Write the arrays with `np.savez` into the
# opened temporary file, flush, sync, close it, and put it in the place of the old one with `os.replace` (or
# `Path.replace`, which is the same). If anything fails on the way (Ctrl-C counts too), remove the temporary file,
# leave the old checkpoint as it is, and let the error through.


# %% id="write" exercise="ckpt"
#| export
def write_checkpoint(path: str | Path, state: dict[str, Any]) -> None:
    """Write `state` to `path`: at every moment there is the old file or the new one, whole."""
    arrays: dict[str, Any] = {}
    text = json.dumps(pack_state(state, "state", arrays))
    arrays["json"] = np.frombuffer(text.encode(), dtype=np.uint8)
    temporary = Path(f"{path}.tmp")
    ### BEGIN SOLUTION
    try:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    ### END SOLUTION


# %% id="write-check" tags=["check"]
with tempfile.TemporaryDirectory() as folder:
    path, taken = Path(folder) / "run.npz", Path(folder) / "taken.npz"
    write_checkpoint(path, {"a": np.arange(3), "note": ["x", None, 0.1]})
    assert str(read_checkpoint(path)) == "{'a': array([0, 1, 2]), 'note': ['x', None, 0.1]}"
    assert list(Path(folder).iterdir()) == [path], "the temporary file has to go"
    taken.mkdir()  # a folder cannot be replaced by a file
    assert complaint(lambda: write_checkpoint(taken, {"a": 1})) != "no error", "errors are passed on"
    assert sorted(Path(folder).iterdir()) == [path, taken], "the temporary file has to go after an error too"
print("ok")

# %% [markdown]
# ### Exercise, second half: the state of a run (14 points for both halves)
#
# `state_dict()` returns a dict with the keys
#
# | key | what |
# |---|---|
# | `"model"` | a dict: name and **copy** of each array in `named_arrays(self.model)` |
# | `"optimizer"` | its `state_dict()` |
# | `"scheduler"` | its `state_dict()`, or `None` without a scheduler |
# | `"epoch"`, `"step"` | the counters |
# | `"history"` | a dict with a copy of each list |
# | `"model_generators"` | `generator_states(self.model)` |
# | `"loader_generators"` | `self._loader_positions()` |
#
# Copies, because training goes on: the arrays of the parameters are updated in place, and a dict that refers to
# them would change along with them.
#
# `load_state_dict(state)` takes all of it back:
#
# * **First check, then change.** If the arrays of the model and of the state differ in names, shapes or dtypes,
#   raise `ValueError` with the name of the first that differs (in the model's order; names that only the state has
#   come last) and shape and dtype on both sides, before anything of the run is changed;
# * the numbers are copied **into the arrays of the model** (`array[...] = saved`): the optimizer and others hold
#   these arrays;
# * the optimizer and the schedule get their state by their own `load_state_dict`, the model's generators by
#   `set_generator_states`;
# * `self._loader_states` becomes the saved `"loader_generators"`. The loader itself is not known here; the next
#   `train_epoch` will meet it;
# * the history is copied too.
#
# `save_checkpoint(path)` and `load_checkpoint(path)` are given: a file around the two. They also refuse a
# checkpoint that was made with another kind of optimizer or schedule.
#
# A layer with arrays that are no parameters but have to survive, such as the running mean of a batch normalisation
# (module 09), lists their names in an attribute `buffers`; `named_arrays` includes them.


# %% id="named-arrays"
#| export
def named_arrays(model: Layer) -> dict[str, Array]:
    """The arrays of the parameters by name, and those that layers list in an attribute `buffers`."""
    arrays = {name: parameter.data for name, parameter in model.named_parameters()}
    for number, layer in enumerate(part for part in parts_of(model) if hasattr(part, "buffers")):
        arrays |= {f"buffers.{number}.{name}": getattr(layer, name) for name in layer.buffers}
    return arrays


# %% id="checkpoint-files"
#| export
class Trainer(Trainer):
    def _kinds(self) -> dict[str, str]:
        return {"optimizer": type(self.optimizer).__name__, "scheduler": type(self.scheduler).__name__}

    def _loader_positions(self) -> list[dict[str, Any]] | None:
        """Where the generators of the loader stand; None while no loader has been met."""
        if self._loader is None or self._loader_states is not None:
            return self._loader_states
        return generator_states(self._loader)

    def save_checkpoint(self, path: str | Path) -> None:
        """Write the whole state of the run to a file."""
        write_checkpoint(path, {"kinds": self._kinds(), "run": self.state_dict()})

    def load_checkpoint(self, path: str | Path) -> None:
        """Continue the run whose state is in the file; ValueError if it is of another kind of run."""
        saved = read_checkpoint(path)
        for part, kind in self._kinds().items():
            if saved["kinds"][part] != kind:
                raise ValueError(
                    f"load_checkpoint: {path} is of a run with {part} {saved['kinds'][part]}, this one has "
                    f"{kind}; build the trainer as it was"
                )
        self.load_state_dict(saved["run"])


# %% id="ckpt" exercise="ckpt"
#| export
class Trainer(Trainer):
    def state_dict(self) -> dict[str, Any]:
        """All that a run needs to continue, as copies."""
        ### BEGIN SOLUTION
        return {
            "model": {name: array.copy() for name, array in named_arrays(self.model).items()},
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler is not None else None,
            "epoch": self.epoch,
            "step": self.step,
            "history": {name: list(values) for name, values in self.history.items()},
            "model_generators": generator_states(self.model),
            "loader_generators": self._loader_positions(),
        }
        ### END SOLUTION

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from `state`. ValueError, before anything is changed, if the model is another one."""
        ### BEGIN SOLUTION
        arrays, saved = named_arrays(self.model), state["model"]
        for name in [*arrays, *saved]:
            here, there = (
                f"{a[name].dtype} {a[name].shape}" if name in a else "none" for a in (arrays, saved)
            )
            if here != there:
                raise ValueError(
                    f"load_state_dict: {name} is {here} in this model, {there} in the checkpoint"
                )
        self.optimizer.load_state_dict(state["optimizer"])
        set_generator_states(self.model, state["model_generators"])
        for name, array in arrays.items():
            array[...] = saved[name]
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.epoch, self.step = state["epoch"], state["step"]
        self.history = {name: list(values) for name, values in state["history"].items()}
        self._loader_states = state["loader_generators"]
        ### END SOLUTION


# %% id="ckpt-check" tags=["check"]
def dropout_run(seed, make_optimizer=lambda parameters: Adam(parameters, lr=0.01)):
    """A small run with everything that has state, and its loader."""
    rng = np.random.default_rng(seed)
    model = Sequential(Linear(1, 8, rng=rng), ReLU(), Dropout(0.2, rng=rng), Linear(8, 1, rng=rng))
    optimizer = make_optimizer(model.parameters())
    trainer = Trainer(model, optimizer, MSELoss(), CosineSchedule(0.02, 0.001, total_epochs=6))
    data = TensorDataset(Tensor(x), Tensor(y))
    return trainer, DataLoader(data, batch_size=16, shuffle=True, rng=np.random.default_rng(seed + 1))


def weights(trainer):
    """All parameters as one vector."""
    return np.concatenate([parameter.data.ravel() for parameter in trainer.model.parameters()])


straight, loader = dropout_run(seed=0)
for _ in range(6):
    straight.train_epoch(loader)

first, loader = dropout_run(seed=0)
for _ in range(3):
    first.train_epoch(loader)
with tempfile.TemporaryDirectory() as folder:
    first.save_checkpoint(Path(folder) / "run.npz")
    second, loader = dropout_run(seed=99)  # new objects, other random numbers
    second.load_checkpoint(Path(folder) / "run.npz")
for _ in range(3):
    second.train_epoch(loader)

assert second.history == straight.history, "the histories differ: which epoch is the first that does?"
assert np.array_equal(weights(second), weights(straight)), "bit for bit"
snapshot = second.state_dict()
second.train_epoch(loader)
second.load_state_dict(snapshot)
assert np.array_equal(weights(second), weights(straight)), "a state is a copy, not a reference"
other = Trainer(Linear(1, 4), Adam(Linear(1, 4).parameters()), MSELoss(), CosineSchedule())
message = complaint(lambda: other.load_state_dict(snapshot))
print("your message:", message)
assert "weight" in message, "another model: ValueError that names the parameter"
print("ok")

# %% [markdown]
# ### What each piece is worth
#
# Now the table at the beginning of this part, as an experiment: stop after 3 of 6 epochs and resume, but leave one
# piece of the state behind. How far are the parameters in the end from those of the run that was never stopped?

# %% id="pieces" tags=["check"]
interrupted, loader = dropout_run(seed=0)
for _ in range(3):
    interrupted.train_epoch(loader)
saved = interrupted.state_dict()
moves = np.abs(weights(straight) - weights(interrupted)).max()
print(f"{'left behind':22}{'largest difference':>20}      (3 more epochs move a weight by up to {moves:.3f})")
for piece in ("nothing", "optimizer", "epoch", "model_generators", "loader_generators", "model"):
    resumed, loader = dropout_run(seed=99)
    resumed.load_state_dict({**saved, piece: resumed.state_dict()[piece]} if piece in saved else saved)
    for _ in range(3):
        resumed.train_epoch(loader)
    print(f"{piece:22}{np.abs(weights(resumed) - weights(straight)).max():20.6f}")

# %% [markdown]
# No row gives an error. A run that was resumed without its moments or its generators trains on and looks healthy;
# it is only another run. Whoever then looks for the cause of a difference between two runs will look in the wrong
# place. That is the reason for "bit for bit": it is the one property that can be tested.

# %% [markdown]
# ## 9. A whole run (given)
#
# `fit` puts the parts together. `epochs` is the number of epochs that the run **has in the end**, so after
# `load_checkpoint` the same call does what is left. Early stopping has no state of its own in a checkpoint: it is a
# function of the history, and `fit` replays the history to it.


# %% id="fit"
#| export
class Trainer(Trainer):
    def fit(
        self,
        train_loader: Iterable[Batch],
        val_loader: Iterable[Batch] | None = None,
        epochs: int = 1,
        save_best: str | Path | None = None,
        patience: int | None = None,
        accumulation_steps: int = 1,
    ) -> dict[str, list[Any]]:
        """Train until the run has `epochs` epochs in all, those before a checkpoint included.

        After each epoch the model is evaluated on `val_loader`. The best state so far
        is kept in the file `save_best`, and after `patience` epochs without a better one
        the run stops. Returns the history.
        """
        if val_loader is None and (save_best is not None or patience is not None):
            raise ValueError("fit: save_best and patience compare evaluation losses; give it a val_loader")
        stopping = EarlyStopping(math.inf if patience is None else patience)
        stop = False
        for loss in self.history["eval_loss"]:
            stop = stopping.update(loss)
        while self.epoch < epochs and not stop:
            self.train_epoch(train_loader, accumulation_steps)
            if val_loader is None:
                continue
            loss, accuracy = self.evaluate(val_loader)
            self.history["eval_loss"].append(loss)
            self.history["eval_accuracy"].append(accuracy)
            is_best = loss < stopping.best
            stop = stopping.update(loss)
            if save_best is not None and is_best:
                self.save_checkpoint(save_best)
        return self.history


# %% id="plot"
#| export
def _known(values: Iterable[float | None]) -> list[tuple[int, float]]:
    """Epoch and value, where there is a finite one."""
    return [
        (epoch, value) for epoch, value in enumerate(values) if value is not None and math.isfinite(value)
    ]


def _relative(points: Sequence[tuple[int, float]]) -> list[float]:
    """The values on a scale from 0, the smallest, to 1, the largest."""
    values = [value for _, value in points]
    low, span = min(values), max(values) - min(values)
    return [(value - low) / span if span else 0.0 for value in values]


def _sparkline(values: Sequence[float | None]) -> str:
    points = _known(values)
    marks = [" "] * len(values)
    for (epoch, _), height in zip(points, _relative(points), strict=True):
        marks[epoch] = "▁▂▃▄▅▆▇█"[round(7 * height)]
    return "".join(marks)


def _svg(series: Mapping[str, Sequence[float | None]]) -> str:
    """A picture with one curve below the other."""
    parts = []
    for row, (name, values) in enumerate(series.items()):
        points = _known(values)
        right = max(len(values) - 1, 1)
        corners = " ".join(
            f"{10 + 580 * epoch / right:.1f},{100 * row + 90 - 60 * height:.1f}"
            for (epoch, _), height in zip(points, _relative(points), strict=True)
        )
        label = f"{name}: {points[0][1]:.4g} to {points[-1][1]:.4g}"
        parts.append(
            f'<text x="10" y="{100 * row + 20}" font-family="sans-serif" font-size="14">{label}</text>'
        )
        parts.append(f'<polyline points="{corners}" fill="none" stroke="#1f77b4" stroke-width="2"/>')
    size = f'viewBox="0 0 600 {100 * len(series)}" width="600" height="{100 * len(series)}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *parts, "</svg>", ""])


def plot_history(history: Mapping[str, Sequence[float | None]], path: str | Path | None = None) -> str:
    """One line of text for each series that has numbers, one mark an epoch; with `path` also an SVG there."""
    series = {name: values for name, values in history.items() if _known(values)}
    if path is not None:
        Path(path).write_text(_svg(series), encoding="utf-8")
    lines = []
    for name, values in series.items():
        points = _known(values)
        lines.append(f"{name:14} {_sparkline(values)} {points[0][1]:.4g} to {points[-1][1]:.4g}")
    return "\n".join(lines)


# %% [markdown]
# ### Digits
#
# 1000 handwritten digits of 8 × 8 pixels to learn from, 200 others to be tested with. The network has 64 inputs, 32
# hidden units and 10 outputs. A metric of our own collects the confusion matrix.


# %% id="digits" tags=["check"]
class Confusions:
    """A metric: which digit was taken for which."""

    def reset(self):
        self.counts = np.zeros((10, 10), dtype=np.int64)

    def update(self, predictions, targets):
        self.counts += confusion_matrix(targets, predictions.data.argmax(axis=-1), 10)


def digits_run(seed=0, batch_size=32):
    """A trainer for the digits and its two loaders."""
    train, test = load_tinydigits()
    rng = np.random.default_rng(seed)
    model = Sequential(Flatten(), Linear(64, 32, rng=rng), ReLU(), Linear(32, 10, rng=rng))
    trainer = Trainer(
        model,
        Adam(model.parameters(), lr=3e-3),
        CrossEntropyLoss(),
        scheduler=CosineSchedule(max_lr=6e-3, min_lr=1e-3, total_epochs=20, warmup=2),
        grad_clip_norm=5.0,
        metrics=[Confusions()],
    )
    return trainer, DataLoader(train, batch_size, shuffle=True, rng=rng), DataLoader(test, batch_size=200)


trainer, train_loader, test_loader = digits_run()
print("parameters:", trainer.model.num_parameters())
loss, accuracy = trainer.evaluate(test_loader)
print(f"before training: loss {loss:.3f}, accuracy {accuracy:.1%}")
start = time.perf_counter()
trainer.fit(train_loader, test_loader, epochs=20)
took = time.perf_counter() - start
print(
    f"{trainer.epoch} epochs, {trainer.step} updates in {took:.2f} s, {took / trainer.step * 1e3:.2f} ms an update"
)
print(f"accuracy on digits it has never seen: {trainer.history['eval_accuracy'][-1]:.1%}")
print(plot_history(trainer.history))

# %% [markdown]
# The loss before training should be near $\ln 10 = 2.303$, what ten equal chances give (module 04). Which digits
# are still confused?

# %% id="digits-confusion" tags=["check"]
counts = trainer.metrics[0].counts
precision, recall = precision_recall(counts)
print("       " + "".join(f"{digit:4}" for digit in range(10)) + "   recall")
for digit, row in enumerate(counts):
    print(f"true {digit} " + "".join(f"{count or '·':>4}" for count in row) + f"   {recall[digit]:.2f}")
print("prec. %" + "".join(f"{100 * value:4.0f}" for value in precision))

# %% [markdown]
# The same history as a picture: `plot_history(history, path)` writes an SVG file, which every browser shows.

# %% id="digits-plot" tags=["check"]
with tempfile.TemporaryDirectory() as folder:
    plot_history(trainer.history, Path(folder) / "history.svg")
    picture = (Path(folder) / "history.svg").read_text(encoding="utf-8")
try:
    from IPython.display import SVG, display

    display(SVG(picture))
except ImportError:
    print(len(picture), "characters of SVG")

# %% [markdown]
# ## 10. Systems analysis
#
# ### 10.1 Where the milliseconds go
#
# One update of the digits run, taken apart. The five phases are those of part 1, and the loader:


# %% id="breakdown" tags=["check"]
def breakdown(batch_size, hidden, updates):
    """Seconds in each phase of `updates` updates."""
    train, _ = load_tinydigits()
    rng = np.random.default_rng(0)
    model = Sequential(Flatten(), Linear(64, hidden, rng=rng), ReLU(), Linear(hidden, 10, rng=rng))
    optimizer, loss_fn = Adam(model.parameters(), lr=1e-3), CrossEntropyLoss()
    spent = dict.fromkeys(("data", "forward", "loss", "backward", "clip", "update"), 0.0)
    batches = iter(())
    for _ in range(updates):
        times = [time.perf_counter()]
        pair = next(batches, None)
        if pair is None:
            batches = iter(DataLoader(train, batch_size, shuffle=True, rng=rng))
            pair = next(batches)
        times.append(time.perf_counter())
        scores = model(pair[0])
        times.append(time.perf_counter())
        value = loss_fn(scores, pair[1])
        times.append(time.perf_counter())
        value.backward()
        times.append(time.perf_counter())
        clip_grad_norm(model.parameters(), 5.0)
        times.append(time.perf_counter())
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter())
        for name, before, after in zip(spent, times, times[1:], strict=False):
            spent[name] += after - before
    return spent


print(f"{'batch':>6}{'hidden':>8}{'update':>12}   data  forward   loss  backward   clip  update")
for batch_size, hidden in ((32, 32), (256, 32), (32, 1024)):
    spent = breakdown(batch_size, hidden, 30 if QUICK else 200)
    total = sum(spent.values())
    shares = "".join(f"{value / total:8.0%}" for value in spent.values())
    print(f"{batch_size:6}{hidden:8}{total / (30 if QUICK else 200) * 1e3:9.3f} ms{shares}")

# %% [markdown]
# Amdahl's law: if a phase takes the share $p$ of the time and you make it $s$ times faster, everything together
# becomes $1 / (1 - p + p/s)$ times faster. Even with $s = \infty$ a phase of 20 % gives no more than 1.25. Question
# 3 asks you to choose.
#
# ### 10.2 Throughput and batch size

# %% id="throughput" tags=["check"]
print(f"{'batch':>6}{'updates an epoch':>18}{'samples / s':>14}{'to 90 %':>14}")
for batch_size in (32, 256) if QUICK else (1, 8, 32, 128, 512):
    run, train_loader, test_loader = digits_run(batch_size=batch_size)
    run.scheduler = None  # the rate of the optimizer, 0.003, for all of them
    start, share = time.perf_counter(), 0.0
    while share < 0.9 and run.epoch < 100:
        run.train_epoch(train_loader)
        share = run.evaluate(test_loader)[1]
    took = time.perf_counter() - start
    print(
        f"{batch_size:6}{run.step // run.epoch:18}{1000 * run.epoch / took:14,.0f}"
        f"{took:8.2f} s, {run.epoch} epochs, {run.step} updates"
    )

# %% [markdown]
# Large batches make more samples a second and fewer updates; what counts is the last column, the time until the
# model is good. Which batch size wins here, and would it still win if every batch size had a learning rate of its
# own?
#
# ### 10.3 The memory of a run
#
# Parameters, gradients and the optimizer's state have the size of the model, whatever the batch. Activations, kept
# by the graph until `backward` has used them, grow with the batch. The graph can be walked and counted:


# %% id="memory" tags=["check"]
def activation_bytes(loss):
    """Bytes of the results that the graph of `loss` keeps alive."""
    found, todo = {}, [loss]
    while todo:
        tensor = todo.pop()
        if tensor.grad_fn is not None and id(tensor) not in found:
            found[id(tensor)] = tensor
            todo.extend(tensor.grad_fn.inputs)
    return sum(tensor.data.nbytes for tensor in found.values())


print(
    f"{'hidden':>7}{'batch':>7}{'parameters':>12}{'gradients':>11}{'SGD':>8}{'Adam':>10}{'activations':>13}   (KiB)"
)
for hidden, batch_size in ((32, 32), (32, 1000), (1024, 32), (1024, 1000)):
    rng = np.random.default_rng(0)
    model = Sequential(Flatten(), Linear(64, hidden, rng=rng), ReLU(), Linear(hidden, 10, rng=rng))
    sgd, adam = SGD(model.parameters(), lr=1e-3), Adam(model.parameters())
    images, labels = next(iter(DataLoader(load_tinydigits()[0], batch_size)))
    loss = CrossEntropyLoss()(model(images), labels)
    kept = activation_bytes(loss)
    loss.backward()
    sgd.step(), adam.step()
    own = sum(parameter.data.nbytes for parameter in model.parameters())
    grads = sum(parameter.grad.nbytes for parameter in model.parameters())
    row = [own, grads, sgd.state_bytes(), adam.state_bytes(), kept]
    print(
        f"{hidden:7}{batch_size:7}"
        + "".join(f"{v / 1024:{w}.1f}" for v, w in zip(row, (12, 11, 8, 10, 13), strict=True))
    )

# %% [markdown]
# ### 10.4 What a checkpoint costs
#
# Size and time, with and without `fsync`; the model has the width given, and one update has been made:

# %% id="checkpoint-cost" tags=["check"]
print(f"{'':20}{'parameters':>12}{'file':>12}{'write':>12}{'without fsync':>16}{'one update':>13}")
for hidden in (32, 1024) if QUICK else (32, 1024, 16384):
    for name, make in {"SGD": lambda p: SGD(p, lr=1e-3), "Adam": Adam}.items():
        rng = np.random.default_rng(0)
        model = Sequential(Flatten(), Linear(64, hidden, rng=rng), ReLU(), Linear(hidden, 10, rng=rng))
        run = Trainer(model, make(model.parameters()), CrossEntropyLoss())
        pair = next(iter(DataLoader(load_tinydigits()[0], 32)))
        run.train_step(*pair)
        t_update = seconds(lambda run=run, pair=pair: run.train_step(*pair), 3)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.npz"
            t_write = seconds(lambda run=run, path=path: run.save_checkpoint(path), 3)
            size = path.stat().st_size
            real, os.fsync = os.fsync, lambda _: None
            t_unsafe = seconds(lambda run=run, path=path: run.save_checkpoint(path), 3)
            os.fsync = real
        print(
            f"hidden {hidden:6} {name:6}{model.num_parameters():12,}{size / 1024:8.0f} KiB"
            f"{t_write * 1e3:9.2f} ms{t_unsafe * 1e3:13.2f} ms{t_update * 1e3:10.2f} ms"
        )

# %% [markdown]
# How often should one save? If saving takes $s$ seconds and the machine fails every $M$ seconds on average, saving
# every $T$ seconds loses the share $s/T$ for saving and, on average, $T / (2M)$ for work that is done twice. The
# sum is smallest at $T = \sqrt{2 s M}$ (set the derivative to 0 and see). A checkpoint of 10 s and one failure a
# day: every 22 minutes.
#
# ### 10.5 Accumulation is not the same as a larger batch
#
# One update from 64 samples at once, and one from 4 × 16, from the same start. The parameters afterwards differ by:


# %% id="accum-differs" tags=["check"]
def after_one_update(pieces, dropouts, seed=0):
    """The parameters after one update from 64 samples in `pieces` batches, with so many dropout layers."""
    rng = np.random.default_rng(seed)
    hidden = [layer for _ in range(dropouts) for layer in (Dropout(0.5, rng=rng), Linear(8, 8, rng=rng))]
    model = Sequential(Linear(1, 8, rng=rng), ReLU(), *hidden, Linear(8, 1, rng=rng))
    run = Trainer(model, SGD(model.parameters(), lr=0.1), MSELoss())
    n = 64 // pieces
    run.train_window([(Tensor(x[i : i + n]), Tensor(y[i : i + n])) for i in range(0, 64, n)])
    return weights(run)


for dropouts in (0, 1, 2):
    whole = after_one_update(1, dropouts)
    for pieces in (1, 4, 64):
        difference = np.abs(after_one_update(pieces, dropouts) - whole).max()
        print(f"{dropouts} dropout layers, {pieces:2} pieces: largest difference {difference:.1e}")

# %% [markdown]
# Without dropout, and with one dropout layer, the differences are rounding: sums in another order. With two they
# are not. Both draw the same masks only if both ask the generator in the same order. Write down who draws when, for
# 1 and for 4 pieces, and you see why one layer is not enough to notice. Question 2 asks for more than this table
# has.
#
# ### 10.6 What breaks at scale
#
# * **The middle of an epoch.** Our checkpoints stand between two epochs. If one epoch takes a week, the position in
#   the loader belongs to the state too: the permutation and how much of it has been used.
# * **Many machines.** Clipping needs the norm over the gradients of all machines before any of them may step. A
#   checkpoint of one run is then thousands of files, which are only valid together.
# * **Bit for bit** holds on one machine with one version of everything. Another processor or another number of
#   threads adds numbers in another order. There, "equal" becomes "equal up to rounding", which grows with every
#   step.
# * **Not every mean is over samples.** A loss that leaves positions out (`ignore_index` in module 04) is a mean
#   over those that count. Weighting it by samples, as the Trainer does, is then only nearly right.
#
# ### 10.7 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `clip_grad_norm(params, m)` | `torch.nn.utils.clip_grad_norm_(params, m)` | there 1e-6 is added to the norm before dividing |
# | `CosineSchedule` | `torch.optim.lr_scheduler.CosineAnnealingLR` | there an object with state, moved on by `scheduler.step()` *after* the epoch |
# | `Trainer` | none; you write the loop (or use Lightning) | |
# | `trainer.evaluate` | `model.eval()` and `torch.no_grad()`, both by hand | forgetting one of them is a classic |
# | `save_checkpoint` | `torch.save(dict, path)` | a pickle; `torch.load` has `weights_only=True` for that reason |
# | `generator_states` | `torch.get_rng_state()`, and one more for every device | |
#
# ## 11. Three questions (30 points)
#
# As before: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *A node dies at 97 % of an epoch. Which pieces of state make the resumed run identical, and what does it cost to
# save them every k steps?*
#
# Use the experiment in part 8 and the table in 10.4. Our checkpoints stand between epochs: what would you have to
# add? Choose a k and defend it.

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Why can doubling accumulation_steps not replace doubling batch size exactly in your framework?*
#
# Use 10.5 and the memory table of part 6. Think also of layers that look at the whole batch, and of the last
# window.

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Where do the milliseconds of one step go in your MLP run? What would you fix first?*
#
# Use 10.1, with Amdahl's law for your proposal, and say for which model and batch size it holds.

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add training.ipynb
# git commit -m "Module 08"
# git push                       the Actions tab shows your points after a minute
# ```
#
# The foundation is complete: you can train anything that you can build. Module 09 builds something that sees.
