package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qdepthwiseAVX512 is the unit of the quantized depthwise convolution of 3x3 for AVX-512
// with VNNI.
func qdepthwiseAVX512() *build.Context {
	ctx := newContext()
	order := transposed(ctx)
	var even, odd []uint32
	for i := range uint32(16) {
		even, odd = append(even, 2*i), append(odd, 2*i+1)
	}
	evens, odds := dwords(ctx, "evens", even...), dwords(ctx, "odds", odd...)
	for _, s := range []struct{ stride, vecs int }{{1, 1}, {1, 2}, {2, 2}, {2, 4}} {
		g := &qdepthwise{Context: ctx, stride: s.stride, vecs: s.vecs, order: order, parity: [2]operand.Mem{evens, odds}}
		g.emit()
	}
	return ctx
}

// qdepthwise emits a kernel for a strip of as many columns as vecs vectors of 16 pixels
// hold. Rows of the plane are interleaved in registers, and a column of the window is
// multiplied at once. With stride 1, four rows make two rows of outputs: the second one's
// weights are the first one's, a byte further up.
type qdepthwise struct {
	*build.Context
	stride, vecs int
	order        operand.Mem
	parity       [2]operand.Mem

	from, to, wid, left, in, h reg.GPVirtual
	columns, outputs, second   reg.OpmaskVirtual
	fill, bias, factor         reg.VecVirtual
	q                          requant
	w                          [2][3]reg.VecVirtual // of the two rows
	pick                       [2]reg.VecVirtual    // even and odd pixels, with stride 2
}

// rows is how many rows of outputs are computed together.
func (g *qdepthwise) rows() int { return 3 - g.stride }

// reads is how many rows of the plane they read.
func (g *qdepthwise) reads() int { return 5 - g.stride }

