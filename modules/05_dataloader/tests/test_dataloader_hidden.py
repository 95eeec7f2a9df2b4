"""Hidden tests of module 05: the same behaviours at other sizes, dtypes and seeds, and the given code."""

import pickle
import struct
from typing import Any

import numpy as np
import pytest

from autograding.grader.testing import assert_close, assert_equal, exercise, expect, raises, type_name

ROWS = "Example i is row i of each tensor, as a tuple of Tensors, also when there is one tensor only."
BOUNDS = "Numbers run from -len to len - 1, as in a list; anything else is an IndexError, which also ends a for loop."
REFUSED = "At least one tensor, each a Tensor with rows; the message says what was wrong."
GIVEN = "This is given code around your TensorDataset; has a given cell been changed?"
CONVERTED = "Labels are integers and stay integers: who converted them?"
COLUMNS = "A list of tuples becomes a tuple of stacks: each part gets a new first axis, whatever its rank."
RAGGED = "Parts of different shapes do not stack: name the shape of the first and the one that differs."
LAST = "10 examples in batches of 4 are 4, 4 and 2: is the number of batches the ceil of the quotient?"
DROP = "With drop_last a batch is left out if, and only if, it is smaller: rounded down."
FRESH = "A second loop over the same loader starts anew: return a fresh iterator from __iter__."
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
MAKE_ONE = "rng is a numpy Generator; a seed has to be made into one first."
FITS = "A window larger than the padded image is a ValueError that names the height and width of both."
CHANNEL = "A number for each channel has to meet all pixels of its channel: compare shapes from the right."
FORMULA = "(image - mean) / std, in the dtype of the image."
FIRST = "The first transform of the list is applied first, the next to its result."
TEST_SET = "Random transforms belong to the training dataset; normalisation to both."
DISJOINT = "One random order, cut in two: no example in both parts, none in neither."
SHARE = "The first part has round(fraction * len) examples; a part without any is a ValueError."


def generator(tt: Any, seed: int) -> Any:
    """numpy's generator, made in the worker."""
    return tt.import_module("numpy").random.default_rng(seed)


def numbers(tt: Any, count: int, batch_size: int, **options: Any) -> Any:
    """Batches of 0, 1, 2, ... that cross the border by value."""
    as_array = tt.import_module("numpy").array
    return tt.DataLoader(tt.keep(list(range(count))), batch_size, collate=as_array, **options)


def python2_batch(data: Any, labels: list[int]) -> bytes:
    """A CIFAR-10 batch, byte for byte as Python 2 wrote it."""

    def text(value: bytes) -> bytes:
        return b"T" + struct.pack("<i", len(value)) + value

    dtype = b"cnumpy\ndtype\n(" + text(b"u1") + b"K\x00K\x01tR(K\x03" + text(b"|")
    dtype += b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    shape = b"(" + b"".join(b"J" + struct.pack("<i", size) for size in data.shape) + b"t"
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00t" + text(b"b") + b"tR"
    array += b"(K\x01" + shape + dtype + b"\x89" + text(data.tobytes()) + b"tb"
    numbers = b"(" + b"".join(b"K" + bytes([label]) for label in labels) + b"l"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + numbers + b"u."


def folder_with(tt: Any, files: dict[str, bytes]) -> str:
    """A new folder beside the student's code that holds these files."""
    folder: str = tt.import_module("tempfile").mkdtemp()
    for name, content in files.items():
        tt.keep(np.frombuffer(content, dtype=np.uint8).copy()).tofile(f"{folder}/{name}")
    return folder


# dataset


@exercise("dataset", hint=ROWS)
@pytest.mark.parametrize("index", [0, 6, -2])
def test_three_tensors_of_different_ranks(tt, rng, index):
    arrays = [rng.normal(size=shape) for shape in ((7,), (7, 2, 2), (7, 1))]
    dataset = tt.TensorDataset(*(tt.Tensor(array, dtype="float64") for array in arrays))
    assert_equal(len(dataset), 7)
    example = dataset[index]
    expect(type_name(example) == "tuple", "a tuple", type_name(example))
    for part, array in zip(example, arrays, strict=True):
        assert_close(part.data, array[index], dtype=np.float64)


