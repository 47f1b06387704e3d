//go:build !amd64 || purego

package kernel

// nearCache does not know: no register that a program may read has it.
func nearCache() int { return 0 }