func (g *qdepthwise) arg(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

func (g *qdepthwise) emit() {
	name := fmt.Sprintf("QDepthwise3x3S%dx%d", g.stride, 16*g.vecs)
	begin(g.Context, name, "func(mem *byte, src, dst *int32, w *byte, bias *int32, mult *float32, zeros *byte, c, h, wid, oh, ow, top, xin, xout int, columns, outputs uint64, q *uint32)")
	g.Doc(
		fmt.Sprintf("%s convolves a strip of c planes with 3x3 windows, stride %d. A plane has h rows of wid pixels, and top rows of padding", name, g.stride),
		fmt.Sprintf("above. The strip reads %d columns from column xin on, of which columns has a bit for each inside the plane, and writes", 16*g.vecs),
		"from column xout on those that outputs has a bit for, of oh rows of ow. w has 4 bytes for each column of a window. q is",
		"as QGEMM16's.",
	)
	g.q = newRequant(vectors{g.Context, 16}, g.order)
	if g.stride == 2 {
		for i := range g.pick {
			g.pick[i] = g.ZMM()
			g.VMOVDQU32(g.parity[i], g.pick[i])
		}
	}
	g.columns, g.outputs, g.second = g.K(), g.K(), g.K()
	g.KMOVQ(param(g.Context, "columns"), g.columns)
	g.KMOVQ(param(g.Context, "outputs"), g.outputs)
	g.wid, g.h = g.arg("wid"), g.arg("h")
	g.from, g.to, g.left, g.in = g.GP64(), g.GP64(), g.GP64(), g.GP64()
	plane := g.GP64()
	g.XORQ(plane, plane)

	g.Label("plane")
	g.begin(plane)
	g.Label("rows")
	// All rows are inside if the first one is, and the last one.
	last := g.GP64()
	g.TESTQ(g.in, g.in)
	g.JLT(operand.LabelRef("edge"))
	g.LEAQ(operand.Mem{Base: g.in, Disp: g.reads() - 1}, last)
	g.CMPQ(last, g.h)
	g.JGE(operand.LabelRef("edge"))
	g.CMPQ(g.left, operand.Imm(uint64(g.rows())))
	g.JLT(operand.LabelRef("edge"))
	g.outputsOf(false)
	g.Label("next")
	g.LEAQ(operand.Mem{Base: g.in, Disp: g.stride * g.rows()}, g.in)
	for range g.stride * g.rows() {
		g.ADDQ(g.wid, g.from)
	}
	ow := g.arg("ow")
	for range g.rows() {
		g.ADDQ(ow, g.to)
	}
	g.SUBQ(operand.Imm(uint64(g.rows())), g.left)
	g.JGT(operand.LabelRef("rows"))
	c := g.arg("c")
	g.INCQ(plane)
	g.CMPQ(plane, c)
	g.JLT(operand.LabelRef("plane"))
	g.VZEROUPPER()
	g.RET()

	g.Label("edge")
	g.outputsOf(true)
	g.JMP(operand.LabelRef("next"))
}

// begin fetches what belongs to a plane.
func (g *qdepthwise) begin(plane reg.GPVirtual) {
	t, mem, top := g.GP64(), g.arg("mem"), g.arg("top")
	src, dst := g.arg("src"), g.arg("dst")
	g.MOVLQSX(operand.Mem{Base: src, Index: plane, Scale: 4}, g.from)
	g.ADDQ(mem, g.from)
	g.Load(g.Param("xin"), t)
	g.ADDQ(t, g.from)
	g.MOVQ(top, t)
	g.IMULQ(g.wid, t)
	g.SUBQ(t, g.from)
	g.XORQ(g.in, g.in)
	g.SUBQ(top, g.in)
	g.MOVLQSX(operand.Mem{Base: dst, Index: plane, Scale: 4}, g.to)
	g.ADDQ(mem, g.to)
	g.Load(g.Param("xout"), t)
	g.ADDQ(t, g.to)
	g.Load(g.Param("oh"), g.left)

	g.fill, g.bias, g.factor = g.ZMM(), g.ZMM(), g.ZMM()
	zeros, bias, mult, w := g.arg("zeros"), g.arg("bias"), g.arg("mult"), g.arg("w")
	g.VPBROADCASTB(operand.Mem{Base: zeros, Index: plane, Scale: 1}, g.fill)
	g.VPBROADCASTD(operand.Mem{Base: bias, Index: plane, Scale: 4}, g.bias)
	g.VBROADCASTSS(operand.Mem{Base: mult, Index: plane, Scale: 4}, g.factor)
	g.LEAQ(operand.Mem{Base: plane, Index: plane, Scale: 2}, t)
	for j := range 3 {
		g.w[0][j] = g.ZMM()
		g.VPBROADCASTD(operand.Mem{Base: w, Index: t, Scale: 4, Disp: 4 * j}, g.w[0][j])
		if g.rows() == 2 {
			g.w[1][j] = g.ZMM()
			g.VPSLLD(operand.Imm(8), g.w[0][j], g.w[1][j])
		}
	}
}

// outputsOf computes rows of outputs. At an edge some rows may be outside the plane, and
// the second row of outputs there may be none.
func (g *qdepthwise) outputsOf(edge bool) {
	column := g.interleave(edge)
	var acc [2][]reg.VecVirtual
	for r := range g.rows() {
		for range g.vecs / g.stride {
			a := g.ZMM()
			g.VMOVDQA32(g.bias, a)
			acc[r] = append(acc[r], a)
		}
	}
	for j := range 3 {
		for v := range acc[0] {
			x := column(j, v)
			for r := range g.rows() {
				g.VPDPBUSD(g.w[r][j], x, acc[r][v])
			}
		}
	}
	for r := range g.rows() {
		for _, a := range acc[r] {
			g.VCVTDQ2PS(a, a)
			g.VMULPS(g.factor, a, a)
			g.VCVTPS2DQ(a, a)
		}
	}
	if edge && g.rows() == 2 {
		g.secondRow()
	}
	g.store(edge, acc)
}

// secondRow makes the mask of the second row of outputs.
func (g *qdepthwise) secondRow() {
	outputs, none := g.arg("outputs"), g.GP64()
	g.XORQ(none, none)
	g.CMPQ(g.left, operand.Imm(2))
	g.CMOVQLT(none, outputs)
	g.KMOVQ(outputs, g.second)
}

// interleave reads rows and interleaves them. What it returns gives vector v of the pixels
// that column j of the window has.
func (g *qdepthwise) interleave(edge bool) (column func(j, v int) reg.VecVirtual) {
	var rows [4]reg.VecVirtual
	at := operand.Mem{Base: g.from}
	second := g.GP64()
	for u := range g.reads() {
		switch u {
		case 1:
			at.Index, at.Scale = g.wid, 1
		case 2:
			at.Scale = 2
		case 3:
			g.LEAQ(operand.Mem{Base: g.from, Index: g.wid, Scale: 1}, second)
			at.Base = second
		}
		mask := g.columns
		if edge {
			mask = g.inside(u)
		}
		rows[u] = g.ZMM()
		g.VPBLENDMB(at, g.fill, mask, rows[u])
		g.VPERMD(rows[u], g.q.order, rows[u])
	}
	if g.reads() == 3 {
		rows[3] = rows[2] // whose weights are 0
	}
	var mixed []reg.VecVirtual
	quads(vectors{g.Context, 16}, rows, g.vecs, func(_ int, y reg.VecVirtual) { mixed = append(mixed, y) })
	if g.stride == 1 {
		return func(j, v int) reg.VecVirtual { return g.shifted(mixed, v, j) }
	}
	var x [2][]reg.VecVirtual
	for v := 0; v < g.vecs; v += 2 {
		even, odd := g.ZMM(), mixed[v]
		g.VMOVDQA32(mixed[v], even)
		g.VPERMT2D(mixed[v+1], g.pick[0], even)
		g.VPERMT2D(mixed[v+1], g.pick[1], odd)
		x[0], x[1] = append(x[0], even), append(x[1], odd)
	}
	return func(j, v int) reg.VecVirtual { return g.shifted(x[j%2], v, j/2) }
}

// shifted is vector v of x by so many pixels further. The last ones are none.
func (g *qdepthwise) shifted(x []reg.VecVirtual, v, by int) reg.VecVirtual {
	if by == 0 {
		return x[v]
	}
	s := g.ZMM()
	g.VALIGND(operand.Imm(uint64(by)), x[v], x[min(v+1, len(x)-1)], s)
	return s
}

// inside is the mask of row u of those that are read: none if it is outside the plane.
func (g *qdepthwise) inside(u int) reg.OpmaskVirtual {
	row, columns, none, mask := g.GP64(), g.arg("columns"), g.GP64(), g.K()
	g.XORQ(none, none)
	g.LEAQ(operand.Mem{Base: g.in, Disp: u}, row)
	g.CMPQ(row, g.h)
	g.CMOVQCC(none, columns) // compared without a sign
	g.KMOVQ(columns, mask)
	return mask
}

// store packs dwords to bytes, as qgemm.storeBytes does.
func (g *qdepthwise) store(edge bool, acc [2][]reg.VecVirtual) {
	second := g.outputs
	if edge {
		second = g.second
	}
	n := len(acc[0])
	x := acc[0]
	switch {
	case g.rows() == 1:
		g.q.words(x[n-1], x[0])
		g.q.bytes(x[0], x[0])
	case n == 1:
		g.q.words(acc[1][0], x[0])
		g.q.bytes(x[0], x[0])
	default:
		g.q.words(x[1], x[0])
		g.q.words(acc[1][1], acc[1][0])
		g.q.bytes(acc[1][0], x[0])
	}
	if n == 1 {
		g.VMOVDQU8(x[0].AsX(), g.outputs, g.row(0))
	} else {
		g.VMOVDQU8(x[0].AsY(), g.outputs, g.row(0))
	}
	if g.rows() == 1 {
		return
	}
	if n == 1 {
		y := g.XMM()
		g.VEXTRACTI32X4(operand.Imm(1), x[0], y)
		g.VMOVDQU8(y, second, g.row(1))
		return
	}
	y := g.YMM()
	g.VEXTRACTI64X4(operand.Imm(1), x[0], y)
	g.VMOVDQU8(y, second, g.row(1))
}

// row is where a row of outputs goes.
func (g *qdepthwise) row(r int) operand.Mem {
	if r == 0 {
		return operand.Mem{Base: g.to}
	}
	return operand.Mem{Base: g.to, Index: g.arg("ow"), Scale: 1}
}
