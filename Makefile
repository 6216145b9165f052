# `make demo` and `make test` are all that a newcomer needs. Everything lands in .venv and in git-ignored folders.

PYTHON ?= python3
VENV := .venv
BFCL := .venv-bfcl
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
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'miniwob>=1.1' # its pages; selenium, which it wants, is not used
	@touch $@

# bfcl-eval, for the tests of the environment bfcl: it pins what others need newer, so it has a virtual environment of its own.
$(BFCL)/installed:
	@$(PYTHON) -m venv $(BFCL)
	@$(BFCL)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps bfcl-eval==2026.3.23 mpmath && touch $@ \
		|| echo "could not install bfcl-eval; its tests will be skipped"

demo: $(VENV)/installed
	$(BIN)/envgym demo

test: $(VENV)/installed-test $(BFCL)/installed
	@sh tests/system_packages.sh
	@test ! -e $(BFCL)/installed || export ENVGYM_BFCL_PYTHON="$${ENVGYM_BFCL_PYTHON:-$(CURDIR)/$(BFCL)/bin/python}"; \
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
	rm -rf $(VENV) $(BFCL) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
