# %% [markdown] id="title"
# # 05 DataLoader
#
# *3 to 5 hours. You need your Tensor from module 01. 70 points for code, 30 for three written answers.*
#
# You can compute with tensors; now something has to put data into them. A network learns by looking at
# thousands of examples, not once but many times (one pass over all of them is an **epoch**), each time a few
# examples together (a **batch**), each time in another order, perhaps slightly changed. All of that happens
# before the first multiplication, and the processor that multiplies is the expensive one. The idea of this module:
#
# > **A training run is as fast as its slowest part, and nobody notices when that part is the data.**
#
# Nothing crashes when data arrives late, and nothing crashes when it arrives wrong: with labels from another
# order the network trains, quietly, to the accuracy of guessing. So this module is about speed and about
# being exactly right.
#
# | part | you write | points |
# |---|---|---|
# | 2 | `TensorDataset`: examples by number | 12 |
# | 4 | `default_collate`: samples become a batch | 8 |
# | 5 | `DataLoader`: batch after batch | 18 |
# | 6 | shuffling | 12 |
# | 7 | flip, crop, normalise, compose, and who gets them | 15 |
# | 8 | `train_test_split` | 5 |
# | 10 | three answers in your own words | 30 |
#
# You work as before: write where it says `# YOUR CODE HERE`, run the check cell after it, and
# `uv run tito module test` for the graded tests. Cells that begin with `#| export` become
# `tinytorch/core/dataloader.py`.

# %% id="imports"
#| export
from __future__ import annotations

import hashlib
import io
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import tinytorch
from tinytorch.core.tensor import Array, Tensor

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# The tools of the modules before: a stopwatch, and a way to look at an error. New is `picture`, which shows an image of
# numbers from 0 to 1 as characters.

# %% id="tools"
import queue
import threading
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
    except (ValueError, TypeError, IndexError, FileNotFoundError) as error:
        return str(error)
    return "no error"


def picture(image):
    """An image (H, W) of numbers from 0 to 1 as lines of text, two characters a pixel."""
    return ["".join(" .:-=+*#%@"[round(9 * float(pixel))] * 2 for pixel in row) for row in image]


# %% [markdown]
# ## 1. Who waits for whom
#
# One step of training needs a batch and then computes with it. If these take turns, the times add up; if the next batch is
# prepared while the model is busy with this one, only the longer of the two counts.
#
# ```text
#   taking turns                                    the loader works ahead
#
#   data    ▓▓▓▓      ▓▓▓▓      ▓▓▓▓                data    ▓▓▓▓▓▓▓▓▓▓▓▓
#   model       ░░░░░░    ░░░░░░    ░░░░░░          model       ░░░░░░░░░░░░░░░░░░
#           ──────────────────────────────► time            ──────────────────────► time
#           3 · (4 + 6) = 30                                4 + 3 · 6 = 22
# ```
#
# With 4 units of data and 6 of model, a model twice as fast shortens the left run from 30 to 21, and the right one from 22 to 15:
# now data is the longer part, and a model a hundred times as fast would not change much any more. Below, a model that only
# sleeps, and a loader that only sleeps, 4 ms a batch, so that nothing but the arrangement is measured:


# %% id="waiting"
def slow_batches(count, wait):
    """`count` batches, each of which takes `wait` seconds to prepare."""
    for number in range(count):
        time.sleep(wait)
        yield number


def prefetched(batches, depth=2):
    """The same batches, prepared by a second thread while the caller is busy; at most `depth` lie ready."""
    ready, end = queue.Queue(maxsize=depth), object()

    def work():
        try:
            for batch in batches:
                ready.put(batch)
        finally:
            ready.put(end)

    threading.Thread(target=work, daemon=True).start()
    while (batch := ready.get()) is not end:
        yield batch


def train(batches, compute):
    """Go through `batches` with a model that takes `compute` seconds a batch."""
    for _ in batches:
        time.sleep(compute)


steps = 5 if QUICK else 20
for compute in (0.006, 0.003, 0.001):
    turns = seconds(lambda c=compute: train(slow_batches(steps, 0.004), c), 1) / steps
    ahead = seconds(lambda c=compute: train(prefetched(slow_batches(steps, 0.004)), c), 1) / steps
    print(
        f"model {compute * 1e3:.0f} ms: taking turns {turns * 1e3:5.1f} ms a step, ahead {ahead * 1e3:5.1f} ms"
    )

# %% [markdown]
# You will meet `prefetched` again at the end, with the loader you write. First there has to be one. It is put together from
# four small pieces, and each of the next parts is one of them:
#
# ```text
#   order()                dataset[i]                collate                    for x, y in loader
#   ┌───────────┐          ┌──────────────┐          ┌────────────────┐
#   │ 7 2 9 0 … │ ───7───► │ (8, 8) and 3 │ ───┐     │                │
#   │           │ ───2───► │ (8, 8) and 0 │ ───┼───► │ (4, 8, 8) and  │ ────► x.shape (4, 8, 8)
#   │           │ ───9───► │ (8, 8) and 8 │ ───┤     │ 3, 0, 8, 1     │       y.shape (4,)
#   │           │ ───0───► │ (8, 8) and 1 │ ───┘     │                │
#   └───────────┘          └──────────────┘          └────────────────┘
#     parts 5, 6               part 2                     part 4
# ```

# %% [markdown]
# ## 2. Datasets: examples by number
#
# A dataset answers two questions: how many examples are there, and what is example number `i`? That is all a loader ever
# asks, so behind it may be an array in memory, a folder of pictures, or a function that invents examples.
#
# In Python, `len(dataset)` calls `dataset.__len__()` and `dataset[3]` calls `dataset.__getitem__(3)`. The class below says so
# for all datasets. An `ABC`, an abstract base class, is a form to be filled in: Python refuses to make an object of a subclass that
# lacks one of the two methods, which is a better moment for that news than the middle of the night.


# %% id="frame"
#| export
class Dataset(ABC):
    """Examples that can be counted and picked by number: `len(dataset)`, `dataset[3]`."""

    @abstractmethod
    def __len__(self) -> int:
        """The number of examples."""

    @abstractmethod
    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        """Example number `index`; a negative one counts from the end, one out of range is an IndexError."""


def check_index(index: int, length: int) -> None:
    """Raise IndexError unless a sequence of `length` examples has number `index`."""
    if not -length <= index < length:
        allowed = f"use {-length} to {length - 1}" if length else "it is empty"
        raise IndexError(f"index {index} is out of range for {length} examples; {allowed}")


# %% [markdown]
# `check_index` allows what lists allow: `-1` is the last example. Out of range it raises `IndexError`, and it has to be this error:
# a `for` loop over an object that has `__getitem__` and no `__iter__` tries 0, 1, 2, … **until an IndexError ends it**.


