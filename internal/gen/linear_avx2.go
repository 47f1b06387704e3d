package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// linearAVX2 is the unit of the matrix-vector product, which is bound by the bytes
// of W. One row at a time is one stream of them, which the processor reads ahead of. On
// Zen 4 four at a time take one and a half to three times as long from memory, and as long
// from a cache. On a Granite Rapids server, whose memory is far, they take 0.87 of the time.
func linearAVX2() *build.Context {
	ctx := newContext()
	for _, fixed := range []bool{false, true} {
		linear(ctx, 1, fixed)
	}
	linear(ctx, 4, false)
	linearHalf(vectors{ctx, 8})
	return ctx
}

const linearSignature = "func(x, w, y *float32, in, n int, mask *int32)"

// linear emits the product of rows rows at a time. With fixed it is Dots: the order
// of summation that every instruction set keeps, with one set of eight partial sums
// and a rounding after each product.
func linear(g *build.Context, rows int, fixed bool) {
	name, order := fmt.Sprintf("Linear%d", rows), "Term i goes to partial sum (i/8 mod 2, i mod 8); the tail to the first eight."
	if fixed {
		name, order = fmt.Sprintf("Dots%d", rows), "Term i is rounded, then added to partial sum i mod 8."
	}
	begin(g, name, linearSignature)
	g.Doc(
		fmt.Sprintf("%s computes n blocks of %d outputs: y[o] = sum over i < in of w[o*in+i]*x[i].", name, rows),
		"mask has -1 for each of the in mod 8 inputs of the tail, then 0.", order,
	)
	x0, w, y, in, n := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("x"), x0)
	g.Load(g.Param("w"), w)
	g.Load(g.Param("y"), y)
	g.Load(g.Param("in"), in)
	g.Load(g.Param("n"), n)
	mp, mask := g.GP64(), g.YMM()
	g.Load(g.Param("mask"), mp)
	g.VMOVDQU(operand.Mem{Base: mp}, mask)
	ld := g.GP64() // bytes of a row
	g.MOVQ(in, ld)
	g.SHLQ(operand.Imm(2), ld)

	g.Label("block")
	acc := make([][2]reg.VecVirtual, rows)
	p := make([]reg.GPVirtual, rows)
	for r := range acc {
		p[r] = g.GP64()
		if r == 0 {
			g.MOVQ(w, p[0])
		} else {
			g.LEAQ(operand.Mem{Base: p[r-1], Index: ld, Scale: 1}, p[r])
		}
		for h := range 2 {
			acc[r][h] = g.YMM()
			g.VXORPS(acc[r][h], acc[r][h], acc[r][h])
		}
	}
	x, k := g.GP64(), g.GP64()
	g.MOVQ(x0, x)
	g.MOVQ(in, k)
	v := g.YMM()
	t := g.YMM()
	step := func(h int) {
		g.VMOVUPS(operand.Mem{Base: x, Disp: 32 * h}, v)
		for r := range acc {
			if fixed {
				g.VMULPS(operand.Mem{Base: p[r], Disp: 32 * h}, v, t)
				g.VADDPS(t, acc[r][0], acc[r][0])
			} else {
				g.VFMADD231PS(operand.Mem{Base: p[r], Disp: 32 * h}, v, acc[r][h])
			}
		}
	}
	advance := func(b uint64) {
		g.ADDQ(operand.Imm(b), x)
		for r := range p {
			g.ADDQ(operand.Imm(b), p[r])
		}
	}
	g.Label("loop")
	g.CMPQ(k, operand.Imm(16))
	g.JLT(operand.LabelRef("eight"))
	step(0)
	step(1)
	for r := range p { // the rows of the block after the next, a line at a time
		g.PREFETCHT0(operand.Mem{Base: p[r], Index: ld, Scale: uint8(2 * rows)})
	}
	advance(64)
	g.SUBQ(operand.Imm(16), k)
	g.JMP(operand.LabelRef("loop"))
	g.Label("eight")
	g.CMPQ(k, operand.Imm(8))
	g.JLT(operand.LabelRef("rest"))
	step(0)
	advance(32)
	g.SUBQ(operand.Imm(8), k)
	g.Label("rest")
	g.TESTQ(k, k)
	g.JEQ(operand.LabelRef("sum"))
	g.VMASKMOVPS(operand.Mem{Base: x}, mask, v)
	for r := range acc {
		g.VMASKMOVPS(operand.Mem{Base: p[r]}, mask, t)
		if fixed {
			g.VMULPS(t, v, t)
			g.VADDPS(t, acc[r][0], acc[r][0])
		} else {
			g.VFMADD231PS(t, v, acc[r][0])
		}
	}
	g.Label("sum")
	for r := range acc {
		sums := acc[r][:]
		if fixed {
			sums = sums[:1]
		}
		linearSum(g, sums, operand.Mem{Base: y, Disp: 4 * r})
	}
	g.ADDQ(operand.Imm(uint64(4*rows)), y)
	g.LEAQ(operand.Mem{Base: w, Index: ld, Scale: uint8(rows)}, w)
	g.DECQ(n)
	g.JNE(operand.LabelRef("block"))
	g.VZEROUPPER()
	g.RET()
}

// linearSum stores the sum of all lanes of one accumulator or two.
func linearSum(g *build.Context, acc []reg.VecVirtual, to operand.Mem) {
	s, hi := acc[0], g.XMM()
	if len(acc) > 1 {
		g.VADDPS(acc[1], s, s)
	}
	g.VEXTRACTF128(operand.Imm(1), s, hi)
	g.VADDPS(hi, s.AsX(), s.AsX())
	g.VPERMILPS(operand.Imm(0x0e), s.AsX(), hi)
	g.VADDPS(hi, s.AsX(), s.AsX())
	g.VPERMILPS(operand.Imm(0x01), s.AsX(), hi)
	g.VADDSS(hi, s.AsX(), s.AsX())
	g.VMOVSS(s.AsX(), to)
}
