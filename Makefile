# `make demo` and `make test` are all that a newcomer needs. Everything lands in .venv and in git-ignored folders.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench peers clean

# What an installation needs: the package and its core dependencies.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("envgym needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "no venv module: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# What the tests need on top.
$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

demo: $(VENV)/installed
	$(BIN)/envgym demo

test: $(VENV)/installed-test
	@sh tests/system_packages.sh
	$(BIN)/python -m pytest

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Each peer gets a virtual environment of its own under benchmarks/peers: some pin against each other.
peers:
	bash benchmarks/make_peers.sh

bench: $(VENV)/installed-test
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
