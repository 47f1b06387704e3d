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
	to, from, b := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	var factors reg.GPVirtual
	if scaled {
		factors = g.asm.GP64()
	}
	k, t := g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("panel"), to)
	g.asm.Load(g.asm.Param("mem"), from)
	g.asm.Load(g.asm.Param("boff"), t)
	g.asm.ADDQ(t, from)
	g.asm.Load(g.asm.Param("b"), b)
	if scaled {
		g.asm.Load(g.asm.Param("factors"), factors)
	}
	g.asm.Load(g.asm.Param("k"), k)
	mask := g.asm.K()
	if masked {
		g.asm.KMOVQ(param(g.asm, "mask"), mask)
	}
	align(g.asm, 32)
	g.asm.Label("row")
	g.asm.MOVLQSX(operand.Mem{Base: b}, t)
	var f reg.VecVirtual
	if scaled {
		f = g.vec()
		g.asm.VBROADCASTSS(operand.Mem{Base: factors}, f)
	}
	for v := range vecs {
		x := g.vec()
		at := operand.Mem{Base: from, Index: t, Scale: 4, Disp: g.bytes() * v}
		switch last := masked && v == vecs-1; {
		case last && scaled:
			g.asm.VMULPS_Z(at, f, mask, x)
		case last:
			g.asm.VMOVUPS_Z(at, mask, x)
		case scaled:
			g.asm.VMULPS(at, f, x)
		default:
			g.asm.VMOVUPS(at, x)
		}
		g.asm.VMOVUPS(x, operand.Mem{Base: to, Disp: g.bytes() * v})
	}
	g.asm.ADDQ(operand.Imm(4), b)
	if scaled {
		g.asm.ADDQ(operand.Imm(4), factors)
	}
	g.asm.ADDQ(constant(g.bytes()*vecs), to)
	g.asm.DECQ(k)
	g.asm.JNE(operand.LabelRef("row"))
	g.asm.VZEROUPPER()
	g.asm.RET()
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
	begin(g.asm, name, signature+args)
	switch {
	case masked && scaled: // there is none that is not masked beside it
		g.asm.Doc(
			fmt.Sprintf("%s copies the pixels whose bits are set in mask, of %d, of k planes, read through the table b, into", name, pixels),
			fmt.Sprintf("a panel: panel[%d*i+p] = factors[i]*b[i][p], and 0 for the others. boff is in bytes. k is at least 1.", pixels),
		)
	case masked:
		g.asm.Doc(fmt.Sprintf("%s is Pack%d for fewer pixels in the last vector: those whose bits are set in mask.", name, pixels),
			"It writes 0 for the others.")
	default:
		g.asm.Doc(
			fmt.Sprintf("%s copies a strip of %d pixels of k planes, read through the table b, into a panel:", name, pixels),
			fmt.Sprintf("panel[%d*i+p] = %sb[i][p]. boff is in bytes. k is at least 1.", pixels, factor),
		)
	}
}
