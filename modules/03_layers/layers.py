# %% [markdown] id="title"
# # 03 Layers
#
# *3 to 4 hours. You need modules 01 and 02. 70 points for code, 30 for three written answers.*
#
# You have tensors and you have bends. What is missing is something that *learns*: a piece of a network that holds
# numbers of its own, its **parameters**, which training will change. Such a piece is a layer, and a network is layers
# put together. GPT-3 has 175 billion parameters. The code that finds every one of them, hands it to the optimizer, and
# switches the model from training to use is a few lines, and they do not know how large the model is. You write those
# lines first.
#
# > **Composition: a layer made of layers is a layer.**
#
# Two questions accompany every layer. *How many bytes does it need*, and for what: parameters, gradients and
# intermediate results are separate budgets that grow with different things. And *how large are the numbers that come
# out*: a layer that doubles them is harmless, twenty of them multiply by a million.
#
# | part | you write | points |
# |---|---|---|
# | 2 | `Layer`: finding every parameter | 12 |
# | 3 | `initial_weight`: the first weights | 10 |
# | 4 | `Linear` | 15 |
# | 5 | `Dropout` | 15 |
# | 6 | `Sequential` and `Flatten` | 10 |
# | 7 | `create_mlp` | 8 |
# | 9 | three answers in your own words | 30 |
#
# You work as before: write where it says `# YOUR CODE HERE`, run the check cell after it, and `uv run tito module test`
# for the graded tests. Cells that begin with `#| export` become `tinytorch/core/layers.py`.

# %% id="imports"
#| export
from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np

from tinytorch.core.activations import ReLU, check_float
from tinytorch.core.tensor import Array, Tensor, check_axis

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% id="tools"
import time
import tracemalloc
from itertools import pairwise

from tinytorch.core.activations import Softmax, Tanh, relu, softmax
from tinytorch.core.tensor import Engine, Function


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
    except (ValueError, TypeError, IndexError) as error:
        return str(error)
    return "no error"


# %% [markdown]
# ## 1. What a layer holds
#
# The layer that everything is built from is **linear**: each output is a weighted sum of all inputs, plus a number of
# its own, the bias. Two inputs, three outputs:
#
# ```text
#                     weight (2, 3)
#    x (2,)         ┌  1   0   2 ┐       x @ weight     1·1+2·3  1·0+2·1  1·2+2·0   =   7   2   2
#    [1, 2]    @    └  3   1   0 ┘       + bias         10       20       30
#                   bias (3,)            ────────────────────────────────────────────────────────
#                   [10, 20, 30]         y (3,)                                     =  17  22  32
# ```
#
# Inputs of one layer, `in_features`, are the **rows** of the weight, outputs are its columns: y = x W + b. A batch of
# inputs stands in the rows of x, and the same weight serves every row.
#
# What is in memory because of this layer? The weight and the bias, 6 + 3 numbers, whatever the size of the batch. The
# output, 3 numbers **for each row**. And, once training begins, the input, kept until the derivative is computed. Part
# 8.1 counts these for a real network. Some layers hold a third kind of number: a running mean, say, which belongs to
# the model and is saved with it, but which no gradient ever changes. It is called a **buffer**.

# %% [markdown]
# ## 2. Layer: a tree that finds its parameters
#
# Each piece of a model is an object with a `forward`. It stores what it has as ordinary attributes: tensors, other
# layers, lists of layers. From then on one has to ask the whole model for things that are hidden deep inside: all
# parameters, for the optimizer; the total; a switch of every dropout from training to use. Written by hand for each
# model, such a list is one line short one day, and **a parameter that the optimizer does not know stays at its random
# first value: no error, a slightly worse model**. So the base class searches for itself:
#
# ```text
#    model                               named_parameters()
#    ├── scale     Tensor                "scale"
#    ├── blocks    list
#    │   ├── 0     Layer
#    │   │   ├── weight   Tensor         "blocks.0.weight"
#    │   │   └── bias     Tensor         "blocks.0.bias"
#    │   └── 1     Layer
#    │       ├── weight   the same one   (not again)
#    │       └── mean     a buffer       (not a parameter)
#    ├── bend      ReLU object           (not a Layer: passed over)
#    └── width     64                    (passed over)
# ```
#
# The search is one function, `walk`. It goes **depth first**: a thing, then all that is in it, then the next thing. As
# a generator it hands out its finds one at a time with `yield`; `yield from walk(...)` passes on the finds of another
# search. (If you prefer to collect pairs in a list and return it, that is fine too.)
#
# ```text
#    walk(model)    ("", model), ("scale", …), ("blocks.0", Layer), ("blocks.0.weight", …), …
# ```
#
# ### Exercise: Layer and its parameters (12 points)
#
# Write `walk`, which stands in the second cell, then `named_parameters` and `train` with it. The rules:
#
# * `walk` finds every `Tensor` and every `Layer`: in `members()` of a Layer, in their order; in the items of lists and
#   tuples, also of lists in lists, by their position. Everything else is passed over: numbers, strings, dictionaries,
#   `None`, the activations of module 02.
# * The name is the way there, joined by dots. What the search starts from has the name it was given, normally `""`;
#   nothing inside begins with a dot.
# * Every object comes **once**, at the first place where it is found, compared by identity (`id`), not by value. Two
#   layers may share a tensor; counted twice, it would be updated twice. The rule has a second effect: a layer that
#   refers back to its parent does not send the search round in circles.
# * A **parameter** is a tensor with `requires_grad` that was not computed from others (`grad_fn is None`). A tensor
#   without `requires_grad` is a buffer, or frozen. A layer that keeps its last output as an attribute holds a result,
#   no parameter.
# * `named_parameters` returns the tensors **themselves**. Whoever gets a copy updates the copy.
# * `train(mode)` sets `training` of this layer and of every layer inside, and returns the layer itself, so that
#   `create_mlp(...).eval()` gives a model ready for use. What is no `Layer` stays as it is.
#
# `training` is written on the class, so each layer begins with True without an `__init__` having to say so.


