"""Hidden tests of module 08: the same behaviours with other shapes, types and numbers."""

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises

CURVE = "Compute epochs 0, 25, 50 and 100 by hand: the cosine of pi times p, with p from 0 to 1."
WARMUP = "During warm-up the rates rise in equal steps, the first is not 0, and epoch `warmup` has max_lr."
AFTER = "From total_epochs on the rate stays at min_lr: the cosine by itself would rise again."
NO_EPOCH = "Epochs are counted from 0: a negative one is a ValueError that names it."
STAIRS = "The rate changes only after every step_size epochs: count the whole stairs."
ONE_NORM = "One global norm: the squares of all parameters under one root, and one factor for all."
SHORT = "Clipping never makes a gradient longer: up to max_norm nothing changes."
NO_GRADIENT = "A parameter without a gradient took no part: its grad is None."
IN_PLACE = "Scale in place: others may hold the same array, and float32 stays float32."
BEFORE = "The norm that is returned is the one before clipping, as a Python float."
BROKEN = "A norm that is not finite is returned, and the gradients stay as they are."
IN_FLOAT64 = "Squares of large float32 numbers overflow: sum them in float64."
LIMIT = "max_norm must be greater than 0, else ValueError with its value."
YESTERDAY = (
    "Yesterday's gradient? Forget old gradients before backward, and never between backward and the step."
)
REPORTED = "train_step returns the loss before the update, as a Python float, and counts the update."
SAMPLES = "Weight by samples: a short last batch counts less."
RATE = "The schedule sets the rate before the epoch, not after: epoch 0 is trained with the rate of epoch 0."
MODE = "Training happens in training mode, whatever mode somebody left the model in."
BOOKS = "After an epoch: one more in epoch, its mean loss and its rate in the history."
NOTHING = "A loader that gives no batch is a ValueError, and no epoch is counted."
ORDER = "Clip between backward and the step: only a gradient that exists can be clipped, and only before it is used."
RUN = "train_epoch has to work when it is called again and again."
DIFFERENTIATE = (
    "Scale what you differentiate: each batch's share of all samples belongs into the loss before backward."
)
UNEQUAL = "The share of a batch is its number of samples, not one over the number of batches."
COUNT = "Count batches, not loss: a window whose loss is 0 is a window too."
LEFT_OVER = "Lists of `size` batches in order, then the rest, if there is a rest; no empty list."
UNSCALED = "Reported is the mean loss over all samples of the window, as one large batch would have it."
ONE_UPDATE = (
    "One window, one update: gradients are forgotten once, at the start, and clipped once, at the end."
)
PUT_BACK = "Put it back: after evaluate the model is in the mode it was in before, also after an error."
ASKING = "Asking changes nothing: eval mode, no graph, no gradient, no update."
CLASSES = "Largest score against class number, over all batches; what is no class has no accuracy: None."
REPEATED = "Index arrays add only once to a place that occurs several times."
ROWS = "Row: the true class. Column: the predicted one. Precision divides by columns, recall by rows."
PATIENCE = "Only epochs in a row count: an improvement by more than min_delta starts the waiting anew."
ATOMIC = "At every moment the old file or the new one is there, whole: write beside it, then replace."
LEFT_BEHIND = "The temporary file has to go, also after an error, and the error has to come through."
MEMORY = "What does the optimizer remember? Its state belongs to the run."
CHANCE = "Random generators are state too: those of the model are put back at once, the loader's wait for the loader."
COUNTERS = "epoch, step and history belong to the run: a copy of them, not a reference."
COPIES = "A state is a copy: training goes on in the same arrays."
MISMATCH = "Check first, then change: ValueError that names the first parameter that differs."
SAME_ARRAYS = "Copy into the arrays of the model: the optimizer and others hold them."


@pytest.fixture
def folder(tt: Any) -> Iterator[str]:
    """Where this test may write: a folder next to the student's code."""
    place = tt.fresh_import("tempfile").TemporaryDirectory()
    yield place.name
    with suppress(Exception):  # the worker may have ended
        place.cleanup()


def scaled(tt, factors, **options):
    """A Trainer of y = x W with W of shape (n, 1), learning rate 0.1 and momentum 0.9."""
    model = tt.Linear(len(factors), 1, bias=False)
    model.weight.data = np.array(factors, dtype=np.float32).reshape(-1, 1)
    return tt.Trainer(model, tt.SGD(model.parameters(), lr=0.1, momentum=0.9), tt.MSELoss(), **options)


def samples(tt, rng, *shape):
    """Random inputs of this shape with one random target each: as arrays, and as a pair of Tensors."""
    x = rng.normal(size=shape).astype(np.float32)
    y = rng.normal(size=(shape[0], 1)).astype(np.float32)
    return x, y, (tt.Tensor(x), tt.Tensor(y))


