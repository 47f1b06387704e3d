package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// walk is the frame that the windowed kernels share. It goes over every plane, in
// the plane over every strip of 8 output columns, and in the strip from the top row
// down. Each input row is loaded once and feeds every output row that it touches.
//
// Strip s begins at column min(8*s, ow-8), so that the last one overlaps its
// neighbour instead of leaving the plane. A plane narrower than 8 has one strip: a
// store reaches into the next row, which is written later.
//
// If a walk goes left, strip s begins at max(ow-8-7*s, 0). The first column of each
// strip is then wrong, and the next strip writes it again. Only the strip at column 0
// has its first column right.
//
// AVX-512's strips are 16 columns wide, but see walk_avx512.go.
type walk struct {
	vectors // of the present strip
	labels  int

	wide     *wideWalk // what AVX-512 has more; nil: AVX2
	masks    int       // edge masks for each strip: vectors, or words of AVX-512's bits
	stride   int       // of the window
	left     bool
	row, out reg.GPVirtual
	ps, pd   reg.GPVirtual // row pitch of source and destination in bytes
	n        reg.GPVirtual // row counter, free for the body
	mask     reg.GPVirtual // this strip's masks
}

// walkArgs are the arguments of every walk. A kernel may add its own behind them.
// They say: c planes of h x wid to planes of width ow, in so many strips from byte x
// of an output row on.
const walkArgs = "mem *float32, src, dst *int32, c, h, wid, ow, x, strips int"

func (g *walk) label(s string) string {
	g.labels++
	return fmt.Sprintf("%s%d", s, g.labels)
}

// function emits one kernel. plane runs once for each plane, then strip once
// for each strip, with row and out at its first pixels.
func (g *walk) function(name, args string, doc []string, setup, plane, strip, planeEnd func()) {
	g.asm.Function(name)
	g.asm.SignatureExpr("func(" + walkArgs + args + ")")
	g.asm.Doc(doc...)
	g.ps, g.pd, g.n, g.mask = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.row, g.out = g.asm.GP64(), g.asm.GP64()
	src, dst, c, s, x := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()

	g.asm.Load(g.asm.Param("wid"), g.ps)
	g.asm.SHLQ(operand.Imm(2), g.ps)
	g.asm.Load(g.asm.Param("ow"), g.pd)
	g.asm.SHLQ(operand.Imm(2), g.pd)
	setup()
	g.asm.XORQ(c, c)
	planes := g.label("plane")
	g.asm.Label(planes)
	{
		mem := g.asm.GP64()
		g.asm.Load(g.asm.Param("mem"), mem)
		for _, t := range []struct {
			name string
			at   reg.GPVirtual
		}{{"src", src}, {"dst", dst}} {
			g.asm.Load(g.asm.Param(t.name), t.at)
			g.asm.MOVLQSX(operand.Mem{Base: t.at, Index: c, Scale: 4}, t.at)
			g.asm.LEAQ(operand.Mem{Base: mem, Index: t.at, Scale: 4}, t.at)
		}
		plane()
		if g.masks > 0 {
			g.asm.Load(g.asm.Param("masks"), g.mask)
		}
		g.asm.Load(g.asm.Param("strips"), s)
		g.asm.Load(g.asm.Param("x"), x)
		strips := g.label("strip")
		g.asm.Label(strips)
		if g.wide != nil {
			g.wideStrip(src, dst, x, strip)
		} else {
			g.begin(src, dst, x)
			strip()
			g.nextStrip(x)
		}
		g.asm.DECQ(s)
		g.asm.JNZ(operand.LabelRef(strips))
		planeEnd()
	}
	g.asm.INCQ(c)
	left := g.asm.GP64()
	g.asm.Load(g.asm.Param("c"), left)
	g.asm.CMPQ(c, left)
	g.asm.JLT(operand.LabelRef(planes))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// begin goes to the top of the strip from byte x of an output row on.
func (g *walk) begin(src, dst, x reg.GPVirtual) {
	g.asm.LEAQ(operand.Mem{Base: src, Index: x, Scale: uint8(g.stride)}, g.row)
	g.asm.LEAQ(operand.Mem{Base: dst, Index: x, Scale: 1}, g.out)
}

// nextStrip moves x, and the masks, to the next strip of 8 columns.
func (g *walk) nextStrip(x reg.GPVirtual) {
	if g.masks > 0 {
		g.asm.ADDQ(operand.Imm(uint64(32*g.masks)), g.mask)
	}
	last := g.asm.GP64()
	if g.left {
		g.asm.XORL(last.As32(), last.As32())
		g.asm.SUBQ(operand.Imm(28), x)
		g.asm.CMOVQLT(last, x)
		return
	}
	g.asm.LEAQ(operand.Mem{Base: g.pd, Disp: -32}, last)
	g.asm.ADDQ(operand.Imm(32), x)
	g.asm.CMPQ(x, last)
	g.asm.CMOVQGT(last, x)
}

// param is an argument's place.
func (g *walk) param(name string) operand.Mem { return param(g.asm, name) }

// at is the source element dx columns from the strip's pointer.
func (g *walk) at(dx int) operand.Mem { return operand.Mem{Base: g.row, Disp: 4 * dx} }

// next moves the source down one row.
func (g *walk) next() { g.asm.ADDQ(g.ps, g.row) }

// pair loads twice as many columns as a strip has from dx on and leaves the even ones
// in a and the odd ones in b, both in the order that VSHUFPS leaves them in (of 8: 0 1
// 4 5 2 3 6 7), which [walk.order] undoes. b may be nil: only the even ones.
func (g *walk) pair(dx int, a, b reg.VecVirtual) {
	if b == nil {
		g.asm.VMOVUPS(g.at(dx), a)
		g.asm.VSHUFPS(operand.Imm(0x88), g.at(dx+g.lanes), a, a)
		return
	}
	hi := g.vec()
	g.asm.VMOVUPS(g.at(dx), b)
	g.asm.VMOVUPS(g.at(dx+g.lanes), hi)
	g.asm.VSHUFPS(operand.Imm(0x88), hi, b, a)
	g.asm.VSHUFPS(operand.Imm(0xDD), hi, b, b)
}

// order puts the columns of a pair in ascending order.
func (g *walk) order(v reg.VecVirtual) {
	if g.lanes == 16 {
		g.asm.VPERMPS(v, g.wide.ascending, v)
		return
	}
	g.asm.VPERMPD(operand.Imm(0xD8), v, v)
}

// store writes v to the next output row, after the activation if the kernel has one.
func (g *walk) store(v reg.VecVirtual, active bool) {
	if g.stride == 2 {
		g.order(v)
	}
	g.storeOrdered(v, active)
}

func (g *walk) storeOrdered(v reg.VecVirtual, active bool) {
	switch {
	case active && g.wide != nil:
		activateHeld(g.asm, g.label("row"), g.half(g.wide.lo), g.half(g.wide.hi), v)
	case active:
		activate(g.asm, g.label("row"), g.vec, v)
	}
	g.asm.VMOVUPS(v, operand.Mem{Base: g.out})
	g.asm.ADDQ(g.pd, g.out)
}
