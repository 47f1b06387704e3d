package main

import "github.com/mmcloughlin/avo/build"

// peakAVX512 measures what the multiply-add units can do with 512 bits.
func peakAVX512() *build.Context {
	g := vectors{newContext(), 16}
	peak(g, 28)
	return g.asm
}
