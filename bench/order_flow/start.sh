#!/bin/sh
# start.sh users|orders|notifications: the built service, as a benchmark of several stacks starts each of them.
# Reads PORT MONGODB_URI RABBITMQ_URL QUEUE BCRYPT_ROUNDS. No rate limit: one client makes all the calls.
cd "$(dirname "$0")/../.." || exit
export MALLOC_ARENA_MAX=1 API_KEY=none RATE_LIMIT_PER_MINUTE=1000000000 ORDERS_QUEUE="$QUEUE"
flags="--max-old-space-size=256 --max-semi-space-size=4 --single-threaded-gc"
# shellcheck disable=SC2086
case $1 in
  users) exec node $flags user_service/dist/main.js ;;
  orders) exec node $flags orders_service/dist/main.js ;;
  notifications) MONGODB_URI='' exec node $flags notifications_service/dist/consumer.js ;;
esac
