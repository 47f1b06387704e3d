//go:build !purego

package kernel

// native lists this architecture's sets, the best first.
var native = []*Set{avx2, avx512}