# %% id="protocol"
class Squares(Dataset):
    """The squares of the numbers below `count`: computed when asked for, stored nowhere."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        check_index(index, self.count)
        return (Tensor((index % self.count) ** 2),)


squares = Squares(5)
print("one:", squares[3], "| last:", squares[-1])
print("all:", [square.item() for (square,) in squares])
print(complaint(lambda: squares[5]))

# %% [markdown]
# ### What an example is
#
# An example is a **tuple of Tensors**, even if it has one part only: `(image, label)`, `(question, answer, weight)`, or `(square,)`.
# Whoever receives it can then always write `for part in example`.
#
# ### A trap before you start: labels
#
# A label is the number of a class. It is used to **pick** something (the score of class 3), so it has to be an integer.
# Your Tensor makes float32 of whatever it gets, unless told otherwise. That is right for pixels and wrong for labels:

# %% id="label-trap"
print("Tensor([3, 0, 8])                 ", Tensor([3, 0, 8]).dtype)
print("Tensor([3, 0, 8], dtype=np.int64) ", Tensor([3, 0, 8], dtype=np.int64).dtype)
print("as an index, 3.0:", complaint(lambda: [10, 20, 30, 40][Tensor(3.0).item()]))
print("and float32 does not even count exactly: 16777217 becomes", int(np.float32(16777217)))

# %% [markdown]
# So: make labels with `dtype=np.int64`, and let **no step of the pipeline convert anything**. What goes in as an int64 comes out as
# an int64; what goes in as a float64 comes out as a float64.
#
# ### Exercise: TensorDataset (12 points)
#
# Tensors side by side. Example `i` is row `i` of each of them: with images (1000, 1, 8, 8) and labels (1000,), `dataset[3]` is a tuple
# of an image (1, 8, 8) and a label of shape ().
#
# * Keep the tensors as a tuple in `self.tensors`.
# * No tensor at all: `ValueError`. A thing that is no Tensor: `TypeError` that names its type. A Tensor of shape (), which has
#   no rows: `ValueError`.
# * First axes of different sizes: `ValueError` that lists **all** the sizes, in order.
# * `dataset[i]` for `i` from `-len(dataset)` to `len(dataset) - 1`, otherwise `IndexError` that names the index and the number of
#   examples. (Is there something above that does this?)


# %% id="dataset" exercise="dataset"
#| export
class TensorDataset(Dataset):
    """Tensors side by side: example i is row i of each of them."""

    def __init__(self, *tensors: Tensor) -> None:
        ### BEGIN SOLUTION
        if not tensors:
            raise ValueError("TensorDataset: there must be at least one tensor")
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"TensorDataset: expected Tensors, not {type(tensor).__name__}; wrap it first: "
                    "Tensor(...), labels with dtype=np.int64"
                )
            if tensor.ndim == 0:
                raise ValueError("TensorDataset: a tensor of shape () has no first axis to pick from")
        sizes = [len(tensor) for tensor in tensors]
        if len(set(sizes)) > 1:
            raise ValueError(
                f"TensorDataset: the first axes have sizes {', '.join(map(str, sizes))}; "
                "each tensor needs one row for each example"
            )
        self.tensors = tensors
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return len(self.tensors[0])
        ### END SOLUTION

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        ### BEGIN SOLUTION
        check_index(index, len(self))
        return tuple(tensor[index] for tensor in self.tensors)
        ### END SOLUTION


# %% id="dataset-check" tags=["check"]
xs, ys = Tensor(np.arange(12).reshape(4, 3)), Tensor([0, 1, 0, 1], dtype=np.int64)
pairs = TensorDataset(xs, ys)
assert len(pairs) == 4, "one example for each row"
assert isinstance(pairs[1], tuple), "an example is a tuple"
assert np.array_equal(pairs[1][0].data, [3, 4, 5]), "example 1 has row 1 of the first tensor"
assert np.array_equal(pairs[-1][0].data, [9, 10, 11]), "-1 is the last example"
assert pairs[1][1].dtype == np.int64, "labels stay integers"
assert len(TensorDataset(xs)[0]) == 1, "one tensor: a tuple of one"
for function in (lambda: pairs[4], lambda: TensorDataset(xs, Tensor([1, 2])), lambda: TensorDataset([1, 2])):
    print("your message:", complaint(function))
    assert complaint(function) != "no error", "see the list above"
print("ok")

# %% [markdown]
# ## 3. Data to work with (given)
#
# Two sets of points in the plane, made on the spot, and one of real images.
#
# ```text
#   make_xor                                make_blobs
#   label 1: exactly one coordinate is 1    one cloud around each center
#
#    1 │  1 1         0 0                    1 │               1 1
#      │  1 1         0 0                      │             1 1 1 1
#      │                                       │    0 0        1 1
#    0 │  0 0         1 1                      │  0 0 0 0
#      │  0 0         1 1                   -1 │    0 0
#      └───┴───────────┴──                     └─────┴──────────┴──
#          0           1                            -1          1
# ```
#
# Everything random in this module comes from a **generator**, `np.random.default_rng(seed)`: an object with a state, which each
# draw moves on. Two generators with the same seed give the same numbers; a function that gets a generator from its caller
# can be repeated exactly. `as_generator` is what all our functions do with their argument `rng`:


# %% id="generator"
#| export
def as_generator(
    rng: np.random.Generator | None, operation: str, seed: int | None = None
) -> np.random.Generator:
    """`rng` itself, or a new generator that starts at `seed`, or (None) at a place nobody knows."""
    if rng is None:
        return np.random.default_rng(seed)
    if seed is not None:
        raise ValueError(f"{operation}: got rng and seed; a generator has its seed already, give one of them")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{operation}: rng must be a numpy Generator, not {type(rng).__name__}; "
            "make one: np.random.default_rng(3)"
        )
    return rng


# %% id="points"
#| export
def make_xor(n: int = 200, noise: float = 0.1, rng: np.random.Generator | None = None) -> TensorDataset:
    """`n` points around (0, 0), (0, 1), (1, 0) and (1, 1) in turn; the label is 1 if one coordinate is 1."""
    corner = np.arange(n) % 4
    points = np.stack([corner // 2, corner % 2], axis=1)
    blur = as_generator(rng, "make_xor").normal(scale=noise, size=points.shape)
    return TensorDataset(Tensor(points + blur), Tensor(points[:, 0] ^ points[:, 1], dtype=np.int64))


def make_blobs(
    n: int = 100,
    centers: Sequence[Sequence[float]] = ((-1, -1), (1, 1)),
    spread: float = 0.5,
    rng: np.random.Generator | None = None,
) -> TensorDataset:
    """`n` points around the `centers` in turn; the label is the number of the center."""
    labels = np.arange(n) % len(centers)
    points = np.asarray(centers)[labels]
    blur = as_generator(rng, "make_blobs").normal(scale=spread, size=points.shape)
    return TensorDataset(Tensor(points + blur), Tensor(labels, dtype=np.int64))


# %% id="points-check" tags=["check"]
points = make_xor(8, noise=0.05, rng=np.random.default_rng(0))
for point, label in points:
    print(point.data.round(2), "->", label.item())

# %% [markdown]
# The images are 1,200 handwritten digits of 8 x 8 pixels, collected by E. Alpaydin and C. Kaynak (1998, *Optical Recognition of
# Handwritten Digits*, UCI Machine Learning Repository, licence CC BY 4.0): small enough to stand in a repository, real enough to be
# difficult. 1000 are for learning, 200 for measuring afterwards on images that the network has never seen.
#
# The loader compares the SHA-256 of the file, a fingerprint of all its bytes, with the one written in the code. A data
# file that was cut off, or edited, or is not the one you think, is an **error**; a training run on wrong data looks like any
# other for hours.

# %% id="digits"
#| export
_DIGITS_SHA256 = "4eb25b66011fede2f19a09b274d9c5f09334c329464d725a47d9d40e432c4283"


def load_tinydigits(path: str | Path | None = None) -> tuple[TensorDataset, TensorDataset]:
    """1000 handwritten digits to learn from and 200 to be measured with, as images (1, 8, 8) and labels.

    They come with the package, in `tinytorch/data/digits.npz`; `path` names a copy.
    """
    file = Path(str(tinytorch.__file__)).parent / "data" / "digits.npz" if path is None else Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"load_tinydigits: there is no file {file}; it belongs to the course: "
            "restore it with `git checkout -- tinytorch/data`"
        )
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != _DIGITS_SHA256:
        raise ValueError(
            f"load_tinydigits: {file} is not the file of the course, its SHA-256 differs: "
            "restore it with `git checkout -- tinytorch/data`"
        )
    arrays = np.load(io.BytesIO(content), allow_pickle=False)
    return _digits(arrays, "train"), _digits(arrays, "test")


def _digits(arrays: Any, part: str) -> TensorDataset:
    images = arrays[f"{part}_images"].reshape(-1, 1, 8, 8) / np.float32(16)
    return TensorDataset(Tensor(images), Tensor(arrays[f"{part}_labels"], dtype=np.int64))


# %% id="digits-check" tags=["check"]
digits, test_digits = load_tinydigits()
print(len(digits), "to learn from,", len(test_digits), "to measure with")
image, label = digits[0]
print("image", image.shape, image.dtype, "| label", label.item(), label.dtype)
rows = zip(*(picture(digits[i][0].data[0]) for i in range(4)), strict=True)
print("\n".join("   ".join(row) for row in rows))
print(complaint(lambda: load_tinydigits("digits-of-somebody-else.npz")))

# %% [markdown]
# ### Why a data file can be a program
#
# CIFAR-10, 60,000 small colour photographs, comes as *pickles*, Python's own format for storing objects. A pickle is a list of
# instructions, one of which is "import this function and call it". **Reading a pickle runs it:**


# %% id="pickle"
class Innocent:
    """Looks like data."""

    def __reduce__(self):
        return print, ("this line was printed by loading a file",)


data_file = pickle.dumps(Innocent())
pickle.loads(data_file)

# %% [markdown]
# It could have deleted your files instead. `load_cifar10` therefore reads with an unpickler that looks up four names, all of
# them pieces of numpy arrays, and refuses every other. It never downloads anything: you give it a folder. It also keeps the
# pixels as the bytes they are in the file, and makes floats only of the example that is asked for; part 9.3 has the numbers.
# (It builds on `Transform` and `TransformedDataset` from part 7; so its cell stands there.)

# %% [markdown]
# ## 4. From samples to a batch
#
# The loader fetches samples one by one: a list of tuples. The model wants one tensor with all images and one with all labels.
# Putting them together is called **collating**: the list of rows becomes a tuple of columns.
#
# ```text
#   [ (image 7, 3),        ( stack of image 7, image 2, image 9 ,      (3, 8, 8)
#     (image 2, 0),   ──►
#     (image 9, 8) ]         stack of 3, 0, 8                   )      (3,)
#
#     3 tuples of 2          1 tuple of 2
# ```
#
# Each part gets a **new first axis**, whatever its rank: images (8, 8) become (3, 8, 8), labels () become (3,). In Python, `zip(*samples)`
# turns rows into columns:

# %% id="zip"
print(list(zip(*[("image 7", 3), ("image 2", 0), ("image 9", 8)], strict=True)))

# %% [markdown]
# Stacking as a loop, one number after the other:


# %% id="stack-loop"
def stack_loop(arrays):
    """Arrays of one 2-D shape on a new first axis, one number at a time."""
    out = np.empty((len(arrays), *arrays[0].shape), dtype=arrays[0].dtype)
    for k, array in enumerate(arrays):
        for i in range(array.shape[0]):
            for j in range(array.shape[1]):
                out[k, i, j] = array[i, j]
    return out


images = [np.random.default_rng(k).random((8, 8), dtype=np.float32) for k in range(32)]
t_loop, t_numpy = seconds(lambda: stack_loop(images)), seconds(lambda: np.stack(images), 50)
print(
    f"32 images of 8 x 8: {stack_loop(images).shape}, equal: {np.array_equal(stack_loop(images), np.stack(images))}"
)
print(f"loop {t_loop * 1e6:8.1f} µs, np.stack {t_numpy * 1e6:6.1f} µs, {t_loop / t_numpy:.0f} times faster")

# %% [markdown]
# ### Exercise: default_collate (8 points)
#
# From the Tensors' arrays (`tensor.data`), without a loop over numbers. (`stack` of module 01 would do for the values, but it makes two
# operations of each sample; measure it, if you like.)
#
# * The result is a tuple of Tensors, one for each part, **each with the dtype its parts had**. Where does `Tensor(...)` change it?
# * Samples that are not tuples of Tensors: `TypeError` (given).
# * No samples, or samples of different numbers of parts: `ValueError`.
# * Parts of different shapes (*ragged* samples, such as two sentences of different length): `ValueError` that names the shape of the
#   first and the first one that differs from it. numpy would say only that "all input arrays must have the same shape".


# %% id="collate" exercise="collate"
#| export
def default_collate(samples: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """One batch: the first parts of all samples stacked on a new first axis, the second parts, and so on."""
    for sample in samples:
        if not isinstance(sample, tuple) or not all(isinstance(part, Tensor) for part in sample):
            raise TypeError(f"default_collate: a sample must be a tuple of Tensors, not {sample!r:.40}")
    ### BEGIN SOLUTION
    sizes = sorted({len(sample) for sample in samples})
    if len(sizes) != 1:
        raise ValueError(f"default_collate: samples of {sizes} parts do not make a batch")
    batch = []
    for column in zip(*samples, strict=True):
        first = column[0]
        for tensor in column:
            if tensor.shape != first.shape:
                raise ValueError(
                    f"default_collate: shapes {first.shape} and {tensor.shape} do not stack; "
                    "crop or pad the samples to one shape"
                )
        rows = np.stack([tensor.data for tensor in column])
        batch.append(Tensor(rows, dtype=rows.dtype))
    return tuple(batch)
    ### END SOLUTION


# %% id="collate-check" tags=["check"]
def sample(row, label):
    """A vector and a label."""
    return Tensor(row), Tensor(label, dtype=np.int64)


batch = default_collate([sample([1, 2], 0), sample([3, 4], 1), sample([5, 6], 0)])
assert isinstance(batch, tuple), "a tuple of as many Tensors as a sample has parts"
assert [part.shape for part in batch] == [(3, 2), (3,)], "each part gets a new first axis"
assert np.array_equal(batch[0].data, [[1, 2], [3, 4], [5, 6]]), "row k belongs to sample k"
assert batch[1].dtype == np.int64, "labels stay integers: who converted them?"
assert batch[0].dtype == np.float32, "float32 stays float32"
message = complaint(lambda: default_collate([sample([1, 2], 0), sample([1, 2, 3], 0)]))
print("your message:", message)
assert all(shape in message for shape in ("(2,)", "(3,)")), "name both shapes"
print("ok")

# %% [markdown]
# ## 5. Batches
#
# Why not one example at a time? Because every call has a fixed price, and a batch pays it once. Why not all at once? Because
# everything in a batch is in memory at the same time, and because a network that has seen 32 examples can already take a
# step. A batch is a compromise of three: **throughput** (examples a second), **latency** (time until a step is done) and **memory**.
#
# With 10 examples and a batch size of 4:
#
# ```text
#   order       0 1 2 3 │ 4 5 6 7 │ 8 9
#   batch          0         1       2        10 = 2 · 4 + 2
#
#   drop_last=False    sizes 4, 4, 2    3 batches    10 / 4 rounded up
#   drop_last=True     sizes 4, 4       2 batches    10 / 4 rounded down
# ```
#
# The last two examples are easily lost by a loop that counts full batches. If that happens to a **test** set, the accuracy is measured
# on fewer examples than there are, always leaving out the same ones.
#
# ### A loop that can be started again
#
# `for batch in loader` calls `loader.__iter__()` and takes from the result until it is exhausted. There will be a `for` loop for each
# epoch, so each call of `__iter__` must give a **fresh** iterator that starts from the beginning. The shortest way to write one is
# a generator function, a function with `yield` in it: calling it runs nothing yet, it returns a new object that runs the body
# bit by bit. (Python's word for that object is also "generator". It has nothing to do with random numbers.)


# %% id="fresh"
class Once:
    """The mistake: one iterator, made in __init__."""

    def __init__(self, numbers):
        self.iterator = (number for number in numbers)

    def __iter__(self):
        return self.iterator


class Again:
    """A new one for each loop."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __iter__(self):
        yield from self.numbers


