# Everything a newcomer, a developer and CI run. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV    := .venv
PY      := $(VENV)/bin/python
UV      := $(VENV)/bin/uv
READY   := $(VENV)/.ready
comma   := ,
NAMES   := crm-loop crm-loop-salesforce crm-loop-hubspot crm-loop-workers crm-loop-sandbox
MEMBERS := . connectors/salesforce connectors/hubspot workers sandbox
PYPROJECTS := pyproject.toml $(addsuffix /pyproject.toml,$(filter-out .,$(MEMBERS)))
# An address bar of the package index says nothing to a reader; pip says it anyway on failure.
PIP     := $(PY) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup lock lint format types imports sizes alone test test-db check demo golden
.PHONY: simulate crash-matrix chaos recovery mutate bench-writes

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

test-db: $(READY) ## The tests that run on PostgreSQL too
	$(PY) -m pytest -n auto --dist loadgroup -k postgresql

golden: $(READY) ## Compare the formulas with the worked examples
	$(PY) -m pytest tests/golden -q

check: lint alone sizes test ## All of it

simulate: $(READY) ## The writer under a virtual clock: SEEDS=3000 FIRST=0
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/simulate.py --seeds $(or $(SEEDS),3000) --first $(or $(FIRST),0)

crash-matrix: $(READY) ## Real workers die at every point: MODES=kill POINTS=P0,P4
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/crash_matrix.py \
	  --modes "$(or $(MODES),kill$(comma)exit$(comma)stop)" --points "$(POINTS)" $(if $(MODES),,--brokers)

chaos: $(READY) ## Real workers in a storm, judged by the CRM's journal: DURATION=60 SEED=7 DATABASE=sqlite
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/chaos.py --duration $(or $(DURATION),60) \
	  --seed $(or $(SEED),7) --database $(or $(DATABASE),sqlite)

recovery: $(READY) ## How long work rests after a kill, a wiped broker, cut connections: TRIES=10
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/recovery.py --tries $(or $(TRIES),10)

bench-writes: $(READY) ## Approved to confirmed with 80 ms latency: SCALE=10000 CHECK=1
	@PYTHONPATH=tests/chaos CHECK=$(CHECK) $(PY) bench/writes.py --scale $(or $(SCALE),10000)

mutate: $(READY) ## Do the tests of ledger, queue and budget notice small mistakes: MUTANTS=60 SEED=7
	@$(PY) tests/chaos/mutate.py --mutants $(or $(MUTANTS),60) --seed $(or $(SEED),7)

demo: $(READY) ## Turn the loop for four weeks against two sandbox CRMs
	@$(VENV)/bin/crm-loop demo $(ARGS)
