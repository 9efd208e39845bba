"""Images from a server and from the cache."""

import dataclasses
import functools
import hashlib
import http.server
import threading

import pytest
from idx_files import PART_OF, idx, some_images, some_labels, write, write_pair

from hopfield import InputError, datasets


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serve files on this computer in place of the mirrors, and list what is asked for."""
    monkeypatch.delenv(datasets.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    folder = tmp_path / "served"
    folder.mkdir()
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *message):
            asked.append(self.path)

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{running.server_port}/"
        for prefix in PART_OF:
            write_pair(folder, suffix=".gz", prefix=prefix)
        md5 = {file.name: hashlib.md5(file.read_bytes()).hexdigest() for file in folder.iterdir()}
        known = dataclasses.replace(datasets.MNIST, mirrors=(url + "gone/", url), md5=md5)
        monkeypatch.setattr(datasets, "MNIST", known)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield folder, asked
        running.shutdown()
        thread.join()


def test_nothing_is_downloaded_unless_told_to(server):
    with pytest.raises(InputError, match="or download it with download=True"):
        datasets.mnist()
    assert server[1] == []


def test_download_goes_to_the_cache_and_is_read_from_there(server, tmp_path):
    images = datasets.mnist(download=True)
    assert (images.pixels == some_images()).all()
    assert str(tmp_path / "cache" / "hopfield" / "mnist") in images.source
    # The first mirror has nothing, the second both files.
    assert server[1].count("/train-images-idx3-ubyte.gz") == 1
    asked = len(server[1])
    assert (datasets.mnist().pixels == images.pixels).all()
    assert (datasets.mnist(download=True).pixels == images.pixels).all()
    assert len(server[1]) == asked
    with pytest.raises(InputError, match=r"MNIST \(test\) is not on this computer"):
        datasets.mnist(part="test")


def test_damaged_file_of_the_cache_is_found_and_replaced(server, tmp_path):
    datasets.mnist(download=True)
    write(tmp_path / "cache" / "hopfield" / "mnist" / "train-labels-idx1-ubyte.gz", b"other")
    with pytest.raises(InputError, match=r"train-labels-idx1-ubyte\.gz is damaged: its md5 is"):
        datasets.mnist()
    assert (datasets.mnist(download=True).labels == some_labels()).all()


def test_download_of_another_file_is_refused(server, tmp_path):
    write(server[0] / "train-images-idx3-ubyte.gz", idx(some_images(seed=9)))
    with pytest.raises(InputError, match=r"MNIST could not be downloaded: .*404.*; .*hash"):
        datasets.mnist(download=True)
    left = list((tmp_path / "cache").rglob("*images*"))
    assert left == []


def test_checksums_are_of_the_four_files():
    for known in (datasets.MNIST, datasets.FASHION_MNIST):
        assert sorted(known.md5) == sorted(
            name for part in ("train", "test") for name in datasets._files(part)
        )
        assert all(len(bytes.fromhex(digest)) == 16 for digest in known.md5.values())
    assert not set(datasets.MNIST.md5.values()) & set(datasets.FASHION_MNIST.md5.values())