@exercise("dataset", hint=BOUNDS)
@pytest.mark.parametrize(("rows", "index"), [(5, 5), (5, -6), (0, 0)])
def test_bounds_of_other_lengths(tt, rows, index):
    dataset = tt.TensorDataset(tt.Tensor(np.zeros((rows, 2))))
    with raises(IndexError, mentions=[str(index), str(rows)]):
        dataset[index]


@exercise("dataset", hint=REFUSED)
def test_other_things_that_make_no_dataset(tt):
    rows = tt.Tensor(np.zeros(3))
    with raises(TypeError, mentions=["ndarray"]):
        tt.TensorDataset(rows, np.zeros(3))
    with raises(ValueError):
        tt.TensorDataset(rows, tt.Tensor(1.0))
    with raises(ValueError, mentions=["3, 2"]):
        tt.TensorDataset(rows, tt.Tensor(np.zeros(2)))


@exercise("dataset", hint=ROWS)
def test_a_dataset_keeps_its_tensors(tt):
    x, y = tt.Tensor([1.0]), tt.Tensor([2.0])
    kept = tt.TensorDataset(x, y).tensors
    expect(type_name(kept) == "tuple", "a tuple", type_name(kept))
    assert_equal([tt.same(kept[0], x), tt.same(kept[1], y)], [True, True])


@exercise("dataset", hint=GIVEN)
def test_the_form_of_a_dataset_has_to_be_filled_in(tt):
    assert_equal(len(tt.TensorDataset(tt.Tensor([1.0]))), 1)
    with raises(TypeError, mentions=["__getitem__", "__len__"]):
        tt.Dataset()


@exercise("dataset", hint=GIVEN)
def test_digits_have_their_pixels_and_labels(tt):
    train, test = tt.load_tinydigits()
    images, labels = (tensor.data for tensor in train.tensors)
    assert_equal([images.shape, labels.shape], [(1000, 1, 8, 8), (1000,)])
    assert_equal([float(images.min()), float(images.max())], [0.0, 1.0])
    assert_close(labels[:5], [0, 1, 2, 3, 4], dtype=np.int64)
    assert_close(images[0, 0, 0] * 16, [0, 0, 5, 13, 9, 1, 0, 0], dtype=np.float32)
    assert_close(np.bincount(test.tensors[1].data), np.full(10, 20))


@exercise("dataset", hint=GIVEN)
def test_a_digits_file_that_is_missing_or_another_is_an_error(tt):
    assert_equal(len(tt.TensorDataset(tt.Tensor([1.0]))), 1)
    with raises(FileNotFoundError, mentions=["digits.npz", "git checkout"]):
        tt.load_tinydigits("nowhere/digits.npz")
    with raises(ValueError, mentions=["SHA-256", "git checkout"]):
        tt.load_tinydigits(tt.import_module("tinytorch.core.dataloader").__file__)


@exercise("dataset", hint=GIVEN)
def test_xor_points_lie_around_four_corners(tt):
    points, labels = tt.make_xor(n=9, noise=0.0).tensors
    assert_close(points.data, [[0, 0], [0, 1], [1, 0], [1, 1]] * 2 + [[0, 0]], dtype=np.float32)
    assert_close(labels.data, [0, 1, 1, 0, 0, 1, 1, 0, 0], dtype=np.int64)
    noisy = tt.make_xor(rng=generator(tt, 1)).tensors[0].data
    assert_equal(noisy.shape, (200, 2))
    expect(0.08 < float((noisy - noisy.round()).std()) < 0.12, "a noise of 0.1", "another noise")
    assert_close(tt.make_xor(rng=generator(tt, 1)).tensors[0].data, noisy)


