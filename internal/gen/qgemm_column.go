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
	asm *build.Context
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
	begin(g.asm, g.name, "func(panel, a, mem *byte, c, bias *int32, mult *float32, m, steps, coff int, q *uint32)")
	g.asm.Doc(
		fmt.Sprintf("%s computes m output channels of the first %d pixels of a strip of 16: see QGEMM16. There is no residual,", g.name, g.pixels),
		"and the output is in mem. m and steps are at least 1.",
	)
	g.panel, g.a, g.stride, g.steps, g.row, g.left = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.out = g.asm.AllocLocal(32)
	g.asm.Load(g.asm.Param("panel"), g.panel)
	g.asm.Load(g.asm.Param("steps"), g.steps)
	g.asm.XORQ(g.row, g.row)
	g.asm.Load(g.asm.Param("a"), g.a)
	g.asm.Load(g.asm.Param("m"), g.left)
	const most = qgemmRows / 8
	for vecs := most; vecs > 0; vecs-- {
		next := fmt.Sprintf("below%d", vecs)
		g.asm.Label(fmt.Sprintf("rows%d", vecs))
		g.asm.CMPQ(g.left, operand.Imm(uint64(8*(vecs-1))))
		g.asm.JLE(operand.LabelRef(next))
		g.asm.MOVQ(operand.U32(uint32(32*vecs)), g.stride)
		g.tile(vecs)
		g.asm.IMULQ(g.steps, g.stride)
		g.asm.ADDQ(g.stride, g.a)
		if vecs == most {
			g.asm.JMP(operand.LabelRef(fmt.Sprintf("rows%d", vecs)))
		} else {
			g.asm.JMP(operand.LabelRef("end"))
		}
		g.asm.Label(next)
	}
	g.asm.Label("end")
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// tile computes so many registers of output channels.
func (g *qgemmColumn) tile(vecs int) {
	acc := make([][]reg.VecVirtual, g.chains*vecs) // by chain and register, by pixel
	for i := range acc {
		for range g.pixels {
			v := g.asm.YMM()
			g.asm.VPXOR(v, v, v)
			acc[i] = append(acc[i], v)
		}
	}
	a, b, n := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.MOVQ(g.a, a)
	g.asm.MOVQ(g.panel, b)
	g.asm.MOVQ(g.steps, n)
	product, w := g.asm.YMM(), g.asm.YMM()
	x := make([]reg.VecVirtual, g.pixels)
	for p := range x {
		x[p] = g.asm.YMM()
	}
	step := func(chain int) {
		for p := range x {
			g.asm.VPBROADCASTD(operand.Mem{Base: b, Disp: 64*chain + 4*p}, x[p])
		}
		for v := range vecs {
			var from operand.Op = operand.Mem{Base: a, Disp: 32 * v}
			if g.pixels > 1 {
				g.asm.VMOVDQU(from, w)
				from = w
			}
			for p := range x {
				g.dot(from, x[p], product, acc[chain*vecs+v][p])
			}
		}
		g.asm.ADDQ(g.stride, a)
	}
	id := fmt.Sprint(vecs)
	g.asm.SUBQ(operand.Imm(uint64(g.chains)), n)
	g.asm.JLT(operand.LabelRef("last" + id))
	align(g.asm, 32)
	g.asm.Label("loop" + id)
	for chain := range g.chains {
		step(chain)
	}
	g.asm.ADDQ(operand.U32(uint32(64*g.chains)), b)
	g.asm.SUBQ(operand.Imm(uint64(g.chains)), n)
	g.asm.JGE(operand.LabelRef("loop" + id))
	g.asm.Label("last" + id)
	if g.chains > 1 { // of two
		g.asm.ADDQ(operand.Imm(uint64(g.chains)), n)
		g.asm.JEQ(operand.LabelRef("summed" + id))
		step(0)
		g.asm.Label("summed" + id)
		for i := range vecs {
			for p := range x {
				g.asm.VPADDD(acc[vecs+i][p], acc[i][p], acc[i][p])
			}
		}
	}
	for v := range vecs {
		g.finish(fmt.Sprintf("%s_%d", id, v), acc[v])
	}
}

