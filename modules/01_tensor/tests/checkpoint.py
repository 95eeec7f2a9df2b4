# %% [markdown]
# # Checkpoint 01: what can your Tensor do?
#
# The tests look at one method at a time. This notebook asks whether the methods work together on the tasks that the next
# modules will set. It gives no points. `tt` is your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt

# %% [markdown]
# ## Can it run a network?
#
# The smallest network that is worth having computes XOR: 1 if exactly one of two inputs is 1. No single layer can do that,
# two layers can: `hidden = inputs @ w + b`, negative numbers replaced by 0, then a weighted sum of the two hidden numbers.
#
# ```text
#   inputs      hidden before    negative → 0     1·first - 2·second
#   0 0          0  -1            0  0              0
#   0 1          1   0            1  0              1
#   1 0          1   0            1  0              1
#   1 1          2   1            2  1              0
# ```

# %%
inputs = tt.Tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
hidden = inputs @ tt.Tensor([[1, 1], [1, 1]]) + tt.Tensor([0, -1])
hidden = hidden.masked_fill(hidden.data < 0, 0)
output = hidden @ tt.Tensor([1, -2])
assert output.data.tolist() == [0, 1, 1, 0], f"XOR of the four inputs is 0 1 1 0, not {output.data.tolist()}"

# %% [markdown]
# ## Can it bring data to a common scale?
#
# Columns of real data have different units. Training goes better when each has mean 0 and variance 1: subtract the mean of
# the column and divide by its standard deviation, for all rows at once.

# %%
table = np.random.default_rng(1).normal(loc=[170, 70, 0.2], scale=[10, 15, 0.05], size=(500, 3))
x = tt.Tensor(table)
centred = x - x.mean(axis=0)
scaled = centred / (centred**2).mean(axis=0) ** 0.5
assert np.allclose(scaled.mean(axis=0).data, 0, atol=1e-3), "every column should have mean 0"
assert np.allclose((scaled**2).mean(axis=0).data, 1, atol=1e-3), "every column should have variance 1"
assert scaled.data.dtype == np.float32, f"float32 data should stay float32, not become {scaled.data.dtype}"

# %% [markdown]
# ## Can it split a batch into heads, and put it together again?
#
# Attention (module 12) cuts the last axis of `(batch, sequence, embedding)` into heads, moves the heads forward, multiplies
# all of them in one batched product, and undoes the cut. A mistake in `reshape` or `permute` scrambles it without an error.

# %%
batch, sequence, heads, width = 2, 5, 3, 4
tokens = np.random.default_rng(2).normal(size=(batch, sequence, heads * width)).astype(np.float32)
split = tt.Tensor(tokens).reshape(batch, sequence, heads, width).permute(0, 2, 1, 3)
scores = split @ split.transpose()
expected = tokens[1, :, 4:8] @ tokens[1, :, 4:8].T
assert scores.shape == (batch, heads, sequence, sequence)
assert np.allclose(scores.data[1, 1], expected, atol=1e-5), "head 1 holds the embedding numbers 4 to 7"
joined = split.permute(0, 2, 1, 3).reshape(batch, sequence, heads * width)
assert np.array_equal(joined.data, tokens), "cutting and joining should give back the tokens"

# %% [markdown]
# ## Can it turn scores into shares?
#
# Each row divided by its sum, also in a square tensor, where dividing by the wrong axis raises no error.

# %%
scores = tt.Tensor([[1, 3], [2, 2]])
shares = scores / scores.sum(axis=1, keepdims=True)
assert shares.data.tolist() == [[0.25, 0.75], [0.5, 0.5]], "every row should add up to 1"

# %% [markdown]
# Four times yes: you have a tensor library.
