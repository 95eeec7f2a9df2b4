"""Visible tests of module 08: one behaviour each, each scored for one exercise."""

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
    """A folder of its own for the files of this test, where the student's code runs."""
    place = tt.fresh_import("tempfile").TemporaryDirectory()
    yield place.name
    with suppress(Exception):  # a worker that ended with the test has nothing to clean
        place.cleanup()


def weight_of(tt, value, **options):
    """A Trainer of y = w x with this w, learning rate 0.01 and squared error."""
    model = tt.Linear(1, 1, bias=False)
    model.weight.data = np.array([[value]], dtype=np.float32)
    return tt.Trainer(model, tt.SGD(model.parameters(), lr=0.01), tt.MSELoss(), **options)


def batch(tt, x, y):
    """Inputs and targets of one feature, as two Tensors."""
    columns = [np.array(values, dtype=np.float32).reshape(-1, 1) for values in (x, y)]
    return tt.Tensor(columns[0]), tt.Tensor(columns[1])


def generator(tt, seed):
    """Random numbers in the process that runs the package, from this seed."""
    return tt.core.tensor.np.random.default_rng(seed)


def with_gradient(tt, *values):
    """A parameter that has this gradient."""
    parameter = tt.Tensor(np.zeros(len(values), dtype=np.float32), requires_grad=True)
    parameter.grad = np.array(values, dtype=np.float32)
    return parameter


def rates(tt, *values):
    """A schedule with these rates for epochs 0, 1, 2 ..."""
    schedule = tt.Schedule()
    schedule.get_lr = tt.keep(dict(enumerate(values))).get
    return schedule


def line_run(tt, seed, *, dropout=0.0, shuffle=False, optimizer="SGD"):
    """A trainer and a loader for 12 points of a line; only the parts that are asked for are random."""
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(12, 1)
    model = tt.Sequential(
        tt.Linear(1, 4, rng=generator(tt, seed)),
        tt.Dropout(dropout, rng=generator(tt, seed + 1)),
        tt.Linear(4, 1, rng=generator(tt, seed + 2)),
    )
    trainer = tt.Trainer(model, getattr(tt, optimizer)(model.parameters(), lr=0.05), tt.MSELoss())
    data = tt.TensorDataset(tt.Tensor(x), tt.Tensor(3 * x + 1))
    return trainer, tt.DataLoader(data, 4, shuffle=shuffle, rng=generator(tt, seed + 3))


def parameters(trainer):
    """All parameters of a trainer's model as one vector."""
    return np.concatenate([parameter.data.ravel() for parameter in trainer.model.parameters()])


def state_over_there(tt, trainer):
    """The state of a trainer in a list that stays with the student's code; crossing over would copy it."""
    states = tt.keep([])
    states.extend(tt.fresh_import("itertools").starmap(trainer.state_dict, [()]))
    return states


def restore(tt, trainer, states):
    """Load the state that `state_over_there` has kept."""
    itertools = tt.fresh_import("itertools")
    tt.keep([]).extend(itertools.starmap(trainer.load_state_dict, itertools.zip_longest(states)))


def straight_and_resumed(tt, path, **parts):
    """Two runs of 4 epochs: one in one go, one that was saved after 2 and continued by new objects."""
    straight, loader = line_run(tt, 0, **parts)
    for _ in range(2):
        straight.train_epoch(loader)
    straight.optimizer.zero_grad()  # gradients are no part of the state
    for _ in range(2):
        straight.train_epoch(loader)
    first, loader = line_run(tt, 0, **parts)
    for _ in range(2):
        first.train_epoch(loader)
    first.save_checkpoint(path)
    resumed, loader = line_run(tt, 50, **parts)
    resumed.load_checkpoint(path)
    for _ in range(2):
        resumed.train_epoch(loader)
    return straight, resumed


# schedule


@exercise("schedule", hint=CURVE)
@pytest.mark.parametrize(("epoch", "rate"), [(0, 0.1), (25, 0.086819805), (50, 0.055), (75, 0.023180195)])
def test_the_cosine_with_its_defaults(tt, epoch, rate):
    assert_close(np.array(tt.CosineSchedule().get_lr(epoch)), rate)


@exercise("schedule", hint=AFTER)
def test_from_total_epochs_on_the_rate_is_the_smallest(tt):
    schedule = tt.CosineSchedule(0.1, 0.02, total_epochs=8)
    assert_close(np.array([schedule.get_lr(8), schedule.get_lr(9), schedule.get_lr(16)]), [0.02] * 3)


