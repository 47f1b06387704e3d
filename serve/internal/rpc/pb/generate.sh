#!/usr/bin/env bash
# Makes the Go code of inference.proto. Wants Python with grpcio-tools, which has a protoc:
#   python3 -m venv V && V/bin/pip install grpcio-tools && PYTHON=V/bin/python internal/rpc/pb/generate.sh
set -euo pipefail
cd "$(dirname "$0")"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GOBIN=$bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
PATH=$bin:$PATH "${PYTHON:-python3}" -m grpc_tools.protoc -I. \
	--go_out=. --go_opt=paths=source_relative \
	--go-grpc_out=. --go-grpc_opt=paths=source_relative,require_unimplemented_servers=true inference.proto
# The compiler's own version is no part of the result.
sed -i '/^\/\/ [-\t]*protoc  *v/d; /^\/\/ [- \t]*protoc-gen-go.*v[0-9]/d; /^\/\/ versions:$/d' inference.pb.go inference_grpc.pb.go
gofmt -l .
