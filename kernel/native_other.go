//go:build (!amd64 && !arm64) || purego

package kernel

// native lists this architecture's sets: there are none.
func native() (list []*Set, why string) { return nil, "" }
