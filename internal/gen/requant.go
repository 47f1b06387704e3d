package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// requant packs dwords, which are rounded already, to bytes between bounds: package
// kernel's Requant. What it takes is in registers.
type requant struct {
	vectors
	zero, lo, hi reg.VecVirtual
	order        reg.VecVirtual // of the dwords that packing leaves, to come out in order
}

// newRequant loads it: the argument q has the zero point twice as a word, and each of the
// bounds four times as a byte.
func newRequant(g vectors, order operand.Mem) requant {
	r := requant{g, g.vec(), g.vec(), g.vec(), g.vec()}
	q := g.asm.GP64()
	g.asm.Load(g.asm.Param("q"), q)
	g.asm.VPBROADCASTD(operand.Mem{Base: q}, r.zero)
	g.asm.VPBROADCASTD(operand.Mem{Base: q, Disp: 4}, r.lo)
	g.asm.VPBROADCASTD(operand.Mem{Base: q, Disp: 8}, r.hi)
	g.move(order, r.order)
	return r
}

// words packs the dwords of x and of high to words in x, and adds the zero point.
func (r requant) words(high, x reg.VecVirtual) {
	r.asm.VPACKSSDW(high, x, x)
	r.asm.VPADDSW(r.zero, x, x)
}

// bytes packs the words of x and of high to bytes in x.
func (r requant) bytes(high, x reg.VecVirtual) {
	r.asm.VPACKUSWB(high, x, x)
	r.asm.VPERMD(x, r.order, x)
	r.asm.VPMAXUB(r.lo, x, x)
	r.asm.VPMINUB(r.hi, x, x)
}

// four packs the dwords of four registers to bytes in the first.
func (r requant) four(x []reg.VecVirtual) {
	r.words(x[1], x[0])
	r.words(x[3], x[2])
	r.bytes(x[2], x[0])
}
