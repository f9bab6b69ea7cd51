# make chat      install, build the index where needed, open the chat on http://127.0.0.1:7860
# make test      install, get a browser for the browser tests, run the tests
# make install   .venv with the program in it; runs again only when its dependencies change
# make check     the long tests too (many minutes)
# make lint      ruff and mypy
# make bench     quality and speed on the seeds, into benchmarks/results/, and README's table
#
# Linux without a graphics card: the CPU build of torch is 3 GB smaller:
#   make chat PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"

PYTHON ?= python3
VENV ?= .venv
PIP_ARGS ?=
ARGS ?=
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --disable-pip-version-check --constraint constraints.txt $(PIP_ARGS)
CHROMIUM := command -v chromium || command -v chromium-browser || command -v google-chrome

.DEFAULT_GOAL := help
.PHONY: help install chat test check lint bench browser

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

install: $(VENV)/.installed

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11; name a newer one: make install PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) --editable ".[all]"
	@touch $@

$(VENV)/.developing: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) --editable ".[dev]"
	@touch $@ $(VENV)/.installed

chat: install
	$(VENV)/bin/rag chat $(ARGS)

test: $(VENV)/.developing browser
	$(PY) -m pytest $(ARGS)

check: $(VENV)/.developing browser
	$(PY) -m pytest -m "long or not long" --timeout=3600 $(ARGS)

lint: $(VENV)/.developing
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

bench: $(VENV)/.installed
	$(PY) benchmarks/quality.py seeds $(PACKS)
	$(PY) benchmarks/speed.py
	$(PY) benchmarks/report.py

# The browser tests drive Debian's chromium; without one they are skipped and say so.
browser:
	@if { $(CHROMIUM); } >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium; \
	else echo "no chromium: the browser tests will be skipped (Debian: sudo apt-get install chromium)"; fi
