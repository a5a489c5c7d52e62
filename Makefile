# Two commands matter: `make parity` (the main job) and `make test` (everything that must hold).
# Both start from a plain checkout with nothing but Python 3.11 or newer and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Parallelism is over processes; more BLAS threads than that only get in each other's way.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
# What large arrays held goes back to the system at once, so that two workers stay within 1 GiB.
export MALLOC_ARENA_MAX ?= 1
export MALLOC_MMAP_THRESHOLD_ ?= 1048576
export MALLOC_TRIM_THRESHOLD_ ?= 1048576

.PHONY: orca sousa-train performance audit parity e2e test test-cost test-whole error-rates bridge bridge-sanitized swift-test has-swift conformance-coreml conformance-onnx conformance-pairs conformance-rtneural conformance-torch conformance-written fuzz-coreml fuzz-onnx lint docs bench prove fetch goldens strangers clean help

help:
	@echo "make parity   set up, fetch madmom's networks, run the parity suite, write parity-report/"
	@echo "make e2e      whole pipelines over synthesized sound, with ONNX, PyTorch and Core ML in their networks' place"
	@echo "make test     set up and run every test"
	@echo "make test-whole   the same with every network on every recipe, where make test takes a third of the pairs"
	@echo "make test-cost    the same, and print what takes most processor time (TESTS=PATH: of a part)"
	@echo "make bridge   build the bridge to Core ML and run all of its tests (needs Swift)"
	@echo "make bridge-sanitized     its Swift tests under AddressSanitizer and ThreadSanitizer"
	@echo "make conformance-coreml   run Apple's own Core ML tests on the engine (most of an hour)"
	@echo "make conformance-written  every network as Core ML files, on every recipe"
	@echo "make fuzz-coreml   try 50,000 spoilt Core ML files (CASES=N: so many)"
	@echo "make fuzz-onnx     the same of ONNX files"
	@echo "make conformance-onnx    compare onnxruntime with the engine on all of onnx's node tests"
	@echo "make conformance-pairs   judge pairs of every kind of interface, and print how many get the right band"
	@echo "make conformance-torch   read every architecture of the table with free axes, and from its ONNX export"
	@echo "make conformance-rtneural RTNEURAL=PATH   compare readings of RTNeural files with the C++ library"
	@echo "make performance  the piano family's networks at whole sizes, and as ML Programs"
	@echo "make orca     compare OrcaHello's network and front end in every form with the engine"
	@echo "make sousa-train  train SOUSA's networks from nothing into build/sousa (minutes), and see that they tell unseen players"
	@echo "make audit    make known mistakes in every network on purpose, and count what is caught, placed and named"
	@echo "make prove OPERATORS='gru softmax'   change operators' own code, and count the changes that their tests notice"
	@echo "make bench    set up and print the benchmark ratios"
	@echo "make strangers FOLDER=PATH   check every model file below a folder against itself, without options"
	@echo "make error-rates  how often verdicts are wrong, either way, on a fair sample (WHOLE=1: on everything)"
	@echo "make goldens  record the goldens that are missing under golden/"
	@echo "make docs     make the pages and schemas that come from the sources"
	@echo "make lint     ruff, mypy and the fragments of the changelog"

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $@

# Without the networks the suite still runs on the fixtures and names every absent model.
fetch: $(STAMP)
	@$(BIN)/modelparity fetch madmom || echo "!! madmom's networks could not be fetched: their cases will be skipped, by name"

# The main job: what madmom itself recorded, and three recipes of ten; `make parity RECIPES=` runs them all.
RECIPES ?= recorded noise features saturating

parity: fetch
	$(BIN)/pytest tests/parity -m parity -n 2 --parity-report=parity-report $(RECIPES:%=--parity-recipe=%)

# Whole pipelines over synthesized sound, each also with converted networks in the place of its own; `make test` runs a sample.
e2e: fetch
	$(BIN)/pytest tests/e2e -m e2e -n 2

