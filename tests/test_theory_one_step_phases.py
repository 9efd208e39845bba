"""Phases of one-step replica symmetry breaking: published values, limits, identities."""

import math

import numpy as np
import pytest

import hopfield
import theory
from hopfield.vocabulary import STATUS, describe
from theory.models import symmetric_phases_of
from theory.one_step.complexity import gardner_temperature
from theory.one_step.crosstalk import interaction
from theory.one_step.glass import glass, transition
from theory.one_step.instability import instability
from theory.one_step.metastable import complexity

PAIR, FULL3 = hopfield.Hopfield(), hopfield.Dense(3, self_interaction=True)
RETRIEVAL = [
    (PAIR, 0.13),
    (hopfield.Dense(2, self_interaction=True), 0.13),
    (hopfield.Dense(3), 0.12),
    (FULL3, 0.08),
    (hopfield.Dense(4, self_interaction=True), 0.012),
]
GLASSES = [
    (PAIR, 0.1),
    (hopfield.Dense(3), 0.1),
    (FULL3, 0.1),
    (hopfield.Dense(4, self_interaction=True), 0.01),
    (hopfield.Dense(5, self_interaction=True), 0.002),
    (hopfield.Dense(6, self_interaction=True), 0.0005),
]

DISCONTINUOUS = [hopfield.Dense(3), *(hopfield.Dense(p, self_interaction=True) for p in (5, 6))]


def one_step(model, load, temperature, phase="retrieval"):
    return theory.solve(model, load, temperature, ansatz="1rsb", phase=phase)


def unit(p):
    """T / sqrt(α) over the temperature of the p-spin model with J = 1."""
    return math.sqrt(2 * math.factorial(p - 1) / p)


def at_temperature(model, load):
    return instability(symmetric_phases_of(model), interaction(model), load).temperature


def test_published_capacity_of_pairs():
    """Steffan and Kühn: 0.138186; Amit, Gutfreund and Sompolinsky with symmetry: 0.137906."""
    assert theory.capacity(PAIR, ansatz="1rsb")["load"].item() == pytest.approx(0.138186, abs=5e-7)
    assert theory.capacity(PAIR)["load"].item() == pytest.approx(0.137906, abs=5e-7)


def test_sherrington_kirkpatrick_limit():
    """Parisi: ground state -0.7652 with one step, -0.798 with symmetry."""
    load = 1e10
    energies = [
        theory.solve(PAIR, load, [0.0], ansatz=ansatz, phase="glass").energy.item()
        for ansatz in ("1rsb", "rs")
    ]
    scaled = np.array(energies) / math.sqrt(load)
    assert scaled[0] == pytest.approx(-0.7652, abs=1e-4)
    assert scaled[1] == pytest.approx(-math.sqrt(2 / math.pi), abs=1e-4)


def test_gardner_temperature_of_three_spins():
    ratio = gardner_temperature(interaction(hopfield.Dense(3)))
    assert ratio / unit(3) == pytest.approx(0.240, abs=5e-4)


def test_random_energy_model():
    """Large p: x = T/T_s and the energy freezes at -sqrt(log 2) J."""
    model, p = hopfield.Dense(40), 40
    scale = transition(interaction(model), 1.0).temperature
    load = 1.0 / scale**2
    states = one_step(model, load, [0.25, 0.75], "glass")
    np.testing.assert_allclose(states.breakpoint, [0.25, 0.75], atol=1e-6)
    energy = states.energy * math.sqrt(1.0 / load) / unit(p)
    np.testing.assert_allclose(energy, -math.sqrt(math.log(2)), atol=1e-6)


@pytest.mark.parametrize("p", [3, 6])
def test_capacity_rises_where_symmetry_breaks(p):
    """And is that of symmetry above."""
    model = hopfield.Dense(p)
    temperatures = [0.0, 0.2, 0.4]
    broken = theory.capacity(model, temperatures, ansatz="1rsb")
    plain = theory.capacity(model, temperatures)
    ratio = (broken["load"] / plain["load"]).values
    assert 1.1 < ratio[0] < 1.25
    assert ratio[2] == 1.0
    assert (broken.status == "converged").all()
    assert (broken.residual < 1e-12).all()


