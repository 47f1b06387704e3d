// Package kernel has one contract per compute kernel, its reference in Go, and
// the choice of an instruction set.
//
// # Planes
//
// Activations live in one arena, a []float32 called Mem in every contract. A
// tensor is a table of plane offsets, one int32 per channel: channel c's pixel
// p (row-major) is Mem[table[c]+p]. Permuting, splitting and joining channels
// is therefore done on tables, and no float moves.
//
// # Slack
//
// A kernel may read up to [Slack] elements before a plane's first pixel and up
// to Slack past its last, and may write up to Slack past the last pixel of a
// plane that it outputs. What it reads there never reaches a pixel of the
// result (it is masked, not multiplied by zero), and what it leaves there is
// unspecified. Planes in the arena are laid out so that this is always inside
// Mem and never another tensor's pixel: see [Pitch].
//
// # Numbers
//
// Every output element is computed by one fixed sequence of operations that
// depends on the shape alone: not on the tile, the thread, or the place in a
// batch. The generic set multiplies and adds with two roundings, the SIMD sets
// with one (FMA); they agree within the usual bound, not bit for bit. A clamp
// hands NaN on.
//
// # Concurrency
//
// Kernels keep no state. Calls may run at the same time if none writes what
// another reads or writes, slack included.
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
