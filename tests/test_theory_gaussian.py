"""Gaussian averages against plain quadrature in extended precision, closed forms, identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from theory.gaussian import moments, thermal_moments


def fine_quadrature(mean, width, temperature):
    """All averages by a plain trapezoid in z, spacing a fortieth of the distance of the poles."""
    real = np.longdouble
    ratio = temperature / width if width else 1.0
    spacing = min(0.05, 0.05 * np.pi * ratio / 2.0)
    count = int(np.ceil(11.0 / spacing))
    z = np.arange(-count, count + 1, dtype=real) * real(spacing)
    weight = real(spacing) * np.exp(-z * z / 2) / np.sqrt(2 * np.arccos(real(-1)))
    t = real(temperature)
    y = (real(mean) + real(width) * z) / t
    boltzmann = np.exp(-2 * np.abs(y))
    deficit = 2 * boltzmann / (1 + boltzmann)
    sech2 = 4 * boltzmann / (1 + boltzmann) ** 2
    tanh = np.copysign(1 - deficit, y)
    log = np.log1p(boltzmann)
    averages = {
        "tanh": tanh,
        "tanh_squared": tanh**2,
        "response": sech2 / t,
        "tanh_by_width": z * sech2 / t,
        "response_by_mean": -2 * tanh * sech2 / t**2,
        "response_by_width": -2 * z * tanh * sech2 / t**2,
        "log_cosh": t * (np.abs(y) + log),
        "entropy": log + np.abs(y) * deficit,
        "sech_fourth": sech2**2 / t,
    }
    return {name: (weight * values).sum() for name, values in averages.items()}


def as_dict(mean, width, temperature):
    values = vars(moments(mean, width, temperature))
    return values | vars(thermal_moments(mean, width, temperature))


RATIOS = [0.003, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999999, 1.0, 1.01, 1.5, 3.0, 30.0, 1e4]


@pytest.mark.parametrize("ratio", RATIOS)
def test_averages_agree_with_fine_quadrature(ratio):
    """Scaled so that σ = 1 for T < σ and T = 1 otherwise: every average is then of order one."""
    width, temperature = (1.0, ratio) if ratio < 1.0 else (1.0 / ratio, 1.0)
    for u in [0.0, 0.1, 0.7, 1.3, 2.1, 3.0, 5.0, 8.0, 10.0, 13.0, 20.0, 30.0, 40.0]:
        values = as_dict(u * width, width, temperature)
        for name, exact in fine_quadrature(u * width, width, temperature).items():
            error = abs(float(values[name] - exact))
            assert error <= 3e-15 * max(1.0, abs(float(exact))), (u, name)


@pytest.mark.parametrize("mean", [0.0, 0.2, 1.0, 3.0])
def test_zero_temperature_has_the_closed_forms(mean):
    width = 0.4
    u = mean / width
    density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
    values = as_dict(mean, width, 0.0)
    expected = {
        "tanh": erf(u / np.sqrt(2)),
        "tanh_squared": 1.0,
        "response": 2 * density / width,
        "tanh_by_width": -2 * u * density / width,
        "response_by_mean": -2 * u * density / width**2,
        "response_by_width": 2 * (u**2 - 1) * density / width**2,
        "log_cosh": 2 * width * density + mean * erf(u / np.sqrt(2)),
        "entropy": 0.0,
        "sech_fourth": 4 / 3 * density / width,
    }
    for name, exact in expected.items():
        np.testing.assert_allclose(values[name], exact, rtol=1e-14, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("temperature", [1e-300, 1e-3, 0.3, 2.0])
@pytest.mark.parametrize("mean", [0.0, 0.5, 1.0])
def test_without_width_the_averages_are_the_functions(mean, temperature):
    values = as_dict(mean, 0.0, temperature)
    y = mean / temperature
    sech2 = 4.0 * np.exp(-2.0 * y) / (1.0 + np.exp(-2.0 * y)) ** 2
    np.testing.assert_allclose(values["tanh"], np.tanh(y), rtol=1e-14)
    np.testing.assert_allclose(values["response"], sech2 / temperature, rtol=1e-13)
    exact = mean + temperature * np.log1p(np.exp(-2 * y))
    np.testing.assert_allclose(values["log_cosh"], exact, rtol=1e-14)


def test_without_width_and_temperature_the_field_has_a_sign():
    values = as_dict(1.0, 0.0, 0.0)
    assert values["tanh"] == pytest.approx(1.0, abs=1e-15)
    assert values["log_cosh"] == pytest.approx(1.0, abs=1e-15)
    assert values["response"] == values["entropy"] == values["sech_fourth"] == 0.0


def test_the_exponentially_small_tails_are_relatively_accurate():
    """C at T = 0 for u = 37, where it is 1e-297."""
    response = float(moments(37.0, 1.0, 0.0).response)
    assert response == pytest.approx(np.sqrt(2 / np.pi) * np.exp(-(37.0**2) / 2), rel=1e-12)


def test_small_averages_are_relatively_accurate():
    """E tanh² ~ (m² + σ²)/T² and E tanh ~ m/T for a weak field."""
    mean, width = 3e-9, 4e-9
    values = moments(mean, width, 1.0)
    assert float(values.tanh_squared) == pytest.approx(mean**2 + width**2, rel=1e-13)
    assert float(values.tanh) == pytest.approx(mean, rel=1e-13)


field = st.tuples(
    st.floats(0.0, 3.0), st.floats(1e-3, 3.0), st.floats(1e-4, 3.0)
)  # mean, width, temperature


@given(field)
@settings(max_examples=200, deadline=None)
def test_identities(cell):
    r"""tanh² + sech² = 1, and E h tanh(h/T) = m M + σ² C (an integration by parts)."""
    mean, width, temperature = cell
    k, thermal = moments(*cell), thermal_moments(*cell)
    assert float(k.tanh_squared + temperature * k.response) == pytest.approx(1.0, abs=2e-15)
    field_times_tanh = mean * k.tanh + width**2 * k.response
    entropy = thermal.log_cosh - field_times_tanh
    assert float(temperature * thermal.entropy) == pytest.approx(float(entropy), abs=2e-14)


@given(field)
@settings(max_examples=100, deadline=None)
def test_reflection(cell):
    mean, width, temperature = cell
    ahead, behind = as_dict(mean, width, temperature), as_dict(-mean, width, temperature)
    odd = {"tanh", "tanh_by_width", "response_by_mean"}
    for name, value in ahead.items():
        sign = -1.0 if name in odd else 1.0
        scale = max(1.0, abs(float(value)))
        assert abs(float(value - sign * behind[name])) <= 1e-14 * scale, name


def test_shapes_broadcast():
    mean = np.linspace(0.0, 1.0, 1500)[:, None]
    values = moments(mean, 0.5, np.array([0.0, 0.4, 0.7]))
    assert values.tanh.shape == (1500, 3)
    assert float(values.tanh[700, 1]) == float(moments(mean[700, 0], 0.5, 0.4).tanh)