def test_loads_do_not_exceed_the_capacity():
    end = theory.capacity(hopfield.Dense(3), ansatz="1rsb")["load"].item()
    states = one_step(hopfield.Dense(3), [0.999 * end, 1.001 * end], 0.0)
    assert states.status.values.tolist() == ["converged", "absent"]
    with pytest.raises(hopfield.InputError, match=r"it ends at load 0\.153737"):
        one_step(hopfield.Dense(3), 1.001 * end, 0.0)


def test_capacity_of_pairs_exceeds_the_end_of_the_line():
    """The load may be larger than any at which symmetry is lost continuously."""
    state = one_step(PAIR, 0.13819, [0.01])
    assert state.status.item() == "converged"
    end = theory.capacity(PAIR, 0.01, ansatz="1rsb")["load"].item()
    assert 0.13819 < end < 0.1382


@pytest.mark.parametrize(("model", "load"), RETRIEVAL, ids=repr)
@pytest.mark.parametrize("fraction", [0.7, 0.2])
def test_thermodynamics_of_retrieval(model, load, fraction):
    """Entropy s = -df/dT, u = f + Ts, f is above that of symmetry, m and q₁ close to it."""
    t = fraction * at_temperature(model, load)
    d = 1e-3 * t
    states = one_step(model, load, [t - d, t, t + d])
    assert (states.status == "converged").all()
    f, s, u = (states[name].values for name in ("free_energy", "entropy", "energy"))
    assert -(f[2] - f[0]) / 2 / d == pytest.approx(s[1], abs=1e-6)
    np.testing.assert_allclose(u - np.array([t - d, t, t + d]) * s, f, atol=1e-13)
    plain = theory.solve(model, load, t)
    assert f[1] > plain.free_energy.item()
    x = states.breakpoint.values[1]
    assert 0.0 < x < 1.0
    q0, q, q1 = states.self_overlap_0[1], plain.self_overlap, states.self_overlap_1[1]
    assert q0 < q < q1
    assert abs(states.complexity[1]) < 1e-13


@pytest.mark.parametrize(("model", "load"), GLASSES, ids=repr)
@pytest.mark.parametrize("fraction", [0.8, 0.3])
def test_thermodynamics_of_the_glass(model, load, fraction):
    t = fraction * transition(interaction(model), load).temperature
    d = 1e-3 * t
    states = one_step(model, load, [t - d, t, t + d], "glass")
    assert (states.status == "converged").all()
    f, s, u = (states[name].values for name in ("free_energy", "entropy", "energy"))
    assert -(f[2] - f[0]) / 2 / d == pytest.approx(s[1], abs=2e-6)
    np.testing.assert_allclose(u - np.array([t - d, t, t + d]) * s, f, atol=1e-13)
    assert (states.residual < 1e-12).all()
    assert 0.0 < states.breakpoint.values[1] < 1.0
    assert (states.self_overlap_0 < states.self_overlap_1).all()
    assert ((states.self_overlap_0 == 0.0) == (model.p == 6 or model == hopfield.Dense(3))).all()


@pytest.mark.parametrize(("model", "load"), [*RETRIEVAL[:3], *GLASSES[:3]], ids=repr)
def test_zero_temperature_is_a_limit(model, load):
    phase = "glass" if (model, load) in GLASSES else "retrieval"
    states = one_step(model, load, [0.0, 1e-7], phase)
    assert (states.status == "converged").all()
    for name in ("overlap", "self_overlap_0", "noise", "free_energy", "energy"):
        np.testing.assert_allclose(states[name][1], states[name][0], atol=1e-6)
    assert states.breakpoint.values[0] == 0.0
    assert states.replicon.values[0] == -np.inf
    np.testing.assert_allclose(states.replicon_outer[1], states.replicon_outer[0], atol=1e-5)


def test_entropy_at_zero_temperature_is_less_negative():
    broken, plain = one_step(PAIR, 0.1, [0.0], "glass"), theory.solve(PAIR, 0.1, 0.0, phase="glass")
    assert plain.entropy.item() < broken.entropy.item() < 0.0


