package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// gemmPackScaledTail emits gemmPackScaled's copy of the pixels that a mask names of one
// vector, with 0 for the others.
func gemmPackScaledTail(g vectors) {
	name := fmt.Sprintf("PackScaledTail%d", g.lanes)
	begin(g.Context, name, "func(panel, mem *float32, b *int32, factors *float32, k, boff, mask int)")
	g.Doc(
		fmt.Sprintf("%s copies the pixels whose bits are set in mask, of %d, of k planes, read through the table b, into", name, g.lanes),
		fmt.Sprintf("a panel: panel[%d*i+p] = factors[i]*b[i][p], and 0 for the others. boff is in bytes. k is at least 1.", g.lanes),
	)
	to, from, b, factors, k, t := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("panel"), to)
	g.Load(g.Param("mem"), from)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, from)
	g.Load(g.Param("b"), b)
	g.Load(g.Param("factors"), factors)
	g.Load(g.Param("k"), k)
	mask := g.K()
	g.KMOVQ(param(g.Context, "mask"), mask)
	align(g.Context, 32)
	g.Label("row")
	g.MOVLQSX(operand.Mem{Base: b}, t)
	f, x := g.vec(), g.vec()
	g.VBROADCASTSS(operand.Mem{Base: factors}, f)
	g.VMULPS_Z(operand.Mem{Base: from, Index: t, Scale: 4}, f, mask, x)
	g.VMOVUPS(x, operand.Mem{Base: to})
	g.ADDQ(operand.Imm(4), b)
	g.ADDQ(operand.Imm(4), factors)
	g.ADDQ(constant(g.bytes()), to)
	g.DECQ(k)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}
