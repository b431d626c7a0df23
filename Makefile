# Two commands do all the set-up on a fresh Debian or Ubuntu machine: `make demo` and `make test`.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= harness-report
REQUIRED := test "$$($(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11))')" = True

.PHONY: demo test lint types unit install sandbox clean help

help: ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: install sandbox ## Verify a small repository with an AI-assisted change; no daemon needed
	@$(BIN)/harness demo --out $(OUT)

test: install sandbox lint types unit ## Everything that CI runs

install: $(STAMP) ## The environment in .venv

$(STAMP): pyproject.toml
	@$(REQUIRED) || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3.11." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || ci/setup/ensure-venv.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

sandbox: ## bubblewrap, where it is missing and may be installed
	@ci/setup/ensure-sandbox.sh

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy
	$(BIN)/mypy -p guestlib

unit: install
	$(BIN)/python -m pytest -n auto --dist loadscope

clean: ## Remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
