package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activateAVX512 is activateAVX2 for AVX-512, with the same bits. VSCALEFPS takes the
// place of the multiplications by powers of 2, and masks that of the blends.
func activateAVX512() *build.Context { return activateOf(vectors{newContext(), 16}) }

// pairs emits the loop over a plane's vectors: two of 8 pixels at a time, and an odd last
// one as AVX2 does it.
func (g *function) pairs(label func(string) string, src, dst, at, end reg.GPVirtual, f func(g *function, v reg.VecVirtual)) {
	last := g.GP64()
	g.LEAQ(operand.Mem{Base: end, Disp: -64}, last)
	g.CMPQ(at, last)
	g.JGT(operand.LabelRef(label("odd")))
	g.Label(label("vectors"))
	g.step(src, dst, at, f)
	g.CMPQ(at, last)
	g.JLE(operand.LabelRef(label("vectors")))
	g.Label(label("odd"))
	g.CMPQ(at, end)
	g.JGE(operand.LabelRef(label("done")))
	half := *g
	half.lanes = 8
	half.lo, half.hi = g.lo.AsY().(reg.VecVirtual), g.hi.AsY().(reg.VecVirtual)
	half.step(src, dst, at, f)
	g.Label(label("done"))
}
