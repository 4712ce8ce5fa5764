# Everything a newcomer, a developer and CI run. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV    := .venv
PY      := $(VENV)/bin/python
UV      := $(VENV)/bin/uv
READY   := $(VENV)/.ready
CORES   ?= $(shell nproc 2> /dev/null || echo 2)
# Tests that wait for processes leave a core idle: one more of them at work than there are cores.
WORKERS ?= $(shell expr $(CORES) + 1)
# pytest-xdist gives a process its next two pieces at once: with one piece for each, one gets both.
PIECES  ?= $(shell expr $(CORES) \* 2)
# Groups of tests in our own order (tests/conftest.py), not by how many tests they have.
LONGEST_FIRST := --dist loadgroup --no-loadscope-reorder
NAMES   := crm-loop crm-loop-salesforce crm-loop-hubspot crm-loop-workers crm-loop-sandbox
MEMBERS := . connectors/salesforce connectors/hubspot workers sandbox
PYPROJECTS := pyproject.toml $(addsuffix /pyproject.toml,$(filter-out .,$(MEMBERS)))
# Python's own cache is a tenth of the tests' CPU; where it is switched off, that is for others.
unexport PYTHONDONTWRITEBYTECODE
# An address bar of the package index says nothing to a reader; pip says it anyway on failure.
PIP     := $(PY) -m pip install --quiet --disable-pip-version-check

