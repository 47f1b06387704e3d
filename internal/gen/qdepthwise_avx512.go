package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qdepthwiseAVX512 is the unit of the quantized depthwise convolution with square windows
// of 3, 5 and 7 for AVX-512 with VNNI.
func qdepthwiseAVX512() *build.Context {
	ctx := newContext()
	order := transposed(ctx)
	var even, odd []uint32
	for i := range uint32(16) {
		even, odd = append(even, 2*i), append(odd, 2*i+1)
	}
	evens, odds := dwords(ctx, "evens", even...), dwords(ctx, "odds", odd...)
	for _, s := range []struct {
		k, stride int
		vecs      []int
	}{{3, 1, []int{1, 2}}, {3, 2, []int{2, 4}}, {5, 1, []int{1, 2}}, {5, 2, []int{2, 4}}, {7, 1, []int{1, 2, 4}}, {7, 2, []int{2, 4}}} {
		for _, vecs := range s.vecs {
			g := &qdepthwise{Context: ctx, k: s.k, stride: s.stride, vecs: vecs, order: order, parity: [2]operand.Mem{evens, odds}}
			g.emit()
		}
	}
	return ctx
}

// qdepthwise emits a kernel for a strip of as many columns as vecs vectors of 16 pixels
// hold. Rows of the plane are interleaved in registers, four at a time, and four taps of a
// column of the window are multiplied at once. The same four rows serve more than one row
// of outputs: the next one's weights are the ones before, as many bytes further up as the
// stride.
type qdepthwise struct {
	*build.Context
	k, stride, vecs int
	order           operand.Mem
	parity          [2]operand.Mem

	from, to, wid, left, in, h, weights reg.GPVirtual
	columns                             reg.OpmaskVirtual
	outputs                             []reg.OpmaskVirtual // by row
	fill, bias, factor                  reg.VecVirtual
	read                                [4]reg.VecVirtual // what rows are read to: as avo sees it, a blend reads it too
	q                                   requant
	w                                   [2][3]reg.VecVirtual // of the two rows, with 3x3
	pick                                [2]reg.VecVirtual    // even and odd pixels, with stride 2
}

// groups is how many times four rows of the plane are interleaved.
func (g *qdepthwise) groups() int { return (g.k + 3) / 4 }

// rows is how many rows of outputs are computed together: all for which those rows have
// what their windows cover.
func (g *qdepthwise) rows() int { return (4*g.groups()-g.k)/g.stride + 1 }

// reads is how many rows of the plane they read.
func (g *qdepthwise) reads() int { return (g.rows()-1)*g.stride + g.k }

// wide is how many bytes of weights a plane has: see package kernel's vnniWindow.
func (g *qdepthwise) wide() int {
	if g.k == 3 {
		return 4 * g.k // those of the second row are made from the first one's
	}
	return 4 * g.k * g.rows() * g.groups()
}