# %% id="base" exercise="base"
#| export
class Layer:
    """Something with a `forward`, and perhaps with parameters and other layers inside.

    A subclass stores them as attributes, alone or in lists; they are found there.
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """The output for an input; a subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        return self.forward(*args, **kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def members(self) -> Iterable[tuple[str, Any]]:
        """What this layer consists of, each with its name: its attributes, in the order they were set."""
        return vars(self).items()

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """Every parameter in this layer with its dotted name, each once."""
        ### BEGIN SOLUTION
        tensors = [(name, item) for name, item in walk(self) if isinstance(item, Tensor)]
        return [(name, tensor) for name, tensor in tensors if tensor.requires_grad and tensor.grad_fn is None]
        ### END SOLUTION

    def parameters(self) -> list[Tensor]:
        """Every parameter in this layer, each once: the tensors themselves, for the optimizer to change."""
        return [tensor for _, tensor in self.named_parameters()]

    def num_parameters(self) -> int:
        """How many numbers training changes."""
        return sum(tensor.size for tensor in self.parameters())

    def train(self, mode: bool = True) -> Self:
        """Switch this layer and every layer in it to training, or with `mode=False` to evaluation."""
        ### BEGIN SOLUTION
        for _, item in walk(self):
            if isinstance(item, Layer):
                item.training = mode
        return self
        ### END SOLUTION

    def eval(self) -> Self:
        """Switch this layer and every layer in it to evaluation."""
        return self.train(False)


# %% id="walk" exercise="base"
#| export
def walk(item: Any, name: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Tensor | Layer]]:
    """`item` and every layer and tensor in it with dotted names, each object once, depth first.

    Looks into the members of a Layer and into the items of lists and tuples; everything else is
    passed over. `seen` holds the ids of the objects that were there before.
    """
    ### BEGIN SOLUTION
    seen = set() if seen is None else seen
    if id(item) in seen or not isinstance(item, Tensor | Layer | list | tuple):
        return
    seen.add(id(item))
    if isinstance(item, Tensor | Layer):
        yield name, item
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(item, Layer):
        inside = item.members()
    elif isinstance(item, list | tuple):
        inside = enumerate(item)
    for part, member in inside:
        yield from walk(member, f"{name}.{part}" if name else str(part), seen)
    ### END SOLUTION


# %% id="base-check" tags=["check"]
block, twin = Layer(), Layer()
block.weight = Tensor([[1, 2]], requires_grad=True)
block.bias = Tensor([0], requires_grad=True)
twin.weight = block.weight
twin.mean = Tensor([5])
model = Layer()
model.scale = Tensor(2.0, requires_grad=True)
model.blocks = [block, twin]
model.bend, model.width = ReLU(), 64

names = [name for name, _ in model.named_parameters()]
assert names == ["scale", "blocks.0.weight", "blocks.0.bias"], f"compare with the picture: {names}"
assert model.parameters()[1] is block.weight, "the optimizer must see the same object"
assert model.num_parameters() == 4, "1 + 2 + 1 numbers"
assert model.eval() is model, "train and eval return the layer itself"
assert [layer.training for layer in (model, block, twin)] == [False] * 3, (
    "every layer inside should be switched"
)
block.train()
assert [layer.training for layer in (model, block, twin)] == [False, True, False], "only what is inside it"
twin.parent = model
assert len(model.parameters()) == 3, "a layer that refers back to its parent is not searched again"
print("ok")

# %% [markdown]
# What the search costs, for a model of a thousand layers. It runs once, when the optimizer is made, not in every step:

# %% id="base-timing" tags=["check"]
deep = Layer()
deep.layers = [Layer() for _ in range(100 if QUICK else 1000)]
for layer in deep.layers:
    layer.weight = Tensor([1], requires_grad=True)
print(f"{seconds(deep.parameters) * 1e3:.2f} ms for {len(deep.parameters())} parameters")

# %% [markdown]
# ## 3. How large should the first weights be?
#
# Zero is a poor choice, and so is every other constant: all units of a layer would compute the same number, get the
# same correction and stay equal for ever. They have to differ, so they are **drawn at random**. How wide?
#
# An output is a sum of n products. If inputs and weights are independent with mean 0, variances add up:
#
# $$\mathrm{var}(y) = n \cdot \mathrm{mean}(x^2) \cdot \mathrm{var}(w)$$
#
# With n = 784 inputs of size 1 and weights of variance 1 the outputs have variance 784, a standard deviation (std) of 28.
# Twenty layers, 256 wide:

# %% id="explosion"
rng = np.random.default_rng(0)
x = rng.standard_normal((256, 256), np.float32)
for layer in range(1, 21):
    x = np.maximum(x @ rng.standard_normal((256, 256), np.float32), 0)
    if layer in (1, 2, 5, 10, 20):
        print(f"after {layer:2} layers: std {x.std(dtype=np.float64):9.3g}")

