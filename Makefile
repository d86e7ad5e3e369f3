# Sensorium: `make up` serves, `make test` tests. Everything else is a part of these two. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PROTOS := $(shell find protos/sensorium protos/buf -name '*.proto')
SERVICE_PROTOS := $(shell find protos/sensorium -name '*_service.proto')
# A dot for each package that pip gets: its own output is too long to read, and none of it looks like nothing happens.
DOTS := awk '/^(Collecting|Installing)/ { printf "."; fflush() } END { print "" }'
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## This list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

## ---- setting up ----

.PHONY: setup
setup: $(BIN)/.ready .venv-triton ## Both virtual environments: .venv for the services, .venv-triton for the embedded Triton.

# Debian packages the venv module and the shared libpython apart from Python; Triton's model processes need the latter.
define FIND_MISSING
import importlib.util, pathlib, sys, sysconfig
major, minor = sys.version_info[:2]
if (major, minor) != (3, 11): sys.exit(f"Python 3.11 is needed, {sys.executable} is {major}.{minor}; set PYTHON=/path/to/python3.11")
library = pathlib.Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME"))
if importlib.util.find_spec("ensurepip") is None: print("python3.11-venv")
if not library.exists(): print("libpython3.11")
endef
export FIND_MISSING

# Installs the Debian packages in the shell's variable `missing`.
define INSTALL_MISSING
if [ -z "$$missing" ]; then exit 0; fi; \
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "==> installing" $$missing; apt-get update --quiet --quiet && apt-get install --yes --quiet --quiet $$missing; \
else echo "Missing Debian packages. Please run: sudo apt-get install" $$missing; exit 1; fi
endef

.PHONY: system
system: ## What Debian must bring; installed by apt-get where we are root.
	@missing=$$($(PYTHON) -c "$$FIND_MISSING") || exit 1; $(INSTALL_MISSING)

# File systems of their own, and clocks that can be turned.
.PHONY: chaos-system
chaos-system:
	@missing=; \
	command -v unshare setpriv >/dev/null || missing="util-linux"; \
	command -v mount >/dev/null || missing="$$missing mount"; \
	ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || missing="$$missing libfaketime"; \
	$(INSTALL_MISSING)

# torch comes first and by its exact version: a plain `torch` would bring gigabytes for GPUs where a CPU wheel lies ready.
$(BIN)/.ready: pyproject.toml | system
	@echo "==> .venv: the services, the model builder and the tools (a minute or two)"
	$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install 'torch==2.13.0' | $(DOTS)
	@$(BIN)/python -m pip install --editable '.[dev]' | $(DOTS)
	@touch $@

.PHONY: .venv-triton
.venv-triton: $(BIN)/.ready
	@$(BIN)/python -c 'from pathlib import Path; from sensorium_models.embedded.runtime import ensure_runtime as make; make(Path("$@"))'

.PHONY: models
models: setup ## The model repository in build/models; what is built already stays.
	@$(BIN)/sensorium models build

.PHONY: models-multilingual
models-multilingual: setup ## Multilingual Whisper base (133 MB to fetch), proved equal to its source, with its word errors.
	@$(BIN)/sensorium models build whisper_base
	@$(BIN)/sensorium models check whisper_base

## ---- serving ----

.PHONY: up
up: models ## Serves, shows real answers, keeps serving until Ctrl-C.
	@exec $(BIN)/sensorium up

.PHONY: down
down: $(BIN)/.ready ## Stops what `make up` started, from another terminal.
	@$(BIN)/sensorium down

.PHONY: demo
demo: models ## Every call on real pictures, recordings and texts; pictures, subtitles, JSON and a page about work orders in build/demo.
	@$(BIN)/sensorium demo

## ---- checking ----

.PHONY: test
test: models ## Every test, those with a real Triton included.
	$(BIN)/python -m pytest

.PHONY: integration
integration: models ## Only the tests with a real Triton.
	$(BIN)/python -m pytest -m integration