# What the machine lacks is fetched where that is possible: $(call fetch,COMMANDS,PACKAGES,LOG).
APT     := apt-get install --yes --quiet --no-install-recommends
fetch    = for one in $(1); do command -v $$one > /dev/null && exit 0; done; \
  [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null \
  && { $(APT) $(2) || { apt-get update --quiet && $(APT) $(2); }; } > $(3) 2>&1

# What the image installs: the same versions, without what only developers need.
LOCK_IMAGE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header $(addprefix --no-emit-package ,$(NAMES)) --constraint requirements.lock

.DEFAULT_GOAL := help
.PHONY: help setup lock lint alone sizes test test-slow test-db test-install test-deploy golden check samples drawings guide-pictures demo
.PHONY: test-browser test-api test-upgrade
.PHONY: npm test-packages npm-salesforce npm-hubspot pictures
.PHONY: test-clients test-clients-salesforce test-clients-hubspot
.PHONY: simulate crash-matrix chaos recovery two-machines soak mutate consents converge converge-salesforce converge-hubspot
.PHONY: links release
.PHONY: study-causes study-targets study-actions
.PHONY: bench-salesforce bench-hubspot bench-kpi bench-agenda bench-writes bench-console bench-sandbox bench-sandbox-hubspot

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 24

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
	$(LOCK_IMAGE) --extra postgresql --extra oidc pyproject.toml workers/pyproject.toml --output-file deploy/container/core.lock
	$(LOCK_IMAGE) connectors/salesforce/pyproject.toml --output-file deploy/container/salesforce.lock
	$(LOCK_IMAGE) connectors/hubspot/pyproject.toml --output-file deploy/container/hubspot.lock
	$(LOCK_IMAGE) --extra otel pyproject.toml --output-file deploy/container/otel.lock
	echo hatchling | $(LOCK_IMAGE) - --output-file deploy/container/build.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  deploy/release/tools.in --output-file deploy/release/tools.lock

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
	$(PY) -m pytest -n $(WORKERS) $(LONGEST_FIRST)

test-slow: $(READY) ## The tests that take minutes: a real export, random histories, studies
	$(PY) -m pytest -m slow -n $(WORKERS) $(LONGEST_FIRST) --ignore tests/install --ignore tests/deploy

test-db: $(READY) ## The tests that run on PostgreSQL too
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup -k postgresql

test-install: $(READY) ## Wheels in empty environments, the image's parts, an upgrade and back on SQLite
	$(PY) -m pytest -m slow -n $(WORKERS) --dist loadgroup tests/install -k "not postgresql"

test-upgrade: $(READY) ## From the version before to this one and back, with work in flight, on both databases
	$(PY) -m pytest -m slow -n $(WORKERS) --dist loadgroup tests/install/test_upgrade.py

test-deploy: $(READY) ## Every file of deploy/ by its own linter; promtool tries the alert rules
	@( $(call fetch,promtool,prometheus,$(VENV)/apt.log) ) \
	  || { echo "promtool is needed to try the alert rules; on Debian and Ubuntu: apt-get install prometheus"; exit 3; }
	@command -v systemd-analyze > /dev/null \
	  || { echo "systemd-analyze is needed to try the units; on Debian and Ubuntu: apt-get install systemd"; exit 3; }
	$(PY) -m pytest tests/deploy -m "slow or not slow"

golden: $(READY) ## Compare the formulas with the worked examples (FILE=other.json)
	@$(PY) tests/golden/run.py $(FILE)

# What alone and sizes look at is looked at by a test as well.
check: lint test ## All of it

samples: $(READY) ## Write the memos that people read aloud before a release to docs/samples/
	@PYTHONPATH=tests/support $(PY) tests/support/samples.py

drawings: $(READY) ## Draw the CRMs' screens of the installation guides into docs/pictures/
	@PYTHONPATH=tests/support $(PY) tests/support/drawings.py

guide-pictures: $(READY) ## The console's pictures of the guide, from the last make test-browser
	@$(PY) tests/support/guide_pictures.py

demo: $(READY) ## Turn the loop for four weeks against two sandbox CRMs (ARGS="--lang ja")
	@$(VENV)/bin/crm-loop demo $(ARGS)

# --- unmodified clients of both CRMs against the sandbox -----------------------------------------

SALESFORCE_NODE := tests/clients/npm
HUBSPOT_NODE := tests/clients/hubspot/node

test-clients: test-clients-salesforce test-clients-hubspot ## The CRMs' own clients, unmodified, against the sandbox

test-clients-salesforce: $(READY) $(SALESFORCE_NODE)/node_modules/.ready
	$(PY) -m pytest tests/clients/test_jsforce.py tests/clients/test_simple_salesforce.py -q

$(SALESFORCE_NODE)/node_modules/.ready: $(SALESFORCE_NODE)/package.json $(SALESFORCE_NODE)/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null \
	  || { echo "Node.js 18 or newer with npm is needed for the clients of this test; on Debian and Ubuntu: apt-get install nodejs npm"; exit 2; }
	@cd $(SALESFORCE_NODE) && npm ci --ignore-scripts --no-audit --no-fund --silent \
	  || { echo "The npm packages could not be installed: is the network (or your registry) reachable?"; exit 4; }
	@touch $@

test-clients-hubspot: $(READY)
	@command -v npm > /dev/null || echo "Node is not installed: only HubSpot's client for Python is tried now."
	@! command -v npm > /dev/null || npm ci --silent --prefix $(HUBSPOT_NODE) \
	  || { echo "HubSpot's client for Node could not be installed: is the network (or your npm registry) reachable?"; exit 4; }
	CRM_LOOP_TEST_CLIENTS=1 $(PY) -m pytest tests/clients/hubspot -q
	@command -v npm > /dev/null \
	  || { echo "HubSpot's client for Node was NOT tried: install Node 18 or newer and run this again."; exit 3; }

# --- the console in a real browser --------------------------------------------------------------

test-browser: $(READY) $(VENV)/.browser ## First run and every page in headless Chromium, with axe; pictures in var/screenshots
	$(PY) -m pytest tests/browser -q -W default -n 2 --dist loadgroup
	$(PY) -m pytest tests/crm_side/test_approval_pack.py -q -k a4_pages

CHROMIUM := chromium chromium-browser google-chrome

$(VENV)/.browser: tests/browser/requirements.lock
	@$(PIP) --require-hashes --requirement $< > $(VENV)/browser.log 2>&1 \
	  || { tail -n 3 $(VENV)/browser.log; echo "Playwright could not be installed: is the network (or your package index) reachable?"; exit 4; }
	@( $(call fetch,$(CHROMIUM),chromium fonts-noto-cjk,$(VENV)/apt.log) ) \
	  || $(PY) -m playwright install chromium > $(VENV)/browser.log 2>&1 \
	  || { echo "No Chromium could be installed; on Debian and Ubuntu: apt-get install chromium"; exit 4; }
	@touch $@

# --- /api/v1 from its own description -----------------------------------------------------------

test-api: $(READY) $(VENV)/.api ## Requests that schemathesis makes, as each role, find no mistake (REQUESTS=1000 SEED=7)
	@PYTHONPATH=tests/support $(PY) tests/api/run.py --requests $(or $(REQUESTS),1000) --seed $(or $(SEED),7)

$(VENV)/.api: tests/api/requirements.lock
	@$(PIP) --require-hashes --requirement $< > $(VENV)/api.log 2>&1 \
	  || { tail -n 3 $(VENV)/api.log; echo "schemathesis could not be installed: is the network (or your package index) reachable?"; exit 4; }
	@touch $@

# --- what people see inside the CRMs: needs Node, and Chromium for the pictures --------------------

npm: npm-salesforce npm-hubspot pictures ## Both CRMs' cards: jest, vitest, tsc, eslint, pictures

test-packages: npm ## The same by its other name

npm-salesforce: connectors/salesforce/node_modules/.ready ## The card in Salesforce: jest, eslint
	@cd connectors/salesforce && npx --no-install sfdx-lwc-jest
	@cd connectors/salesforce && npx --no-install eslint "force-app/**/lwc/**/*.js" "jest/*.test.js"

npm-hubspot: connectors/hubspot/app/node_modules/.ready ## Card and page in HubSpot: vitest, tsc, eslint
	@cd connectors/hubspot/app && npx --no-install vitest run
	@cd connectors/hubspot/app && npx --no-install tsc --noEmit && npx --no-install eslint src

pictures: $(READY) tests/crm_side/pictures/node_modules/.ready ## Draw the cards in Chromium into var/screenshots
	@( $(call fetch,$(CHROMIUM),chromium fonts-noto-cjk,$(VENV)/apt.log) ) \
	  || { echo "Chromium is missing; on Debian and Ubuntu: apt-get install chromium fonts-noto-cjk"; exit 2; }
	@cd tests/crm_side/pictures && node build.mjs
	@$(PY) tests/crm_side/pictures/take.py

%/node_modules/.ready: %/package.json %/package-lock.json
	@( $(call fetch,npm,nodejs npm,/dev/null) ) \
	  || { echo "Node.js 20 or newer with npm is missing; on Debian and Ubuntu: apt-get install nodejs npm"; exit 2; }
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund --silent \
	  || { echo "The npm packages of $* could not be installed: is the network (or your registry) reachable?"; exit 4; }
	@touch $@

# --- what must hold whatever happens -----------------------------------------------------------

simulate: $(READY) ## The writer under a virtual clock (SEEDS=3000 FIRST=0)
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/simulate.py --seeds $(or $(SEEDS),3000) --first $(or $(FIRST),0)

crash-matrix: $(READY) ## Real workers die at every point (MODES=kill,broker POINTS=P0,P4 PORTAL=body LEASE=2)
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/crash_matrix.py --lease $(or $(LEASE),2) \
	  $(if $(MODES),--modes "$(MODES)") $(if $(PORTAL),--portal $(PORTAL)) --points "$(POINTS)"

chaos: $(READY) ## Real workers in a storm, judged by the CRM's journal (DURATION=60 SEED=7 DATABASE=sqlite)
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/chaos.py --duration $(or $(DURATION),60) \
	  --seed $(or $(SEED),7) --database $(or $(DATABASE),sqlite)

recovery: $(READY) ## How long work rests after a kill, a wiped broker, a crashed database (TRIES=10)
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/recovery.py --tries $(or $(TRIES),10)

two-machines: $(READY) ## Workers in networks of their own, one cut off in a batch (RECORDS=6000)
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/two_machines.py --records $(or $(RECORDS),6000)

soak: $(READY) ## Does a worker that writes without a break grow (MINUTES=20 RATE=20)
	@PYTHONPATH=tests/chaos $(PY) tests/chaos/soak.py --minutes $(or $(MINUTES),20) --rate $(or $(RATE),20)

mutate: $(READY) ## Do the tests of ledger, queue and budget notice small mistakes (MUTANTS=60 SEED=7)
	@$(PY) tests/chaos/mutate.py --mutants $(or $(MUTANTS),60) --seed $(or $(SEED),7)

converge: converge-salesforce converge-hubspot ## Change both CRMs at random, cut pulls at random, compare (HISTORIES=2000)

converge-salesforce: $(READY)
	CRM_LOOP_HISTORIES=$(or $(HISTORIES),2000) CRM_LOOP_PARTS=$(PIECES) $(PY) -m pytest -q \
	  -m "slow or not slow" -n $(CORES) --dist loadgroup tests/connectors/salesforce/test_salesforce_converges.py

converge-hubspot: $(READY)
	CRM_LOOP_HISTORIES=$(or $(HISTORIES),2000) CRM_LOOP_PARTS=$(PIECES) $(PY) -m pytest -q \
	  -m "slow or not slow" -n $(CORES) --dist loadgroup tests/connectors/hubspot/test_hubspot_converges.py

consents: $(READY) ## Two admins, a stranger and HubSpot's page of consent in any order (HISTORIES=2000)
	CRM_LOOP_HISTORIES=$(or $(HISTORIES),2000) CRM_LOOP_PARTS=$(PIECES) $(PY) -m pytest -q \
	  -n $(CORES) --dist loadgroup tests/console/test_console_consent_interleaved.py

links: $(READY) ## Break ten links of each kind in twelve weeks; each is named, nothing else (SEED=7)
	@$(PY) tests/end_to_end/links.py --seed $(or $(SEED),7)

# --- a release ----------------------------------------------------------------------------------

release: $(READY) ## Build, SBOM, licences, locks, known weaknesses, tables for the notes (ALLOW_SKIPPED=1)
	@ALLOW_SKIPPED=$(ALLOW_SKIPPED) $(PY) deploy/release/run.py

# --- studies: is what we say true --------------------------------------------------------------

study-causes: $(READY) ## Is a planted cause named, and nothing stated without one (SEEDS=200)
	@$(PY) bench/study_causes.py $(SEEDS)

study-targets: $(READY) ## Does a promised chance come true as often as it says (SEEDS=200)
	@$(PY) bench/study_targets.py $(SEEDS)

study-actions: $(READY) ## Is the kind of step that helps found, and no other one (SEEDS=100 FIRST=0 ARGS=counted)
	@$(PY) bench/study_actions.py --seeds $(or $(SEEDS),100) --first $(or $(FIRST),0) --cores $(CORES) $(ARGS)

# --- benches: they print a table and write var/bench/; CHECK=1 makes a missed target exit 5 ----

bench-salesforce: $(READY) ## Load a large org, follow it for a week, write many tasks (SCALE=1)
	SCALE=$(SCALE) CHECK=$(CHECK) $(PY) bench/salesforce/run.py

bench-hubspot: $(READY) ## Load a large portal within its limits, follow it, write many tasks (SCALE=full)
	SCALE=$(SCALE) CHECK=$(CHECK) $(PY) bench/hubspot/run.py

bench-kpi: $(READY) ## KPIs of 2,000 reps: frames against SQL, a night from the store (SCALE=1)
	@$(PY) bench/bench_kpi.py

bench-agenda: $(READY) ## Findings to both copies of 10,000 memos, in text and HTML (SCALE=10000)
	@PYTHONPATH=tests/support CHECK=$(CHECK) $(PY) bench/agenda.py $(SCALE)

bench-writes: $(READY) ## Planned to confirmed with 80 ms latency (SCALE=10000 FACES= MORE=190000 LIMITS=no)
	@PYTHONPATH=tests/chaos CHECK=$(CHECK) $(PY) bench/writes.py --scale $(or $(SCALE),10000) \
	  --more $(or $(MORE),0) $(if $(LIMITS),--no-limits) $(if $(FACES),--faces $(FACES))

bench-budget: $(READY) ## Turns a second of the shared budget, on both databases (SECONDS_EACH=5)
	@PYTHONPATH=tests/chaos SECONDS_EACH="$(SECONDS_EACH)" CHECK="$(CHECK)" $(PY) bench/budget.py

bench-console: $(READY) ## Every page with 2,000 reps and 18 months (SCALE=2000)
	@SCALE="$(SCALE)" CHECK="$(CHECK)" $(PY) bench/console.py

bench-sandbox: $(READY) ## Start and answers of a sandbox with a million rows (SCALE=)
	$(PY) bench/sandbox_salesforce.py $(SCALE)

bench-sandbox-hubspot: $(READY) ## How fast the sandbox's HubSpot face answers (SCALE=)
	@SCALE="$(SCALE)" CHECK="$(CHECK)" $(PY) bench/sandbox_hubspot.py
