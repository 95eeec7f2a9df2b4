"""Visible tests of the midterm project. Accuracy is computed here, from predictions for images without labels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises

DIGITS = np.load(Path(__file__).parent / "digits.npz", allow_pickle=False)

LAYERS = "Linear(inputs, hidden), ReLU, Linear(hidden, classes), in this order."
SEED = "Both layers draw from one np.random.default_rng(seed): equal seeds, equal models."
PIXELS = "One mean and one standard deviation, over all numbers of all images, as Python floats."
SCALED = (
    "Subtract the mean, divide by the standard deviation: the two that were given, not those of these images."
)
ROWS = "One row for each image: all axes but the first become one, float32."
UNTOUCHED = "The argument stays as it was: an operator such as -= wrote into it."
STD = "A standard deviation that is not greater than 0 cannot divide: ValueError that says so."
LEARNS = "Every batch: zero_grad, loss, backward, step, with Adam at the rate given, for all epochs."
WEIGHTED = "The mean loss of an epoch is over its samples: weight each batch by its size."
SHUFFLED = "Batches come in a new order in every epoch, from np.random.default_rng(seed)."
MODE = "Switch to evaluation for the predictions, and back to the mode the model was in."
LARGEST = "The class with the largest score, for each row, as int64."
DIAGONAL = "Right answers are on the diagonal; divide by the number of samples of the true class, the row."
EMPTY = "A class without samples has no accuracy: nan, and no division by 0."
WORST = "The largest number off the diagonal; rows are true classes, columns what was said."
NONE = "Without errors the answer is (0, 0, 0)."


def scaled(name: str) -> Any:
    """Rows of one part of the digits, scaled by the training images."""
    train = DIGITS["train_images"] / 16
    return (DIGITS[f"{name}_images"].reshape(-1, 64) / 16 - train.mean()).astype(np.float32) / np.float32(
        train.std()
    )


def model_with(tt: Any, seed: int, sizes: tuple[int, int, int] = (64, 32, 10)) -> Any:
    """A model whose weights do not come from `build_mlp`."""
    rng = np.random.default_rng(1000 + seed)
    model = tt.Sequential(tt.Linear(sizes[0], sizes[1]), tt.ReLU(), tt.Linear(sizes[1], sizes[2]))
    model[0].weight.data = (rng.normal(size=sizes[:2]) * np.sqrt(2 / sizes[0])).astype(np.float32)
    model[2].weight.data = (rng.normal(size=sizes[1:]) * np.sqrt(2 / sizes[1])).astype(np.float32)
    return model


def scores(model: Any, rows: Any) -> Any:
    """What a model answers, from its weights."""
    hidden = np.maximum(rows @ model[0].weight.data + model[0].bias.data, 0)
    return hidden @ model[2].weight.data + model[2].bias.data


def mean_loss(model: Any, rows: Any, labels: Any) -> float:
    """The cross entropy of a model, from its weights."""
    answers = scores(model, rows).astype(np.float64)
    answers -= answers.max(axis=1, keepdims=True)
    shares = np.exp(answers) / np.exp(answers).sum(axis=1, keepdims=True)
    return float(-np.log(shares[np.arange(len(labels)), labels]).mean())


@exercise("model", hint=LAYERS)
@pytest.mark.parametrize(("hidden", "count"), [(32, 2410), (7, 535)])
def test_the_model_has_two_layers(tt, hidden, count):
    model = tt.milestones.mlp.build_mlp(hidden, 0)
    shapes = [parameter.shape for parameter in model.parameters()]
    assert_equal(shapes, [(64, hidden), (hidden,), (hidden, 10), (10,)])
    assert_equal(sum(int(np.prod(shape)) for shape in shapes), count)


@exercise("model", hint=LAYERS)
def test_the_model_bends_between_its_layers(tt, rng):
    model = tt.milestones.mlp.build_mlp(5, 1, inputs=3, classes=4)
    rows = rng.normal(size=(6, 3)).astype(np.float32)
    assert_close(model(tt.Tensor(rows)).data, scores(model, rows), rtol=1e-3, atol=1e-5)


@exercise("model", hint=SEED)
def test_equal_seeds_give_equal_models(tt):
    weights = [tt.milestones.mlp.build_mlp(4, seed)[2].weight.data for seed in (5, 5, 6)]
    assert_close(weights[0], weights[1])
    expect(not np.allclose(weights[0], weights[2]), "other numbers for another seed", "the same numbers")


@exercise("data", hint=PIXELS)
def test_statistics_are_over_all_pixels(tt, rng):
    images = rng.uniform(1, 3, size=(20, 1, 4, 4)).astype(np.float32)
    mean, std = tt.milestones.mlp.statistics(images)
    assert_equal((type(mean), type(std)), (float, float))
    assert_close(
        np.array([mean, std]), [images.mean(dtype=np.float64), images.std(dtype=np.float64)], rtol=1e-3
    )


@exercise("data", hint=SCALED)
def test_images_are_scaled_by_the_numbers_given(tt):
    images = np.array([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]], dtype=np.float32)
    rows = tt.milestones.mlp.prepare(images, 2.0, 4.0)
    assert_close(rows, [[-0.25, 0, 0.25, 0.5], [0.75, 1, 1.25, 1.5]])


@exercise("data", hint=ROWS)
def test_images_become_rows_of_float32(tt, rng):
    rows = tt.milestones.mlp.prepare(rng.uniform(size=(3, 1, 8, 8)), 0.5, 0.25)
    assert_equal(rows.shape, (3, 64))
    expect(rows.dtype == np.float32, "dtype float32", f"dtype {rows.dtype}")


@exercise("data", hint=UNTOUCHED)
def test_the_images_stay_as_they_were(tt):
    first = np.ones((2, 1, 2, 2), dtype=np.float32)
    images = tt.keep(first)
    rows = tt.milestones.mlp.prepare(images, 0.5, 0.25)
    assert_close(rows, np.full((2, 4), 2.0))
    assert_close(images[:], first)


@exercise("data", hint=STD)
def test_a_standard_deviation_of_zero_is_refused(tt):
    assert_close(tt.milestones.mlp.prepare(np.ones((1, 2)), 1.0, 1.0), [[0, 0]])
    with raises(ValueError, mentions=["std"]):
        tt.milestones.mlp.prepare(np.ones((1, 2)), 1.0, 0.0)


@exercise("train", hint=LEARNS)
@pytest.mark.parametrize("seed", [0, 1])
def test_twenty_epochs_reach_93_percent_of_the_test_images(tt, rng, seed):
    """The digits get other names, so that only weights from this very training fit."""
    model, names = model_with(tt, seed), rng.permutation(10)
    losses = tt.milestones.mlp.train(model, scaled("train"), names[DIGITS["train_labels"]], seed=seed)
    right = float((scores(model, scaled("test")).argmax(axis=1) == names[DIGITS["test_labels"]]).sum() / 200)
    expect(right >= 0.93, "an accuracy of at least 0.93", f"{right:.3f}")
    expect(
        len(losses) == 20 and losses[-1] < 0.1,
        "20 losses, the last below 0.1",
        f"{len(losses)}, {losses[-1]}",
    )


@exercise("train", hint=WEIGHTED)
def test_the_loss_of_an_epoch_is_over_its_samples(tt, rng):
    rows, labels = rng.normal(size=(7, 3)).astype(np.float32), np.array([0, 1, 2, 0, 1, 2, 0])
    model = model_with(tt, 2, (3, 4, 3))
    wanted = mean_loss(model, rows, labels)
    losses = tt.milestones.mlp.train(model, rows, labels, epochs=1, batch_size=3, lr=1e-9)
    assert_close(np.array(losses), [wanted], rtol=1e-3)


@exercise("train", hint=LEARNS)
def test_one_step_moves_every_weight_by_the_rate(tt, rng):
    rows, labels = rng.normal(size=(6, 3)).astype(np.float32), np.array([0, 1, 2, 0, 1, 2])
    model = model_with(tt, 3, (3, 4, 3))
    before = model[2].bias.data.copy()
    tt.milestones.mlp.train(model, rows, labels, epochs=1, batch_size=6, lr=0.01)
    assert_close(np.abs(model[2].bias.data - before), np.full(3, 0.01), rtol=1e-2)


@exercise("train", hint=SHUFFLED)
def test_another_seed_means_another_order(tt, rng):
    rows, labels = rng.normal(size=(40, 3)).astype(np.float32), np.arange(40) % 3
    weights = []
    for seed in (0, 0, 1):
        model = model_with(tt, 4, (3, 4, 3))
        tt.milestones.mlp.train(model, rows, labels, epochs=2, batch_size=4, lr=0.05, seed=seed)
        weights.append(model[0].weight.data)
    assert_close(weights[0], weights[1])
    expect(not np.allclose(weights[0], weights[2]), "other weights for another seed", "the same weights")


@exercise("predict", hint=LARGEST)
def test_the_prediction_is_the_class_with_the_largest_score(tt, rng):
    model, rows = model_with(tt, 5, (6, 8, 4)), rng.normal(size=(30, 6)).astype(np.float32)
    predictions = tt.milestones.mlp.predict(model, rows)
    assert_close(predictions, scores(model, rows).argmax(axis=1))
    expect(predictions.dtype == np.int64, "dtype int64", f"dtype {predictions.dtype}")


@exercise("predict", hint=MODE)
def test_predicting_switches_dropout_off_and_on_again(tt, rng):
    model, rows = model_with(tt, 6, (6, 8, 4)), rng.normal(size=(20, 6)).astype(np.float32)
    wanted = scores(model, rows).argmax(axis=1)
    dropping = tt.Sequential(model[0], model[1], tt.Dropout(0.9), model[2])
    assert_close(tt.milestones.mlp.predict(dropping, rows), wanted)
    assert_equal((dropping.training, dropping[2].training), (True, True))


@exercise("predict", hint=MODE)
def test_a_model_in_evaluation_stays_in_evaluation(tt):
    model = model_with(tt, 7, (2, 3, 2))
    model.eval()
    assert_equal(tt.milestones.mlp.predict(model, np.zeros((4, 2), dtype=np.float32)).shape, (4,))
    assert_equal(model.training, False)


@exercise("errors", hint=DIAGONAL)
def test_the_accuracy_of_each_class(tt):
    matrix = np.array([[5, 0, 0], [1, 3, 2], [0, 1, 4]])
    assert_close(tt.milestones.mlp.accuracy_by_class(matrix), [1, 0.5, 0.8])


@exercise("errors", hint=EMPTY)
def test_a_class_without_samples_has_no_accuracy(tt):
    tt.core.tensor.np.seterr(divide="raise", invalid="raise")
    matrix = np.array([[2, 2, 0], [0, 0, 0], [0, 1, 3]])
    assert_close(tt.milestones.mlp.accuracy_by_class(matrix), [0.5, np.nan, 0.75])


@exercise("errors", hint=WORST)
def test_the_most_frequent_error(tt):
    matrix = np.array([[50, 0, 4], [1, 3, 2], [0, 3, 40]])
    assert_equal(tt.milestones.mlp.worst_pair(matrix), (0, 2, 4))


@exercise("errors", hint=NONE)
def test_without_errors_there_is_no_worst_pair(tt):
    assert_equal(tt.milestones.mlp.worst_pair(np.diag([3, 0, 4])), (0, 0, 0))


@exercise("errors", hint="The argument stays as it was: the diagonal was overwritten in the caller's matrix.")
def test_the_matrix_stays_as_it_was(tt):
    first = np.array([[5, 1], [2, 6]])
    matrix = tt.keep(first)
    assert_equal(tt.milestones.mlp.worst_pair(matrix), (1, 0, 2))
    tt.milestones.mlp.accuracy_by_class(matrix)
    assert_close(matrix[:], first)
