"""Figures that examples in docstrings draw are closed after each of them."""

import sys

import pytest


@pytest.fixture(autouse=True)
def no_figures_left(request):
    """Close what an example drew."""
    yield
    if isinstance(request.node, pytest.DoctestItem) and "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
