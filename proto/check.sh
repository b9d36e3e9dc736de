#!/usr/bin/env bash
# Lints the contract and compares it with the released one (proto/released.binpb). `--release` makes today's the released one.
set -eu
cd "$(dirname "$0")/.."
buf() { node_modules/.bin/buf "$@"; }
today=$(mktemp --suffix=.binpb)
trap 'rm -f "$today"' EXIT

buf lint . --config proto/buf.yaml
buf build . --config proto/buf.yaml --path proto/evenkeel -o "$today"
if [ "${1:-}" = --release ]; then cp "$today" proto/released.binpb; fi
buf breaking "$today" --against proto/released.binpb
