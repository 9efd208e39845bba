"""Running the command line in a test, and what it writes."""

from pathlib import Path

import xarray as xr

from studies.commands import main


def run_line(capsys, *arguments):
    """Run a command line: exit code, output and errors."""
    code = 0
    try:
        main([str(word) for word in arguments])
    except SystemExit as stopped:
        code = stopped.code
    return code, *capsys.readouterr()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def rows(table):
    return [line.split() for line in table.splitlines()]


def assert_same_numbers(one, other):
    """Equal values, labels and units; when it was made may differ."""
    xr.testing.assert_identical(one.drop_attrs(deep=False), other.drop_attrs(deep=False))


def assert_read_back(path, expected):
    with xr.open_dataset(path) as read:
        assert_same_numbers(read.load(), expected)
        for name in ("model", "parameters", "version", "created"):
            assert read.attrs[name]


def assert_figure(path):
    starts = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}
    data = Path(path).read_bytes()
    assert data.startswith(starts[Path(path).suffix])
    assert len(data) > 4000
