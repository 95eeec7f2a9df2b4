"""Visible tests of module 05: one behaviour each, each scored for one exercise."""

from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

ROWS = "Example i is row i of each tensor, as a tuple of Tensors, also when there is one tensor only."
SIZES = "Every tensor needs one row for each example; the message lists the sizes of all first axes."
BOUNDS = "Numbers run from -len to len - 1, as in a list; anything else is an IndexError, which also ends a for loop."
CONVERTED = "Labels are integers and stay integers: who converted them?"
COLUMNS = "A list of tuples becomes a tuple of stacks: each part gets a new first axis, whatever its rank."
RAGGED = "Parts of different shapes do not stack: name the shape of the first and the one that differs."
LAST = "10 examples in batches of 4 are 4, 4 and 2: is the number of batches the ceil of the quotient?"
DROP = "With drop_last a batch is left out if, and only if, it is smaller: rounded down."
FRESH = "A second loop over the same loader starts anew: return a fresh iterator from __iter__."
IN_ORDER = "The batches follow self.order(), which is asked once for each loop; order[0] comes first."
HAND_OVER = "The samples go to self.collate as they are, in one list; the loader yields what it returns."
EVERY_ONE = "Every number from 0 to len - 1 has to come exactly once in an epoch."
EPOCHS = "Two epochs have different orders: where is the generator created?"
SEEDED = "All draws come from self.rng: the same seed gives the same sequence of epochs."
PAIRED = "One permutation for both: y has to stay with its x."
FAIR = "Every order is equally likely: shuffling exchanges elements, it does not turn the list round."
WIDTH = "Left and right are exchanged, and width is last."
CHANCE = "It happens if a number drawn from self.rng is below p: never for p = 0, always for p = 1."
OWNER = "The result has memory of its own: whoever writes into it must not change the image it came from."
PLACES = "Rows and columns move independently, over the difference of the sizes plus 1 places: is your range inclusive?"
BORDER = "Zeros go around height and width, and never around the channels."
FITS = "A window larger than the padded image is a ValueError that names the height and width of both."
CHANNEL = "A number for each channel has to meet all pixels of its channel: compare shapes from the right."
FORMULA = "(image - mean) / std, in the dtype of the image."
FIRST = "The first transform of the list is applied first, the next to its result."
TEST_SET = "Random transforms belong to the training dataset; normalisation to both."
DISJOINT = "One random order, cut in two: no example in both parts, none in neither."
SHARE = "The first part has round(fraction * len) examples; a part without any is a ValueError."


def generator(tt: Any, seed: int) -> Any:
    """A random generator that lives with the student's code."""
    return tt.import_module("numpy").random.default_rng(seed)


def numbers(tt: Any, count: int, batch_size: int, **options: Any) -> Any:
    """A loader over the numbers below `count` whose batches are plain arrays."""
    as_array = tt.import_module("numpy").array
    return tt.DataLoader(tt.keep(list(range(count))), batch_size, collate=as_array, **options)


def pairs(tt: Any, count: int) -> list[Any]:
    """Samples of a vector (3,) and an integer label."""
    return [
        (tt.Tensor(np.arange(3.0) + 10 * k), tt.Tensor(np.array(k % 3), dtype="int64")) for k in range(count)
    ]


def overwrite_results(tt: Any, function: Any, image: Any) -> None:
    """Call `function` with the image, and fill what it returns with 9."""
    python, fill = tt.import_module("builtins"), tt.import_module("operator").methodcaller("fill", 9)
    assert_equal(list(python.map(fill, python.map(function, [image]))), [None])


# dataset


@exercise("dataset", hint=ROWS)
def test_a_dataset_is_as_long_as_its_tensors_have_rows(tt):
    assert_equal(len(tt.TensorDataset(tt.Tensor(np.zeros((5, 2))), tt.Tensor(np.zeros(5)))), 5)


