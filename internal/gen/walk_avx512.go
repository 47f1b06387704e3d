package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideWalk is what AVX-512 has more than walk. Its strips are 16 columns wide, but one
// that has no more than 8 columns left is 8 wide: vectors of half the length then waste
// less. Where whole strips go to the right from byte x on, so that x is 4*16*s for strip
// s, what remains decides: up to 8 columns are taken from max(0, ow-8) on, up to 16 from
// max(0, ow-16) on. Where they go to the left, x is 4*(ow-16-15*s), and there remain the
// columns up to x/4 + 15.
//
// An edge mask is a word, of which bit i is set if the pixel of the strip's lane i is
// inside the plane.
type wideWalk struct {
	keep      []reg.OpmaskVirtual // the strip's masks
	lo, hi    reg.VecVirtual      // bounds of the activation
	ascending reg.VecVirtual      // what VPERMPS puts a pair's 16 columns in ascending order by
	notFirst  reg.OpmaskVirtual   // every lane but the first

	tables struct{ ascending, later, laterHalf operand.Mem }
}

// wideFrames returns what makes the walks of a unit for AVX-512.
func wideFrames(g vectors) func() walk {
	var w wideWalk
	order := []uint32{0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15}
	w.tables.ascending = dwords(g.asm, "ascending", order...)
	w.tables.later = dwords(g.asm, "later", append([]uint32{0}, order[:15]...)...)
	w.tables.laterHalf = dwords(g.asm, "laterHalf", 0, 0, 1, 4, 5, 2, 3, 6)
	return func() walk {
		own := w
		return walk{vectors: g, wide: &own}
	}
}

// half is the part of v that the present strip uses.
func (g *walk) half(v reg.VecVirtual) reg.VecVirtual {
	if g.wide != nil && g.lanes == 8 {
		return v.AsY().(reg.VecVirtual)
	}
	return v
}

// wideBounds keeps the bounds of the activation in registers.
func (g *walk) wideBounds() {
	g.wide.lo, g.wide.hi = spread(g.asm, "lo", g.asm.ZMM()), spread(g.asm, "hi", g.asm.ZMM())
}

// wideOrder keeps in a register what walk.order needs.
func (g *walk) wideOrder() {
	g.wide.ascending = g.asm.ZMM()
	g.asm.VMOVDQU32(g.wide.tables.ascending, g.wide.ascending)
}

// wideStrip emits the strip from byte x of an output row on, and moves x and the masks to
// the next.
func (g *walk) wideStrip(src, dst, x reg.GPVirtual, strip func()) {
	narrow, next := g.label("narrow"), g.label("next")
	first := g.asm.GP64() // byte of an output row
	zero := g.asm.GP64()
	g.asm.XORL(zero.As32(), zero.As32())
	if g.left {
		g.asm.CMPQ(x, operand.I8(-32))
		g.asm.JLE(operand.LabelRef(narrow))
		g.asm.MOVQ(x, first)
	} else {
		g.asm.LEAQ(operand.Mem{Base: g.pd, Disp: -32}, first)
		g.asm.CMPQ(x, first)
		g.asm.JGE(operand.LabelRef(narrow))
		g.asm.SUBQ(operand.Imm(32), first)
		g.asm.CMPQ(x, first)
		g.asm.CMOVQLT(x, first)
	}
	g.wideBody(src, dst, first, zero, strip)
	g.asm.JMP(operand.LabelRef(next))
	g.asm.Label(narrow)
	g.lanes = 8
	if g.left {
		g.asm.MOVQ(zero, first)
	}
	g.wideBody(src, dst, first, zero, strip)
	g.lanes = 16
	g.asm.Label(next)
	if g.masks > 0 {
		g.asm.ADDQ(operand.Imm(uint64(4*g.masks)), g.mask)
	}
	if g.left {
		g.asm.SUBQ(operand.Imm(60), x)
	} else {
		g.asm.ADDQ(operand.Imm(64), x)
	}
}

// wideBody emits the strip from byte first on, or from 0 if that is negative.
func (g *walk) wideBody(src, dst, first, zero reg.GPVirtual, strip func()) {
	g.asm.TESTQ(first, first)
	g.asm.CMOVQLT(zero, first)
	g.begin(src, dst, first)
	g.wide.keep = nil
	for i := range g.masks {
		k := g.asm.K()
		g.asm.KMOVW(operand.Mem{Base: g.mask, Disp: 4 * i}, k)
		g.wide.keep = append(g.wide.keep, k)
	}
	strip()
}

// widePair is pair with 0 where a mask has none: keepA of a's columns, keepB of b's; nil:
// all of them. Where b is nil, it reads no column behind the last even one.
func (g *walk) widePair(dx int, a reg.VecVirtual, keepA reg.Register, b reg.VecVirtual, keepB reg.Register) {
	even, odd := operand.Imm(0x88), operand.Imm(0xDD)
	pick := func(imm, hi, lo operand.Op, keep reg.Register, v reg.VecVirtual) {
		if keep == nil {
			g.asm.VSHUFPS(imm, hi, lo, v)
			return
		}
		g.asm.VSHUFPS_Z(imm, hi, lo, keep, v)
	}
	if b == nil {
		g.asm.VMOVUPS(g.at(dx), a)
		pick(operand.Imm(0xD8), g.at(dx+g.lanes-1), a, keepA, a) // even ones of the first, odd ones of the second
		return
	}
	hi := g.vec()
	g.asm.VMOVUPS(g.at(dx), b)
	g.asm.VMOVUPS(g.at(dx+g.lanes), hi)
	pick(even, hi, b, keepA, a)
	pick(odd, hi, b, keepB, b)
}
