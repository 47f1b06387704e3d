package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemmPack emits the copy of a strip of vecs vectors of pixels into a panel. With
// masked it reads those pixels of the last vector alone that a mask names, and writes
// 0 for the others. With scaled there is a factor for each plane.
func gemmPack(g vectors, vecs int, masked, scaled bool) {
	packFunction(g, g.lanes*vecs, masked, scaled)
	to, from, b := g.GP64(), g.GP64(), g.GP64()
	var factors reg.GPVirtual
	if scaled {
		factors = g.GP64()
	}
	k, t := g.GP64(), g.GP64()
	g.Load(g.Param("panel"), to)
	g.Load(g.Param("mem"), from)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, from)
	g.Load(g.Param("b"), b)
	if scaled {
		g.Load(g.Param("factors"), factors)
	}
	g.Load(g.Param("k"), k)
	mask := g.K()
	if masked {
		g.KMOVQ(param(g.Context, "mask"), mask)
	}
	align(g.Context, 32)
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: b}, t)
	var f reg.VecVirtual
	if scaled {
		f = g.vec()
		g.VBROADCASTSS(operand.Mem{Base: factors}, f)
	}
	for v := range vecs {
		x := g.vec()
		at := operand.Mem{Base: from, Index: t, Scale: 4, Disp: g.bytes() * v}
		switch last := masked && v == vecs-1; {
		case last && scaled:
			g.VMULPS_Z(at, f, mask, x)
		case last:
			g.VMOVUPS_Z(at, mask, x)
		case scaled:
			g.VMULPS(at, f, x)
		default:
			g.VMOVUPS(at, x)
		}
		g.VMOVUPS(x, operand.Mem{Base: to, Disp: g.bytes() * v})
	}
	g.ADDQ(operand.Imm(4), b)
	if scaled {
		g.ADDQ(operand.Imm(4), factors)
	}
	g.ADDQ(constant(g.bytes()*vecs), to)
	g.DECQ(k)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}

// packFunction begins the function.
func packFunction(g vectors, pixels int, masked, scaled bool) {
	name, signature, factor, args := "Pack", "func(panel, mem *float32, b *int32", "", ", k, boff int)"
	if scaled {
		name, signature, factor = "PackScaled", signature+", factors *float32", "factors[i]*"
	}
	if masked {
		name, args = name+"Tail", ", k, boff, mask int)"
	}
	name = fmt.Sprint(name, pixels)
	begin(g.Context, name, signature+args)
	switch {
	case masked && scaled: // there is none that is not masked beside it
		g.Doc(
			fmt.Sprintf("%s copies the pixels whose bits are set in mask, of %d, of k planes, read through the table b, into", name, pixels),
			fmt.Sprintf("a panel: panel[%d*i+p] = factors[i]*b[i][p], and 0 for the others. boff is in bytes. k is at least 1.", pixels),
		)
	case masked:
		g.Doc(fmt.Sprintf("%s is Pack%d for fewer pixels in the last vector: those whose bits are set in mask.", name, pixels),
			"It writes 0 for the others.")
	default:
		g.Doc(
			fmt.Sprintf("%s copies a strip of %d pixels of k planes, read through the table b, into a panel:", name, pixels),
			fmt.Sprintf("panel[%d*i+p] = %sb[i][p]. boff is in bytes. k is at least 1.", pixels, factor),
		)
	}
}