@exercise("dataset", hint=GIVEN)
def test_blobs_lie_around_their_centers(tt):
    centers = [[0, 0, 5], [1, 2, 3], [7, 7, 7]]
    points, labels = tt.make_blobs(n=7, centers=centers, spread=0.0).tensors
    assert_close(points.data, [centers[k % 3] for k in range(7)], dtype=np.float32)
    assert_close(labels.data, [0, 1, 2, 0, 1, 2, 0], dtype=np.int64)
    points, labels = (tensor.data for tensor in tt.make_blobs(rng=generator(tt, 2)).tensors)
    assert_equal(points.shape, (100, 2))
    away = points - np.where(labels == 1, 1, -1)[:, None]
    expect(abs(float(away.mean())) < 0.15, "centers at -1 and 1", f"off by {away.mean():.2f}")
    expect(0.4 < float(away.std()) < 0.6, "a spread of 0.5", f"{away.std():.2f}")
    assert_close(tt.make_blobs(rng=generator(tt, 2)).tensors[0].data, points)


@exercise("dataset", hint=MAKE_ONE)
def test_a_seed_is_no_generator_for_points(tt):
    assert_equal(len(tt.TensorDataset(tt.Tensor([1.0]))), 1)
    with raises(TypeError, mentions=["make_xor: ", "int"]):
        tt.make_xor(rng=3)
    with raises(TypeError, mentions=["make_blobs: ", "int"]):
        tt.make_blobs(rng=3)


@exercise("dataset", hint=GIVEN)
def test_cifar10_is_read_from_a_folder_of_batches(tt, rng):
    pixels = rng.integers(0, 256, size=(6, 2, 3072)).astype(np.uint8)
    files = {f"data_batch_{k + 1}": python2_batch(pixels[k], [k, 9 - k]) for k in range(5)}
    files["test_batch"] = pickle.dumps({b"data": pixels[5], b"labels": [3, 4]}, protocol=4)
    train, test = tt.load_cifar10(folder_with(tt, files))
    assert_equal([len(train), len(test)], [10, 2])
    image, label = train[3]
    assert_close(image.data, pixels[1, 1].reshape(3, 32, 32) / 255, dtype=np.float32)
    assert_close(label.data, 8, dtype=np.int64)
    assert_close(test[-1][0].data, pixels[5, 1].reshape(3, 32, 32) / 255, dtype=np.float32)
    assert_equal(str(train.dataset.tensors[0].dtype), "uint8")


@exercise("dataset", hint=GIVEN)
def test_cifar10_says_what_is_missing(tt):
    assert_equal(len(tt.TensorDataset(tt.Tensor([1.0]))), 1)
    files = {f"data_batch_{k}": b"" for k in (1, 2, 4, 5)}
    with raises(FileNotFoundError, mentions=["no data_batch_3, test_batch;", "unpack it"]):
        tt.load_cifar10(folder_with(tt, files))


@exercise("dataset", hint=GIVEN)
@pytest.mark.parametrize(
    ("content", "mention"),
    [
        (b"cos\ngetcwd\n(tR.", "os.getcwd"),
        (b"cnumpy\nload\n.", "numpy.load"),
        (pickle.dumps([1]), "no CIFAR-10 batch"),
        (pickle.dumps({b"data": 1}), "no CIFAR-10 batch"),
    ],
    ids=["function", "numpy-function", "list", "no-labels"],
)
def test_cifar10_refuses_a_pickle_that_is_more_than_data(tt, content, mention):
    assert_equal(len(tt.TensorDataset(tt.Tensor([1.0]))), 1)
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    with raises(ValueError, mentions=[mention]):
        tt.load_cifar10(folder_with(tt, dict.fromkeys(names, content)))


# collate


@exercise("collate", hint=COLUMNS)
@pytest.mark.parametrize("count", [1, 2, 17])
def test_batches_of_other_sizes_and_ranks(tt, rng, count):
    a, b = rng.normal(size=(count, 3, 1, 2)).astype(np.float32), rng.normal(size=(count, 1))
    samples = [(tt.Tensor(a[k]), tt.Tensor(b[k], dtype="float64")) for k in range(count)]
    batch = tt.default_collate(samples)
    assert_equal(len(batch), 2)
    assert_close(batch[0].data, a, dtype=np.float32)
    assert_close(batch[1].data, b, dtype=np.float64)


