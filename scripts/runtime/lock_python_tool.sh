#!/usr/bin/env bash
# Prints, with uv, what pip installs for a Python tool: each file by its hash, for the systems that make runs on.
#   lock_python_tool.sh TOOL==VERSION PYTHONS WHEELS STRATEGY; WHEELS is a pattern of the wheels to leave out
set -euo pipefail
cd "$(mktemp -d)"
on() { echo "sys_platform == '$1' and platform_machine == '$2' and implementation_name == 'cpython'"; }
cat >pyproject.toml <<END
[project]
name = "tool"
version = "0"
requires-python = "$2"
dependencies = ["$1"]
[tool.uv]
fork-strategy = "$4"
environments = ["$(on linux x86_64)", "$(on linux aarch64)", "$(on darwin x86_64)", "$(on darwin arm64)"]
END
echo "# Made by scripts/runtime/lock_python_tool.sh '$1' '$2' '$3' $4"
uv export --quiet --no-emit-project --no-header --no-annotate >all
# pip installs no sdist. Without a hash the backslash before it may be the last.
grep -vFf <(grep -oP "(^sdist|$3).*\"\\Ksha256:\w+" uv.lock) all | sed -E 's/ (;|and) implementation_name.*/ \\/' |
  perl -0pe 's/ \\\n(?=\S|\z)/\n/g'
