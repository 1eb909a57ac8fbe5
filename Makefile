# Variables that go with a target are typed after it: make logs s=orders
SHELL := bash
.DEFAULT_GOAL := help
bootstrap := @bash scripts/bootstrap.sh
# For what must also work, and at once, where everything is built already.
built := @[ -f build/scripts/up.js -a -d common/dist ] || bash scripts/bootstrap.sh
run := @exec node --enable-source-maps build/scripts
# Nothing is installed only to stop nothing. With Docker there may be containers of a clone that was never built.
stop = @if [ -e build ] || [ -e .state ] || command -v docker >/dev/null; then \
  { [ -f build/scripts/up.js -a -d common/dist ] || bash scripts/bootstrap.sh; } && exec node --enable-source-maps build/scripts/$(1).js; \
  else echo "$(2)"; fi
# A proxy of the shell can't reach what runs on this machine.
export NO_PROXY := localhost,127.0.0.1,::1,$(or $(NO_PROXY),$(no_proxy))
export no_proxy := $(NO_PROXY)

.PHONY: help doctor up down clean ps watch logs restart trace dev seed test-flow test test-more test-hosts coverage test-containers test-kubernetes fuzz chaos model backlog bench bench-compare bench-scale demo-failure dlq dlq-replay rabbitmqctl build lint format new-service rename

##@ Run

up: ## Start everything (replicas=1, brokers=1, trace=0)
	$(bootstrap)
	$(run)/up.js

down: ## Stop everything that make up started; the data stays
	$(call stop,down,Nothing is running.)

clean: ## make down, then remove the data and all that was built
	$(call stop,clean,There is nothing to remove.)

ps: ## Show what is running and whether it is ready
	$(built)
	$(run)/ps.js

watch: ## Watch orders flow: rates, what waits, delays, what is up
	$(built)
	$(run)/watch.js

logs: ## Follow logs (s=SERVICE), or show id=ID or level=warn
	$(built)
	$(run)/logs.js

trace: ## Show the trace of an order as a tree (id=ID)
	$(built)
	$(run)/trace.js

restart: ## Restart the services (s=SERVICE)
	$(bootstrap)
	$(run)/restart.js

dev: ## Run the services; reload them when source changes
	$(bootstrap)
	$(run)/dev.js

seed: ## Create users and orders (n=1000, SEED=1)
	$(built)
	$(run)/seed.js

dlq: ## List the dead letters: id, age, reason
	$(built)
	$(run)/dlq.js

dlq-replay: ## Put all dead letters back into their queue
	$(built)
	$(run)/dlq_replay.js

rabbitmqctl: ## Ask the broker that make up started (args=COMMAND)
	$(built)
	$(run)/rabbitmqctl.js

doctor: ## Check what is installed and say what is missing
	$(bootstrap)
	$(run)/doctor.js

help: ## List the commands
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 } \
	  END { print "\nIn brackets: options with their defaults; CAPITALS stand for a value of yours." }' Makefile

##@ Check

test-flow: ## Check the API with curl (USERS_URL=URL, ORDERS_URL=URL)
	$(built)
	$(run)/test_flow.js

test: ## Build, lint and run all tests, or one file (t=FILE)
	$(bootstrap)
	$(run)/test.js

coverage: ## Run all tests and show which lines they covered
	$(bootstrap)
	@NODE_V8_COVERAGE=$(CURDIR)/.state/coverage node --enable-source-maps build/scripts/test.js; code=$$?; \
	  [ $$code -gt 128 ] || node_modules/.bin/c8 report $(if $(t),--check-coverage=false) || code=1; \
	  rm -rf .state/coverage; exit $$code

test-more: ## Run the tests that need several nodes (t=FILE)
	$(bootstrap)
	$(run)/test.js more

test-hosts: ## Cut off, slow down and kill one of three machines
	$(bootstrap)
	@t=test/more/hosts.test.ts exec node --enable-source-maps build/scripts/test.js more

test-containers: ## Kill and replace containers under load (needs Docker)
	$(bootstrap)
	$(run)/test_containers.js

test-kubernetes: ## Drain nodes and roll out on kubectl's current context
	$(bootstrap)
	$(run)/test_kubernetes.js

model: ## Check the protocol with a model checker (n=3 faults)
	$(bootstrap)
	$(run)/model.js

lint: ## Check style and types
	$(bootstrap)
	@npm run --silent lint

format: ## Format all files
	$(bootstrap)
	@npm run --silent format

build: ## Compile; build the images if Docker is available
	$(bootstrap)
	$(run)/build.js

##@ Measure

bench: ## Run the benchmarks (seconds=3, rounds=3)
	$(bootstrap)
	@exec node --enable-source-maps build/bench/bench.js

bench-compare: ## Compare with a commit (ref=COMMIT, seconds=3, rounds=5)
	$(bootstrap)
	@exec node --enable-source-maps build/bench/compare.js

bench-scale: ## Benchmark a large database (n=1000000, seconds=3)
	$(bootstrap)
	@exec node --enable-source-maps build/bench/scale.js

backlog: ## Measure how a backlog is processed (n=10000)
	$(bootstrap)
	$(run)/backlog.js

##@ Break

demo-failure: ## Kill the broker under load, and lose no order
	$(bootstrap)
	$(run)/demo_failure.js

chaos: ## Kill everything at random (n=100, SEED=N, brokers=1)
	$(bootstrap)
	$(run)/chaos.js

fuzz: ## Send valid and invalid requests (n=60 seconds, SEED=N)
	$(bootstrap)
	$(run)/fuzz.js

##@ Make it yours

new-service: ## Add a service (name=NAME, kind=http or consumer)
	$(bootstrap)
	$(run)/new_service.js

rename: ## Rename the whole system (name=NAME)
	$(bootstrap)
	$(run)/rename.js
