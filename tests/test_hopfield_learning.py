"""Networks that learn from examples: data, units, energies against their definition."""

import itertools
import math

import numpy as np
import pytest
from exact import all_states
from small import LEARNERS, model_name, small_network

from hopfield import (
    Dense,
    InputError,
    Supervised,
    Unsupervised,
    fair_patterns,
    measured_quality,
    noisy_examples,
)
from hopfield.examples import example_sums, sum_type
from hopfield.models import model_of
from hopfield.results import provenance


@pytest.fixture(params=LEARNERS, ids=model_name)
def learner(request):
    return request.param


def mean_square(model):
    """R of a model."""
    return model.quality**2 + (1.0 - model.quality**2) / model.examples


def defined_energy(model, examples, spins):
    """Energy from the sum over all sets of p sites."""
    p, size, total = model.p, spins.size, 0.0
    for seen in examples:
        rows = seen / math.sqrt(mean_square(model))
        rows = rows.mean(axis=0, keepdims=True) if isinstance(model, Supervised) else rows
        for sites in itertools.combinations(range(size), p):
            total += np.prod(rows[:, sites] * spins[list(sites)], axis=1).mean()
    return -math.factorial(p - 1) / size ** (p - 1) * total


def test_energy_is_that_of_the_definition(learner):
    network = small_network(learner)
    examples = noisy_examples(network.archetypes, learner.quality, learner.examples, 17)
    for spins in all_states(8)[[3, 77, 200]]:
        expected = defined_energy(learner, examples, spins)
        assert float(network.energy(spins)) == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_given_examples_make_the_same_network_as_drawn_ones(learner):
    network = small_network(learner)
    examples = noisy_examples(network.archetypes, learner.quality, learner.examples, 17)
    taught = learner.learn(examples, network.archetypes)
    assert (taught.patterns == network.patterns).all()
    assert (taught.archetypes == network.archetypes).all()
    majority = learner.learn(examples)
    signs = np.where(examples.sum(axis=1) < 0, -1, 1)
    assert (majority.archetypes == np.where(network.archetypes == 0, 0, signs)).all()


def test_perfect_examples_are_stored_patterns():
    states = all_states(8)
    for p, kind in itertools.product((2, 3, 4), (Supervised, Unsupervised)):
        network = kind(p, 1.0, 3).network(8, n_patterns=4, seed=2)
        plain = Dense(p).network(8, n_patterns=4, seed=2)
        np.testing.assert_allclose(network.energy(states), plain.energy(states), rtol=1e-12)
        assert (network.archetypes == plain.patterns).all()


def test_one_example_is_taught_as_it_is_found():
    states = all_states(8)
    one, other = (
        kind(3, 0.5, 1).network(8, n_patterns=4, seed=2) for kind in (Supervised, Unsupervised)
    )
    np.testing.assert_allclose(one.energy(states), other.energy(states), atol=1e-13)


def test_teacher_and_no_teacher_see_the_same_examples():
    sup, uns = (
        kind(2, 0.5, 7).network(30, n_patterns=3, seed=5) for kind in (Supervised, Unsupervised)
    )
    assert (sup.effective_sums() == uns.effective_sums()).all()
    assert sup.load == uns.load == 0.1


def test_effective_patterns_have_unit_variance_and_the_known_mean():
    model = Supervised(2, 0.3, 20)
    network = model.network(1000, n_patterns=100, seed=1)
    x = network.effective_sums() * model.effective_unit
    error = 1.0 / math.sqrt(x.size)
    square, mean = x**2, x * network.archetypes
    assert abs(square.mean() - 1.0) < 4.0 * square.std() * error
    expected = 1.0 / math.sqrt(1.0 + model.dataset_entropy)
    assert abs(mean.mean() - expected) < 4.0 * mean.std() * error
    # in units of another quality it is not
    assert abs(mean.mean() - 1.0 / math.sqrt(1.0 + Supervised(2, 0.4, 20).dataset_entropy)) > (
        4.0 * mean.std() * error
    )


def test_quality_of_examples_and_its_measurement():
    archetypes = fair_patterns(20, 500, seed=4)
    examples = noisy_examples(archetypes, 0.4, 30, seed=4)
    overlaps = (examples * archetypes[:, None]).mean(axis=-1).ravel()
    error = overlaps.std() / math.sqrt(overlaps.size)
    assert abs(overlaps.mean() - 0.4) < 4.0 * error
    assert abs(overlaps.mean() - 0.42) > 4.0 * error
    assert measured_quality(examples) == pytest.approx(0.4, abs=0.01)
    with pytest.raises(InputError, match="by chance"):
        measured_quality(np.array([[[1, 1], [-1, -1]]]))
    with pytest.raises(InputError, match="M >= 2"):
        measured_quality(examples[:, :1])


def test_first_examples_are_the_same_whatever_their_number():
    archetypes = fair_patterns(4, 33, seed=4)
    many = noisy_examples(archetypes, 0.4, 9, seed=4)
    assert (noisy_examples(archetypes[:2], 0.4, 5, seed=4) == many[:2, :5]).all()
    assert (example_sums(archetypes, 0.4, 9, seed=4) == many.sum(axis=1)).all()
    assert not (noisy_examples(archetypes, 0.4, 9, seed=5) == many).all()


def test_sums_of_many_examples_are_drawn_in_parts(monkeypatch):
    archetypes = fair_patterns(2, 50, seed=4)
    whole = example_sums(archetypes, 0.2, 300, seed=1)
    monkeypatch.setattr("hopfield.examples.ENTRIES_AT_A_TIME", 700)
    assert (example_sums(archetypes, 0.2, 300, seed=1) == whole).all()
    assert sum_type(2**15 - 1) == np.int16
    assert sum_type(2**15) == np.int32


def test_entropy_of_a_data_set():
    model = Unsupervised(3, 0.5, 12)
    assert model.dataset_entropy == pytest.approx(0.75 / (12 * 0.25), rel=1e-14)
    assert model.entropy_of_order(3) == pytest.approx((1 - 0.5**6) / (12 * 0.5**6), rel=1e-14)
    assert model.effective_unit == pytest.approx(
        1.0 / (12 * math.sqrt(mean_square(model))), rel=1e-14
    )
    assert Supervised(2, 1.0, 3).dataset_entropy == 0.0


@pytest.mark.parametrize("quality", [0.0, -0.5, 1.5, "much", None, float("nan")])
def test_quality_out_of_range(quality):
    with pytest.raises(InputError, match=r"quality must be a number in \(0, 1\]"):
        Supervised(2, quality, 10)


def test_other_arguments_out_of_range():
    with pytest.raises(InputError, match="p must be"):
        Supervised(1, 0.5, 10)
    with pytest.raises(InputError, match="examples must be"):
        Unsupervised(2, 0.5, 0)
    model = Unsupervised(2, 0.5, 3)
    with pytest.raises(InputError, match="give either load or n_patterns"):
        model.network(20)
    with pytest.raises(InputError, match=r"shape \(K, 3, N\)"):
        model.learn(np.ones((2, 4, 10), np.int8))
    with pytest.raises(InputError, match="entries"):
        model.learn(np.zeros((2, 3, 10), np.int8))
    with pytest.raises(InputError, match="the examples"):
        Unsupervised(2, 0.5, 10**9).network(1000, n_patterns=10**6)


def test_results_name_the_model(learner):
    class Result:
        attrs = provenance(learner)

    assert model_of(Result) == learner
