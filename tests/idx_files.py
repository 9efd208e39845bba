"""Small files of images and labels, for tests of what reads them."""

import gzip
import struct

import numpy as np

PART_OF = {"train": "train", "t10k": "test"}


def some_images(count=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(256, size=(count, 28, 28), dtype=np.uint8)


def some_labels(count=6):
    return (np.arange(count, dtype=np.uint8) * 3) % 10


def idx(array, *, code=8):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_pair(folder, *, separator="-", suffix="", prefix="train", seed=0):
    """IDX files of one part; returns the path of the images."""
    write(folder / f"{prefix}-labels{separator}idx1-ubyte{suffix}", idx(some_labels()))
    return write(
        folder / f"{prefix}-images{separator}idx3-ubyte{suffix}", idx(some_images(seed=seed))
    )
