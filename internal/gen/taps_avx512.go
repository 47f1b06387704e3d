package main

import "github.com/mmcloughlin/avo/build"

// tapsAVX512 is tapsAVX2 for rows of 16 pixels.
func tapsAVX512() *build.Context {
	g := vectors{newContext(), 16}
	(&taps{vectors: g}).emit()
	tapColumnsOf(g)
	return g.asm
}
