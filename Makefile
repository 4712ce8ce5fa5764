# Everything a newcomer, a developer and CI run. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV    := .venv
PY      := $(VENV)/bin/python
UV      := $(VENV)/bin/uv
READY   := $(VENV)/.ready
NAMES   := crm-loop crm-loop-salesforce crm-loop-hubspot crm-loop-workers crm-loop-sandbox
MEMBERS := . connectors/salesforce connectors/hubspot workers sandbox
PYPROJECTS := pyproject.toml $(addsuffix /pyproject.toml,$(filter-out .,$(MEMBERS)))
# An address bar of the package index says nothing to a reader; pip says it anyway on failure.
PIP     := $(PY) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup lock lint sizes alone test test-slow test-db check demo golden
.PHONY: test-clients test-clients-hubspot study-actions

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make the virtual environment with everything pinned

$(READY): requirements.lock $(PYPROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@echo "Installing the pinned packages (once; about a minute) …"
	@$(PIP) --require-hashes --requirement requirements.lock > $(VENV)/setup.log 2>&1 \
	  || { echo "The packages of requirements.lock could not be installed: is the network (or your package index) reachable?"; \
	       echo "Nothing else was changed. Run the same command again once it is. The details are in $(VENV)/setup.log."; exit 4; }
	@$(PIP) --no-deps --no-build-isolation $(addprefix --editable ,$(MEMBERS)) >> $(VENV)/setup.log 2>&1 \
	  || { tail -n 5 $(VENV)/setup.log; exit 1; }
	@touch $@

lock: ## Pin every package with hashes, without any index address
	@test -x $(UV) || $(MAKE) setup
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header $(addprefix --no-emit-package ,$(NAMES)) \
	  --group pyproject.toml:dev $(PYPROJECTS) --output-file requirements.lock

lint: $(READY) ## ruff, format, mypy, the import rule
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

alone: $(READY) ## Each distribution imports with only what it declares
	$(PY) tests/architecture/alone.py

sizes: $(READY) ## Median and largest file and function
	$(PY) tests/architecture/sizes.py

test: $(READY) ## Every test that needs Python only
	$(PY) -m pytest -n auto --dist loadgroup

test-slow: $(READY) ## The tests that take minutes: a real export, two weeks long
	$(PY) -m pytest -m slow

test-db: $(READY) ## The tests that run on PostgreSQL too
	$(PY) -m pytest -n auto --dist loadgroup -k postgresql

test-clients: test-clients-hubspot ## The CRMs' own clients, unmodified, against the sandbox

HUBSPOT_NODE := tests/clients/hubspot/node
test-clients-hubspot: $(READY)
	@command -v npm > /dev/null || echo "Node is not installed: only HubSpot's client for Python is tried now."
	@! command -v npm > /dev/null || npm ci --silent --prefix $(HUBSPOT_NODE) \
	  || { echo "HubSpot's client for Node could not be installed: is the network (or your npm registry) reachable?"; exit 4; }
	CRM_LOOP_TEST_CLIENTS=1 $(PY) -m pytest tests/clients/hubspot -q
	@command -v npm > /dev/null \
	  || { echo "HubSpot's client for Node was NOT tried: install Node 18 or newer and run this again."; exit 3; }

golden: $(READY) ## Compare the formulas with the worked examples
	$(PY) -m pytest tests/golden -q

study-actions: $(READY) ## Is the kind of step that helps found, and no other one (SEEDS=100 ARGS=counted)
	@$(PY) bench/study_actions.py $(SEEDS) $(ARGS)

check: lint alone sizes test ## All of it

demo: $(READY) ## Turn the loop for four weeks against two sandbox CRMs
	@$(VENV)/bin/crm-loop demo $(ARGS)
