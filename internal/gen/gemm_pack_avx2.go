package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// gemmPack emits the copy of a strip of vecs vectors of pixels into a panel. With
// masked it reads those pixels of the last vector alone that a mask names, and writes
// 0 for the others.
func gemmPack(g vectors, vecs int, masked bool) {
	pixels := g.lanes * vecs
	const signature = "func(panel, mem *float32, b *int32, k, boff int"
	if masked {
		name := fmt.Sprintf("PackTail%d", pixels)
		begin(g.Context, name, signature+maskArg)
		g.Doc(fmt.Sprintf("%s is Pack%d for fewer pixels in the last vector: those whose bits are set in mask.", name, pixels),
			"It writes 0 for the others.")
	} else {
		name := fmt.Sprintf("Pack%d", pixels)
		begin(g.Context, name, signature+")")
		g.Doc(
			fmt.Sprintf("%s copies a strip of %d pixels of k planes, read through the table b, into a panel:", name, pixels),
			fmt.Sprintf("panel[%d*i+p] = b[i][p]. boff is in bytes. k is at least 1.", pixels),
		)
	}
	to, from, b, k, t := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("panel"), to)
	g.Load(g.Param("mem"), from)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, from)
	g.Load(g.Param("b"), b)
	g.Load(g.Param("k"), k)
	mask := g.K()
	if masked {
		g.KMOVQ(param(g.Context, "mask"), mask)
	}
	align(g.Context, 32)
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: b}, t)
	for v := range vecs {
		x := g.vec()
		at := operand.Mem{Base: from, Index: t, Scale: 4, Disp: g.bytes() * v}
		if masked && v == vecs-1 {
			g.VMOVUPS_Z(at, mask, x)
		} else {
			g.VMOVUPS(at, x)
		}
		g.VMOVUPS(x, operand.Mem{Base: to, Disp: g.bytes() * v})
	}
	g.ADDQ(operand.Imm(4), b)
	g.ADDQ(constant(g.bytes()*vecs), to)
	g.DECQ(k)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}
