# Needs Python 3.11 or newer and nothing else; the environment lives in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run test test-fast check bench screenshots

setup:
	@$(PYTHON) packaging/setup_environment.py run

run: setup
	@$(BIN)/python main.py $(FILES)

test: setup-tests
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

test-fast: setup-tests
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "not slow"

check: setup-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	@$(BIN)/python main.py bench

screenshots: setup
	$(BIN)/python packaging/screenshots.py

.PHONY: setup-tests
setup-tests:
	@$(PYTHON) packaging/setup_environment.py tests
