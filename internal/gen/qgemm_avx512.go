package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qgemmAVX512 is the unit of the quantized GEMM for AVX-512 with VNNI.
func qgemmAVX512() *build.Context {
	ctx := newContext()
	order := transposed(ctx)
	for _, s := range []struct {
		vecs  int
		tiles []int // of rows, the largest first; they share out any number of rows up to qgemmRows
	}{{4, []int{6, 4, 2, 1}}, {3, []int{8, 4, 2, 1}}, {2, []int{12, 8, 4, 2, 1}}, {1, []int{24, 16, 8, 4, 2, 1}}} {
		qgemmPack(ctx, s.vecs, order)
		(&qgemm{Context: ctx, vecs: s.vecs, tiles: s.tiles, order: order}).emit()
	}
	dot := func(w operand.Op, x, _, acc reg.VecVirtual) { ctx.VPDPBUSD(w, x, acc) }
	tables := newColumnTables(ctx)
	(&qgemmColumn{Context: ctx, columnTables: tables, name: "QColumn1", pixels: 1, chains: 2, dot: dot}).emit()
	(&qgemmColumn{Context: ctx, columnTables: tables, name: "QColumn4", pixels: 4, chains: 1, dot: dot}).emit()
	return ctx
}

// qgemmRows is how many output channels a block of packed weights has: of each four
// steps of depth the bytes of all of its rows follow one another. The last block's rows
// are filled up to a multiple of 8.
const qgemmRows = 24

// qgemmAhead is how many bytes ahead weights are asked for. They are too many for the
// nearer caches where planes are small, and a tile skips what other rows of a block have,
// which the processor foresees badly. Measured on Zen 4 with weights in the third cache,
// GMAC/s without and with it, strips of 48 pixels: 1024 channels of depth 464 and 49 pixels
// 206 and 220, 512 of 2304 and 49 pixels 206 and 214, 512 of 4608 and 49 pixels 209 and
// 212, 256 of 2304 and 196 pixels 216 and 217. Asking for pixels ahead too gains nothing.
const qgemmAhead = 4096

// transposed is the order of the 16 dwords of a register in which its four lanes have
// changed places with the four dwords of a lane. Applied twice, it is no change.
func transposed(ctx *build.Context) operand.Mem {
	var order []uint32
	for i := range uint32(16) {
		order = append(order, i%4*4+i/4)
	}
	return dwords(ctx, "transposed", order...)
}

// quads interleaves the bytes of four registers to so many, and hands over each: vector v
// has pixels 16*v to 16*v+15, the four bytes of a pixel together. Unpacking mixes up bytes
// and then words inside each lane of 16 bytes; that pixels come out in order, the registers
// have been loaded transposed.
func quads(g vectors, x [4]reg.VecVirtual, vecs int, each func(v int, y reg.VecVirtual)) {
	for half, bytes := range []func(...operand.Op){g.VPUNPCKLBW, g.VPUNPCKHBW} {
		if 2*half >= vecs {
			break
		}
		lo, hi := g.vec(), g.vec()
		bytes(x[1], x[0], lo)
		bytes(x[3], x[2], hi)
		for k, words := range []func(...operand.Op){g.VPUNPCKLWD, g.VPUNPCKHWD} {
			if v := 2*half + k; v < vecs {
				y := g.vec()
				words(hi, lo, y)
				each(v, y)
			}
		}
	}
}