# Tests may use more memory: arrays up to 32 MiB are kept and used again, for a tenth of the system's time. A thread of
# PyTorch's that has nothing to do sleeps, where it would spin and take the time of the other worker's tests.
test test-whole test-cost: export MALLOC_MMAP_THRESHOLD_ = 33554432
test test-whole test-cost: export MALLOC_TRIM_THRESHOLD_ = 67108864
test test-whole test-cost: export OMP_WAIT_POLICY = PASSIVE

test: fetch
	$(BIN)/pytest -n 2
	@$(MAKE) --no-print-directory swift-test

# Every network on every recipe where `make test` takes a third of these pairs, every kind of file, every node test.
test-whole: export MODELPARITY_WHOLE = 1
test-whole: export MODELPARITY_CONFORMANCE = whole
test-whole: test

# The files and tests that take most processor time; TESTS=tests/verdict: of a part.
TESTS ?= tests

test-cost: fetch
	$(BIN)/python -m pytest -n 2 -q -p tests.cost $(TESTS)

# The bridge's Swift tests; on Linux a stand-in takes Core ML's place. Builds are kept below build/swift.
SWIFT ?= $(shell command -v swift)
NO_SWIFT := Swift is not installed (6.0 or newer: https://www.swift.org/install, on a Mac: xcode-select --install)

swift-test:
ifeq ($(SWIFT),)
	@echo "!! $(NO_SWIFT): the bridge's Swift tests were skipped, and so were those of its Python side"
else
	$(SWIFT) test --scratch-path build/swift
endif

has-swift:
	@test -n "$(SWIFT)" || { echo "!! $(NO_SWIFT)"; exit 1; }

# The bridge, whole: format, both builds, Swift's tests, and every network as every kind of file on every recipe.
bridge: has-swift fetch
	$(SWIFT) format lint --strict --recursive Package.swift swift/Sources swift/Tests
	$(BIN)/modelparity bridge build
	$(BIN)/modelparity bridge doctor
	$(SWIFT) test --scratch-path build/swift
	MODELPARITY_WHOLE=1 $(BIN)/pytest -n 2 tests/runtimes/bridge tests/conformance/test_bridge.py tests/commands/test_bridge.py

# AddressSanitizer holds on to what was freed, so resident memory may grow by more than calls keep. Leaks are looked for
# in the bridge's tests, on Linux: XCTest itself leaks, and on a Mac there is no LeakSanitizer.
ADDRESS := $(SWIFT) test --scratch-path build/swift-address --sanitize=address
SMALL := quarantine_size_mb=1

bridge-sanitized: has-swift
	ASAN_OPTIONS=detect_leaks=0:$(SMALL) MODELPARITY_STRESS_MIB=32 $(ADDRESS)
ifeq ($(shell uname -s),Linux)
	ASAN_OPTIONS=detect_leaks=1:$(SMALL) MODELPARITY_STRESS_MIB=32 $(ADDRESS) --disable-xctest --filter ModelParityBridge
endif
	$(SWIFT) test --scratch-path build/swift-thread --sanitize=thread

# Apple's own numerical tests of Core ML, predictions by the engine: JOBS processes, under an hour with two.
JOBS ?= 2

conformance-coreml: $(STAMP)
	$(BIN)/python tests/conformance/coreml/run.py --jobs $(JOBS)

# Every network as every kind of Core ML file, on every recipe; `make test` runs two recipes.
conformance-written: fetch
	MODELPARITY_WHOLE=1 $(BIN)/pytest -n 2 tests/conformance/test_coreml_written.py

# Spoilt Core ML files: whatever stands in them, reading and running answer with an error to act on.
CASES ?= 50000

fuzz-coreml: $(STAMP)
	$(BIN)/python tests/fuzz/run.py coreml --cases $(CASES)

fuzz-onnx: $(STAMP)
	$(BIN)/python tests/fuzz/run.py onnx --cases $(CASES)

# The piano family's networks at their whole sizes, and as ML Programs: a minute.
performance: $(STAMP)
	MODELPARITY_WHOLE=1 $(BIN)/pytest tests/families/performance

# OrcaHello's network, its front end and both in one, in every form at their full size: some minutes.
orca: $(STAMP)
	MODELPARITY_WHOLE=1 $(BIN)/pytest tests/families/orca/test_parity.py tests/families/orca/test_front_end_module.py

# SOUSA's networks from nothing, on performances that nobody played; MODELPARITY_SOUSA=build/sousa takes their weights.
sousa-train: $(STAMP)
	rm -rf build/sousa
	MODELPARITY_WHOLE=1 MODELPARITY_SOUSA_TO=build/sousa $(BIN)/pytest tests/families/sousa/test_training.py -k from_nothing
	$(BIN)/modelparity sousa train features to=build/sousa/features weights=build/sousa

# All of onnx's node tests run by onnxruntime and judged in floors; `make test` judges a third.
conformance-onnx: $(STAMP)
	MODELPARITY_CONFORMANCE=whole $(BIN)/pytest tests/conformance/onnx

# Pairs with every kind of interface, right and wrong, judged without an option.
conformance-pairs: $(STAMP)
	$(BIN)/python -m tests.conformance.pairs

# Every architecture of tests/conformance/torch with free axes, from its module and from its ONNX export.
conformance-torch: $(STAMP)
	MODELPARITY_CONFORMANCE=whole $(BIN)/pytest tests/conformance/torch -n 2

# RTNeural's C++ library beside what is read of its files; RTNEURAL is the path of a checkout.
RTNEURAL ?= $(MODELPARITY_RTNEURAL)

conformance-rtneural: $(STAMP)
	MODELPARITY_RTNEURAL=$(RTNEURAL) $(BIN)/pytest tests/runtimes/test_rtneural.py tests/hostile/rtneural

# Files that others ship: which load, what verdict they get, what it takes.
strangers: $(STAMP)
	$(BIN)/python benchmarks/strangers.py $(FOLDER)

# Known mistakes in every network, as every kind of file: hours with two processes, with SAMPLE=130 some minutes. What was
# done is not done again. Architectures that no file holds are named, and left out.
SINGLES ?= 1
PAIRS ?= 4

audit: fetch
	-$(BIN)/python -m tests.conformance.torch.files build/architectures
	$(BIN)/modelparity audit fixtures madmom build/architectures $(if $(SAMPLE),--sample $(SAMPLE)) --singles $(SINGLES) --pairs $(PAIRS) --sound --foreign 1 --record build/audit.jsonl --json build/audit.json
	$(BIN)/python -m tests.foreign --record build/foreign.jsonl --jobs $(JOBS)

# Mutants of operators' own code, tried on their own tests by cosmic-ray: seconds each, so a few operators at a time.
OPERATORS ?= softmax cumsum

prove: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'cosmic-ray>=8.3'
	$(BIN)/python -m tests.prove $(OPERATORS)

bench: fetch
	$(BIN)/python benchmarks/zoo.py
	$(BIN)/python benchmarks/coreml.py
	$(BIN)/python benchmarks/onnx_files.py
	$(BIN)/python benchmarks/bridge.py
	$(BIN)/python -m benchmarks.pipelines
	$(BIN)/python -m benchmarks.orca
	$(BIN)/modelparity realtime bench --picture parity-report/bench-realtime.svg

# Alarms on sound runs, faults that pass, and the floor over the actual error: docs/verdicts.md has the figures.
error-rates: fetch
	$(BIN)/python -m benchmarks.error_rates --say $(if $(WHOLE),--whole)

goldens: fetch
	$(BIN)/modelparity golden madmom --recipe one_frame
	$(BIN)/pytest tests/parity --parity-family=fixtures --parity-golden=missing

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/towncrier build --draft > /dev/null

# Pages and schemas that are made from the sources; a test says so when they are not current.
docs: $(STAMP)
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) build dist parity-report .pytest_cache .hypothesis .mypy_cache .ruff_cache
