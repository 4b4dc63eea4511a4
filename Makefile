# `make run` and `make test` are all that a newcomer needs; both prepare what is missing first.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate --no-emit-index-url --no-emit-find-links

COMPOSE := REBILLING_PSA__ALLOW_PRIVATE_ADDRESSES=true docker compose --env-file .cache/images.env \
  $$(CLUSTER=$(CLUSTER) deploy/stand-ins/prepare.sh files) --profile simulated

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench bench-containers faults converge e2e e2e-faults chart images up down token logs lock pin clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/ready ## prepare .venv and the embedded servers

.venv/ready: requirements-dev.txt pyproject.toml deploy/embedded/jars.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed, and $(PYTHON) is older or missing. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "preparing .venv: about 90 packages, a JVM among them; a minute or two, once …"
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@echo "fetching Kafka and the document store: 50 MB, once …"
	@$(BIN)/python -m embedded.prepare
	@touch $@

run: setup ## start the whole system with sample data; Ctrl-C stops it
	@$(BIN)/rebilling up

test: setup ## run all tests, those on the embedded Kafka and store included
	@echo "running the tests; those that need Kafka and the store start their own, on free ports, and stop them …"
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --durations 15

check: setup ## lint, types, the rules between rooms, and the published contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy services/customer-svc/tests
	$(BIN)/mypy services/invoice-svc/tests
	$(BIN)/mypy services/psa-sync-svc/tests
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/contracts

format: setup ## put the code into the common form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure, as ratios within one run, in about twelve minutes; PART=commands|instances|projection|latency|release|dropdown|sizes, SIZE=… customers
	@$(BIN)/python -m tests.bench $(if $(PART),--part $(PART)) $(if $(SIZE),--size $(SIZE))

bench-containers: setup images ## one, two and three instances in containers, beside the embedded system, as ratios
	@set -a && . .cache/images.env && $(BIN)/python -m tests.bench.in_containers

faults: setup ## kill, stop and restart everything under load, and let a ledger judge; SEED=… MINUTES=…
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

e2e: setup images ## the end-to-end tests with each part in a container
	@set -a && . .cache/images.env && REBILLING_E2E=containers $(BIN)/python -m pytest tests/e2e

converge: setup ## random edits on both sides of 200 linked customers per PSA, through faults and kills; SEED=… CUSTOMERS=… EDITS=… KILLS=…
	@CUSTOMERS=$${CUSTOMERS:-200} EDITS=$${EDITS:-1500} KILLS=$${KILLS:-5} $(BIN)/python -m pytest tests/component/test_storm.py

e2e-faults: setup images ## kill, pause, cut off, restart and upgrade containers under load, and let the ledger judge; SEED=…
	@set -a && . .cache/images.env && $(BIN)/python -m tests.faults --containers $(if $(SEED),--seed $(SEED))

chart: setup ## render the Helm chart and hold it against the Kubernetes schemas
	@HELM="$$(deploy/helm/helm.sh)" $(BIN)/python -m pytest tests/chart

images: ## build the images, with stand-ins for the official ones where no registry of images is reached
	@mkdir -p .cache && deploy/stand-ins/prepare.sh engine images > .cache/images.env.new && mv .cache/images.env.new .cache/images.env
	@cat .cache/images.env

up: images ## the same system in containers, simulated PSAs and a mail sink included; CLUSTER=1: three brokers, three of the store
	@deploy/stand-ins/prepare.sh compose secrets
	@$(COMPOSE) up --detach --wait --no-build --remove-orphans
	@$(COMPOSE) ps --format 'table {{.Service}}\t{{.Status}}\t{{.Ports}}'

down: ## stop the containers; their data stays (docker volume ls)
	@$(COMPOSE) down --remove-orphans

token: ## a bearer token for the containers; PARTNER=…, else the sample partner
	@. .cache/images.env && docker run --rm --user 0 --volume "$(CURDIR)/.secrets:/made" $$SIMULATED_IMAGE python -m ops.identity /made $(or $(PARTNER),$$(cat .secrets/partner-id))

logs: ## what the containers say
	@$(COMPOSE) logs --follow

lock: setup ## resolve the dependencies anew, with hashes
	$(COMPILE) --upgrade pyproject.toml -o requirements.txt
	$(COMPILE) --upgrade --all-extras -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(COMPILE) --extra embedded -c requirements-dev.txt pyproject.toml -o requirements-embedded.txt
	printf 'hatchling\n' | $(COMPILE) -c requirements-dev.txt - -o requirements-build.txt

pin: setup ## take over the sums of the embedded servers' jars as the registry answers them now
	$(BIN)/python -m embedded.jars pin

clean: ## remove what setup made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
