"""Error bars against series whose exact errors are known, each check with a twin that must fail."""

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy.signal import lfilter
from scipy.stats import chi2

from hopfield import InputError
from montecarlo.statistics import (
    effective_sample_size,
    extrapolate,
    integrated_autocorrelation_time,
    jackknife,
    mean_and_stderr,
    split_rhat,
)

SERIES_FUNCTIONS = [
    integrated_autocorrelation_time,
    effective_sample_size,
    split_rhat,
    mean_and_stderr,
]


def autoregressive(correlation, shape, seed):
    """Stationary AR(1) chains of unit variance: τ = (1 + correlation) / (1 - correlation)."""
    noise = np.random.default_rng(seed).normal(size=shape)
    noise[..., 1:] *= np.sqrt(1.0 - correlation**2)
    return lfilter([1.0], [1.0, -correlation], noise, axis=-1)


def z_of_mean(samples, expected):
    """Deviation of the mean of independent samples from its expectation, in standard errors."""
    return (np.mean(samples) - expected) / (np.std(samples, ddof=1) / np.sqrt(len(samples)))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, 0.9])
@pytest.mark.parametrize("shape", [(1, 8000), (8, 1000)], ids=["one chain", "eight chains"])
def test_autocorrelation_time_of_autoregressive_chains(correlation, shape):
    tau = (1.0 + correlation) / (1.0 - correlation)
    series = autoregressive(correlation, (100, *shape), seed=1)
    estimates = integrated_autocorrelation_time(series)
    assert abs(z_of_mean(estimates, tau)) < 4.0
    assert abs(z_of_mean(2.0 * estimates, tau)) > 4.0


def test_autocorrelation_time_of_short_chains_is_corrected_for_their_mean():
    estimates = integrated_autocorrelation_time(autoregressive(0.0, (2000, 4, 50), seed=16))
    assert abs(z_of_mean(estimates, 1.0)) < 4.0
    # Without the correction a window of 5 lags loses a part (2 * 5 + 1) / 200.
    assert abs(z_of_mean(estimates * (1.0 - 11.0 / 200.0), 1.0)) > 4.0


def test_autocorrelation_time_scatters_as_its_window_says():
    estimates = integrated_autocorrelation_time(autoregressive(0.5, (400, 8, 1000), seed=17))
    # Wolff 2004, eq. (42), for a window of 5 τ, with τ = 3.
    variance = 4.0 / 8000 * (15.0 + 0.5 - 1.5) * 3.0**2
    assert abs(z_of_mean((estimates - 3.0) ** 2, variance)) < 4.0
    assert abs(z_of_mean((estimates - 3.0) ** 2, 2.0 * variance)) > 4.0


def test_autocorrelation_time_of_anticorrelated_draws_is_below_one():
    series = autoregressive(-0.3, (1000, 2, 1000), seed=2)
    # The window of 5 lags leaves out a part 2 (-0.3)^6 / 1.3 of τ = 0.7 / 1.3.
    estimates = integrated_autocorrelation_time(series)
    assert abs(z_of_mean(estimates, 0.7 / 1.3)) < 4.0
    assert abs(z_of_mean(estimates, 1.0)) > 4.0
    alternating = np.tile([1.0, -1.0], (3, 50))
    assert integrated_autocorrelation_time(alternating) == pytest.approx(1.0 / np.log10(300))


def test_autocorrelation_time_does_not_depend_on_scale_and_offset():
    series = autoregressive(0.7, (4, 500), seed=3)
    tau = integrated_autocorrelation_time(series)
    assert integrated_autocorrelation_time(1e-3 * series - 40.0) == pytest.approx(tau, rel=1e-8)


