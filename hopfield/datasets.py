"""Images of digits and of clothes: in the box, from files, or downloaded when asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hopfield.arguments import InputError, choice
from hopfield.image_files import PREFIX, archive_in, idx_images_in, read_images
from hopfield.images import Images

if TYPE_CHECKING:
    import pooch

__all__ = ["FOLDER_VARIABLE", "digits", "fashion_mnist", "mnist"]

FOLDER_VARIABLE = "HOPFIELD_DATA"
"""Environment variable that names the folder of data sets."""


@dataclass(frozen=True)
class Collection:
    """A data set of 28 x 28 pixels in ten classes, and where it is found."""

    name: str
    folder: str
    reference: str
    mirrors: tuple[str, ...]
    md5: Mapping[str, str]


MNIST = Collection(
    "MNIST",
    "mnist",
    "handwritten digits (LeCun, Bottou, Bengio, Haffner 1998)",
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    {
        "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
    },
)

FASHION_MNIST = Collection(
    "Fashion-MNIST",
    "fashion-mnist",
    "articles of clothing (Xiao, Rasul, Vollgraf 2017)",
    (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    {
        "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    },
)


def _at(collection: Collection, path: Path, part: str) -> Path:
    """File of the images that a user names, or that is in the folder a user names."""
    if path.is_dir():
        found = idx_images_in(path, part) or archive_in(path, collection.folder)
        if found is None:
            raise InputError(
                f"path must be a folder with {PREFIX[part]}-images-idx3-ubyte, with or without "
                f".gz, or {collection.folder}.npz, got {path}"
            )
        return found
    if not path.is_file():
        raise InputError(f"path must be a file or a folder, there is no {path}")
    other = next(prefix for key, prefix in PREFIX.items() if key != part)
    if path.name.startswith(f"{other}-"):
        raise InputError(f"part={part!r} is not in {path}, whose name is that of the other part")
    return path


def _in_folder_of_data(collection: Collection, part: str) -> Path | None:
    """File of the images in the folder of the environment variable."""
    given = os.environ.get(FOLDER_VARIABLE)
    if not given:
        return None
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise InputError(f"{FOLDER_VARIABLE} must name a folder, got {given!r}")
    # The IDX files of all these data sets have the same names: they need a folder of their own.
    own = folder / collection.folder
    return (
        idx_images_in(own, part)
        or archive_in(own, collection.folder)
        or archive_in(folder, collection.folder)
    )


def _cache(collection: Collection, mirror: str) -> pooch.Pooch:
    import pooch

    return pooch.create(
        path=Path(pooch.os_cache("hopfield")) / collection.folder,
        base_url=mirror,
        registry={name: f"md5:{digest}" for name, digest in collection.md5.items()},
    )


def _files(part: str) -> tuple[str, str]:
    return f"{PREFIX[part]}-images-idx3-ubyte.gz", f"{PREFIX[part]}-labels-idx1-ubyte.gz"


def _in_cache(collection: Collection, part: str) -> Path | None:
    """File of the images in the cache, checked, or None if it has none."""
    import pooch

    folder = Path(_cache(collection, collection.mirrors[0]).abspath)
    paths = [folder / name for name in _files(part)]
    if not all(path.is_file() for path in paths):
        return None
    for path in paths:
        found = pooch.file_hash(str(path), alg="md5")
        if found != collection.md5[path.name]:
            raise InputError(
                f"{path} is damaged: its md5 is {found}, not {collection.md5[path.name]}; "
                "delete it or download it again with download=True"
            )
    return paths[0]


def _downloaded(collection: Collection, part: str) -> Path:
    """File of the images in the cache, fetched if it is missing or damaged."""
    failures = []
    for mirror in collection.mirrors:
        cache = _cache(collection, mirror)
        try:
            images, _ = [Path(cache.fetch(name)) for name in _files(part)]
        except (OSError, ValueError) as error:  # no connection, or not the file that it should be
            failures.append(f"{mirror}: {error}")
        else:
            return images
    raise InputError(f"{collection.name} could not be downloaded: " + "; ".join(failures))


def _found(collection: Collection, part: str, download: bool) -> Path:
    """File of the images where nobody has named one."""
    found = _in_folder_of_data(collection, part)
    if found is None:
        found = _downloaded(collection, part) if download else _in_cache(collection, part)
    if found is None:
        raise InputError(
            f"{collection.name} ({part}) is not on this computer: give path= a folder with "
            f"{_files(part)[0]} and {_files(part)[1]} or a file {collection.folder}.npz, or set "
            f"{FOLDER_VARIABLE} to a folder in which {collection.folder} is such a folder, or "
            "download it with download=True"
        )
    return found


def _load(
    collection: Collection, path: str | os.PathLike[str] | None, part: str, download: bool
) -> Images:
    choice("part", part, list(PREFIX))
    if path is not None and download:
        raise InputError("download=True fetches files into the cache: give it without path")
    if path is not None:
        file = _at(collection, Path(path).expanduser(), part)
    else:
        file = _found(collection, part, download)
    pixels, labels = read_images(file, part)
    if pixels.shape[1:] != (28, 28) or labels.max() > 9 or labels.min() < 0:
        height, width = pixels.shape[1:]
        raise InputError(
            f"{file} is not {collection.name}, 28 x 28 pixels in classes 0 to 9: it has {height} x "
            f"{width} pixels in classes {labels.min()} to {labels.max()}"
        )
    source = f"{collection.reference}, {part} part, read from {file}"
    return Images(pixels, labels.astype(np.int64), collection.name, source)


def digits() -> Images:
    """Handwritten digits of 8 x 8 pixels that come with scikit-learn.

    The 1797 images of the test set of Alpaydin and Kaynak (1998); pixels are integers from 0 to 16.

    Returns
    -------
    Images

    Examples
    --------
    >>> images = digits()
    >>> len(images), images.shape, images.full_scale
    (1797, (8, 8), 16)
    """
    import sklearn.datasets

    bunch = sklearn.datasets.load_digits()
    reference = "handwritten digits (Alpaydin, Kaynak 1998), test set"
    source = f"{reference}, from scikit-learn {sklearn.__version__}"
    return Images(bunch.images.astype(np.uint8), bunch.target, "digits", source, full_scale=16)


def mnist(
    path: str | os.PathLike[str] | None = None, *, part: str = "train", download: bool = False
) -> Images:
    """Handwritten digits of 28 x 28 pixels, 60000 to train and 10000 to test.

    Looked for in `path`; without it in the folder mnist of the folder that the environment variable
    HOPFIELD_DATA names, then in the cache of downloads.

    Parameters
    ----------
    path : str or path, optional
        A folder with the IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-...,
        with or without .gz) or with mnist.npz; or one file: the IDX file of the images, with that
        of the labels beside it, or an archive with the arrays x_train, y_train, x_test, y_test.
    part : str
        "train" or "test".
    download : bool
        Whether what is not found may be downloaded into the cache. Checksums are those of the
        original files.

    Returns
    -------
    Images
        Pixels are integers from 0 to 255.

    Raises
    ------
    InputError
        If a file is missing, damaged, or is not what it should be.

    Examples
    --------
    >>> mnist("nowhere")
    Traceback (most recent call last):
    hopfield.arguments.InputError: path must be a file or a folder, there is no nowhere
    """
    return _load(MNIST, path, part, download)


def fashion_mnist(
    path: str | os.PathLike[str] | None = None, *, part: str = "train", download: bool = False
) -> Images:
    """Articles of clothing of 28 x 28 pixels, 60000 to train and 10000 to test.

    Parameters
    ----------
    path, part, download
        As of `mnist`, with fashion-mnist for mnist in the names of folder and archive.

    Returns
    -------
    Images
        Pixels are integers from 0 to 255.

    Raises
    ------
    InputError
        If a file is missing, damaged, or is not what it should be.

    Examples
    --------
    >>> fashion_mnist("nowhere")
    Traceback (most recent call last):
    hopfield.arguments.InputError: path must be a file or a folder, there is no nowhere
    """
    return _load(FASHION_MNIST, path, part, download)
