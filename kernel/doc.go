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

// Slack is how far, in elements, a kernel may read around and write past a
// plane.
const Slack = 16

// Pitch returns the distance in elements between consecutive planes of n
// pixels in an arena: at least n+Slack, a multiple of 16 (64 bytes), and not a
// multiple of 256, so that consecutive planes do not fall into the same L1 set.
// An arena has Slack elements in front of its first plane.
func Pitch(n int) int {
	p := (n + Slack + 15) &^ 15
	if p%256 == 0 {
		p += 16
	}
	return p
}
