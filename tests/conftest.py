"""What many tests share: networks of every energy, and a quick profile of hypothesis."""

import numpy as np
import pytest
from hypothesis import settings
from small import MODELS, model_name, small_network

settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("quick")


@pytest.fixture(params=MODELS, ids=model_name)
def model(request):
    """Every energy there is."""
    return request.param


@pytest.fixture(params=[0.0, 0.4], ids=["full patterns", "diluted patterns"])
def dilution(request):
    """Probability of a blank entry."""
    return request.param


@pytest.fixture
def network(model, dilution):
    """Network of 8 spins of every energy, with and without blanks in its 5 patterns."""
    return small_network(model, dilution)


@pytest.fixture
def states(network):
    """Twenty random states of `network`."""
    rng = np.random.default_rng(18)
    return rng.choice(np.array([-1, 1], dtype=np.int8), size=(20, network.size))
