//go:build !purego

package kernel

// native lists this architecture's sets, the best first.
func native() (list []*Set, why string) { return []*Set{neon}, "" }
