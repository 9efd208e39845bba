"""Images from files: what is read, and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
from idx_files import PART_OF, idx, some_images, some_labels, write, write_pair

from hopfield import InputError, datasets
from hopfield.image_files import read_idx


@pytest.fixture(autouse=True)
def bare_computer(tmp_path, monkeypatch):
    """No folder of data, and an empty cache."""
    monkeypatch.delenv(datasets.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("separator", ["-", "."])
@pytest.mark.parametrize("prefix", ["train", "t10k"])
@pytest.mark.parametrize("load", [datasets.mnist, datasets.fashion_mnist])
def test_idx_files_of_a_folder(tmp_path, load, prefix, separator, suffix):
    file = write_pair(tmp_path, separator=separator, suffix=suffix, prefix=prefix)
    part = PART_OF[prefix]
    for path in (tmp_path, str(tmp_path), file, str(file)):
        images = load(path, part=part)
        assert images.pixels.dtype == np.uint8
        assert (images.pixels == some_images()).all()
        assert (images.labels == some_labels()).all()
        assert images.shape == (28, 28)
        assert images.full_scale == 255
        assert f"{part} part, read from {file}" in images.source
    assert images.name == {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}[load.__name__]


def test_images_and_labels_need_not_be_compressed_alike(tmp_path):
    file = write(tmp_path / "mine-images-idx3-ubyte", idx(some_images()))
    write(tmp_path / "mine-labels.idx1-ubyte.gz", idx(some_labels()))
    assert (datasets.mnist(file).labels == some_labels()).all()


@pytest.mark.parametrize("name", ["fashion-mnist.npz", "fashion_mnist.npz"])
def test_archives(tmp_path, name):
    arrays = {
        "x_train": some_images(seed=1), "y_train": some_labels(),
        "x_test": some_images(4, seed=2), "y_test": some_labels(4),
    }  # fmt: skip
    np.savez_compressed(tmp_path / name, **arrays)
    for path in (tmp_path, tmp_path / name):
        train, test = (datasets.fashion_mnist(path, part=part) for part in ("train", "test"))
        assert (train.pixels == arrays["x_train"]).all()
        assert (test.pixels == arrays["x_test"]).all()
        assert (test.labels == arrays["y_test"]).all()
    with pytest.raises(InputError, match=r"or mnist\.npz, got"):
        datasets.mnist(tmp_path)


def test_folder_of_the_environment(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    write_pair(folder / "mnist", seed=1)
    write_pair(folder / "fashion-mnist", suffix=".gz", seed=2)
    np.savez(folder / "mnist.npz", x_test=some_images(seed=3), y_test=some_labels())
    monkeypatch.setenv("HOPFIELD_DATA", str(folder))
    assert (datasets.mnist().pixels == some_images(seed=1)).all()
    assert (datasets.fashion_mnist().pixels == some_images(seed=2)).all()
    assert (datasets.mnist(part="test").pixels == some_images(seed=3)).all()
    with pytest.raises(InputError, match=r"Fashion-MNIST \(test\) is not on this computer"):
        datasets.fashion_mnist(part="test")


def test_bare_files_beside_each_other_are_not_guessed_at(tmp_path, monkeypatch):
    # IDX files of digits and of clothes have the same names.
    write_pair(tmp_path)
    monkeypatch.setenv("HOPFIELD_DATA", str(tmp_path))
    for load in (datasets.mnist, datasets.fashion_mnist):
        with pytest.raises(InputError, match="is not on this computer"):
            load()


def test_missing_data_say_how_to_provide_them(tmp_path, monkeypatch):
    with pytest.raises(InputError) as refused:
        datasets.mnist()
    for way in ("path=", "train-images-idx3-ubyte.gz", "HOPFIELD_DATA", "download=True"):
        assert way in str(refused.value)
    monkeypatch.setenv("HOPFIELD_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"HOPFIELD_DATA must name a folder, got .*nowhere"):
        datasets.mnist()


def test_paths_that_cannot_be_meant(tmp_path):
    with pytest.raises(InputError, match=r"must be a file or a folder, there is no .*nowhere"):
        datasets.mnist(tmp_path / "nowhere")
    with pytest.raises(InputError, match="must be a folder with t10k-images-idx3-ubyte, with or"):
        datasets.mnist(tmp_path, part="test")
    with pytest.raises(InputError, match="part must be one of 'train', 'test', got 'valid'"):
        datasets.mnist(tmp_path, part="valid")
    with pytest.raises(InputError, match="download=True fetches files into the cache"):
        datasets.mnist(tmp_path, download=True)
    file = write_pair(tmp_path)
    with pytest.raises(InputError, match=r"part='test' is not in .*train-images-idx3-ubyte"):
        datasets.mnist(file, part="test")
    other = write(tmp_path / "digits.bin", b"")
    with pytest.raises(InputError, match=r"digits\.bin must be an \.npz archive or an IDX file"):
        datasets.mnist(other)


def test_labels_must_be_there_and_as_many(tmp_path):
    file = write(tmp_path / "train-images-idx3-ubyte", idx(some_images()))
    with pytest.raises(InputError, match="no labels beside it: train-labels-idx1-ubyte is missing"):
        datasets.mnist(tmp_path)
    write(tmp_path / "train-labels-idx1-ubyte", idx(some_labels(5)))
    with pytest.raises(InputError, match=f"{file} has 6 images, but there are 5 labels"):
        datasets.mnist(tmp_path)


BROKEN = {
    "truncated": (lambda good: good[:-1], r"truncated: 4719 bytes, its header says 4720"),
    "too long": (lambda good: good + b"\0", r"too long: 4721 bytes, its header says 4720"),
    "header": (lambda good: good[:10], r"truncated: 10 bytes, its header takes 16"),
    "empty": (lambda good: b"", r"truncated: 0 bytes, its header takes 16"),
    "magic": (lambda good: b"\x89PNG" + good, r"begins with '89 50 4e 47', not '00 00 08 03'"),
    "type": (lambda good: b"\0\0\x0d" + good[3:], r"data type code 0x0d, allowed is 0x08"),
    "labels": (lambda good: idx(some_labels()), r"has 1 dimensions, allowed is 3"),
    "no images": (lambda good: idx(some_images(0)), r"has no images: its shape is \(0, 28, 28\)"),
}


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_damaged_idx_files(tmp_path, damage, message, suffix):
    file = write_pair(tmp_path, suffix=suffix)
    write(file, damage(idx(some_images())))
    with pytest.raises(InputError, match=message) as refused:
        datasets.mnist(tmp_path)
    assert str(file) in str(refused.value)


def test_damaged_compression(tmp_path):
    file = write_pair(tmp_path, suffix=".gz")
    whole = file.read_bytes()
    file.write_bytes(idx(some_images()))
    with pytest.raises(InputError, match=r"ubyte\.gz is not gzip: it begins with '00 00', not"):
        datasets.mnist(tmp_path)
    file.write_bytes(whole[:-500])
    with pytest.raises(InputError, match=r"ubyte\.gz is truncated: its compressed data end too"):
        datasets.mnist(tmp_path)
    for place in (200, -6):  # in the data, in their checksum
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        file.write_bytes(broken)
        with pytest.raises(InputError, match=r"ubyte\.gz is damaged: "):
            datasets.mnist(tmp_path)


def test_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_idx(tmp_path, 3)


def test_damaged_archives(tmp_path):
    file = tmp_path / "mnist.npz"
    good = {"x_train": some_images(), "y_train": some_labels()}
    np.savez(file, **good)
    with pytest.raises(
        InputError, match=r"must have the arrays x_test and y_test, got \['x_train', 'y_train'\]"
    ):
        datasets.mnist(file, part="test")
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    with pytest.raises(InputError, match=r"mnist\.npz is truncated or not an \.npz archive"):
        datasets.mnist(file)
    broken = bytearray(whole)
    broken[2000] ^= 0xFF
    file.write_bytes(broken)
    with pytest.raises(InputError, match=r"mnist\.npz is damaged: Bad CRC-32"):
        datasets.mnist(file)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": some_images() / 255.0}, r"x_train must be uint8 .* got float64 of shape"),
        ({"x_train": some_images()[0]}, r"x_train must be uint8 .* got uint8 of shape \(28, 28\)"),
        ({"y_train": np.eye(6)}, r"y_train must be integers .* got float64 of shape \(6, 6\)"),
        ({"y_train": some_labels(7)}, r"has 6 images, but there are 7 labels"),
        ({"x_train": np.array([None])}, r"is damaged: Object arrays cannot be loaded"),
        ({"x_train": some_images()[:, :20]}, r"is not MNIST.* it has 20 x 28 pixels in classes 0"),
        ({"y_train": some_labels() + 5}, r"is not MNIST.* it has 28 x 28 pixels in classes 5 to"),
    ],
)
def test_archives_of_something_else(tmp_path, changed, message):
    np.savez(tmp_path / "a.npz", **{"x_train": some_images(), "y_train": some_labels()} | changed)
    with pytest.raises(InputError, match=message):
        datasets.mnist(tmp_path / "a.npz")


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    images, original = datasets.digits(), load_digits()
    assert images.pixels.dtype == np.uint8
    assert (images.pixels == original.images).all()
    assert (images.labels == original.target).all()
    assert images.pixels.max() == images.full_scale == 16
    assert images.classes.tolist() == list(range(10))
    assert "scikit-learn" in images.source


def test_libraries_of_data_are_imported_when_they_are_used():
    report = "print('sklearn' in sys.modules, 'pooch' in sys.modules)"
    code = f"import sys, hopfield; {report}; hopfield.datasets.digits(); {report}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True", "False"]
