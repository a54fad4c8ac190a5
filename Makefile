# make run    the chat over the sample library (first start: environment, crawl of the bundled newsroom)
# make test   the whole suite       make check  the fast one, before every commit
# make venv   the environment alone (.venv, with `vigie` in it)
# make bench  the benchmarks, one after the other
PYTHON ?= python3
VENV := .venv
# As many workers as cores, a file of tests on one of them: what a file shares is made once.
WORKERS ?= auto
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
READY := $(VENV)/.ready

SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: run test check venv bench lock clean browser

run: $(READY)
	@$(BIN)/vigie chat --demo

venv: $(READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "vigie needs Python 3.11 or newer: make run PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV) (once, a few minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib corpus ingest rag ui evals vigie.py vigie_feeds.py vigie_settings.py || true
	@touch $@

# Chromium for the browser tests: from Debian's packages where that is allowed, else named.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "No Chromium: the browser tests are skipped. Install it with: sudo apt-get install chromium"

test: $(READY) browser
	@$(BIN)/python -m pytest $(SPREAD)

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest $(SPREAD) -m "not slow and not browser and not shared"

lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

# Peers are measured beside Vigie from an environment of their own.
PEERS := .bench/venv
$(PEERS)/.ready: evals/peers-requirements.txt
	@test -d $(PEERS) || $(PYTHON) -m venv $(PEERS)
	@echo "Installing the peers into $(PEERS) (once, a few minutes)"
	@$(PEERS)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check -r evals/peers-requirements.txt
	@touch $@

CRAWLERS := .bench/crawlers
$(CRAWLERS)/.ready: evals/crawlers-requirements.txt
	@test -d $(CRAWLERS) || $(PYTHON) -m venv $(CRAWLERS)
	@echo "Installing the crawlers' peers into $(CRAWLERS) (once, a few minutes)"
	@$(CRAWLERS)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check -r evals/crawlers-requirements.txt
	@touch $@

bench: $(READY) $(PEERS)/.ready $(CRAWLERS)/.ready
	@for bench in embed crawl start; do $(BIN)/vigie bench $$bench || exit 1; done
	@$(BIN)/vigie bench retrieve --size 10000,100000,1000000

clean:
	rm -rf $(VENV) .bench build dist *.egg-info
