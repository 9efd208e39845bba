"""What many tests share: networks of every energy, and a quick profile of hypothesis."""

import hashlib
import os
import tempfile
from pathlib import Path

# Numba's cache does not see edits of functions that a kernel calls, so every state of the sources
# gets a cache of its own. This has to stand before anything imports Numba.
_SOURCES = sorted(Path(__file__).resolve().parent.parent.glob("[ms][ot]*/*.py"))
_DIGEST = hashlib.sha256(b"".join(source.read_bytes() for source in _SOURCES)).hexdigest()[:16]
os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"hopfield-numba-{_DIGEST}")
os.environ.setdefault("MPLBACKEND", "Agg")

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from small import DRAWN, MODELS, model_name, small_network  # noqa: E402

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


CASES = [(model, dilution) for model in MODELS for dilution in (0.0, 0.4)]
CASES += [(model, 0.0) for model in DRAWN]


def case_name(case):
    """Name of a model and its patterns."""
    return model_name(case[0]) + (" diluted" if case[1] else "")


@pytest.fixture(params=CASES, ids=case_name)
def network(request):
    """Network of 8 spins of every energy, with and without blanks in its patterns."""
    return small_network(*request.param)


@pytest.fixture
def states(network):
    """Twenty random states of `network`."""
    rng = np.random.default_rng(18)
    return rng.choice(np.array([-1, 1], dtype=np.int8), size=(20, network.size))
