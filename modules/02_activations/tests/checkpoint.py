# %% [markdown]
# # Checkpoint 02: can your network bend?
#
# The tests look at one function at a time. This notebook asks whether the functions do the jobs that later modules have
# for them. It gives no points. `tt` is your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt

# %% [markdown]
# ## Can it draw a curve?
#
# Between any two straight pieces, one ReLU adds one bend. Five of them follow a parabola from 0 to 1 closely: each changes the
# slope at its own place, at 0, 0.2, 0.4, 0.6 and 0.8.

# %%
points = np.linspace(0, 1, 101).astype(np.float32).reshape(101, 1)
hidden = tt.relu(tt.Tensor(points) - tt.Tensor([0, 0.2, 0.4, 0.6, 0.8]))
curve = hidden @ tt.Tensor([0.2, 0.4, 0.4, 0.4, 0.4])
worst = np.abs(curve.data - points[:, 0] ** 2).max()
assert worst < 0.0101, f"five bends should stay within 0.01 of the parabola, yours is {worst:.3f} away"

# %% [markdown]
# ## Can it be sure without breaking?
#
# A classifier at the end of its training is very sure: scores in the hundreds. The probabilities must add up to 1 all the
# same, and the order of the classes must stay.

# %%
scores = np.random.default_rng(3).normal(scale=300, size=(64, 10)).astype(np.float32)
shares = tt.Softmax()(tt.Tensor(scores)).data
assert np.isfinite(shares).all(), "scores of some hundreds should not give nan"
assert np.allclose(shares.sum(axis=1), 1, atol=1e-5), "every row should add up to 1"
assert (shares.argmax(axis=1) == scores.argmax(axis=1)).all(), "the best score should get the largest share"

# %% [markdown]
# ## Do two of them agree?
#
# The softmax of two scores is the sigmoid of their difference. Two functions that you wrote on different days have to say
# the same, also where one of them rounds to 0.

# %%
pairs = np.random.default_rng(4).normal(scale=20, size=(500, 2)).astype(np.float32)
first = tt.softmax(tt.Tensor(pairs)).data[:, 0]
second = tt.sigmoid(tt.Tensor(pairs[:, 0] - pairs[:, 1])).data
assert np.allclose(first, second, rtol=1e-4, atol=1e-7), (
    "softmax of two scores is the sigmoid of the difference"
)

# %% [markdown]
# ## Can it look back, and only back?
#
# In a language model each word may look at itself and at the words before it. The scores of the words after it are
# replaced by -inf, and softmax runs along the last of four axes: (batch, heads, looking, looked at).

# %%
words = 6
scores = tt.Tensor(np.random.default_rng(5).normal(size=(2, 3, words, words)))
later = np.triu(np.ones((words, words), dtype=bool), 1)
attention = tt.softmax(scores.masked_fill(later, float("-inf"))).data
assert (attention[..., later] == 0).all(), "a word that comes later should get exactly nothing"
assert np.allclose(attention.sum(axis=-1), 1, atol=1e-5), "every word hands out 1 in total"
assert (attention[..., 0, 0] == 1).all(), "the first word can only look at itself"

# %% [markdown]
# Four times yes: you can stack layers, and each of them will count.