@exercise("collate", hint=CONVERTED)
@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_every_dtype_is_kept(tt, dtype):
    samples = [(tt.Tensor(np.array(value), dtype=dtype),) for value in (1, 0, 1)]
    assert_close(tt.default_collate(samples)[0].data, [1, 0, 1], dtype=dtype)


@exercise("collate", hint=RAGGED)
def test_ragged_parts_after_the_first(tt):
    samples = [(tt.Tensor(np.ones((2, 2))), tt.Tensor(np.ones(shape))) for shape in ((1, 4), (1, 4), (4,))]
    assert_close(tt.default_collate(samples[:2])[1].data, np.ones((2, 1, 4)))
    with raises(ValueError, mentions=["(1, 4)", "(4,)"]):
        tt.default_collate(samples)


@exercise("collate", hint=RAGGED)
def test_shapes_that_would_broadcast_are_ragged_too(tt):
    one, three = (tt.Tensor(np.ones(1)),), (tt.Tensor(np.ones(3)),)
    assert_close(tt.default_collate([three, three])[0].data, np.ones((2, 3)))
    with raises(ValueError, mentions=["(1,)", "(3,)"]):
        tt.default_collate([one, three])


@exercise("collate", hint="A sample is a tuple of Tensors; the check is given.")
def test_samples_that_are_no_tuples_of_tensors(tt):
    assert_equal(len(tt.default_collate([(tt.Tensor(1.0),)])), 1)
    with raises(TypeError, mentions=["tuple of Tensors"]):
        tt.default_collate([(tt.Tensor(1.0), 3)])
    with raises(TypeError, mentions=["tuple of Tensors", "[1.5]"]):
        tt.default_collate([[1.5]])


# batch


@exercise("batch", hint=LAST)
@pytest.mark.parametrize(("count", "size"), [(7, 1), (7, 8), (100, 33), (99, 33)])
def test_all_numbers_arrive_in_batches(tt, count, size):
    loader = numbers(tt, count, size)
    batches = [batch.tolist() for batch in loader]
    assert_equal(batches, [list(range(count))[k : k + size] for k in range(0, count, size)])
    assert_equal(len(loader), len(batches))


@exercise("batch", hint=DROP)
@pytest.mark.parametrize(("count", "size", "sizes"), [(7, 8, []), (8, 8, [8]), (20, 6, [6, 6, 6])])
def test_drop_last_at_other_sizes(tt, count, size, sizes):
    loader = numbers(tt, count, size, drop_last=True)
    assert_equal([len(batch) for batch in loader], sizes)
    assert_equal(len(loader), len(sizes))


@exercise("batch", hint=FRESH)
def test_a_loop_that_was_broken_off_does_not_count(tt):
    python = tt.import_module("builtins")
    loader = numbers(tt, 9, 2)
    python.next(python.iter(loader))
    assert_equal([len(batch) for batch in loader], [2, 2, 2, 2, 1])


@exercise("batch", hint=HAND_OVER)
def test_a_loader_without_collate_uses_the_default(tt):
    tt.patch("tinytorch.core.dataloader.default_collate", returns=7)
    assert_equal(list(tt.DataLoader(tt.keep([1, 2, 3]), 2)), [7, 7])


@exercise(
    "batch",
    hint="What __init__ is given is kept under the same name, and nothing is shuffled or dropped by default.",
)
def test_a_loader_keeps_its_settings(tt):
    data, rng = tt.Subset(tt.keep([1, 2, 3]), [0, 1, 2]), generator(tt, 0)
    loader = tt.DataLoader(data, 2, True, True, rng)
    assert_equal([loader.batch_size, loader.shuffle, loader.drop_last, len(loader)], [2, True, True, 1])
    assert_equal([tt.same(loader.dataset, data), tt.same(loader.rng, rng)], [True, True])
    loader = tt.DataLoader(data, 2)
    assert_equal([loader.shuffle, loader.drop_last, len(loader)], [False, False, 2])


