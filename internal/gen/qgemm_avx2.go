package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qgemmAVX2 is the unit of the quantized GEMM for AVX2. It multiplies pairs of int16,
// whose products' sum an int32 holds: what multiplies bytes in AVX2 saturates at int16.
func qgemmAVX2() *build.Context {
	ctx := newContext()
	order := qgemmOrder(ctx)
	qgemmPairs(ctx)
	dot := func(w operand.Op, x, product, acc reg.VecVirtual) {
		ctx.VPMADDWD(w, x, product)
		ctx.VPADDD(product, acc, acc)
	}
	row := func(w reg.VecVirtual, x []reg.VecVirtual, product reg.VecVirtual, acc []reg.VecVirtual) {
		last := len(x) - 1
		if last > 0 {
			ctx.VPMADDWD(w, x[0], product)
		}
		ctx.VPMADDWD(w, x[last], w)
		if last > 0 {
			ctx.VPADDD(product, acc[0], acc[0])
		}
		ctx.VPADDD(w, acc[last], acc[last])
	}
	qgemm256{asm: ctx, depth: 2, order: order, madd: row}.all()
	(&qgemmColumn{asm: ctx, columnTables: newColumnTables(ctx), name: "QColumn1", pixels: 1, chains: 1, dot: dot}).emit()
	return ctx
}

// qgemmOrder is the order of dwords that packing two rows of 16 pixels leaves.
func qgemmOrder(ctx *build.Context) operand.Mem {
	return dwords(ctx, "packed", 0, 4, 1, 5, 2, 6, 3, 7)
}

