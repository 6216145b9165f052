#!/usr/bin/env bash
# Builds one virtual environment per peer under benchmarks/peers/NAME, with pinned versions. Run again, it does only what is missing.
#
# Two peers share the import name `verifiers`, so each peer has its own. None of these pulls PyTorch; the check at the end refuses an
# environment that has it, because plain `torch` brings gigabytes of CUDA packages.
# Usage: benchmarks/make_peers.sh [NAME...]       PYTHON=python3.12 benchmarks/make_peers.sh   (3.11 or 3.12: GEM has no later one)
set -euo pipefail
cd "$(dirname "$0")"

declare -A PEERS=(
  [verifiers_0_1]="verifiers==0.1.14"
  [verifiers_0_4]="verifiers==0.4.0"
  [inspect]="inspect-ai==0.3.285"
  [aviary]="fhaviary==0.37.0"
  [gem]="gem-llm==0.1.0"
  [skyrl_gym]="skyrl-gym==0.4.0"
  [openenv]="openenv-core==0.3.0"
  [browsergym]="browsergym-miniwob==0.14.3"
  [tantivy]="tantivy==0.27.0"
  [rank_bm25]="rank-bm25==0.2.2"
)

ours=../.venv/bin/python
python=${PYTHON:-$([ -x "$ours" ] && echo "$ours" || echo python3)}
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' || {
  echo "peers need Python 3.11 or 3.12; $python is $("$python" -V). Name one: PYTHON=python3.12 $0" >&2
  exit 2
}

build() {
  local name=$1 wanted=$2 home=peers/$1
  if [ "$(cat "$home/.wanted" 2>/dev/null)" = "$wanted" ]; then
    echo "$name: $wanted is there"
    return 0
  fi
  echo "$name: installing $wanted"
  rm -rf "$home"
  "$python" -m venv "$home" || return 1
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check "$wanted" >"peers/$name.log" 2>&1 || {
    tail -n 5 "peers/$name.log" >&2
    return 1
  }
  if "$home/bin/python" -m pip show torch >/dev/null 2>&1; then
    echo "$name: $wanted pulled PyTorch; install torch==2.13.0 first and try again" >&2
    return 1
  fi
  echo "$wanted" >"$home/.wanted"
}

mkdir -p peers
missing=()
[ $# -gt 0 ] || set -- $(printf '%s\n' "${!PEERS[@]}" | sort)
for name in "$@"; do
  [ -n "${PEERS[$name]:-}" ] || { echo "unknown peer $name; known: ${!PEERS[*]}" >&2; exit 2; }
  build "$name" "${PEERS[$name]}" || missing+=("$name")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "not built: ${missing[*]}; the benchmark leaves their rows out. See benchmarks/peers/NAME.log" >&2
  exit 1
fi
