package graph

import "fmt"

// CheckBijection fails unless p is a permutation of 0..n-1.
func CheckBijection[T int | int32](p []T, n int) error {
	if len(p) != n {
		return fmt.Errorf("got %d entries, want %d", len(p), n)
	}
	at := make([]int, n) // one more than the entry that has the value
	for i, v := range p {
		if v < 0 || int(v) >= n {
			return fmt.Errorf("entry %d: got %d, want 0..%d", i, v, n-1)
		}
		if at[v] != 0 {
			return fmt.Errorf("no bijection: entries %d and %d are both %d", at[v]-1, i, v)
		}
		at[v] = i + 1
	}
	return nil
}
