package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// gemmPackScaled emits gemmPack's copy with a factor for each plane.
func gemmPackScaled(g vectors, vecs int) {
	width := g.lanes * vecs
	name := fmt.Sprintf("PackScaled%d", width)
	begin(g.Context, name, "func(panel, mem *float32, b *int32, factors *float32, k, boff int)")
	g.Doc(
		fmt.Sprintf("%s copies a strip of %d pixels of k planes, read through the table b, into a panel:", name, width),
		fmt.Sprintf("panel[%d*i+p] = factors[i]*b[i][p]. boff is in bytes. k is at least 1.", width),
	)
	to, from, b, factors, k, t := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("panel"), to)
	g.Load(g.Param("mem"), from)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, from)
	g.Load(g.Param("b"), b)
	g.Load(g.Param("factors"), factors)
	g.Load(g.Param("k"), k)
	align(g.Context, 32)
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: b}, t)
	f := g.vec()
	g.VBROADCASTSS(operand.Mem{Base: factors}, f)
	for v := range vecs {
		x := g.vec()
		g.VMULPS(operand.Mem{Base: from, Index: t, Scale: 4, Disp: g.bytes() * v}, f, x)
		g.VMOVUPS(x, operand.Mem{Base: to, Disp: g.bytes() * v})
	}
	g.ADDQ(operand.Imm(4), b)
	g.ADDQ(operand.Imm(4), factors)
	g.ADDQ(operand.Imm(uint64(g.bytes()*vecs)), to)
	g.DECQ(k)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}
