"""Differences between examples that no teacher has sorted, against enumeration of single ones."""

import itertools

import numpy as np
import pytest

import hopfield
import theory
from theory.multitasking.equations import curvatures
from theory.multitasking.laws import crosstalk_of, law_of
from theory.multitasking.states import solve_state

# K, M, quality, dilution, temperature, numbers of patterns of equal overlap
CASES = [
    (1, 2, 0.6, 0.3, 0.3, (1,)),
    (1, 3, 0.5, 0.0, 0.4, (1,)),
    (2, 2, 0.7, 0.5, 0.2, (1,)),
    (2, 2, 0.7, 0.4, 0.02, (1, 1)),
    (2, 3, 0.6, 0.5, 0.15, (2,)),
    (2, 3, 0.8, 0.3, 0.4, (1,)),
]


def entries(quality, examples, dilution):
    """All examples of one archetype on a site, and their probabilities."""
    yield (0,) * examples, dilution
    for sign, *flips in itertools.product((1, -1), repeat=1 + examples):
        odds = [(1.0 + quality * flip) / 2.0 for flip in flips]
        yield tuple(sign * flip for flip in flips), (1.0 - dilution) / 2.0 * np.prod(odds)


class SingleExamples:
    """Free energy of the overlaps with all examples."""

    def __init__(self, k, m, quality, dilution, temperature):
        law = list(entries(quality, m, dilution))
        self.columns = np.array(
            [sum((e for e, _ in c), ()) for c in itertools.product(law, repeat=k)]
        )
        self.weight = np.array(
            [np.prod([p for _, p in c]) for c in itertools.product(law, repeat=k)]
        )
        self.unit = 1.0 / (m * (quality**2 + (1.0 - quality**2) / m))
        self.t = temperature

    def free_energy(self, overlap):
        """Per spin."""
        field = self.unit * self.columns @ overlap
        log = np.logaddexp(field / self.t, -field / self.t)
        return self.unit * (overlap @ overlap) / 2.0 - self.t * self.weight @ log

    def gradient(self, overlap):
        """Of the free energy."""
        tanh = np.tanh(self.unit * self.columns @ overlap / self.t)
        return self.unit * (overlap - (self.weight * tanh) @ self.columns)

    def hessian(self, overlap):
        """By overlaps in units in which it is 1 at high temperature."""
        slope = 1.0 / np.cosh(self.unit * self.columns @ overlap / self.t) ** 2 / self.t
        second = (self.columns.T * (self.weight * slope)) @ self.columns
        return np.eye(overlap.size) - self.unit * second


def found(case):
    k, m, quality, d, t, groups = case
    model = hopfield.Unsupervised(2, quality, m, dilution=d)
    none, temperature = np.zeros(1), np.full(1, t)
    state = solve_state(model, groups, k, none, temperature)
    assert state.status.item() == "converged"
    n = state.values["effective_overlap"][0]
    each = n[np.cumsum(groups) - 1][None]
    point = law_of(model, groups), crosstalk_of(model), none, temperature, each, none
    curvature = curvatures(*point, examples=m, entropy=model.dataset_entropy)
    return model, state, n, curvature


@pytest.mark.parametrize("case", CASES)
def test_eigenvalues_of_single_examples(case):
    k, m, quality, d, t, groups = case
    _, state, n, curvature = found(case)
    root = np.sqrt(quality**2 + (1.0 - quality**2) / m)
    single = SingleExamples(k, m, quality, d, t)
    overlap = np.repeat(n * root, m)
    assert np.abs(single.gradient(overlap)).max() < 1e-12
    assert abs(single.free_energy(overlap) - state.values["free_energy"].item()) < 1e-12
    retrieved, other = curvature.between_examples[0, :-1], curvature.between_examples[0, -1:]
    of_patterns = np.concatenate([retrieved.repeat(groups), other.repeat(k - sum(groups))])
    expected = np.concatenate([state.values["eigenvalue"][0], of_patterns.repeat(m - 1)])
    exact = np.linalg.eigvalsh(single.hessian(overlap))
    assert np.abs(np.sort(expected) - exact).max() < 1e-11


@pytest.mark.parametrize("case", CASES)
def test_enumerated_hessian_is_that_of_the_free_energy(case):
    k, m, quality, d, t, _ = case
    single = SingleExamples(k, m, quality, d, t)
    overlap, step = np.linspace(0.3, 0.1, k * m), 1e-4
    for i in range(k * m):
        moved = step * np.eye(k * m)[i]
        change = (single.gradient(overlap + moved) - single.gradient(overlap - moved)) / (
            2.0 * step
        )
        assert np.abs(change / single.unit - single.hessian(overlap)[i]).max() < 1e-5


def test_wrong_entropy_of_the_data_set_is_noticed():
    case = CASES[1]
    _, m, _, _, t, groups = case
    model, _, n, right = found(case)
    none, temperature = np.zeros(1), np.full(1, t)
    point = law_of(model, groups), crosstalk_of(model), none, temperature, n[None], none
    wrong = curvatures(*point, examples=m, entropy=2.0 * model.dataset_entropy)
    assert np.abs(wrong.between_examples - right.between_examples).max() > 0.1


def test_a_teacher_is_told_which_examples_belong_together():
    """There are no differences between examples with a teacher; the states are the same."""
    args = 2, 0.7, 3, 0.4
    with_teacher, without = (
        theory.retrieval_states(kind(*args), 2, [0.02, 0.3], states=["pure", "hierarchical"])
        for kind in (hopfield.Supervised, hopfield.Unsupervised)
    )
    assert "eigenvalue_between_examples" not in with_teacher
    assert "eigenvalue_between_examples" in without
    for name in with_teacher.data_vars:
        if name != "status":
            assert np.array_equal(with_teacher[name], without[name], equal_nan=True)


def test_two_examples_that_contradict_each_other_leave_a_spin_free():
    """So that their mean is a saddle point at low temperature, which spins follow half way."""
    model = hopfield.Unsupervised(2, 0.5, 2)
    found = theory.retrieval_states(model, 1, np.linspace(0.02, 0.98, 49), states=["pure"])
    between = found.eigenvalue_between_examples.values[0]
    assert found.stable.all()
    assert between[0] < 0.0 < between[-1]
    assert (np.diff(np.sign(between)) != 0.0).sum() == 1
