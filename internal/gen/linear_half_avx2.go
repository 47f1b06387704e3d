package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// linearHalf emits the product of a matrix of float16 values, one row at a time. Each
// value is converted as it is read, and the sums are Linear1's, in its order.
func linearHalf(g vectors) {
	begin(g.Context, "LinearHalf1", "func(x *float32, w *uint16, y *float32, in, n int)")
	g.Doc("LinearHalf1 is Linear1 for a matrix of IEEE binary16 values. in is a multiple of 8.")
	x0, w, y, n := g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("x"), x0)
	g.Load(g.Param("w"), w)
	g.Load(g.Param("y"), y)
	g.Load(g.Param("n"), n)
	x, k, in := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("in"), in)
	next := g.GP64() // bytes from a row to the next
	g.MOVQ(in, next)
	g.ADDQ(in, next)

	g.Label("block")
	acc := []reg.VecVirtual{g.vec(), g.vec()}
	for _, a := range acc {
		zero(g, a)
	}
	g.MOVQ(x0, x)
	g.MOVQ(in, k)
	t := g.vec()
	step := func(h int) {
		g.VCVTPH2PS(operand.Mem{Base: w, Disp: g.bytes() / 2 * h}, t)
		g.VFMADD231PS(operand.Mem{Base: x, Disp: g.bytes() * h}, t, acc[h%2])
	}
	advance := func(vectors int) {
		g.ADDQ(constant(g.bytes()*vectors), x)
		g.ADDQ(constant(g.bytes()/2*vectors), w)
		g.SUBQ(operand.Imm(uint64(g.lanes*vectors)), k)
	}
	g.Label("loop")
	g.CMPQ(k, operand.Imm(uint64(4*g.lanes)))
	g.JLT(operand.LabelRef("rest"))
	for h := range 4 {
		step(h)
	}
	g.PREFETCHT0(operand.Mem{Base: w, Index: next, Scale: 1}) // the next row's, a line at a time
	advance(4)
	g.JMP(operand.LabelRef("loop"))
	g.Label("rest")
	g.CMPQ(k, operand.Imm(uint64(2*g.lanes)))
	g.JLT(operand.LabelRef("one"))
	step(0)
	step(1)
	advance(2)
	g.Label("one")
	g.TESTQ(k, k)
	g.JEQ(operand.LabelRef("sum"))
	step(0)
	advance(1)
	g.Label("sum")
	linearSum(g.Context, acc, operand.Mem{Base: y})
	g.ADDQ(operand.Imm(4), y)
	g.DECQ(n)
	g.JNE(operand.LabelRef("block"))
	g.VZEROUPPER()
	g.RET()
}
