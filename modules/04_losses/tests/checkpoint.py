# %% [markdown]
# # Checkpoint 04: can you assemble a network, and say how wrong it is?
#
# The tests look at one loss at a time. This notebook builds whole networks from your layers, activations and losses, and asks whether the
# number at the end can be relied on. It gives no points. `tt` is your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt
from autograding.grader.testing import raises

# %% [markdown]
# ## Does a network that knows nothing cost log C?
#
# An untrained classifier with small weights in its last layer gives all ten classes nearly the same score. Its loss should be log 10, about 2.303,
# on images and labels at random.

# %%
rng = np.random.default_rng(4)
images, labels = rng.uniform(size=(200, 64)).astype(np.float32), rng.integers(0, 10, 200)
model = tt.create_mlp(64, [32, 16], 10)
last = model.parameters()[-2]
last.data = last.data * np.float32(0.01)
loss = tt.CrossEntropyLoss()(model(tt.Tensor(images)), labels)
assert loss.shape == (), "the loss is one number"
assert abs(loss.item() - np.log(10)) < 0.05, f"expected about 2.303, yours is {loss.item():.3f}"

# %% [markdown]
# ## Does the loss fall when the network gets better?
#
# No training yet, but we may push the scores towards the right classes by hand. Each push has to lower the loss, far beyond the
# point at which a probability rounds to 1.

# %%
towards = np.eye(10, dtype=np.float32)[labels]
logits = model(tt.Tensor(images)).data
losses = [
    tt.CrossEntropyLoss()(tt.Tensor(logits + push * towards), labels).item()
    for push in (-10000, -100, -1, 0, 1, 10)
]
assert all(np.isfinite(losses)), f"every loss should be finite, yours are {losses}"
assert all(before > after for before, after in zip(losses, losses[1:], strict=False)), (
    f"each push should help: {losses}"
)

# %% [markdown]
# ## Do two losses agree about two classes?
#
# Softmax over the scores (0, z) is the sigmoid of z. So cross entropy over two classes, binary cross entropy from logits, and, where nothing is
# clipped, binary cross entropy from probabilities must be the same number.

# %%
z = rng.normal(scale=3, size=300).astype(np.float32)
answers = rng.integers(0, 2, 300)
both = tt.Tensor(np.stack([np.zeros_like(z), z], axis=1))
first = tt.CrossEntropyLoss()(both, answers).item()
second = tt.BCEWithLogitsLoss()(tt.Tensor(z), answers).item()
third = tt.BinaryCrossEntropyLoss()(tt.sigmoid(tt.Tensor(z)), answers).item()
assert abs(first - second) < 1e-5, f"cross entropy {first:.6f}, binary from logits {second:.6f}"
assert abs(first - third) < 1e-4, f"cross entropy {first:.6f}, binary from probabilities {third:.6f}"

# %% [markdown]
# ## Can it be fed in pieces?
#
# A batch that is too large comes in chunks. Sums of chunks, divided by the number of words that count, must be the loss of the whole, whatever
# is filling between the words.

# %%
sentences = rng.normal(size=(6, 8, 20)).astype(np.float32)
words = rng.integers(0, 20, (6, 8))
words[2, 3:] = -1
words[5, 1:] = -1
whole = tt.CrossEntropyLoss(ignore_index=-1)(tt.Tensor(sentences), words).item()
add = tt.CrossEntropyLoss(reduction="sum", ignore_index=-1)
pieces = [add(tt.Tensor(sentences[i : i + 2]), words[i : i + 2]).item() for i in (0, 2, 4)]
assert abs(whole - sum(pieces) / (words >= 0).sum()) < 1e-5, "chunks and the whole should agree"

# %% [markdown]
# ## Does it refuse what would be quietly wrong?
#
# A regression network returns a column. Targets in a row would give a number, and the wrong one.

# %%
predictions = tt.create_mlp(64, [16], 1)(tt.Tensor(images))
targets = rng.normal(size=200).astype(np.float32)
with raises(ValueError, mentions=["(200, 1)", "(200,)"]):
    tt.MSELoss()(predictions, targets)
loss = tt.MSELoss()(predictions, targets.reshape(200, 1)).item()
assert abs(loss - ((predictions.data[:, 0] - targets) ** 2).mean()) < 1e-4, (
    "a column of targets is the way out"
)

# %% [markdown]
# Five times yes: you can build a network and measure it. What is missing is the way down.