@exercise("schedule", hint=WARMUP)
def test_warm_up_rises_in_equal_steps_to_the_largest_rate(tt):
    schedule = tt.CosineSchedule(max_lr=0.4, min_lr=0.0, total_epochs=13, warmup=3)
    assert_close(np.array([schedule.get_lr(epoch) for epoch in range(4)]), [0.1, 0.2, 0.3, 0.4])


@exercise("schedule", hint=WARMUP)
def test_after_warm_up_the_cosine_takes_the_epochs_that_are_left(tt):
    schedule = tt.CosineSchedule(max_lr=0.4, min_lr=0.0, total_epochs=13, warmup=3)
    assert_close(np.array(schedule.get_lr(8)), 0.2)


@exercise("schedule", hint=NO_EPOCH)
@pytest.mark.parametrize("name", ["CosineSchedule", "StepSchedule"])
def test_a_negative_epoch_is_an_error(tt, name):
    with raises(ValueError, mentions=["-3"]):
        getattr(tt, name)().get_lr(-3)


@exercise("schedule", hint=STAIRS)
def test_the_stairs_with_their_defaults(tt):
    schedule = tt.StepSchedule()
    found = [schedule.get_lr(epoch) for epoch in (0, 29, 30, 59, 60)]
    assert_close(np.array(found), [0.1, 0.1, 0.01, 0.01, 0.001])


# clip


@exercise("clip", hint=ONE_NORM, weight=2)
def test_all_gradients_are_scaled_by_one_factor(tt):
    weight, bias = with_gradient(tt, 3, 4), with_gradient(tt, 12)
    tt.clip_grad_norm([weight, bias], 6.5)
    assert_close(np.concatenate([weight.grad, bias.grad]), [1.5, 2, 6])


@exercise("clip", hint=BEFORE)
def test_the_norm_before_clipping_is_returned(tt):
    assert_equal(tt.clip_grad_norm([with_gradient(tt, 3, 4), with_gradient(tt, 12)], 6.5), 13.0)


@exercise("clip", hint=SHORT)
def test_short_gradients_stay_as_they_are(tt):
    parameter = with_gradient(tt, 0.3, -0.4)
    assert_close(np.array(tt.clip_grad_norm([parameter], 5.0)), 0.5)
    assert_close(parameter.grad, np.array([0.3, -0.4], dtype=np.float32), rtol=0, atol=0)


@exercise("clip", hint=NO_GRADIENT)
def test_parameters_without_a_gradient_are_left_out(tt):
    unused = tt.Tensor([1.0], requires_grad=True)
    parameter = with_gradient(tt, 0, 10)
    assert_equal(tt.clip_grad_norm([unused, parameter], 1.0), 10.0)
    assert_equal(unused.grad, None)
    assert_close(parameter.grad, [0, 1])


@exercise("clip", hint=IN_PLACE)
def test_gradients_are_scaled_in_their_own_arrays(tt):
    array = tt.keep(np.array([30, 40], dtype=np.float32))
    parameter = tt.Tensor([0.0, 0.0], requires_grad=True)
    parameter.grad = array
    tt.clip_grad_norm([parameter], 5.0)
    assert_close(array[:], [3, 4], dtype=np.float32)


@exercise("clip", hint=IN_FLOAT64)
def test_the_norm_of_very_large_gradients(tt):
    parameter = with_gradient(tt, 3e25, 4e25)
    assert_close(np.array(tt.clip_grad_norm([parameter], 10.0)), 5e25)
    assert_close(parameter.grad, [6, 8])


@exercise("clip", hint=BROKEN)
@pytest.mark.parametrize("value", [math.inf, math.nan], ids=["inf", "nan"])
def test_a_norm_that_is_not_finite_changes_nothing(tt, value):
    finite = with_gradient(tt, 3, 4)
    assert_close(np.array(tt.clip_grad_norm([finite], 1.0)), 5)
    assert_close(finite.grad, [0.6, 0.8], rtol=1e-5)
    parameter = with_gradient(tt, value, 2)
    assert_close(np.array(tt.clip_grad_norm([parameter], 1.0)), value)
    assert_close(parameter.grad, [value, 2])


