# Variables that go with a target are typed after it: make logs s=orders
SHELL := bash
.DEFAULT_GOAL := help
bootstrap := @bash scripts/bootstrap.sh
# For what must also work, and at once, where everything is built already.
built := @[ -f build/scripts/up.js ] || bash scripts/bootstrap.sh
run := @exec node --enable-source-maps build/scripts
# Nothing is installed only to stop nothing. With Docker there may be containers of a clone that was never built.
stop = @if [ -e build ] || [ -e .state ] || command -v docker >/dev/null; then \
  { [ -f build/scripts/up.js ] || bash scripts/bootstrap.sh; } && exec node --enable-source-maps build/scripts/$(1).js; \
  else echo "$(2)"; fi
# A proxy of the shell can't reach what runs on this machine.
export NO_PROXY := localhost,127.0.0.1,::1,$(or $(NO_PROXY),$(no_proxy))
export no_proxy := $(NO_PROXY)

.PHONY: help doctor up down clean ps logs restart dev seed test-flow test coverage test-containers test-kubernetes fuzz chaos model backlog bench bench-compare bench-scale demo-failure dlq dlq-replay build lint format new-service rename

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

doctor: ## What is here, what make up would use, and what to do about what is missing
	$(bootstrap)
	$(run)/doctor.js

up: ## Start everything, with Docker if an engine answers, else as processes (runtime=docker|embedded, replicas=2)
	$(bootstrap)
	$(run)/up.js

down: ## Stop everything that make up started; the data stays
	$(call stop,down,Nothing is up.)

clean: ## make down, then remove the data and everything that was built
	$(call stop,clean,There is nothing to remove.)

ps: ## What runs, and whether it is ready
	$(built)
	$(run)/ps.js

logs: ## Follow the logs of all services, or of one (s=orders)
	$(built)
	$(run)/logs.js

restart: ## Restart all services, or one (s=orders), with what is built now
	$(bootstrap)
	$(run)/restart.js

dev: ## Services that reload when their source changes; Ctrl-C stops them
	$(bootstrap)
	$(run)/dev.js

seed: ## Make orders through the API (n=1000, SEED=1)
	$(built)
	$(run)/seed.js

test-flow: ## Show with curl that an order becomes a notification (USERS_URL and ORDERS_URL for another place)
	$(built)
	$(run)/test_flow.js

test: ## Build, lint and run all tests with a database and a broker of their own (t=FILE for one file)
	$(bootstrap)
	$(run)/test.js

coverage: ## make test, then which lines of the services it ran; fails below the floors in .c8rc.json (t=FILE: no floors)
	$(bootstrap)
	@node_modules/.bin/c8 $(if $(t),--check-coverage=false) node --enable-source-maps build/scripts/test.js; code=$$?; rm -rf .state/coverage; exit $$code

test-containers: ## Build the images, run them with docker compose, kill and restart them: is any order lost? (needs an engine)
	$(bootstrap)
	$(run)/test_containers.js

test-kubernetes: ## Apply the manifests to the cluster that kubectl reaches, drain its nodes, roll out: is a pod missed?
	$(bootstrap)
	$(run)/test_kubernetes.js

fuzz: ## What the documents allow and forbid, sent by schemathesis (n=60 seconds, SEED)
	$(bootstrap)
	$(run)/fuzz.js

chaos: ## Orders while everything is killed and frozen at random; then the ledger (n=100, SEED)
	$(bootstrap)
	$(run)/chaos.js

model: ## Every order in which the steps and up to three faults can happen, explored by a model checker (n=3)
	$(bootstrap)
	$(run)/model.js

backlog: ## 10,000 orders without a broker, 10,000 messages without a consumer: seconds and memory (n=100000)
	$(bootstrap)
	$(run)/backlog.js

bench: ## How fast it is, row by row, beside what nothing can beat (seconds=3, rounds=3)
	$(bootstrap)
	@exec node --enable-source-maps build/bench/bench.js

bench-compare: ## What is here against a commit, both in turns (ref=HEAD~1, seconds=3, rounds=5)
	$(bootstrap)
	@exec node --enable-source-maps build/bench/compare.js

bench-scale: ## Orders beside a million that are stored, and with two replicas (n=1000000, seconds=3)
	$(bootstrap)
	@exec node --enable-source-maps build/bench/scale.js

demo-failure: ## Watch a broker being killed and no order being lost (a minute)
	$(bootstrap)
	$(run)/demo_failure.js

dlq: ## List the dead letters: id, age, reason
	$(built)
	$(run)/dlq.js

dlq-replay: ## Put all dead letters back into their queue
	$(built)
	$(run)/dlq_replay.js

build: ## Compile, and build the images if a Docker engine answers
	$(bootstrap)
	$(run)/build.js

lint: ## Check style and types
	$(bootstrap)
	@npm run --silent lint

format: ## Format all files
	$(bootstrap)
	@npm run --silent format

new-service: ## A service of your own, modelled on those that are there (name=payments, or name=audit kind=consumer)
	$(bootstrap)
	$(run)/new_service.js

rename: ## Call the whole system by a name of your own (name=acme)
	$(bootstrap)
	$(run)/rename.js
