# %% [markdown] id="title"
# # 1958 Perceptron
#
# *2 to 3 hours. You need modules 01 to 08. 70 points for code, 30 for three written answers.*
#
# In 1958 Frank Rosenblatt published "The Perceptron" in the *Psychological Review*. It described a machine that is told
# nothing but whether it was right, changes itself after every mistake, and in the end makes none. The machine that was
# built had 20 × 20 photocells for an eye, and its weights were potentiometers turned by motors.
#
# A milestone is not a new module: it is a program that uses your framework, and that prints what it measured beside what it
# had to reach. You build the perceptron twice:
#
# ```text
#   1958                                          today
#   one point at a time                           all points at once
#   wrong? add the point to the weights,          loss, backward, optimizer step:
#   or subtract it                                modules 04, 06 and 07
# ```
#
# | part | you write | points |
# |---|---|---|
# | 2 | `decide` | 10 |
# | 3 | `learn_from_mistakes` | 20 |
# | 4 | `build_unit`, `classify` | 10 |
# | 5 | `train_unit` | 20 |
# | 6 | `accuracy` | 10 |
# | 8 | three answers in your own words | 30 |
#
# `uv run tito module test` runs the tests that give the points, as always. `uv run tito milestone run` runs the milestone itself.

# %% id="imports"
#| export
from __future__ import annotations

import numpy as np

from tinytorch.core.autograd import no_grad
from tinytorch.core.dataloader import make_blobs
from tinytorch.core.layers import Linear, Sequential
from tinytorch.core.losses import BCEWithLogitsLoss
from tinytorch.core.optimizers import SGD
from tinytorch.core.tensor import Array, Tensor

# %% id="parameters" tags=["parameters"]
QUICK = False  # True makes the measurements smaller; the automatic run on GitHub sets it

# %% [markdown]
# ## 1. Two heaps of points
#
# Module 05 has what we need: `make_blobs` puts points around (-1, -1), labelled 0, and around (1, 1), labelled 1.

# %% id="blobs" tags=["check"]
points, labels = make_blobs(100, rng=np.random.default_rng(0)).tensors
print(points.shape, points.dtype, labels.shape, labels.dtype)

grid = [[" "] * 41 for _ in range(17)]
for (x, y), label in zip(points.data, labels.data, strict=True):
    row, column = round(8 - 3 * float(y)), round(20 + 7 * float(x))
    if 0 <= row < 17 and 0 <= column < 41:
        grid[row][column] = "o+"[int(label)]
print("\n".join("".join(row).rstrip() for row in grid))

# %% [markdown]
# A person draws a line between the two heaps without thinking. The perceptron has to find it from single points.
#
# ## 2. A decision
#
# The perceptron multiplies each input by a weight, adds everything up, adds a bias, and says 1 if the result is **greater
# than** 0, else 0. For the weights (2, 1) and the bias -1:
#
# ```text
#   point (1, 0):     2·1 + 1·0 - 1 =  1    greater than 0: says 1
#   point (0, 1):     2·0 + 1·1 - 1 =  0    not greater:    says 0
#   point (-1, 1):   -2   + 1   - 1 = -2                    says 0
# ```
#
# All points with a sum of exactly 0 form a line (with more inputs a plane), and the weights are the arrow that stands at
# right angles to it, towards the side of the ones.
#
# ### Exercise: decide (10 points)
#
# For arrays: `points` of shape (N, D), `weight` of shape (D,), `bias` a number. Return an int64 array of shape (N,) with a 0 or a 1
# for each point. No loop is needed.


# %% id="decide" exercise="decide"
#| export
def decide(points: Array, weight: Array, bias: float) -> Array:
    """0 or 1 for each of the points (N, D): 1 where the weighted sum plus the bias is greater than 0."""
    ### BEGIN SOLUTION
    return (points @ weight + bias > 0).astype(np.int64)
    ### END SOLUTION