@exercise("clip", hint=LIMIT)
@pytest.mark.parametrize("limit", [0, -2])
def test_the_limit_must_be_greater_than_zero(tt, limit):
    parameter = with_gradient(tt, 3, 4)
    assert_close(np.array(tt.clip_grad_norm([parameter], 9)), 5)
    with raises(ValueError, mentions=[str(limit)]):
        tt.clip_grad_norm([parameter], limit)


# epoch


@exercise("epoch", hint=YESTERDAY, weight=2)
def test_two_steps_with_the_same_sample(tt):
    trainer, sample = weight_of(tt, 0), batch(tt, [2], [6])
    trainer.train_step(*sample)
    assert_close(trainer.model.weight.data, [[0.24]])
    trainer.train_step(*sample)
    assert_close(trainer.model.weight.data, [[0.4608]], dtype=np.float32)


@exercise("epoch", hint=YESTERDAY)
def test_a_gradient_that_somebody_left_makes_no_difference(tt):
    trainer = weight_of(tt, 0)
    trainer.model.weight.grad = np.array([[500]], dtype=np.float32)
    trainer.train_step(*batch(tt, [2], [6]))
    assert_close(trainer.model.weight.data, [[0.24]])


@exercise("epoch", hint=REPORTED)
def test_a_step_returns_its_loss_and_is_counted(tt):
    trainer = weight_of(tt, 0)
    assert_equal(trainer.train_step(*batch(tt, [2], [6])), 36.0)
    assert_equal(trainer.step, 1)


@exercise("epoch", hint=ORDER)
def test_a_clipped_step_is_as_long_as_the_limit(tt):
    trainer = weight_of(tt, 0, grad_clip_norm=3.0)
    trainer.train_step(*batch(tt, [2], [6]))
    assert_close(trainer.model.weight.data, [[0.03]])


@exercise("epoch", hint=ORDER)
def test_clipping_comes_after_backward_and_before_the_update(tt):
    trainer = weight_of(tt, 0, grad_clip_norm=3.0)
    tt.patch("tinytorch.core.training.clip_grad_norm", raises="OverflowError")
    with raises(OverflowError):
        trainer.train_step(*batch(tt, [2], [6]))
    assert_close(trainer.model.weight.grad, [[-24]])
    assert_close(trainer.model.weight.data, [[0]])


@exercise("epoch", hint=SAMPLES, weight=2)
def test_the_loss_of_an_epoch_is_the_mean_over_its_samples(tt):
    trainer = weight_of(tt, 0, scheduler=rates(tt, 1e-12))
    loader = [batch(tt, [1] * 4, [1] * 4), batch(tt, [1] * 4, [1] * 4), batch(tt, [1], [10**0.5])]
    assert_close(np.array(trainer.train_epoch(loader)), 2.0)


@exercise("epoch", hint=RATE)
def test_the_first_epoch_is_trained_with_the_first_rate(tt):
    trainer, sample = weight_of(tt, 0, scheduler=rates(tt, 0.1, 0.001)), batch(tt, [2], [6])
    trainer.train_epoch([sample])
    assert_close(trainer.model.weight.data, [[2.4]])
    trainer.train_epoch([sample])
    assert_close(trainer.model.weight.data, [[2.4048]])
    assert_equal(trainer.history["learning_rates"], [0.1, 0.001])


@exercise("epoch", hint=MODE)
def test_an_epoch_is_trained_in_training_mode(tt):
    model = tt.Sequential(tt.Dropout(1.0), tt.Linear(1, 1))
    trainer = tt.Trainer(model, tt.SGD(model.parameters(), lr=0.01), tt.MSELoss())
    model.layers[1].weight.data = np.array([[5.0]], dtype=np.float32)
    model.eval()
    assert_close(np.array(trainer.train_epoch([batch(tt, [2], [3])])), 9.0)
    assert_equal(model.training, True)


@exercise("epoch", hint=BOOKS)
def test_an_epoch_is_entered_in_the_books(tt):
    trainer = weight_of(tt, 0)
    losses = [trainer.train_epoch([batch(tt, [2], [6]), batch(tt, [1], [3])]) for _ in range(2)]
    assert_equal([trainer.epoch, trainer.step], [2, 4])
    assert_equal(trainer.history["train_loss"], losses)
    assert_equal(trainer.history["learning_rates"], [0.01, 0.01])