// qgemmPairs emits the interleaving of two planes at a time.
func qgemmPairs(ctx *build.Context) {
	begin(ctx, "QPairs", "func(panel, mem *byte, b *int32, pairs, boff int)")
	ctx.Doc(
		"QPairs interleaves a strip of 16 pixels of 2*pairs planes of bytes, read through the table b, as int16:",
		"panel[32*i+2*p+j] = b[2*i+j][p]. pairs is at least 1.",
	)
	to, from, b, n, t := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("panel"), to)
	ctx.Load(ctx.Param("mem"), from)
	ctx.Load(ctx.Param("boff"), t)
	ctx.ADDQ(t, from)
	ctx.Load(ctx.Param("b"), b)
	ctx.Load(ctx.Param("pairs"), n)
	align(ctx, 32)
	ctx.Label("pair")
	x, y, lo, hi := ctx.XMM(), ctx.XMM(), ctx.XMM(), ctx.XMM()
	u := ctx.GP64()
	ctx.MOVLQSX(operand.Mem{Base: b}, t)
	ctx.MOVLQSX(operand.Mem{Base: b, Disp: 4}, u)
	ctx.VMOVDQU(operand.Mem{Base: from, Index: t, Scale: 1}, x)
	ctx.VMOVDQU(operand.Mem{Base: from, Index: u, Scale: 1}, y)
	ctx.VPUNPCKLBW(y, x, lo)
	ctx.VPUNPCKHBW(y, x, hi)
	for i, v := range []reg.VecVirtual{lo, hi} {
		wide := ctx.YMM()
		ctx.VPMOVZXBW(v, wide)
		ctx.VMOVDQU(wide, operand.Mem{Base: to, Disp: 32 * i})
	}
	ctx.ADDQ(operand.Imm(8), b)
	ctx.ADDQ(operand.Imm(64), to)
	ctx.DECQ(n)
	ctx.JNE(operand.LabelRef("pair"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// qgemm256 emits the kernels for registers of 256 bits, of which there are 16. They
// differ in the instruction: depth is how many steps it takes, 2 of int16 or 4 of bytes.
type qgemm256 struct {
	asm    *build.Context
	depth  int
	suffix string
	order  operand.Mem
	// madd adds the products of w and of each of x, of which there are one or two, to acc.
	// It may change w and product.
	madd func(w reg.VecVirtual, x []reg.VecVirtual, product reg.VecVirtual, acc []reg.VecVirtual)
}

func (k qgemm256) all() {
	for _, s := range []struct {
		vecs  int
		tiles []int
	}{{2, []int{6, 4, 2, 1}}, {1, []int{12, 8, 4, 2, 1}}} {
		(&qgemmStrip{qgemm256: k, vecs: s.vecs, tiles: s.tiles}).emit()
	}
}

// qgemmStrip emits all output channels of one strip of vecs vectors of 8 pixels. The
// panel has 16 pixels in any case.
type qgemmStrip struct {
	qgemm256
	vecs  int
	tiles []int

	panel, a, stride, steps, row reg.GPVirtual // as qgemm's; steps of depth
}

const qgemm256Signature = "func(panel, a, mem *byte, c, bias *int32, mult *float32, r *int32, rzero *byte, rmult, floats *float32, m, steps, coff, roff int, tail *int32, q *uint32)"

func (g *qgemmStrip) emit() {
	name := fmt.Sprintf("QGEMM%d%s", 8*g.vecs, g.suffix)
	begin(g.asm, name, qgemm256Signature)
	g.asm.Doc(
		fmt.Sprintf("%s computes m output channels of a strip of %d pixels, interleaved in a panel %d planes at a time, with", name, 8*g.vecs, g.depth),
		fmt.Sprintf("weights packed in blocks of %d rows: see package kernel's QGEMM. coff and roff are in bytes. r nil: no residual;", qgemmRows),
		"floats nil: the output is in mem, and all pixels of the strip are written. Of floats those are whose int32 of",
		"tail is -1. q has the zero point twice as a word, and each of the bounds four times as a byte. m and steps are",
		"at least 1.",
	)
	g.panel, g.a, g.stride, g.steps, g.row = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("panel"), g.panel)
	g.asm.Load(g.asm.Param("steps"), g.steps)
	rowBlocks(g.asm, g.a, g.stride, g.steps, g.row, g.tiles, g.tile)
}

// rowBlocks emits the loop over blocks of packed rows and, in each, tiles of rows.
func rowBlocks(ctx *build.Context, a, stride, steps, row reg.GPVirtual, tiles []int, tile func(rows int)) {
	block, left, in, most := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.XORQ(row, row)
	ctx.Load(ctx.Param("a"), block)
	ctx.Load(ctx.Param("m"), left)
	ctx.Label("block")
	ctx.MOVQ(left, in)
	ctx.MOVQ(operand.U32(qgemmRows), most)
	ctx.CMPQ(in, most)
	ctx.CMOVQGT(most, in)
	ctx.LEAQ(operand.Mem{Base: in, Disp: 7}, stride)
	ctx.ANDQ(operand.I32(-8), stride)
	ctx.SHLQ(operand.Imm(2), stride)
	ctx.SUBQ(in, left)
	ctx.MOVQ(block, a)
	for _, rows := range tiles {
		begin, end := fmt.Sprintf("rows%d", rows), fmt.Sprintf("end%d", rows)
		ctx.Label(begin)
		ctx.CMPQ(in, operand.Imm(uint64(rows)))
		ctx.JLT(operand.LabelRef(end))
		tile(rows)
		ctx.ADDQ(operand.Imm(uint64(4*rows)), a)
		ctx.ADDQ(operand.Imm(uint64(rows)), row)
		ctx.SUBQ(operand.Imm(uint64(rows)), in)
		ctx.JMP(operand.LabelRef(begin))
		ctx.Label(end)
	}
	ctx.IMULQ(steps, stride)
	ctx.ADDQ(stride, block)
	ctx.CMPQ(left, operand.Imm(0))
	ctx.JGT(operand.LabelRef("block"))
	ctx.VZEROUPPER()
	ctx.RET()
}

func (g *qgemmStrip) at(base reg.GPVirtual, size, i int) operand.Mem {
	return operand.Mem{Base: base, Index: g.row, Scale: uint8(size), Disp: size * i}
}

// tile computes so many output channels.
func (g *qgemmStrip) tile(rows int) {
	acc := make([][]reg.VecVirtual, rows)
	bias := g.asm.GP64()
	g.asm.Load(g.asm.Param("bias"), bias)
	for i := range acc {
		for v := range g.vecs {
			acc[i] = append(acc[i], g.asm.YMM())
			if v == 0 {
				g.asm.VPBROADCASTD(g.at(bias, 4, i), acc[i][0])
			} else {
				g.asm.VMOVDQA(acc[i][0], acc[i][v])
			}
		}
	}
	a, b, n := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.MOVQ(g.a, a)
	g.asm.MOVQ(g.panel, b)
	g.asm.MOVQ(g.steps, n)
	x := make([]reg.VecVirtual, g.vecs)
	for v := range x {
		x[v] = g.asm.YMM()
	}
	w, product := g.asm.YMM(), g.asm.YMM()
	step := func(disp int) {
		for v := range x {
			g.asm.VMOVDQU(operand.Mem{Base: b, Disp: disp + 32*v}, x[v])
		}
		for i := range acc {
			g.asm.VPBROADCASTD(operand.Mem{Base: a, Disp: 4 * i}, w)
			g.madd(w, x, product, acc[i])
		}
		g.asm.ADDQ(g.stride, a)
	}
	id := fmt.Sprint(rows)
	g.asm.SUBQ(operand.Imm(2), n)
	g.asm.JLT(operand.LabelRef("last" + id))
	align(g.asm, 32)
	g.asm.Label("loop" + id)
	step(0)
	step(64)
	g.asm.ADDQ(operand.U32(128), b)
	g.asm.SUBQ(operand.Imm(2), n)
	g.asm.JGE(operand.LabelRef("loop" + id))
	g.asm.Label("last" + id)
	g.asm.ADDQ(operand.Imm(2), n)
	g.asm.JEQ(operand.LabelRef("summed" + id))
	step(0)
	g.asm.Label("summed" + id)
	g.finish(id, acc)
}

// finish makes outputs of the sums and stores them.
func (g *qgemmStrip) finish(id string, acc [][]reg.VecVirtual) {
	mult, m := g.asm.GP64(), g.asm.YMM()
	g.asm.Load(g.asm.Param("mult"), mult)
	for i := range acc {
		g.asm.VBROADCASTSS(g.at(mult, 4, i), m)
		for _, x := range acc[i] {
			g.asm.VCVTDQ2PS(x, x)
			g.asm.VMULPS(m, x, x)
		}
	}
	g.residual(id, acc)
	floats := g.asm.GP64()
	g.asm.Load(g.asm.Param("floats"), floats)
	g.asm.TESTQ(floats, floats)
	g.asm.JNE(operand.LabelRef("floats" + id))
	g.storeBytes(acc)
	g.asm.JMP(operand.LabelRef("stored" + id))
	g.asm.Label("floats" + id)
	g.storeFloats(floats, acc)
	g.asm.Label("stored" + id)
}

func (g *qgemmStrip) residual(id string, acc [][]reg.VecVirtual) {
	r, zero, mult, mem, off := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("r"), r)
	g.asm.TESTQ(r, r)
	g.asm.JEQ(operand.LabelRef("nores" + id))
	g.asm.Load(g.asm.Param("mem"), mem)
	g.asm.Load(g.asm.Param("roff"), off)
	g.asm.ADDQ(off, mem)
	g.asm.Load(g.asm.Param("rzero"), zero)
	g.asm.Load(g.asm.Param("rmult"), mult)
	z, m, x := g.asm.YMM(), g.asm.YMM(), g.asm.YMM()
	for i := range acc {
		zi := g.asm.GP32()
		g.asm.MOVBLZX(g.at(zero, 1, i), zi)
		g.asm.VMOVD(zi, z.AsX())
		g.asm.VPBROADCASTD(z.AsX(), z)
		g.asm.VBROADCASTSS(g.at(mult, 4, i), m)
		g.asm.MOVLQSX(g.at(r, 4, i), off)
		for v := range acc[i] {
			g.asm.VPMOVZXBD(operand.Mem{Base: mem, Index: off, Scale: 1, Disp: 8 * v}, x)
			g.asm.VPSUBD(z, x, x)
			g.asm.VCVTDQ2PS(x, x)
			g.asm.VMULPS(m, x, x)
			g.asm.VADDPS(x, acc[i][v], acc[i][v])
		}
	}
	g.asm.Label("nores" + id)
}