# %% id="decide-check" tags=["check"]
examples = np.array([[1, 0], [0, 1], [-1, 1]], dtype=np.float32)
answer = decide(examples, np.array([2, 1], dtype=np.float32), -1.0)
assert answer.tolist() == [1, 0, 0], f"see the worked numbers above; yours says {answer.tolist()}"
assert answer.dtype == np.int64, "decisions are whole numbers: int64"
print("ok")

# %% [markdown]
# ## 3. Learning from mistakes
#
# Begin with weights and bias 0. Look at the points in their order, one after the other, and decide. If the decision is
# right, do nothing. If it is wrong:
#
# ```text
#   should have been 1, said 0:    weight += point    bias += 1       the sum for this point grows
#   should have been 0, said 1:    weight -= point    bias -= 1       the sum for this point falls
#
#   both at once: label - decision is 1, -1, or 0 if it was right. The bias grows by that number,
#   and the weights grow by that number times the point.
# ```
#
# The next point is decided with the changed weights. One pass over all points is an epoch. Stop after the first epoch without
# a mistake, or after `max_epochs`. By hand, for two points:
#
# ```text
#   epoch 0, 2 mistakes                                    weight (0, 0)   bias 0
#     point (1, 2), label 1:   0 + 0 + 0 = 0, says 0: wrong  weight (1, 2)   bias 1
#     point (3, 1), label 0:   3 + 2 + 1 = 6, says 1: wrong  weight (-2, 1)  bias 0
#   epoch 1, 2 mistakes
#     point (1, 2), label 1:  -2 + 2 + 0 = 0, says 0: wrong  weight (-1, 3)  bias 1
#     point (3, 1), label 0:  -3 + 3 + 1 = 1, says 1: wrong  weight (-4, 2)  bias 0
#   ...
# ```
#
# ### Exercise: learning from mistakes (20 points)
#
# Return the weights (float64, so that thousands of additions lose nothing), the bias (a float) and the list of mistakes in
# each epoch. The order of the points is the order given. If a line separates the labels, the last entry of the list is 0; if none
# does, the list has `max_epochs` entries. The arguments stay as they were.


# %% id="rule" exercise="rule"
#| export
def learn_from_mistakes(
    points: Array, labels: Array, max_epochs: int = 100
) -> tuple[Array, float, list[int]]:
    """Rosenblatt's rule: weight, bias, and the number of mistakes in each epoch.

    Points (N, D) and labels (N,), 0 or 1, in the order in which they are looked at.
    """
    ### BEGIN SOLUTION
    weight, bias = np.zeros(points.shape[1]), 0.0
    mistakes: list[int] = []
    while len(mistakes) < max_epochs and (not mistakes or mistakes[-1] > 0):
        wrong = 0
        for point, label in zip(points, labels, strict=True):
            mistake = int(label) - int(point @ weight + bias > 0)
            weight += mistake * point
            bias += mistake
            wrong += abs(mistake)
        mistakes.append(wrong)
    return weight, bias, mistakes
    ### END SOLUTION


# %% id="rule-check" tags=["check"]
pair = np.array([[1, 2], [3, 1]], dtype=np.float32)
weight, bias, mistakes = learn_from_mistakes(pair, np.array([1, 0]), max_epochs=2)
assert mistakes == [2, 2], f"see the worked numbers above; yours counts {mistakes}"
assert weight.tolist() == [-4, 2], f"after two epochs the weights are (-4, 2), yours are {weight.tolist()}"
assert bias == 0, f"after two epochs the bias is 0, yours is {bias}"
weight, bias, mistakes = learn_from_mistakes(points.data, labels.data)
assert mistakes[-1] == 0, "for the heaps above there is a line, so the last epoch has no mistake"
print("mistakes in each epoch:", mistakes)
print("weights", weight.round(2), "bias", bias)

