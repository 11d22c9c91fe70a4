# Everything a contributor types. `make` alone lists the targets.
#
# The virtual environment is made once; two stamps tell whether it still fits: one for what the hub needs to run,
# one for what its makers need on top. Talk of the tools goes to stderr, so that stdout is the command's own.

SHELL := /bin/sh
.DEFAULT_GOAL := help

ARGS ?=
PYTHONS ?= python3 python3.13 python3.12 python3.11
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
RIVALS := build/rivals
MOVERS := build/movers
JSONL := build/jsonl
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
# One more than there are cores, for tests wait for disks and servers; four are enough.
WORKERS := -n $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 4 ? cores + 1 : 4))) --dist worksteal
LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 $(ARGS)
BENCHMARKS := $(subst _,-,$(patsubst benchmarks/bench_%.py,bench-%,$(wildcard benchmarks/bench_*.py)))

.PHONY: help demo test check format nightly faults soak consent-matrix bench browser screenshots lock clean $(BENCHMARKS)

help:  ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s  %s\n", $$1, $$2}' Makefile

demo: $(VENV)/run.stamp  ## the seeded estate, pulled and shown; ARGS=--once ends when it is done
	@$(BIN)/hub $(if $(findstring --once,$(ARGS)),--json) demo $(ARGS)

test: $(VENV)/dev.stamp  ## the tests, on SQLite and PostgreSQL; ARGS="-k phone -n 0" picks and debugs
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

check: $(VENV)/dev.stamp  ## lint, format, types and layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/dev.stamp  ## put the source into its one format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

nightly: $(VENV)/dev.stamp  ## the slow tests
	@$(BIN)/python -m pytest $(WORKERS) -m slow $(ARGS) || { code=$$?; [ $$code -eq 5 ] && echo "There are no slow tests yet."; }

faults: $(VENV)/dev.stamp  ## what goes wrong, made to go wrong: survived of injected, by the fault catalogue
	@$(BIN)/python -m pytest $(WORKERS) -p tests.faults.report -m fault $(ARGS)

soak: $(VENV)/dev.stamp  ## workers, schedulers and restless vendors, struck for 15 minutes; ARGS="--seed 7 --minutes 3"
	@$(BIN)/python -m tests.soak $(ARGS)

consent-matrix: $(VENV)/dev.stamp  ## the traps of each vendor's consent, line by line, from the simulators' ledgers
	@$(BIN)/python -m pytest tests/flows/consent/test_matrix.py -v $(ARGS)

bench: $(BENCHMARKS)  ## every benchmark; `make bench-NAME` runs benchmarks/bench_NAME.py alone

$(BENCHMARKS): bench-%: $(VENV)/dev.stamp
	@mkdir -p build/bench
	@$(BIN)/python benchmarks/bench_$(subst -,_,$*).py $(ARGS) > build/bench/$*.json.part
	@mv build/bench/$*.json.part build/bench/$*.json
	@echo build/bench/$*.json

bench-identity: export RIVALS_PYTHON := $(abspath $(RIVALS)/bin/python)
bench-identity: $(RIVALS)/stamp

bench-sync: export MOVERS_PYTHON := $(abspath $(MOVERS)/bin/python)
bench-sync: export JSONL_PYTHON := $(abspath $(JSONL)/bin/python)
bench-sync: $(MOVERS)/stamp $(JSONL)/stamp

browser:  ## a browser for the tests of the pages
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then echo "A browser is there."; \
	elif [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >/dev/null; \
	else echo "Install Chromium with the system's package manager to run the tests of the pages."; fi

screenshots: $(VENV)/dev.stamp browser  ## pictures of all pages of the demo, in build/screenshots
	@$(BIN)/python -m tests.browser.screenshots

lock: requirements/build.in requirements/rivals.in requirements/movers.in requirements/jsonl.in pyproject.toml  ## write requirements/*.txt anew with uv; ARGS=--upgrade takes newer versions
	@command -v $(UV) >/dev/null || { echo "Install uv, or name it: make lock UV=..." >&2; exit 1; }
	@$(LOCK) pyproject.toml requirements/build.in -o requirements/run.txt
	@$(LOCK) pyproject.toml requirements/build.in --group dev -c requirements/run.txt -o requirements/dev.txt
	@for one in rivals movers jsonl; do $(LOCK) requirements/$$one.in -o requirements/$$one.txt || exit 1; done

clean:  ## remove what make and the tools wrote
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/python.stamp: | .ci/python
	@python=$$(.ci/python $(PYTHONS)) && rm -rf $(VENV) && "$$python" -m venv $(VENV) >&2
	@touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp pyproject.toml requirements/run.txt
	@echo "Installing what the hub needs into $(VENV) ..." >&2
	@$(PIP) install --require-hashes -r requirements/run.txt >&2
	@$(PIP) install --no-deps --no-build-isolation -e . >&2
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing what the tests need into $(VENV) ..." >&2
	@$(PIP) install --require-hashes -r requirements/dev.txt >&2
	@touch $@

build/%/stamp: $(VENV)/python.stamp requirements/%.txt
	@echo "Installing requirements/$*.txt into build/$* ..." >&2
	@rm -rf build/$* && $(BIN)/python -m venv build/$* >&2
	@build/$*/bin/python -m pip --quiet --quiet --disable-pip-version-check install --require-hashes \
		-r requirements/$*.txt >&2
	@touch $@
