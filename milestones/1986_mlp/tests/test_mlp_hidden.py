"""Hidden tests of the midterm project: images that nobody has trained on, other sizes and seeds."""

from pathlib import Path

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect

HERE = Path(__file__).parent
HELD_OUT = np.load(HERE / "heldout_hidden.npz", allow_pickle=False)
DIGITS = np.load(HERE / "digits.npz", allow_pickle=False)


def fresh(tt, seed, inputs, hidden, classes):
    """A model whose weights do not come from the functions under test."""
    rng = np.random.default_rng(5000 + seed)
    model = tt.Sequential(tt.Linear(inputs, hidden), tt.ReLU(), tt.Linear(hidden, classes))
    model[0].weight.data = (rng.normal(size=(inputs, hidden)) * np.sqrt(2 / inputs)).astype(np.float32)
    model[2].weight.data = (rng.normal(size=(hidden, classes)) * np.sqrt(2 / hidden)).astype(np.float32)
    return model


def answers(model, rows):
    """The scores of a model, from its weights."""
    inside = rows @ model[0].weight.data + model[0].bias.data
    return np.where(inside > 0, inside, 0) @ model[2].weight.data + model[2].bias.data


def recorder(tt, **options):
    """A function in the worker that remembers how it was called."""
    return tt.fresh_import("unittest.mock").Mock(**options)


def printed(tt, milestone):
    """The exit status of the milestone, and the lines that it prints."""
    milestone.print = recorder(tt)
    status, calls = milestone.main(), milestone.print.call_args_list
    return status, [calls[number][0][0] for number in range(milestone.print.call_count)]


def reader(tt, size):
    """A model whose scores are the numbers of a row themselves."""
    model = tt.Sequential(tt.Linear(size, size))
    model[0].weight.data = np.eye(size, dtype=np.float32)
    model[0].bias.data = np.zeros(size, dtype=np.float32)
    return model


def rows_for(classes, wrong, size):
    """Rows that a `reader` takes for these classes, but for the first `wrong` of them."""
    said = np.where(np.arange(len(classes)) < wrong, (classes + 1) % size, classes)
    return np.eye(size, dtype=np.float32)[said]


@exercise("model", hint="Any number of inputs, units and classes.")
@pytest.mark.parametrize("sizes", [(2, 8, 2), (10, 1, 3)])
def test_a_model_of_any_size(tt, sizes):
    inputs, hidden, classes = sizes
    model = tt.milestones.mlp.build_mlp(hidden, 3, inputs=inputs, classes=classes)
    rows = np.linspace(-2, 2, 5 * inputs, dtype=np.float32).reshape(5, inputs)
    assert_close(model(tt.Tensor(rows)).data, answers(model, rows), rtol=1e-3, atol=1e-5)
    assert_equal(model.num_parameters(), inputs * hidden + hidden + hidden * classes + classes)


@exercise("model", hint="The two layers draw one after the other from one generator.")
def test_the_layers_do_not_draw_the_same_numbers(tt):
    model = tt.milestones.mlp.build_mlp(4, 9, inputs=4, classes=4)
    ratios = model[0].weight.data / model[2].weight.data
    expect(np.ptp(ratios) > 1e-3, "numbers of their own for each layer", "the same numbers up to a factor")


@exercise("model", hint="Equal seeds give equal numbers in both layers.")
def test_the_first_layer_follows_the_seed_too(tt):
    first, second = (tt.milestones.mlp.build_mlp(3, 8)[0].weight.data for _ in range(2))
    assert_close(first, second)


@exercise("data", hint="Statistics of images of any shape and type, as floats.")
def test_statistics_of_whole_numbers(tt, rng):
    images = rng.integers(0, 17, size=(30, 8, 8))
    mean, std = tt.milestones.mlp.statistics(images)
    assert_equal((type(mean), type(std)), (float, float))
    assert_close(np.array([mean, std]), [images.mean(), images.std()], rtol=1e-3)


@exercise("data", hint="Test images are scaled by the numbers of the training images.")
def test_other_images_keep_their_own_mean(tt, rng):
    images = rng.normal(3, 2, size=(6, 2, 3)).astype(np.float32)
    rows = tt.milestones.mlp.prepare(images, 1.0, 0.5)
    assert_close(rows, (images.reshape(6, 6) - 1) * 2, rtol=1e-3, dtype=np.float32)


@exercise("data", hint="A negative or missing standard deviation is refused too.")
@pytest.mark.parametrize("std", [-1.0, float("nan")])
def test_what_is_no_standard_deviation_is_refused(tt, std):
    assert_close(tt.milestones.mlp.prepare(np.ones((1, 3)), 0.0, 0.5), [[2, 2, 2]])
    with pytest.raises(ValueError, match="std"):
        tt.milestones.mlp.prepare(np.ones((1, 3)), 0.0, std)