# %% [markdown]
# ### A promise with a proof
#
# Why does this end? Suppose that some line separates the labels with room to spare: every point is at least $\gamma$ away from it.
# And let $R$ be the length of the longest point, with a 1 appended for the bias. Then, in whatever order the points
# come, **the rule makes at most $(R / \gamma)^2$ mistakes in all**, however many points there are. Each mistake turns the weights a
# little towards the right arrow, and lengthens them only a little; that cannot go on for ever. Question 1 looks at the numbers.
#
# If no line separates the labels, the rule never stops making mistakes. That is the next milestone.

# %% id="bound" tags=["check"]
count = 40 if QUICK else 1000
for spread in (0.2, 0.3, 0.4, 0.5):
    cloud, wanted = make_blobs(count, spread=spread, rng=np.random.default_rng(1)).tensors
    made = learn_from_mistakes(cloud.data, wanted.data, max_epochs=30)[2]
    longest = np.sqrt((cloud.data**2).sum(axis=1) + 1).max()
    print(
        f"spread {spread}: {sum(made):4} mistakes in {len(made):2} epochs, {made[-1]:2} in the last; longest point {longest:.2f}"
    )

# %% [markdown]
# ## 4. The same unit in your framework
#
# The weighted sum plus a bias is `Linear(2, 1)`. The decision is the same: 1 where the sum is greater than 0. What training
# needs in between is a smooth step, the sigmoid, and that is part of the loss: `BCEWithLogitsLoss` (module 04) takes the sum itself,
# the *logit*.
#
# ### Exercise: the unit (10 points)
#
# `build_unit(inputs, seed)` returns a `Sequential` with one `Linear` of `inputs` inputs and one output, its random numbers
# drawn from `np.random.default_rng(seed)`: equal seeds, equal units.
#
# `classify(model, points)` takes an array (N, D), and returns an int64 array (N,) of zeros and ones. Nothing is to be recorded for a
# backward pass: that is what `no_grad` is for. And a model that was training before is training after: leave its
# mode as it is.


# %% id="unit" exercise="unit"
#| export
def build_unit(inputs: int, seed: int) -> Sequential:
    """One linear unit with `inputs` inputs, its weights drawn with this seed."""
    ### BEGIN SOLUTION
    return Sequential(Linear(inputs, 1, rng=np.random.default_rng(seed)))
    ### END SOLUTION


def classify(model: Sequential, points: Array) -> Array:
    """0 or 1 for each of the points (N, D): 1 where the model's output is greater than 0."""
    ### BEGIN SOLUTION
    with no_grad():
        logits = model(Tensor(points))
    return (logits.data[:, 0] > 0).astype(np.int64)
    ### END SOLUTION


# %% id="unit-check" tags=["check"]
unit = build_unit(2, seed=3)
assert [p.shape for p in unit.parameters()] == [(2, 1), (1,)], "one Linear with two inputs and one output"
assert np.array_equal(unit[0].weight.data, build_unit(2, seed=3)[0].weight.data), "equal seeds, equal units"
answer = classify(unit, points.data)
assert (answer.shape, answer.dtype) == ((100,), np.int64), "one whole number for each point"
by_hand = decide(points.data, unit[0].weight.data[:, 0], unit[0].bias.data[0])
assert np.array_equal(answer, by_hand), "the unit decides as in part 2"
print("ok")

# %% [markdown]
# Before any training, what does a unit know? Its line has a random direction, so it may happen to be nearly right,
# or to be right the wrong way round:

# %% id="untrained" tags=["check"]
shares = [
    float(np.mean(classify(build_unit(2, seed), points.data) == labels.data))
    for seed in range(20 if QUICK else 200)
]
print(f"untrained units: mean accuracy {np.mean(shares):.2f}, from {min(shares):.2f} to {max(shares):.2f}")

