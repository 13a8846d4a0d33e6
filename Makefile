# calwatch: everything a developer or a first user runs. `make demo` and `make test` need python3.11 (or newer), venv and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3.13 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
CHROMIUM := $(or $(CALWATCH_CHROMIUM),/usr/bin/chromium)

.PHONY: bench demo test test-system check lock format generate clean

demo: $(VENV)/.installed
	$(BIN)/calwatch demo demo

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# The page in a real browser; `make test-system PICTURES=folder` keeps pictures of what the tests saw.
test-system: $(VENV)/.installed-dev $(CHROMIUM)
	CALWATCH_CHROMIUM=$(CHROMIUM) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/browser $(PICTURES:%=--pictures %)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Ten minutes on a quiet machine; writes docs/benchmarks.md.
bench: $(VENV)/.installed-dev
	$(BIN)/python bench/report.py

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix src tests bench
	$(BIN)/ruff format src tests bench

# The example configuration and the reference pages come from the code; a test keeps them equal.
generate: $(VENV)/.installed-dev
	$(BIN)/python -m calwatch.settings.example config/calwatch.example.toml docs/configuration.md
	$(BIN)/python -m calwatch.cli.reference docs/commands.md

# The lowest Python promised decides what is locked; the files name packages and hashes, and no place they came from.
COMPILE := $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Debian's own Chromium and one font, the same for everybody. A browser that cannot be had is a failure, never a skip.
APT := $(if $(filter 0,$(shell id -u)),,sudo -n) env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120
CHROMIUM_INSTALL := $(APT) install -y --no-install-recommends chromium fonts-dejavu-core

/usr/bin/chromium:
	@command -v apt-get >/dev/null || { echo "make test-system needs Chromium and installs Debian's by apt-get, which is not here; name one you have in CALWATCH_CHROMIUM"; exit 1; }
	@$(CHROMIUM_INSTALL) >/dev/null 2>&1 || { $(APT) update && $(CHROMIUM_INSTALL) >/dev/null; } || { echo "make test-system could not install Chromium; as root: apt-get install chromium fonts-dejavu-core"; exit 1; }

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "calwatch needs python3.11 or newer (Debian: apt install python3.11-venv make)"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "calwatch needs Python 3.11 or newer; $(PYTHON) is older"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@ $(VENV)/.installed
