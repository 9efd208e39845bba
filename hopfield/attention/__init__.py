"""Continuous states: energies, updates that are attention, retrieval, and what heads attend to."""

from hopfield.attention import sphere as sphere
from hopfield.attention import units as units
from hopfield.attention.heads import head_class, head_statistics
from hopfield.attention.retrieval import Retrieval, retrieve
from hopfield.attention.states import dual_energy, energy, jacobian, update, weights
from hopfield.attention.transforms import Entmax, Power, Softmax

__all__ = [
    "Entmax",
    "Power",
    "Retrieval",
    "Softmax",
    "dual_energy",
    "energy",
    "head_class",
    "head_statistics",
    "jacobian",
    "retrieve",
    "update",
    "weights",
]
