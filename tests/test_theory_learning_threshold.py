"""Numbers of examples from which on archetypes are learnt."""

import math

import numpy as np
import pytest

import hopfield
import theory
from theory.learning.examples import OVERLAP
from theory.signal_to_noise import noise_of

KINDS = [hopfield.Supervised, hopfield.Unsupervised]


def noise(model, load):
    rho, kappa = noise_of(model)
    return rho + load * kappa


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("p", [2, 3, 6])
@pytest.mark.parametrize("quality", [0.9, 0.5, 0.25])
def test_signal_equals_noise(kind, p, quality):
    """One example more or less changes the side; the real number interpolates between them."""
    loads = np.array([0.0, 0.2, 0.9]) / math.factorial(p - 1)
    found = theory.learning_threshold(kind(p, quality, 7), loads)
    assert found.examples.dims == ("load",)
    for load, number in zip(loads, found.examples.values, strict=True):
        many = kind(p, quality, math.ceil(number))
        assert noise(many, load) <= 1.0 + 1e-12
        if number > 1.0:
            assert noise(kind(p, quality, math.ceil(number) - 1 or 1), load) >= 1.0 - 1e-12
    entropy = (quality**-2 - 1.0) / found.examples
    np.testing.assert_allclose(found.dataset_entropy, entropy, rtol=1e-12)
    np.testing.assert_allclose(found.effective_overlap, (1.0 + entropy) ** -0.5, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", [0.3, 0.95])
def test_another_overlap(kind, target):
    """After one update, many examples: the overlap that is asked for."""
    found = theory.learning_threshold(kind(3, 0.01, 1), 1e-6, overlap=target)
    number = round(found.examples.item())
    overlap = 1.0 - 2.0 * theory.bit_error(kind(3, 0.01, number), 1e-6).bit_error.item()
    assert number > 1000
    assert overlap == pytest.approx(target, abs=1e-4)
    assert found.overlap.item() == target


def slopes(kind, p, load, quality, **keywords):
    """Local exponents of the number of examples as a function of the quality."""
    found = theory.learning_threshold(kind(p, 0.5, 1), load, quality=quality, **keywords)
    return np.diff(np.log(found.examples)) / np.diff(np.log(quality))


@pytest.mark.parametrize("p", [2, 3, 4])
def test_exponents(p):
    """M ~ 1/r² with a teacher, 1/r^2p without, and 1/r² in both cases without load."""
    quality, load = np.geomspace(1e-4, 1e-3, 5), 0.1 / math.factorial(p - 1)
    np.testing.assert_allclose(slopes(KINDS[0], p, load, quality), -2.0, atol=1e-5)
    np.testing.assert_allclose(slopes(KINDS[1], p, load, quality), -2.0 * p, atol=1e-4)
    for kind in KINDS:
        np.testing.assert_allclose(slopes(kind, p, 0.0, quality), -2.0, atol=1e-5)


@pytest.mark.parametrize("p", [3, 4])
def test_fewer_archetypes_spare_examples(p):
    """K = γ N^b: 1/r² down to r^(2p-2) of the order of (p-1)! γ N^(b-p+1), then 1/r^2p."""
    size, exponent = 10**12, 1.0
    crossing = (math.factorial(p - 1) * size ** (exponent - p + 1)) ** (1.0 / (2 * p - 2))
    keywords = {"exponent": exponent, "size": size}
    for factor, slope in [(30.0, -2.0), (1.0 / 30.0, -2.0 * p)]:
        quality = factor * crossing * np.array([1.0, 1.1])
        found = slopes(KINDS[1], p, 1.0, quality, **keywords)
        assert found.item() == pytest.approx(slope, abs=0.02)
    infinite = slopes(KINDS[1], p, 1.0, quality, exponent=exponent)
    assert infinite.item() == pytest.approx(-2.0, abs=1e-5)
    explicit = theory.learning_threshold(
        KINDS[1](p, 0.01, 1), 0.5 * float(size) ** (exponent - p + 1)
    )
    same = theory.learning_threshold(KINDS[1](p, 0.01, 1), 0.5, **keywords)
    assert same.examples.item() == pytest.approx(explicit.examples.item(), rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_is_enough(kind):
    """(p-1)! α >= 1 for one update; beyond the capacity, or too hot, for retrieval."""
    found = theory.learning_threshold(kind(3, 0.5, 1), [0.49, 0.5, 0.6], quality=[0.2, 1.0])
    assert found.examples.dims == ("quality", "load")
    assert found.status.values.tolist() == [["converged", "absent", "absent"]] * 2
    assert np.isnan(found.examples.values[:, 1:]).all()
    assert found.examples.values[1, 0] == 0.0  # perfect examples
    far = theory.learning_threshold(kind(3, 0.5, 1), [0.1, 0.13], criterion="retrieval")
    assert far.status.values.tolist() == ["converged", "absent"]
    assert far.limit.values[1] == "capacity"
    hot = theory.learning_threshold(kind(2, 0.5, 1), 0.01, criterion="retrieval", temperature=1.0)
    assert hot.status.item() == "absent"


def test_overlap_that_archetypes_do_not_have():
    found = theory.learning_threshold(
        hopfield.Supervised(3, 0.5, 1), 0.12, criterion="retrieval", overlap=0.99
    )
    assert found.status.item() == "absent"
    assert found.limit.item() == "overlap"


def test_more_examples_than_there_can_be():
    found = theory.learning_threshold(
        hopfield.Unsupervised(4, 0.04, 1), 0.01, criterion="retrieval"
    )
    assert found.status.item() == "absent"
    assert found.limit.item() == "capacity"


def retrieved(model, load, temperature):
    """Overlap of the retrieval phase, not a number where there is none."""
    return theory.solve(model, [load], temperature).overlap.item()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("p", "load", "temperature", "quality"),
    [(2, 0.03, 0.0, 0.3), (2, 0.01, 0.4, 0.2), (3, 0.02, 0.0, 0.3), (3, 0.01, 0.3, 0.4),
     (4, 0.01, 0.0, 0.5)],
)  # fmt: skip
def test_one_example_less_is_not_enough(kind, p, load, temperature, quality):
    found = theory.learning_threshold(
        kind(p, quality, 1), load, criterion="retrieval", temperature=temperature
    )
    number = found.examples.item()
    assert number > 2
    overlap = retrieved(kind(p, quality, int(number)), load, temperature)
    assert overlap >= OVERLAP
    assert found.overlap.item() == overlap
    fewer = retrieved(kind(p, quality, int(number) - 1), load, temperature)
    assert not fewer >= OVERLAP
    assert found.limit.item() == ("capacity" if np.isnan(fewer) else "overlap")


def majority_overlap(examples, quality):
    right = (1.0 + quality) / 2.0
    return sum(
        np.sign(2 * k - examples) * math.comb(examples, k) * right**k
        * (1.0 - right) ** (examples - k)
        for k in range(examples + 1)
    )  # fmt: skip


@pytest.mark.parametrize("p", [2, 3])
def test_no_load(p):
    """At T = 0 the majority of the examples, with and without a teacher."""
    for kind in KINDS:
        found = theory.learning_threshold(kind(p, 0.2, 1), 0.0, criterion="retrieval")
        number = int(found.examples.item())
        assert majority_overlap(number, 0.2) == pytest.approx(found.overlap.item(), abs=1e-12)
        assert majority_overlap(number, 0.2) >= OVERLAP > majority_overlap(number - 1, 0.2)


def test_retrieval_at_small_quality():
    """Without a teacher M r^2p -> α/(α_c - α), p >= 3: the entries have no noise left."""
    load, quality = 0.06, 0.05
    found = theory.learning_threshold(
        hopfield.Unsupervised(3, quality, 1), load, criterion="retrieval"
    )
    capacity = theory.capacity(hopfield.Dense(3))["load"].item()
    expected = load / (capacity - load)
    assert found.examples.item() * quality**6 == pytest.approx(expected, rel=1e-3)
    assert found.overlap.item() == pytest.approx(0.838482, abs=1e-3)  # that of patterns
    # not so with a teacher, where M r² does not depend on r
    scaled = [
        theory.learning_threshold(
            hopfield.Supervised(3, r, 1), load, criterion="retrieval"
        ).examples.item() * r**2
        for r in (0.02, 0.004)
    ]  # fmt: skip
    assert scaled[0] == pytest.approx(scaled[1], rel=2e-3)


@pytest.mark.parametrize("p", [3, 4])
def test_capacity_is_no_learning(p):
    """With a teacher the mean of hopeless examples is retrieved up to a positive load.

    Gaussian entries alone: n = sqrt(2/π) y / sqrt(1 + y²), so that the largest load is
    (2/π)^(p-1) (p-2)^(p-2) / (p-1)^(p-1) / (p-1)!, at y² = p - 2.
    """
    model = hopfield.Supervised(p, 1e-4, 10**4)
    end = theory.capacity(model)
    expected = (2 / np.pi) ** (p - 1) * (p - 2) ** (p - 2) / (p - 1) ** (p - 1)
    assert end["load"].item() == pytest.approx(expected / math.factorial(p - 1), rel=1e-3)
    assert 0.0 < end.overlap.item() < 0.02
    found = theory.learning_threshold(model, 0.9 * end["load"].item(), criterion="retrieval")
    assert found.limit.item() == "overlap"
    assert found.examples.item() > 1e7


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"criterion": "free energy"}, "criterion must be one of"),
        ({"quality": 0.0}, "quality must be"),
        ({"quality": [0.5, 1.5]}, "quality must be"),
        ({"overlap": 1.0}, "overlap must be"),
        ({"overlap": 0.0}, "overlap must be"),
        ({"temperature": 0.5}, "temperature must be 0"),
        ({"temperature": -1.0}, "temperature must be"),
        ({"exponent": 3.0}, "exponent must be"),
        ({"size": 0}, "size must be"),
    ],
)
def test_bad_arguments_are_refused(keywords, message):
    with pytest.raises(hopfield.InputError, match=message):
        theory.learning_threshold(hopfield.Supervised(3, 0.5, 10), 0.1, **keywords)


def test_networks_that_store_do_not_learn():
    with pytest.raises(hopfield.InputError, match="model must learn"):
        theory.learning_threshold(hopfield.Dense(3), 0.1)