@pytest.mark.parametrize(("model", "load"), RETRIEVAL, ids=repr)
def test_breaking_starts_at_the_line_of_marginal_stability(model, load):
    line = at_temperature(model, load)
    below, close, above = (line * (1.0 - x) for x in (0.01, 0.001, -0.001))
    states = one_step(model, load, [below, close, above])
    assert states.status.values.tolist() == ["converged", "converged", "replica symmetric"]
    steps = (states.self_overlap_1 - states.self_overlap_0).values
    assert steps[1] / steps[0] == pytest.approx(0.1, abs=0.01)  # proportional to the distance
    assert steps[2] == 0.0
    assert np.isnan(states.breakpoint[2])
    outer, inner = states.replicon_outer.values, states.replicon.values
    np.testing.assert_allclose(outer[:2] / outer[0], [1.0, 0.01], atol=0.01)  # both marginal
    np.testing.assert_allclose(inner[:2] / inner[0], [1.0, 0.01], atol=0.01)


def test_breakpoint_at_a_continuous_transition():
    """x* = (Ξ'''/Ξ''³ + E f₃²) / (2 E f₂³), with Ξ = α ξ / T² and derivatives f of log cosh."""
    model, load = hopfield.Dense(3), 0.14
    t = at_temperature(model, load)
    state = theory.solve(model, load, t)
    z = np.linspace(-10.0, 10.0, 4001)
    density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi) * (z[1] - z[0])
    y = (state.overlap.item() ** 2 + state.noise.item() * z) / t
    f2, f3 = np.cosh(y) ** -2, -2.0 * np.tanh(y) * np.cosh(y) ** -2
    second, third = 4.0 * load / t**2 * state.self_overlap.item(), 4.0 * load / t**2
    expected = (third / second**3 + density @ f3**2) / (2.0 * (density @ f2**3))
    ours = one_step(model, load, t * np.array([0.999, 0.998])).breakpoint.values
    assert 2.0 * ours[0] - ours[1] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("model", DISCONTINUOUS, ids=repr)
def test_discontinuous_glass_joins_the_paramagnet(model):
    """Breakpoint 1 and equal free energies, with equal slopes, at the transition."""
    melting = transition(interaction(model), 1.0).temperature
    load = 1.0 / melting**2
    frozen = one_step(model, load, [1.0 - 1e-6], "glass")
    hot = one_step(model, load, [1.0 + 1e-6], "paramagnet")
    assert frozen.breakpoint.item() == pytest.approx(1.0, abs=1e-5)
    slope = (hot.free_energy.item() - frozen.free_energy.item()) / 2e-6
    assert slope == pytest.approx(-hot.entropy.item(), abs=1e-5)
    assert frozen.entropy.item() == pytest.approx(hot.entropy.item(), abs=1e-5)
    absent = one_step(model, load, [1.0 + 1e-6], "glass")
    assert absent.status.item() == "absent"


def test_loads_only_rescale_the_glass_of_many_bodies():
    crosstalk = interaction(hopfield.Dense(3))
    one, other = glass(crosstalk, 1.0, 0.5).state, glass(crosstalk, 4.0, 1.0).state
    assert one.inner == pytest.approx(other.inner, abs=1e-13)


def test_glass_without_load_is_refused():
    with pytest.raises(hopfield.InputError, match="nothing freezes without load"):
        one_step(hopfield.Dense(3), 0.0, 0.1, "glass")


def test_results_are_labelled():
    result = one_step(PAIR, [0.1, 0.2], [0.0, 0.5])
    assert result.overlap.dims == ("load", "temperature")
    for name in result.data_vars:
        assert result[name].attrs["long_name"] == describe(str(name))["long_name"]
    assert set(np.unique(result.status)) <= set(STATUS)
    missing = result.status == "absent"
    assert missing.any()
    assert np.isnan(result.free_energy.where(missing, drop=True)).all()


