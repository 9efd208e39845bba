"""Logarithms of the samplers against those of the C library."""

import math

import numpy as np
import pytest

from montecarlo.logarithms import precise_log, precise_log1p

RNG = np.random.default_rng(1)
ROUNDING = 4e-16
"""Two units in the last place."""


@pytest.mark.parametrize("smallest", [1.0, 1e-6, 1e-14, 1e-300])
def test_logarithms_near_one(smallest):
    for x in (RNG.uniform(-0.5, 0.5, 2000) * smallest).tolist():
        assert precise_log1p(x) == pytest.approx(math.log1p(x), rel=ROUNDING, abs=0.0)
    assert precise_log1p(0.0) == 0.0


def test_logarithms_of_all_sizes():
    powers = 10.0 ** RNG.uniform(-300.0, 300.0, 2000)
    for x in [*RNG.uniform(0.5, 3.0, 2000).tolist(), *powers.tolist()]:
        assert precise_log(x) == pytest.approx(math.log(x), rel=ROUNDING, abs=0.0)
    assert precise_log(1.0) == 0.0


def test_the_precision_is_more_than_that_of_thresholds():
    from montecarlo.rng import log_ratio

    assert log_ratio(1.3, 1.0) != pytest.approx(math.log(1.3), rel=1e-14, abs=0.0)
    assert precise_log(1.3) == pytest.approx(math.log(1.3), rel=ROUNDING, abs=0.0)
