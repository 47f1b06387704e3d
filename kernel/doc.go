// Package kernel has the contract of every compute kernel, a reference of each in
// Go, and the choice of an instruction set.
//
// It knows planes of numbers and what a kernel does with them. It must not know
// networks, nor who calls it.
//
// # Sets
//
// A [Set] implements every kernel for one instruction set. [Select] chooses one. A
// kernel is a method of the set, and its argument is a struct, such as [GEMM], whose
// documentation is the contract.
//
// # Planes
//
// Activations live in one block of memory, the arena, which is the field Mem of
// every contract. A tensor is a table of plane offsets, one int32 per channel:
// pixel p (row-major) of channel c is Mem[table[c]+p]. So to permute, split or join
// channels is to make another table, and no pixel moves.
//
// # Slack
//
// A kernel may read up to [Slack] elements before a plane's first pixel and up
// to Slack after its last, and may write up to Slack after the last pixel of a
// plane that it outputs. What it reads there never changes a pixel of the result,
// because it is masked and not multiplied by zero. What it leaves there is
// unspecified. An arena lays its planes out so that the slack is always inside
// Mem and never another tensor's pixel: see [Pitch].
//
// # Numbers
//
// Every output element is computed by one fixed sequence of operations, which
// depends on the shape alone and not on the tile, the thread, or the place in a
// batch. The generic set multiplies and adds with two roundings, the others with one
// (FMA): they agree within the usual bound, not bit for bit. NaN is propagated by
// every kernel and every [Activation].
//
// # Concurrency
//
// Kernels keep no state. Two calls may run at the same time if neither writes what
// the other reads or writes, slack included.
package kernel

// Slack is how far, in elements of a float32 plane, a kernel may read around and
// write past it. SlackBytes is the same in bytes, for planes of any element type.
const (
	Slack      = SlackBytes / 4
	SlackBytes = 64
)

// Pitch returns the distance in elements between consecutive planes of n elements,
// of size bytes each, in an arena: at least n and the slack, a multiple of 64
// bytes, and not a multiple of 1024 bytes, so that consecutive planes do not fall
// into the same L1 set. size is a power of two, at most 64. An arena has
// SlackBytes in front of its first plane.
func Pitch(n, size int) int {
	p := (n*size + SlackBytes + 63) &^ 63
	if p%1024 == 0 {
		p += 64
	}
	return p / size
}