def test_autocorrelation_time_of_chains_in_different_states_is_of_their_length():
    series = autoregressive(0.0, (2, 1000), seed=4) * 0.1 + np.array([[-1.0], [1.0]])
    assert integrated_autocorrelation_time(series) > 500.0
    assert integrated_autocorrelation_time(series[:1]) < 2.0


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.8])
def test_standard_errors_have_the_right_size(correlation):
    series = autoregressive(correlation, (400, 4, 1000), seed=5)
    mean, stderr = mean_and_stderr(series)
    assert abs(z_of_mean((mean / stderr) ** 2, 1.0)) < 4.0
    if correlation != 0.0:
        independent = series.std(axis=(1, 2)) / np.sqrt(4000)
        assert abs(z_of_mean((mean / independent) ** 2, 1.0)) > 4.0


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_effective_sample_size_of_autoregressive_chains(correlation):
    series = autoregressive(correlation, (200, 2, 8000), seed=6)
    tau = (1.0 + correlation) / (1.0 - correlation)
    # The estimate is positive and noisy, with a bias of relative order τ / n that 1 % allows for.
    ratio = 16000.0 / effective_sample_size(series) / tau
    assert abs(np.mean(ratio) - 1.0) < 4.0 * np.std(ratio) / np.sqrt(200) + 0.01
    if correlation != 0.0:
        assert abs(z_of_mean(ratio * tau, 1.0)) > 4.0


def test_chains_that_disagree_have_a_small_effective_sample_size_and_a_large_rhat():
    agreeing = autoregressive(0.0, (4, 1000), seed=7)
    disagreeing = agreeing + 3.0 * np.arange(4.0)[:, None]
    assert effective_sample_size(agreeing) > 3000.0
    assert split_rhat(agreeing) < 1.01
    assert effective_sample_size(disagreeing) < 10.0
    assert split_rhat(disagreeing) > 2.0


def test_rhat_sees_a_drift_within_one_chain():
    noise = autoregressive(0.0, (1, 1000), seed=8)
    assert split_rhat(noise) < 1.01
    assert split_rhat(noise + np.linspace(0.0, 4.0, 1000)) > 1.5


@pytest.mark.parametrize("n_draws", [31, 100, 1001])
@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.7, 0.99])
def test_agreement_with_arviz(n_draws, correlation):
    series = autoregressive(correlation, (3, 5, 4, n_draws), seed=9)
    assert split_rhat(series) == pytest.approx(array_stats.rhat(series, method="split"), rel=1e-10)
    ess = array_stats.ess(series, method="mean")
    assert effective_sample_size(series) == pytest.approx(ess, rel=1e-10)
    assert mean_and_stderr(series)[1] == pytest.approx(array_stats.mcse(series), rel=1e-10)


@pytest.mark.parametrize("function", SERIES_FUNCTIONS)
def test_leading_axes_are_treated_one_by_one(function):
    series = autoregressive(0.8, (2, 3, 4, 60), seed=10)
    together = np.asarray(function(series))
    for index in np.ndindex(2, 3):
        alone = np.asarray(function(series[index]))
        assert together[(..., *index)] == pytest.approx(alone, rel=1e-10)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_constant_series(value):
    series = np.full((3, 50), value)
    assert integrated_autocorrelation_time(series) == 1.0
    assert effective_sample_size(series) == 150.0
    assert split_rhat(series) == 1.0
    mean, stderr = mean_and_stderr(series)
    assert mean == pytest.approx(value)
    assert stderr == 0.0


def test_constant_chains_that_differ():
    series = np.repeat([[0.0], [1.0]], 50, axis=1)
    assert split_rhat(series) == np.inf
    assert effective_sample_size(series) < 4.0
    assert integrated_autocorrelation_time(series) > 25.0
    assert mean_and_stderr(series)[1] > 0.25


def test_a_cell_that_is_not_finite_is_marked_and_leaves_the_others_alone():
    series = autoregressive(0.5, (3, 2, 50), seed=11)
    spoiled = series.copy()
    spoiled[0, 1, 7] = np.nan
    spoiled[1, 0, 3] = np.inf
    for function in SERIES_FUNCTIONS:
        result, clean = np.asarray(function(spoiled)), np.asarray(function(series))
        assert np.isnan(result[..., :2]).all()
        assert (result[..., 2] == clean[..., 2]).all()


