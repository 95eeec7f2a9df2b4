# %% [markdown]
# # Checkpoint 03: can you build the basic layers?
#
# The tests look at one part at a time. This notebook puts them together and asks whether they do what a network needs. It gives
# no points. `tt` is your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt

# %% [markdown]
# ## Can a network compute what a straight line cannot?
#
# XOR with two hidden units: the weights are set by hand, the network is yours.

# %%
model = tt.create_mlp(2, [2], 1)
model[0].weight, model[0].bias = tt.Tensor([[1, 1], [1, 1]]), tt.Tensor([0, -1])
model[2].weight, model[2].bias = tt.Tensor([[1], [-2]]), tt.Tensor([0])
answers = model(tt.Tensor([[0, 0], [0, 1], [1, 0], [1, 1]])).data
assert np.array_equal(answers, [[0], [1], [1], [0]]), f"XOR of the four inputs, yours gives {answers.ravel()}"

# %% [markdown]
# ## Can it take images?
#
# 32 images of 28 x 28, flattened, through two hidden layers with dropout, to ten probabilities each. 109,386 parameters, all
# of them found, though they are two levels down.

# %%
images = np.random.default_rng(1).uniform(size=(32, 1, 28, 28)).astype(np.float32)
body = tt.create_mlp(784, [128, 64], 10, output_activation=tt.Softmax)
model = tt.Sequential(tt.Flatten(), tt.Dropout(0.5), body)
assert model.num_parameters() == 109_386, f"found {model.num_parameters()} of 109386 parameters"
names = [name for name, _ in model.named_parameters()]
assert names == ["2.0.weight", "2.0.bias", "2.2.weight", "2.2.bias", "2.4.weight", "2.4.bias"], names
shares = model(tt.Tensor(images)).data
assert shares.shape == (32, 10), f"ten probabilities for each image, not {shares.shape}"
assert np.allclose(shares.sum(axis=1), 1, atol=1e-5), "the probabilities of an image should add up to 1"

# %% [markdown]
# ## Does it know whether it is training?
#
# In training two passes over the same images differ, because dropout draws anew. After `eval()` on the outermost layer
# they are equal, and after `train()` they differ again.

# %%
x = tt.Tensor(images)
assert not np.array_equal(model(x).data, model(x).data), "in training every pass should be different"
model.eval()
assert np.array_equal(model(x).data, model(x).data), "in use every pass should be the same"
model.train()
assert not np.array_equal(model(x).data, model(x).data), "and after train() different again"

# %% [markdown]
# ## Does it hold its size?
#
# Fifteen layers of 512 units, with noise of variance 1 as input. With a good initialisation the numbers that come out are about
# as large as those that went in.

# %%
deep = tt.create_mlp(512, [512] * 15, 512, rng=None)
noise = np.random.default_rng(2).standard_normal((100, 512)).astype(np.float32)
size = float(np.sqrt((deep(tt.Tensor(noise)).data.astype(np.float64) ** 2).mean()))
assert 0.4 < size < 5, f"numbers of size 1 came out with size {size:.3g}"

# %% [markdown]
# ## Does it say where it hurts?

# %%
broken = tt.Sequential(tt.Flatten(), tt.create_mlp(784, [128], 64), tt.Linear(65, 10))
message = ""
try:
    broken(x)
except ValueError as error:
    message = str(error)
assert "layer 2" in message, f"the third layer does not fit, the message says: {message!r}"
assert "65" in message, f"that layer expects 65 features, the message says: {message!r}"

# %% [markdown]
# Five times yes: these are the components of every network in this course. What they still lack is somebody who tells them how
# wrong they are.
