//go:build !arm64 || purego

package kernel

// otherForms are the sets that another processor of this architecture would have.
func otherForms() []*Set { return nil }
