"""Where networks are sampled: on the processors, or on GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING, Any

from hopfield import InputError, Network
from hopfield.arguments import choice
from hopfield.seeds import Seed

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike

    from gpu.arrays import Device

__all__ = ["BACKENDS", "Places", "check_backend"]

BACKENDS = ("auto", "cpu", "gpu")


def check_backend(backend: str, name: str = "backend") -> None:
    """Refuse a backend that is unknown or not there.

    Parameters
    ----------
    backend : str
    name : str
        What it is called where it is asked for.

    Raises
    ------
    InputError
        If it is none of "auto", "cpu" and "gpu", or "gpu" and there is none; the message says what
        is missing.

    Examples
    --------
    >>> check_backend("cpu")
    """
    choice(name, backend, BACKENDS)
    if backend == "gpu":
        import gpu

        reason = gpu.missing()
        if reason:
            raise InputError(f"{name} is 'gpu', but {reason}")


class Places:
    """Processors, and devices of which every one has the networks of one thread at a time.

    Threads that ask for a device while all are taken wait for the next that is free: the memory
    of a device is then that of one run, and devices of different speed are all busy.

    Parameters
    ----------
    backend : str
        "cpu", "gpu" or "auto", see `gpu.chosen_backend`.
    devices : sequence of Device, optional
        By default all GPUs there are.

    Examples
    --------
    >>> import hopfield
    >>> network = hopfield.Hopfield().network(200, n_patterns=4, seed=1)
    >>> result = Places("cpu").sample(network, 0.3, sweeps=100, burn_in=20, replicas=8)
    >>> result.attrs["device"]
    'cpu'
    """

    def __init__(self, backend: str, devices: Sequence[Device] | None = None) -> None:
        self.backend = backend
        found = _found(backend) if devices is None else devices
        self._count = len(found)
        self._idle: Queue[Device] = Queue()
        for device in found:
            self._idle.put(device)

    @property
    def n_devices(self) -> int:
        """How many GPUs networks may be sampled on."""
        return self._count

    def sample(
        self, network: Network, temperature: ArrayLike, *, seed: Seed = 0, **options: Any
    ) -> xr.Dataset:
        """Sample a network where it should be sampled; arguments as of `sample_many`."""
        return self.sample_many([network], temperature, seeds=[seed], **options)[0]

    def sample_many(
        self, networks: Sequence[Network], temperature: ArrayLike, *, seeds: Sequence[Seed],
        threads: int | None = None, **options: Any,
    ) -> list[xr.Dataset]:  # fmt: skip
        """Sample networks of one shape where they should be sampled, on a GPU all at once.

        Parameters
        ----------
        networks : sequence of Network
        temperature : float or 1-D array
        seeds : sequence of int, numpy.random.SeedSequence or None
            One for each network.
        threads : int, optional
            Of the processors, if they are sampled there.
        **options
            As of `montecarlo.sample` and `gpu.sample`.
        """
        if self._kind(networks, **options) == "cpu":
            from montecarlo.sampler import sample

            return [
                sample(network, temperature, seed=seed, threads=threads, **options)
                for network, seed in zip(networks, seeds, strict=True)
            ]
        from gpu.sampler import sample_many

        with self._taken() as device:
            return sample_many(networks, temperature, seeds=seeds, device=device, **options)

    def _kind(
        self, networks: Sequence[Network], *, replicas: int, sweeps: int, burn_in: int,
        kernel: str = "auto", **others: Any,
    ) -> str:  # fmt: skip
        """What networks are sampled on, "cpu" or "gpu"."""
        if self.backend == "cpu" or (self.backend == "auto" and not self._count):
            return "cpu"
        from gpu.choice import chosen_backend
        from gpu.replicas import KERNELS

        if self.backend == "auto" and kernel not in ("auto", *KERNELS):
            return "cpu"
        return chosen_backend(
            self.backend, networks[0], replicas=replicas * len(networks),
            sweeps=burn_in + sweeps, there=self._count > 0,
        )  # fmt: skip

    @contextmanager
    def _taken(self) -> Iterator[Device]:
        """The next device that is free."""
        device = self._idle.get()
        try:
            yield device
        finally:
            self._idle.put(device)


def _found(backend: str) -> Sequence[Device]:
    """All GPUs that a backend may use."""
    if backend == "cpu":
        return ()
    import gpu

    return gpu.devices() if gpu.available() else ()