@exercise("dataset", hint=ROWS, weight=2)
def test_example_i_is_row_i_of_each_tensor(tt, rng):
    x, y = rng.normal(size=(4, 2, 3)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    example = tt.TensorDataset(tt.Tensor(x), tt.Tensor(y))[2]
    assert_equal([type_name(part) for part in example], ["Tensor", "Tensor"])
    assert_close(example[0].data, x[2])
    assert_close(example[1].data, y[2])


@exercise("dataset", hint=ROWS)
def test_one_tensor_gives_tuples_of_one(tt):
    example = tt.TensorDataset(tt.Tensor(np.array([[1.0, 2.0], [3.0, 4.0]])))[1]
    expect(type_name(example) == "tuple", "a tuple", type_name(example))
    assert_equal(len(example), 1)
    assert_close(example[0].data, [3, 4])


@exercise("dataset", hint=CONVERTED)
def test_examples_keep_the_dtype_of_their_tensor(tt):
    x, y = tt.Tensor(np.ones((2, 2))), tt.Tensor(np.array([0, 1]), dtype="int64")
    example = tt.TensorDataset(x, y)[0]
    assert_close(example[0].data, [1, 1], dtype=np.float32)
    assert_close(example[1].data, 0, dtype=np.int64)


@exercise("dataset", hint=BOUNDS)
def test_negative_numbers_count_from_the_end(tt):
    dataset = tt.TensorDataset(tt.Tensor(np.array([5.0, 6.0, 7.0])))
    assert_close(dataset[-1][0].data, 7)
    assert_close(dataset[-3][0].data, 5)


@exercise("dataset", hint=BOUNDS)
@pytest.mark.parametrize("index", [3, -4], ids=["behind", "before"])
def test_a_number_out_of_range_is_an_index_error(tt, index):
    dataset = tt.TensorDataset(tt.Tensor(np.array([5.0, 6.0, 7.0])))
    with raises(IndexError, mentions=[str(index), "3"]):
        dataset[index]


@exercise("dataset", hint=SIZES)
def test_tensors_of_different_lengths_are_refused(tt):
    tensors = [tt.Tensor(np.zeros((rows, 2))) for rows in (6, 6, 5, 4)]
    with raises(ValueError, mentions=["6, 6, 5, 4"]):
        tt.TensorDataset(*tensors)


@exercise(
    "dataset", hint="There has to be at least one tensor, and each thing given has to be a Tensor with rows."
)
def test_what_cannot_be_a_dataset_is_refused(tt):
    with raises(ValueError):
        tt.TensorDataset()
    with raises(TypeError, mentions=["list"]):
        tt.TensorDataset([1.0, 2.0])


@exercise("dataset", hint="load_tinydigits makes a TensorDataset of images (1, 8, 8) and integer labels.")
def test_the_digits_are_ready_to_use(tt):
    train, test = tt.load_tinydigits()
    assert_equal([len(train), len(test)], [1000, 200])
    image, label = train[0]
    assert_equal([image.shape, str(image.dtype), str(label.dtype)], [(1, 8, 8), "float32", "int64"])
    assert_close(np.bincount(train.tensors[1].data), np.full(10, 100))


# collate


@exercise("collate", hint=COLUMNS, weight=2)
def test_parts_of_different_ranks_are_stacked(tt, rng):
    a = rng.normal(size=(4, 2, 3)).astype(np.float32)
    samples = [(tt.Tensor(a[k]), tt.Tensor(float(k)), tt.Tensor(a[k, 0])) for k in range(4)]
    batch = tt.default_collate(samples)
    expect(type_name(batch) == "tuple", "a tuple", type_name(batch))
    assert_equal([part.shape for part in batch], [(4, 2, 3), (4,), (4, 3)])
    assert_close(batch[0].data, a)
    assert_close(batch[1].data, [0, 1, 2, 3])
    assert_close(batch[2].data, a[:, 0])


@exercise("collate", hint=CONVERTED, weight=2)
def test_a_batch_has_the_dtypes_of_its_samples(tt):
    batch = tt.default_collate(pairs(tt, 4))
    assert_equal([type_name(part) for part in batch], ["Tensor", "Tensor"])
    assert_close(batch[0].data, np.arange(3) + 10 * np.arange(4)[:, None], dtype=np.float32)
    assert_close(batch[1].data, [0, 1, 2, 0], dtype=np.int64)


@exercise("collate", hint=RAGGED)
def test_ragged_samples_are_refused_with_both_shapes(tt):
    samples = [(tt.Tensor(np.ones(size)),) for size in (3, 3, 5)]
    assert_close(tt.default_collate(samples[:2])[0].data, np.ones((2, 3)))
    with raises(ValueError, mentions=["(3,)", "(5,)"]):
        tt.default_collate(samples)


@exercise("collate", hint="A batch needs samples, all with the same number of parts.")
def test_samples_that_make_no_batch_are_refused(tt):
    one, two = (tt.Tensor(1.0),), (tt.Tensor(1.0), tt.Tensor(2.0))
    assert_close(tt.default_collate([two, two])[1].data, [2, 2])
    with raises(ValueError):
        tt.default_collate([two, one])
    with raises(ValueError):
        tt.default_collate([])


@exercise("collate", hint=COLUMNS)
def test_a_batch_of_one_has_a_first_axis_too(tt):
    batch = tt.default_collate([(tt.Tensor([1.0, 2.0]),)])
    assert_equal(len(batch), 1)
    assert_close(batch[0].data, [[1, 2]])


# batch


@exercise("batch", hint=LAST, weight=2)
def test_the_last_batch_is_smaller_not_lost(tt):
    assert_equal([batch.tolist() for batch in numbers(tt, 10, 4)], [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])


@exercise("batch", hint=LAST)
@pytest.mark.parametrize(("count", "batches"), [(10, 3), (12, 3), (3, 1), (0, 0)])
def test_len_is_the_number_of_batches_rounded_up(tt, count, batches):
    assert_equal(len(numbers(tt, count, 4)), batches)


@exercise("batch", hint=DROP)
def test_drop_last_leaves_out_a_smaller_batch(tt):
    loader = numbers(tt, 10, 4, drop_last=True)
    assert_equal([batch.tolist() for batch in loader], [[0, 1, 2, 3], [4, 5, 6, 7]])
    assert_equal(len(loader), 2)


@exercise("batch", hint=DROP)
def test_drop_last_keeps_a_full_last_batch(tt):
    loader = numbers(tt, 6, 3, drop_last=True)
    assert_equal([batch.tolist() for batch in loader], [[0, 1, 2], [3, 4, 5]])
    assert_equal(len(loader), 2)


@exercise("batch", hint=FRESH, weight=2)
def test_a_second_loop_gives_all_batches_again(tt):
    loader = numbers(tt, 5, 2)
    first = [batch.tolist() for batch in loader]
    assert_equal(first, [[0, 1], [2, 3], [4]])
    assert_equal([batch.tolist() for batch in loader], first)


@exercise("batch", hint=FRESH)
def test_two_loops_at_the_same_time_do_not_disturb_one_another(tt):
    python = tt.import_module("builtins")
    loader = numbers(tt, 4, 2)
    both = [[batch.tolist() for batch in turn] for turn in python.zip(loader, loader)]
    assert_equal(both, [[[0, 1], [0, 1]], [[2, 3], [2, 3]]])


@exercise("batch", hint=IN_ORDER)
def test_the_batches_follow_the_order(tt):
    loader = numbers(tt, 5, 2)
    loader.order = tt.keep([3, 1, 4, 0, 2]).copy
    assert_equal([batch.tolist() for batch in loader], [[3, 1], [4, 0], [2]])


@exercise("batch", hint=IN_ORDER)
def test_a_loop_asks_for_one_order(tt):
    loader = numbers(tt, 5, 2)
    loader.order = tt.keep([[4, 3, 2, 1, 0], [2, 2, 2, 2, 2]]).pop
    assert_equal([batch.tolist() for batch in loader], [[2, 2], [2, 2], [2]])
    assert_equal([batch.tolist() for batch in loader], [[4, 3], [2, 1], [0]])


@exercise("batch", hint=HAND_OVER)
def test_the_samples_reach_collate_as_they_are(tt):
    first_of = tt.import_module("operator").itemgetter(0)
    (batch,) = tt.DataLoader(tt.keep(pairs(tt, 3)), 3, collate=first_of)
    assert_equal([type_name(part) for part in batch], ["Tensor", "Tensor"])
    assert_close(batch[1].data, 0, dtype=np.int64)


@exercise("batch", hint="A batch is fetched when it is asked for, not before: yield it inside the loop.")
def test_the_first_batch_does_not_wait_for_the_last(tt):
    python = tt.import_module("builtins")
    broken_at_the_end = tt.Subset(tt.keep([10, 11, 12]), [0, 1, 2, 99])
    loader = tt.DataLoader(broken_at_the_end, 2, collate=tt.import_module("numpy").array)
    assert_close(python.next(python.iter(loader)), [10, 11])


@exercise("batch", hint="The checks in __init__ are given; a batch size of 1 is allowed, 0 and True are not.")
def test_batch_sizes_that_are_no_positive_integer_are_refused(tt):
    assert_equal(len(numbers(tt, 3, 1)), 3)
    with raises(ValueError, mentions=["0"]):
        numbers(tt, 3, 0)
    with raises(TypeError, mentions=["bool"]):
        numbers(tt, 3, True)
    with raises(TypeError, mentions=["float"]):
        numbers(tt, 3, 2.0)


# shuffle


@exercise("shuffle", hint=EVERY_ONE, weight=2)
def test_an_epoch_has_every_number_exactly_once(tt):
    order = numbers(tt, 40, 8, shuffle=True, seed=1).order()
    assert_equal(sorted(int(index) for index in order), list(range(40)))


@exercise("shuffle", hint=EPOCHS, weight=2)
def test_two_epochs_have_different_orders(tt):
    loader = numbers(tt, 40, 8, shuffle=True, seed=2)
    first, second = (loader.order() for _ in range(2))
    assert_equal(sorted(int(index) for index in second), list(range(40)))
    expect(list(first) != list(second), "two different orders", f"twice {list(first)[:5]} …")


@exercise("shuffle", hint=SEEDED, weight=2)
def test_the_same_seed_gives_the_same_sequence_of_epochs(tt):
    one, two = (numbers(tt, 30, 8, shuffle=True, seed=3) for _ in range(2))
    epochs = [[int(place) for place in one.order()] for _ in range(3)]
    assert_equal(sorted(epochs[2]), list(range(30)))
    assert_equal([[int(place) for place in two.order()] for _ in range(3)], epochs)


@exercise("shuffle", hint=SEEDED)
def test_a_generator_does_what_its_seed_does(tt):
    given = [int(place) for place in numbers(tt, 30, 8, shuffle=True, rng=generator(tt, 4)).order()]
    assert_equal(sorted(given), list(range(30)))
    assert_equal([int(place) for place in numbers(tt, 30, 8, shuffle=True, seed=4).order()], given)


@exercise("shuffle", hint=PAIRED, weight=2)
def test_x_and_y_stay_together(tt):
    samples = tt.keep([(k, 7 * k) for k in range(23)])
    loader = tt.DataLoader(samples, 5, shuffle=True, seed=5, collate=tt.import_module("numpy").array)
    columns = np.concatenate(list(loader)).T
    assert_close(columns[1], 7 * columns[0])


@exercise(
    "shuffle", hint="The numbers are Python ints in a list, because a dataset may use them for anything."
)
def test_an_order_is_a_list_of_python_ints(tt):
    loader = numbers(tt, 6, 2, shuffle=True, seed=6)
    order = loader.order()
    assert_equal((type_name(order), sorted(order)), ("list", [0, 1, 2, 3, 4, 5]))
    # Asked where the list is made: on its way here, a number of numpy in a list becomes one of Python.
    types = tt.import_module("builtins").eval("lambda order: [type(place).__name__ for place in order()]")
    assert_equal(types(loader.order), ["int"] * 6)


@exercise("shuffle", hint=FAIR)
def test_all_orders_occur(tt):
    loader = numbers(tt, 3, 3, shuffle=True, seed=7)
    orders = {tuple(int(index) for index in loader.order()) for _ in range(120)}
    assert_equal(len(orders), 6)


# augment


@exercise("augment", hint=WIDTH, weight=2)
def test_a_flip_exchanges_left_and_right(tt):
    flip = tt.RandomHorizontalFlip(p=1.0)
    image = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
    assert_close(flip(image), [[3, 2, 1], [6, 5, 4]], dtype=np.float32)
    assert_close(flip(np.stack([image, 10 * image])), [[[3, 2, 1], [6, 5, 4]], [[30, 20, 10], [60, 50, 40]]])


@exercise("augment", hint=CHANCE)
def test_a_flip_of_probability_zero_never_happens(tt):
    flip = tt.RandomHorizontalFlip(p=0.0)
    image = np.array([[1, 2, 3]], dtype=np.float32)
    assert_close(np.stack([flip(image) for _ in range(30)]), np.repeat(image[None], 30, axis=0))


@exercise("augment", hint=CHANCE)
def test_half_of_the_images_are_flipped_by_default(tt):
    flip = tt.RandomHorizontalFlip(rng=generator(tt, 0))
    image = np.array([[0, 1]], dtype=np.float32)
    share = float(np.mean([flip(image)[0, 0] for _ in range(400)]))
    expect(0.4 < share < 0.6, "a share of about 0.5", f"{share:.2f}")


@exercise("augment", hint=SEEDED)
def test_two_flips_with_one_seed_flip_the_same_images(tt):
    image = np.array([[0, 1]], dtype=np.float32)
    one, two = (tt.RandomHorizontalFlip(rng=generator(tt, 3)) for _ in range(2))
    assert_close(np.stack([one(image) for _ in range(40)]), np.stack([two(image) for _ in range(40)]))


@exercise("augment", hint=SEEDED)
def test_two_generators_with_one_seed_draw_alike(tt):
    image = np.arange(36, dtype=np.float32).reshape(6, 6)
    one, two = (tt.RandomCrop(3, rng=generator(tt, 1)) for _ in range(2))
    assert_close(np.stack([one(image) for _ in range(20)]), np.stack([two(image) for _ in range(20)]))


@exercise("augment", hint=OWNER)
@pytest.mark.parametrize(("p", "wanted"), [(0.0, [1, 2, 3]), (1.0, [3, 2, 1])], ids=["kept", "flipped"])
def test_a_flipped_image_has_memory_of_its_own(tt, p, wanted):
    image = tt.keep(np.array([[1, 2, 3]], dtype=np.float32))
    assert_close(tt.RandomHorizontalFlip(p=p).apply(image), [wanted])
    overwrite_results(tt, tt.RandomHorizontalFlip(p=p).apply, image)
    assert_close(image[0], [1, 2, 3])


@exercise("augment", hint=PLACES, weight=2)
def test_a_crop_reaches_every_place(tt):
    crop = tt.RandomCrop(2, rng=generator(tt, 2))
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    corners = {float(crop(image)[0, 0]) for _ in range(300)}
    assert_equal(sorted(corners), [0.0, 1.0, 2.0, 4.0, 5.0, 6.0])


@exercise("augment", hint=BORDER, weight=2)
def test_zeros_are_put_around_height_and_width(tt):
    image = np.arange(1, 9, dtype=np.float32).reshape(2, 2, 2)
    whole = tt.RandomCrop((6, 6), padding=2)(image)
    assert_close(whole, np.pad(image, [(0, 0), (2, 2), (2, 2)]), dtype=np.float32)


@exercise("augment", hint=FITS)
def test_a_window_that_does_not_fit_is_refused(tt):
    crop = tt.RandomCrop((6, 2), padding=1)
    with raises(ValueError, mentions=["6", "5"]):
        crop(np.zeros((1, 3, 3), dtype=np.float32))


@exercise("augment", hint=FORMULA)
def test_normalize_subtracts_the_mean_and_divides_by_std(tt):
    image = np.array([[0.9, 0.5], [0.1, 1.0]], dtype=np.float32)
    assert_close(tt.Normalize(0.5, 0.2)(image), [[2, 0], [-2, 2.5]], dtype=np.float32)


@exercise("augment", hint=CHANNEL, weight=2)
def test_each_channel_has_its_own_mean_and_std(tt, rng):
    image = rng.uniform(size=(3, 3, 3)).astype(np.float32)
    mean, std = [0.1, 0.5, 0.7], [0.5, 0.2, 0.1]
    expected = np.stack([(image[c] - mean[c]) / std[c] for c in range(3)])
    assert_close(tt.Normalize(mean, std)(image), expected, rtol=1e-3, atol=1e-5, dtype=np.float32)


@exercise("augment", hint=FIRST)
def test_compose_applies_the_first_transform_first(tt):
    both = tt.Compose([tt.Normalize(1.0, 1.0), tt.Normalize(0.0, 2.0)])
    result = both(tt.Tensor(np.array([[5.0, 7.0]])))
    expect(type_name(result) == "Tensor", "a Tensor", type_name(result))
    assert_close(result.data, [[2, 3]], dtype=np.float32)


@exercise("augment", hint=TEST_SET, weight=2)
def test_test_images_are_normalised_and_not_augmented(tt):
    images = tt.keep([(tt.Tensor(np.array([[2.0, 4.0, 6.0]])), tt.Tensor(1.0))])
    shift, halve = tt.Normalize(1.0, 1.0), tt.Normalize(0.0, 2.0)
    training, testing = tt.make_loaders(images, images, 1, augment=shift, normalize=halve)
    assert_close(training.dataset[0][0].data, [[0.5, 1.5, 2.5]])
    assert_close(testing.dataset[0][0].data, [[1, 2, 3]])
    assert_equal([training.shuffle, testing.shuffle], [True, False])


# split


@exercise("split", hint=DISJOINT, weight=2)
def test_every_example_is_in_exactly_one_part(tt):
    parts = tt.train_test_split(tt.keep(list(range(20))), 0.7, generator(tt, 0))
    assert_equal(sorted(number for part in parts for number in part), list(range(20)))


@exercise("split", hint=SHARE)
def test_the_first_part_has_the_given_fraction(tt):
    first, second = tt.train_test_split(tt.keep(list(range(100))), 0.29, generator(tt, 1))
    assert_equal([len(first), len(second)], [29, 71])


@exercise(
    "split",
    hint="The parts are random: files are often sorted, and the first examples are not like the last.",
)
def test_the_parts_are_random_and_repeatable(tt):
    data = tt.keep(list(range(50)))
    one, two, other = (list(tt.train_test_split(data, 0.5, generator(tt, seed))[0]) for seed in (2, 2, 3))
    assert_equal(one, two)
    expect(one != other, "another seed gives another part", "the same part")


@exercise("split", hint=SHARE)
@pytest.mark.parametrize("fraction", [0.0, 1.0, 1.5, 0.01, 0.99])
def test_a_fraction_that_leaves_a_part_empty_is_refused(tt, fraction):
    data = tt.keep(list(range(10)))
    assert_equal([len(list(part)) for part in tt.train_test_split(data, 0.3)], [3, 7])
    with raises(ValueError, mentions=[str(fraction)]):
        tt.train_test_split(data, fraction)