def test_complexity_counts_states():
    """Σ falls with f as -x/T, is zero at equilibrium, and positive between both transitions."""
    model, load, t = hopfield.Dense(3), 0.1, 0.2
    equilibrium = one_step(model, load, t, "glass")
    x = equilibrium.breakpoint.item()
    states = complexity(model, load, t, np.array([x - 1e-3, x, x + 1e-3]))
    assert states.complexity.values[1] == pytest.approx(0.0, abs=1e-12)
    assert states.free_energy.values[1] == pytest.approx(equilibrium.free_energy.item(), abs=1e-12)
    change = np.diff(states.complexity.values[::2]) / np.diff(states.free_energy.values[::2])
    assert change.item() == pytest.approx(x / t, rel=1e-4)
    between = complexity(model, load, 0.245, 1.0)
    assert 0.0 < between.complexity.item() < math.log(2)
    paramagnet = one_step(model, load, 0.245, "paramagnet").free_energy.item()
    total = between.free_energy.item() - 0.245 * between.complexity.item()
    assert total == pytest.approx(paramagnet, abs=1e-12)
    assert complexity(model, load, 0.26, 1.0).status.item() == "absent"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((PAIR, 0.1, 0.1, 0.5), "not discontinuous"),
        ((hopfield.Dense(3), 0.0, 0.1, 0.5), "must be positive"),
        ((hopfield.Dense(3), 0.1, 0.1, -0.5), "breakpoint must be"),
    ],
)
def test_complexity_refuses(arguments, match):
    with pytest.raises(hopfield.InputError, match=match):
        complexity(*arguments)


@pytest.fixture(scope="module", params=[PAIR, hopfield.Dense(3), FULL3], ids=repr)
def drawn(request):
    return request.param, theory.phase_diagram(request.param, ansatz="1rsb", points=12)


def test_lines(drawn):
    model, diagram = drawn
    names = ["glass", "spinodal", "first-order", "at"]
    if model == hopfield.Dense(3):
        names = ["glass", "dynamical", "gardner", *names[1:], "nishimori"]
    assert diagram.line.values.tolist() == names
    assert (diagram.status == "converged").all()
    assert (diagram.residual < 1e-10).all()
    plain = theory.phase_diagram(model, points=12)
    hot = diagram.temperature.sel(line="spinodal") > 0.35
    both = [d["load"].sel(line="spinodal").values[hot] for d in (diagram, plain)]
    np.testing.assert_array_equal(*both)
    assert diagram["load"].sel(line="spinodal")[0] > plain["load"].sel(line="spinodal")[0]


def test_free_energies_are_equal_on_the_first_order_line(drawn):
    model, diagram = drawn
    line = diagram.sel(line="first-order")
    for k in (0, 3, 6):
        a, t = line["load"].values[k], line.temperature.values[k]
        for shift, sign in ((-1e-3, -1), (1e-3, 1)):
            load = a * (1 + shift)
            ordered = one_step(model, load, t).free_energy.item()
            glassy = t < transition(interaction(model), load).temperature
            phase = "glass" if glassy else "paramagnet"
            gap = ordered - one_step(model, load, t, phase).free_energy.item()
            assert sign * gap > 0.0
            assert abs(gap) < 5e-3 * a


def test_true_line_of_three_spins_is_nearly_vertical(drawn):
    """Below the point where paramagnet, glass and retrieval meet."""
    model, diagram = drawn
    if model == hopfield.Dense(3):
        line = diagram.sel(line="first-order")
        ratio = transition(interaction(model), 1.0).temperature
        triple = (ratio / 2.0) ** 2
        cold = line["load"].where(line.temperature < 2.0 * triple, drop=True)
        assert triple * 0.99 < cold.min() <= cold.max() < triple * 1.001


def test_no_load_is_missing_up_to_the_end_of_retrieval():
    """Also next to the load where the AT line ends, at which two ways of following states meet."""
    end = theory.capacity(hopfield.Hopfield(), ansatz="1rsb")["load"].item()
    loads = end * (1.0 - np.array([3e-4, 1e-4, 5e-5, 2e-5, 1e-6]))
    states = theory.solve(hopfield.Hopfield(), loads, [0.0, 0.01], ansatz="1rsb")
    assert (states.status == "converged").all()
    assert (np.diff(states.overlap.values, axis=0) < 0.0).all()