@exercise("batch", hint="The checks in __init__ are given; has the cell been changed?")
def test_mistakes_in_the_arguments_of_a_loader(tt):
    assert_equal(len(numbers(tt, 3, 2)), 2)
    with raises(ValueError, mentions=["-1"]):
        numbers(tt, 3, -1)
    with raises(TypeError, mentions=["str"]):
        numbers(tt, 3, "2")
    with raises(ValueError, mentions=["DataLoader", "rng and seed"]):
        numbers(tt, 3, 2, rng=generator(tt, 0), seed=0)
    with raises(TypeError, mentions=["DataLoader: ", "int"]):
        numbers(tt, 3, 2, rng=3)


# shuffle


@exercise("shuffle", hint=EVERY_ONE)
@pytest.mark.parametrize("count", [1, 2, 137])
def test_coverage_at_other_sizes(tt, count):
    order = numbers(tt, count, 10, shuffle=True).order()
    assert_equal(sorted(int(index) for index in order), list(range(count)))


@exercise("shuffle", hint=EPOCHS)
def test_no_epoch_repeats_another(tt):
    loader = numbers(tt, 30, 7, shuffle=True, rng=generator(tt, 11))
    epochs = {tuple(int(index) for index in loader.order()) for _ in range(5)}
    assert_equal(len(epochs), 5)


@exercise("shuffle", hint=SEEDED)
def test_loaders_without_a_seed_differ_and_with_another_seed_too(tt):
    orders = [numbers(tt, 40, 8, shuffle=True, **seed).order() for seed in ({}, {}, {"seed": 1}, {"seed": 2})]
    assert_equal(len({tuple(int(index) for index in order) for order in orders}), 4)


@exercise("shuffle", hint=SEEDED)
def test_the_order_does_not_depend_on_the_global_generator(tt):
    numpy = tt.import_module("numpy")
    orders = []
    for seed in (1, 2):
        numpy.random.seed(seed)
        orders.append([int(place) for place in numbers(tt, 20, 8, shuffle=True, seed=9).order()])
    assert_equal(sorted(orders[0]), list(range(20)))
    assert_equal(orders[1], orders[0])


@exercise("shuffle", hint=SEEDED)
def test_the_state_of_the_generator_is_the_state_of_the_loader(tt):
    loader = numbers(tt, 25, 5, shuffle=True, seed=12)
    loader.order()
    state = loader.rng.bit_generator.state
    after = [int(place) for place in loader.order()]
    loader.rng.bit_generator.state = state
    assert_equal(sorted(after), list(range(25)))
    assert_equal([int(place) for place in loader.order()], after)


@exercise("shuffle", hint=PAIRED)
def test_three_parts_stay_together(tt):
    samples = tt.keep([(k, k * k, -k) for k in range(31)])
    loader = tt.DataLoader(samples, 4, shuffle=True, seed=13, collate=tt.import_module("numpy").array)
    rows = np.concatenate(list(loader))
    assert_close(rows[:, 1:], np.stack([rows[:, 0] ** 2, -rows[:, 0]], axis=1))


@exercise("shuffle", hint=FAIR)
def test_every_number_is_first_about_equally_often(tt):
    loader = numbers(tt, 4, 4, shuffle=True, seed=14)
    orders = np.array([[int(index) for index in loader.order()] for _ in range(400)])
    counts = np.stack([np.bincount(column, minlength=4) for column in orders.T])
    expect(
        bool((np.abs(counts - 100) < 45).all()),
        "each number about 100 times at each place",
        str(counts.tolist()),
    )


@exercise("shuffle", hint="Without shuffle the order is 0, 1, 2, ...; with it, a list of Python ints.")
def test_without_shuffle_the_order_stays(tt):
    assert_equal(numbers(tt, 4, 2).order(), [0, 1, 2, 3])
    assert_equal(sorted(numbers(tt, 4, 2, shuffle=True).order()), [0, 1, 2, 3])


