#!/usr/bin/env bash
# Installs the packages (only when package-lock.json has changed) and compiles everything: what the other scripts need
# before they can run. One line a step, its output only if it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
log=.state/bootstrap.log
stamp=node_modules/.installed-lock

# What is here, what is needed, and what to type.
need() { # WHAT IS_HERE
  echo "✖ $1 is needed, and $2:
  apt-get install nodejs npm (Debian 13), or https://nodejs.org" >&2
  exit 1
}
node=$(node --version 2>/dev/null) || need "Node 20.19 or later" "there is no node"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  need "Node 20.19 or later" "$node is here"
npm=$(npm --version 2>/dev/null) || need "npm" "there is only Node"
mkdir -p .state

child="" ticker=""
# npm takes its time to end by itself (40 s were seen), to cleanup what the next npm ci begins with.
trap 'for job in $child $ticker; do kill -KILL -- "-$job" 2>/dev/null || true; done; exit 130' INT TERM HUP
# Each job is a process group of its own, and so ends with what it has started.
set -m

step() { # TITLE COMMAND…
  local title=$1 start=$SECONDS mark=✔ code=0
  shift
  if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    (while printf '\r… %s (%s s)' "$title" $((SECONDS - start)); do sleep 0.5; done) &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  wait "$child" || code=$?
  child=""
  [ "$code" = 0 ] || mark=✖
  [ -z "$ticker" ] || { kill "$ticker"; wait "$ticker" 2>/dev/null || true; printf '\r\033[K'; }
  ticker=""
  echo "$mark $title ($((SECONDS - start)) s)"
  [ "$code" = 0 ] || excerpt >&2
  return "$code"
}

# npm names the reason first and prints its manual after it; others name it last.
excerpt() {
  grep -qiE 'ENOSPC|no space left' "$log" && echo "The disk is full: packages, tools and data take up to 1.5 GB."
  grep -qE 'EACCES|EROFS' "$log" && echo "npm can't write to its cache: set npm_config_cache to a folder where it can."
  if [ "$(wc -l <"$log")" -le 40 ]; then cat "$log"; else head -n 20 "$log" && echo … && tail -n 20 "$log"; fi
}

# All that the lock file has, whatever NODE_ENV or the user's settings leave out. npm 11.6.1 and 11.6.2 fail on a lock file
# without download addresses, which would tie it to one registry: there another npm is fetched for this one step.
install() {
  local options=(ci --include=dev --include=optional --include=peer --engine-strict=false --no-audit --no-fund)
  case $npm in
    11.6.1 | 11.6.2) npm exec --yes --package=npm@11.19.1 -- npm "${options[@]}" ;;
    *) npm "${options[@]}" ;;
  esac
  [ -x node_modules/.bin/tsc ] && [ -x node_modules/.bin/biome ]
}

if ! cmp -s package-lock.json "$stamp"; then
  # It may be in what an npm ci that was killed has left.
  rm -f "$stamp"
  step "npm ci" install
  cp package-lock.json "$stamp"
fi
# Else a dist that somebody has removed counts as built.
for info in */tsconfig.tsbuildinfo; do [ -d "${info%/*}/dist" ] || rm -f "$info"; done
step "tsc --build" node_modules/.bin/tsc --build
