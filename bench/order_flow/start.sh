#!/bin/sh
# start.sh users|orders|notifications: the built service, as a benchmark of several stacks starts each of them.
# Reads PORT MONGODB_URI RABBITMQ_URL QUEUE BCRYPT_ROUNDS. No rate limit, as the other stacks have none.
cd "$(dirname "$0")/../.." || exit
export API_KEY=none RATE_LIMIT_PER_MINUTE=0 ORDERS_QUEUE="$QUEUE" MALLOC_ARENA_MAX=1
service=$1
set -- --max-old-space-size=256 --max-semi-space-size=8
case $service in
  users) exec node "$@" user_service/dist/main.js ;;
  orders) exec node "$@" orders_service/dist/main.js ;;
  notifications) MONGODB_URI='' exec node "$@" notifications_service/dist/consumer.js ;;
esac
