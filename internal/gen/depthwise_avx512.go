package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// depthwiseAVX512 is depthwiseAVX2 for AVX-512. A column outside the plane is a zero that
// the load's mask leaves, and the taps that registers have no room for are broadcast by
// the multiply-add itself.
func depthwiseAVX512() *build.Context {
	g := vectors{newContext(), 16}
	depthwiseWindows(wideFrames(g), append(windows, window{7, 1, 6, false}))
	return g.asm
}

// heldTaps is how many taps are kept in registers: what 32 leave beside 7 accumulators,
// pixels and two bounds.
const heldTaps = 22

func (g *depthwise) setupWide() {
	for i := range g.k * g.k {
		if i < heldTaps {
			g.tap = append(g.tap, g.asm.ZMM())
			continue
		}
		g.tap = append(g.tap, operand.Mem{Base: g.w, Disp: 4 * i})
	}
	g.wideBounds()
	if g.stride == 2 {
		g.wideOrder()
	}
	if g.k == 3 && g.stride == 2 {
		g.later = g.asm.ZMM()
		g.asm.VMOVDQU32(g.wide.tables.later, g.later)
		all := g.asm.GP32()
		g.asm.MOVL(operand.U32(0xfffe), all)
		g.wide.notFirst = g.asm.K()
		g.asm.KMOVW(all, g.wide.notFirst)
	}
}

// wideColumns adds each column of the present input row.
func (g *depthwise) wideColumns(add func(j int, x reg.VecVirtual)) {
	half := g.k / 2
	keep := func(j int) reg.Register {
		switch {
		case j == half:
			return nil
		case j > half:
			j--
		}
		return g.wide.keep[j]
	}
	for j := 0; j < g.k; j++ {
		dx, x := j-half, g.vec()
		switch {
		case g.stride == 1 && j == half:
			g.asm.VMOVUPS(g.at(dx), x)
		case g.stride == 1:
			g.asm.VMOVUPS_Z(g.at(dx), keep(j), x)
		case dx&1 != 0 || j == g.k-1:
			g.widePair(dx, x, keep(j), nil, nil)
		default: // a pair
			odd := g.vec()
			g.widePair(dx, x, keep(j), odd, keep(j+1))
			add(j, x)
			j, x = j+1, odd
		}
		add(j, x)
	}
}

// wideLater is what VPERMPS moves a strip's outputs by one by.
func (g *depthwise) wideLater() reg.VecVirtual {
	if g.lanes == 16 {
		return g.later
	}
	v := g.vec()
	g.asm.VMOVDQU32(g.wide.tables.laterHalf, v)
	return v
}
