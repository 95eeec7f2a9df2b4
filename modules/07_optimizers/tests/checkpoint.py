# %% [markdown]
# # Checkpoint 07: can you use good update rules?
#
# The tests look at one step of one parameter at a time. This notebook lets your optimizers go down real slopes, and asks
# whether each does what it was invented for. It gives no points. `tt` is your exported package. Gradients are written
# down by hand here, so nothing depends on other modules.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt


def parameter(values):
    """A float64 parameter: these questions are about the rule, not about rounding."""
    return tt.Tensor(np.array(values, dtype=np.float64), requires_grad=True, dtype="float64")


# %% [markdown]
# ## Does momentum get through a ravine?
#
# Curvature 1 across, 0.01 along: plain descent loses 1 % of the way in each step, momentum should need several times
# fewer steps.

# %%
curvature = np.array([1.0, 0.01])


def steps_needed(make, limit=2000):
    w = parameter([1, 1])
    optimizer = make(w)
    for step in range(limit):
        if np.abs(w.data).max() < 0.01:
            return step
        w.grad = curvature * w.data
        optimizer.step()
    return limit


plain = steps_needed(lambda w: tt.SGD([w], lr=1.0))
fast = steps_needed(lambda w: tt.SGD([w], lr=1.0, momentum=0.9))
assert 400 < plain < 500, f"plain descent takes ln(100) / 0.01 = 460 steps or so, yours {plain}"
assert fast < plain / 3, f"momentum took {fast} steps, plain descent {plain}"

# %% [markdown]
# ## Does Adam ignore the units?
#
# The same loss in other units has gradients that are a million times larger or smaller. Plain descent would need another rate for
# each; Adam takes the same path.

# %%
ends = []
for unit in (1e-3, 1.0, 1e3):
    w, target = parameter([0, 0]), np.array([1.0, -2.0])
    optimizer = tt.Adam([w], lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        w.grad = unit * (w.data - target)
        optimizer.step()
    ends.append(w.data)
assert np.abs(ends[1] - target).max() < 0.01, (
    f"300 steps of 0.05 should reach 1 and -2, yours reach {ends[1]}"
)
assert np.allclose(ends[0], ends[1], atol=1e-3), "the path should not depend on the unit of the loss"
assert np.allclose(ends[2], ends[1], atol=1e-3), "the path should not depend on the unit of the loss"

# %% [markdown]
# ## Does weight decay clear away what nobody needs?
#
# Least squares with five columns, of which the data has something to say about three; the last two weights have a gradient of 0. AdamW
# should fit the first three and let the others disappear, by the same factor in each step.

# %%
rng = np.random.default_rng(7)
inputs, truth = rng.normal(size=(200, 3)), np.array([1.0, -0.5, 2.0])
outputs, decay = inputs @ truth, 0.1
w = parameter([0, 0, 0, 3, -3])
optimizer = tt.AdamW([w], lr=0.02, weight_decay=decay)
for _ in range(1500):
    error = inputs @ w.data[:3] - outputs
    w.grad = np.concatenate([50 * inputs.T @ error / len(inputs), [0, 0]])
    optimizer.step()
assert np.abs(w.data[:3] - truth).max() < 0.15, (
    f"the data says 1, -0.5 and 2, yours are {w.data[:3].round(2)}"
)
assert np.allclose(w.data[3:], 3 * (1 - 0.02 * decay) ** 1500 * np.array([1, -1])), "decay is decoupled"

# %% [markdown]
# ## Can a run be interrupted?
#
# Three parameters, one of which gets a gradient only in every third batch. After ten steps everything is saved, thrown away and
# built again.

# %%
gradients = np.random.default_rng(8).normal(size=(20, 3, 4))


def run(optimizer, steps):
    for step in steps:
        for number, param in enumerate(optimizer.params):
            param.grad = None if number == 1 and step % 3 else gradients[step, number]
        optimizer.step()


for kind, settings in (("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"lr": 0.1}), ("AdamW", {"lr": 0.1})):
    whole = getattr(tt, kind)([parameter(np.ones(4)) for _ in range(3)], **settings)
    run(whole, range(10))
    saved, weights = whole.state_dict(), [param.data.copy() for param in whole.params]
    run(whole, range(10, 20))
    again = getattr(tt, kind)([parameter(values) for values in weights], lr=1.0)
    again.load_state_dict(saved)
    run(again, range(10, 20))
    for one, other in zip(whole.params, again.params, strict=True):
        assert np.array_equal(one.data, other.data), (
            f"{kind}: the continued run differs from the uninterrupted one"
        )

# %% [markdown]
# Four times yes: whatever module 06 says is uphill, you know how to go down.
