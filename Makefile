# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
ONCE ?=
MINUTES ?= 30

.PHONY: demo test bench soak corpus fuzz servers lint format wheel clean

demo: $(VENV)/ready
	$(BIN)/mailcase demo $(if $(ONCE),--once)

test: servers lint
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# Figures beside a floor measured in the same run; ARGS=--quick, ARGS="intake --rounds 5 --json bench.json", ARGS=--help.
bench: servers
	$(BIN)/python -m bench $(ARGS)

soak: servers
	$(BIN)/python -m bench.soak --minutes $(MINUTES) $(ARGS)

# How well real mail is read, where the collection of letters lies beside the project; ARGS=--failed names the letters.
corpus: $(VENV)/ready
	$(BIN)/python -m tests.corpus $(ARGS)

# Letters damaged on their way in ever new manners, for MINUTES.
fuzz: $(VENV)/ready
	MAILCASE_FUZZ_MINUTES=$(MINUTES) $(BIN)/python -m pytest tests/test_letter_fuzz.py -q

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Dovecot, Postfix and PostgreSQL for the live tests; without root they are left out and the tests say so.
servers: $(VENV)/ready
	.ci/servers

wheel: $(VENV)/ready
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

$(VENV)/ready: pyproject.toml requirements.txt
	@test -n "$(PYTHON)" || { echo 'mailcase needs Python 3.11 or newer: install it and run make again' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.txt -e '.[postgres,demo,dev]'
	touch $@

clean:
	rm -rf $(VENV) dist build *.egg-info
