# %% [markdown] id="title"
# # 1969 XOR
#
# *2 to 3 hours. You need modules 01 to 08. 70 points for code, 30 for three written answers.*
#
# In 1969 Marvin Minsky and Seymour Papert published *Perceptrons*, a book of proofs about what a machine with one layer of
# weights can and cannot decide. The smallest thing it cannot decide has two inputs and four cases:
#
# ```text
#   XOR: 1 if exactly one input is 1          x2
#                                              1 ┤ 1       0
#     x1  x2  wanted                             │
#      0   0    0                                │
#      0   1    1                              0 ┤ 0       1
#      1   0    1                                └─┬───────┬── x1
#      1   1    0                                  0       1
# ```
#
# Put a ruler on the picture: on whichever side you lay it, at least one case is wrong. The way out, a layer in between, was known at
# the time; what was missing was a way to train it. In this milestone you watch the single layer fail, see why, and train the
# network that solves it, again and again, because one lucky run proves nothing.
#
# | part | you write | points |
# |---|---|---|
# | 2 | `train_line` | 20 |
# | 3 | `build_network` | 15 |
# | 4 | `train_network` | 25 |
# | 5 | `hidden_view` | 10 |
# | 8 | three answers in your own words | 30 |
#
# `uv run tito module test` runs the tests that give the points. `uv run tito milestone run` runs the milestone itself.

# %% id="imports"
#| export
from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tinytorch.core.activations import Tanh
from tinytorch.core.autograd import no_grad
from tinytorch.core.layers import Linear, Sequential
from tinytorch.core.losses import BCEWithLogitsLoss
from tinytorch.core.optimizers import SGD
from tinytorch.core.tensor import Array, Tensor

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# ## 1. The four cases (given)
#
# `decisions` is `classify` of the milestone before: 1 where the output of the model is greater than 0, nothing recorded.


# %% id="given"
#| export
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
XOR = np.array([0, 1, 1, 0])


def decisions(model: Sequential, points: Array) -> Array:
    """0 or 1 for each of the points (N, D): 1 where the model's output is greater than 0."""
    with no_grad():
        return np.asarray(model(Tensor(points)).data[:, 0] > 0, dtype=np.int64)


def share_right(model: Sequential, points: Array, labels: Array) -> float:
    """The share of the decisions that are right."""
    return float(np.mean(decisions(model, points) == labels))


# %% [markdown]
# ## 2. The best line
#
# One `Linear(2, 1)`, trained on all cases at once as in the milestone before. For AND (1 only for two ones) and OR there is a line,
# and training finds it; that is how we know that the training is not to blame for what happens with XOR.
#
# ### Exercise: the best line (20 points)
#
# Train a `Sequential` with one `Linear`, its numbers drawn from `np.random.default_rng(seed)`, for `steps` full-batch steps of plain
# `SGD` with the mean of `BCEWithLogitsLoss`, and return the model. The targets need the shape (N, 1) of the logits. Points may
# have any number of inputs.


# %% id="line" exercise="line"
#| export
def train_line(points: Array, labels: Array, seed: int, steps: int = 300, lr: float = 0.5) -> Sequential:
    """One linear unit, trained on all points at once with SGD."""
    ### BEGIN SOLUTION
    model = Sequential(Linear(points.shape[1], 1, rng=np.random.default_rng(seed)))
    inputs, targets = Tensor(points), Tensor(labels.reshape(-1, 1))
    optimizer, loss_fn = SGD(model.parameters(), lr=lr), BCEWithLogitsLoss()
    for _ in range(steps):
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        optimizer.step()
    return model
    ### END SOLUTION


# %% id="line-check" tags=["check"]
tables = {"AND": np.array([0, 0, 0, 1]), "OR": np.array([0, 1, 1, 1]), "XOR": XOR}
for name, wanted in tables.items():
    shares = [
        share_right(train_line(CORNERS, wanted, seed), CORNERS, wanted) for seed in range(3 if QUICK else 20)
    ]
    print(f"{name:4} best of {len(shares)} runs: {max(shares):.2f}, mean {np.mean(shares):.2f}")
    assert name == "XOR" or min(shares) == 1, f"{name} has a line, and 300 steps find it"
print("ok")

# %% [markdown]
# Not one run of XOR gets all four cases, and more steps do not help. A proof in four lines: suppose weights $w_1, w_2$ and a bias $b$ did it.
#
# ```text
#   (0, 0) says 0:             b <= 0
#   (1, 0) says 1:        w1 + b >  0
#   (0, 1) says 1:        w2 + b >  0       add these two:        w1 + w2 + 2b >  0
#   (1, 1) says 0:   w1 + w2 + b <= 0       add this to b <= 0:   w1 + w2 + 2b <= 0
#                                                                 both cannot be
# ```
#
# What does training do, when there is nothing to find? It goes to the answer that is least wrong for the loss:

