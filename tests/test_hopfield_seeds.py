"""Random streams: the same key gives the same numbers, different keys different ones."""

import numpy as np
import pytest

from hopfield import InputError
from hopfield.seeds import Stream, record, sequence


def draw(seed_sequence):
    return seed_sequence.generate_state(4).tolist()


def rebuilt(text):
    """The seed sequence that a record describes."""
    entropy, *keys = map(int, text.split("/"))
    return np.random.SeedSequence(entropy, spawn_key=keys)


def test_same_stream_same_numbers():
    assert draw(sequence(7, Stream.PATTERNS, 3)) == draw(sequence(7, Stream.PATTERNS, 3))
    assert draw(sequence(np.int64(7), Stream.PATTERNS)) == draw(sequence(7, 1))


def test_different_streams_and_seeds_differ():
    keys = [(), *((stream,) for stream in Stream), (Stream.PATTERNS, 0), (Stream.PATTERNS, 1)]
    draws = [tuple(draw(sequence(seed, *key))) for seed in (0, 1, 2**70) for key in keys]
    assert len(set(draws)) == 3 * len(keys)


def test_zero_is_a_seed():
    assert draw(sequence(0)) == draw(sequence(0))
    assert record(sequence(0)) == "0"


def test_none_takes_fresh_entropy_and_is_recorded():
    first, second = sequence(None), sequence(None)
    assert draw(first) != draw(second)
    assert draw(rebuilt(record(first))) == draw(first)


def test_seed_sequences_keep_their_place():
    parent = np.random.SeedSequence(11)
    child = parent.spawn(3)[2]
    assert record(sequence(child, Stream.DISORDER)) == "11/2/4"
    assert draw(rebuilt("11/2/4")) == draw(sequence(child, Stream.DISORDER))
    assert draw(sequence(child)) != draw(sequence(parent))
    # Asking does not use the parent up.
    assert draw(sequence(parent, 1)) == draw(sequence(parent, 1))


@pytest.mark.parametrize("seed", [-1, 1.0, "1", True, np.nan, [1]])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(
        InputError, match="seed must be an integer >= 0, a numpy SeedSequence or None"
    ):
        sequence(seed)