@exercise("train", hint="Images that nobody has looked at are recognised too.")
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_held_out_images_are_recognised(tt, rng, seed):
    """Under other names, which no weights made beforehand can know."""
    names = rng.permutation(10)
    train = DIGITS["train_images"] / 16
    scale = [train.mean(), train.std()]
    rows = ((train.reshape(-1, 64) - scale[0]) / scale[1]).astype(np.float32)
    held_out = ((HELD_OUT["rest_images"].reshape(-1, 64) / 16 - scale[0]) / scale[1]).astype(np.float32)
    model = fresh(tt, seed, 64, 32, 10)
    tt.milestones.mlp.train(model, rows, names[DIGITS["train_labels"]], seed=seed)
    hits = answers(model, held_out).argmax(axis=1) == names[HELD_OUT["rest_labels"]]
    expect(hits.sum() / len(hits) >= 0.88, "an accuracy of at least 0.88", f"{hits.sum() / len(hits):.3f}")


@exercise("train", hint="Training learns from whatever rows and labels it is given, not only from digits.")
def test_something_else_than_digits_is_learned(tt, rng):
    arrows, signs = np.linalg.qr(rng.normal(size=(6, 2)))[0], rng.choice([-1, 1], size=(240, 2))
    rows = (2 * signs @ arrows.T + rng.normal(scale=0.4, size=(240, 6))).astype(np.float32)
    labels = (signs[:, 0] == signs[:, 1]).astype(np.int64)
    model = fresh(tt, 14, 6, 16, 2)
    tt.milestones.mlp.train(model, rows[:160], labels[:160], batch_size=16, lr=0.02)
    hits = (answers(model, rows[160:]).argmax(axis=1) == labels[160:]).sum()
    expect(hits >= 72, "at least 72 of 80 right", f"{hits} of 80")


@exercise("train", hint="By default 20 epochs, batches of 32, rate 0.003, seed 0.")
def test_the_defaults_of_training(tt, rng):
    rows, labels = rng.normal(size=(70, 4)).astype(np.float32), np.arange(70) % 3
    weights = []
    for options in ({}, {"epochs": 20, "batch_size": 32, "lr": 3e-3, "seed": 0}):
        model = fresh(tt, 1, 4, 5, 3)
        losses = tt.milestones.mlp.train(model, rows, labels, **options)
        weights.append(model[0].weight.data)
        assert_equal(len(losses), 20)
    assert_close(weights[0], weights[1])
    start = fresh(tt, 1, 4, 5, 3)[0].weight.data
    expect(not np.allclose(weights[0], start), "trained weights", "those it began with")


@exercise("train", hint="Each epoch sees every sample once, in a new order.")
def test_epochs_differ_in_their_order(tt, rng):
    rows, labels = rng.normal(size=(9, 2)).astype(np.float32), np.array([0, 1, 1, 0, 1, 0, 0, 1, 1])
    model, reference = fresh(tt, 2, 2, 3, 2), fresh(tt, 2, 2, 3, 2)
    losses = tt.milestones.mlp.train(model, rows, labels, epochs=3, batch_size=4, lr=1e-9)
    scores = answers(reference, rows).astype(np.float64)
    wanted = np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(9), labels])
    assert_close(np.array(losses), np.full(3, wanted), rtol=1e-3)


@exercise(
    "predict", hint="Predictions follow the weights for any number of classes, and nothing is recorded."
)
def test_predictions_for_many_classes(tt, rng):
    model, rows = fresh(tt, 3, 5, 9, 26), rng.normal(size=(80, 5)).astype(np.float32)
    assert_close(tt.milestones.mlp.predict(model, rows), answers(model, rows).argmax(axis=1))
    assert_equal(tt.is_grad_enabled(), True)


@exercise("predict", hint="The mode comes back also if something goes wrong on the way.")
def test_an_error_does_not_leave_the_model_in_evaluation(tt):
    model = fresh(tt, 4, 5, 3, 2)
    assert_equal(tt.milestones.mlp.predict(model, np.zeros((2, 5), dtype=np.float32)).shape, (2,))
    with pytest.raises(ValueError):
        tt.milestones.mlp.predict(model, np.zeros((2, 4), dtype=np.float32))
    assert_equal((model.training, tt.is_grad_enabled()), (True, True))


@exercise("errors", hint="Of several equally frequent errors the first, by rows.")
def test_the_first_of_equal_errors(tt):
    matrix = np.array([[4, 1, 0], [2, 4, 0], [0, 2, 4]])
    assert_equal(tt.milestones.mlp.worst_pair(matrix), (1, 0, 2))


@exercise("errors", hint="Accuracies of a random matrix, class by class.")
def test_accuracies_of_a_random_matrix(tt, rng):
    matrix = rng.integers(1, 30, size=(10, 10))
    wanted = [matrix[k, k] / matrix[k].sum() for k in range(10)]
    assert_close(tt.milestones.mlp.accuracy_by_class(matrix), wanted, rtol=1e-3)


@exercise("errors", hint="One sample is enough for an accuracy: only a class without any has none.")
def test_the_accuracy_of_classes_with_one_sample(tt):
    assert_close(tt.milestones.mlp.accuracy_by_class(np.array([[1, 0], [1, 0]])), [1, 0])


