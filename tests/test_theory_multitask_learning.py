"""Numbers of examples from which on several archetypes are retrieved at once."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, norm

import hopfield
import montecarlo
import theory
from hopfield import InputError
from theory.learning.examples import OVERLAP
from theory.multitasking.equations import curvatures, observables
from theory.multitasking.followed import hierarchy, law_of_many
from theory.multitasking.learning import CRITERIA
from theory.multitasking.one_update import (
    crosstalk_of_others,
    largest_pure_dilution,
    updated_overlap,
)
from theory.pairs.crosstalk import PairCrosstalk

MODEL = hopfield.Supervised(2, 0.1, 1, dilution=0.5)


def fields_along(model, n_patterns, size=200_000, seed=1):
    """Fields of one update along the first archetype that is not blank, over their mean."""
    net = model.network(size=size, n_patterns=n_patterns, seed=seed)
    spins = hopfield.hierarchical_state(net.archetypes, seed=seed)
    x = net.effective_sums() * model.effective_unit
    field = spins * ((x @ spins / size) @ x)
    first = (net.archetypes != 0).argmax(axis=0)
    first[~net.archetypes.any(axis=0)] = -1
    return [field[first == k] / field[first == k].mean() for k in range(n_patterns)]


@pytest.fixture(scope="module", params=[(0.15, 90), (0.3, 20)])
def simulated(request):
    quality, examples = request.param
    model = hopfield.Supervised(2, quality, examples, dilution=0.6)
    return model, fields_along(model, 3)


# After one update


def test_relative_noise(simulated):
    """The variance of simulated fields; without the noise of the data in the others it fails."""
    model, fields = simulated
    rho, others = model.dataset_entropy, crosstalk_of_others(3, 0.6)
    for k, field in enumerate(fields):
        square = (field - 1.0) ** 2
        stderr = square.std(ddof=1) / math.sqrt(square.size)
        # overlaps of the archetypes with each other, which vanish at infinite size, move it too
        stderr = math.hypot(stderr, 4.0 * others[k] / math.sqrt(0.4 * 200_000))
        assert abs(square.mean() - (rho + (1.0 + rho) * others[k])) < 4.0 * stderr
        if k < 2:
            assert abs(square.mean() - (rho + others[k])) > 4.0 * stderr


def test_overlap_after_one_update():
    """Of many examples, on the sites of each archetype; normal fields would give another one."""
    model = hopfield.Supervised(2, 0.4, 53, dilution=0.7)
    rho = model.dataset_entropy
    predicted = updated_overlap(4, 0.7, rho)
    noise = rho + (1.0 + rho) * crosstalk_of_others(4, 0.7)
    for k, field in enumerate(fields_along(model, 4)):
        signs = np.sign(field)
        stderr = signs.std(ddof=1) / math.sqrt(signs.size)
        assert abs(signs.mean() - predicted[k]) < 4.0 * stderr
        if k == 2:
            assert abs(signs.mean() - math.erf(1.0 / math.sqrt(2.0 * noise[k]))) > 4.0 * stderr


def test_perfect_patterns_follow_the_first_up_to_the_edge():
    np.testing.assert_allclose(updated_overlap(4, 0.5, 0.0), 1.0, atol=1e-14)
    assert updated_overlap(4, 0.6, 0.0)[0] < 0.99  # 0.6 + 0.36 + 0.216 > 1
    assert updated_overlap(4, 0.6, 0.0)[1] == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("dilution", [0.0, 0.3, 0.8])
def test_signal_equals_noise(dilution):
    found = theory.multitask_threshold(MODEL, 3, dilution=dilution, quality=[0.1, 0.5])
    assert found.examples.dims == ("quality", "pattern")
    rho = (np.array([[0.1], [0.5]]) ** -2.0 - 1.0) / found.examples
    others = (1.0 - dilution) * np.array([dilution**2 + dilution**4, dilution**2, 0.0])
    np.testing.assert_allclose(rho + (1.0 + rho) * others, 1.0, rtol=1e-12)
    # the last archetype has all noise of its own
    np.testing.assert_allclose(found.examples[:, -1], [99.0, 3.0], rtol=1e-12)
    alone = theory.learning_threshold(hopfield.Supervised(2, 0.5, 1), 0.0).examples
    np.testing.assert_allclose(found.examples[1, -1], alone, rtol=1e-12)


@pytest.mark.parametrize("target", [OVERLAP, 0.95])
def test_one_update_is_where_it_says(target):
    found = theory.multitask_threshold(MODEL, 3, criterion="one update", overlap=target)
    assert (found.limit == "overlap").all()
    for k, rho in enumerate(found.dataset_entropy.values):
        assert updated_overlap(3, 0.5, rho)[k] == pytest.approx(target, abs=1e-9)
    normal = theory.multitask_threshold(MODEL, 3, overlap=target).dataset_entropy
    assert found.dataset_entropy[-1].item() == pytest.approx(normal[-1].item(), rel=1e-9)
    assert abs(found.dataset_entropy[0] / normal[0] - 1.0) > 2e-3


# States


def equal_pair(dilution, rho):
    """Eigenvalue of the difference of two equal overlaps at T = 0, with normal densities."""
    mean, width = 1.0 / math.sqrt(1.0 + rho), math.sqrt(rho / (1.0 + rho))

    def modulus(center, spread):
        return spread * math.sqrt(2.0 / math.pi) * math.exp(
            -0.5 * (center / spread) ** 2
        ) + center * math.erf(center / spread / math.sqrt(2.0))

    both, spread = (1.0 - dilution) ** 2, math.sqrt(2.0) * width
    n = both * (modulus(2.0 * mean, spread) + modulus(0.0, spread)) / 4.0
    n += dilution * (1.0 - dilution) * modulus(mean, width)
    alike = norm.pdf(2.0 * mean, scale=spread) * spread**2
    opposed = norm.pdf(0.0, scale=spread) * (4.0 * mean**2 + spread**2)
    return 1.0 - both * (alike + opposed) / 2.0 / n


@pytest.mark.parametrize("dilution", [0.3, 0.5, 0.7])
def test_two_archetypes_become_equal_where_densities_say(dilution):
    expected = brentq(lambda rho: equal_pair(dilution, rho), 1e-3, 1.0, xtol=1e-14)
    found = theory.multitask_threshold(MODEL, 2, dilution=dilution, criterion="retrieval")
    assert found.limit[1] == "state"
    assert found.dataset_entropy[1].item() == pytest.approx(expected, abs=1e-8)
    edge = theory.hierarchical_edge(2, expected)
    assert edge.limit == "merger"
    assert edge.dilution.item() == pytest.approx(dilution, abs=1e-8)


def test_a_single_archetype_has_the_threshold_of_full_patterns():
    found = theory.multitask_threshold(MODEL, 1, criterion="retrieval")
    assert found.limit.item() == "overlap"
    assert found.dataset_entropy.item() == pytest.approx(1.0, abs=1e-8)
    assert found.overlap.item() == pytest.approx(0.5 * OVERLAP, abs=1e-8)


@pytest.mark.parametrize("temperature", [0.04, 0.08])
def test_states_of_finitely_many_examples_end_there(temperature):
    """Exact entries of small examples: some percent more are enough, some percent less are not."""
    threshold = theory.multitask_threshold(
        MODEL, 2, dilution=0.4, quality=0.15, criterion="retrieval", temperature=temperature
    )
    number = threshold.examples[1].item()

    def state(examples):
        model = hopfield.Supervised(2, 0.15, round(examples), dilution=0.4)
        return theory.retrieval_states(model, 2, temperature, states=["hierarchical"]).isel(state=0)

    enough, few = state(1.04 * number), state(0.96 * number)
    assert enough.status == "converged"
    assert enough.stable
    assert few.status == "absent"


def test_at_zero_temperature_few_examples_keep_a_difference():
    number = theory.multitask_threshold(
        MODEL, 2, dilution=0.4, quality=0.15, criterion="retrieval"
    ).examples[1]
    gaps = []
    for share in (1.3, 0.8):
        model = hopfield.Supervised(2, 0.15, round(share * number.item()), dilution=0.4)
        n = theory.retrieval_states(model, 2, 0.0, states=["hierarchical"]).effective_overlap[0]
        many = hierarchy(2, 0.4, model.dataset_entropy).effective_overlap
        np.testing.assert_allclose(n, many, atol=0.01)
        gaps.append((n[0] - n[1]).item())
    assert gaps[0] > 0.1
    assert 1e-3 < gaps[1] < 0.02


def test_one_update_is_no_retrieval():
    """Noise feeds on itself: signal to noise asks for a fifth of the examples or less."""
    thresholds = [
        theory.multitask_threshold(MODEL, 3, criterion=name).examples[0].item() for name in CRITERIA
    ]
    assert thresholds[0] < 140.0
    assert abs(thresholds[1] / thresholds[0] - 1.0) < 0.03
    assert thresholds[2] > 1000.0


def test_thresholds_fall_with_dilution_and_temperature():
    found = theory.multitask_threshold(MODEL, 2, dilution=[0.2, 0.4], criterion="retrieval")
    assert (found.dataset_entropy.diff("dilution") < 0.0).all()
    warm = theory.multitask_threshold(
        MODEL, 2, dilution=0.4, criterion="retrieval", temperature=0.1
    )
    assert (warm.dataset_entropy < found.dataset_entropy[1]).all()
    hot = theory.multitask_threshold(MODEL, 2, criterion="retrieval", temperature=0.3)
    assert (hot.status == "absent").all()
    assert hot.dataset_entropy.isnull().all()
    assert (hot.limit == "state").all()


# Edge


@pytest.mark.parametrize("n_patterns", [3, 4, 5])
def test_edge_of_perfect_data(n_patterns):
    powers = np.arange(1, n_patterns)
    expected = brentq(lambda d: (d**powers).sum() - 1.0, 0.4, 1.0, xtol=1e-15)
    found = theory.hierarchical_edge(n_patterns)
    assert found.limit == "jump"
    assert found.dilution.item() == pytest.approx(expected, abs=1e-8)
    np.testing.assert_allclose(
        found.overlap, expected ** np.arange(n_patterns) * (1.0 - expected), atol=1e-7
    )


def test_two_perfect_patterns_have_no_edge():
    found = theory.hierarchical_edge(2)
    assert found.limit == "none"
    assert np.isnan(found.dilution)


def test_jump_becomes_smooth():
    """The fold of good data ends at a critical point between these entropies."""
    found = theory.hierarchical_edge(3, [0.005, 0.02])
    assert found.limit.values.tolist() == ["jump", "merger"]
    edge = found.dilution[0].item()
    start = found.overlap[0].values
    before, after = (hierarchy(3, edge + step, 0.005, start=start) for step in (-1e-4, 1e-4))
    assert before.stable
    assert after.stable
    jump = before.effective_overlap[0] - after.effective_overlap[0]
    assert jump > 0.02
    assert before.eigenvalue < 0.1 < after.eigenvalue  # a fold, unlike at ρ = 0
    assert found.dilution[1] > edge + 0.1
    smooth = np.array([hierarchy(3, d, 0.02).effective_overlap for d in np.arange(0.5, 0.6, 0.002)])
    assert np.abs(np.diff(smooth, axis=0)).max() < 0.02


# Close to the critical temperature


@pytest.mark.parametrize(("quality", "examples"), [(0.5, 7), (0.9, 1), (0.05, 1000)])
def test_fourth_moment(quality, examples):
    model = hopfield.Supervised(2, quality, examples)
    right = np.arange(examples + 1)
    weight = binom.pmf(right, examples, (1.0 + quality) / 2.0)
    x = (2 * right - examples) * model.effective_unit
    assert weight @ x**2 == pytest.approx(1.0, rel=1e-12)
    assert largest_pure_dilution(model) == pytest.approx(1.0 - weight @ x**4 / 3.0, abs=1e-12)


def test_limit_of_many_examples():
    for rho in (0.1, 1.0):
        model = hopfield.Supervised(2, 1e-3, round(1e6 / rho))
        assert largest_pure_dilution(model) == pytest.approx(2 / 3 / (1 + rho) ** 2, abs=1e-5)


@pytest.mark.parametrize("step", [-0.05, 0.05])
def test_which_state_comes_first_when_cooled(step):
    edge = largest_pure_dilution(hopfield.Supervised(2, 0.4, 15))
    model = hopfield.Supervised(2, 0.4, 15, dilution=edge + step)
    temperature = 0.99 * (1.0 - model.dilution)
    found = theory.retrieval_states(model, 2, temperature, states=["pure", "parallel"])
    assert (found.free_energy[0] < found.free_energy[1]) == (step < 0.0)
    assert found.stable.values.tolist() == [step < 0.0, step > 0.0]


# With and without a teacher


@pytest.mark.parametrize(
    ("dilution", "rho", "temperature"), [(0.3, 0.1, 0.0), (0.3, 0.1, 0.1), (0.5, 0.1, 0.05)]
)
def test_many_examples_do_not_drift_apart(dilution, rho, temperature):
    """By parts: the eigenvalue of differences is m/(n sqrt(1+ρ)), which is positive."""
    state = hierarchy(2, dilution, rho, temperature)
    law, zero, t = law_of_many(2, dilution, rho), np.zeros(1), np.full(1, temperature)
    crosstalk = PairCrosstalk(((1.0 - dilution, 1.0),))
    point = law, crosstalk, zero, t, state.effective_overlap[None], zero
    found = curvatures(*point, examples=10**7, entropy=rho).between_examples[0, :-1]
    m = observables(*point)["overlap"][0]
    expected = m / (state.effective_overlap * math.sqrt(1.0 + rho))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert (expected > 0.4).all()
    few = curvatures(*point, examples=2, entropy=rho).between_examples[0, :-1]
    assert np.abs(few - expected).max() > 1e-2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": hopfield.Multitasking(0.2)}, "model must learn from examples"),
        ({"model": hopfield.Supervised(3, 0.5, 2)}, "model must be hopfield.Multitasking"),
        ({"n_patterns": 0}, "n_patterns must be an integer >= 1, got 0"),
        ({"criterion": "guess"}, "criterion must be one of"),
        ({"quality": [0.5, 0.0]}, "quality must be"),
        ({"dilution": 1.0}, r"dilution must be a number in \[0, 1\)"),
        ({"overlap": 1.0}, "overlap must be a number between 0 and 1, got 1.0"),
        ({"temperature": 0.1}, "temperature must be 0 for signal to noise, got 0.1"),
        ({"temperature": -0.1, "criterion": "retrieval"}, "temperature must be"),
    ],
)
def test_bad_input(changed, message):
    arguments = {"model": MODEL, "n_patterns": 2} | changed
    with pytest.raises(InputError, match=message):
        theory.multitask_threshold(arguments.pop("model"), arguments.pop("n_patterns"), **arguments)


def test_bad_input_of_the_edge():
    with pytest.raises(InputError, match="dataset_entropy must be"):
        theory.hierarchical_edge(3, -0.1)
    with pytest.raises(InputError, match="n_patterns must be an integer >= 1"):
        theory.hierarchical_edge(0)


# Simulation


def simulated_overlaps(examples, temperature, networks=6, size=20_000):
    """Overlaps with two archetypes that start in the hierarchical state, network by network."""
    model = hopfield.Supervised(2, 0.3, examples, dilution=0.5)
    found = []
    for seed in range(networks):
        net = model.network(size, n_patterns=2, seed=seed)
        start = hopfield.hierarchical_state(net.archetypes, seed=seed)
        run = montecarlo.trajectory(
            net, temperature, sweeps=120, replicas=1, start=start, seed=seed
        )
        found.append(net.archetype_overlaps(run.spins.values[0, 80:]).mean(axis=0))
    return model, np.array(found)


def test_archetypes_are_retrieved_one_after_the_other_or_alike():
    """On both sides of the threshold of retrieval; after one update 13 examples are enough."""
    threshold = theory.multitask_threshold(
        MODEL, 2, quality=0.3, criterion="retrieval", temperature=0.05
    ).examples
    assert (np.abs(threshold - 75.5) < 0.1).all()
    after_one = theory.multitask_threshold(MODEL, 2, quality=0.3).examples
    assert (after_one < 13.1).all()
    for examples, state in ((201, "hierarchical"), (31, "parallel")):
        model, found = simulated_overlaps(examples, 0.05)
        expected = theory.retrieval_states(model, 2, 0.05, states=["hierarchical", "parallel"])
        assert bool(expected.stable.sel(state="hierarchical")) == (state == "hierarchical")
        stderr = found.std(axis=0, ddof=1) / math.sqrt(len(found))
        distance = np.abs(found.mean(axis=0) - expected.overlap.sel(state=state).values)
        assert (distance < 4.0 * stderr).all()
        difference = (found[:, 0] - found[:, 1]).mean()
        if state == "hierarchical":
            wrong = expected.overlap.sel(state="parallel").values
            assert (np.abs(found.mean(axis=0) - wrong) > 4.0 * stderr).all()
            assert difference > 0.2
        else:
            assert np.abs(difference) < 0.05
