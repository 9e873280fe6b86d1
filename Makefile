# Every target makes the virtual environment it needs; nothing else has to be installed beforehand.
#
#   make demo                     watch it work
#   make serve                    serve, with the database in ~/qbwc;  make serve FOLDER=../orders  in another folder
#   make test                     the tests;  make test ARGS="tests/soap -k zeep"  some of them
#   make test-slow                the others: a browser, PostgreSQL throughout, killed processes, great volumes
#   make coverage                 the tests, and which lines and branches none of them reached
#   make search                   what looks for counterexamples, for longer, and all of each kind
#   make check                    what has to be right before a commit: lint types imports test
#   make test PYTHON=python3.13   with another interpreter, in an environment of its own

PYTHON ?= python3

# An interpreter given on the command line must not overwrite the everyday environment.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ifeq ($(origin PYTHON),command line)
VENV ?= .venv-$(PYTHON_VERSION)
else
VENV ?= .venv
endif
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Each worker of the tests, and each server and command they start, would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

# What pip and setuptools think of a success is for those who build packages; what they say of a failure is for all.
pip = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1) >$(VENV)/pip.log 2>&1 || { \
    cat $(VENV)/pip.log >&2; \
    echo "Nothing was set up: pip could not install what qbwc-server needs (see above). Is there a network?" >&2; \
    exit 1; }

# Three workers: on two cores, as one of them mostly waits for a server or a browser. Each keeps to its part, whose files
# share their servers, until another one's is what is left.
PYTEST := $(BIN)/pytest -n 3 --dist worksteal

.PHONY: help environment demo serve test coverage test-slow search intuit soap acceptance faults browser pictures check lint format types imports fuzz audit wheel clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

demo: $(STAMP)
	@$(BIN)/qbwc-server demo $(ARGS)

# Never among the sources: the database and its secrets are kept, and backed up, in a folder of their own.
FOLDER ?= $(HOME)/qbwc
serve: $(STAMP)
	@mkdir -p "$(FOLDER)"
	@cd "$(FOLDER)" && "$(abspath $(BIN))/qbwc-server" serve $(ARGS)

test: $(STAMP)
	$(PYTEST) -m "not slow" $(ARGS)

# One process, so that nothing is counted twice; the servers that tests start are counted too.
coverage: $(STAMP)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not slow" $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-slow: $(STAMP)
	$(PYTEST) -m slow $(ARGS)

# Every part of make test that looks for a counterexample, for longer: among up to ten times as many; and all of a kind
# of which make test and make test-slow try some.
search: $(STAMP)
	THOROUGH=1 $(PYTEST) -m "(search or thorough) and not intuit" --ignore tests/faults $(ARGS)

# Against Intuit's own schema and service description, where they lie in ../shared/reference.
intuit: $(STAMP)
	$(PYTEST) -m intuit $(ARGS)

# What must also hold on the other interpreters: the SOAP service, and whole cycles over HTTP. What the engine
# makes of every cause, letter and reference has nothing in it that differs between them.
soap: $(STAMP)
	$(PYTEST) -m "not slow" tests/soap tests/acceptance/test_cycle.py tests/acceptance/test_demo.py \
	    tests/test_app.py tests/test_serve.py $(ARGS)

acceptance browser: $(STAMP)
	$(PYTEST) tests/$@ $(ARGS)

faults: $(STAMP)
	$(PYTEST) --dist load tests/faults --all-faults $(ARGS)

check: lint types imports test

environment: $(STAMP)

# The pictures of the support guide, drawn anew after a page was changed.
pictures: $(STAMP)
	$(BIN)/python -m tests.browser.guide_pictures docs/pictures

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

# Input by the ten thousand; make test has a quick subset.
fuzz: $(STAMP)
	FUZZ_BODIES=50000 FUZZ_FORMS=20000 $(BIN)/pytest -s tests/security/test_fuzz_soap.py tests/security/test_fuzz_site.py $(ARGS)

# Known faults of the installed dependencies. Needs the network; ARGS=--where-possible to pass without it.
audit: $(STAMP)
	@$(BIN)/python .ci/audit.py $(ARGS)

wheel: $(STAMP)
	$(BIN)/python -m build

clean:
	rm -rf build dist *.egg-info .venv .venv-*

$(STAMP): setup.cfg setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "qbwc-server needs Python 3.11 or newer, and $(PYTHON) is '$(PYTHON_VERSION)'." >&2; \
	    echo "Name another one: make $(firstword $(MAKECMDGOALS) demo) PYTHON=python3.12" >&2; \
	    exit 1; }
	@echo "Setting up $(VENV) (Python $(PYTHON_VERSION)); this takes a minute the first time." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# what the interpreter brings along is old; an old setuptools or pip has known faults
	@$(call pip,--upgrade pip 'setuptools>=78.1.1')
	@$(call pip,--editable '.[dev]')
	@touch $@