# augment


@exercise("augment", hint=WIDTH)
def test_a_flip_of_random_images(tt, rng):
    image = rng.normal(size=(3, 5, 4))
    flipped = tt.RandomHorizontalFlip(p=1)(tt.Tensor(image, dtype="float64"))
    expect(type_name(flipped) == "Tensor", "a Tensor", type_name(flipped))
    assert_close(flipped.data, np.flip(image, axis=2), dtype=np.float64)


@exercise("augment", hint=CHANCE)
@pytest.mark.parametrize(("p", "low", "high"), [(0.1, 0.04, 0.17), (0.9, 0.83, 0.96)])
def test_the_share_of_flips_is_the_probability(tt, p, low, high):
    flip = tt.RandomHorizontalFlip(p, generator(tt, 21))
    share = float(np.mean([flip(np.array([[0, 1]]))[0, 0] for _ in range(400)]))
    expect(low < share < high, f"a share of about {p}", f"{share:.3f}")


@exercise("augment", hint="A probability lies between 0 and 1; the check is given.")
@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_impossible_probabilities(tt, p):
    assert_close(tt.RandomHorizontalFlip(1)(np.array([[1, 2]])), [[2, 1]])
    with raises(ValueError, mentions=[str(p)]):
        tt.RandomHorizontalFlip(p)


@exercise("augment", hint=MAKE_ONE)
def test_a_seed_is_no_generator_for_flips(tt):
    assert_close(tt.RandomHorizontalFlip(1)(np.array([[1, 2]])), [[2, 1]])
    with raises(TypeError, mentions=["RandomHorizontalFlip: ", "int"]):
        tt.RandomHorizontalFlip(rng=3)


@exercise("augment", hint=OWNER)
def test_transforms_leave_the_image_alone(tt):
    image = tt.keep(np.arange(16, dtype=np.float32).reshape(1, 4, 4))
    both = tt.Compose([tt.RandomHorizontalFlip(1), tt.RandomCrop(4, padding=1), tt.Normalize(2, 3)])
    assert_equal(both(image).shape, (1, 4, 4))
    python, fill = tt.import_module("builtins"), tt.import_module("operator").methodcaller("fill", 9)
    assert_equal(list(python.map(fill, python.map(tt.RandomCrop(2).apply, [image]))), [None])
    assert_close(image[0], np.arange(16).reshape(4, 4))


@exercise("augment", hint=PLACES)
def test_rows_and_columns_of_a_crop_are_independent(tt):
    crop = tt.RandomCrop((2, 1), padding=1, rng=generator(tt, 22))
    image = np.array([[[1, 2], [3, 4]]], dtype=np.float32)
    windows = {tuple(crop(image)[0, :, 0].tolist()) for _ in range(400)}
    columns = ([0, 0, 0, 0], [0, 1, 3, 0], [0, 2, 4, 0])
    assert_equal(windows, {tuple(map(float, column[k : k + 2])) for column in columns for k in range(3)})


@exercise("augment", hint=PLACES)
def test_every_place_of_a_crop_is_equally_likely(tt):
    crop = tt.RandomCrop((1, 1), rng=generator(tt, 23))
    drawn = np.array([crop(np.arange(4).reshape(2, 2))[0, 0] for _ in range(400)])
    expect(
        bool((np.abs(np.bincount(drawn) - 100) < 45).all()), "each about 100 times", str(np.bincount(drawn))
    )


@exercise("augment", hint=BORDER)
@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8"])
def test_a_border_keeps_the_dtype(tt, dtype):
    image = np.array([[7, 8, 9]], dtype=dtype)
    assert_close(tt.RandomCrop((3, 5), padding=1)(image), np.pad(image, 1), dtype=dtype)