.PHONY: chaos
chaos: models chaos-system ## Faults under load, as root: what dies, hangs, fills up or is cut; writes docs/faults.md.
	@PYTHONPATH=tests $(BIN)/python -m chaos --write

SOAK_SECONDS ?= 600

.PHONY: soak
soak: models ## Mixed load for SOAK_SECONDS (600): memory, file descriptors, threads, tasks stay flat.
	@PYTHONPATH=tests $(BIN)/python -m soak $(SOAK_SECONDS)

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=

.PHONY: fuzz
fuzz: $(BIN)/.ready ## Hostile input for every decoder, FUZZ_SECONDS (60) for each of FUZZ_TARGETS (all); what is found lies in build/fuzz.
	@PYTHONPATH=tests $(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

.PHONY: test-updates
test-updates: models ## Model updates in full: killed at every step, candidates that hang.
	SENSORIUM_TEST_ALL=1 $(BIN)/python -m pytest tests/integration/test_model_lifecycle.py

.PHONY: bench
bench: models ## The suite against its physical limit and its peers; BENCH_ROUNDS, BENCH_SECONDS, BENCH_ONLY make it shorter.
	@PYTHONPATH=tests $(BIN)/python -m bench.comparison

.PHONY: bench-commands
bench-commands: models ## How many spoken commands are right, by voice and noise, and how much other speech is taken for one.
	PYTHONPATH=tests $(BIN)/python -m bench.speech_commands

.PHONY: bench-speech
bench-speech: models ## What speech costs, how soon results come, and what many streams share.
	PYTHONPATH=tests $(BIN)/python -m bench.speech_load

.PHONY: bench-text
bench-text: models ## A stream of texts against unary calls, and the memory that a long one takes.
	PYTHONPATH=tests $(BIN)/python -m bench.text_streaming

.PHONY: bench-interceptors
bench-interceptors: $(BIN)/.ready ## What the interceptors cost per unary call; fails beyond 150 µs.
	@PYTHONPATH=tests $(BIN)/python tests/bench/interceptors.py

.PHONY: bench-fairness
bench-fairness: models ## What one caller at full load does to another's waiting time.
	@PYTHONPATH=tests $(BIN)/python tests/bench/fairness.py

.PHONY: bench-overload
bench-overload: models ## What services answer and refuse at 1 to 8 times their capacity; fails under 90 % of their peak.
	@PYTHONPATH=tests $(BIN)/python -m bench.overload

.PHONY: bench-tracing
bench-tracing: $(BIN)/.ready ## What traces cost a call.
	PYTHONPATH=tests $(BIN)/python -m bench.tracing

.PHONY: lint
lint: $(BIN)/.ready ## Style, imports between the packages, contracts.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code --exclude-path protos/buf --exclude-path protos/google

.PHONY: type
type: $(BIN)/.ready ## Types, strictly.
	$(BIN)/mypy

## ---- contracts ----

# buf cannot run the gRPC generator, which exists only inside grpc_tools.protoc.
define generate
	$(BIN)/python -m grpc_tools.protoc -Iprotos --python_out=$(1) --pyi_out=$(1) $(PROTOS)
	$(BIN)/python -m grpc_tools.protoc -Iprotos --grpc_python_out=$(1) --mypy_grpc_out=quiet:$(1) $(SERVICE_PROTOS)
endef

.PHONY: proto
proto: $(BIN)/.ready ## Generates the code in protos/gen anew.
	rm -rf protos/gen && mkdir protos/gen
	$(call generate,protos/gen)

.PHONY: proto-check
proto-check: $(BIN)/.ready ## The contracts break no caller, and the committed code is what they generate.
	$(BIN)/buf breaking --against protos/released.binpb
	rm -rf build/gen && mkdir -p build/gen
	$(call generate,build/gen)
	diff --recursive --exclude=__pycache__ build/gen protos/gen

.PHONY: proto-release
proto-release: $(BIN)/.ready ## Makes today's contracts the ones that later changes must not break.
	$(BIN)/buf build --exclude-source-info --path protos/sensorium --output protos/released.binpb