func (g *qdepthwise) arg(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

func (g *qdepthwise) emit() {
	name := fmt.Sprintf("QDepthwise%dx%dS%dx%d", g.k, g.k, g.stride, 16*g.vecs)
	begin(g.Context, name, "func(mem *byte, src, dst *int32, w *byte, bias *int32, mult *float32, zeros *byte, c, h, wid, oh, ow, top, xin, xout int, columns, outputs uint64, q *uint32)")
	g.Doc(
		fmt.Sprintf("%s convolves a strip of c planes with %dx%d windows, stride %d. A plane has h rows of wid pixels, and top rows of padding", name, g.k, g.k, g.stride),
		fmt.Sprintf("above. The strip reads %d columns from column xin on, of which columns has a bit for each inside the plane, and writes", 16*g.vecs),
		fmt.Sprintf("from column xout on those that outputs has a bit for, of oh rows of ow. w has %d bytes for each plane: see package", g.wide()),
		"kernel's vnniWindow. q is as QGEMM16's.",
	)
	g.q = newRequant(vectors{g.Context, 16}, g.order)
	if g.stride == 2 {
		for i := range g.pick {
			g.pick[i] = g.ZMM()
			g.VMOVDQU32(g.parity[i], g.pick[i])
		}
	}
	for i := range g.read {
		g.read[i] = g.ZMM()
	}
	g.columns = g.K()
	outputs := g.K()
	g.KMOVQ(param(g.Context, "columns"), g.columns)
	g.KMOVQ(param(g.Context, "outputs"), outputs)
	g.wid, g.h, g.weights = g.arg("wid"), g.arg("h"), g.arg("w")
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
	g.outputs = make([]reg.OpmaskVirtual, g.rows())
	for r := range g.outputs {
		g.outputs[r] = outputs
	}
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
	g.ADDQ(constant(g.wide()), g.weights)
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
	zeros, bias, mult := g.arg("zeros"), g.arg("bias"), g.arg("mult")
	g.VPBROADCASTB(operand.Mem{Base: zeros, Index: plane, Scale: 1}, g.fill)
	g.VPBROADCASTD(operand.Mem{Base: bias, Index: plane, Scale: 4}, g.bias)
	g.VBROADCASTSS(operand.Mem{Base: mult, Index: plane, Scale: 4}, g.factor)
	if g.k > 3 {
		return
	}
	for j := range 3 {
		g.w[0][j] = g.ZMM()
		g.VPBROADCASTD(operand.Mem{Base: g.weights, Disp: 4 * j}, g.w[0][j])
		if g.rows() == 2 {
			g.w[1][j] = g.ZMM()
			g.VPSLLD(operand.Imm(8), g.w[0][j], g.w[1][j])
		}
	}
}

// outputsOf computes rows of outputs. At an edge some rows may be outside the plane, and
// all rows of outputs but the first may be none.
func (g *qdepthwise) outputsOf(edge bool) {
	columns := g.interleave(edge)
	acc := make([][]reg.VecVirtual, g.rows())
	for r := range acc {
		for range g.vecs / g.stride {
			a := g.ZMM()
			g.VMOVDQA32(g.bias, a)
			acc[r] = append(acc[r], a)
		}
	}
	for j := range g.k {
		for group, column := range columns {
			for v := range acc[0] {
				x := column(j, v)
				for r := range acc {
					if g.k == 3 {
						g.VPDPBUSD(g.w[r][j], x, acc[r][v])
					} else {
						g.VPDPBUSD_BCST(operand.Mem{Base: g.weights, Disp: 4 * ((r*g.groups()+group)*g.k + j)}, x, acc[r][v])
					}
				}
			}
		}
	}
	for r := range acc {
		for _, a := range acc[r] {
			g.VCVTDQ2PS(a, a)
			g.VMULPS(g.factor, a, a)
			g.VCVTPS2DQ(a, a)
		}
	}
	if edge {
		g.last()
	}
	g.store(slices.Concat(acc...))
}

// last makes masks of the rows of outputs, of which all but the first may be none.
func (g *qdepthwise) last() {
	for r := 1; r < g.rows(); r++ {
		outputs, none := g.arg("outputs"), g.GP64()
		g.XORQ(none, none)
		g.CMPQ(g.left, operand.Imm(uint64(r)))
		g.CMOVQLE(none, outputs)
		g.outputs[r] = g.K()
		g.KMOVQ(outputs, g.outputs[r])
	}
}

// interleave reads rows and interleaves them. What it returns gives, for each four of them,
// vector v of the pixels that column j of the window has.
func (g *qdepthwise) interleave(edge bool) (columns []func(j, v int) reg.VecVirtual) {
	for group := range g.groups() {
		rows := g.read
		for i := range rows {
			u := 4*group + i
			if u >= g.reads() {
				rows[i] = rows[i-1] // whose weights are 0
				continue
			}
			mask := g.columns
			if edge {
				mask = g.inside(u)
			}
			g.VPBLENDMB(g.line(g.from, g.wid, u), g.fill, mask, rows[i])
			g.VPERMD(rows[i], g.q.order, rows[i])
		}
		var mixed []reg.VecVirtual
		quads(vectors{g.Context, 16}, rows, g.vecs, func(_ int, y reg.VecVirtual) { mixed = append(mixed, y) })
		columns = append(columns, g.columnsOf(mixed))
	}
	return columns
}

// columnsOf gives vector v of the interleaved pixels that column j of the window has.
func (g *qdepthwise) columnsOf(mixed []reg.VecVirtual) func(j, v int) reg.VecVirtual {
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

// line is the place of row u of rows that are wid bytes apart.
func (g *qdepthwise) line(from, wid reg.GPVirtual, u int) operand.Mem {
	at := operand.Mem{Base: from, Index: wid, Scale: 1}
	step := func(scale uint8) {
		next := g.GP64()
		g.LEAQ(operand.Mem{Base: at.Base, Index: wid, Scale: scale}, next)
		at.Base = next
	}
	if u > 4 && u&2 > 0 {
		step(2)
	}
	if u > 2 && u&1 > 0 {
		step(1)
	}
	switch {
	case u == 0:
		return operand.Mem{Base: from}
	case u >= 4:
		at.Scale = 4
	case u >= 2:
		at.Scale = 2
	}
	return at
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

// store packs dwords to bytes, as qgemm.storeBytes does, of as many registers as will fill
// one at a time, and stores rows of outputs.
func (g *qdepthwise) store(x []reg.VecVirtual) {
	to, ow := g.to, g.arg("ow")
	n := len(x) / g.rows() // registers of a row
	for i := 0; i < len(x); i += 4 {
		packed := x[i]
		switch part := x[i:min(i+4, len(x))]; len(part) {
		case 1:
			g.q.words(packed, packed)
			g.q.bytes(packed, packed)
		case 2:
			g.q.words(part[1], packed)
			g.q.bytes(packed, packed)
		case 4:
			g.q.four(part)
		}
		for k := 0; k < min(4, len(x)-i); k += n {
			r := (i + k) / n
			g.storeRow(packed, k, n, g.outputs[r], g.line(to, ow, r))
		}
	}
}

// storeRow stores n times 16 bytes from part k of 16 bytes on.
func (g *qdepthwise) storeRow(x reg.VecVirtual, k, n int, outputs reg.OpmaskVirtual, to operand.Mem) {
	switch {
	case n == 4:
		g.VMOVDQU8(x, outputs, to)
	case n == 2 && k == 0:
		g.VMOVDQU8(x.AsY(), outputs, to)
	case n == 2:
		y := g.YMM()
		g.VEXTRACTI64X4(operand.Imm(1), x, y)
		g.VMOVDQU8(y, outputs, to)
	case k == 0:
		g.VMOVDQU8(x.AsX(), outputs, to)
	default:
		y := g.XMM()
		g.VEXTRACTI32X4(operand.Imm(uint64(k)), x, y)
		g.VMOVDQU8(y, outputs, to)
	}
}