@exercise("epoch", hint=NOTHING)
def test_a_loader_without_batches_is_an_error(tt):
    trainer = weight_of(tt, 0)
    with raises(ValueError, mentions=["batch"]):
        trainer.train_epoch([])
    assert_equal(trainer.epoch, 0)


@exercise("epoch", hint=RUN)
def test_fit_reaches_the_number_of_epochs_and_the_line(tt):
    trainer, loader = line_run(tt, 3, shuffle=True)
    trainer.fit(loader, epochs=2)
    history = trainer.fit(loader, epochs=40)
    assert_equal(len(history["train_loss"]), 40)
    expect(history["train_loss"][-1] < 0.01, "a loss below 0.01", str(history["train_loss"][-1]))


@exercise("epoch", hint=BOOKS)
def test_the_history_of_a_run_can_be_plotted(tt):
    trainer = weight_of(tt, 0, scheduler=rates(tt, 0.1, 0.3, 0.2))
    for _ in range(3):
        trainer.train_epoch([batch(tt, [0], [2])])
    expected = "train_loss     ▁▁▁ 4 to 4\nlearning_rates ▁█▅ 0.1 to 0.2"
    assert_equal(tt.plot_history(trainer.history), expected)


# accum


@exercise("accum", hint=DIFFERENTIATE, weight=2)
def test_two_equal_batches_are_as_good_as_one_of_both(tt):
    trainer = weight_of(tt, 0)
    trainer.accumulate([batch(tt, [2, 1], [6, 3]), batch(tt, [1, 2], [5, 2])])
    assert_close(trainer.model.weight.data, [[0.01 * 2 * (12 + 3 + 5 + 4) / 4]])


@exercise("accum", hint=UNEQUAL, weight=2)
def test_a_batch_counts_by_its_samples(tt):
    trainer = weight_of(tt, 0)
    trainer.accumulate([batch(tt, [2], [6]), batch(tt, [1, 1], [3, 3])])
    assert_close(trainer.model.weight.data, [[0.12]], dtype=np.float32)


@exercise("accum", hint=UNSCALED)
def test_the_loss_of_a_window_is_that_of_one_large_batch(tt):
    loss = weight_of(tt, 0).accumulate([batch(tt, [2], [6]), batch(tt, [1, 1], [3, 3])])
    expect(type(loss) is float, "a Python float", type(loss).__name__)
    assert_close(np.array(loss), 18.0)


@exercise("accum", hint=LEFT_OVER)
def test_windows_are_full_except_for_the_last(tt):
    expected = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    assert_equal(list(tt.Trainer.windows(list(range(1, 11)), 4)), expected)


@exercise("accum", hint=LEFT_OVER)
def test_there_is_no_empty_window(tt):
    assert_equal(list(tt.Trainer.windows([1, 2, 3, 4], 2)), [[1, 2], [3, 4]])


@exercise("accum", hint=COUNT)
def test_a_window_that_fits_perfectly_is_an_update_too(tt):
    trainer, fits = weight_of(tt, 3), batch(tt, [1], [3])
    assert_close(np.array(trainer.accumulate([fits, fits])), 0.0)
    assert_equal(trainer.step, 1)


@exercise("accum", hint=ONE_UPDATE)
def test_a_window_is_one_update_without_old_gradients(tt):
    trainer = weight_of(tt, 0)
    trainer.model.weight.grad = np.array([[500]], dtype=np.float32)
    trainer.accumulate([batch(tt, [2], [6])] * 3)
    assert_close(trainer.model.weight.data, [[0.24]])
    assert_equal(trainer.step, 1)


@exercise("accum", hint=ONE_UPDATE)
def test_clipping_sees_the_finished_gradient_of_a_window(tt):
    trainer = weight_of(tt, 0, grad_clip_norm=1.0)
    tt.patch("tinytorch.core.training.clip_grad_norm", raises="OverflowError")
    with raises(OverflowError):
        trainer.accumulate([batch(tt, [2], [6]), batch(tt, [1, 1], [3, 3])])
    assert_close(trainer.model.weight.grad, [[-12]])
    assert_close(trainer.model.weight.data, [[0]])


@exercise("accum", hint=LEFT_OVER)
def test_an_epoch_steps_for_the_window_that_is_left_over(tt):
    trainer = weight_of(tt, 0)
    steep, flat = batch(tt, [2], [6]), batch(tt, [1], [3])
    trainer.train_epoch([steep, flat, flat, steep, steep], accumulation_steps=3)
    assert_close(trainer.model.weight.data, [[0.12 + 0.2304]])


