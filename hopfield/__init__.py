"""What an associative network is: models, exact energies at finite size, patterns, results."""

from hopfield.arguments import InputError
from hopfield.conventions import CONVENTIONS, convert, glass_coupling
from hopfield.examples import measured_quality, noisy_examples
from hopfield.learning import Supervised, Unsupervised
from hopfield.models import Dense, Hopfield
from hopfield.network import Network
from hopfield.patterns import diluted_patterns, fair_patterns

__all__ = [
    "CONVENTIONS",
    "Dense",
    "Hopfield",
    "InputError",
    "Network",
    "Supervised",
    "Unsupervised",
    "convert",
    "diluted_patterns",
    "fair_patterns",
    "glass_coupling",
    "measured_quality",
    "noisy_examples",
]
