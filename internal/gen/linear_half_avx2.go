package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// linearHalf emits the product of a matrix of float16 values, one row at a time. Each
// value is converted as it is read, and the sums are Linear1's, in its order.
func linearHalf(g vectors) {
	begin(g.asm, "LinearHalf1", "func(x *float32, w *uint16, y *float32, in, n int)")
	g.asm.Doc("LinearHalf1 is Linear1 for a matrix of IEEE binary16 values. in is a multiple of 8.")
	x0, w, y, n := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("x"), x0)
	g.asm.Load(g.asm.Param("w"), w)
	g.asm.Load(g.asm.Param("y"), y)
	g.asm.Load(g.asm.Param("n"), n)
	x, k, in := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("in"), in)
	next := g.asm.GP64() // bytes from a row to the next
	g.asm.MOVQ(in, next)
	g.asm.ADDQ(in, next)

	g.asm.Label("block")
	acc := []reg.VecVirtual{g.vec(), g.vec()}
	for _, a := range acc {
		zero(g, a)
	}
	g.asm.MOVQ(x0, x)
	g.asm.MOVQ(in, k)
	t := g.vec()
	step := func(h int) {
		g.asm.VCVTPH2PS(operand.Mem{Base: w, Disp: g.bytes() / 2 * h}, t)
		g.asm.VFMADD231PS(operand.Mem{Base: x, Disp: g.bytes() * h}, t, acc[h%2])
	}
	advance := func(vectors int) {
		g.asm.ADDQ(constant(g.bytes()*vectors), x)
		g.asm.ADDQ(constant(g.bytes()/2*vectors), w)
		g.asm.SUBQ(operand.Imm(uint64(g.lanes*vectors)), k)
	}
	g.asm.Label("loop")
	g.asm.CMPQ(k, operand.Imm(uint64(4*g.lanes)))
	g.asm.JLT(operand.LabelRef("rest"))
	for h := range 4 {
		step(h)
	}
	g.asm.PREFETCHT0(operand.Mem{Base: w, Index: next, Scale: 1}) // the next row's, a line at a time
	advance(4)
	g.asm.JMP(operand.LabelRef("loop"))
	g.asm.Label("rest")
	g.asm.CMPQ(k, operand.Imm(uint64(2*g.lanes)))
	g.asm.JLT(operand.LabelRef("one"))
	step(0)
	step(1)
	advance(2)
	g.asm.Label("one")
	g.asm.TESTQ(k, k)
	g.asm.JEQ(operand.LabelRef("sum"))
	step(0)
	advance(1)
	g.asm.Label("sum")
	linearSum(g.asm, acc, operand.Mem{Base: y})
	g.asm.ADDQ(operand.Imm(4), y)
	g.asm.DECQ(n)
	g.asm.JNE(operand.LabelRef("block"))
	g.asm.VZEROUPPER()
	g.asm.RET()
}
