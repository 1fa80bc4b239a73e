# make run    start the explorer (http://localhost:8501)
# make test   run the tests, on all cores
# make figures  rewrite the README's figures of the data
# make growth   show that a new trial in data/ breaks no test
# make reference  ask R metafor again for what the tests compare with, after data/ has changed
# make image-check  follow deploy/Dockerfile in a plain Debian, as root (needs debootstrap)
# make docs   build the documentation into site/ (open site/index.html)
# make fuzz   a million damaged inputs at every place where input arrives (ARGS="--cases N")
# make soak   half an hour of fifty readers, and strangers who do not behave (ARGS="--minutes 5")
# make sbom   what is installed with the explorer, as CycloneDX, into site/sbom.json
# make audit  known weaknesses of what is installed (asks the network)
# make check  style, types, layers and licences, as .ci/run does
# make lock   write the lock files again, after a change of a requirements.txt (ARGS=--upgrade: newest of all)
# Each makes its own virtual environment in .venv; a second call starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# One lock for every Python that we support and every system; it names no registry.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS)
# What is installed with the explorer, by name: versions are in the lock.
LICENCES = echo "\# Licences of the packages that are installed with the explorer"; echo; \
  $(BIN)/python -m piplicenses --format=markdown --no-version \
  --packages $$(sed -n 's/^\([A-Za-z0-9_.-]*\)==.*/\1/p' requirements.lock)

.PHONY: run test fuzz soak sbom audit check docs figures growth image-check reference lock clean

run: $(VENV)/.installed-run
	$(BIN)/python -m ipt_evidence run --port $(PORT)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

fuzz: $(VENV)/.installed-test
	$(BIN)/python -W ignore -m benchmarks fuzz --cases 1000000 $(ARGS)

soak: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks app --only strangers soak $(ARGS)

# Tools that are run alone, each in an environment of its own, and ask for nothing of the project's.
$(VENV)/.installed-supply: $(BIN)/python
	$(PYTHON) -m venv $(VENV)/supply
	$(VENV)/supply/bin/pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

sbom: $(VENV)/.installed-supply
	@mkdir -p site
	$(VENV)/supply/bin/cyclonedx-py requirements requirements.lock --output-format JSON --output-file site/sbom.json

audit: $(VENV)/.installed-supply
	$(VENV)/supply/bin/pip-audit --requirement requirements.lock --disable-pip --no-deps

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	($(LICENCES)) | diff docs/licences.md -

figures: $(VENV)/.installed-test
	$(BIN)/python tests/documents/figures.py

growth: $(VENV)/.installed-test
	$(BIN)/python tests/growth.py $(ARGS)

reference: $(VENV)/.installed-test
	PYTHONPATH=. $(BIN)/python tests/reference/make_reference.py

image-check: $(BIN)/python
	$(BIN)/python tests/deploy/chroot.py $(ARGS)

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/python -m mkdocs build --strict

$(BIN)/python:
	sh .ci/make_venv "$(PYTHON)" "$(VENV)"

# uv installs what pip does, in a fifth of the time; without it pip does. Neither compiles: that
# would take half of the time, for modules of which few are ever imported.
install = $(if $(shell command -v uv),uv pip install --python $(BIN)/python --quiet,$\
  $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check) --require-hashes -r

$(VENV)/.installed-run: $(BIN)/python requirements.lock
	$(install) requirements.lock
	@touch $@

$(VENV)/.installed-test: $(BIN)/python tests/requirements.lock
	$(install) tests/requirements.lock
	-@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null  # tests start Python often
	@touch $@ $(VENV)/.installed-run

$(VENV)/.installed-docs: $(VENV)/.installed-run docs/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.txt
	@touch $@

lock: $(VENV)/.installed-test
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) --constraints requirements.lock requirements.txt tests/requirements.txt \
	  --output-file tests/requirements.lock
	$(install) tests/requirements.lock
	($(LICENCES)) > docs/licences.md

clean:
	rm -rf $(VENV) site