# %% [markdown]
# Each layer multiplies by about 11, the root of 256 / 2. At this rate layer 37 passes $3.4 \cdot 10^{38}$, where
# float32 ends. So the variance of a weight has to shrink as the number of inputs grows. That number is called `fan_in`;
# `fan_out` is the number of outputs.
#
# * **LeCun**: variance 1 / fan_in. Then var(y) = mean(x²): a linear layer leaves the size alone.
# * **He**: variance 2 / fan_in. A ReLU sets half of the numbers to 0 and halves the mean square; the 2 makes up for it.
# * **Xavier** (also Glorot): variance 2 / (fan_in + fan_out). In training the gradients travel through the same weights
#   backwards, and the sum there has fan_out terms. This is the compromise between the two directions.
#
# | std of a weight | he | xavier | lecun |
# |---|---|---|---|
# | 784 inputs, 128 outputs | 0.0505 | 0.0468 | 0.0357 |
# | 128 inputs, 784 outputs | 0.1250 | 0.0468 | 0.0884 |
#
# (The std is the square root of the variance. Confusing them is the most frequent mistake here, and no error message
# tells.)
#
# ### Where the randomness comes from
#
# Random numbers come from a **generator**. `np.random.default_rng(7)` makes one that produces the same numbers every
# time: pass it as `rng`, and the run can be repeated. Without `rng`, all layers draw from one generator of this module,
# each continuing where the last one stopped. A layer that made its own, with a fixed seed, would get exactly the same
# weights as every other layer of its shape:

# %% id="generator"
#| export
_RNG = np.random.default_rng()


def _generator(rng: np.random.Generator | None) -> np.random.Generator:
    """`rng`, or for None the one generator that all layers share."""
    if rng is None:
        return _RNG
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng: expected a np.random.Generator, not {type(rng).__name__}; "
            "np.random.default_rng(seed) makes one"
        )
    return rng


# %% id="generator-demo"
first, second = (np.random.default_rng(0).standard_normal(3) for _ in range(2))
print("a generator for each: ", first.round(2), second.round(2))
rng = np.random.default_rng(0)
first, second = (rng.standard_normal(3) for _ in range(2))
print("one for both:         ", first.round(2), second.round(2))

# %% [markdown]
# ### Exercise: initial weights (10 points)
#
# Return an array of the given shape, **float32**, normally distributed with mean 0 and the variance of the scheme. Get
# the generator from `_generator(rng)`. An unknown scheme is a `ValueError` that names it and the three that exist.
# `generator.standard_normal(shape, np.float32)` draws with variance 1. `fan_in` and `fan_out` are arguments of their
# own, because for the convolutions of module 09 they are not simply the two sizes of the shape.