// qgemmPack emits the interleaving of a strip of 16*vecs pixels of planes, four planes
// at a time.
func qgemmPack(ctx *build.Context, vecs int, order operand.Mem) {
	name := fmt.Sprintf("QPack%d", 16*vecs)
	begin(ctx, name, "func(panel, mem *byte, b *int32, quads, boff int)")
	ctx.Doc(
		fmt.Sprintf("%s interleaves a strip of %d pixels of 4*quads planes of bytes, read through the table b:", name, 16*vecs),
		fmt.Sprintf("panel[%d*i+4*p+j] = b[4*i+j][p]. It reads 64 bytes of each plane. quads is at least 1.", 64*vecs),
	)
	to, from, b, n, t := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("panel"), to)
	ctx.Load(ctx.Param("mem"), from)
	ctx.Load(ctx.Param("boff"), t)
	ctx.ADDQ(t, from)
	ctx.Load(ctx.Param("b"), b)
	ctx.Load(ctx.Param("quads"), n)
	places := ctx.ZMM()
	ctx.VMOVDQU32(order, places)
	align(ctx, 32)
	ctx.Label("quad")
	var x [4]reg.VecVirtual
	for j := range x {
		x[j] = ctx.ZMM()
		off := ctx.GP64()
		ctx.MOVLQSX(operand.Mem{Base: b, Disp: 4 * j}, off)
		ctx.VPERMD(operand.Mem{Base: from, Index: off, Scale: 1}, places, x[j])
	}
	quads(vectors{ctx, 16}, x, vecs, func(v int, y reg.VecVirtual) { ctx.VMOVDQU32(y, operand.Mem{Base: to, Disp: 64 * v}) })
	ctx.ADDQ(operand.Imm(16), b)
	ctx.ADDQ(operand.U32(uint32(64*vecs)), to)
	ctx.DECQ(n)
	ctx.JNE(operand.LabelRef("quad"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// qgemm emits one kernel: all output channels of one strip of vecs vectors of 16
// pixels, which lie in a panel. A vector's dword has four planes of one pixel, which
// VPDPBUSD multiplies by four weights of a row and adds to the row's sum.
type qgemm struct {
	*build.Context
	vecs  int
	tiles []int
	order operand.Mem

	panel  reg.GPVirtual
	a      reg.GPVirtual // the tile's weights
	stride reg.GPVirtual // bytes from four steps of depth to the next
	quads  reg.GPVirtual
	row    reg.GPVirtual // output channels done
	tail   reg.OpmaskVirtual
}

const qgemmSignature = "func(panel, a, mem *byte, c, bias *int32, mult *float32, r *int32, rzero *byte, rmult, floats *float32, m, quads, coff, roff int, tail uint64, q *uint32)"

func (g *qgemm) emit() {
	name := fmt.Sprintf("QGEMM%d", 16*g.vecs)
	begin(g.Context, name, qgemmSignature)
	g.Doc(
		fmt.Sprintf("%s computes m output channels of a strip of %d pixels, interleaved in a panel, with weights packed", name, 16*g.vecs),
		fmt.Sprintf("in blocks of %d rows: see package kernel's QGEMM. coff and roff are in bytes, tail has a bit for", qgemmRows),
		"each pixel to store. r nil: no residual; floats nil: the output is in mem. q has the zero point twice as a",
		"word, and each of the bounds four times as a byte. m and quads are at least 1.",
	)
	g.panel, g.a, g.stride, g.quads, g.row = g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("panel"), g.panel)
	g.Load(g.Param("quads"), g.quads)
	g.tail = g.K()
	g.KMOVQ(param(g.Context, "tail"), g.tail)
	rowBlocks(g.Context, g.a, g.stride, g.quads, g.row, g.tiles, g.tile)
}

// at is element i of the tile, of size bytes, in an argument that has one for each
// output channel.
func (g *qgemm) at(base reg.GPVirtual, size, i int) operand.Mem {
	return operand.Mem{Base: base, Index: g.row, Scale: uint8(size), Disp: size * i}
}

// tile computes so many output channels.
func (g *qgemm) tile(rows int) {
	acc := make([][]reg.VecVirtual, rows)
	bias := g.GP64()
	g.Load(g.Param("bias"), bias)
	for i := range acc {
		for v := range g.vecs {
			acc[i] = append(acc[i], g.ZMM())
			if v == 0 {
				g.VPBROADCASTD(g.at(bias, 4, i), acc[i][0])
			} else {
				g.VMOVDQA32(acc[i][0], acc[i][v])
			}
		}
	}
	a, b, n := g.GP64(), g.GP64(), g.GP64()
	g.MOVQ(g.a, a)
	g.MOVQ(g.panel, b)
	g.MOVQ(g.quads, n)
	x := make([]reg.VecVirtual, g.vecs)
	for v := range x {
		x[v] = g.ZMM()
	}
	w := g.ZMM()
	loop := fmt.Sprintf("loop%d", rows)
	align(g.Context, 32)
	g.Label(loop)
	if rows == g.tiles[0] {
		g.PREFETCHT0(operand.Mem{Base: a, Disp: qgemmAhead})
	}
	for v := range x {
		g.VMOVDQU32(operand.Mem{Base: b, Disp: 64 * v}, x[v])
	}
	for i := range acc {
		from := operand.Mem{Base: a, Disp: 4 * i}
		if g.vecs == 1 {
			g.VPDPBUSD_BCST(from, x[0], acc[i][0])
			continue
		}
		g.VPBROADCASTD(from, w)
		for v := range x {
			g.VPDPBUSD(w, x[v], acc[i][v])
		}
	}
	g.ADDQ(g.stride, a)
	g.ADDQ(operand.U32(uint32(64*g.vecs)), b)
	g.DECQ(n)
	g.JNE(operand.LabelRef(loop))
	g.finish(fmt.Sprint(rows), acc)
}

// finish makes outputs of the sums and stores them.
func (g *qgemm) finish(id string, acc [][]reg.VecVirtual) {
	mult := g.GP64()
	g.Load(g.Param("mult"), mult)
	for i := range acc {
		for _, x := range acc[i] {
			g.VCVTDQ2PS(x, x)
			g.VMULPS_BCST(g.at(mult, 4, i), x, x)
		}
	}
	g.residual(id, acc)
	floats := g.GP64()
	g.Load(g.Param("floats"), floats)
	g.TESTQ(floats, floats)
	g.JNE(operand.LabelRef("floats" + id))
	g.storeBytes(acc)
	g.JMP(operand.LabelRef("stored" + id))
	g.Label("floats" + id)
	g.storeFloats(floats, acc)
	g.Label("stored" + id)
}

func (g *qgemm) residual(id string, acc [][]reg.VecVirtual) {
	r, zero, mult, mem, off := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("r"), r)
	g.TESTQ(r, r)
	g.JEQ(operand.LabelRef("nores" + id))
	g.Load(g.Param("mem"), mem)
	g.Load(g.Param("roff"), off)
	g.ADDQ(off, mem)
	g.Load(g.Param("rzero"), zero)
	g.Load(g.Param("rmult"), mult)
	z, m, x := g.ZMM(), g.ZMM(), g.ZMM()
	for i := range acc {
		zi := g.GP32()
		g.MOVBLZX(g.at(zero, 1, i), zi)
		g.VPBROADCASTD(zi, z)
		g.VBROADCASTSS(g.at(mult, 4, i), m)
		g.MOVLQSX(g.at(r, 4, i), off)
		for v := range acc[i] {
			g.VPMOVZXBD(operand.Mem{Base: mem, Index: off, Scale: 1, Disp: 16 * v}, x)
			g.VPSUBD(z, x, x)
			g.VCVTDQ2PS(x, x)
			g.VMULPS(m, x, x)
			g.VADDPS(x, acc[i][v], acc[i][v])
		}
	}
	g.Label("nores" + id)
}

