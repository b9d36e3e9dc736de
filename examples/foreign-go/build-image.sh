#!/usr/bin/env bash
# Makes the image with Go and Docker: examples/foreign-go/build-image.sh [TAG]
set -euo pipefail
cd "$(dirname "$0")"
tag=${1:-evenkeel/foreign-go:0.1.0}
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
# Static: an empty image has no C library.
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$context/foreign-go" .
cp Dockerfile "$context"
docker build --tag "$tag" "$context"
