# %% [markdown]
# # Checkpoint 05: can you feed a network?
#
# The tests look at one piece at a time. This notebook puts them together and asks what a training run will ask: does everything
# arrive, in pairs, mixed, on a stable scale, and the same way again tomorrow? It gives no points. `tt` is your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt

make_generator = tt.import_module("numpy").random.default_rng

# %% [markdown]
# ## Does everything arrive?
#
# 103 examples, 16 at a time, shuffled, over three epochs. Each example carries its own number, and its label is a function of it.

# %%
codes = np.arange(103)
data = tt.TensorDataset(tt.Tensor(np.stack([codes, codes**2], axis=1)), tt.Tensor(codes % 7, dtype="int64"))
loader = tt.DataLoader(data, batch_size=16, shuffle=True, seed=11)
epochs = []
for _ in range(3):
    batches = [(x.data, y.data) for x, y in loader]
    assert [len(x) for x, _ in batches] == [16] * 6 + [7], "six full batches and the rest of 7"
    x, y = np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches])
    assert y.dtype == np.int64, "labels should stay integers through the whole pipeline"
    assert (x[:, 0] ** 2 == x[:, 1]).all(), "an example has been torn apart"
    assert (x[:, 0].astype(int) % 7 == y).all(), "a label has lost its example"
    assert sorted(x[:, 0]) == list(range(103)), "every example should arrive exactly once in an epoch"
    epochs.append(x[:, 0].tolist())
assert epochs[0] != epochs[1] != epochs[2], "every epoch should have an order of its own"

# %% [markdown]
# ## Is it the same tomorrow?

# %%
again = tt.DataLoader(data, batch_size=16, shuffle=True, seed=11)
repeated = [np.concatenate([x.data for x, _ in again])[:, 0].tolist() for _ in range(3)]
assert repeated == epochs, "the same seed should give the same three epochs in the same sequence"

# %% [markdown]
# ## Is the scale stable?
#
# Colour images whose channels live on very different scales. After normalisation with the training images' own numbers, each
# channel of the training images has mean 0 and standard deviation 1, and the test images nearly so, with the **same** numbers.

# %%
rng = np.random.default_rng(0)
scales, shifts = np.array([1, 20, 0.05]), np.array([0, 100, -3])
pictures = (rng.normal(size=(160, 3, 6, 6)) * scales[:, None, None] + shifts[:, None, None]).astype(
    np.float32
)
everything = tt.TensorDataset(tt.Tensor(pictures), tt.Tensor(np.arange(160) % 2, dtype="int64"))
train, test = tt.train_test_split(everything, 0.75, make_generator(1))
seen = np.stack([image.data for image, _ in train])
normalize = tt.Normalize(seen.mean(axis=(0, 2, 3)).tolist(), seen.std(axis=(0, 2, 3)).tolist())
move = tt.Compose(
    [tt.RandomHorizontalFlip(rng=make_generator(2)), tt.RandomCrop(6, padding=1, rng=make_generator(3))]
)
plain, testing = tt.make_loaders(train, test, 40, normalize=normalize, rng=make_generator(4))
for name, feed, near in (("training", plain, 0.01), ("test", testing, 0.2)):
    values = np.concatenate([x.data for x, _ in feed])
    assert values.dtype == np.float32, "float32 images should stay float32"
    assert np.abs(values.mean(axis=(0, 2, 3))).max() < near, f"{name}: the channels should have mean 0"
    assert np.abs(values.std(axis=(0, 2, 3)) - 1).max() < near, f"{name}: the channels should have std 1"

# %% [markdown]
# ## Is the test a test?
#
# With augmentation the training images change from epoch to epoch. The test images must be the same each time.

# %%
training, testing = tt.make_loaders(train, test, 40, augment=move, normalize=normalize, rng=make_generator(5))
first, second = (np.concatenate([x.data for x, _ in testing]) for _ in range(2))
assert len(first) == 40, "the test loader should leave nothing out"
assert np.array_equal(first, second), "two passes over the test images should be the same"
once, twice = (np.concatenate([x.data for x, _ in training]) for _ in range(2))
assert once.shape == twice.shape == (120, 3, 6, 6), "augmentation should keep the shape"
once, twice = (np.sort(images.sum(axis=(1, 2, 3))) for images in (once, twice))
assert not np.allclose(once, twice), "two epochs should show different variants of the training images"

# %% [markdown]
# ## Real images
#
# One epoch over the digits. A network that only knows the mean image of each digit, and answers with the nearest, is right for
# more than 85 % of the test images. It can only be so if images and labels belong together all the way.

# %%
train, test = tt.load_tinydigits()
batches = [(x.data, y.data) for x, y in tt.DataLoader(train, 100, shuffle=True, seed=0)]
images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
assert (images.min(), images.max()) == (0, 1), "pixels should run from 0 to 1"
means = np.stack([images[labels == digit].mean(axis=0).ravel() for digit in range(10)])
tests = [(x.data, y.data) for x, y in tt.DataLoader(test, 64)]
unknown, truth = (np.concatenate(parts) for parts in zip(*tests, strict=True))
distances = ((unknown.reshape(200, 1, 64) - means) ** 2).sum(axis=2)
accuracy = (distances.argmin(axis=1) == truth).mean()
assert accuracy > 0.85, f"the nearest mean should recognise 85 % of the digits, it did {accuracy:.0%}"

# %% [markdown]
# Five times yes: whatever you train from here on, it will not be the data's fault.
