package main

import (
	"context"
	"strings"
)

// splitKernel cuts "gemm4x24 58x58x784" into name and shape.
func splitKernel(s string) (name, shape string) {
	name, shape, _ = strings.Cut(s, " ")
	return name, shape
}

func (b *bench) kernelRows(ctx context.Context) error { return nil }
