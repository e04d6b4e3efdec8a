# The commands that the workshop's card promises. All others are `./ws`: ./ws --help lists them.
.DEFAULT_GOAL := help
FRONT := help setup start walk step diff demo test test-before test-after compare site talk scorecard lint
OLD := doctor bet catchup test-step test-steps test-fire test-equivalence test-all coverage format mutants kill-rate soak fuzz bench lock offline clean
.PHONY: $(FRONT) $(OLD)

# -E: PYTHONPATH and the like, of another project, stay out.
WORKSHOP := .venv/bin/python -E -m workshop
SETUP := python=$$(sh workshop/find-python) && "$$python" -E -m workshop.base.setup

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  ./ws --help       all other commands, by who needs them"

setup: ## make .venv from requirements.txt; every other command does it first (PYTHON=/path/to/python3)
	@$(SETUP)

setup-%: # the packages of a further group, such as setup-exercises
	@$(SETUP) $*

start: setup-exercises ## begin the exercises, or go on: the same as ./ws
	@$(WORKSHOP) start

walk: setup-exercises ## create walk/, a git repository of the migration with a tag for each stage
	@$(WORKSHOP) walk

step: setup-exercises ## put walk/ at a stage, your changes saved first (STEP=5)
	@$(WORKSHOP) step "$(STEP)"

diff: setup-exercises ## what differs between two stages (FROM=4 TO=5 STAT=1 PATHS="webhooks tests")
	@$(WORKSHOP) diff $(if $(STAT),--stat) "$(FROM)" "$(TO)" -- $(PATHS)

demo: setup ## see it work: both servers, forty-two events, nine clients that get the same from each (ONCE=1 STAGE=)
	@$(WORKSHOP) demo

test: setup-exercises ## all that must be green: both ends on SQLite, and the tool's own tests
	@$(WORKSHOP) test

test-before: setup ## before/ alone, its own tests and the shared suite (DB=postgres)
	@$(WORKSHOP) test before

test-after: setup ## the same for after/
	@$(WORKSHOP) test after

compare: setup ## before/ and after/ side by side: tests, size, speed, the way to a rule (STAGES=a,b QUICK=1)
	@$(WORKSHOP) compare

site: setup-exercises ## the pages and the way between the stages in a browser, from a folder: var/site; ./ws open opens it
	@$(WORKSHOP) site

talk: setup-exercises ## the slides of a talk, with a speaker view: var/talk (MINUTES=45, 90 or 180; TITLE= SPEAKER= EVENT=)
	@$(WORKSHOP) talk

scorecard: setup-exercises ## what fifteen change requests cost at each rung (REQUEST=fee)
	@$(WORKSHOP) scorecard

lint: setup-exercises ## ruff, mypy, and the repository's own rules
	@$(WORKSHOP) lint

# Names that these commands had before. Each still works, and says its new name.
define moved
@echo './ws $(1) is the new name of make $@.' >&2
@./ws $(1)
endef

bet:
	$(call moved,bet "$(STEP)" $(FILES))
catchup:
	$(call moved,catchup --step "$(STEP)")
test-step:
	$(call moved,test $(or $(STEP),walk))
test-all:
	$(call moved,test-all $(if $(BEYOND_TEST),--beyond-test))
mutants kill-rate:
	$(call moved,$@ $(STAGE))
format:
	$(call moved,lint --fix)
doctor test-steps test-fire test-equivalence coverage soak fuzz bench lock offline clean:
	$(call moved,$@)
