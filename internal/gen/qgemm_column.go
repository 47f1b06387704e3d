package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qgemmColumn emits the quantized GEMM for one pixel or four that are left over: 7x7
// planes have 49. A register has eight output channels in place of pixels.
type qgemmColumn struct {
	*build.Context
	columnTables
	name   string
	pixels int // 1 or 4
	chains int // of sums for each register, so that there are enough in flight
	dot    func(w operand.Op, x, product, acc reg.VecVirtual)

	panel, a, stride, steps, row, left reg.GPVirtual
	out                                operand.Mem // what eight channels' bytes go through
}

// columnTables are constants beside the code of a file.
type columnTables struct {
	keep  operand.Mem // a mask's: from 4*n bytes before its middle on, it keeps n lanes
	byRow operand.Mem // the order of bytes, four pixels of each channel, where packing leaves four channels of each pixel
}

func newColumnTables(ctx *build.Context) columnTables {
	return columnTables{
		keep:  dwords(ctx, "keep", ones, ones, ones, ones, ones, ones, ones, ones, 0, 0, 0, 0, 0, 0, 0, 0),
		byRow: dwords(ctx, "byrow", 0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703, 0x0c080400, 0x0d090501, 0x0e0a0602, 0x0f0b0703),
	}
}

func (g *qgemmColumn) emit() {
	begin(g.Context, g.name, "func(panel, a, mem *byte, c, bias *int32, mult *float32, m, steps, coff int, q *uint32)")
	g.Doc(
		fmt.Sprintf("%s computes m output channels of the first %d pixels of a strip of 16: see QGEMM16. There is no residual,", g.name, g.pixels),
		"and the output is in mem. m and steps are at least 1.",
	)
	g.panel, g.a, g.stride, g.steps, g.row, g.left = g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.out = g.AllocLocal(32)
	g.Load(g.Param("panel"), g.panel)
	g.Load(g.Param("steps"), g.steps)
	g.XORQ(g.row, g.row)
	g.Load(g.Param("a"), g.a)
	g.Load(g.Param("m"), g.left)
	const most = qgemmRows / 8
	for vecs := most; vecs > 0; vecs-- {
		next := fmt.Sprintf("below%d", vecs)
		g.Label(fmt.Sprintf("rows%d", vecs))
		g.CMPQ(g.left, operand.Imm(uint64(8*(vecs-1))))
		g.JLE(operand.LabelRef(next))
		g.MOVQ(operand.U32(uint32(32*vecs)), g.stride)
		g.tile(vecs)
		g.IMULQ(g.steps, g.stride)
		g.ADDQ(g.stride, g.a)
		if vecs == most {
			g.JMP(operand.LabelRef(fmt.Sprintf("rows%d", vecs)))
		} else {
			g.JMP(operand.LabelRef("end"))
		}
		g.Label(next)
	}
	g.Label("end")
	g.VZEROUPPER()
	g.RET()
}

// tile computes so many registers of output channels.
func (g *qgemmColumn) tile(vecs int) {
	acc := make([][]reg.VecVirtual, g.chains*vecs) // by chain and register, by pixel
	for i := range acc {
		for range g.pixels {
			v := g.YMM()
			g.VPXOR(v, v, v)
			acc[i] = append(acc[i], v)
		}
	}
	a, b, n := g.GP64(), g.GP64(), g.GP64()
	g.MOVQ(g.a, a)
	g.MOVQ(g.panel, b)
	g.MOVQ(g.steps, n)
	product, w := g.YMM(), g.YMM()
	x := make([]reg.VecVirtual, g.pixels)
	for p := range x {
		x[p] = g.YMM()
	}
	step := func(chain int) {
		for p := range x {
			g.VPBROADCASTD(operand.Mem{Base: b, Disp: 64*chain + 4*p}, x[p])
		}
		for v := range vecs {
			var from operand.Op = operand.Mem{Base: a, Disp: 32 * v}
			if g.pixels > 1 {
				g.VMOVDQU(from, w)
				from = w
			}
			for p := range x {
				g.dot(from, x[p], product, acc[chain*vecs+v][p])
			}
		}
		g.ADDQ(g.stride, a)
	}
	id := fmt.Sprint(vecs)
	g.SUBQ(operand.Imm(uint64(g.chains)), n)
	g.JLT(operand.LabelRef("last" + id))
	align(g.Context, 32)
	g.Label("loop" + id)
	for chain := range g.chains {
		step(chain)
	}
	g.ADDQ(operand.U32(uint32(64*g.chains)), b)
	g.SUBQ(operand.Imm(uint64(g.chains)), n)
	g.JGE(operand.LabelRef("loop" + id))
	g.Label("last" + id)
	if g.chains > 1 { // of two
		g.ADDQ(operand.Imm(uint64(g.chains)), n)
		g.JEQ(operand.LabelRef("summed" + id))
		step(0)
		g.Label("summed" + id)
		for i := range vecs {
			for p := range x {
				g.VPADDD(acc[vecs+i][p], acc[i][p], acc[i][p])
			}
		}
	}
	for v := range vecs {
		g.finish(fmt.Sprintf("%s_%d", id, v), acc[v])
	}
}