# %% id="line-end" tags=["check"]
for steps in (10, 100) if QUICK else (10, 100, 1000, 5000):
    model = train_line(CORNERS, XOR, seed=0, steps=steps)
    with no_grad():
        logits = model(Tensor(CORNERS)).data[:, 0]
    print(
        f"{steps:5} steps: weights {model[0].weight.data[:, 0].round(3)}, probabilities {(1 / (1 + np.exp(-logits))).round(3)}, "
        f"loss {np.mean(np.logaddexp(0, np.where(XOR == 1, -logits, logits))):.4f}"
    )

# %% [markdown]
# Probability one half for every case: the line has given up, and the loss is ln 2 = 0.6931, that of guessing.
#
# ## 3. A layer in between
#
# Look at two lines at once. One answers *is at least one input 1?* (OR), the other *are both?* (AND). XOR is OR and not AND:
#
# ```text
#   x1 ──┬──► OR   (x1 + x2 - 0.5 > 0) ──┐
#        │                               ├──► OR - AND - 0.5 > 0 ──► XOR
#   x2 ──┴──► AND  (x1 + x2 - 1.5 > 0) ──┘
#
#   case    OR  AND   OR - AND - 0.5
#   0 0      0   0        -0.5    0
#   0 1      1   0         0.5    1
#   1 0      1   0         0.5    1
#   1 1      1   1        -0.5    0
# ```
#
# Two hidden units are enough, if somebody chooses them. To let training choose, the step is replaced by something with a slope: `Tanh`.
#
# ### Exercise: a network with a hidden layer (15 points)
#
# Return `Sequential` of a `Linear` from 2 inputs to `hidden` units, a `Tanh`, and a `Linear` from there to 1 output. Both draw from **one**
# generator, `np.random.default_rng(seed)`, first the first layer: with two generators of the same seed their numbers would be
# the same numbers.