@exercise("errors", hint="The worst pair of a large matrix.")
def test_the_worst_pair_of_a_large_matrix(tt, rng):
    matrix = rng.integers(0, 20, size=(12, 12))
    matrix[7, 3] = 21
    matrix[5, 5] = 400
    assert_equal(tt.milestones.mlp.worst_pair(matrix), (7, 3, 21))


@exercise("predict", hint="`main` is given: it compares what your predictions reach with each target.")
@pytest.mark.parametrize(
    ("wrong", "corners", "units", "status", "words"),
    [
        (14, 4, 32, 0, ["reached", "reached", "reached"]),
        (15, 4, 32, 1, ["reached", "reached", "MISSED"]),
        (0, 3, 32, 1, ["MISSED", "reached", "reached"]),
        (0, 4, 31, 1, ["reached", "MISSED", "reached"]),
    ],
    ids=["all", "accuracy", "xor", "parameters"],
)
def test_the_milestone_is_decided_by_its_numbers(tt, wrong, corners, units, status, words):
    milestone, labels = tt.milestones.mlp, DIGITS["test_labels"].astype(np.int64)
    good, bad = rows_for(labels, 0, 10), rows_for(labels, wrong, 10)
    milestone.statistics = recorder(tt, return_value=(0.5, 2.0))
    milestone.prepare = recorder(tt, side_effect=[good] * 8 + [good, bad])
    milestone.train = train = recorder(tt)
    milestone.time = recorder(tt, **{"perf_counter.side_effect": [10.0, 17.0]})
    digits, counted, xor = reader(tt, 10), fresh(tt, 0, 64, units, 10), fresh(tt, 0, 2, 4, 2)
    for layer, weight in (
        (xor[0], [[1, -1, 0, 0], [-1, 1, 0, 0]]),
        (xor[2], [[0, 1], [0, 1], [0, 0], [0, 0]]),
    ):
        layer.weight.data = np.array(weight, dtype=np.float32)
    xor[2].bias.data = np.array([1, 0] if corners == 4 else [2, 0], dtype=np.float32)
    if corners == 3:
        xor[0].weight.data = np.array([[2, -1, 0, 0], [-2, 1, 0, 0]], dtype=np.float32)
    milestone.build_mlp = build = recorder(tt, side_effect=[digits] * 5 + [counted, xor])
    found, lines = printed(tt, milestone)
    accuracy = 1 - wrong / 200
    rows = [
        f"test accuracies 1.000, 1.000, 1.000, 1.000, {accuracy:.3f}; 1.40 s a seed",
        f"XOR, corners right                    {corners}   target 4        {words[0]}",
        f"parameters                        {75 * units + 10:,}   target 2,410    {words[1]}",
        f"test accuracy, worst of 5         {accuracy:.3f}   target >= 0.93  {words[2]}",
    ]
    assert_equal((found, lines), (status, rows))
    seeds = [build.call_args_list[number][0] for number in range(7)]
    assert_equal(seeds, [*((32, seed) for seed in range(5)), (32, 0), (8, 0)])
    assert_equal(build.call_args[1], {"inputs": 2, "classes": 2})
    expect(tt.same(train.call_args[0][0], xor), "the network for XOR is trained last", "another model")
    square = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    assert_close(train.call_args[0][1], np.concatenate([square] * 8), dtype=np.float32)
    assert_close(train.call_args[0][2], np.array([0, 1, 1, 0] * 8))
    assert_equal(train.call_args[1], {"epochs": 100, "lr": 0.03})


@exercise("predict", hint="`run_seed` is given: trained on 1000 images, measured on 200 others.")
def test_a_seed_is_trained_and_measured_on_different_images(tt):
    milestone = tt.milestones.mlp
    milestone.statistics = statistics = recorder(tt, return_value=(0.5, 2.0))
    test_rows = rows_for(DIGITS["test_labels"].astype(np.int64), 50, 10)
    milestone.prepare = prepare = recorder(tt, side_effect=["training rows", test_rows])
    model = reader(tt, 10)
    milestone.build_mlp = recorder(tt, return_value=model)
    milestone.train = train = recorder(tt)
    assert_close(np.array(milestone.run_seed(3)), 0.75)
    train_images, test_images = (
        DIGITS[f"{name}_images"].reshape(-1, 1, 8, 8) / 16 for name in ("train", "test")
    )
    assert_close(statistics.call_args[0][0], train_images)
    for number, images in enumerate((train_images, test_images)):
        given = prepare.call_args_list[number][0]
        assert_close(given[0], images)
        assert_equal(given[1:], (0.5, 2.0))
    expect(tt.same(train.call_args[0][0], model), "the model itself is trained", "another one")
    assert_equal(train.call_args[0][1], "training rows")
    assert_close(train.call_args[0][2], DIGITS["train_labels"].astype(np.int64))
    assert_equal(train.call_args[1], {"epochs": 20, "seed": 3})
