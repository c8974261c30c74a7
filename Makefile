# `make` lists what there is. Everything sets up what it needs in .venv; nothing else of the system is changed.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links
# Checks read the settings and touch no server.
NO_SERVER := SECRET_KEY=none DATABASE_URL=django.db.backends.dummy://none REDIS_URL=redis://none

.DEFAULT_GOAL := help
.PHONY: help venv demo run test bench acceptance prove soak wheel compose-proof manifests screenshots messages licences reference docs \
	lint check lock clean
.DELETE_ON_ERROR:

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(DEV)  ## the virtual environment with everything in it

demo: $(RUNTIME) samples/clients.csv  ## start everything and send a first mailing; DEMO_EXIT=1 ends after it
	@$(PY) -m soroka demo

run: $(RUNTIME)  ## start everything; Ctrl-C stops it
	@$(PY) -m soroka up

test: $(DEV)  ## the tests, on a PostgreSQL and a Valkey of their own
	$(PY) -m pytest -n 2

# What judges no time: two files of it at once, the longest first.
BESIDE := $(addsuffix .py,$(addprefix tests/acceptance/test_,schemathesis documentation wheel backup terminal \
	demo bench erasure generated_client opt_out bodies))

acceptance: $(DEV) samples/clients.csv  ## the whole stack, in a browser and under faults
	$(PY) -m pytest tests/acceptance $(addprefix --ignore=,$(BESIDE))
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(BESIDE) tests/browser

bench: $(RUNTIME)  ## how fast it is on this machine; BENCH='--scale 0.1' for a quick look
	@$(PY) -m soroka bench $(BENCH)

prove: $(RUNTIME)  ## every fault at full scale, about 20 minutes; the result goes into docs/explanation/guarantees.md
	$(PY) -m soroka prove --markdown docs/explanation/guarantees.md

soak: $(RUNTIME)  ## an hour of mailings and faults: nothing may grow; the result goes into docs/operations/soak.md
	$(PY) -m soroka soak --markdown docs/operations/soak.md

wheel: $(RUNTIME)  ## dist/soroka-*.whl, for pip
	$(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	rm -rf build soroka.egg-info

screenshots: $(DEV) samples/clients.csv  ## docs/screenshots, taken of the demo by chromium
	$(PY) -m tests.browser.screenshots

compose-proof: $(RUNTIME) samples/clients.csv  ## the containers for real: a mailing, and a worker that is killed in it
	@$(PY) -m deploy.compose.proof $(PROOF)

manifests: $(DEV)  ## deploy/kubernetes, of the Helm chart and its default values
	$(PY) deploy/render.py

messages: $(DEV)  ## collect what is to be translated (needs gettext), and compile what is
	$(NO_SERVER) $(PY) manage.py makemessages -l ru --add-location=file --no-wrap --no-obsolete --ignore '.venv/*'
	$(BIN)/pybabel compile --directory soroka/locale --domain django

licences: $(DEV)  ## docs/reference/licences.md: what the service runs on, and under which licences
	( printf '# Licences\n\nOf what the service runs on; `make licences` writes this page.\n\n'; \
	$(BIN)/pip-licenses --format=markdown --from=mixed --no-version --with-system --with-urls --packages \
	$$(sed -n 's/^\([a-z0-9._-]*\)\(\[[^]]*\]\)\{0,1\}==.*/\1/p' requirements.txt) ) > docs/reference/licences.md

reference: $(DEV)  ## docs/reference: calls, errors, commands, settings, metrics, as the code has them
	$(NO_SERVER) DJANGO_SETTINGS_MODULE=soroka.config.settings $(PY) -m docs.site

docs: $(DEV)  ## the documentation as a site in build/docs; a link that leads nowhere fails
	$(BIN)/sphinx-build -E -c docs -W --keep-going -q . build/docs

lint: $(DEV) docs  ## format, style, types, imports, migrations, the OpenAPI schema, the files of CI, the site
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(NO_SERVER) $(BIN)/mypy
	$(BIN)/bandit -q -r soroka -lll
	$(BIN)/lint-imports
	$(NO_SERVER) $(PY) manage.py makemigrations --check --dry-run
	$(NO_SERVER) $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/check.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml

check: lint test  ## lint and test

lock: $(DEV)  ## write the hashed requirements files from the .in files
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt

clean:  ## remove the virtual environment and caches; the data in var stays
	rm -rf build $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache samples/clients.csv
	find soroka tests samples -name __pycache__ -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Soroka needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "this Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(RUNTIME): requirements.txt | $(PY)
	$(INSTALL) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@touch $@

samples/clients.csv: samples/make_clients.py | $(PY)
	$(PY) samples/make_clients.py $@