def slope(w, x, y):
    """The gradient of the mean squared error of x w, in float64."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    return 2 * x.T @ (x @ w - y) / len(x)


def source(tt, seed):
    """A generator that lives in the worker."""
    return tt.core.tensor.np.random.default_rng(seed)


def iterator(tt, items):
    """Something in the worker that gives these items once."""
    return tt.fresh_import("itertools").chain(items)


def gradient_of(tt, array):
    """A parameter whose gradient is this array."""
    parameter = tt.Tensor(np.zeros_like(array), requires_grad=True, dtype=str(array.dtype))
    parameter.grad = array
    return parameter


def plan(tt, *values):
    """A schedule that gives these rates one after the other."""
    schedule = tt.Schedule()
    schedule.get_lr = tt.keep(dict(enumerate(values))).get
    return schedule


def blob_run(tt, seed, *, optimizer="AdamW", scheduler=None, dropout=0.3):
    """A classifier of 40 points in two blobs with dropout, and its shuffling loader."""
    data = tt.make_blobs(40, rng=source(tt, 7))
    model = tt.Sequential(
        [
            tt.Linear(2, 6, rng=source(tt, seed)),
            tt.Tanh(),
            tt.Dropout(dropout, rng=source(tt, seed + 1)),
            tt.Linear(6, 2, rng=source(tt, seed + 2)),
        ]
    )
    chosen = getattr(tt, optimizer)(model.parameters(), lr=0.02)
    trainer = tt.Trainer(model, chosen, tt.CrossEntropyLoss(), scheduler=scheduler, grad_clip_norm=2.0)
    return trainer, tt.DataLoader(data, 16, shuffle=True, rng=source(tt, seed + 3))


def vector(trainer):
    """The parameters one after the other."""
    return np.concatenate([parameter.data.ravel() for parameter in trainer.model.parameters()])


# schedule


@exercise("schedule", hint=CURVE)
def test_a_cosine_of_random_size(tt, rng):
    low, high = sorted(rng.uniform(0.001, 1, size=2).tolist())
    total = int(rng.integers(10, 50))
    schedule = tt.CosineSchedule(max_lr=high, min_lr=low, total_epochs=total)
    progress = np.arange(total) / total
    expected = low + (high - low) * np.cos(np.pi * progress / 2) ** 2
    assert_close(np.array([schedule.get_lr(epoch) for epoch in range(total)]), expected)


@exercise("schedule", hint=WARMUP)
def test_warm_up_does_not_start_from_the_smallest_rate(tt):
    schedule = tt.CosineSchedule(max_lr=0.6, min_lr=0.3, total_epochs=6, warmup=5)
    found = [schedule.get_lr(epoch) for epoch in range(8)]
    assert_close(np.array(found), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.3, 0.3])


@exercise("schedule", hint=STAIRS)
def test_stairs_of_another_size(tt):
    schedule = tt.StepSchedule(initial_lr=8.0, step_size=4, gamma=0.5)
    found = [schedule.get_lr(epoch) for epoch in (0, 3, 4, 7, 8, 40)]
    assert_close(np.array(found), [8, 8, 4, 4, 2, 8 / 1024])


@exercise(
    "schedule", hint="The checks of the given constructor belong to the schedule; leave them as they are."
)
def test_schedules_that_cannot_be(tt):
    assert_close(np.array(tt.CosineSchedule(0.5, 0.5, total_epochs=1).get_lr(0)), 0.5)
    assert_close(np.array(tt.StepSchedule(0.5, step_size=1).get_lr(1)), 0.05)
    with raises(ValueError, mentions=["0.2", "0.1"]):
        tt.CosineSchedule(max_lr=0.1, min_lr=0.2)
    with raises(ValueError, mentions=["-0.1"]):
        tt.CosineSchedule(min_lr=-0.1)
    with raises(ValueError, mentions=["5", "4"]):
        tt.CosineSchedule(total_epochs=4, warmup=5)
    with raises(ValueError, mentions=["4 and 4"]):
        tt.CosineSchedule(total_epochs=4, warmup=4)
    with raises(ValueError, mentions=["-1"]):
        tt.CosineSchedule(warmup=-1)
    with raises(ValueError, mentions=["0"]):
        tt.StepSchedule(step_size=0)


@exercise("schedule", hint="A schedule is a pure function: asking it changes nothing, in whatever order.")
def test_asking_a_schedule_changes_nothing(tt):
    schedule = tt.CosineSchedule(warmup=2)
    before = schedule.state_dict()
    first, _, again = (schedule.get_lr(epoch) for epoch in (7, 0, 7))
    assert_equal(again, first)
    assert_equal(schedule.state_dict(), before)


@exercise("schedule", hint="The base class has no rates of its own; it says whose get_lr is missing.")
def test_the_base_has_no_rates(tt):
    assert_close(np.array(tt.StepSchedule(0.5).get_lr(0)), 0.5)
    with raises(NotImplementedError, mentions=["Schedule has no get_lr"]):
        tt.Schedule().get_lr(0)


# clip


@exercise("clip", hint=ONE_NORM)
def test_the_direction_of_many_gradients_stays(tt, rng):
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in ((3, 4), (4,), (2, 3, 2), ())]
    found = [gradient_of(tt, np.array(array)) for array in arrays]
    norm = np.sqrt(sum(float((array.astype(np.float64) ** 2).sum()) for array in arrays))
    assert_close(np.array(tt.clip_grad_norm(found, 0.25)), norm, rtol=1e-6)
    for parameter, array in zip(found, arrays, strict=True):
        assert_close(parameter.grad, array * (0.25 / norm), dtype=np.float32)


@exercise("clip", hint=IN_PLACE)
def test_float64_gradients_keep_their_type_and_their_array(tt):
    array = tt.keep(np.array([[6.0], [8.0]]))
    parameter = tt.Tensor([[0.0], [0.0]], requires_grad=True, dtype="float64")
    parameter.grad = array
    assert_equal(tt.clip_grad_norm([parameter], 1.0), 10.0)
    assert_close(array[:], [[0.6], [0.8]], rtol=1e-12, dtype=np.float64)


@exercise("clip", hint="`parameters` can perhaps be iterated over only once.")
def test_parameters_may_come_from_an_iterator(tt):
    parameters = [gradient_of(tt, np.array([3.0, 0.0])), gradient_of(tt, np.array([4.0]))]
    assert_equal(tt.clip_grad_norm(iterator(tt, parameters), 1.0), 5.0)
    assert_close(parameters[1].grad, [0.8])


@exercise("clip", hint=SHORT)
def test_a_gradient_of_exactly_the_limit_stays(tt):
    parameter = gradient_of(tt, np.array([3, 4], dtype=np.float32))
    assert_close(np.array(tt.clip_grad_norm([parameter], 5)), 5)
    assert_close(parameter.grad, [3, 4], rtol=0, atol=0)


@exercise("clip", hint=NO_GRADIENT)
def test_nothing_has_a_gradient(tt):
    assert_equal(tt.clip_grad_norm([tt.Tensor([1.0], requires_grad=True)], 1.0), 0.0)
    assert_equal(tt.clip_grad_norm([], math.inf), 0.0)


@exercise("clip", hint=BROKEN)
def test_one_broken_gradient_leaves_all_the_others_alone(tt):
    whole = gradient_of(tt, np.array([6.0, 8.0]))
    assert_equal(tt.clip_grad_norm([whole], 20.0), 10.0)
    assert_close(whole.grad, [6, 8])
    good, bad = gradient_of(tt, np.array([50.0, 2.0])), gradient_of(tt, np.array([-math.inf]))
    assert_equal(tt.clip_grad_norm([good, bad], 1.0), math.inf)
    assert_close(good.grad, [50, 2])


@exercise("clip", hint=LIMIT)
def test_a_limit_that_is_no_number_is_refused(tt):
    parameter = gradient_of(tt, np.array([0.5]))
    with raises(ValueError, mentions=["nan"]):
        tt.clip_grad_norm([parameter], math.nan)
    assert_equal(tt.clip_grad_norm([parameter], 0.25), 0.5)


# epoch


@exercise("epoch", hint=YESTERDAY, weight=2)
def test_three_steps_with_momentum_agree_with_numpy(tt, rng):
    w = rng.normal(size=(3, 1))
    trainer, velocity = scaled(tt, w.ravel().tolist()), np.zeros((3, 1))
    for count in (5, 2, 4):
        x, y, pair = samples(tt, rng, count, 3)
        trainer.train_step(*pair)
        velocity = 0.9 * velocity + slope(w, x, y)
        w = w - 0.1 * velocity
    assert_close(trainer.model.weight.data, w, rtol=1e-3, atol=1e-5, dtype=np.float32)


@exercise("epoch", hint=SAMPLES)
def test_the_weighted_loss_of_random_batches(tt, rng):
    trainer = scaled(tt, [0.5, -1.0], scheduler=plan(tt, 1e-12))
    parts = [samples(tt, rng, count, 2) for count in (7, 1, 3)]
    w = np.array([[0.5], [-1.0]])
    squares = np.concatenate([(x @ w - y) ** 2 for x, y, _ in parts])
    found = trainer.train_epoch([pair for _, _, pair in parts])
    expect(type(found) is float, "a Python float", type(found).__name__)
    assert_close(np.array(found), squares.mean())


@exercise("epoch", hint=RATE)
def test_the_rate_follows_the_number_of_the_epoch(tt, rng):
    trainer = scaled(tt, [1.0, 1.0], scheduler=plan(tt, 0.4, 0.3, 0.2, 0.1))
    _, _, pair = samples(tt, rng, 4, 2)
    trainer.epoch = 2
    trainer.train_epoch([pair])
    trainer.train_epoch([pair])
    assert_equal(trainer.history["learning_rates"], [0.2, 0.1])
    assert_equal(trainer.epoch, 4)


@exercise("epoch", hint=ORDER)
def test_a_long_gradient_is_cut(tt):
    trainer = scaled(tt, [0.0], grad_clip_norm=2.0)
    trainer.train_step(tt.Tensor([[1.0]]), tt.Tensor([[3.0]]))
    assert_close(trainer.model.weight.data, [[0.2]])


@exercise("epoch", hint=NOTHING)
def test_a_used_up_iterator_gives_no_epoch(tt):
    trainer = scaled(tt, [0.0])
    batches = iterator(tt, [(tt.Tensor([[1.0]]), tt.Tensor([[3.0]]))])
    assert_close(np.array(trainer.train_epoch(batches)), 9.0)
    with raises(ValueError, mentions=["batch"]):
        trainer.train_epoch(batches)
    assert_equal([trainer.epoch, trainer.step], [1, 1])


@exercise("epoch", hint="The loss of a Trainer is a mean over the batch: the given check refuses others.")
def test_a_loss_that_is_no_mean_is_refused(tt):
    trainer = scaled(tt, [0.0])
    assert_equal(trainer.train_step(tt.Tensor([[1.0]]), tt.Tensor([[3.0]])), 9.0)
    with raises(ValueError, mentions=["sum"]):
        tt.Trainer(trainer.model, trainer.optimizer, tt.MSELoss(reduction="sum"))


@exercise("epoch", hint="The loss may be any function of predictions and targets.")
def test_a_loss_that_is_a_plain_function(tt):
    model = tt.Linear(1, 1, bias=False)
    model.weight.data = np.array([[2.0]], dtype=np.float32)
    product = tt.fresh_import("operator").mul
    trainer = tt.Trainer(model, tt.SGD(model.parameters(), lr=0.1), product)
    assert_equal(trainer.train_step(tt.Tensor([[1.0]]), tt.Tensor([[3.0]])), 6.0)
    assert_close(model.weight.data, [[1.7]])


@exercise("epoch", hint=RUN)
def test_a_fresh_trainer_trains_one_epoch_by_default(tt, rng):
    trainer = scaled(tt, [0.0, 0.0])
    assert_equal(sorted(trainer.history), ["eval_accuracy", "eval_loss", "learning_rates", "train_loss"])
    _, _, pair = samples(tt, rng, 4, 2)
    trainer.fit([pair, pair])
    assert_equal([trainer.epoch, trainer.step, trainer.history["eval_loss"]], [1, 2, []])


@exercise("epoch", hint="fit is given: it needs a val_loader for what compares evaluations.")
@pytest.mark.parametrize(
    "option", [{"patience": 2}, {"save_best": "best.npz"}], ids=["patience", "save_best"]
)
def test_fit_without_validation_cannot_compare(tt, option):
    trainer = scaled(tt, [0.0])
    trainer.fit([(tt.Tensor([[1.0]]), tt.Tensor([[3.0]]))])
    with raises(ValueError, mentions=["val_loader"]):
        trainer.fit([], epochs=2, **option)


@exercise("epoch", hint="plot_history is given: it draws what the history has.")
def test_the_picture_of_a_history(tt, folder):
    trainer = scaled(tt, [0.0], scheduler=plan(tt, 0.5, 0.1, 0.2))
    trainer.fit([(tt.Tensor([[0.0]]), tt.Tensor([[2.0]]))], epochs=3)
    history = {**trainer.history, "eval_loss": [math.nan, 2.0, None, 1.0]}
    text = tt.plot_history(history, folder + "/run.svg")
    lines = ["train_loss     ▁▁▁ 4 to 4", "eval_loss       █ ▁ 2 to 1", "learning_rates █▁▃ 0.5 to 0.2"]
    assert_equal(text.split("\n"), lines)
    picture = tt.core.training.Path(folder + "/run.svg").read_text(encoding="utf-8")
    for part in (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 300" width="600" height="300">\n<text x="10" y="20"',
        ">train_loss: 4 to 4</text>",
        'points="10.0,90.0 300.0,90.0 590.0,90.0"',
        'y="120" font-family="sans-serif" font-size="14">eval_loss: 2 to 1</text>',
        'points="203.3,130.0 590.0,190.0"',
        'y="220"',
        'points="10.0,230.0 300.0,290.0 590.0,275.0"',
        ">learning_rates: 0.5 to 0.2</text>",
    ):
        expect(part in picture, part, picture[:600])
    expect(picture.endswith("</svg>\n"), "</svg> at the end", picture[-60:])
    tt.plot_history({"train_loss": trainer.history["learning_rates"][:2]}, folder + "/two.svg")
    two = tt.core.training.Path(folder + "/two.svg").read_text(encoding="utf-8")
    expect('points="10.0,30.0 590.0,90.0"' in two, "two epochs from side to side", two)


# accum


@exercise("accum", hint=UNEQUAL, weight=2)
def test_unequal_windows_agree_with_one_large_batch(tt, rng):
    start = rng.normal(size=(3, 1))
    trainer = scaled(tt, start.ravel().tolist())
    parts = [samples(tt, rng, count, 3) for count in (4, 1, 6)]
    x, y = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    loss = trainer.accumulate([pair for _, _, pair in parts])
    w = start.astype(np.float32).astype(np.float64)
    assert_close(np.array(loss), ((x @ w - y) ** 2).mean())
    assert_close(trainer.model.weight.data, w - 0.1 * slope(w, x, y), rtol=1e-3, atol=1e-5)


@exercise("accum", hint=LEFT_OVER)
def test_windows_take_no_more_batches_than_they_need(tt):
    batches = iterator(tt, ["a", "b", "c", "d", "e"])
    windows = tt.Trainer.windows(batches, 2)
    assert_equal(windows.__next__(), ["a", "b"])
    assert_equal(batches.__next__(), "c")
    assert_equal(list(windows), [["d", "e"]])


@exercise("accum", hint=LEFT_OVER)
def test_a_window_larger_than_everything(tt):
    assert_equal(list(tt.Trainer.windows(["x", "y"], 64)), [["x", "y"]])
    assert_equal(list(tt.Trainer.windows([], 3)), [])
    assert_equal(list(tt.Trainer.windows(["x", "y"], 1)), [["x"], ["y"]])


@exercise("accum", hint="accumulation_steps is a whole number from 1 on: the given lines check it.")
@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_a_number_of_steps_that_cannot_be(tt, size):
    assert_equal(list(tt.Trainer.windows([1, 2], 2)), [[1, 2]])
    with raises(ValueError, mentions=[str(size)]):
        list(tt.Trainer.windows([1, 2], size))


@exercise("accum", hint=COUNT)
def test_momentum_goes_on_in_a_window_without_loss(tt):
    trainer = scaled(tt, [1.0])
    trainer.accumulate([(tt.Tensor([[1.0]]), tt.Tensor([[2.0]]))])
    assert_close(trainer.model.weight.data, [[1.2]])
    fits = (tt.Tensor([[0.0]]), tt.Tensor([[0.0]]))
    assert_close(np.array(trainer.accumulate([fits, fits])), 0.0)
    assert_close(trainer.model.weight.data, [[1.38]])
    assert_equal(trainer.step, 2)


@exercise("accum", hint=ONE_UPDATE)
def test_a_window_is_clipped_as_a_whole(tt):
    trainer = scaled(tt, [0.0], grad_clip_norm=3.0)
    trainer.accumulate([(tt.Tensor([[1.0]]), tt.Tensor([[target]])) for target in (10.0, -4.0)])
    assert_close(trainer.model.weight.data, [[0.3]])


@exercise("accum", hint=ONE_UPDATE)
def test_a_window_of_two_is_accumulated(tt):
    trainer = scaled(tt, [0.0])
    pairs = [(tt.Tensor([[1.0]]), tt.Tensor([[target]])) for target in (2.0, 6.0)]
    assert_close(np.array(trainer.train_window(pairs)), 20.0)
    assert_close(trainer.model.weight.data, [[0.8]])


@exercise("accum", hint=LEFT_OVER)
def test_fit_passes_the_number_of_steps_on(tt):
    trainer = scaled(tt, [0.0])
    trainer.fit([(tt.Tensor([[1.0]]), tt.Tensor([[2.0]]))] * 6, epochs=2, accumulation_steps=4)
    assert_equal([trainer.epoch, trainer.step], [2, 4])


# eval


@exercise("eval", hint=CLASSES)
def test_accuracy_of_sequences(tt, rng):
    scores = rng.normal(size=(3, 5, 4)).astype(np.float32)
    labels = rng.integers(0, 4, size=(3, 5))
    accuracy = tt.Accuracy()
    assert_equal(accuracy.compute(), None)
    accuracy.update(tt.Tensor(scores), tt.Tensor(labels, dtype="int64"))
    assert_close(np.array(accuracy.compute()), (scores.argmax(-1) == labels).mean())
    accuracy.reset()
    assert_equal([accuracy.compute(), accuracy.total], [None, 0])


@exercise("eval", hint=CLASSES)
@pytest.mark.parametrize(
    ("predictions", "targets"),
    [
        ([[1.0], [2.0]], [1.0, 2.0]),
        ([[1.0, 2.0]], [[1.0, 2.0]]),
        ([1.0, 2.0], [1.0, 2.0]),
        ([[[1.0], [2.0]]], [[0.0, 0.0]]),
    ],
    ids=["column", "pairs", "flat", "cube"],
)
def test_what_is_no_class_has_no_accuracy(tt, predictions, targets):
    accuracy = tt.Accuracy()
    accuracy.update(tt.Tensor([[0.0, 1.0]]), tt.Tensor([1.0]))
    assert_equal(accuracy.compute(), 1.0)
    accuracy.update(tt.Tensor(predictions), tt.Tensor(targets))
    assert_equal([accuracy.compute(), accuracy.are_classes], [None, False])


@exercise("eval", hint=CLASSES)
def test_the_scores_of_a_single_sample_without_a_batch_axis(tt):
    accuracy = tt.Accuracy()
    accuracy.update(tt.Tensor([0.0, 3.0, 1.0]), tt.Tensor(1, dtype="int64"))
    accuracy.update(tt.Tensor([4.0, 3.0, 1.0]), tt.Tensor(1, dtype="int64"))
    assert_equal(accuracy.compute(), 0.5)


@exercise("eval", hint=SAMPLES)
def test_the_evaluation_of_a_classifier(tt, rng):
    model = tt.Sequential(tt.Linear(4, 3, rng=source(tt, 5)), tt.Dropout(0.5))
    trainer = tt.Trainer(model, tt.SGD(model.parameters()), tt.CrossEntropyLoss(), metrics=[tt.Accuracy()])
    x, labels = rng.normal(size=(11, 4)).astype(np.float32), rng.integers(0, 3, size=11)
    pairs = [(tt.Tensor(x[i : i + 4]), tt.Tensor(labels[i : i + 4], dtype="int64")) for i in (0, 4, 8)]
    scores = (x @ model.layers[0].weight.data + model.layers[0].bias.data).astype(np.float64)
    right = (scores.argmax(1) == labels).mean()
    expected = (np.log(np.exp(scores).sum(1)) - scores[np.arange(11), labels]).mean()
    trainer.evaluate(pairs)
    loss, accuracy = trainer.evaluate(pairs)
    assert_close(np.array([loss, accuracy]), [expected, right])
    assert_equal([trainer.metrics[0].total, trainer.metrics[0].compute()], [11, accuracy])
    assert_equal([trainer.epoch, trainer.step, trainer.history["eval_loss"]], [0, 0, []])


@exercise("eval", hint=PUT_BACK)
def test_recording_goes_on_after_evaluation(tt):
    trainer = scaled(tt, [1.0])
    trainer.evaluate([(tt.Tensor([[1.0]]), tt.Tensor([[2.0]]))])
    assert_equal(tt.is_grad_enabled(), True)
    assert_equal(trainer.model.training, True)


@exercise("eval", hint=NOTHING)
def test_there_is_nothing_to_evaluate(tt):
    trainer = scaled(tt, [1.0])
    with raises(ValueError, mentions=["batch"]):
        trainer.evaluate([])
    assert_equal(trainer.model.training, True)


@exercise("eval", hint=REPEATED)
def test_a_confusion_matrix_of_many_pairs(tt, rng):
    true, predicted = rng.integers(0, 5, size=(2, 20, 15))
    expected = [[int(((true == i) & (predicted == j)).sum()) for j in range(6)] for i in range(6)]
    found = tt.confusion_matrix(tt.Tensor(true), predicted, 6)
    assert_close(found, expected, dtype=np.int64)


@exercise("eval", hint="The given checks of confusion_matrix name the shapes, the label and the range.")
def test_labels_that_cannot_be_counted(tt):
    assert_close(tt.confusion_matrix([1], [0], 2), [[0, 0], [1, 0]])
    with raises(IndexError, mentions=["3", "0 to 2"]):
        tt.confusion_matrix([0, 1], [3, 1], 3)
    with raises(IndexError, mentions=["-1"]):
        tt.confusion_matrix([0, -1], [0, 1], 3)
    with raises(ValueError, mentions=["(2,)", "(1, 2)"]):
        tt.confusion_matrix([0, 1], [[0, 1]], 3)


@exercise("eval", hint=ROWS)
def test_classes_without_a_denominator(tt):
    errors = tt.core.tensor.np.seterr(all="raise")
    precision, recall = tt.precision_recall(np.array([[3, 0, 1], [0, 0, 0], [2, 0, 4]]))
    tt.core.tensor.np.seterr(**errors)
    assert_close(precision, [0.6, math.nan, 0.8], dtype=np.float64)
    assert_close(recall, [0.75, math.nan, 2 / 3], dtype=np.float64)


@exercise("eval", hint=PATIENCE)
def test_an_improvement_has_to_be_larger_than_min_delta(tt):
    stopping = tt.EarlyStopping(patience=3, min_delta=0.25)
    found = [stopping.update(loss) for loss in (2.0, 1.75, 1.5, math.nan, 1.375, 1.25)]
    assert_equal(found, [False] * 5 + [True])
    assert_equal([stopping.best, stopping.waited], [1.5, 3])
    with raises(ValueError, mentions=["0"]):
        tt.EarlyStopping(0)
    assert_equal(tt.EarlyStopping(1).update(math.inf), True)
    assert_equal(tt.EarlyStopping(2).update(math.nan), False)


@exercise("eval", hint=BOOKS)
def test_fit_enters_what_evaluate_found(tt):
    trainer, loader = blob_run(tt, 0)
    history = trainer.fit(loader, loader, epochs=1)
    loss, accuracy = trainer.evaluate(loader)
    assert_close(np.array([history["eval_loss"], history["eval_accuracy"]]), [[loss], [accuracy]])


@exercise("eval", hint=PATIENCE)
def test_fit_stops_early_and_does_not_start_again(tt):
    trainer = scaled(tt, [0.0])
    training, validation = ([(tt.Tensor([[0.0]]), tt.Tensor([[target]]))] for target in (0.0, 2.0))
    history = trainer.fit(training, validation, epochs=9, patience=2)
    assert_equal(history["eval_loss"], [4.0, 4.0, 4.0])
    assert_equal(history["eval_accuracy"], [None, None, None])
    trainer.fit(training, validation, epochs=9, patience=2)
    assert_equal(trainer.epoch, 3)
    trainer.fit(training, validation, epochs=5)
    assert_equal(trainer.epoch, 5)


# ckpt


@exercise("ckpt", hint=CHANCE, weight=2)
@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_a_run_with_everything_resumes_bit_for_bit(tt, folder, kind):
    straight, loader = blob_run(tt, 0, optimizer=kind)
    straight.fit(loader, epochs=2)
    straight.optimizer.zero_grad()  # no state: an update begins without gradients
    straight.fit(loader, epochs=5)
    first, loader = blob_run(tt, 0, optimizer=kind)
    first.fit(loader, epochs=2)
    first.save_checkpoint(folder + "/a.npz")
    second, loader = blob_run(tt, 60, optimizer=kind)
    second.load_checkpoint(folder + "/a.npz")
    second.save_checkpoint(folder + "/b.npz")
    third, loader = blob_run(tt, 90, optimizer=kind)
    third.load_checkpoint(tt.core.training.Path(folder + "/b.npz"))
    third.fit(loader, epochs=5)
    assert_close(vector(third), vector(straight), rtol=0, atol=0, dtype=np.float32)
    assert_equal(third.history, straight.history)


@exercise("ckpt", hint=MEMORY)
def test_the_schedule_and_the_rate_come_back(tt):
    first, _ = blob_run(tt, 0, scheduler=tt.CosineSchedule(0.3, 0.2, total_epochs=17, warmup=4))
    first.optimizer.lr = 0.125
    second, _ = blob_run(tt, 0, scheduler=tt.CosineSchedule())
    second.load_state_dict(first.state_dict())
    expected = {"max_lr": 0.3, "min_lr": 0.2, "total_epochs": 17, "warmup": 4}
    assert_equal(second.scheduler.state_dict(), expected)
    assert_equal(second.optimizer.lr, 0.125)


@exercise("ckpt", hint="A checkpoint is arrays and JSON: nothing in it may need pickle.")
def test_a_checkpoint_needs_no_pickle(tt, folder):
    trainer, loader = blob_run(tt, 0)
    trainer.train_epoch(loader)
    trainer.save_checkpoint(folder + "/run.npz")
    file = tt.core.training.np.load(folder + "/run.npz", allow_pickle=False)
    kinds = {name: file[name].dtype.kind for name in file.files}
    expect(set(kinds.values()) <= set("biuf"), "arrays of numbers", str(kinds))
    assert_close(file["json"], file["json"], dtype=np.uint8)


@exercise("ckpt", hint=ATOMIC)
def test_the_new_file_is_synced_before_it_takes_the_name(tt, folder):
    tt.patch("os.fsync", raises="InterruptedError")
    with raises(OSError, mentions=["simulated"]):
        tt.write_checkpoint(folder + "/run.npz", {"a": 1})
    assert_equal(tt.core.training.os.listdir(folder), [])


@exercise("ckpt", hint=LEFT_BEHIND)
def test_a_keyboard_interrupt_leaves_nothing_behind(tt, folder):
    tt.write_checkpoint(folder + "/run.npz", {"a": 1})
    tt.patch("os.replace", raises="KeyboardInterrupt")
    with raises(Exception, mentions=["simulated"]):
        tt.write_checkpoint(folder + "/run.npz", {"a": 2})
    assert_equal(tt.core.training.os.listdir(folder), ["run.npz"])


@exercise("ckpt", hint="A damaged file is a ValueError that names it; a missing one a FileNotFoundError.")
def test_a_damaged_checkpoint_is_named(tt, folder):
    path = tt.core.training.Path(folder + "/run.npz")
    tt.write_checkpoint(path, {"a": np.ones(50)})
    tt.core.training.os.truncate(folder + "/run.npz", 200)
    with raises(ValueError, mentions=["run.npz"]):
        tt.read_checkpoint(folder + "/run.npz")
    with raises(FileNotFoundError):
        tt.read_checkpoint(folder + "/none.npz")
    path.write_text("no checkpoint")
    with raises(ValueError, mentions=["run.npz"]):
        tt.read_checkpoint(folder + "/run.npz")
    tt.core.training.np.savez(folder + "/run.npz", a=np.ones(2))
    with raises(ValueError, mentions=["run.npz"]):
        tt.read_checkpoint(folder + "/run.npz")


@exercise("ckpt", hint="What a checkpoint cannot hold is refused by the given code, before a file exists.")
def test_what_cannot_be_saved_is_refused(tt, folder):
    tt.write_checkpoint(folder + "/run.npz", {"a": [1, 2.5, True, None, {"b": (1, "x")}]})
    assert_equal(tt.read_checkpoint(folder + "/run.npz"), {"a": [1, 2.5, True, None, {"b": (1, "x")}]})
    for value, text in (({1: 2}, "1"), (tt.Tensor([1.0]), "Tensor")):
        with raises(TypeError, mentions=["state/a", text]):
            tt.write_checkpoint(folder + "/bad.npz", {"a": value})
    with raises(TypeError, mentions=["objects"]):
        tt.write_checkpoint(folder + "/bad.npz", {"a": tt.core.training.np.array([None])})
    assert_equal(tt.core.training.os.listdir(folder), ["run.npz"])


@exercise("ckpt", hint=MISMATCH)
def test_a_model_of_another_type_or_with_other_names_is_refused(tt):
    small = scaled(tt, [1.0, 2.0])
    double = scaled(tt, [1.0, 2.0])
    double.model.weight.data = np.array([[1.0], [2.0]])
    with raises(ValueError, mentions=["weight", "float64", "float32"]):
        double.load_state_dict(small.state_dict())
    model = tt.Linear(2, 1)
    larger = tt.Trainer(model, tt.SGD(model.parameters()), tt.MSELoss())
    with raises(ValueError, mentions=["bias"]):
        larger.load_state_dict(small.state_dict())
    with raises(ValueError, mentions=["bias"]):
        small.load_state_dict(larger.state_dict())


@exercise("ckpt", hint="load_checkpoint is given: it refuses another kind of optimizer or schedule.")
def test_another_kind_of_optimizer_or_schedule_is_refused(tt, folder):
    blob_run(tt, 0)[0].save_checkpoint(folder + "/run.npz")
    with raises(ValueError, mentions=["run with optimizer AdamW, this one has Adam;"]):
        blob_run(tt, 0, optimizer="Adam")[0].load_checkpoint(folder + "/run.npz")
    with raises(ValueError, mentions=["run with scheduler NoneType, this one has StepSchedule;"]):
        blob_run(tt, 0, scheduler=tt.StepSchedule())[0].load_checkpoint(folder + "/run.npz")


@exercise("ckpt", hint=CHANCE)
def test_a_model_with_other_generators_is_refused(tt):
    first, loader = blob_run(tt, 0)
    second, _ = blob_run(tt, 0)
    second.model.layers[2].rng = None
    with raises(ValueError, mentions=["Sequential has 0 random generators", "1"]):
        second.load_state_dict(first.state_dict())


@exercise("ckpt", hint=CHANCE)
def test_a_run_can_be_saved_before_it_begins(tt, folder):
    first, loader = blob_run(tt, 0)
    first.save_checkpoint(folder + "/start.npz")
    first.train_epoch(loader)
    second, _ = blob_run(tt, 60)
    second.load_checkpoint(folder + "/start.npz")
    second.train_epoch(blob_run(tt, 0)[1])
    assert_close(vector(second), vector(first), rtol=0, atol=0)


@exercise("ckpt", hint=CHANCE)
def test_a_generator_that_two_layers_share_is_one_state(tt):
    rng = source(tt, 3)
    model = tt.Sequential(tt.Dropout(0.5, rng=rng), tt.Dropout(0.5, rng=rng), tt.Linear(1, 1))
    trainer = tt.Trainer(model, tt.SGD(model.parameters()), tt.MSELoss())
    assert_equal(len(trainer.state_dict()["model_generators"]), 1)


@exercise("ckpt", hint=SAME_ARRAYS)
def test_arrays_that_a_layer_lists_as_buffers_come_back(tt):
    first, second = scaled(tt, [4.0]), scaled(tt, [1.0])
    for trainer, value in ((first, 5.0), (second, 0.0)):
        trainer.model.buffers = ("running_mean",)
        trainer.model.running_mean = tt.keep(np.full(3, value))
    state = first.state_dict()
    first.model.running_mean = np.zeros(3)
    second.load_state_dict(state)
    assert_close(second.model.running_mean, [5, 5, 5])
    assert_close(second.model.weight.data, [[4]])


@exercise(
    "ckpt",
    hint="Generators stand in attributes, lists and dicts: find_generators, which is given, visits them all.",
)
def test_generators_in_lists_and_dicts_belong_to_the_state(tt):
    trainer = scaled(tt, [1.0])
    trainer.model.noise = tt.keep({"first": source(tt, 1), "more": [source(tt, 2)]})
    assert_equal(len(trainer.state_dict()["model_generators"]), 2)


@exercise("ckpt", hint=COUNTERS)
def test_the_history_of_a_state_is_a_copy(tt):
    trainer, loader = blob_run(tt, 0)
    trainer.train_epoch(loader)
    states, itertools = tt.keep([]), tt.fresh_import("itertools")
    states.extend(itertools.starmap(trainer.state_dict, [()]))
    for _ in range(2):
        tt.keep([]).extend(itertools.starmap(trainer.load_state_dict, itertools.zip_longest(states)))
        trainer.train_epoch(loader)
    tt.keep([]).extend(itertools.starmap(trainer.load_state_dict, itertools.zip_longest(states)))
    assert_equal([trainer.epoch, trainer.step, len(trainer.history["train_loss"])], [1, 3, 1])


@exercise("ckpt", hint="fit saves the best state so far, and only that.")
def test_the_best_state_of_a_run_is_kept(tt, folder):
    trainer = scaled(tt, [3.0])
    training = [(tt.Tensor([[0.0]]), tt.Tensor([[0.0]]))]
    validation = [(tt.Tensor([[0.0]]), tt.Tensor([[2.0]]))]
    trainer.fit(training, validation, epochs=3, save_best=folder + "/best.npz")
    state = tt.read_checkpoint(folder + "/best.npz")["run"]
    assert_equal([state["epoch"], len(state["history"]["eval_loss"])], [1, 1])
    assert_close(state["model"]["weight"], [[3]])