// finish makes outputs of the sums of eight channels, or as many as are left.
func (g *qgemmColumn) finish(id string, x []reg.VecVirtual) {
	count, eight := g.GP64(), g.GP64()
	g.MOVQ(g.left, count)
	g.MOVQ(operand.U32(8), eight)
	g.CMPQ(count, eight)
	g.CMOVQGT(eight, count)
	masks, back := g.GP64(), g.GP64()
	g.LEAQ(g.keep, masks)
	g.MOVQ(count, back)
	g.SHLQ(operand.Imm(2), back)
	g.SUBQ(back, masks)
	mask, bias, mult := g.YMM(), g.YMM(), g.YMM()
	g.VMOVDQU(operand.Mem{Base: masks, Disp: 32}, mask)
	from := g.GP64()
	g.Load(g.Param("bias"), from)
	g.VPMASKMOVD(operand.Mem{Base: from, Index: g.row, Scale: 4}, mask, bias)
	g.Load(g.Param("mult"), from)
	g.VMASKMOVPS(operand.Mem{Base: from, Index: g.row, Scale: 4}, mask, mult)
	for _, v := range x {
		g.VPADDD(bias, v, v)
		g.VCVTDQ2PS(v, v)
		g.VMULPS(mult, v, v)
		g.VCVTPS2DQ(v, v)
	}
	q, zero, bound := g.GP64(), g.YMM(), g.YMM()
	g.Load(g.Param("q"), q)
	g.VPBROADCASTD(operand.Mem{Base: q}, zero)
	for i := 0; i < len(x); i += 2 {
		g.VPACKSSDW(x[min(i+1, len(x)-1)], x[i], x[i])
		g.VPADDSW(zero, x[i], x[i])
	}
	g.VPACKUSWB(x[len(x)/2], x[0], x[0])
	g.VPBROADCASTD(operand.Mem{Base: q, Disp: 4}, bound)
	g.VPMAXUB(bound, x[0], x[0])
	g.VPBROADCASTD(operand.Mem{Base: q, Disp: 8}, bound)
	g.VPMINUB(bound, x[0], x[0])
	g.VPSHUFB(g.byRow, x[0], x[0])
	g.VMOVDQU(x[0], g.out)
	g.scatter(id, count)
}

// scatter stores the pixels of count channels, and goes on to the next ones.
func (g *qgemmColumn) scatter(id string, count reg.GPVirtual) {
	c, mem, off, i, t := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP32()
	g.Load(g.Param("c"), c)
	g.LEAQ(operand.Mem{Base: c, Index: g.row, Scale: 4}, c)
	g.Load(g.Param("mem"), mem)
	g.Load(g.Param("coff"), off)
	g.ADDQ(off, mem)
	from := g.GP64()
	g.LEAQ(g.out, from)
	g.XORQ(i, i)
	g.Label("scatter" + id)
	g.CMPQ(i, count)
	g.JGE(operand.LabelRef("scattered" + id))
	g.MOVLQSX(operand.Mem{Base: c, Index: i, Scale: 4}, off)
	g.MOVL(operand.Mem{Base: from, Index: i, Scale: 4}, t)
	to := operand.Mem{Base: mem, Index: off, Scale: 1}
	if g.pixels == 1 {
		g.MOVB(t.As8(), to)
	} else {
		g.MOVL(t, to)
	}
	g.INCQ(i)
	g.JMP(operand.LabelRef("scatter" + id))
	g.Label("scattered" + id)
	g.ADDQ(count, g.row)
	g.SUBQ(count, g.left)
}