for kind in (Once, Again):
    numbers = kind([1, 2, 3])
    print(f"{kind.__name__:6} first loop {list(numbers)}, second loop {list(numbers)}")

# %% [markdown]
# The mistake raises no error: the second epoch has no batches, ends at once, and the training looks very fast.
#
# ### Exercise: DataLoader (18 points)
#
# `__init__` and a first version of `order` are given. Read the checks in `__init__`: `True` is an int in Python, and
# `DataLoader(data, True)` is a misplaced `shuffle`, so it is refused.
#
# * `len(loader)`: the number of batches of an epoch, an int. 0 for an empty dataset.
# * `__iter__`: ask `self.order()` **once** for the numbers of all samples. Fetch `batch_size` of them at a time from the dataset, one by
#   one, in this order, and yield `self.collate(list of these samples)`.
# * The last batch may be smaller. With `drop_last` it is left out if, and only if, it is smaller.
# * Fetch a batch when it is asked for, not before: the first batch of a million examples must not wait for the last.
# * Use nothing of the dataset but `len` and one number at a time. Everything that answers these two is a dataset, even a list.
# * Each `for` loop starts anew, and two that run at the same time do not disturb one another.


# %% id="batch" exercise="batch"
#| export
class DataLoader:
    """Goes through a dataset in batches, once for each `for` loop.

    `batch_size` samples at a time are fetched and put together by `collate`, by
    default `default_collate`. The last batch may be smaller; with `drop_last` it is
    left out instead. With `shuffle` each epoch has an order of its own, drawn from
    the generator `rng`, or from a new one that starts at `seed`.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: np.random.Generator | None = None,
        seed: int | None = None,
        collate: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int):
            raise TypeError(f"DataLoader: batch_size must be an int, not {type(batch_size).__name__}")
        if batch_size < 1:
            raise ValueError(f"DataLoader: batch_size is {batch_size}; it must be at least 1")
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.rng = as_generator(rng, "DataLoader", seed)
        self.collate = default_collate if collate is None else collate

    def order(self) -> list[int]:
        """The numbers of all samples in the order of one epoch."""
        return list(range(len(self.dataset)))

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full + (rest > 0 and not self.drop_last)
        ### END SOLUTION

    def __iter__(self) -> Iterator[Any]:
        ### BEGIN SOLUTION
        order = self.order()
        for number in range(len(self)):
            start = number * self.batch_size
            chosen = order[start : start + self.batch_size]
            yield self.collate([self.dataset[index] for index in chosen])
        ### END SOLUTION


# %% id="batch-check" tags=["check"]
ten = TensorDataset(Tensor(np.arange(10)), Tensor(np.arange(10) % 2, dtype=np.int64))
loader = DataLoader(ten, 4)
assert [len(x) for x, y in loader] == [4, 4, 2], "10 examples in batches of 4: 4, 4 and 2"
assert len(loader) == 3, "10 / 4 rounded up"
assert len(DataLoader(ten, 4, drop_last=True)) == 2, "10 / 4 rounded down"
assert len(DataLoader(ten, 5, drop_last=True)) == 2, "5 and 5: no batch is smaller, none is left out"
assert [len(x) for x, y in DataLoader(ten, 4, drop_last=True)] == [4, 4], "len and the loop should agree"
assert len(list(loader)) == 3, "the second loop over the same loader should give batches too"
x, y = next(iter(loader))
assert np.array_equal(x.data, [0, 1, 2, 3]), "the first batch has the first four"
assert y.dtype == np.int64, "labels stay integers"
assert [len(part) for part in zip(loader, loader, strict=True)] == [2, 2, 2], "two loops at the same time"
print("your messages:", complaint(lambda: DataLoader(ten, 0)), "|", complaint(lambda: DataLoader(ten, True)))
print("ok")

# %% [markdown]
# ## 6. Shuffling
#
# Files are often sorted: all zeros, then all ones. A network that sees 100 zeros in a row learns to answer "zero", then
# unlearns it. How mixed are the batches of sorted labels, in order and shuffled?

# %% id="sorted-labels"
labels = np.sort(np.arange(1000) % 10)
mixed = np.random.default_rng(0).permutation(labels)
for name, column in {"in order": labels, "shuffled": mixed}.items():
    kinds = [len(set(column[start : start + 50])) for start in range(0, 1000, 50)]
    print(f"{name}: {np.mean(kinds):4.1f} different labels in a batch of 50")

# %% [markdown]
# ### How to shuffle
#
# Go through the list from the end, and exchange each element with one at a random place **up to and including itself**. That
# is the algorithm of Fisher and Yates; each of the n! orders is equally likely. ("Exchange with any place" looks as fair and
# is not.) As a loop:


# %% id="fisher-yates"
def shuffle_loop(count, rng):
    """The numbers below `count` in a random order."""
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = int(rng.integers(0, last + 1))
        order[last], order[other] = order[other], order[last]
    return order


n = 1_000 if QUICK else 60_000
rng = np.random.default_rng(0)
print(shuffle_loop(10, rng))
t_loop, t_numpy = seconds(lambda: shuffle_loop(n, rng), 2), seconds(lambda: rng.permutation(n), 5)
print(
    f"{n} numbers: loop {t_loop * 1e3:.2f} ms, rng.permutation {t_numpy * 1e3:.3f} ms, {t_loop / t_numpy:.0f} times faster"
)

# %% [markdown]
# ### What shuffling must not do
#
# **Tear examples apart.** Shuffle the numbers of the examples, never the images and the labels by themselves. With two orders every
# single batch still looks plausible:

# %% id="torn-apart"
x, y = np.arange(1000), np.arange(1000) % 10  # the label is the last digit of x
rng = np.random.default_rng(0)
one = rng.permutation(1000)
print(f"one order for both:  {np.mean(x[one] % 10 == y[one]):.1%} of the labels fit")
print(f"an order for each:   {np.mean(x[rng.permutation(1000)] % 10 == y[rng.permutation(1000)]):.1%}")

# %% [markdown]
# **Repeat itself.** Each epoch needs an order of its own. A generator made anew in each epoch, from the same seed, gives the
# same order each time; a generator that lives on does not:

# %% id="epochs"
rng = np.random.default_rng(5)
print("one generator:           ", [rng.permutation(5).tolist() for epoch in range(3)])
print("a new one for each epoch:", [np.random.default_rng(5).permutation(5).tolist() for epoch in range(3)])

# %% [markdown]
# **Be different tomorrow.** The first line above is the same each time the cell is run, because the generator starts from
# a known seed. So one seed gives the whole run: another program, started with the same seed, sees the same epochs in the same sequence.
# `np.random.shuffle` and its relatives draw from one generator that the whole process shares; any other code that draws from it
# changes your order.
#
# ```text
#   seed 5 ──► self.rng ──► epoch 0: 4 3 1 2 0 ──► epoch 1: 1 4 2 3 0 ──► epoch 2: 4 0 1 3 2
#              made once, in DataLoader.__init__; each draw moves it on
# ```
#
# ### Exercise: order (12 points)
#
# The class goes on: `class DataLoader(DataLoader)` takes what is there and replaces `order`. Return the numbers of **all** samples in a random
# order as a list of Python ints, drawn from `self.rng`, a new order at each call.


# %% id="shuffle" exercise="shuffle"
#| export
class DataLoader(DataLoader):
    def order(self) -> list[int]:
        """The numbers of all samples in the order of one epoch: with `shuffle`, a new one at each call."""
        count = len(self.dataset)
        if not self.shuffle:
            return list(range(count))
        ### BEGIN SOLUTION
        return list(self.rng.permutation(count).tolist())
        ### END SOLUTION


# %% id="shuffle-check" tags=["check"]
loader = DataLoader(ten, 4, shuffle=True, seed=1)
first, second = loader.order(), loader.order()
assert sorted(first) == list(range(10)), "every number from 0 to 9 exactly once"
assert first != second, "two epochs in the same order: where is the generator created?"
assert type(first[0]) is int, "Python ints, since a dataset may use them for anything"
again = DataLoader(ten, 4, shuffle=True, rng=np.random.default_rng(1))
assert [again.order(), again.order()] == [first, second], "the same seed: the same sequence of epochs"
for x, y in DataLoader(ten, 3, shuffle=True):
    assert np.array_equal(x.data % 2, y.data), "y no longer belongs to x"
assert DataLoader(ten, 4).order() == list(range(10)), "without shuffle: in order"
print("ok:", first, second)

# %% [markdown]
# ## 7. Augmentation
#
# A photograph of a cat, mirrored, is a photograph of a cat. Moved by two pixels, it still is. Showing a network such variants,
# another one in each epoch, is called **augmentation**: from the same examples it learns what does not matter. It costs no new data, only
# time in the loader.
#
# Which changes leave the label alone is a fact about the data. A mirrored 2 is no 2:

# %% id="mirrored" tags=["check"]
two = next(image.data[0] for image, label in digits if label.item() == 2)
print("\n".join("   |   ".join(pair) for pair in zip(picture(two), picture(two[:, ::-1]), strict=True)))

# %% [markdown]
# So mirror cats, and for digits be content with moving them. In this course an image has the shape **(C, H, W)**: channels (1 for grey,
# 3 for colour), height, width; or (H, W), without channels. The order is fixed, and nothing is guessed from the sizes.
#
# ```text
#   axis      -3    -2      -1
#           (  C  ,  H   ,   W  )
#                    │       └── left to right: a horizontal flip reverses this one
#                    └────────── top to bottom
# ```
#
# Counted from the end, height is -2 and width is -1 for both forms; that is what `...` in an index is for: `image[..., i, j]`.
#
# A transform is an object that is called with an image: a Tensor or an ndarray, and gives back the same kind. The base class
# takes care of that; a subclass only says what happens to the array, in `apply`.


# %% id="transform"
#| export
class Transform:
    """A change of one image of shape (C, H, W) or (H, W).

    The image is a Tensor or an ndarray, and the result is of the same kind. A
    subclass defines `apply`: an array in, a new array out.
    """

    def apply(self, image: Array) -> Array:
        """The changed image, as an array with memory of its own."""
        raise NotImplementedError(f"{type(self).__name__} has no apply")

    def __call__(self, image: Any) -> Any:
        name = type(self).__name__
        array = image.data if isinstance(image, Tensor) else image
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name}: expected a Tensor or an ndarray, not {type(image).__name__}")
        if array.ndim not in (2, 3):
            raise ValueError(f"{name}: an image has shape (C, H, W) or (H, W), not {array.shape}")
        result = self.apply(array)
        return Tensor(result, dtype=result.dtype) if isinstance(image, Tensor) else result


# %% [markdown]
# ### Exercise: flip (all of part 7: 15 points)
#
# The horizontal flip of a row `[1, 2, 3]` is `[3, 2, 1]`. As a loop, and as a slice with a step of -1. The slice is a view (module 01),
# and the copy is made in one go.


# %% id="flip-loop"
def flip_loop(image):
    """Left and right exchanged, one pixel at a time."""
    out = np.empty_like(image)
    for c in range(image.shape[0]):
        for i in range(image.shape[1]):
            for j in range(image.shape[2]):
                out[c, i, j] = image[c, i, image.shape[2] - 1 - j]
    return out


photo = np.random.default_rng(0).random((3, 32, 32), dtype=np.float32)
fast = photo[..., ::-1].copy()
t_loop, t_fast = seconds(lambda: flip_loop(photo), 2), seconds(lambda: photo[..., ::-1].copy(), 50)
print("equal:", np.array_equal(flip_loop(photo), fast))
print(
    f"(3, 32, 32): loop {t_loop * 1e6:.0f} µs, slice {t_fast * 1e6:.1f} µs, {t_loop / t_fast:.0f} times faster"
)

# %% [markdown]
# The array that `apply` returns has memory of its own, also when nothing was flipped: a transform after this one may write into it, and
# the dataset must not change by being looked at. The dtype stays.
#
# Something happens *with probability p* if `rng.random()`, a number from 0 up to but not including 1, is **below** `p`: for p = 0 never, for p = 1
# always. Draw from `self.rng`, a number for each image.


# %% id="flip" exercise="augment"
#| export
class RandomHorizontalFlip(Transform):
    """Left and right exchanged, with probability `p`."""

    def __init__(self, p: float = 0.5, rng: np.random.Generator | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: p is {p}; a probability lies between 0 and 1")
        self.p = p
        self.rng = as_generator(rng, "RandomHorizontalFlip")

    def apply(self, image: Array) -> Array:
        ### BEGIN SOLUTION
        if self.rng.random() < self.p:
            image = image[..., ::-1]
        return image.copy()
        ### END SOLUTION


# %% id="flip-check" tags=["check"]
row = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
assert np.array_equal(RandomHorizontalFlip(p=1)(row), [[3, 2, 1], [6, 5, 4]]), "width is the last axis"
assert np.array_equal(RandomHorizontalFlip(p=0)(row), row), "p = 0: never"
assert np.array_equal(RandomHorizontalFlip(p=1)(row[None])[0], [[3, 2, 1], [6, 5, 4]]), "(C, H, W) too"
assert isinstance(RandomHorizontalFlip()(Tensor(row)), Tensor), "a Tensor stays a Tensor"
flip = RandomHorizontalFlip(rng=np.random.default_rng(0))
share = np.mean([flip(row)[0, 0] == 3 for _ in range(1000)])
assert 0.4 < share < 0.6, f"p = 0.5 should flip every second image, not {share:.0%}"
print("ok")

# %% [markdown]
# ### Exercise: crop
#
# To move an image a little, put a border of zeros around it and cut a window of the old size out at a random place. A row of 4 pixels,
# `padding=1`, and a window of 4:
#
# ```text
#   padded        0  1  2  3  4  0          6 wide
#   offset 0     [0  1  2  3] 4  0          moved to the right
#   offset 1      0 [1  2  3  4] 0          as it was
#   offset 2      0  1 [2  3  4  0]         moved to the left
#                                           6 - 4 = 2, so offsets 0, 1 and 2: 6 - 4 + 1 of them
# ```
#
# The number of offsets is one more than the difference; the last one is forgotten most often. `rng.integers(low, high)` never gives `high`.
#
# * Zeros go around height and width, never around the channels: there is no fourth colour.
# * Rows and columns are moved independently, and each possible place is equally likely.
# * A window that is larger than the padded image: `ValueError` that names the height and width of both.
# * Own memory, the same dtype, and all draws from `self.rng`.


# %% id="crop" exercise="augment"
#| export
class RandomCrop(Transform):
    """A window of `size` at a random place of the padded image.

    `size` is (height, width), or one number for both; `padding` rows or columns of zeros
    are put on each of the four sides first.
    """

    def __init__(
        self, size: int | tuple[int, int], padding: int = 0, rng: np.random.Generator | None = None
    ) -> None:
        height, width = (size, size) if isinstance(size, int) else size
        if height < 1 or width < 1:
            raise ValueError(f"RandomCrop: size is {height} x {width}; both must be at least 1")
        if padding < 0:
            raise ValueError(f"RandomCrop: padding is {padding}; it must be 0 or more")
        self.height, self.width = height, width
        self.padding = padding
        self.rng = as_generator(rng, "RandomCrop")

    def apply(self, image: Array) -> Array:
        ### BEGIN SOLUTION
        edge, (rows, columns) = self.padding, image.shape[-2:]
        padded = np.zeros((*image.shape[:-2], rows + 2 * edge, columns + 2 * edge), dtype=image.dtype)
        padded[..., edge : edge + rows, edge : edge + columns] = image
        spare_rows = padded.shape[-2] - self.height
        spare_columns = padded.shape[-1] - self.width
        if spare_rows < 0 or spare_columns < 0:
            raise ValueError(
                f"RandomCrop: a window of {self.height} x {self.width} does not fit into an image of "
                f"{padded.shape[-2]} x {padded.shape[-1]} (with padding {self.padding}); make one of them fit"
            )
        top = self.rng.integers(0, spare_rows + 1)
        left = self.rng.integers(0, spare_columns + 1)
        return padded[..., top : top + self.height, left : left + self.width].copy()
        ### END SOLUTION


# %% id="crop-check" tags=["check"]
grid = np.arange(1, 17, dtype=np.float32).reshape(4, 4)
assert np.array_equal(RandomCrop(4)(grid), grid), "a window of the whole image has one place only"
crop = RandomCrop(2, rng=np.random.default_rng(0))
corners = {float(crop(grid)[0, 0]) for _ in range(500)}
assert corners == {1, 2, 3, 5, 6, 7, 9, 10, 11}, f"9 places for a window of 2 in 4, yours: {sorted(corners)}"
assert RandomCrop((2, 3), padding=1)(grid[None]).shape == (1, 2, 3), "channels stay, (height, width) change"
print("your message:", complaint(lambda: RandomCrop(7, padding=1)(grid)))
assert "6" in complaint(lambda: RandomCrop(7, padding=1)(grid)), "name the size of the padded image"
print("ok")

# %% [markdown]
# ### Exercise: normalise
#
# A layer adds up its inputs, each times a weight. If all inputs are positive, all those sums move together; if one input runs to 255 and another to 1, the
# first one drowns the second. So images are shifted and scaled, with the mean and the standard deviation of the **training**
# images: `(image - mean) / std`. By hand: a pixel of 0.9, mean 0.5 and std 0.2 give (0.9 - 0.5) / 0.2 = 2.
#
# `mean` and `std` are a number for all pixels, or one for each channel of a (C, H, W) image. A channel's number has to meet all pixels of its channel, and
# broadcasting (module 01) lines axes up **from the right**:
#
# ```text
#   image   (3, 32, 32)          image   (3, 32, 32)          image   (3, 3, 3)
#   mean            (3,)         mean    (3,  1,  1)          mean          (3,)
#            32 and 3: error      what you want               no error: one mean for each COLUMN
# ```
#
# The checks are given, and `self.mean` and `self.std` are arrays of float64 of shape () or (C,). The result has the dtype of the
# image: a float32 array minus a float64 array is float64, and twice as large.


# %% id="normalize" exercise="augment"
#| export
class Normalize(Transform):
    """(image - mean) / std, with one mean and one std for all pixels, or one for each channel."""

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        self.mean = np.asarray(mean, dtype=np.float64)
        self.std = np.asarray(std, dtype=np.float64)
        if not (self.std > 0).all():
            raise ValueError(f"Normalize: std is {std}; it must be above 0")

    def apply(self, image: Array) -> Array:
        if image.dtype.kind != "f":
            raise TypeError(f"Normalize: expected floats, not {image.dtype}; scale the image first")
        for name, values in {"mean": self.mean, "std": self.std}.items():
            if values.ndim > 0 and (image.ndim != 3 or values.shape != image.shape[:1]):
                raise ValueError(
                    f"Normalize: {name} of shape {values.shape} does not fit an image {image.shape}; "
                    "give one number, or one for each channel"
                )
        ### BEGIN SOLUTION
        shape = () if image.ndim == 2 else (-1, 1, 1)
        mean = self.mean.astype(image.dtype).reshape(shape)
        std = self.std.astype(image.dtype).reshape(shape)
        return np.asarray((image - mean) / std)
        ### END SOLUTION


# %% id="normalize-check" tags=["check"]
pixel = np.full((1, 1), 0.9, dtype=np.float32)
assert np.allclose(Normalize(0.5, 0.2)(pixel), 2), "(0.9 - 0.5) / 0.2"
assert Normalize(0.5, 0.2)(pixel).dtype == np.float32, "float32 stays float32"
cube = np.arange(27, dtype=np.float32).reshape(3, 3, 3)
means, stds = cube.mean(axis=(1, 2)), cube.std(axis=(1, 2))
result = Normalize(means, stds)(cube)
assert np.allclose(result.mean(axis=(1, 2)), 0, atol=1e-5), "one mean for each channel"
assert np.allclose(result.std(axis=(1, 2)), 1, atol=1e-5), "one standard deviation for each channel"
print("their message:", complaint(lambda: Normalize(0.5, 0.2)(np.zeros((2, 2), dtype=np.uint8))))
print("ok")

# %% [markdown]
# ### Exercise: one after the other
#
# `Compose([first, second])(image)` is `second(first(image))`. The order matters: cropping puts in zeros, and zero means black only
# **before** the image is normalised. Anything that can be called with an image may stand in the list.


# %% id="compose" exercise="augment"
#| export
class Compose:
    """Several transforms as one: the first is applied first."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, image: Any) -> Any:
        ### BEGIN SOLUTION
        for transform in self.transforms:
            image = transform(image)
        return image
        ### END SOLUTION