// storeBytes packs dwords to bytes. Packing mixes up a register's lanes as unpacking
// does: see qgemmPack.
func (g *qgemm) storeBytes(acc [][]reg.VecVirtual) {
	c, mem, off := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("c"), c)
	g.Load(g.Param("mem"), mem)
	g.Load(g.Param("coff"), off)
	g.ADDQ(off, mem)
	q := newRequant(vectors{g.Context, 16}, g.order)
	for i, x := range acc {
		for v := range x {
			g.VCVTPS2DQ(x[v], x[v])
		}
		last := len(x) - 1
		q.words(x[min(1, last)], x[0])
		high := x[0]
		if last > 1 {
			high = x[2]
			q.words(x[last], high)
		}
		q.bytes(high, x[0])
		g.MOVLQSX(g.at(c, 4, i), off)
		g.VMOVDQU8(x[0], g.tail, operand.Mem{Base: mem, Index: off, Scale: 1})
	}
}

func (g *qgemm) storeFloats(floats reg.GPVirtual, acc [][]reg.VecVirtual) {
	c, off := g.GP64(), g.GP64()
	g.Load(g.Param("c"), c)
	g.Load(g.Param("coff"), off)
	g.LEAQ(operand.Mem{Base: floats, Index: off, Scale: 4}, floats)
	masks := []reg.OpmaskVirtual{g.tail}
	for v := 1; v < g.vecs; v++ {
		k := g.K()
		g.KSHIFTRQ(operand.Imm(uint64(16*v)), g.tail, k)
		masks = append(masks, k)
	}
	for i, x := range acc {
		g.MOVLQSX(g.at(c, 4, i), off)
		for v := range x {
			g.VMOVUPS(x[v], masks[v], operand.Mem{Base: floats, Index: off, Scale: 4, Disp: 64 * v})
		}
	}
}