# %% [markdown]
# One untrained unit says nothing about "chance". The mean of many does. Remember this when you are shown a result from one seed.
#
# ## 5. Fifty steps of gradient descent
#
# Rosenblatt's rule looks at one point and asks only *wrong or not*. The loss looks at all points at once and asks *how* wrong
# each is. A step is what you know from module 08, with the whole data as the only batch:
#
# ```text
#   zero_grad ──► logits = model(points) ──► loss = BCE(logits, labels) ──► backward ──► step
#        ▲                                                                              │
#        └──────────────────────────────── 50 times ◄───────────────────────────────────┘
# ```
#
# ### Exercise: train the unit (20 points)
#
# Train `model` in place with plain `SGD` on all points at once, `steps` times, and return the list of losses: entry k is the loss
# **before** update k, so the list has `steps` entries. `points` is an array (N, D), `labels` an array (N,) of zeros and ones.
# The logits have shape (N, 1): give the targets that shape too. Use the mean of the losses (`BCEWithLogitsLoss()`).


# %% id="train" exercise="train"
#| export
def train_unit(
    model: Sequential, points: Array, labels: Array, steps: int = 50, lr: float = 0.5
) -> list[float]:
    """Train `model` on all points at once with SGD. Returns the loss before each update."""
    ### BEGIN SOLUTION
    inputs, targets = Tensor(points), Tensor(labels.reshape(-1, 1))
    optimizer, loss_fn = SGD(model.parameters(), lr=lr), BCEWithLogitsLoss()
    before: list[float] = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        before.append(loss.item())
    return before
    ### END SOLUTION


# %% id="train-check" tags=["check"]
unit = build_unit(2, seed=3)
losses = train_unit(unit, points.data, labels.data)
assert len(losses) == 50, f"one loss a step: 50, not {len(losses)}"
assert losses[-1] < losses[0] / 2, f"the loss should fall: it went from {losses[0]:.3f} to {losses[-1]:.3f}"
share = float(np.mean(classify(unit, points.data) == labels.data))
assert share >= 0.97, f"50 steps are enough for 97 %; yours has {share:.0%}"
print(f"loss {losses[0]:.3f} ... {losses[-1]:.3f}, accuracy {share:.0%}")

# %% [markdown]
# What each of the two ways costs, for one pass over the points:

# %% id="cost" tags=["check"]
import time


def seconds(function, repeats=5):
    """The shortest of several runs of `function()`, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


for n in (100, 1000) if QUICK else (100, 1000, 10_000):
    cloud, wanted = (tensor.data for tensor in make_blobs(n, rng=np.random.default_rng(2)).tensors)
    one_pass = seconds(lambda x=cloud, y=wanted: learn_from_mistakes(x, y, max_epochs=1), 3)
    one_step = seconds(lambda x=cloud, y=wanted: train_unit(build_unit(2, 0), x, y, steps=1), 3)
    print(f"{n:6} points: rule {one_pass * 1e3:8.2f} ms a pass, gradient step {one_step * 1e3:8.2f} ms")

# %% [markdown]
# ## 6. Measure it
#
# ### Exercise: accuracy (10 points)
#
# The share of decisions that are right, as a Python float. Two traps: arrays of shapes (N,) and (N, 1) are compared
# with each other by broadcasting, N² comparisons with an answer that looks plausible; and the mean of no decisions is
# nan. Raise a `ValueError` that names both shapes if they differ, and one that says so if there is nothing to measure.


# %% id="measure" exercise="measure"
#| export
def accuracy(decisions: Array, labels: Array) -> float:
    """The share of decisions that equal their label. ValueError for different shapes, or for none at all."""
    ### BEGIN SOLUTION
    if decisions.shape != labels.shape:
        raise ValueError(f"accuracy: decisions have shape {decisions.shape}, labels {labels.shape}")
    if decisions.size == 0:
        raise ValueError("accuracy: there are no decisions to measure")
    return float(np.mean(decisions == labels))
    ### END SOLUTION


# %% id="measure-check" tags=["check"]
assert accuracy(np.array([1, 0, 1, 1]), np.array([1, 1, 1, 1])) == 0.75
try:
    accuracy(np.zeros(4), np.zeros((4, 1)))
    raise AssertionError("shapes (4,) and (4, 1): ValueError")
except ValueError as error:
    print("your message:", error)
print("ok")

# %% [markdown]
# ## 7. The milestone
#
# `main` puts everything together on points that nobody has trained on, over five seeds, and says whether the targets were reached.
# It compares numbers; no sentence here is printed because somebody hoped so. Run it in a terminal with
# `uv run tito milestone run`.


# %% id="main"
#| export
UNITS = 400
UNTRAINED_WITHIN = 0.1  # the mean accuracy of untrained units is this close to one half
RULE_AT_LEAST = 0.9
TRAINED_AT_LEAST = 0.97
STEPS = 50


def run_once(seed: int) -> tuple[float, float]:
    """The accuracy on new points of Rosenblatt's rule and of the trained unit."""
    rng = np.random.default_rng(seed)
    points, labels = (tensor.data for tensor in make_blobs(100, rng=rng).tensors)
    new_points, new_labels = (tensor.data for tensor in make_blobs(1000, rng=rng).tensors)
    weight, bias, _ = learn_from_mistakes(points, labels)
    unit = build_unit(2, seed)
    train_unit(unit, points, labels, STEPS)
    rule = accuracy(decide(new_points, weight, bias), new_labels)
    return rule, accuracy(classify(unit, new_points), new_labels)


