#!/usr/bin/env bash
# Rebuilds gen/ from the contract: TypeScript by ts-proto, and the descriptor sets that reflection serves.
set -eu
cd "$(dirname "$0")/.."
details=node_modules/@grpc/grpc-js-xds/deps/googleapis/google/rpc/error_details.proto
health=node_modules/grpc-health-check/proto/health/v1/health.proto
buf() { node_modules/.bin/buf "$1" . --config proto/buf.yaml "${@:2}"; }

rm -rf gen/evenkeel gen/google gen/health gen/connectrpc gen/grpc gen/descriptors
PATH="$PWD/node_modules/.bin:$PATH" buf generate --template proto/buf.gen.yaml \
  --path proto/evenkeel --path examples/hold/proto/evenkeel --path "$details" --path "$health" \
  --path test/conformance/proto/connectrpc --path test/conformance/proto/grpc
mkdir -p gen/descriptors
for package in evenkeel/primes:proto evenkeel/hold:examples/hold/proto; do
  name=${package%%:*} folder=${package#*:}
  buf build --exclude-source-info --path "$folder/$name" --path "$details" --path "$health" -o "gen/descriptors/${name#*/}.binpb"
done
