//go:build !purego

package kernel

// native lists this architecture's sets, the best on this processor first, and says in
// a sentence why it is, "" where it is plain.
func native() (list []*Set, why string) {
	if avx512.missing() != nil {
		return []*Set{avxvnni, avx2, avx512}, ""
	}
	better, why := prefer512(thisCore())
	if better {
		return []*Set{avx512, avxvnni, avx2}, why
	}
	return []*Set{avxvnni, avx2, avx512}, why
}