// storeBytes packs dwords to bytes, two rows at a time.
func (g *qgemmStrip) storeBytes(acc [][]reg.VecVirtual) {
	c, mem, off := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("c"), c)
	g.asm.Load(g.asm.Param("mem"), mem)
	g.asm.Load(g.asm.Param("coff"), off)
	g.asm.ADDQ(off, mem)
	q := newRequant(vectors{g.asm, 8}, g.order)
	for i := 0; i < len(acc); i += 2 {
		pair := acc[i:min(i+2, len(acc))]
		for _, x := range pair {
			for v := range x {
				g.asm.VCVTPS2DQ(x[v], x[v])
			}
			q.words(x[len(x)-1], x[0])
		}
		x := pair[0][0]
		q.bytes(pair[len(pair)-1][0], x)
		for j := range pair {
			if j == 1 {
				g.asm.VEXTRACTI128(operand.Imm(1), x, x.AsX())
			}
			g.asm.MOVLQSX(g.at(c, 4, i+j), off)
			to := operand.Mem{Base: mem, Index: off, Scale: 1}
			if g.vecs == 1 {
				g.asm.VMOVQ(x.AsX(), to)
			} else {
				g.asm.VMOVDQU(x.AsX(), to)
			}
		}
	}
}

func (g *qgemmStrip) storeFloats(floats reg.GPVirtual, acc [][]reg.VecVirtual) {
	c, off, tail := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("c"), c)
	g.asm.Load(g.asm.Param("coff"), off)
	g.asm.LEAQ(operand.Mem{Base: floats, Index: off, Scale: 4}, floats)
	g.asm.Load(g.asm.Param("tail"), tail)
	mask := make([]reg.VecVirtual, g.vecs)
	for v := range mask {
		mask[v] = g.asm.YMM()
		g.asm.VMOVDQU(operand.Mem{Base: tail, Disp: 32 * v}, mask[v])
	}
	for i, x := range acc {
		g.asm.MOVLQSX(g.at(c, 4, i), off)
		for v := range x {
			g.asm.VMASKMOVPS(x[v], mask[v], operand.Mem{Base: floats, Index: off, Scale: 4, Disp: 32 * v})
		}
	}
}