@pytest.mark.parametrize("function", SERIES_FUNCTIONS)
def test_too_short_or_misshapen_series_are_refused(function):
    with pytest.raises(InputError, match="at least 4 draws, got 3"):
        function(np.zeros((2, 3)))
    with pytest.raises(InputError, match=r"shape \(\.\.\., chain, draw\), got \(10,\)"):
        function(np.zeros(10))
    with pytest.raises(InputError, match=r"got \(0, 10\)"):
        function(np.zeros((0, 10)))
    assert np.isfinite(function(np.random.default_rng(0).normal(size=(1, 4)))).all()


def test_jackknife_of_the_mean_is_the_textbook_error():
    values = np.random.default_rng(12).normal(size=(3, 20))
    mean, stderr = jackknife(values, axis=1)
    assert mean == pytest.approx(values.mean(axis=1), rel=1e-12)
    assert stderr == pytest.approx(values.std(axis=1, ddof=1) / np.sqrt(20), rel=1e-10)


def test_jackknife_of_a_nonlinear_estimator_agrees_with_the_delta_method():
    values = 2.0 + np.random.default_rng(13).normal(size=(400, 50))

    def cube(samples, axis):
        return samples.mean(axis=axis) ** 3

    estimate, stderr = jackknife(values, cube, axis=1)
    delta = 3.0 * values.mean(axis=1) ** 2 * values.std(axis=1, ddof=1) / np.sqrt(50)
    assert stderr == pytest.approx(delta, rel=5.0 / 50)  # they differ at relative order 1/n
    # E[mean^3] = mu^3 + 3 mu sigma^2 / n: the plain estimate is biased, the corrected one is not.
    # The linear part, of known expectation 0, is taken out to see it.
    linear = 3.0 * 2.0**2 * (values.mean(axis=1) - 2.0)
    corrected, _ = jackknife(values, cube, axis=1, bias_corrected=True)
    assert abs(z_of_mean(corrected - linear, 8.0)) < 4.0
    assert abs(z_of_mean(estimate - linear, 8.0)) > 4.0


def test_jackknife_estimators_may_return_arrays():
    values = np.random.default_rng(14).normal(size=(10, 2, 3))
    estimate, stderr = jackknife(values, lambda samples, axis: samples.var(axis=axis).sum(axis=-1))
    assert estimate.shape == stderr.shape == (2,)
    assert estimate == pytest.approx(values.var(axis=0).sum(axis=-1))


def test_jackknife_of_one_sample_and_of_none():
    estimate, stderr = jackknife([[1.0, 2.0]])
    assert estimate.tolist() == [1.0, 2.0]
    assert np.isnan(stderr).all()
    assert np.isnan(jackknife([1.0], bias_corrected=True)[0])
    with pytest.raises(InputError, match=r"along axis 0, got shape \(0, 2\)"):
        jackknife(np.empty((0, 2)))
    with pytest.raises(InputError, match=r"along axis 2, got shape \(3,\)"):
        jackknife([1.0, 2.0, 3.0], axis=2)


def test_extrapolation_recovers_a_line_exactly():
    sizes = np.array([100, 200, 400, 800])
    truth, slope = np.array([[0.9], [-0.2]]), np.array([[3.0], [0.0]])
    line = extrapolate(sizes, truth + slope / sizes, np.full((2, 4), 0.01) * [1, 2, 3, 4])
    assert line.value == pytest.approx(truth[:, 0], abs=1e-12)
    assert line.slope == pytest.approx(slope[:, 0], abs=1e-9)
    assert line.chi_square == pytest.approx(0.0, abs=1e-15)
    assert line.degrees_of_freedom == 2


def test_extrapolation_from_two_sizes_has_the_errors_of_the_difference():
    line = extrapolate([100, 200], [0.91, 0.905], [0.003, 0.004])
    assert line.value == pytest.approx(0.9)
    assert line.stderr == pytest.approx(np.hypot(2 * 0.004, 0.003))
    assert line.slope == pytest.approx(1.0)
    assert line.slope_stderr == pytest.approx(200 * np.hypot(0.003, 0.004))
    assert line.chi_square == pytest.approx(0.0, abs=1e-15)
    assert line.degrees_of_freedom == 0


