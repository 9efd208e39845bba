"""Simulation beside theory for networks that learn from examples, with and without a teacher."""

import numpy as np
import pytest

import theory
from hopfield import Supervised, Unsupervised
from studies import compare_points

PAIRS, TRIPLES, QUADRUPLES = (1000, 2000, 4000), (160, 220, 320, 450), (80, 100, 130, 160)
POINTS = [
    (Supervised(2, 0.6, 20), 0.04, 0.2, PAIRS),
    (Unsupervised(2, 0.6, 20), 0.04, 0.2, PAIRS),
    (Supervised(2, 0.3, 60), 0.02, 0.25, PAIRS),
    (Unsupervised(2, 0.4, 30), 0.02, 0.1, PAIRS),
    (Supervised(3, 0.6, 20), 0.02, 0.1, TRIPLES),
    (Unsupervised(3, 0.8, 5), 0.02, 0.15, TRIPLES),
    (Supervised(4, 0.7, 20), 0.002, 0.1, QUADRUPLES),
    (Unsupervised(4, 0.8, 5), 0.001, 0.1, QUADRUPLES),
]
NAMES = ("overlap", "effective_overlap", "replica_overlap", "energy")


def zscores(ds):
    return np.array([ds[f"{name}_z"].item() for name in NAMES])


@pytest.mark.slow
@pytest.mark.parametrize(("model", "load", "temperature", "sizes"), POINTS, ids=repr)
def test_eight_points_agree_with_theory(model, load, temperature, sizes):
    """The four observables of a point share their fluctuations; so do not the points."""
    ds = compare_points(
        model, load, temperature, size=sizes, disorder=32, replicas=8, sweeps=100, burn_in=60
    )
    assert ds.phase.item() == "retrieval"
    z = zscores(ds)
    assert (np.abs(z) < 4.0).all()
    assert (z**2).mean() < 2.0


@pytest.mark.parametrize(
    ("model", "load", "temperature", "sizes"),
    [
        (Supervised(2, 0.6, 20), 0.04, 0.2, (500, 1000)),
        (Unsupervised(2, 0.6, 20), 0.03, 0.2, (500, 1000)),
        (Supervised(3, 0.8, 10), 0.02, 0.15, (100, 140)),
        (Unsupervised(3, 0.9, 3), 0.01, 0.15, (100, 140)),
    ],
    ids=repr,
)
def test_points_agree_with_their_theory_and_with_no_other(model, load, temperature, sizes):
    ds = compare_points(
        model, load, temperature, size=sizes, disorder=16, replicas=4, sweeps=60, burn_in=40
    )
    assert (np.abs(zscores(ds)) < 4.0).all()
    # with twice as many examples it would be another network
    other = type(model)(model.p, model.quality, 2 * model.examples)
    richer = theory.solve(other, [load], temperature).effective_overlap.item()
    error = ds.effective_overlap_extrapolated_stderr.item()
    assert abs(ds.effective_overlap_extrapolated.item() - richer) > 4.0 * error


def test_teacher_is_told_from_no_teacher():
    """What differs is the crosstalk alone."""
    model, other = Unsupervised(2, 0.3, 100), Supervised(2, 0.3, 100)
    ds = compare_points(model, 0.03, 0.2, size=2000, disorder=12, replicas=4, sweeps=60, burn_in=60)
    assert (np.abs(zscores(ds)) < 4.0).all()
    taught = theory.solve(other, [0.03], 0.2).effective_overlap.item()
    error = ds.effective_overlap_extrapolated_stderr.item()
    assert abs(ds.effective_overlap_extrapolated.item() - taught) > 4.0 * error
