# %% [markdown]
# # Checkpoint 08: can you run complete training loops?
#
# The tests look at one step, one epoch, one file. This notebook asks whether a whole run does what a run is for: learn, from the beginning to the
# end, also if the end is on another day. It gives no points. `tt` is your exported package.

# %%
import numpy as np

from autograding.grader.judge.checkpoint import tt

random = tt.core.tensor.np.random.default_rng
place = tt.fresh_import("tempfile").TemporaryDirectory()
folder = place.name


def digits(seed):
    """A small network for handwritten digits with dropout, and its loaders."""
    train, test = tt.load_tinydigits()
    model = tt.Sequential(
        tt.Flatten(),
        tt.Linear(64, 32, rng=random(seed)),
        tt.ReLU(),
        tt.Dropout(0.1, rng=random(seed + 1)),
        tt.Linear(32, 10, rng=random(seed + 2)),
    )
    trainer = tt.Trainer(
        model,
        tt.Adam(model.parameters(), lr=3e-3),
        tt.CrossEntropyLoss(),
        scheduler=tt.CosineSchedule(max_lr=1e-2, min_lr=1e-3, total_epochs=8, warmup=1),
        grad_clip_norm=5.0,
    )
    return trainer, tt.DataLoader(train, 32, shuffle=True, rng=random(seed + 3)), tt.DataLoader(test, 200)


def all_parameters(trainer):
    return np.concatenate([parameter.data.ravel() for parameter in trainer.model.parameters()])


# %% [markdown]
# ## Does it learn?
#
# 1000 handwritten digits, eight times. On 200 others it should then be right more than nine times in ten.

# %%
whole, train, test = digits(1)
before, _ = whole.evaluate(test)
history = whole.fit(train, test, epochs=8)
accuracy = history["eval_accuracy"][-1]
assert 2 < before < 3.5, f"without training, the loss should be near ln 10 = 2.3, it is {before:.2f}"
assert accuracy > 0.9, f"after 8 epochs, more than 90 % should be right, yours has {accuracy:.1%}"
assert len(history["train_loss"]) == len(history["learning_rates"]) == 8, "eight epochs in the history"

# %% [markdown]
# ## Does it survive the night?
#
# The same run, stopped after five epochs. Everything is built again, with other random numbers, and continued from the file.

# %%
first, train, test = digits(1)
first.fit(train, test, epochs=5)
first.save_checkpoint(folder + "/evening.npz")

second, train, test = digits(77)
second.load_checkpoint(folder + "/evening.npz")
assert second.epoch == 5, "the run should know how far it has come"
second.fit(train, test, epochs=8)
assert np.array_equal(all_parameters(second), all_parameters(whole)), "not the same run: what was lost?"
assert second.history == whole.history, "the history should be that of a run that was never stopped"

# %% [markdown]
# ## Does it know when to stop?
#
# Ten digits are learned by heart. The loss on others soon gets worse, and the run should end by itself, with its best state in a file.

# %%
few, _ = tt.load_tinydigits()
learner, _, test = digits(5)
short = tt.DataLoader(tt.train_test_split(few, 0.01, random(0))[0], 10)
learner.fit(short, test, epochs=500, patience=3, save_best=folder + "/best.npz")
losses = learner.history["eval_loss"]
assert learner.epoch < 500, "three epochs without a better one should end the run"
assert min(losses[-3:]) >= min(losses[:-3]), (
    "it should stop after three epochs that are no better, not before"
)
learner.load_checkpoint(folder + "/best.npz")
assert abs(learner.evaluate(test)[0] - min(losses)) < 1e-6, "the file should hold the best state of the run"

# %% [markdown]
# ## Does it fit into half of the memory?
#
# 64 digits at once, and 4 × 16 with accumulation, without dropout: the same update, up to rounding.

# %%
results = []
for size, steps in ((64, 1), (16, 4)):
    trainer, _, _ = digits(9)
    trainer.model.layers[3].p = 0.0
    data, _ = tt.load_tinydigits()
    trainer.train_epoch(tt.DataLoader(data, size), accumulation_steps=steps)
    assert trainer.step == 16, f"1000 digits in windows of 64 are 16 updates, yours made {trainer.step}"
    results.append(all_parameters(trainer))
assert np.allclose(*results, rtol=1e-2, atol=1e-3), "four batches of 16 should add up to one of 64"

# %%
place.cleanup()

# %% [markdown]
# Four times yes: give it a model and it will be trained, whatever happens in between.