def test_extrapolation_agrees_with_generalised_least_squares():
    sizes, sigma = np.array([50, 100, 300, 900]), np.array([0.02, 0.01, 0.02, 0.03])
    values = np.array([0.8, 0.85, 0.9, 0.87])
    design = np.stack([np.ones(4), 1.0 / sizes], axis=1) / sigma[:, None]
    covariance = np.linalg.inv(design.T @ design)
    solution = covariance @ design.T @ (values / sigma)
    line = extrapolate(sizes, values, sigma)
    assert [line.value, line.slope] == pytest.approx(solution, rel=1e-10)
    errors = [line.stderr, line.slope_stderr]
    assert errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-10)


def test_extrapolated_values_and_chi_square_are_distributed_as_they_should():
    sizes, sigma = np.array([100, 150, 250, 500, 1000]), np.array([1, 2, 1, 3, 2]) * 0.01
    noise = sigma * np.random.default_rng(15).normal(size=(2000, 5))
    line = extrapolate(sizes, 0.7 - 2.0 / sizes + noise, np.broadcast_to(sigma, (2000, 5)))
    pull = (line.value - 0.7) / line.stderr
    assert abs(z_of_mean(pull, 0.0)) < 4.0
    assert abs(z_of_mean(pull**2, 1.0)) < 4.0
    assert abs(z_of_mean(line.chi_square, 3.0)) < 4.0
    tail = chi2.sf(line.chi_square, line.degrees_of_freedom) < 0.1
    assert abs(z_of_mean(tail, 0.1)) < 4.0
    curved = extrapolate(sizes, 0.7 + 1000.0 / sizes**2 + noise, np.broadcast_to(sigma, (2000, 5)))
    assert abs(z_of_mean(curved.chi_square, 3.0)) > 4.0


def test_extrapolation_of_second_degree_follows_a_curve_that_a_line_misses():
    sizes, sigma = np.array([100, 130, 180, 250, 400]), np.array([1, 2, 1, 3, 2]) * 1e-4
    noise = sigma * np.random.default_rng(16).normal(size=(2000, 5))
    values, errors = 0.7 - 2.0 / sizes + 40.0 / sizes**2 + noise, np.broadcast_to(sigma, (2000, 5))
    curve = extrapolate(sizes, values, errors, degree=2)
    assert curve.degrees_of_freedom == 2
    for pull in ((curve.value - 0.7) / curve.stderr, (curve.slope + 2.0) / curve.slope_stderr):
        assert abs(z_of_mean(pull, 0.0)) < 4.0
        assert abs(z_of_mean(pull**2, 1.0)) < 4.0
    assert abs(z_of_mean(curve.chi_square, 2.0)) < 4.0
    line = extrapolate(sizes, values, errors)
    assert abs(z_of_mean((line.value - 0.7) / line.stderr, 0.0)) > 4.0


def test_extrapolation_marks_cells_without_usable_errors():
    values = np.full((4, 3), 0.5)
    errors = np.full((4, 3), 0.1)
    errors[0, 1], errors[1, 2], values[2, 0] = 0.0, np.nan, np.nan
    line = extrapolate([100, 200, 300], values, errors)
    for field in (line.value, line.stderr, line.slope, line.slope_stderr, line.chi_square):
        assert np.isnan(field).tolist() == [True, True, True, False]


@pytest.mark.parametrize("sizes", [[100], [100, 100], [0, 100], [100, -5], [100, np.nan], [[1, 2]]])
def test_extrapolation_needs_two_different_sizes(sizes):
    n = np.shape(sizes)[-1]
    with pytest.raises(InputError, match="2 of them different"):
        extrapolate(sizes, np.ones(n), np.ones(n))


def test_extrapolation_refuses_shapes_that_do_not_fit_and_negative_errors():
    with pytest.raises(InputError, match=r"shape \(\.\.\., 2\), got \(3,\) and \(3,\)"):
        extrapolate([100, 200], np.ones(3), np.ones(3))
    with pytest.raises(InputError, match=r"got \(2,\) and \(1, 2\)"):
        extrapolate([100, 200], np.ones(2), np.ones((1, 2)))
    with pytest.raises(InputError, match=r"stderrs must be >= 0, got -0\.1"):
        extrapolate([100, 200], np.ones(2), [0.1, -0.1])
