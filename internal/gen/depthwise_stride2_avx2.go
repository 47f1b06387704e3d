package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strip2 is 5x5, stride 2. Rows come in pairs, and an odd last row comes alone.
// Three output rows are under way at a time: the first ends here, the second is in
// its middle, the third begins. The first is not stored while it is above the plane.
func (g *depthwise) strip2() {
	loop, odd, even, done := g.label("pairs"), g.label("odd"), g.label("even"), g.label("done")
	g.bias(0)
	g.bias(1)
	g.asm.Load(g.asm.Param("h"), g.n)
	g.asm.SHRQ(operand.Imm(1), g.n)
	g.asm.JZ(operand.LabelRef(odd))
	g.asm.Label(loop)
	g.bias(2)
	g.inputRow(feed{0, 4}, feed{1, 2}, feed{2, 0})
	g.storeBelow(0)
	g.inputRow(feed{1, 3}, feed{2, 1})
	g.shift()
	g.asm.DECQ(g.n)
	g.asm.JNZ(operand.LabelRef(loop))
	g.asm.Label(odd)
	g.asm.TESTQ(operand.U32(1), g.param("h"))
	g.asm.JZ(operand.LabelRef(even))
	g.inputRow(feed{0, 4}, feed{1, 2})
	g.storeBelow(0)
	g.store(g.acc[1], true)
	g.asm.JMP(operand.LabelRef(done))
	g.asm.Label(even)
	g.store(g.acc[0], true)
	g.asm.Label(done)
}

// storeBelow stores an accumulator unless its row is above the plane, which it
// is while the pair counter still has its first value.
func (g *depthwise) storeBelow(acc int) {
	above := g.label("above")
	pairs := g.asm.GP64()
	g.asm.Load(g.asm.Param("h"), pairs)
	g.asm.SHRQ(operand.Imm(1), pairs)
	g.asm.CMPQ(g.n, pairs)
	g.asm.JEQ(operand.LabelRef(above))
	g.store(g.acc[acc], true)
	g.asm.Label(above)
}

// strip3by2 is 3x3, stride 2. The left column of an output is the right column of
// the output before it. So the left taps are multiplied with the right columns, in
// a sum of their own, and that sum is moved by one output at the end. This costs one
// permutation, where loading the left columns would cost two loads and a shuffle
// for each row. The lane that becomes free is set to 0. At the plane's left edge
// that is its value; anywhere else the walk to the left writes that output again.
func (g *depthwise) strip3by2() {
	acc, odd := g.vec(), g.vec() // bias, middle and right taps; left taps
	columns := func() (even, odd reg.VecVirtual) {
		even, odd = g.vec(), g.vec()
		if g.wide != nil {
			g.widePair(0, even, nil, odd, g.wide.keep[0])
		} else {
			g.pair(0, even, odd)
			g.asm.VANDPS(operand.Mem{Base: g.mask}, odd, odd)
		}
		g.next()
		return even, odd
	}
	bias := operand.Mem{Base: g.w, Disp: 36}
	finish := func() {
		g.moveLater(odd)
		g.order(acc)
		g.asm.VADDPS(odd, acc, acc)
		g.storeOrdered(acc, true)
	}
	loop, lone, done := g.label("pairs"), g.label("lone"), g.label("done")
	g.asm.VBROADCASTSS(bias, acc)
	g.asm.VXORPS(odd, odd, odd)
	g.asm.Load(g.asm.Param("h"), g.n)
	g.asm.SHRQ(operand.Imm(1), g.n)
	g.asm.JZ(operand.LabelRef(lone))
	g.asm.Label(loop)
	{
		e, o := columns()
		g.multiplyAdd(4, e, acc)
		g.multiplyAdd(3, o, odd)
		g.multiplyAdd(5, o, acc)
		e, o = columns()
		g.multiplyAdd(7, e, acc)
		g.multiplyAdd(6, o, odd)
		g.multiplyAdd(8, o, acc)
		finish()
		g.asm.VBROADCASTSS(bias, acc)
		g.multiplyAdd(1, e, acc)
		g.asm.VMULPS(g.half(g.tap[0].(reg.VecVirtual)), o, odd)
		g.multiplyAdd(2, o, acc)
	}
	g.asm.DECQ(g.n)
	g.asm.JNZ(operand.LabelRef(loop))
	g.asm.Label(lone)
	g.asm.TESTQ(operand.U32(1), g.param("h"))
	g.asm.JZ(operand.LabelRef(done))
	e, o := columns()
	g.multiplyAdd(4, e, acc)
	g.multiplyAdd(3, o, odd)
	g.multiplyAdd(5, o, acc)
	finish()
	g.asm.Label(done)
}

// moveLater puts the columns of a pair in ascending order and one output further, and 0
// in the first.
func (g *depthwise) moveLater(v reg.VecVirtual) {
	if g.wide != nil {
		g.asm.VPERMPS_Z(v, g.wideLater(), g.wide.notFirst, v)
		return
	}
	g.asm.VPERMPS(v, g.later, v)
	g.asm.VANDPS(g.notFirst, v, v)
}
