"""Names of results: dimensions and variables, what they stand for, their units and symbols."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DIMS", "STATUS", "SUFFIXES", "VARIABLES", "Variable", "describe"]

DIMS = (
    "load", "log_load", "temperature", "quality", "dilution", "size", "disorder", "replica",
    "sweep", "pattern", "other_pattern", "site", "line", "point",
)  # fmt: skip


@dataclass(frozen=True)
class Variable:
    """What a name in a result stands for."""

    long_name: str
    symbol: str
    units: str = "1"


VARIABLES = {
    "load": Variable("load", "α"),
    "temperature": Variable("temperature", "T", "J"),
    "size": Variable("number of spins", "N"),
    "disorder": Variable("index of the pattern set", ""),
    "replica": Variable("index of the replica", ""),
    "sweep": Variable("sweep after burn-in", "", "sweeps"),
    "pattern": Variable("index of the pattern", "μ"),
    "state": Variable("state, by its numbers of patterns of equal overlap", ""),
    "mode": Variable("index of the eigenvalue", ""),
    "eigenvalue": Variable("eigenvalue of the Hessian of the free energy", "Λ"),
    "eigenvalue_between_examples": Variable(
        "smallest eigenvalue for differences between examples", "Λ_e"
    ),
    "window": Variable("index of the window of temperature", ""),
    "lowest_temperature": Variable("temperature above which the state is stable", "T", "J"),
    "highest_temperature": Variable("temperature below which the state is stable", "T", "J"),
    "jump": Variable("largest change of an overlap across the line", ""),
    "dominant": Variable("whether the largest overlap exceeds the sum of the others", ""),
    "dilution": Variable("probability of a blank pattern entry", "d"),
    "weak_dilution": Variable("largest d of stable odd mixtures", "d"),
    "weak_temperature": Variable("temperature there", "T", "J"),
    "other_pattern": Variable("index of the other pattern", "ν"),
    "site": Variable("index of the site", "i"),
    "line": Variable("line of the phase diagram", ""),
    "point": Variable("index along the line", ""),
    "overlap": Variable("overlap with the nominated pattern", "m"),
    "effective_overlap": Variable("overlap with the effective pattern", "n"),
    "self_overlap": Variable("self-overlap (Edwards-Anderson)", "q"),
    "self_overlap_0": Variable("overlap of two states of one-step breaking", "q_0"),
    "self_overlap_1": Variable("self-overlap inside a state of one-step breaking", "q_1"),
    "breakpoint": Variable("breakpoint of one-step breaking", "x"),
    "noise": Variable("standard deviation of the crosstalk field", "σ", "J"),
    "free_energy": Variable("free energy per spin", "f", "J"),
    "energy": Variable("energy per spin", "u", "J"),
    "entropy": Variable("entropy per spin", "s", "k_B"),
    "replicon": Variable("replicon eigenvalue, stable if positive", "Λ"),
    "replicon_outer": Variable("replicon eigenvalue between states, stable if positive", "Λ_0"),
    "complexity": Variable("logarithm of the number of states, per spin", "Σ"),
    "residual": Variable("largest violation of the saddle-point equations", ""),
    "gradient": Variable("largest derivative of the free energy by an order parameter", ""),
    "entropy_defect": Variable(
        "entropy plus derivative of the free energy by T", "|s + df/dT|", "k_B"
    ),
    "stable": Variable("whether the state is stable", ""),
    "favoured": Variable("phase of least free energy", ""),
    "status": Variable("what the solver found", ""),
    "phase": Variable("phase of the theory", ""),
    "bit_error": Variable("probability that a bit of a pattern is unstable", "P"),
    "n_patterns": Variable("number of patterns", "K"),
    "bias": Variable("mean entry of a pattern", "b"),
    "site_mean": Variable("mean entry of a site over the patterns", ""),
    "constant_sites": Variable("number of sites with the same entry in all patterns", ""),
    "pattern_overlap": Variable("overlap with a pattern", "m_μ"),
    "pattern_effective_overlap": Variable("overlap with an effective pattern", "n_μ"),
    "pattern_overlap_mean": Variable("mean overlap of two different patterns", ""),
    "pattern_overlap_rms": Variable("root mean square overlap of two different patterns", ""),
    "pattern_overlap_rms_fair": Variable(
        "root mean square overlap of two patterns of independent fair signs", "N^(-1/2)"
    ),
    "quality": Variable("mean overlap of an example with its archetype", "r"),
    "coupling_noise": Variable(
        "tolerated noise in the couplings, over N^((p-1-b)/2) at a load K/N^b", "w"
    ),
    "max_overlap": Variable("largest |overlap| with another pattern", "max|m_μ|"),
    "replica_overlap": Variable("overlap of the mean spins of two replicas", "q"),
    "flip_rate": Variable("accepted flips per attempt", ""),
    "magnetisation": Variable("mean of a spin", "m_i"),
    "iterations": Variable("iterations of the solver", ""),
    "spins": Variable("spins", "s_i"),
    "teacher": Variable("whether it is told which examples belong together", ""),
    "examples": Variable("number of examples of an archetype", "M"),
    "dataset_entropy": Variable("variance of a mean example over its squared mean", "ρ"),
    "limit": Variable("what is too little with fewer examples", ""),
    "p": Variable("number of spins in an interaction", "p"),
    "flip_probability": Variable("probability of a flipped pixel in an example", "f"),
    "start": Variable("state from which spins start", ""),
    "retrieved": Variable("part of the classes that are retrieved", ""),
    "majority_overlap": Variable("overlap of the majority of the examples", "m"),
    "loss_minus": Variable("distance to the archetype", "L_−"),
    "loss_plus": Variable("distance to the opposite of the archetype", "L_+"),
    "effective_loss_minus": Variable("distance to the effective pattern", "L_−"),
    "effective_loss_plus": Variable("distance to the opposite of the effective pattern", "L_+"),
    "autoencoder_loss": Variable("loss of the linear autoencoder", "L_A"),
    "energy_from_losses": Variable("energy per spin, from losses", "u", "J"),
    "learner": Variable("what is stored: patterns, or examples with or without a teacher", ""),
    "function": Variable("function of which this is a minimum", ""),
    "other_function": Variable("function that judges it", ""),
    "shared": Variable("part of the minima that are minima of the other function too", ""),
    "unstable_spins": Variable("part of the spins whose flip lowers the other function", ""),
    "moved_spins": Variable("part of the spins between it and a minimum of the other", ""),
    "lowered": Variable("how much lower the other function is there, per spin", ""),
    "example_overlap": Variable("overlap with the example at the start", "m_1"),
    "example_spread": Variable("standard deviation of the overlaps with examples", ""),
    "overlap_difference": Variable("overlap without minus that with a teacher", "Δm"),
    "energy_difference": Variable("energy per spin without minus that with a teacher", "Δu", "J"),
    "example_attractor": Variable("whether an example attracts on its own", ""),
    "stable_without_teacher": Variable("whether the state is stable without a teacher", ""),
    "regime": Variable("way to learn", ""),
    "threshold_examples": Variable("examples at which signal equals noise", "M"),
    "scaling_exponent": Variable("power of the quality in that number", "d ln M/d ln r"),
    "beta": Variable("inverse temperature of attention", "β"),
    "coupling": Variable("scaled inverse temperature β|ξ|²(1 - q)", "J"),
    "fixed_point": Variable("fixed point of the update", ""),
    "threshold": Variable("what begins there", ""),
    "subset": Variable("number of patterns that share most weight", "k"),
    "weight": Variable("weight of a pattern", "w"),
    "other_weight": Variable("weight of each of the other patterns", ""),
    "weight_difference": Variable("difference of two weights", "m"),
    "cluster_weight": Variable("weight of a cluster of patterns", "W"),
    "jacobian_eigenvalue": Variable("largest eigenvalue of the Jacobian of the update", ""),
    "state_energy": Variable("energy of a continuous state", "E"),
    "distance": Variable("distance of a state from its pattern", "r"),
    "separation": Variable("separation of a pattern from the others", "Δ"),
    "required_separation": Variable("separation that ensures a fixed point", ""),
    "well_separated": Variable("whether the separation is as large as required", ""),
    "retrieval_radius": Variable("distance within which the fixed point is unique", ""),
    "fixed_point_bound": Variable("bound on the distance of the fixed point", ""),
    "update_error_bound": Variable("bound on the error after one update", ""),
    "jacobian_bound": Variable("bound on the norm of the Jacobian", ""),
    "ensured_growth": Variable("base of the ensured number of patterns", "c"),
    "required_growth": Variable("smallest base for which the number is ensured", ""),
    "log_ensured_patterns": Variable("logarithm of the number of patterns that is ensured", ""),
    "log_typical_patterns": Variable("logarithm of the number of patterns that is typical", ""),
    "beta_mean": Variable("inverse temperature at which equal weights are unstable", "β"),
    "sufficient_separation": Variable("separation that suffices for a fixed point", ""),
    "time": Variable("time of diffusion", "t"),
    "kept_weight": Variable("last weight of the example that has the largest one", ""),
    "collapse_time": Variable("time at which the largest weight is 1/2", "t_C"),
    "virial": Variable("product of state and gradient, per component", "x·∇E/N", "J"),
    "acceptance_rate": Variable("accepted proposals per attempt", ""),
    "states": Variable("states at the end", "x_i"),
    "largest_weights": Variable("least number of weights with the given sum", "k"),
    "largest_weight": Variable("largest weight of a pattern", ""),
    "effective_patterns": Variable("inverse of the sum of squared weights", ""),
    "entropy_patterns": Variable("exponential of the entropy of the weights", ""),
    "weight_entropy": Variable("entropy of the weights", "S", "k_B"),
    "head_class": Variable("what attention averages over", ""),
    "memory": Variable("key-value memory", ""),
    "spins_per_unit": Variable("number of spins in a unit", "n"),
    "sampler": Variable("how spins are drawn", ""),
    "quantity": Variable("what approaches attention", ""),
    "patterns": Variable("patterns", "ξ_iμ"),
    "second_moment": Variable("squared norm of a state, per component", "|x|²/N"),
    "component": Variable("value of a unit", "x_i"),
    "component_density": Variable("probability of a value over the distance to the next", ""),
    "input": Variable("where a state is between two patterns, at 1 and -1", ""),
    "output": Variable("where its mean is after an update", ""),
    "mean_weight": Variable("mean weight in a bin of weights", "w"),
    "behind": Variable("how often it is the pattern from which the spins were drawn", ""),
    "fixed_point_distance": Variable(
        "root mean square distance of fixed points from those of attention, per component", ""
    ),
    "limit_distance": Variable("distance from attention", ""),
    "slope": Variable("power of the number of spins in a distance", ""),
    "n_pairs": Variable("number of pairs of keys and values", "K"),
    "dimension": Variable("components of a key", "d"),
    "age": Variable("number of pairs that were written later", "t"),
    "error": Variable("squared error of a value over its squared norm", "ε"),
    "validity": Variable("where a formula holds", ""),
    "sharpness": Variable("sharpness of the log-sum-exp", "λ"),
    "criterion": Variable("what is asked of the patterns", ""),
    "basin_overlap": Variable("smallest overlap from which a pattern is retrieved", "q_c"),
    "own_weight": Variable("weight of a pattern in the softmax near it", "w"),
    "weight_probability": Variable("probability of more than half of the weight", "P"),
    "closest_probability": Variable("probability that no other pattern is closer", "P"),
    "stable_probability": Variable("probability that all bits of a pattern are stable", "P"),
    "all_stable_probability": Variable("probability that all bits of all patterns are stable", "P"),
    "probability": Variable("probability of what is asked of a pattern", "P"),
    "actual_load": Variable("load of a whole number of patterns", "α"),
    "threshold_load": Variable("load up to which patterns are retrieved without end", "α"),
    "z": Variable("simulation minus theory, in standard errors", "z"),
    "chi_square": Variable("squared distance from theory over what it should be", "χ²"),
    "log_load": Variable("number of patterns over ln N", "γ"),
    "retrieved_patterns": Variable("number of patterns with an overlap above the noise", ""),
    "hierarchical_patterns": Variable(
        "number of first patterns with their share of the hierarchical overlap", ""
    ),
    "p_value": Variable("probability of a larger distance from theory", "P"),
    "model": Variable("model", ""),
}

SUFFIXES = {
    "_stderr": ("standard error of the {}", None),
    "_tau_int": ("integrated autocorrelation time of the {}", "sweeps"),
    "_ess": ("effective sample size of the {}", "1"),
    "_rhat": ("split R-hat of the {}", "1"),
    "_series": ("{}, sweep by sweep", None),
    "_archetype": ("{}, in the archetype", None),
    "_drop": ("{}, in the archetype minus in the minimum", None),
    "_start": ("{}, at the start", None),
    "_theory": ("{}, theory", None),
    "_asymptotic": ("{}, in the limit", None),
    "_z": ("simulation minus theory of the {}, in standard errors", "1"),
    "_extrapolated": ("{}, extrapolated to infinite size", None),
    "_sample": ("{}, mean of one pattern set", None),
}

STATUS = ("converged", "absent", "not converged", "at the edge", "replica symmetric")


def describe(name: str) -> dict[str, str]:
    """`long_name`, `units` and `symbol` of a variable or coordinate.

    Raises
    ------
    KeyError
        If the name is not part of the vocabulary.

    Examples
    --------
    >>> describe("overlap_stderr")["long_name"]
    'standard error of the overlap with the nominated pattern'
    """
    if name in VARIABLES:
        known = VARIABLES[name]
        attrs = {"long_name": known.long_name, "units": known.units}
        return attrs | ({"symbol": known.symbol} if known.symbol else {})
    for suffix, (text, units) in SUFFIXES.items():
        if name.endswith(suffix):
            base = describe(name.removesuffix(suffix))
            return {"long_name": text.format(base["long_name"]), "units": units or base["units"]}
    raise KeyError(f"{name!r} is not in the vocabulary of results")