# %% id="init" exercise="init"
#| export
def initial_weight(
    shape: tuple[int, ...],
    fan_in: int,
    fan_out: int,
    init: str = "he",
    rng: np.random.Generator | None = None,
) -> Array:
    """Normal random numbers in float32 with mean 0 and the variance of the scheme `init`.

    he: 2 / fan_in. xavier: 2 / (fan_in + fan_out). lecun: 1 / fan_in.
    """
    ### BEGIN SOLUTION
    variances = {"he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out), "lecun": 1 / fan_in}
    if init not in variances:
        raise ValueError(f"init: {init!r} is unknown; use one of {', '.join(variances)}")
    return _generator(rng).standard_normal(shape, np.float32) * math.sqrt(variances[init])
    ### END SOLUTION


# %% id="init-check" tags=["check"]
rng = np.random.default_rng(0)
for init, std in {"he": 0.0505, "xavier": 0.0468, "lecun": 0.0357}.items():
    weight = initial_weight((784, 128), 784, 128, init, rng)
    assert abs(weight.std() / std - 1) < 0.02, f"{init}: std {std} in the table, yours {weight.std():.4f}"
assert weight.shape == (784, 128), "the shape as given"
assert weight.dtype == np.float32, "float32, half the bytes of numpy's default"
again = [initial_weight((2, 3), 2, 3, rng=np.random.default_rng(7)) for _ in range(2)]
assert np.array_equal(*again), "the same seed should give the same weights"
assert not np.array_equal(initial_weight((2, 3), 2, 3), initial_weight((2, 3), 2, 3)), "and no seed others"
message = complaint(lambda: initial_weight((2, 3), 2, 3, "best"))
print("your message:", message)
assert all(text in message for text in ("best", "he", "xavier", "lecun")), "name it, and those that exist"
print("ok")

# %% [markdown]
# ## 4. Linear
#
# The loop first, for a batch: every row, every output, every input.


# %% id="linear-loop"
def linear_loop(x, weight, bias):
    """x @ weight + bias for 2-D arrays, one multiplication at a time."""
    out = np.empty((len(x), len(bias)), np.float32)
    for row in range(len(x)):
        for unit in range(len(bias)):
            total = bias[unit]
            for feature in range(len(weight)):
                total += x[row, feature] * weight[feature, unit]
            out[row, unit] = total
    return out


weight = np.array([[1, 0, 2], [3, 1, 0]], dtype=np.float32)
bias = np.array([10, 20, 30], dtype=np.float32)
print(linear_loop(np.array([[1, 2], [0, 0]], dtype=np.float32), weight, bias))

# %% [markdown]
# Your tensors can do all of it: `@` takes the last axis of x as features whatever stands before it, and the bias
# broadcasts.
#
# | input | output | is |
# |---|---|---|
# | (in,) | (out,) | one example |
# | (N, in) | (N, out) | a batch |
# | (N, S, in) | (N, S, out) | a batch of sequences: every position by itself |
#
# Use the operators of Tensor and not their arrays: module 06 differentiates what leaves through `Function.apply`, and
# nothing else.
#
# ### Exercise: Linear (15 points)
#
# * `weight` is a Tensor of shape **(in_features, out_features)** from `initial_weight`, with `in_features` as fan_in
#   and `out_features` as fan_out; `init` and `rng` are passed on.
# * `bias` is a Tensor of shape **(out_features,)**, all zeros, or `None` with `bias=False`. (Zeros are fine here: the
#   weights already make the units different.) Both tensors have `requires_grad=True`: that is what makes them
#   parameters.
# * A size below 1 is a `ValueError` that names both sizes.
# * `forward`: an input that is no Tensor of floats is a TypeError; `check_float(x, "Linear")` from module 02 raises it.
#   If the last axis is not `in_features`, or there is no axis, raise a `ValueError` that names `in_features` with its
#   number and the shape of the input. The error of `@` alone would not do: it knows two shapes, and not whose they are.
# * float32 stays float32; the input is not changed.


# %% id="linear" exercise="linear"
#| export
class Linear(Layer):
    """x @ weight + bias, for x of shape (..., in_features)."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
        init: str = "he",
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.weight: Tensor
        self.bias: Tensor | None
        ### BEGIN SOLUTION
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear: both sizes must be positive, got {in_features} and {out_features}")
        array = initial_weight((in_features, out_features), in_features, out_features, init, rng)
        self.weight = Tensor(array, requires_grad=True)
        self.bias = Tensor.zeros(out_features, requires_grad=True) if bias else None
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """(..., in_features) to (..., out_features)."""
        ### BEGIN SOLUTION
        x = check_float(x, "Linear")
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            last = f"the last axis has {x.shape[-1]}" if x.ndim else "there is no axis"
            raise ValueError(
                f"Linear: the input has shape {x.shape}: {last}, in_features is {self.in_features}; "
                "make them equal, perhaps with Flatten"
            )
        product = x @ self.weight
        return product if self.bias is None else product + self.bias
        ### END SOLUTION

    def __repr__(self) -> str:
        return (
            f"Linear(in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None})"
        )


Dense = Linear

# %% id="linear-check" tags=["check"]
layer = Linear(2, 3)
assert layer.weight.shape == (2, 3), "x @ weight must contract in_features"
assert np.array_equal(layer.bias.data, [0, 0, 0]), "one zero for each output"
assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"], "both should be found"
layer.weight, layer.bias = Tensor(weight, requires_grad=True), Tensor(bias, requires_grad=True)
assert np.array_equal(layer(Tensor([1, 2])).data, [17, 22, 32]), "see the numbers in part 1"
assert layer(Tensor(np.zeros((4, 5, 2)))).shape == (4, 5, 3), "any number of axes before the features"
assert Linear(2, 3, bias=False).bias is None, "bias=False: no bias"
message = complaint(lambda: layer(Tensor(np.zeros((4, 7)))))
print("your message:", message)
assert all(text in message for text in ("in_features", "2", "(4, 7)")), "name in_features and the shape"
assert complaint(lambda: Linear(0, 3)) != "no error", "a layer without inputs"
print("ok")

# %% id="linear-timing" tags=["check"]
size = 16 if QUICK else 64
x = Tensor.randn(size, size, rng=np.random.default_rng(0))
layer = Linear(size, size, rng=np.random.default_rng(1))
t_loop = seconds(lambda: linear_loop(x.data, layer.weight.data, layer.bias.data), 2)
t_fast = seconds(lambda: layer(x), 20)
print(f"{size} rows, {size} features, {size} units: {size**3:,} multiplications")
print(f"loop   {t_loop / size**3 * 1e9:8.2f} ns a multiplication")
print(f"Linear {t_fast / size**3 * 1e9:8.2f} ns a multiplication, {t_loop / t_fast:.0f} times faster")

# %% [markdown]
# ## 5. Dropout: learn not to rely on anybody
#
# A large network can learn its training data by heart: some units come to recognise single examples. **Dropout** makes
# that hard. In every training step each number that passes is set to 0 with probability p, by its own coin; which ones,
# changes from step to step. No unit can rely on a particular other one. When the network is *used*, nothing is dropped.
#
# That leaves a gap: with p = 0.5 the next layer gets sums of half the size in training. So the survivors are scaled up
# by 1 / (1 - p), and the **expected value stays**: (1 - p) · x / (1 - p) + p · 0 = x. With p = 0.25:
#
# ```text
#    x              4      8      2      6        mean 5
#    coin           keep   drop   keep   keep
#    mask           1.333  0      1.333  1.333    1 / (1 - 0.25) = 1.333
#    output         5.333  0      2.667  8        mean 4 this time; 5 on average over many
# ```


# %% id="dropout-loop"
def dropout_loop(array, p, rng):
    """Dropout of a 1-D array, one coin at a time."""
    out = np.empty_like(array)
    for i in range(len(array)):
        out[i] = 0 if rng.random() < p else array[i] / (1 - p)
    return out


rng = np.random.default_rng(0)
x = np.array([4, 8, 2, 6], dtype=np.float32)
print(dropout_loop(x, 0.25, rng), dropout_loop(x, 0.25, rng))
runs = 500 if QUICK else 20_000
print(f"mean of {runs:,} runs:", np.mean([dropout_loop(x, 0.25, rng) for _ in range(runs)], axis=0))

# %% [markdown]
# ### Exercise: Dropout (15 points)
#
# * `p` is the probability of being **dropped**. From 0 to 1, both allowed; anything else is a `ValueError` that names
#   it.
# * `forward(x, training=None)`: `True` and `False` decide; `None` means `self.training`, which `train()` and `eval()`
#   switch.
# * In training: draw one random number for **each element**, in **each call**, from `self.rng`; make a mask of 0 and 1
#   / (1 - p), and multiply `x` by it **as a Tensor**, so that module 06 can differentiate the product. With `p = 1` the
#   result is all zeros, without a division by zero on the way.
# * Not in training, or with `p = 0`: the same values (`x` itself will do), and **nothing is drawn**. A look at the
#   validation data in the middle of a run must not change how the run continues.
# * float32 stays float32, float64 stays float64; the input is not changed.
#
# `self.rng.random(shape, np.float32)` draws numbers from 0 up to, not including, 1.


# %% id="dropout" exercise="dropout"
#| export
class Dropout(Layer):
    """In training, each number becomes 0 with probability p, and the others are scaled up by 1 / (1 - p)."""

    def __init__(self, p: float = 0.5, rng: np.random.Generator | None = None) -> None:
        self.p = p
        self.rng = _generator(rng)
        ### BEGIN SOLUTION
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability, from 0 to 1, not {p}")
        ### END SOLUTION

    def forward(self, x: Tensor, training: bool | None = None) -> Tensor:
        """`training` says whether to drop; None leaves it to `self.training`."""
        x = check_float(x, "Dropout")
        ### BEGIN SOLUTION
        training = self.training if training is None else training
        if not training or self.p == 0:
            return x
        keep = self.rng.random(x.shape, np.float32) >= self.p
        scale = 1 / (1 - self.p) if self.p < 1 else 0.0
        return x * Tensor(np.multiply(keep, scale, dtype=x.dtype), dtype=x.dtype)
        ### END SOLUTION

    def __repr__(self) -> str:
        return f"Dropout(p={self.p})"


# %% id="dropout-check" tags=["check"]
ones = Tensor(np.ones((1000, 100)))
layer = Dropout(0.2, rng=np.random.default_rng(0))
out = layer(ones).data
assert set(np.unique(out)) == {np.float32(0), np.float32(1.25)}, "each number is 0 or x / (1 - p)"
assert abs((out == 0).mean() - 0.2) < 0.01, (
    f"p is the share that is dropped; yours drops {(out == 0).mean():.2f}"
)
assert abs(out.mean() - 1) < 0.01, "the expected value should not change"
assert not np.array_equal(layer(ones).data, out), "draw anew in every call"
assert not np.array_equal(out[0], out[1]), "each element has its own coin, not each column"
assert np.array_equal(layer(ones, training=False).data, ones.data), "not in training: nothing changes"
layer.eval()
assert np.array_equal(layer(ones).data, ones.data), "after eval(): nothing changes"
assert not Dropout(1)(ones).data.any(), "p = 1 drops everything"
assert out.dtype == np.float32, "float32 stays float32"
assert "1.5" in complaint(lambda: Dropout(1.5)), "p is a probability"
print("ok")

# %% id="dropout-timing" tags=["check"]
n = 20_000 if QUICK else 1_000_000
x = np.ones(n, dtype=np.float32)
t, layer, rng = Tensor(x), Dropout(0.5), np.random.default_rng(0)
t_loop, t_fast = seconds(lambda: dropout_loop(x, 0.5, rng), 1), seconds(lambda: layer(t), 5)
t_product = seconds(lambda: t * t, 5)
print(f"loop     {t_loop / n * 1e9:8.2f} ns an element")
print(f"Dropout  {t_fast / n * 1e9:8.2f} ns an element, {t_loop / t_fast:.0f} times faster")
print(
    f"of which {t_product / n * 1e9:8.2f} ns are a product; the rest is drawing numbers and making the mask"
)

# %% [markdown]
# ## 6. Sequential: layers in a row
#
# ```text
#    Sequential(Flatten(), Linear(192, 32), ReLU(), Linear(32, 10))
#
#    x ─────► Flatten ─────► Linear ─────► ReLU ─────► Linear ─────► y
#             layers[0]      layers[1]     layers[2]   layers[3]
#                            "1.weight"                "3.weight"
#                            "1.bias"                  "3.bias"
# ```
#
# A Sequential is a Layer that holds a list, and so it can stand in another Sequential. The activations of module 02 are
# no Layers; whatever can be called with a tensor may stand in the row. Two frequent slips are caught by a given
# function: a *class* where an object belongs (`ReLU` for `ReLU()`), and something that cannot be called.
#
# In deep models an error message such as "shapes (64, 128) and (256, 10) do not fit" is true and useless: *which of the
# forty layers?* So Sequential catches an error, puts the place and the class of the layer in front of the message, and
# raises it again.


# %% id="sequential-check-layer"
#| export
def check_layer(layer: Any, place: int) -> Any:
    """`layer` itself if it can stand in a Sequential at this place, else a TypeError."""
    if isinstance(layer, type):
        raise TypeError(
            f"Sequential: layer {place} is the class {layer.__name__}; make one: {layer.__name__}(...)"
        )
    if not callable(layer):
        raise TypeError(
            f"Sequential: layer {place} is of type {type(layer).__name__}, which cannot be called"
        )
    return layer


# %% [markdown]
# ### Flatten
#
# Images come as (N, channels, height, width), Linear wants (N, features). `Flatten` joins all axes from `start_dim` on,
# by default all but the batch: (2, 3, 8, 8) becomes (2, 192). For a negative `start_dim` one counts from the end, and
# an axis that does not exist is an `IndexError`: `check_axis(dim, shape, operation)` of module 01 does both.
#
# ### Exercise: Sequential and Flatten (10 points)
#
# * `Sequential(a, b, c)` and `Sequential([a, b, c])` (or a tuple) mean the same; `Sequential()` is empty and returns
#   its input. `self.layers` is a **list of its own**, in which a layer can be replaced (module 15 does so), and not the
#   list that was given: `append` must not change that one. The layers in it are the ones that were given, no copies.
#   Pass each through `check_layer(layer, place)`.
# * `append(layer)` puts it at the end, checked in the same way, and returns the model, so that appends can be chained.
# * `forward`: if a layer raises a `TypeError`, `ValueError` or `IndexError`, raise an error **of the same class** whose
#   message has `layer 1` (counted from 0), the name of the layer's class, and the message of the first error.
#   `type(error)(text)` makes one; with `raise ... from error` the traceback shows both.
# * `Flatten.forward`, through a method of Tensor.


# %% id="sequential" exercise="sequential"
#| export
class Sequential(Layer):
    """Layers one after the other: the output of each is the input of the next."""

    def __init__(self, *layers: Any) -> None:
        """Takes the layers themselves, or one list of them."""
        self.layers: list[Any]
        ### BEGIN SOLUTION
        given = layers[0] if len(layers) == 1 and isinstance(layers[0], list | tuple) else layers
        self.layers = [check_layer(layer, place) for place, layer in enumerate(given)]
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """The output of the last layer. An error says in which layer it happened."""
        ### BEGIN SOLUTION
        for place, layer in enumerate(self.layers):
            try:
                x = layer(x)
            except (TypeError, ValueError, IndexError) as error:
                name = type(layer).__name__
                raise type(error)(f"Sequential: layer {place} ({name}): {error}") from error
        return x
        ### END SOLUTION

    def append(self, layer: Any) -> Self:
        """Put another layer at the end."""
        ### BEGIN SOLUTION
        self.layers.append(check_layer(layer, len(self.layers)))
        return self
        ### END SOLUTION

    def members(self) -> list[tuple[str, Any]]:
        """The layers under their numbers, then what else a subclass has."""
        others = [(name, value) for name, value in vars(self).items() if name != "layers"]
        return [(str(place), layer) for place, layer in enumerate(self.layers)] + others

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, place: int) -> Any:
        if not -len(self.layers) <= place < len(self.layers):
            raise IndexError(f"Sequential: there is no layer {place}; it has {len(self.layers)}")
        return self.layers[place]

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


# %% id="flatten" exercise="sequential"
#| export
class Flatten(Layer):
    """All axes from `start_dim` on become one."""

    def __init__(self, start_dim: int = 1) -> None:
        self.start_dim = start_dim

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C*H*W), if start_dim is 1."""
        if not isinstance(x, Tensor):
            raise TypeError(f"Flatten: expected a Tensor, not {type(x).__name__}; wrap it first: Tensor(...)")
        ### BEGIN SOLUTION
        start = check_axis(self.start_dim, x.shape, "Flatten")
        return x.reshape(*x.shape[:start], -1)
        ### END SOLUTION

    def __repr__(self) -> str:
        return f"Flatten(start_dim={self.start_dim})"


# %% id="sequential-check" tags=["check"]
given = [Flatten(), Tanh()]
model = Sequential(given)
assert model.append(Softmax()) is model, "append returns the model"
assert (len(given), len(model)) == (2, 3), "the model has a list of its own"
assert model[0] is given[0], "in the list are the layers themselves"
x = Tensor(np.random.default_rng(0).normal(size=(4, 2, 3)))
shares = model(x).data
assert shares.shape == (4, 6), "Flatten joins all axes but the first"
assert np.allclose(shares.sum(axis=1), 1), "and Softmax comes last"
assert [Flatten(start)(x).shape for start in (0, 2, -2)] == [(24,), (4, 2, 3), (4, 6)], "any start_dim"
model.layers[1] = ReLU()
assert "ReLU" in repr(model), "a layer can be replaced"
message = complaint(lambda: Sequential(ReLU(), Flatten(3))(x))
print("your message:", message)
assert all(text in message for text in ("layer 1", "Flatten", "(4, 2, 3)")), "where, which, and why"
assert "ReLU" in complaint(lambda: Sequential(Flatten(), ReLU)), "check_layer knows better"
print("ok")

# %% [markdown]
# A frame has its price, too. The same three steps called one after the other, and through two levels of Sequential:

# %% id="sequential-timing" tags=["check"]
steps = [Flatten(), Tanh(), ReLU()]
nested = Sequential(Sequential(*steps))
for rows in (1, 1000):
    x = Tensor.randn(rows, 8, 8, rng=np.random.default_rng(0))
    direct = seconds(lambda x=x: steps[2](steps[1](steps[0](x))), 50)
    print(
        f"{rows:5} rows: direct {direct * 1e6:8.2f} us, nested {seconds(lambda x=x: nested(x), 50) * 1e6:8.2f} us"
    )

# %% [markdown]
# ## 7. A multi-layer perceptron
#
# *Multi-layer perceptron*, MLP, is the name of the oldest deep network: linear layers with a bend between them, and
# none after the last, whose outputs are scores and may have any size.
#
# ```text
#    create_mlp(784, [128, 64], 10)      784 ──► 128 ─ReLU─► 64 ─ReLU─► 10
#                                        (784+1)·128 + (128+1)·64 + (64+1)·10 = 109,386 parameters
# ```
#
# ### Exercise: create_mlp (8 points)
#
# * For each hidden size a `Linear` and an `activation()`, then a `Linear` to `out_size`, then `output_activation()` if
#   there is one.
# * Each place gets an **object of its own**: call `activation` anew for each. (An activation that learns something, or
#   a dropout, would otherwise be one object in three places.)
# * All Linear layers draw from the one `rng`.
# * `hidden_sizes` may be empty: then there is one `Linear` from `in_size` to `out_size`. Something other than a list or
#   tuple, such as `create_mlp(4, 8, 2)`, is a `TypeError` that names its type.


# %% id="mlp" exercise="mlp"
#| export
def create_mlp(
    in_size: int,
    hidden_sizes: Sequence[int],
    out_size: int,
    activation: Callable[[], Any] = ReLU,
    output_activation: Callable[[], Any] | None = None,
    rng: np.random.Generator | None = None,
) -> Sequential:
    """A multi-layer perceptron: Linear layers with `activation()` between them.

    `output_activation()`, if there is one, follows the last Linear.
    """
    ### BEGIN SOLUTION
    if not isinstance(hidden_sizes, list | tuple):
        raise TypeError(f"create_mlp: hidden_sizes must be a list, not {type(hidden_sizes).__name__}")
    model = Sequential()
    for size in hidden_sizes:
        model.append(Linear(in_size, size, rng=rng)).append(activation())
        in_size = size
    model.append(Linear(in_size, out_size, rng=rng))
    return model if output_activation is None else model.append(output_activation())
    ### END SOLUTION


# %% id="mlp-check" tags=["check"]
model = create_mlp(784, [128, 64], 10, rng=np.random.default_rng(0))
print(model)
assert [type(layer).__name__ for layer in model.layers] == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
assert model.num_parameters() == 109_386, f"see the sum above; yours has {model.num_parameters():,}"
assert model[1] is not model[3], "every place has an object of its own"
assert model(Tensor(np.zeros((5, 784)))).shape == (5, 10), "784 in, 10 out"
assert type(create_mlp(4, [8], 2, Tanh, Softmax)[-1]).__name__ == "Softmax", "output_activation comes last"
assert len(create_mlp(4, [], 2)) == 1, "no hidden layer: one Linear"
assert "int" in complaint(lambda: create_mlp(4, 8, 2)), "hidden_sizes is a list"
print("ok")

# %% [markdown]
# ## 8. Systems analysis
#
# ### 8.1 Four memory budgets
#
# Training needs four kinds of memory, and for three of them the batch does not matter:
#
# | budget | numbers | grows with |
# |---|---|---|
# | parameters | P | the model |
# | gradients | P, one for each parameter | the model |
# | optimizer state | SGD: none. Adam: 2 P, two running means for each parameter (module 07) | the model |
# | activations | the inputs of all operations, kept until their derivative is computed | the model **and the batch** |
#
# The last one can be measured now. An engine that only *records* (module 01, part 3) lets every operation hold on to
# its input arrays, just as module 06 will. Then walk back from the result and add up what is alive and is not a
# parameter:


# %% id="recorder" tags=["check"]
class Recorder(Engine):
    """Records operations, and can do nothing with them."""

    recording = True


def activation_bytes(model, x):
    """The bytes that the operations of `model(x)` keep for their derivatives, parameters not counted."""
    usual, Function.engine = Function.engine, Recorder()
    try:
        waiting = [model(x).grad_fn]
    finally:
        Function.engine = usual
    parameters = {id(parameter.data) for parameter in model.parameters()}
    kept = {}
    while waiting:
        operation = waiting.pop()
        if operation is not None:
            kept.update({id(a): a.nbytes for a in operation.arrays if id(a) not in parameters})
            waiting += [tensor.grad_fn for tensor in operation.inputs]
    return sum(kept.values())


def peak_bytes(function):
    """The most memory that was in use at one time during `function()`, above what was there before."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


# %% id="budgets" tags=["check"]
batches = (1, 64, 512) if QUICK else (1, 64, 4096)
print(
    f"{'':14}{'parameters':>12}{'SGD':>10}{'Adam':>10}"
    + "".join(f"   acts, {b:>5}" for b in batches)
    + "   use only"
)
for width in (32, 128, 512):
    model = create_mlp(784, [width], 10, rng=np.random.default_rng(0))
    size = model.num_parameters() * 4
    row = (
        f"784-{width:>3}-10    {model.num_parameters():>12,}{2 * size / 1e6:>8.2f}MB{4 * size / 1e6:>8.2f}MB"
    )
    for batch in batches:
        x = Tensor.randn(batch, 784, rng=np.random.default_rng(0))
        row += f"{activation_bytes(model, x) / 1e6:>10.3f} MB"
    print(f"{row}{peak_bytes(lambda m=model, x=x: m(x)) / 1e6:>9.2f}MB")

# %% [markdown]
# *SGD* and *Adam* are parameters, gradients and optimizer state together. *acts* is what is kept for a batch of that
# many rows. *use only* is the peak of a forward pass with the largest batch when nothing is recorded: each intermediate
# array is freed when the next one exists, so that using a model takes much less than training it.
#
# Find the formula behind *acts*: divide by the batch and by 4 bytes, and you have a whole number for each network.
# Which arrays are they? (`x @ W`, `+ b` and the ReLU each make one. Which of them is the input of a further operation?)
# Then find the batch size at which activations overtake the rest.
#
# ### 8.2 Time and batch size

# %% id="batch-time" tags=["check"]
model = create_mlp(784, [128], 10, rng=np.random.default_rng(0)).eval()
for batch in (1, 16, 256) if QUICK else (1, 4, 16, 64, 256, 1024, 4096, 16384):
    x = Tensor.randn(batch, 784, rng=np.random.default_rng(0))
    t = seconds(lambda x=x: model(x), 10)
    flops = 2 * batch * (784 * 128 + 128 * 10)
    print(
        f"batch {batch:>6}: {t * 1e3:8.3f} ms, {t / batch * 1e6:7.2f} us a row, {flops / t / 1e9:6.1f} GFLOP/s"
    )

# %% [markdown]
# At batch 1 the whole weight, 400 KB, is read for 100,352 multiplications: every number is used once. At batch 64 each
# number that was read is used 64 times, and the fixed price of a call is shared by 64 rows. Where does the time a row
# stop falling on your machine, and does it rise again when the activations of the batch outgrow a cache?
#
# ### 8.3 Size through depth
#
# Noise of variance 1 goes through 20 layers of `relu(x @ weight)`, 256 wide, for the three schemes, and for two numbers
# that one might pick by feeling. The last column is what it means for training: a final layer of 10 outputs on top,
# softmax, and the mean of -log(share of the right class), with classes at random. That is the loss of module 04, and
# for a network that has no opinion it is log 10 = 2.303.


# %% id="depth" tags=["check"]
def through_depth(draw, widths, rows=256):
    """The stds after each layer, and the loss of a head on top."""
    rng = np.random.default_rng(0)
    x, stds = Tensor.randn(rows, widths[0], rng=rng), []
    for fan_in, fan_out in pairwise(widths):
        x = relu(x @ Tensor(draw(fan_in, fan_out, rng)))
        stds.append(float(x.data.std(dtype=np.float64)))
    scores = x @ Tensor(draw(widths[-1], 10, rng))
    share = softmax(scores).data[np.arange(rows), rng.integers(10, size=rows)].astype(np.float64)
    with np.errstate(divide="ignore"):
        return stds, -np.log(share).mean()


def scheme(name):
    return lambda fan_in, fan_out, rng: initial_weight((fan_in, fan_out), fan_in, fan_out, name, rng)


def fixed(std):
    return lambda fan_in, fan_out, rng: rng.standard_normal((fan_in, fan_out), np.float32) * std


ways = {name: scheme(name) for name in ("he", "xavier", "lecun")} | {
    "std 0.01": fixed(0.01),
    "std 1": fixed(1.0),
}
for title, widths in {"256 wide": [256] * 21, "256 and 512 in turn": [256, 512] * 10 + [256]}.items():
    print(f"{title:20}" + "".join(f"{f'after {n}':>11}" for n in (1, 2, 5, 10, 20)) + "  loss at step 0")
    for name, draw in ways.items():
        stds, loss = through_depth(draw, widths)
        print(f"{name:20}" + "".join(f"{stds[n - 1]:>11.3g}" for n in (1, 2, 5, 10, 20)) + f"{loss:>12.3f}")

# %% [markdown]
# For each row, find the factor from layer to layer, and derive it: the formula of part 3, and a ReLU that keeps half of
# the mean square. Why do xavier and lecun agree in the first table and not in the second? And notice that the loss
# hardly tells vanishing from health: a network whose outputs are all about 0 has no opinion either. What it lacks will
# show in module 06, when gradients travel back through the same factors.
#
# Two details of `he`. Its std is about 0.8 and not 1, because the mean after a ReLU is not 0, and it is the mean
# *square* that stays; after that it wanders, since 256 random weights never have exactly the variance they were drawn
# with (is it calmer at width 1024?). And its loss is above 2.303: no ReLU follows the last layer, so there the factor 2
# doubles the variance of the scores.
#
# ### 8.4 What dropout does to the numbers
#
# Two places to put the factor: divide by 1 - p in training (yours), or multiply by 1 - p whenever the model is used.

# %% id="dropout-variance" tags=["check"]
n = 50_000 if QUICK else 1_000_000
x = Tensor.randn(n, rng=np.random.default_rng(0)) + 1.0
print(
    f"{'':16}{'mean':>8}{'mean square':>13}   (without dropout: {x.data.mean():.3f}, {(x.data**2).mean():.3f})"
)
for p in (0.1, 0.5, 0.9):
    out = Dropout(p, rng=np.random.default_rng(1))(x).data
    plain = out * (1 - p)
    print(f"p = {p}   scaled {out.mean():9.3f}{(out**2).mean():13.3f}")
    print(f"          plain {plain.mean():9.3f}{(plain**2).mean():13.3f}")
layer = Dropout(0.5).eval()
print(f"\nin use, scaled in training: {seconds(lambda: layer(x), 20) * 1e6:10.2f} us")
print(f"in use, scaled here:        {seconds(lambda: x * 0.5, 20) * 1e6:10.2f} us for {n:,} numbers")

# %% [markdown]
# ### 8.5 What breaks at scale
#
# * **Parameters.** 7 billion of them are 28 GB in float32, and with gradients and Adam 112 GB before the first row of
#   data. Hence half precision, optimizer states split over machines, and quantization (module 15).
# * **Activations** grow with batch and depth. *Checkpointing* keeps only some of them and computes the rest again on
#   the way back: time for memory.
# * **Depth.** Good first weights carry 20 or 50 layers. They are a promise about the first step only; for hundreds of
#   layers there are normalisation and residual connections (modules 09 and 13), which hold the size while the weights
#   change.
# * **Finding parameters** by looking at attributes has an end where a layer is kept in a dictionary or a closure. Large
#   frameworks register each one as it is assigned.
#
# ### 8.6 The same things in PyTorch
#
# | here | PyTorch | difference |
# |---|---|---|
# | `Layer` | `torch.nn.Module` | there a subclass calls `super().__init__()` first |
# | a Tensor with `requires_grad` | `torch.nn.Parameter` | a class of its own there |
# | a Tensor without | `register_buffer(name, tensor)` | |
# | a list of layers | `torch.nn.ModuleList` | a plain list is **not** searched there |
# | `Linear.weight` (in, out) | `torch.nn.Linear.weight` (out, in) | y = x Wᵀ + b there: to compare, pass `torch_weight.T` |
# | `init="he"` | uniform in ± 1 / √in | variance 1 / (3 in), and the bias is random, too |
# | `Dropout`, `Sequential`, `Flatten` | the same names | `model[1:3]` is a Sequential there |
#
# For those who want more, without points: an `Identity` layer; a `Residual(layer)` whose output is `x + layer(x)` (put
# 20 of them into the table of 8.3); uniform schemes with the same variances.
#
# ## 9. Three questions (30 points)
#
# As before: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *For your 784-128-10 MLP at batch 64 give parameter, gradient, activation and optimizer-state bytes for SGD and Adam
# training. What dominates at batch 4096?*
#
# Use 8.1. Give the formula for the activations as well, and the batch size at which they overtake.

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Push unit-variance noise through 20 Linear+ReLU layers under three initialisations; explain the measured output std.*
#
# Use 8.3. Derive the factor of one layer and compare its 20th power with your table. What does it mean for the first
# step of training?

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Dropout scales by 1/(1-p) in training rather than by (1-p) at inference. Systems reasons?*
#
# Use 8.4, and think of those who get the trained model: what do they have to know, what can they merge, what can they
# quantize?

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add layers.ipynb
# git commit -m "Module 03"
# git push                       the Actions tab shows your points after a minute
# ```
#
# You have a network with random weights. Module 04 measures how wrong it is.