@exercise("augment", hint=BORDER)
def test_there_is_no_border_by_default(tt):
    image = np.arange(6.0).reshape(1, 2, 3)
    assert_close(tt.RandomCrop((2, 3))(image), image)


@exercise("augment", hint=FITS)
@pytest.mark.parametrize("size", [(5, 3), (3, 6)], ids=["high", "wide"])
def test_windows_too_large_by_one(tt, size):
    image = np.zeros((4, 5))
    assert_equal(tt.RandomCrop((4, 5))(image).shape, (4, 5))
    with raises(ValueError, mentions=[str(number) for number in (*size, 4, 5)]):
        tt.RandomCrop(size)(image)


@exercise("augment", hint=FITS)
def test_a_window_too_large_for_a_wide_image_with_channels(tt):
    with raises(ValueError, mentions=["6", "3", "4", "9"]):
        tt.RandomCrop((6, 3))(np.zeros((2, 4, 9)))


@exercise("augment", hint="The bytes of an image become float32, whatever type of integer they come in.")
def test_pixels_become_float32_between_0_and_1(tt):
    flipped = tt.Compose([tt.BytesToFloat(), tt.RandomHorizontalFlip(1)])
    assert_close(flipped(np.array([[0, 51]])), [[0.2, 0]], dtype=np.float32)


@exercise("augment", hint="The checks in __init__ are given; has the cell been changed?")
def test_impossible_sizes_of_a_crop(tt):
    assert_equal(tt.RandomCrop((1, 1), padding=0)(np.zeros((2, 2))).shape, (1, 1))
    for size in (0, (0, 2), (2, 0)):
        with raises(ValueError, mentions=["0"]):
            tt.RandomCrop(size)
    with raises(ValueError, mentions=["-1"]):
        tt.RandomCrop(2, padding=-1)
    with raises(TypeError, mentions=["RandomCrop: ", "int"]):
        tt.RandomCrop(2, rng=1)


@exercise("augment", hint=FORMULA)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_normalize_keeps_the_dtype(tt, rng, dtype):
    image = rng.uniform(size=(2, 4, 3)).astype(dtype)
    assert_close(tt.Normalize(0.25, 0.5)(image), (image - 0.25) / 0.5, rtol=1e-2, atol=1e-3, dtype=dtype)
    mixed = tt.Normalize([0.25, 0.5], 0.5)(image)
    assert_close(mixed, (image - np.array([[[0.25]], [[0.5]]])) / 0.5, rtol=1e-2, atol=1e-3, dtype=dtype)


@exercise("augment", hint=CHANNEL)
def test_channels_of_a_wide_image(tt, rng):
    image = rng.normal(size=(2, 5, 2))
    expected = np.stack([(image[0] - 3) / 2, (image[1] + 4) / 5])
    normalize = tt.Normalize([3, -4], [2, 5])
    assert_close(normalize(image), expected, dtype=np.float64)
    assert_close(normalize.mean, [3, -4], dtype=np.float64)
    assert_close(normalize.std, [2, 5], dtype=np.float64)


@exercise("augment", hint="The checks of Normalize are given; has the cell been changed?")
def test_what_cannot_be_normalised(tt):
    image = np.zeros((2, 3, 3), dtype=np.float32)
    assert_close(tt.Normalize([0.0, 1.0], 1)(image)[1], np.full((3, 3), -1))
    with raises(ValueError, mentions=["Normalize: mean ", "(3,)", "(2, 3, 3)"]):
        tt.Normalize([0, 0, 0], 1)(image)
    with raises(ValueError, mentions=["Normalize: std ", "(1,)"]):
        tt.Normalize(0, [1])(image)
    with raises(ValueError, mentions=["(2,)", "(2, 2)"]):
        tt.Normalize([0, 0], 1)(np.zeros((2, 2)))
    with raises(ValueError, mentions=["0"]):
        tt.Normalize(0, [1, 0])
    with raises(TypeError, mentions=["uint8"]):
        tt.Normalize(0, 1)(image.astype(np.uint8))


