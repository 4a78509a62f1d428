# tpkg-lint: every task, on a machine that has python3 (3.10 or newer) and make and nothing else.

PYTHON ?= python3
# What is installed as torch: a requirement, a path, or pip's options for an index ("--index-url URL torch").
TORCH ?= torch==2.13.0
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: help setup
help: ## show the tasks
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## set up .venv; skipped when nothing changed

$(STAMP): pyproject.toml Makefile
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@
