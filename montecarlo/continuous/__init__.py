"""Boltzmann measure of continuous states: in closed form, and by Langevin and Hamiltonian dynamics.

`montecarlo.sample_continuous`, `montecarlo.exact_states` and `montecarlo.mixture` are its public
names.
"""

__all__: list[str] = []