@exercise("augment", hint="The base class of the transforms is given; has the cell been changed?")
def test_what_is_no_image(tt):
    flip = tt.RandomHorizontalFlip(1)
    assert_close(flip(np.array([[1, 2]])), [[2, 1]])
    with raises(TypeError, mentions=["RandomHorizontalFlip", "list"]):
        flip([[1, 2]])
    for shape in ((4,), (1, 1, 4, 4)):
        with raises(ValueError, mentions=["RandomHorizontalFlip", str(shape)]):
            flip(np.zeros(shape))
    with raises(NotImplementedError, mentions=["Transform has no apply"]):
        tt.Transform()(np.zeros((2, 2)))


@exercise("augment", hint=FIRST)
def test_compose_of_three_and_of_none(tt):
    negate = tt.import_module("operator").neg
    three = tt.Compose([tt.Normalize(1, 1), negate, tt.RandomHorizontalFlip(1)])
    assert_close(three(np.array([[1.0, 3.0]])), [[-2, 0]])
    assert_close(tt.Compose([])(np.array([[1.0, 3.0]])), [[1, 3]])


@exercise("augment", hint=TEST_SET)
def test_loaders_without_and_with_one_transform(tt):
    sample, rng = (tt.Tensor(np.array([[1.0, 2.0]])), tt.Tensor(3.0)), generator(tt, 24)
    data = tt.Subset(tt.keep([sample]), [0] * 5)
    training, testing = tt.make_loaders(data, data, 2, rng=rng)
    assert_equal([tt.same(training.dataset, data), tt.same(testing.dataset, data)], [True, True])
    assert_equal([training.batch_size, testing.batch_size, tt.same(training.rng, rng)], [2, 2, True])
    assert_equal([training.drop_last, testing.drop_last, testing.shuffle], [False, False, False])
    training, testing = tt.make_loaders(data, data, 2, augment=tt.RandomHorizontalFlip(1))
    assert_close(training.dataset[4][0].data, [[2, 1]])
    assert_close(training.dataset[4][1].data, 3)
    assert_equal([len(training.dataset), tt.same(testing.dataset, data)], [5, True])


# split


@exercise("split", hint=DISJOINT)
@pytest.mark.parametrize(("count", "fraction"), [(2, 0.5), (31, 0.9), (1000, 0.001)])
def test_parts_of_other_sizes(tt, count, fraction):
    first, second = tt.train_test_split(tt.keep(list(range(count))), fraction, generator(tt, 31))
    assert_equal(len(first), round(fraction * count))
    assert_equal(sorted([*first, *second]), list(range(count)))


@exercise("split", hint=DISJOINT)
def test_a_part_is_a_subset_that_reads_from_the_dataset(tt):
    data = tt.Subset(tt.keep([10, 11, 12, 13]), [3, 2, 1, 0])
    first, second = tt.train_test_split(data, 0.5)
    assert_equal([type_name(first), tt.same(first.dataset, data), len(second)], ["Subset", True, 2])
    assert_equal([first[0], first[-1]], [13 - first.indices[0], 13 - first.indices[1]])


@exercise("split", hint="Subset is given; has the cell been changed?")
def test_the_bounds_of_a_part(tt):
    data = tt.keep([10, 11, 12, 13])
    first, _ = tt.train_test_split(data, 0.5)
    with raises(IndexError, mentions=["index 2 ", "2 examples", "-2 to 1"]):
        first[2]
    with raises(IndexError, mentions=["index -3 "]):
        first[-3]
    with raises(IndexError, mentions=["empty"]):
        tt.Subset(data, [])[0]


@exercise(
    "split",
    hint="The parts are random: files are often sorted, and the first examples are not like the last.",
)
def test_parts_differ_from_call_to_call(tt):
    data = tt.keep(list(range(60)))
    parts = {tuple(tt.train_test_split(data, 0.5)[0]) for _ in range(3)}
    assert_equal(len(parts), 3)
    with raises(TypeError, mentions=["train_test_split", "int"]):
        tt.train_test_split(data, 0.5, 3)