# eval


@exercise("eval", hint=SAMPLES)
def test_the_evaluated_loss_is_the_mean_over_samples(tt):
    loss, _ = weight_of(tt, 2).evaluate([batch(tt, [1] * 4, [1] * 4), batch(tt, [1], [5])])
    assert_close(np.array(loss), 13 / 5)


@exercise("eval", hint=ASKING)
def test_evaluation_drops_nothing(tt):
    model = tt.Sequential(tt.Dropout(0.9), tt.Linear(1, 1, bias=False))
    model.layers[1].weight.data = np.array([[2.0]], dtype=np.float32)
    trainer = tt.Trainer(model, tt.SGD(model.parameters(), lr=0.01), tt.MSELoss())
    loss, _ = trainer.evaluate([batch(tt, [1] * 50, [5] * 50)])
    assert_close(np.array(loss), 9.0)


@exercise("eval", hint=ASKING)
def test_evaluation_changes_no_parameter_and_no_gradient(tt):
    trainer = weight_of(tt, 2)
    trainer.model.weight.grad = np.array([[7]], dtype=np.float32)
    trainer.evaluate([batch(tt, [1], [5])])
    assert_close(trainer.model.weight.data, [[2]])
    assert_close(trainer.model.weight.grad, [[7]])


@exercise("eval", hint=ASKING)
def test_evaluation_builds_no_graph(tt):
    watcher = tt.fresh_import("unittest.mock").Mock()
    weight_of(tt, 2, metrics=[watcher]).evaluate([batch(tt, [1], [5])])
    predictions, targets = watcher.update.call_args[0]
    assert_equal(predictions.requires_grad, False)
    assert_close(predictions.data, [[2]])
    assert_close(targets.data, [[5]])


@exercise("eval", hint=PUT_BACK)
@pytest.mark.parametrize("mode", [True, False], ids=["training", "evaluating"])
def test_evaluation_puts_the_mode_back(tt, mode):
    trainer = weight_of(tt, 2)
    trainer.model.train(mode)
    trainer.evaluate([batch(tt, [1], [5])])
    assert_equal(trainer.model.training, mode)


@exercise("eval", hint=PUT_BACK)
def test_evaluation_puts_the_mode_back_after_an_error(tt):
    trainer = weight_of(tt, 2)
    with raises(ValueError):
        trainer.evaluate([batch(tt, [1], [5]), batch(tt, [1, 2], [5])])
    assert_equal(trainer.model.training, True)


@exercise("eval", hint=CLASSES)
def test_accuracy_over_batches_of_different_sizes(tt):
    accuracy = tt.Accuracy()
    accuracy.update(tt.Tensor([[1, 2, 0], [5, 4, 3]]), tt.Tensor([1, 1], dtype="int64"))
    accuracy.update(tt.Tensor([[0, 0, 9]]), tt.Tensor([2.0]))
    assert_close(np.array(accuracy.compute()), 2 / 3)


@exercise("eval", hint=CLASSES)
def test_a_regression_has_no_accuracy(tt):
    trainer = weight_of(tt, 2)
    assert_equal(trainer.evaluate([batch(tt, [1, 2], [2, 4])]), (0.0, None))


@exercise("eval", hint=REPEATED)
def test_every_pair_is_counted(tt):
    counts = tt.confusion_matrix([0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 2, 2], 3)
    assert_close(counts, [[1, 1, 0], [0, 2, 1], [0, 0, 1]], dtype=np.int64)


@exercise("eval", hint=ROWS)
def test_precision_and_recall_of_three_classes(tt):
    precision, recall = tt.precision_recall(np.array([[1, 1, 0], [0, 2, 1], [0, 0, 1]]))
    assert_close(precision, [1, 2 / 3, 1 / 2])
    assert_close(recall, [1 / 2, 2 / 3, 1])


@exercise("eval", hint=PATIENCE)
def test_waiting_starts_anew_with_every_improvement(tt):
    stopping = tt.EarlyStopping(2)
    found = [stopping.update(loss) for loss in (3.0, 2.0, 2.5, 1.0, 1.0, 1.5)]
    assert_equal(found, [False, False, False, False, False, True])
    assert_equal([stopping.best, stopping.waited], [1.0, 2])


# ckpt


