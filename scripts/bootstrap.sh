#!/usr/bin/env bash
# Installs the packages (only when package-lock.json has changed) and compiles everything: what the other scripts need
# before they can run. One line a step, its output only if it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
log=.state/bootstrap.log
stamp=node_modules/.installed-lock
mkdir -p .state

node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null || {
  echo "✖ Node 20.19 or later is needed: https://nodejs.org" >&2
  exit 1
}

step() { # TITLE COMMAND…
  local title=$1 start=$SECONDS ticker="" mark=✔ code=0
  shift
  if [ -t 1 ]; then
    (while printf '\r… %s (%s s)' "$title" $((SECONDS - start)); do sleep 0.5; done) &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || code=$?
  [ "$code" = 0 ] || mark=✖
  [ -z "$ticker" ] || { kill "$ticker"; wait "$ticker" 2>/dev/null || true; printf '\r\033[K'; }
  echo "$mark $title ($((SECONDS - start)) s)"
  [ "$code" = 0 ] || excerpt >&2
  return "$code"
}

# npm names the reason first and prints its manual after it; others name it last.
excerpt() {
  if [ "$(wc -l <"$log")" -le 40 ]; then cat "$log"; else head -n 20 "$log" && echo … && tail -n 20 "$log"; fi
}

if ! cmp -s package-lock.json "$stamp"; then
  step "npm ci" npm ci --no-audit --no-fund
  cp package-lock.json "$stamp"
fi
step "tsc --build" node_modules/.bin/tsc --build
