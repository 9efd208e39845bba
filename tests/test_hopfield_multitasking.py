"""Models of diluted patterns, stored and learned."""

import numpy as np
import pytest

from hopfield import (
    Hopfield,
    InputError,
    Multitasking,
    Network,
    Supervised,
    Unsupervised,
    diluted_patterns,
    example_quality,
    measured_quality,
    noisy_examples,
)
from hopfield.models import model_of
from hopfield.results import dataset, provenance

LEARNERS = [Supervised(2, 0.5, 4, dilution=0.3), Unsupervised(2, 0.5, 4, dilution=0.3)]


def test_without_blanks_it_is_the_hopfield_model():
    one, other = (
        model.network(30, n_patterns=4, seed=1) for model in (Multitasking(0.0), Hopfield())
    )
    spins = diluted_patterns(10, 30, 0.0, seed=2)
    assert (one.patterns == other.patterns).all()
    assert (one.energy(spins) == other.energy(spins)).all()


@pytest.mark.parametrize("model", LEARNERS)
def test_archetypes_are_those_of_the_network_that_stores(model):
    learned = model.network(50, n_patterns=4, seed=1)
    stored = Multitasking(0.3).network(50, n_patterns=4, seed=1)
    assert (learned.archetypes == stored.patterns).all()
    sums = learned.effective_sums()
    assert (sums[stored.patterns == 0] == 0).all()
    assert (learned.patterns != 0).any()


@pytest.mark.parametrize("kind", [Supervised, Unsupervised])
def test_perfect_examples_of_diluted_archetypes(kind):
    network = kind(2, 1.0, 3, dilution=0.4).network(12, n_patterns=3, seed=2)
    plain = Multitasking(0.4).network(12, n_patterns=3, seed=2)
    spins = diluted_patterns(20, 12, 0.0, seed=3)
    np.testing.assert_allclose(network.energy(spins), plain.energy(spins), atol=1e-12)


@pytest.mark.parametrize("model", LEARNERS)
def test_effective_patterns_have_unit_variance_where_they_are_not_blank(model):
    network = model.network(20_000, n_patterns=1, seed=1)
    x = network.effective_sums()[0] * model.effective_unit
    seen = network.archetypes[0] != 0
    squares = x[seen] ** 2
    stderr = squares.std() / np.sqrt(squares.size)
    assert abs(squares.mean() - 1.0) < 4.0 * stderr
    assert abs((x**2).mean() - 1.0) > 4.0 * stderr


def test_quality_is_that_of_entries_that_are_not_blank():
    archetypes = diluted_patterns(2, 20_000, 0.5, seed=1)
    examples = noisy_examples(archetypes, 0.4, 10, seed=1)
    known = example_quality(examples, archetypes)
    assert (abs(known.quality - 0.4) < 4.0 * known.quality_stderr).all()
    # variance of the product of two of ten examples over 2 x 10^4 entries
    assert abs(measured_quality(examples) ** 2 - 0.16) < 4.0 * 0.003
    with pytest.raises(InputError, match="and 0 where archetypes are blank"):
        example_quality(np.ones_like(examples), archetypes)


@pytest.mark.parametrize("model", LEARNERS)
def test_blank_examples_are_for_diluted_models_alone(model):
    examples = noisy_examples(diluted_patterns(2, 30, 0.3, seed=1), 0.5, 4, seed=1)
    assert isinstance(model.learn(examples), Network)
    full = type(model)(2, 0.5, 4)
    with pytest.raises(InputError, match=r"examples must have entries \+1 or -1"):
        full.learn(examples)


@pytest.mark.parametrize("dilution", [-0.1, 1.0, np.nan, "half"])
def test_bad_dilution_of_archetypes_is_refused(dilution):
    with pytest.raises(InputError, match=r"dilution must be a number in \[0, 1\), got"):
        Supervised(2, 0.5, 4, dilution=dilution)


def test_many_bodies_have_no_blanks():
    with pytest.raises(InputError, match=r"dilution must be 0 for p = 3, got 0\.1"):
        Unsupervised(3, 0.5, 4, dilution=0.1)


@pytest.mark.parametrize("model", [Multitasking(0.3), *LEARNERS])
def test_results_name_their_model(model):
    result = dataset({"overlap": ((), 1.0)}, {}, provenance(model))
    assert model_of(result) == model
