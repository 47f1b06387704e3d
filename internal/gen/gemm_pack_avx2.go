package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// gemmPack emits the copy of a strip of vecs vectors of pixels into a panel.
func gemmPack(g vectors, vecs int) {
	name := fmt.Sprintf("Pack%d", g.lanes*vecs)
	begin(g.Context, name, "func(panel, mem *float32, b *int32, k, boff int)")
	g.Doc(
		fmt.Sprintf("%s copies a strip of %d pixels of k planes, read through the table b, into a panel:", name, g.lanes*vecs),
		fmt.Sprintf("panel[%d*i+p] = b[i][p]. boff is in bytes. k is at least 1.", g.lanes*vecs),
	)
	to, from, b, k, t := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("panel"), to)
	g.Load(g.Param("mem"), from)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, from)
	g.Load(g.Param("b"), b)
	g.Load(g.Param("k"), k)
	align(g.Context, 32)
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: b}, t)
	for v := range vecs {
		x := g.vec()
		g.VMOVUPS(operand.Mem{Base: from, Index: t, Scale: 4, Disp: g.bytes() * v}, x)
		g.VMOVUPS(x, operand.Mem{Base: to, Disp: g.bytes() * v})
	}
	g.ADDQ(operand.Imm(4), b)
	g.ADDQ(operand.Imm(uint64(g.bytes()*vecs)), to)
	g.DECQ(k)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}
