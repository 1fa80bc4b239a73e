# make run    start the explorer (http://localhost:8501)
# make test   run the tests, on all cores
# make figures  rewrite the README's figures of the data
# make growth   show that a new trial in data/ breaks no test
# make check  style, types and layers, as .ci/run does
# make reference  ask R metafor again for what the tests compare with, after data/ has changed
# make docs   build the documentation into site/ (open site/index.html)
# Each makes its own virtual environment in .venv; a second call starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test check docs figures growth reference clean

run: $(VENV)/.installed-run
	$(BIN)/python -m ipt_evidence run --port $(PORT)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

figures: $(VENV)/.installed-test
	$(BIN)/python tests/documents/figures.py

growth: $(VENV)/.installed-test
	$(BIN)/python tests/growth.py $(ARGS)

reference: $(VENV)/.installed-test
	PYTHONPATH=. $(BIN)/python tests/reference/make_reference.py

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/python -m mkdocs build --strict

$(BIN)/python:
	sh .ci/make_venv "$(PYTHON)" "$(VENV)"

$(VENV)/.installed-run: $(BIN)/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-test: $(BIN)/python requirements.txt tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r tests/requirements.txt
	@touch $@ $(VENV)/.installed-run

$(VENV)/.installed-docs: $(VENV)/.installed-run docs/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) site
