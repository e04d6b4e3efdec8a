# Every command of the workshop. Anything longer than a line is in workshop/.
.DEFAULT_GOAL := help
.PHONY: help setup setup-lint setup-bench setup-exercises doctor start demo test test-before test-fire test-all coverage lint format mutants soak fuzz bench lock clean compare test-equivalence test-after kill-rate offline walk step diff catchup test-step test-steps bet

# -E: PYTHONPATH and the like, of another project, stay out.
WORKSHOP := .venv/bin/python -E -m workshop

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv from requirements.txt; every other command does it first (PYTHON=/path/to/python3)
	@python=$$(sh workshop/find-python) && "$$python" -E -m workshop.base.setup

setup-lint:
	@python=$$(sh workshop/find-python) && "$$python" -E -m workshop.base.setup lint

setup-bench:
	@python=$$(sh workshop/find-python) && "$$python" -E -m workshop.base.setup bench

setup-exercises:
	@python=$$(sh workshop/find-python) && "$$python" -E -m workshop.base.setup exercises

doctor: ## whether this machine has what is needed, before any set-up; and a short code to read out to who helps
	@sh ws doctor

start: setup-exercises ## begin the exercises, or go on: the same as ./ws, which has more commands
	@$(WORKSHOP) start

walk: setup-exercises ## lay the migration out in walk/: a git repository with a tag for each stage
	@$(WORKSHOP) walk

step: setup-exercises ## put walk/ at a stage, your changes saved first (STEP=5)
	@$(WORKSHOP) step "$(STEP)"

bet: setup-exercises ## which files will a step change? Bet, then see what you missed (STEP=3 FILES="models.py views.py")
	@$(WORKSHOP) bet "$(STEP)" $(FILES)

catchup: setup-exercises ## you fell behind: to a stage, your changes saved, and what to read (STEP=5)
	@$(WORKSHOP) catchup --step "$(STEP)"

diff: setup-exercises ## what differs between two stages (FROM=4 TO=5 STAT=1 PATHS="webhooks tests")
	@$(WORKSHOP) diff $(if $(STAT),--stat) "$(FROM)" "$(TO)" -- $(PATHS)

demo: setup ## see it work: both servers, forty events, nine clients that get the same from each (ONCE=1 STAGE=)
	@$(WORKSHOP) demo

test: setup-exercises ## all that must be green: every stage on SQLite, and the tool's own tests
	@$(WORKSHOP) test

test-before: setup ## before/ alone, its own tests and the shared suite (DB=postgres)
	@$(WORKSHOP) test-stage before

test-step: setup ## walk/ as you left it, or STEP=5: own tests and the shared suite (ONLY=csv for a part of it, DB=postgres)
	@$(WORKSHOP) test "$(STEP)"

test-steps: setup ## all twelve stages on SQLite, the four rungs on PostgreSQL too; some twenty minutes
	@$(WORKSHOP) test-steps

test-after: setup ## the same for after/
	@$(WORKSHOP) test-stage after

test-fire: setup ## before/ under races, crashes and hostile clients, with Celery where Redis answers (STAGE= DB=postgres FIRE_SECONDS=60)
	@FIRE_SECONDS=$(or $(FIRE_SECONDS),60) $(WORKSHOP) test-fire $(or $(STAGE),before)

test-equivalence: setup ## whether all stages behave alike: generated histories, one database (HISTORIES=500 SEED= DB= STAGES=all)
	@$(WORKSHOP) test-equivalence

test-all: setup-exercises ## as test, and every step and exercise, PostgreSQL and other Pythons, as far as they are here
	@$(WORKSHOP) test-all $(if $(BEYOND_TEST),--beyond-test)

coverage: setup ## what before's own tests run through (STAGE=)
	@$(WORKSHOP) coverage $(or $(STAGE),before)

compare: setup ## before/ and after/ side by side: tests, size, speed, the way to a rule (STAGES=a,b QUICK=1)
	@$(WORKSHOP) compare

lint: setup-lint ## ruff, mypy, and the repository's own rules
	@$(WORKSHOP) lint

format: setup-lint ## let ruff lay the code out and mend what it can
	@.venv/bin/python -E -m ruff check --fix . && .venv/bin/python -E -m ruff format .

mutants: setup ## plant mistakes, one at a time; the shared suite must notice each (ONLY=name STAGE=)
	@$(WORKSHOP) mutants $(STAGE)

kill-rate: setup ## make small mistakes in the rules; how many do each side's own tests notice, with and without a database? (SAMPLE=300 SEED=1 STAGE=)
	@$(WORKSHOP) kill-rate $(STAGE)

soak: setup ## random faults for MINUTES=10, drawn from SEED, and the count at the end (STAGE=before DB=postgres)
	@$(WORKSHOP) soak

fuzz: setup ## requests from the OpenAPI document, with each key and none (SEED= MAX_EXAMPLES=20 MINUTES=0 STAGE= DB=)
	@$(WORKSHOP) fuzz

bench: setup-bench ## how fast, beside what this machine can do: a table, JSON, a plot (STAGE=before,after DB=postgres STRICT=1)
	@$(WORKSHOP) bench

lock: setup ## lock all groups again after a change in pyproject.toml, and show the table of wheels (UPGRADE=1 or UPGRADE="pyyaml …")
	@$(WORKSHOP) lock

offline: setup ## fill offline/ for a USB stick: all that a room without network needs (PYTHONS="3.11 3.12" SYSTEMS=macos-arm64)
	@$(WORKSHOP) offline

clean: ## remove what these commands made; asks before a database with data goes
	@python=$$(sh workshop/find-python) && "$$python" -E -m workshop.base.clean
