"""Small networks of every energy, for checks against enumeration."""

from hopfield import Dense, Network, diluted_patterns

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


def small_network(model, dilution=0.0, *, size=8, n_patterns=5, seed=17):
    """Network of few spins, whose patterns have blanks with probability `dilution`."""
    return Network(model, diluted_patterns(n_patterns, size, dilution, seed))


def model_name(model):
    """Name of a model in the list of tests."""
    return f"p={model.p}" + (" full power" if model.self_interaction else "")