# %% id="compose-check" tags=["check"]
both = Compose([RandomHorizontalFlip(p=1), Normalize(1, 2)])
assert np.array_equal(both(row), [[1, 0.5, 0], [2.5, 2, 1.5]]), "flip first, then subtract 1 and divide by 2"
assert np.array_equal(Compose([])(row), row), "nothing to do: the image as it is"
print("ok")

# %% [markdown]
# ### Who gets what
#
# A dataset with a transform in front of it is again a dataset. Nothing is computed until an example is fetched, and then anew
# each time. That is how every epoch gets its own variants:


# %% id="transformed"
#| export
class TransformedDataset(Dataset):
    """The same examples with `transform` applied to the first part, anew each time an example is fetched."""

    def __init__(self, dataset: Dataset, transform: Callable[[Any], Any]) -> None:
        self.dataset = dataset
        self.transform = transform

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        image, *rest = self.dataset[index]
        return (self.transform(image), *rest)


# %% [markdown]
# And CIFAR-10, as promised: bytes in memory, floats on demand. First the two pieces it needs: a transform that makes the floats, and the
# unpickler of part 3.


# %% id="bytes-to-float"
#| export
class BytesToFloat(Transform):
    """Pixels 0 to 255 as float32 from 0 to 1."""

    def apply(self, image: Array) -> Array:
        return np.asarray(image / np.float32(255), dtype=np.float32)


