# Every command of the workshop. Anything longer than a line is in workshop/.
.DEFAULT_GOAL := help
.PHONY: help setup clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv from requirements.txt; every other command does it first (PYTHON=/path/to/python3)
	@python=$$(sh workshop/find-python) && "$$python" -m workshop.setup

clean: ## remove what these commands made; asks before a database with data goes
	@python=$$(sh workshop/find-python) && "$$python" -m workshop.clean
