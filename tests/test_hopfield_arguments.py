"""Checks of arguments: what passes is returned plain, what does not is named."""

import numpy as np
import pytest

from hopfield import InputError
from hopfield.arguments import choice, integer, nonnegative_values, real, require_memory


def test_input_error_is_a_value_error():
    assert issubclass(InputError, ValueError)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2.0), np.int64(2)])
def test_numbers_become_floats(value):
    number = real("temperature", value)
    assert type(number) is float
    assert number == 2.0


@pytest.mark.parametrize("value", [-1e-9, np.nan, np.inf, -np.inf, "1", None, True, 1j, [1.0]])
def test_bad_numbers_are_refused(value):
    with pytest.raises(InputError, match="temperature must be a finite number >= 0, got"):
        real("temperature", value)


def test_bounds_are_included_and_named():
    assert real("start", 1.0, high=1.0) == 1.0
    assert real("start", -1.0, low=-1.0) == -1.0
    with pytest.raises(InputError, match=r"start must be a number in \[0, 1\], got 1\.5"):
        real("start", 1.5, high=1.0)
    assert integer("i", 3, low=0, high=3) == 3
    with pytest.raises(InputError, match="i must be an integer >= 0 and <= 3, got 4"):
        integer("i", 4, low=0, high=3)


def test_integers_become_plain():
    assert type(integer("size", np.int32(5), low=2)) is int
    for value in (5.0, "5", None, True, np.bool_(True), np.nan):
        with pytest.raises(InputError, match="size must be an integer >= 2, got"):
            integer("size", value, low=2)


def test_choice_lists_the_words():
    assert choice("dynamics", "glauber", ["glauber", "metropolis"]) == "glauber"
    for value in ("Glauber", "", None, 1, ["glauber"]):
        with pytest.raises(
            InputError, match="dynamics must be one of 'glauber', 'metropolis', got"
        ):
            choice("dynamics", value, ["glauber", "metropolis"])


@pytest.mark.parametrize("values", [0.1, 1, [0.0, 0.1], (1, 2), np.array([3.0], np.float32)])
def test_scalars_and_rows_keep_their_shape(values):
    array = nonnegative_values("load", values)
    assert array.dtype == np.float64
    assert array.shape == np.shape(values)
    assert array == pytest.approx(np.asarray(values))


@pytest.mark.parametrize(
    "values",
    [
        -0.1,
        [0.1, -0.1],
        np.nan,
        [0.1, np.inf],
        "0.1",
        ["a"],
        [],
        [[0.1]],
        [[1], [1, 2]],
        None,
        True,
        1j,
    ],
)
def test_bad_values_are_refused(values):
    with pytest.raises(InputError, match="load must be a finite number >= 0, or a 1-D array"):
        nonnegative_values("load", values)


def test_the_bad_value_among_many_is_named():
    with pytest.raises(InputError, match=r"got -0\.25"):
        nonnegative_values("load", [0.1, -0.25, 0.3])


def test_memory_that_is_not_there():
    require_memory("a little", 10)
    with pytest.raises(InputError, match=r"a lot would need 1\.02e\+03 GiB of memory, .* are free"):
        require_memory("a lot", 2**40)
