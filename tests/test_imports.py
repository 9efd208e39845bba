"""What an import costs, and what the packages promise in `__all__`."""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys

import pytest

PACKAGES = ("hopfield", "theory", "montecarlo", "gpu", "studies")
HEAVY = (
    "xarray", "pandas", "numba", "scipy", "matplotlib", "cupy", "sympy", "h5netcdf", "sklearn",
    "pooch",
)  # fmt: skip


def loaded_by(code):
    """Top-level modules that a fresh interpreter has after running `code`."""
    report = "import json, sys; print(); print(json.dumps([m.split('.')[0] for m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "package", ["hopfield", "montecarlo", "gpu", "studies", "studies.commands"]
)
def test_importing_a_package_is_light(package):
    loaded = loaded_by(f"import {package}")
    assert package.partition(".")[0] in loaded
    assert loaded.isdisjoint(HEAVY), sorted(loaded.intersection(HEAVY))


def test_check_of_what_is_loaded_sees_what_is_loaded():
    assert {"numba", "scipy"} <= loaded_by("import montecarlo; montecarlo.sample")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["solve", "--help"], ["cite"]])
def test_help_is_light(arguments):
    loaded = loaded_by(f"from studies.commands import main; main({arguments})")
    assert loaded.isdisjoint(HEAVY), sorted(loaded.intersection(HEAVY))


def test_bad_input_is_refused_before_anything_is_computed():
    code = """
from studies.commands import main
try:
    main(["solve", "perceptron", "--load", "0.1", "--temperature", "0.3"])
except SystemExit as stopped:
    assert stopped.code == 2
"""
    assert loaded_by(code).isdisjoint({"numba", "matplotlib"})


def public_names():
    for package in PACKAGES:
        for name in importlib.import_module(package).__all__:
            yield package, name


@pytest.mark.parametrize(("package", "name"), list(public_names()))
def test_public_name_exists_and_shows_how_it_is_used(package, name):
    thing = getattr(importlib.import_module(package), name)
    if not callable(thing):
        assert len(thing) > 0  # a list of words that are allowed
        return
    text = inspect.getdoc(thing)
    assert text
    assert text.splitlines()[0].endswith(".")
    if not (inspect.isclass(thing) and issubclass(thing, BaseException)):
        assert ">>> " in text


@pytest.mark.parametrize("package", PACKAGES)
def test_unknown_name_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match="no_such_name"):
        importlib.import_module(package).no_such_name  # noqa: B018


def modules():
    for package in PACKAGES:
        yield package
        path = importlib.import_module(package).__path__
        yield from (f"{package}.{module.name}" for module in pkgutil.iter_modules(path))


@pytest.mark.parametrize("module", list(modules()))
def test_module_says_what_it_is_for_and_what_is_in_it(module):
    loaded = importlib.import_module(module)
    assert loaded.__doc__
    assert len(set(loaded.__all__)) == len(loaded.__all__)
    for name in loaded.__all__:
        assert getattr(loaded, name) is not None, name


def test_distribution_has_the_packages_and_their_markers_of_types():
    for package in PACKAGES:
        (folder,) = importlib.import_module(package).__path__
        assert importlib.resources.files(package).joinpath("py.typed").is_file(), folder
