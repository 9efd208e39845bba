"""Files of images and their labels: IDX, compressed or not, and NumPy archives."""

from __future__ import annotations

import gzip
import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError

__all__ = ["PREFIX", "archive_in", "idx_images_in", "read_idx", "read_images"]

PREFIX = {"train": "train", "test": "t10k"}
"""What the names of the IDX files of a part begin with."""

UNSIGNED_BYTES = 0x08
"""Code of the type of the entries of an IDX file, the only one that is read."""

LabelledPixels = tuple[NDArray[np.uint8], NDArray[np.integer]]


def _forms(name: str) -> Iterator[str]:
    """Names under which an IDX file is found: compressed or not, with either separator."""
    bare = name.removesuffix(".gz").replace(".idx", "-idx")
    for form in (bare, bare.replace("-idx", ".idx")):
        yield from (form, f"{form}.gz")


def _first_file(folder: Path, names: Iterator[str]) -> Path | None:
    paths = (folder / name for name in names)
    return next((path for path in paths if path.is_file()), None)


def idx_images_in(folder: Path, part: str) -> Path | None:
    """Path of the IDX file of the images of a part, or None if the folder has none.

    Examples
    --------
    >>> idx_images_in(Path("no such folder"), "train") is None
    True
    """
    return _first_file(folder, _forms(f"{PREFIX[part]}-images-idx3-ubyte"))


def archive_in(folder: Path, name: str) -> Path | None:
    """Path of the archive of a data set, `name`.npz, or None if the folder has none.

    Examples
    --------
    >>> archive_in(Path("no such folder"), "mnist") is None
    True
    """
    return _first_file(folder, iter([f"{name}.npz", f"{name.replace('-', '_')}.npz"]))


def _content(path: Path) -> bytes:
    """Bytes of a file, decompressed if its name ends in .gz."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if path.suffix != ".gz":
        return data
    if data[:2] != b"\x1f\x8b":
        raise InputError(f"{path} is not gzip: it begins with {data[:2].hex(' ')!r}, not '1f 8b'")
    try:
        return gzip.decompress(data)
    except EOFError:
        raise InputError(f"{path} is truncated: its compressed data end too soon") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path} is damaged: {error}") from None


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Array of unsigned bytes in an IDX file.

    The file has two bytes 0, the code 08 of the type, the number of dimensions, the lengths as
    big-endian integers of four bytes, and the entries, the last index running fastest.

    Parameters
    ----------
    path : Path
        Decompressed if the name ends in .gz.
    dimensions : int
        3 for images, 1 for labels.

    Returns
    -------
    uint8 array

    Raises
    ------
    InputError
        If the file cannot be read, is truncated or too long, or is no such array.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels-idx1-ubyte"
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 3]))
    ...     read_idx(path, 1)
    array([7, 3], dtype=uint8)
    """
    data = _content(path)
    start = 4 + 4 * dimensions
    if len(data) >= 4 and data[:2] != b"\0\0":
        raise InputError(
            f"{path} is not an IDX file: it begins with '{data[:4].hex(' ')}', "
            f"not '00 00 {UNSIGNED_BYTES:02x} {dimensions:02x}'"
        )
    if len(data) >= 4 and data[2] != UNSIGNED_BYTES:
        code = f"has data type code 0x{data[2]:02x}"
        raise InputError(f"{path} {code}, allowed is 0x{UNSIGNED_BYTES:02x} (unsigned bytes)")
    if len(data) >= 4 and data[3] != dimensions:
        raise InputError(f"{path} has {data[3]} dimensions, allowed is {dimensions}")
    if len(data) < start:
        raise InputError(f"{path} is truncated: {len(data)} bytes, its header takes {start}")
    shape = [int(length) for length in np.frombuffer(data, ">u4", dimensions, 4)]
    expected = start + math.prod(shape)
    if len(data) != expected:
        wrong = "truncated" if len(data) < expected else "too long"
        raise InputError(f"{path} is {wrong}: {len(data)} bytes, its header says {expected}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _read_archive(path: Path, part: str) -> LabelledPixels:
    """Images and labels of a part in an archive with x_train, y_train, x_test, y_test."""
    wanted = (f"x_{part}", f"y_{part}")
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path} is truncated or not an .npz archive")
    try:
        with np.load(path) as archive:
            present = sorted(archive.files)
            arrays = [archive[name] for name in wanted if name in present]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path} is damaged: {error}") from None
    if len(arrays) < len(wanted):
        raise InputError(f"{path} must have the arrays {' and '.join(wanted)}, got {present}")
    pixels, labels = arrays
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        got = f"{pixels.dtype} of shape {pixels.shape}"
        raise InputError(
            f"{path}: {wanted[0]} must be uint8 of shape (n, height, width), got {got}"
        )
    if labels.dtype.kind not in "ui" or labels.ndim != 1:
        got = f"{labels.dtype} of shape {labels.shape}"
        raise InputError(f"{path}: {wanted[1]} must be integers of shape (n,), got {got}")
    return pixels, labels


def _read_pair(path: Path) -> LabelledPixels:
    """Images in an IDX file, and the labels in the file beside it."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    if name == path.name:
        raise InputError(f"{path} must be an .npz archive or an IDX file with 'images' in its name")
    labels = _first_file(path.parent, _forms(name))
    if labels is None:
        raise InputError(f"{path} has no labels beside it: {name} is missing")
    return read_idx(path, 3), read_idx(labels, 1)


def read_images(path: Path, part: str) -> LabelledPixels:
    """Images of one part and their labels.

    Parameters
    ----------
    path : Path
        An .npz archive with the arrays x_train, y_train, x_test and y_test, or the IDX file of the
        images, with the file of the labels beside it: "labels" for "images" in its name.
    part : str
        "train" or "test", of an archive.

    Returns
    -------
    pixels : uint8 array, shape (n, height, width)
    labels : integer array, shape (n,)

    Raises
    ------
    InputError
        If a file is missing, damaged or of another kind, or there are not as many labels as images.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "small.npz"
    ...     np.savez(path, x_train=np.zeros((2, 3, 3), np.uint8), y_train=[1, 0])
    ...     pixels, labels = read_images(path, "train")
    >>> pixels.shape, labels.tolist()
    ((2, 3, 3), [1, 0])
    """
    if path.suffix == ".npz":
        pixels, labels = _read_archive(path, part)
    else:
        pixels, labels = _read_pair(path)
    if pixels.size == 0:
        raise InputError(f"{path} has no images: its shape is {pixels.shape}")
    if len(labels) != len(pixels):
        raise InputError(f"{path} has {len(pixels)} images, but there are {len(labels)} labels")
    return pixels, labels
