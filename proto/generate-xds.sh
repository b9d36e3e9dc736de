#!/usr/bin/env bash
# Makes gen/xds/ from the .proto files that @grpc/grpc-js-xds ships: Envoy's API, pruned. Runs on each install, in about a
# second, and does nothing when it is up to date.
set -eu
cd "$(dirname "$0")/.."
deps=node_modules/@grpc/grpc-js-xds/deps
envoy=$deps/envoy-api/envoy
sources="$(cat proto/generate-xds.sh proto/buf.xds.yaml proto/buf.gen.xds.yaml node_modules/{@grpc/grpc-js,@grpc/grpc-js-xds,ts-proto,@bufbuild/buf}/package.json)"
stamp=$(printf '%s' "$sources" | sha256sum)
[ "$(cat gen/xds/.stamp 2>/dev/null)" = "$stamp" ] && exit 0

rm -rf gen/xds
mkdir -p gen/xds/.validate/validate
# The validate.proto that comes along is older than its users, and lacks the one field they set.
sed -E '/^message [A-Za-z0-9]+Rules \{/a optional bool ignore_empty = 100;' \
  "$deps/protoc-gen-validate/validate/validate.proto" > gen/xds/.validate/validate/validate.proto

roots=("$deps/xds/xds/type/v3/typed_struct.proto" node_modules/@grpc/grpc-js/proto/xds/xds/service/orca/v3/orca.proto)
for root in service/discovery/v3/ads service/status/v3/csds config/{listener/v3/listener,route/v3/route,cluster/v3/cluster,endpoint/v3/endpoint} \
  extensions/filters/{network/http_connection_manager/v3/http_connection_manager,http/router/v3/router} \
  extensions/load_balancing_policies/{least_request/v3/least_request,round_robin/v3/round_robin}; do
  roots+=("$envoy/$root.proto")
done
export PATH="$PWD/node_modules/.bin:$PATH"
buf build . --config proto/buf.xds.yaml "${roots[@]/#/--path=}" -o gen/xds/.image.binpb
buf generate --template proto/buf.gen.xds.yaml
rm -rf gen/xds/.validate gen/xds/.image.binpb
printf '%s' "$stamp" > gen/xds/.stamp
