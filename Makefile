# `make demo` and `make test` set themselves up: a bare machine with Python >= 3.11 and make is enough.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

.PHONY: demo test test-slow lint benchmark docs clean

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

.venv/docs-ready: .venv/ready
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

demo: .venv/ready
	mkdir -p demo
	$(BIN)/hopfield compare hopfield --output demo/hopfield.nc --plot demo/hopfield.png

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n $(JOBS) -m "not slow and not gpu"

test-slow: .venv/ready
	$(BIN)/pytest -n $(JOBS) -m "slow"

benchmark: .venv/ready
	$(BIN)/hopfield benchmark

docs: .venv/docs-ready
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf demo docs/_build .pytest_cache .mypy_cache .ruff_cache
