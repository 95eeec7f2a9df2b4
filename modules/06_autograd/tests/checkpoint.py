# %% [markdown]
# # Checkpoint 06: can it compute gradients automatically?
#
# The tests look at one rule or one walk at a time. This notebook asks whether they carry real work together. It gives no points. `tt` is
# your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt

Tensor = tt.core.autograd.Tensor
rng = np.random.default_rng(6)

# %% [markdown]
# ## Is the gradient of a whole network right?
#
# Two layers, two activations, a normalisation, a slice, a loss: nine kinds of operations in one graph. For some of the weights,
# finite differences have to say the same.

# %%
images = rng.normal(size=(6, 5))
labels = rng.integers(0, 3, size=6)
arrays = {"w1": rng.normal(size=(5, 4)), "b1": rng.normal(size=4), "w2": rng.normal(size=(4, 4))}


def loss_of(values):
    """The loss, and the weights it depends on."""
    w = {name: Tensor(array, requires_grad=True, dtype="float64") for name, array in values.items()}
    h = tt.gelu(Tensor(images, dtype="float64") @ w["w1"] + w["b1"])
    h = (h - h.mean(axis=1, keepdims=True)) / (h * h).mean(axis=1, keepdims=True) ** 0.5
    logits = (tt.tanh(h @ w["w2"]) + h)[:, :3]
    return tt.CrossEntropyLoss()(logits, labels), w


loss, weights = loss_of(arrays)
loss.backward()
for name, place in (("w1", (0, 0)), ("w1", (4, 3)), ("b1", (2,)), ("w2", (1, 2)), ("w2", (3, 0))):
    moved = {key: array.copy() for key, array in arrays.items()}
    moved[name][place] += 1e-5
    above = loss_of(moved)[0].item()
    moved[name][place] -= 2e-5
    slope = (above - loss_of(moved)[0].item()) / 2e-5
    found = weights[name].grad[place]
    assert abs(found - slope) < 1e-6, (
        f"{name} at {place}: your walk says {found:.6f}, differences say {slope:.6f}"
    )

# %% [markdown]
# ## Do two halves make a whole?
#
# A batch that is too large for the memory is taken in two halves, and the gradients of both are added up. With the sum as reduction, that is exactly the
# gradient of the whole batch.

# %%
x, y = rng.normal(size=(8, 3)).astype(np.float32), rng.normal(size=(8, 2)).astype(np.float32)
start = rng.normal(size=(3, 2)).astype(np.float32)
whole, halves = Tensor(start, requires_grad=True), Tensor(start, requires_grad=True)
tt.MSELoss("sum")(Tensor(x) @ whole, y).backward()
for part in (slice(0, 4), slice(4, 8)):
    tt.MSELoss("sum")(Tensor(x[part]) @ halves, y[part]).backward()
assert np.allclose(whole.grad, halves.grad, rtol=1e-4, atol=1e-4), (
    "two halves should add up to the whole batch"
)
assert whole.grad.dtype == np.float32, "float32 stays float32"

# %% [markdown]
# ## Can it go deep?
#
# Fifty residual blocks: 2 to the power of 50 paths, about a hundred and fifty tensors.

# %%
x = h = Tensor(np.full(4, 0.1), requires_grad=True)
for _ in range(50):
    h = h + tt.tanh(h) * 0.01
h.sum().backward()
assert x.grad.shape == (4,), "one slope for each of the four inputs"
assert (x.grad > 1).all(), "every block adds to the slope"
assert (x.grad < 1.01**50).all(), "and none by more than a hundredth"

# %% [markdown]
# ## Can it learn?
#
# A wave, which no straight line follows, from 64 points. Forward, backward, a step, 400 times.

# %%
points = np.linspace(-1, 1, 64, dtype=np.float32).reshape(64, 1)
wave = np.sin(4 * points)
parameters = [
    Tensor(rng.normal(size=(1, 16)) * 2, requires_grad=True),
    Tensor(rng.normal(size=16), requires_grad=True),
    Tensor(rng.normal(size=(16, 1)) * 0.3, requires_grad=True),
]
losses = []
for _ in range(400):
    w1, b1, w2 = parameters
    loss = tt.MSELoss()(tt.tanh(Tensor(points) @ w1 + b1) @ w2, wave)
    loss.backward()
    losses.append(loss.item())
    for parameter in parameters:
        parameter.data = parameter.data - 0.1 * parameter.grad
        parameter.zero_grad()
assert losses[-1] < losses[0] / 10, (
    f"400 steps should divide the loss by 10: {losses[0]:.3f} to {losses[-1]:.3f}"
)

# %% [markdown]
# Four times yes: it computes gradients automatically. What is left of training is deciding how far to go.
