#!/bin/sh
# start.sh users|orders|notifications: the built service, as a benchmark of several stacks starts each of them.
# Reads PORT MONGODB_URI RABBITMQ_URL QUEUE BCRYPT_ROUNDS. No rate limit: one client makes all the calls.
cd "$(dirname "$0")/../.." || exit
export API_KEY=none RATE_LIMIT_PER_MINUTE=1000000000 ORDERS_QUEUE="$QUEUE"
case $1 in
  users) exec node user_service/dist/main.js ;;
  orders) exec node orders_service/dist/main.js ;;
  notifications) MONGODB_URI='' exec node notifications_service/dist/consumer.js ;;
esac
