# Every task of tpkg-lint, on a machine that has python3 (3.10 or newer) and make, and nothing else.

PYTHON ?= python3
# What is installed as torch: a version, a requirement, a path, an index, or any arguments of pip install.
TORCH ?= torch==2.13.0

PY := .venv/bin/python
PYTEST := $(PY) -m pytest
export TORCH
MAKEFLAGS += --no-print-directory

.PHONY: help setup demo test test-all test-editors vsix pictures lint docs generate bench truth clean

help: ## show the tasks
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## set up .venv with torch and the project; skipped when nothing changed
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "$(PYTHON) is missing or older than 3.10. Name another one:  make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) tools/bootstrap.py --torch "$$TORCH"

demo: setup ## check an example with proof, plan its actions, and predict the closure of a real library
	@$(PY) examples/demo.py

test: setup ## run the tests that take seconds
	@$(PYTEST) -n 2 --dist worksteal -m "not slow" --timeout 300

test-all: setup ## run every test, also the slow ones
	@$(PYTEST) -n 2 --dist worksteal

test-editors: setup ## test all editors in the real thing; what this machine cannot have is skipped with the reason
	@editors/test.sh $(PY)

test-%: setup editors/%/test/run.sh
	@editors/test.sh $(PY) $*

vsix: setup ## build the VS Code extension, editors/vscode/dist/tpkg-lint.vsix; needs Node and npm
	@editors/vscode/package.sh $(PY)

pictures: setup ## test VS Code and take the pictures of editors anew: docs/, README of the extension
	@editors/vscode/test/run.sh $(PY) editors/vscode/test/out/shots
	@editors/vscode/test/pictures.sh
	@editors/neovim/test/picture.sh $(PY)

lint: setup ## ruff, mypy --strict and the import contracts
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

generate: setup ## write the generated part of docs/
	@$(PY) tools/gen_docs.py
	@$(PY) -m tpkg_server.reference > docs/reference/language-server.md
	@$(PY) tools/vscode_manifest.py

docs: setup ## build the site into site/; a broken link is an error
	@$(PYTHON) tools/bootstrap.py --torch "$$TORCH" --extra docs
	@$(PY) tools/gen_docs.py --check
	@.venv/bin/zensical build --strict --clean

bench: setup ## run the benchmarks, one after the other
	@for script in benchmarks/*.py; do \
	  [ -e "$$script" ] || { echo "no benchmarks yet"; exit 0; }; \
	  echo "== $$script"; $(PY) "$$script" || exit 1; done

truth: setup ## score predicted closures on fresh exports, or on records: TRUTH="FOLDER --python INTERPRETER"
	@if [ -n "$(TRUTH)" ]; then $(PY) -m tools.score_truth $(TRUTH); \
	else $(PY) -m tools.score_truth --fresh .cache/truth --python $(PY) --cache .cache/facts --jobs 2; fi

clean: ## remove what the other tasks made, except .venv
	rm -rf editors/vscode/dist editors/vscode/bundled editors/vscode/test/out build dist site .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