def main() -> int:
    """Run the milestone and print what was measured. 0 if every target was reached, else 1."""
    points, labels = (tensor.data for tensor in make_blobs(1000, rng=np.random.default_rng(0)).tensors)
    untrained = [accuracy(classify(build_unit(2, seed), points), labels) for seed in range(UNITS)]
    results = [run_once(seed) for seed in range(5)]
    worst_rule, worst_unit = (min(column) for column in zip(*results, strict=True))
    chance = float(np.mean(untrained))
    rows = [
        (f"{UNITS} untrained units, mean", chance, "0.40 to 0.60", abs(chance - 0.5) <= UNTRAINED_WITHIN),
        ("Rosenblatt's rule, worst of 5", worst_rule, ">= 0.90", worst_rule >= RULE_AT_LEAST),
        ("50 gradient steps, worst of 5", worst_unit, ">= 0.97", worst_unit >= TRAINED_AT_LEAST),
    ]
    for name, value, target, reached in rows:
        print(f"{name:32}{value:6.3f}   target {target:14}{'reached' if reached else 'MISSED'}")
    return 0 if all(reached for *_, reached in rows) else 1


# %% id="run" tags=["check"]
print("exit status", main())

# %% [markdown]
# ## 8. Three questions (30 points)
#
# Reasoning from your own code and your own numbers, half a page each.
#
# ### Question 1 (10 points)
#
# *Measure $R$ and $\gamma$ on your points and compare the bound $(R/\gamma)^2$ with the number of mistakes that your rule made. Then bring the heaps
# closer until the rule no longer stops, and explain what happened to $\gamma$.*
#
# For $\gamma$ you need a good line; the weights of a unit trained for long are one. The distance of a point from the line is
# its sum, divided by the length of (weight, bias).

# %% [markdown] id="q1" question="q1"
# *Your answer to question 1 goes here.*

# %% [markdown]
# ### Question 2 (10 points)
#
# *Which of the two would you run on a billion points: Rosenblatt's rule or full-batch gradient steps? Argue with operations, bytes and
# what a second processor could do.*
#
# Use the table in part 5, and think of a third way between the two.

# %% [markdown] id="q2" question="q2"
# *Your answer to question 2 goes here.*

# %% [markdown]
# ### Question 3 (10 points)
#
# *Train one unit for 50, 500 and 5000 steps. What happens to the loss, to the accuracy on new points, and to the length of the weights? When
# would you stop, and by which number?*

# %% [markdown] id="q3" question="q3"
# *Your answer to question 3 goes here.*

# %% [markdown]
# ## Hand in
#
# Restart the kernel and run all cells. Then, in a terminal:
#
# ```text
# uv run tito milestone run      what your framework reaches
# uv run tito module test        the tests that are also run on GitHub
# git add perceptron.ipynb
# git commit -m "Milestone 1958"
# git push
# ```
