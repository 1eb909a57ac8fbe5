#!/usr/bin/env bash
# Prints, with uv, what pip installs for a Python tool: each file by its hash, for the systems that make runs on.
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
fork-strategy = "${3:-requires-python}"
environments = ["$(on linux x86_64)", "$(on linux aarch64)", "$(on darwin x86_64)", "$(on darwin arm64)"]
END
echo "# Made by scripts/runtime/lock_python_tool.sh '$1' '$2' ${3:-}"
uv export --quiet --no-emit-project --no-header --no-annotate | sed -E 's/ (;|and) implementation_name.*/ \\/'