# %% id="unpickler"
#| export
class _ArrayUnpickler(pickle.Unpickler):
    """Reads numpy arrays and plain values, and refuses to import anything else.

    A pickle may name any function of any package and have it called while it is read.
    """

    _NAMES = frozenset(
        [
            *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        ]
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._NAMES:
            raise ValueError(f"load_cifar10: the file asks for {module}.{name}, so it is no CIFAR-10 batch")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


# %% id="cifar"
#| export
def load_cifar10(path: str | Path) -> tuple[TransformedDataset, TransformedDataset]:
    """The training and test part of CIFAR-10, as images (3, 32, 32) and labels, from a folder of yours.

    Pixels stay bytes until an example is fetched: 154 MB for the training images instead of 614.
    """
    folder = Path(path)
    train = [f"data_batch_{number}" for number in range(1, 6)]
    missing = [name for name in [*train, "test_batch"] if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"load_cifar10: {folder} has no {', '.join(missing)}; download the Python version of CIFAR-10 "
            "yourself, unpack it, and give the folder with data_batch_1 to data_batch_5 and test_batch"
        )
    return _cifar_part(folder, train), _cifar_part(folder, ["test_batch"])


def _cifar_part(folder: Path, names: list[str]) -> TransformedDataset:
    batches = [_cifar_batch(folder / name) for name in names]
    images = np.concatenate([batch[b"data"] for batch in batches]).reshape(-1, 3, 32, 32)
    labels = np.concatenate([batch[b"labels"] for batch in batches])
    dataset = TensorDataset(Tensor(images, dtype=np.uint8), Tensor(labels, dtype=np.int64))
    return TransformedDataset(dataset, BytesToFloat())


def _cifar_batch(file: Path) -> dict[bytes, Any]:
    with file.open("rb") as opened:
        batch = _ArrayUnpickler(opened, encoding="bytes").load()
    if not isinstance(batch, dict) or not {b"data", b"labels"} <= set(batch):
        raise ValueError(f"load_cifar10: {file} is no CIFAR-10 batch: it has no data or no labels")
    return batch


# %% id="cifar-check" tags=["check"]
print(complaint(lambda: _ArrayUnpickler(io.BytesIO(data_file)).load()))
print(complaint(lambda: load_cifar10("pictures")))

# %% [markdown]
# Now the decision that is got wrong most often in practice. A test answers one question: how good is the network on images as they
# are? So **random changes are for training only**. A test set that is augmented gives another number each time, and tells how good the
# network is on images that nobody will ever show it. Normalisation is not random, it is part of how the network sees: the network
# has only ever seen normalised images, so **both** get it, with the same numbers.
#
# ```text
#   training   dataset ──► augment (random) ──► normalize ──► DataLoader, shuffled, rng
#   testing    dataset ───────────────────────► normalize ──► DataLoader, in order, every example
# ```
#
# ### Exercise: make_loaders
#
# Build the two pipelines of the picture, with `TransformedDataset` where there is a transform and without where it is `None`. Both loaders have the
# same `batch_size` and leave no example out; the training loader shuffles with `rng`.


# %% id="loaders" exercise="augment"
#| export
def make_loaders(
    train: Dataset,
    test: Dataset,
    batch_size: int,
    augment: Callable[[Any], Any] | None = None,
    normalize: Callable[[Any], Any] | None = None,
    rng: np.random.Generator | None = None,
) -> tuple[DataLoader, DataLoader]:
    """A loader to learn from and one to be measured with.

    The first is shuffled by `rng` and augmented, the second neither. `normalize` is
    applied to both, after `augment`.
    """
    ### BEGIN SOLUTION
    if augment is not None:
        train = TransformedDataset(train, augment)
    if normalize is not None:
        train = TransformedDataset(train, normalize)
        test = TransformedDataset(test, normalize)
    return DataLoader(train, batch_size, shuffle=True, rng=rng), DataLoader(test, batch_size)
    ### END SOLUTION


# %% id="loaders-check" tags=["check"]
images = TensorDataset(Tensor(np.arange(6).reshape(2, 1, 3)), Tensor([0, 1], dtype=np.int64))
training, testing = make_loaders(images, images, 2, RandomHorizontalFlip(p=1), Normalize(0, 2))
assert np.array_equal(training.dataset[0][0].data, [[1, 0.5, 0]]), "training: flipped, then normalised"
assert np.array_equal(testing.dataset[0][0].data, [[0, 0.5, 1]]), "testing: normalised only"
assert (training.shuffle, testing.shuffle) == (True, False), "only the training loader shuffles"
print("ok")

# %% [markdown]
# A digit, and what four epochs see of it:

# %% id="four-epochs" tags=["check"]
moved = TransformedDataset(digits, RandomCrop(8, padding=1, rng=np.random.default_rng(0)))
variants = [digits[0][0].data[0]] + [moved[0][0].data[0] for epoch in range(4)]
print("\n".join(" | ".join(lines) for lines in zip(*map(picture, variants), strict=True)))

# %% [markdown]
# ## 8. Two parts of one dataset
#
# The digits come in two parts. Other data does not, and then you divide it: examples to learn from, and examples that are kept away
# from the network until it is measured. An example in both parts is worth nothing in the second: the network may know it by heart.
#
# A part is a list of numbers of examples; no data is copied:


# %% id="subset"
#| export
class Subset(Dataset):
    """Some examples of a dataset: number i is number `indices[i]` there."""

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = list(indices)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        check_index(index, len(self))
        return self.dataset[self.indices[index]]


# %% [markdown]
# ### Exercise: train_test_split (5 points)
#
# Two `Subset`s: the first with `round(fraction * len(dataset))` examples at random, the second with **all** others. With 10 examples and a fraction of 0.8:
#
# ```text
#   a random order    7 2 9 0 5 1 8 3 │ 6 4
#                     first: 8          second: 2
# ```
#
# Random, because files are sorted: the first 80 % of sorted digits would be the digits 0 to 7.
#
# * `fraction` must be above 0 and below 1, and both parts must get at least one example; otherwise `ValueError` that names the fraction.
# * The order comes from the generator `rng`; `as_generator` does the rest.


# %% id="split" exercise="split"
#| export
def train_test_split(
    dataset: Dataset, fraction: float, rng: np.random.Generator | None = None
) -> tuple[Subset, Subset]:
    """Two parts that share no example: round(fraction * len(dataset)) at random, and all others."""
    ### BEGIN SOLUTION
    if not 0 < fraction < 1:
        raise ValueError(f"train_test_split: fraction is {fraction}; it must lie between 0 and 1")
    count = round(fraction * len(dataset))
    if not 0 < count < len(dataset):
        raise ValueError(
            f"train_test_split: {fraction} of {len(dataset)} examples are {count}: one part would be empty"
        )
    indices = as_generator(rng, "train_test_split").permutation(len(dataset)).tolist()
    return Subset(dataset, indices[:count]), Subset(dataset, indices[count:])
    ### END SOLUTION


# %% id="split-check" tags=["check"]
large, small = train_test_split(ten, 0.8, np.random.default_rng(0))
assert (len(large), len(small)) == (8, 2), "0.8 of 10 is 8, and the other 2"
assert sorted(large.indices + small.indices) == list(range(10)), "each example in exactly one part"
assert large.indices != list(range(8)), "at random, not the first eight"
for fraction in (0, 1, 1.5, 0.01):
    message = complaint(lambda fraction=fraction: train_test_split(ten, fraction))
    assert str(fraction) in message, f"{fraction} of 10 leaves a part empty, or is no fraction"
print("ok:", large.indices, small.indices)

# %% [markdown]
# ## 9. Systems analysis
#
# Everything below runs on your loader and the digits.
#
# ### 9.1 Samples a second
#
# One epoch at each batch size. The last column is a lower bound for any loader: numpy picks the rows of a batch from the arrays
# in **one** operation.

# %% id="throughput" tags=["check"]
pixels, targets = (tensor.data for tensor in digits.tensors)
sizes = [1, 32, 512] if QUICK else [1, 4, 16, 32, 64, 128, 512]
costs = []
print("  batch   µs a batch   µs a sample   samples a second   one numpy operation, µs a sample")
for size in sizes:
    loader = DataLoader(digits, size, shuffle=True, drop_last=True, seed=0)
    t = seconds(lambda loader=loader: sum(1 for batch in loader), 2 if QUICK else 3) / len(loader)
    chosen = np.random.default_rng(0).permutation(len(digits))[:size]
    t_floor = seconds(lambda chosen=chosen: (pixels[chosen], targets[chosen]), 50)
    costs.append(t)
    print(f"{size:7}{t * 1e6:13.1f}{t / size * 1e6:14.2f}{size / t:19,.0f}{t_floor / size * 1e6:20.3f}")
slope, fixed = np.polyfit(sizes, costs, 1, w=1 / np.array(costs))  # each size counts alike
print(f"\nfitted: a batch of n samples takes {fixed * 1e6:.1f} µs + n times {slope * 1e6:.2f} µs")

# %% [markdown]
# If a batch costs `a + b·n`, a sample costs `b + a/n`: the price of a batch is spread over its samples, the price of a sample is
# not. From which batch size on does a larger one no longer help, and what is left then? Where does the last column say that
# the time goes? Question 1 asks you for that.
#
# ### 9.2 Where the time of a batch goes
#
# The three steps of one batch, measured by themselves:

# %% id="breakdown" tags=["check"]
for size in (1, 32, 512):
    loader = DataLoader(digits, size, shuffle=True, seed=0)
    chosen = loader.order()[:size]
    samples = [digits[index] for index in chosen]
    times = {
        "order": seconds(loader.order) * size / len(digits),  # the share of one batch
        "fetch": seconds(lambda chosen=chosen: [digits[index] for index in chosen]),
        "collate": seconds(lambda samples=samples: default_collate(samples)),
    }
    total = sum(times.values())
    shares = "".join(f"{name:>10} {t * 1e6:8.1f} µs {t / total:4.0%}" for name, t in times.items())
    print(f"batch {size:4}{shares}")

crop, flip, normal = RandomCrop(8, padding=1), RandomHorizontalFlip(), Normalize(0.3, 0.4)
image = digits[0][0].data
print("\none image (1, 8, 8):")
for name, function in {"fetch": lambda: digits[0], "crop": lambda: crop(image)}.items():
    print(f"  {name:10}{seconds(function, 200) * 1e6:7.2f} µs")
for name, function in {"flip": lambda: flip(image), "normalize": lambda: normal(image)}.items():
    print(f"  {name:10}{seconds(function, 200) * 1e6:7.2f} µs")


def paste(image, edge):
    """A border of zeros by hand: an array of zeros, and the image assigned to its middle."""
    padded = np.zeros(
        (image.shape[0], image.shape[1] + 2 * edge, image.shape[2] + 2 * edge), dtype=image.dtype
    )
    padded[:, edge:-edge, edge:-edge] = image
    return padded


print("\nA border of zeros around it, with np.pad and by hand:")
t_pad = seconds(lambda: np.pad(image, [(0, 0), (1, 1), (1, 1)]), 200)
print(f"  np.pad    {t_pad * 1e6:7.2f} µs\n  by hand   {seconds(lambda: paste(image, 1), 200) * 1e6:7.2f} µs")

# %% [markdown]
# `np.pad` can do a dozen kinds of borders for arrays of any rank, and all its preparations are written in Python. On a photograph nobody
# would notice. Per-sample work on small samples is where such a price shows.
#
# ### 9.3 Memory: everything now, or a batch when it is needed
#
# A loader holds one batch. A list of all batches holds an epoch. And a set of augmented images that is computed in advance holds a copy for
# each variant. `tracemalloc` counts the bytes at the worst moment:


# %% id="memory" tags=["check"]
def peak(function):
    """The largest number of bytes in use at once while `function()` runs."""
    tracemalloc.start()
    function()
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size


small = Subset(digits, list(range(200 if QUICK else 1000)))
augmented = TransformedDataset(small, RandomCrop(8, padding=1))
print(
    f"the images themselves, as float32: {len(small) * 64 * 4 / 1024:8.0f} KiB, as bytes: {len(small) * 64 / 1024:.0f} KiB"
)
for size in (1, 32, 200):
    loader = DataLoader(augmented, size)
    print(
        f"one epoch of batches of {size:3}:        {peak(lambda loader=loader: sum(1 for _ in loader)) / 1024:8.0f} KiB"
    )
samples = peak(lambda: [augmented[index] for index in range(200)])
print(f"200 samples before they are collated: {samples / 1024:6.0f} KiB")
loader = DataLoader(augmented, 32)
print(f"a list of all batches:              {peak(lambda: list(loader)) / 1024:8.0f} KiB")
print(f"five epochs, computed in advance:   {peak(lambda: [list(loader) for _ in range(5)]) / 1024:8.0f} KiB")

# %% [markdown]
# A batch of 200 needs far more than its 200 · 256 bytes: its samples exist one by one first, each as two Tensors, and an object around 64 numbers
# is larger than the numbers. Collated, that is over.
#
# Lazy costs time in each epoch and memory for a batch. Eager costs time once and memory for everything, and it freezes the
# variants: five copies are five copies, however long you train. `load_cifar10` is lazy about floats: 50,000 · 3072 pixels are 154 MB as
# bytes and 614 MB as float32.
#
# ### 9.4 When is a run limited by data?
#
# The model of part 1, which only sleeps, behind your loader with augmentation. "Waiting" is the share of the time in which the model has
# nothing to do.

# %% id="data-bound" tags=["check"]
count = 320 if QUICK else 1000
source = TransformedDataset(
    Subset(digits, list(range(count))), Compose([RandomCrop(8, padding=1), Normalize(0.3, 0.4)])
)
loader = DataLoader(source, 32, shuffle=True, drop_last=True, seed=0)
alone = seconds(lambda: sum(1 for _ in loader), 3) / len(loader)
print(f"the loader alone: {alone * 1e3:.2f} ms a batch of 32\n")
print("model, ms a step   taking turns, ms   waiting   prefetched, ms   waiting")
for compute in (0, alone / 2, alone, 2 * alone, 4 * alone):
    turns = seconds(lambda c=compute: train(loader, c), 3) / len(loader)
    ahead = seconds(lambda c=compute: train(prefetched(loader), c), 3) / len(loader)
    waits = [f"{max(0, 1 - compute / t):10.0%}" for t in (turns, ahead)]
    print(f"{compute * 1e3:16.2f}{turns * 1e3:19.2f}{waits[0]}{ahead * 1e3:17.2f}{waits[1]}")

# %% [markdown]
# Where the model is slower than the loader, working ahead hides the loader nearly completely. Where it is faster, nothing can be
# hidden: the loader itself must become faster, or there must be several. (`time.sleep` leaves the processor to the other thread, as
# a graphics card would. Two threads that both run Python code take turns; that is why loaders of real frameworks start processes.)
#
# ### 9.5 The price of a random order
#
# A shuffled epoch reads the same bytes in another order. Rows of 256 bytes, from an array that fits into a cache and from one that
# does not:

# %% id="random-reads" tags=["check"]
for rows in (1_000, 20_000) if QUICK else (1_000, 20_000, 400_000):
    table = np.ones((rows, 64), dtype=np.float32)
    chosen = np.arange(rows)
    shuffled = np.random.default_rng(0).permutation(rows)
    t_order, t_random = (seconds(lambda c=c, table=table: table[c], 3) / rows for c in (chosen, shuffled))
    print(
        f"{table.nbytes / 2**20:7.1f} MiB: in order {t_order * 1e9:6.1f} ns a row, at random {t_random * 1e9:6.1f} ns"
    )

# %% [markdown]
# That is memory, which is built for random access. A disk has to be told where to read for each file, and some have to move a head
# there. The usual way out is to shuffle less: the data lies in large files (*shards*) of thousands of examples that are read from
# beginning to end. Shuffled are the order of the shards and, in a buffer of some thousand examples, the examples. Question 2.
#
# How much mixing is lost? Sorted labels, read in order through a buffer from which a random element is taken each time:


# %% id="shuffle-buffer"
def buffered(numbers, capacity, rng):
    """The numbers in an order that a buffer of `capacity` elements can produce."""
    buffer, out = [], []
    for number in numbers:
        buffer.append(number)
        if len(buffer) == capacity:
            out.append(buffer.pop(int(rng.integers(capacity))))
    return out + [buffer[i] for i in rng.permutation(len(buffer))]


for capacity in (1, 10, 100, 1000):
    column = buffered(labels.tolist(), capacity, np.random.default_rng(0))
    kinds = [len(set(column[start : start + 50])) for start in range(0, 1000, 50)]
    print(
        f"buffer of {capacity:4}: {np.mean(kinds):4.1f} different labels in a batch of 50 (full shuffle: see part 6)"
    )

# %% [markdown]
# ### 9.6 What breaks at scale
#
# * **The list of numbers.** `order()` holds all of an epoch: 8 bytes a pointer and an object each. For 10⁹ examples that is a memory
#   problem before the first image is read; large loaders shuffle shards.
# * **Several processes.** Each needs its own generator. If all start from one seed, every worker draws the same flips and crops. Spawn
#   children instead: `rng.spawn(8)`.
# * **Resuming.** A run that is continued after a crash must continue its sequence of orders. The state of `loader.rng` belongs into the
#   checkpoint (module 08).
# * **Ragged data.** Sentences have different lengths, and padding all to the longest in the dataset wastes most of a batch. Batches of similar
#   lengths need a `collate` and an order of their own; `DataLoader` takes the first as an argument.
#
# ### 9.7 The same things in PyTorch
#
# | here | PyTorch (`torch.utils.data`) | difference |
# |---|---|---|
# | `TensorDataset(x, y)` | `TensorDataset(x, y)` | there unequal sizes are an AssertionError, without the sizes |
# | `DataLoader(data, 32, shuffle=True, seed=3)` | `DataLoader(data, 32, shuffle=True, generator=g)` | there `batch_size` is 1 unless given, and `num_workers` starts processes |
# | `default_collate` | `default_collate` | there also numbers, strings, dictionaries |
# | a batch is a tuple | a batch is a list | |
# | `train_test_split(data, 0.8, rng)` | `random_split(data, [0.8, 0.2], g)` | there any number of parts |
# | `RandomCrop`, `Compose`, … | `torchvision.transforms` | there the random numbers come from one global generator |
#
# ## 10. Three questions (30 points)
#
# As before: reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *Measure your loader's samples/s at batch 1, 32, 512 and explain the shape; where is the Python overhead?*
#
# Use 9.1 and 9.2. What is paid for each batch, what for each sample, and does your model of the costs predict a batch size that you
# did not use for it? What would have to change so that the price of a sample falls?

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *1.2 M images, 8 workers, one disk at 500 MB/s, 110 KB each: what epoch time bound do you get, and does shuffling change it?*
#
# Which of these four numbers matter for the bound, and which does not? What has to be true for the bound to be reached?

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Why does augmentation belong in the loader and not in the model? When is that wrong?*
#
# Think of who is busy and who waits (9.2, 9.4), of testing, and of repeating a run.

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito module test        the tests that are also run on GitHub
# git add dataloader.ipynb
# git commit -m "Module 05"
# git push                       the Actions tab shows your points after a minute
# ```
#
# The data flows. In module 06 the gradients flow back.
