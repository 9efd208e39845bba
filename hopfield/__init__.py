"""What an associative network is: models, exact energies at finite size, patterns, results."""

from hopfield import attention as attention
from hopfield import datasets as datasets
from hopfield import memories as memories
from hopfield.arguments import InputError
from hopfield.conventions import CONVENTIONS, convert, glass_coupling
from hopfield.enumeration import all_energies, all_states
from hopfield.examples import example_quality, measured_quality, noisy_examples
from hopfield.exponential import Exponential
from hopfield.exponential_network import ExponentialNetwork
from hopfield.images import Images, binarise, class_archetypes, class_examples
from hopfield.learning import Supervised, Unsupervised
from hopfield.losses import autoencoder_loss, energy_from_losses, reconstruction_losses
from hopfield.models import Dense, Hopfield, Multitasking
from hopfield.network import Network
from hopfield.parallel import (
    hierarchical_state,
    overlap_spectrum,
    parallel_state,
    retrieved_patterns,
)
from hopfield.patterns import (
    correlated_patterns,
    diluted_patterns,
    fair_patterns,
    pattern_statistics,
)

__all__ = [
    "CONVENTIONS",
    "Dense",
    "Exponential",
    "ExponentialNetwork",
    "Hopfield",
    "Images",
    "InputError",
    "Multitasking",
    "Network",
    "Supervised",
    "Unsupervised",
    "all_energies",
    "all_states",
    "autoencoder_loss",
    "binarise",
    "class_archetypes",
    "class_examples",
    "convert",
    "correlated_patterns",
    "diluted_patterns",
    "energy_from_losses",
    "example_quality",
    "fair_patterns",
    "glass_coupling",
    "hierarchical_state",
    "measured_quality",
    "noisy_examples",
    "overlap_spectrum",
    "parallel_state",
    "pattern_statistics",
    "reconstruction_losses",
    "retrieved_patterns",
]
