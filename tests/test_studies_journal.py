"""The journal: exact numbers, whole lines, one run to a file."""

import json
import math

import pytest

from hopfield import InputError
from studies.journal import Journal

HEADER = {"seed": "0", "sizes": [100, 200]}
NUMBERS = {"third": 1.0 / 3.0, "tiny": 5e-324, "minus zero": -0.0, "large": 1.7976931348623157e308}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.partial"


def written(path, count=3):
    journal = Journal(path, HEADER)
    for k in range(count):
        journal.add((k, 0), {name: value / (k + 1) for name, value in NUMBERS.items()})
    journal.close()
    return path.read_bytes()


def test_numbers_come_back_to_the_last_bit(path):
    written(path)
    journal = Journal(path, HEADER)
    assert len(journal) == 3
    for k in range(3):
        for name, value in NUMBERS.items():
            read, expected = journal[(k, 0)][name], value / (k + 1)
            assert (read, math.copysign(1.0, read)) == (expected, math.copysign(1.0, expected))
    journal.close()


def test_numbers_that_are_none_come_back_too(path):
    journal = Journal(path, HEADER)
    journal.add((0,), {"nan": math.nan, "inf": math.inf})
    journal.close()
    again = Journal(path, HEADER)
    assert math.isnan(again[(0,)]["nan"])
    assert again[(0,)]["inf"] == math.inf
    again.close()


def test_every_piece_is_on_disk_at_once(path):
    journal = Journal(path, HEADER)
    for k in range(3):
        journal.add([k, 7], {"value": float(k)})
        lines = path.read_text().splitlines()
        assert json.loads(lines[0]) == HEADER
        assert [json.loads(line)["key"] for line in lines[1:]] == [[j, 7] for j in range(k + 1)]
    journal.close()


def test_keys(path):
    journal = Journal(None, HEADER)
    journal.add([0, 1], {"value": 2.0})
    assert (0, 1) in journal
    assert [0, 1] in journal
    assert (1, 0) not in journal
    assert journal[0, 1] == {"value": 2.0}
    with pytest.raises(KeyError):
        journal[1, 0]
    assert not path.exists()


def test_a_cut_anywhere_leaves_the_whole_lines(path):
    whole = written(path)
    ends = [k + 1 for k, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(ends[0], len(whole) + 1):
        path.write_bytes(whole[:cut])
        journal = Journal(path, HEADER)
        # A line that lacks nothing but its end is whole.
        complete = sum(end - 1 <= cut for end in ends) - 1
        assert len(journal) == complete, cut
        journal.add((9, 9), {"value": 1.0})
        journal.close()
        lines = path.read_bytes().splitlines(keepends=True)
        assert b"".join(lines[:-1]) == whole[: ends[complete]], cut
        assert json.loads(lines[-1]) == {"key": [9, 9], "values": {"value": 1.0}}


def test_lines_after_a_damaged_one_are_not_read(path):
    whole = written(path).splitlines(keepends=True)
    path.write_bytes(whole[0] + whole[1] + b"\0" * 40 + b"\n" + whole[3])
    journal = Journal(path, HEADER)
    assert len(journal) == 1
    journal.close()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({**HEADER, "seed": "1"}) + "\n",
        json.dumps(HEADER, sort_keys=True)[:-1],
        "a text of somebody else\n",
        "\n",
        b"\xff\xfe\x00binary",
    ],
)
def test_file_of_something_else_is_refused_and_left_alone(path, content):
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(data)
    with pytest.raises(InputError, match="holds the unfinished results of another run"):
        Journal(path, HEADER)
    assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


def test_order_of_the_header_is_no_difference(path):
    written(path)
    journal = Journal(path, dict(reversed(HEADER.items())))
    assert len(journal) == 3
    journal.close()


def test_file_without_results_goes_when_it_is_closed(path):
    journal = Journal(path, HEADER)
    assert path.exists()
    journal.close()
    journal.close()
    assert not path.exists()


def test_empty_file_is_a_fresh_start(path):
    path.touch()
    written(path)
    assert len(path.read_text().splitlines()) == 4
