# Three commands to work (setup, check, test) and two to use it (demo, up). Nothing here needs the network after `setup`.
PYTHON ?= python3
SCRIPT ?= $(firstword $(sort $(wildcard examples/*.fountain)))
LENGTH ?= 60
OUT ?= demo

BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: setup demo up test soak check

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "trailerflow needs Python 3.11 or newer, $(PYTHON) is older: make setup PYTHON=python3.12" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# A trailer of SCRIPT, LENGTH seconds long, in the folder OUT; through a whole service that lives just as long.
demo: $(STAMP)
	@$(BIN)/trailerflow make "$(SCRIPT)" -o "$(OUT)" --seconds "$(LENGTH)" --own

up: $(STAMP)
	@exec $(BIN)/trailerflow up

# Several files at once, since most tests wait for processes; then, one by one, those that measure time or kill. What
# fails is tried once more by itself: on a busy machine a deadline may pass that has nothing to do with the code.
JOBS ?= 2
AGAIN := --last-failed --last-failed-no-failures none
test: $(STAMP)
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not alone" || $(BIN)/python -m pytest -m "not alone" $(AGAIN)
	$(BIN)/python -m pytest -m alone || $(BIN)/python -m pytest -m alone $(AGAIN)
endif

# A seeded killer among the processes of a whole service; SEED=… for other chances, DATABASE=PostgreSQL for that.
KILLS ?= 200
SEED ?= 1
DATABASE ?= SQLite
soak: $(STAMP)
	SOAK_KILLS=$(KILLS) SOAK_SEED=$(SEED) SOAK_DATABASE=$(DATABASE) $(BIN)/python -m pytest tests/soak

check: $(STAMP)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
