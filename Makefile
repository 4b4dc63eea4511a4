# `make run` and `make test` are all that a newcomer needs; both prepare what is missing first.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench faults lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/ready ## prepare .venv and the embedded servers

.venv/ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "preparing .venv (once) …"
	@$(PYTHON) -m venv .venv || { echo "python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m embedded.jars
	@touch $@

test: setup ## run all tests, those on the embedded Kafka and store included
	@echo "running the tests; those on the embedded Kafka and store start their own …"
	$(BIN)/python -m pytest

check: setup ## lint, types, the rules between rooms, and the published contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code into the common form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure, as ratios within one run; SIZE=… customers
	$(BIN)/python -m tests.bench $(if $(SIZE),--size $(SIZE))

lock: setup ## resolve the dependencies anew, with hashes
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --upgrade --all-extras pyproject.toml -o requirements-dev.txt

clean: ## remove what setup made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