# %% id="network" exercise="network"
#| export
def build_network(hidden: int, seed: int) -> Sequential:
    """2 inputs, `hidden` units with tanh, 1 output."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    return Sequential(Linear(2, hidden, rng=rng), Tanh(), Linear(hidden, 1, rng=rng))
    ### END SOLUTION


# %% id="network-check" tags=["check"]
network = build_network(4, seed=0)
shapes = [parameter.shape for parameter in network.parameters()]
assert shapes == [(2, 4), (4,), (4, 1), (1,)], f"weights and biases of two layers; yours: {shapes}"
first, last = network[0].weight.data.ravel(), network[2].weight.data.ravel()
assert not np.isclose(first[0] / first[1], last[0] / last[1]), (
    "both layers drew the same numbers: use one generator"
)
print(network, network.num_parameters(), "parameters")

# %% [markdown]
# ## 4. Training until it is solved
#
# The loop is the one you know. New is when it ends: before each step, look whether every decision is already right, and if so, stop.
# That look costs no second forward pass; the logits are there for the loss in any case.
#
# ```text
#   repeat up to `steps` times:
#       logits = model(points)
#       every decision right?  ──► return the number of updates made so far
#       loss, backward, step
#   still not: one last look, then return `steps` or None
# ```
#
# ### Exercise: train the network (25 points)
#
# Train in place with plain `SGD` on all points at once. Return how many updates were made until every decision was right (0 if it was right
# before the first, at most `steps`), or `None` if after `steps` updates one is still wrong.


# %% id="train" exercise="train"
#| export
def train_network(
    model: Sequential, points: Array, labels: Array, steps: int = 1000, lr: float = 0.5
) -> int | None:
    """Train until every decision is right. Returns the updates that took, or None after `steps` of them."""
    ### BEGIN SOLUTION
    inputs, targets = Tensor(points), Tensor(labels.reshape(-1, 1))
    optimizer, loss_fn = SGD(model.parameters(), lr=lr), BCEWithLogitsLoss()
    for step in range(steps + 1):
        logits = model(inputs)
        if np.array_equal(logits.data[:, 0] > 0, labels == 1):
            return step
        if step < steps:
            optimizer.zero_grad()
            loss_fn(logits, targets).backward()
            optimizer.step()
    return None
    ### END SOLUTION


# %% id="train-check" tags=["check"]
network = build_network(4, seed=0)
updates = train_network(network, CORNERS, XOR)
assert updates is not None, "a network of 4 units solves XOR within 1000 steps"
assert share_right(network, CORNERS, XOR) == 1, "it says solved, but a decision is wrong"
assert train_network(network, CORNERS, XOR) == 0, "a solved network needs no more updates"
assert train_network(Sequential(Linear(2, 1)), CORNERS, XOR, steps=20) is None, "a line never solves it: None"
print("solved after", updates, "updates")

# %% [markdown]
# ## 5. What the hidden layer sees
#
# The last layer of the network is a line like the one that failed. It succeeds because it does not look at the corners, but at what the
# hidden layer has made of them.
#
# ### Exercise: the hidden view (10 points)
#
# The outputs of the hidden layer, after its `Tanh`: an array (N, hidden), nothing recorded. `model[0]` and `model[1]` are its parts.


# %% id="hidden" exercise="hidden"
#| export
def hidden_view(model: Sequential, points: Array) -> Array:
    """What the hidden units answer for the points (N, 2): an array (N, hidden)."""
    ### BEGIN SOLUTION
    with no_grad():
        return np.asarray(model[1](model[0](Tensor(points))).data)
    ### END SOLUTION


# %% id="hidden-check" tags=["check"]
view = hidden_view(network, CORNERS)
assert view.shape == (4, 4), f"4 points, 4 hidden units: (4, 4), not {view.shape}"
assert np.abs(view).max() <= 1, "tanh is between -1 and 1: is the Tanh there?"
print("corner   hidden units              sum of the last layer")
for corner, units in zip(CORNERS, view, strict=True):
    total = float(units @ network[2].weight.data[:, 0] + network[2].bias.data[0])
    print(corner.astype(int), units.round(2), f"{total:8.2f}")

# %% [markdown]
# Can a line separate the corners in this view? The perceptron of 1958 would know. In the two inputs it cannot; in the four hidden numbers the last layer
# just did. Training has moved the corners until a line was enough. That is what hidden layers are for, also in a network with a hundred of them.
#
# The whole plane, as the network decides it:

# %% id="plane" tags=["check"]
side = np.linspace(-0.5, 1.5, 25)
for y in side[::-2]:
    row = np.stack([side, np.full_like(side, y)], axis=1).astype(np.float32)
    print("".join(".#"[decision] for decision in decisions(network, row)))

# %% [markdown]
# ## 6. How often?
#
# One run is an anecdote. Training starts from random numbers, and from some starts it gets stuck in a place where every small change makes
# the loss larger, although a solution exists. So: the same for many seeds, and count.
#
# This is given, and uses all that you have written:


# %% id="count"
#| export
def count_solved(hidden: int, seeds: Iterable[int], steps: int = 1000) -> int:
    """How many networks with `hidden` units learn XOR within `steps` steps, one for each seed."""
    runs = [train_network(build_network(hidden, seed), CORNERS, XOR, steps) for seed in seeds]
    return sum(run is not None for run in runs)


# %% id="count-check" tags=["check"]
assert count_solved(4, range(3)) == 3, "seeds 0, 1 and 2 are solved with 4 units"
assert count_solved(4, range(3), steps=0) < 3, "without a step they are not all solved"
print("ok")

# %% id="sizes" tags=["check"]
import time

runs = 4 if QUICK else 20
for hidden in (1, 2, 3, 4, 8):
    start = time.perf_counter()
    solved = count_solved(hidden, range(runs), steps=200 if QUICK else 1000)
    print(
        f"{hidden} hidden units: {solved:2} of {runs} solved, {time.perf_counter() - start:6.2f} s, {build_network(hidden, 0).num_parameters():2} parameters"
    )

# %% [markdown]
# Two units are enough for a solution, as part 3 shows, and often not enough to *find* it. Units to spare are paid with parameters and make the search easier. This is
# one of the reasons why networks are larger than what they compute would need.
#
# ## 7. The milestone
#
# `uv run tito milestone run` runs this in a terminal.


# %% id="main"
#| export
RUNS = 20
LINE_AT_MOST = 0.75
SOLVED_AT_LEAST = 19


def main() -> int:
    """Run the milestone and print what was measured. 0 if every target was reached, else 1."""
    best = max(share_right(train_line(CORNERS, XOR, seed), CORNERS, XOR) for seed in range(RUNS))
    network = build_network(4, 0)
    updates = train_network(network, CORNERS, XOR)
    right = share_right(network, CORNERS, XOR)
    solved = count_solved(4, range(RUNS))
    rows = [
        (f"a line, best of {RUNS} runs", f"{best:.2f}", f"<= {LINE_AT_MOST}", best <= LINE_AT_MOST),
        (f"4 units, after {updates} updates", f"{right:.2f}", "1.00", right == 1),
        (f"4 units, solved of {RUNS} seeds", f"{solved}", f">= {SOLVED_AT_LEAST}", solved >= SOLVED_AT_LEAST),
    ]
    for name, value, target, reached in rows:
        print(f"{name:32}{value:>6}   target {target:9}{'reached' if reached else 'MISSED'}")
    return 0 if all(reached for *_, reached in rows) else 1


# %% id="run" tags=["check"]
print("exit status", main())

# %% [markdown]
# ## 8. Three questions (30 points)
#
# ### Question 1 (10 points)
#
# *The proof in part 2 is about two inputs. Which labels of the four corners can one line not decide at all, and what share of all labelings of the
# corners of a cube (three inputs) can it decide? Find out by experiment with your `train_line`, and say what an experiment can prove here and what it cannot.*

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Show with the numbers of part 5 what the hidden layer of your network computes, and what would be left of it without the `Tanh`.*

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Two units suffice, four are found more often. Explain the table of part 6: what happens in the runs that fail, and what do the additional units cost in
# parameters, bytes and time? When would you add units, and when would you rather try more seeds?*

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# ```text
# uv run tito milestone run      what your framework reaches
# uv run tito module test        the tests that are also run on GitHub
# git add xor.ipynb
# git commit -m "Milestone 1969"
# git push
# ```
