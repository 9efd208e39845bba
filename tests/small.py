"""Small networks of every energy, for checks against enumeration."""

from hopfield import (
    Dense,
    Exponential,
    Multitasking,
    Network,
    Supervised,
    Unsupervised,
    diluted_patterns,
)

MODELS = [
    Dense(2),
    Dense(2, self_interaction=True),
    Dense(3),
    Dense(3, self_interaction=True),
    Dense(4),
    Dense(4, self_interaction=True),
    Dense(5),
    Dense(5, self_interaction=True),
]

LEARNERS = [
    Supervised(2, 0.6, 3),
    Supervised(3, 0.6, 3),
    Supervised(4, 0.4, 4),
    Unsupervised(2, 0.6, 3),
    Unsupervised(3, 0.6, 3),
    Unsupervised(4, 0.4, 4),
    Supervised(2, 0.6, 3, dilution=0.4),
    Unsupervised(2, 0.6, 3, dilution=0.4),
]

DRAWN = [*LEARNERS, Multitasking(0.4), Exponential(0.5)]
"""Models that draw their patterns themselves."""


def small_network(model, dilution=0.0, *, size=8, n_patterns=5, seed=17):
    """Network of few spins, whose patterns have blanks with probability `dilution`."""
    if model in DRAWN:
        return model.network(size, n_patterns=n_patterns, seed=seed)
    return Network(model, diluted_patterns(n_patterns, size, dilution, seed))


def model_name(model):
    """Name of a model in the list of tests."""
    if isinstance(model, Exponential):
        return f"exponential {model.sharpness:g}"
    if model in DRAWN:
        return f"{type(model).__name__.lower()} p={model.p}" + (
            " diluted" if model.dilution else ""
        )
    return f"p={model.p}" + (" full power" if model.self_interaction else "")
