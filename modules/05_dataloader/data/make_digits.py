"""Make digits.npz from the test partition of the UCI handwritten digits, as scikit-learn ships it.

    uv run --no-project --with scikit-learn --with numpy python make_digits.py

Of each digit the first 100 images in the partition's order are for training and
the next 20 for testing. The file's bytes are the same each time: no dates, no
compression whose output depends on a version.
"""

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TRAIN, TEST = 100, 20


def main(target: Path) -> None:
    data = load_digits()
    positions = [np.flatnonzero(data.target == digit) for digit in range(10)]
    parts = {
        "train": np.sort(np.concatenate([found[:TRAIN] for found in positions])),
        "test": np.sort(np.concatenate([found[TRAIN : TRAIN + TEST] for found in positions])),
        "rest": np.sort(np.concatenate([found[TRAIN + TEST :] for found in positions])),
    }
    for file, names in {"digits.npz": ("train", "test"), "heldout.npz": ("rest",)}.items():
        arrays = {}
        for name in names:
            arrays[f"{name}_images"] = data.images[parts[name]].astype(np.uint8)
            arrays[f"{name}_labels"] = data.target[parts[name]].astype(np.uint8)
        write(target / file, arrays)


def write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