@exercise("ckpt", hint=LEFT_BEHIND)
def test_a_checkpoint_is_one_file_that_can_be_read(tt, folder):
    tt.write_checkpoint(folder + "/run.npz", {"a": np.arange(3), "b": {"c": [1.5, None, "x", (True,)]}})
    state = tt.read_checkpoint(folder + "/run.npz")
    assert_close(state["a"], [0, 1, 2], dtype=np.int64)
    assert_equal(state["b"], {"c": [1.5, None, "x", (True,)]})
    assert_equal(tt.core.training.os.listdir(folder), ["run.npz"])


@exercise("ckpt", hint=ATOMIC)
@pytest.mark.parametrize("name", ["numpy.savez", "os.fsync", "os.replace"])
def test_when_writing_fails_the_old_checkpoint_is_still_there(tt, folder, name):
    tt.write_checkpoint(folder + "/run.npz", {"a": 1})
    tt.patch(name, raises="OSError")
    with raises(OSError):
        tt.write_checkpoint(folder + "/run.npz", {"a": 2})
    assert_equal(tt.read_checkpoint(folder + "/run.npz"), {"a": 1})


@exercise("ckpt", hint=LEFT_BEHIND)
def test_when_writing_fails_nothing_is_left_behind(tt, folder):
    tt.write_checkpoint(folder + "/run.npz", {"a": 1})
    tt.patch("os.replace", raises="OSError")
    with raises(OSError):
        tt.write_checkpoint(folder + "/run.npz", {"a": 2})
    assert_equal(tt.core.training.os.listdir(folder), ["run.npz"])


@exercise("ckpt", hint=COUNTERS)
def test_a_resumed_run_has_its_counters_and_its_history(tt, folder):
    straight, resumed = straight_and_resumed(tt, folder + "/run.npz")
    assert_equal([resumed.epoch, resumed.step], [4, 12])
    assert_equal(resumed.history, straight.history)


@exercise("ckpt", hint=MEMORY, weight=2)
def test_a_resumed_run_with_adam_is_the_same_bit_for_bit(tt, folder):
    straight, resumed = straight_and_resumed(tt, folder + "/run.npz", optimizer="Adam")
    assert_close(parameters(resumed), parameters(straight), rtol=0, atol=0)


@exercise("ckpt", hint=CHANCE)
@pytest.mark.parametrize("parts", [{"dropout": 0.5}, {"shuffle": True}], ids=["dropout", "shuffle"])
def test_a_resumed_run_continues_with_the_same_random_numbers(tt, folder, parts):
    straight, resumed = straight_and_resumed(tt, folder + "/run.npz", **parts)
    assert_close(parameters(resumed), parameters(straight), rtol=0, atol=0)


@exercise("ckpt", hint=COPIES)
def test_a_state_does_not_change_while_training_goes_on(tt):
    trainer, loader = line_run(tt, 0)
    state, before = state_over_there(tt, trainer), parameters(trainer)
    trainer.train_epoch(loader)
    restore(tt, trainer, state)
    assert_close(parameters(trainer), before, rtol=0, atol=0)
    assert_equal([trainer.epoch, trainer.step, trainer.history["train_loss"]], [0, 0, []])


@exercise("ckpt", hint=MISMATCH)
def test_another_model_is_refused_before_anything_is_changed(tt):
    trainer, loader = line_run(tt, 0)
    trainer.train_epoch(loader)
    model = tt.Sequential(tt.Linear(1, 4), tt.Dropout(0.0), tt.Linear(4, 2))
    other = tt.Trainer(model, tt.SGD(model.parameters(), lr=0.05), tt.MSELoss())
    before = parameters(other)
    with raises(ValueError, mentions=["2.weight", "(4, 2)", "(4, 1)"]):
        other.load_state_dict(trainer.state_dict())
    assert_close(parameters(other), before, rtol=0, atol=0)
    assert_equal(other.epoch, 0)


@exercise("ckpt", hint=SAME_ARRAYS)
def test_the_parameters_keep_their_arrays(tt):
    first, _ = line_run(tt, 0)
    second, _ = line_run(tt, 50)
    kept = tt.keep(np.zeros((1, 4), dtype=np.float32))
    second.model.layers[0].weight.data = kept
    second.load_state_dict(first.state_dict())
    assert_close(kept[:], first.model.layers[0].weight.data, rtol=0, atol=0)
