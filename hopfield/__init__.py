"""What an associative network is: models, exact energies at finite size, patterns, results."""

from hopfield.arguments import InputError
from hopfield.models import Dense, Hopfield
from hopfield.network import Network
from hopfield.patterns import diluted_patterns, fair_patterns

__all__ = ["Dense", "Hopfield", "InputError", "Network", "diluted_patterns", "fair_patterns"]