// finish makes outputs of the sums of eight channels, or as many as are left.
func (g *qgemmColumn) finish(id string, x []reg.VecVirtual) {
	count, eight := g.asm.GP64(), g.asm.GP64()
	g.asm.MOVQ(g.left, count)
	g.asm.MOVQ(operand.U32(8), eight)
	g.asm.CMPQ(count, eight)
	g.asm.CMOVQGT(eight, count)
	masks, back := g.asm.GP64(), g.asm.GP64()
	g.asm.LEAQ(g.keep, masks)
	g.asm.MOVQ(count, back)
	g.asm.SHLQ(operand.Imm(2), back)
	g.asm.SUBQ(back, masks)
	mask, bias, mult := g.asm.YMM(), g.asm.YMM(), g.asm.YMM()
	g.asm.VMOVDQU(operand.Mem{Base: masks, Disp: 32}, mask)
	from := g.asm.GP64()
	g.asm.Load(g.asm.Param("bias"), from)
	g.asm.VPMASKMOVD(operand.Mem{Base: from, Index: g.row, Scale: 4}, mask, bias)
	g.asm.Load(g.asm.Param("mult"), from)
	g.asm.VMASKMOVPS(operand.Mem{Base: from, Index: g.row, Scale: 4}, mask, mult)
	for _, v := range x {
		g.asm.VPADDD(bias, v, v)
		g.asm.VCVTDQ2PS(v, v)
		g.asm.VMULPS(mult, v, v)
		g.asm.VCVTPS2DQ(v, v)
	}
	q, zero, bound := g.asm.GP64(), g.asm.YMM(), g.asm.YMM()
	g.asm.Load(g.asm.Param("q"), q)
	g.asm.VPBROADCASTD(operand.Mem{Base: q}, zero)
	for i := 0; i < len(x); i += 2 {
		g.asm.VPACKSSDW(x[min(i+1, len(x)-1)], x[i], x[i])
		g.asm.VPADDSW(zero, x[i], x[i])
	}
	g.asm.VPACKUSWB(x[len(x)/2], x[0], x[0])
	g.asm.VPBROADCASTD(operand.Mem{Base: q, Disp: 4}, bound)
	g.asm.VPMAXUB(bound, x[0], x[0])
	g.asm.VPBROADCASTD(operand.Mem{Base: q, Disp: 8}, bound)
	g.asm.VPMINUB(bound, x[0], x[0])
	g.asm.VPSHUFB(g.byRow, x[0], x[0])
	g.asm.VMOVDQU(x[0], g.out)
	g.scatter(id, count)
}

// scatter stores the pixels of count channels, and goes on to the next ones.
func (g *qgemmColumn) scatter(id string, count reg.GPVirtual) {
	c, mem, off, i, t := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP32()
	g.asm.Load(g.asm.Param("c"), c)
	g.asm.LEAQ(operand.Mem{Base: c, Index: g.row, Scale: 4}, c)
	g.asm.Load(g.asm.Param("mem"), mem)
	g.asm.Load(g.asm.Param("coff"), off)
	g.asm.ADDQ(off, mem)
	from := g.asm.GP64()
	g.asm.LEAQ(g.out, from)
	g.asm.XORQ(i, i)
	g.asm.Label("scatter" + id)
	g.asm.CMPQ(i, count)
	g.asm.JGE(operand.LabelRef("scattered" + id))
	g.asm.MOVLQSX(operand.Mem{Base: c, Index: i, Scale: 4}, off)
	g.asm.MOVL(operand.Mem{Base: from, Index: i, Scale: 4}, t)
	to := operand.Mem{Base: mem, Index: off, Scale: 1}
	if g.pixels == 1 {
		g.asm.MOVB(t.As8(), to)
	} else {
		g.asm.MOVL(t, to)
	}
	g.asm.INCQ(i)
	g.asm.JMP(operand.LabelRef("scatter" + id))
	g.asm.Label("scattered" + id)
	g.asm.ADDQ(count, g.row)
	g.asm.SUBQ(count, g.left)
}
