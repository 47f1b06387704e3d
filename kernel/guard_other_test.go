//go:build !unix

package kernel

import "testing"

// guarded has no guard pages here.
func guarded(t testing.TB, n int, front bool) []float32 { return make([]float32, n) }
