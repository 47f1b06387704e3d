package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemmAVX2 is the unit of the GEMM tiles.
func gemmAVX2() *build.Context {
	ctx := newContext()
	for _, s := range []struct{ rows, vecs int }{{4, 3}, {4, 2}, {4, 1}, {6, 2}, {6, 1}} {
		for _, panel := range []bool{false, true} {
			(&gemm{vectors: vectors{ctx, 8}, accumulators: 12, rows: s.rows, vecs: s.vecs, panel: panel}).emit()
		}
	}
	gemmColumnKernel(ctx)
	for vecs := 1; vecs <= 3; vecs++ {
		gemmPack(vectors{ctx, 8}, vecs, false, false)
		gemmPack(vectors{ctx, 8}, vecs, false, true)
	}
	return ctx
}

const gemmSignature = "func(mem, a *float32, b, c, r *int32, bias, scale *float32, m, k, boff, coff, roff int" + activationArgs + ")"

// soonArg ends the signatures of the strips that also fetch what comes after this product.
const soonArg = ", soon *byte)"

const panelSignature = "func(mem, a, panel *float32, c, r *int32, bias, scale *float32, m, k, coff, roff int" + activationArgs + ")"

// maskArg ends the signatures of the strips that are no multiple of a vector.
const maskArg = ", mask int)"

// gemm emits one kernel: all output channels of one strip of vecs vectors of
// pixels, with weights packed in tiles of rows. A core with two FMA units and four
// cycles of latency wants eight accumulators or more in flight and at most two
// loads a cycle; twelve accumulators with their broadcasts and pixels fill AVX2's
// sixteen registers. A strip of one vector takes several tiles at once to get there.
type gemm struct {
	vectors
	accumulators int // of a strip of one vector
	rows, vecs   int
	panel        bool // pixels lie in a panel, not in planes
	masked       bool // the last vector has fewer pixels than lanes (AVX-512)
	embedded     bool // a strip of one vector broadcasts weights as operands (AVX-512)
	fetches      bool // it fetches what is read after it, as many bytes as it reads of weights

	mask   reg.OpmaskVirtual // of the last vector's pixels
	bbase  reg.GPVirtual     // &Mem[BOff]; of a panel, its beginning
	a      reg.GPVirtual     // the next tile's weights
	row    reg.GPVirtual     // 4 * output channels done
	left   reg.GPVirtual     // output channels to do
	stride reg.GPVirtual     // bytes from tile to tile
	soon   reg.GPVirtual     // the next line of what is read after it
}

func (g *gemm) emit() {
	g.function()
	g.a, g.row, g.left, g.stride = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("a"), g.a)
	g.asm.Load(g.asm.Param("m"), g.left)
	g.asm.XORQ(g.row, g.row)
	if g.fetches {
		g.soon = g.asm.GP64()
		g.asm.Load(g.asm.Param("soon"), g.soon)
	}
	if g.vecs == 1 && g.accumulators >= 2*g.rows {
		g.asm.Load(g.asm.Param("k"), g.stride)
		g.asm.IMUL3Q(operand.Imm(uint64(4*g.rows)), g.stride, g.stride)
		g.block(g.accumulators/g.rows, g.rows)
	}
	g.block(1, g.rows)
	for rows := g.rows - 1; rows > 0; rows-- {
		g.asm.CMPQ(g.left, operand.Imm(uint64(rows)))
		g.asm.JEQ(operand.LabelRef(g.label("rows", rows)))
	}
	g.asm.VZEROUPPER()
	g.asm.RET()
	for rows := g.rows - 1; rows > 0; rows-- {
		g.asm.Label(g.label("rows", rows))
		g.tile(1, rows)
		g.asm.VZEROUPPER()
		g.asm.RET()
	}
}

// function begins the function and finds its pixels.
func (g *gemm) function() {
	size, tail := fmt.Sprintf("%dx%d", g.rows, g.lanes*g.vecs), ""
	signature := func(s string) string { return s }
	if g.masked {
		tail = "Tail"
		signature = func(s string) string { return strings.TrimSuffix(s, ")") + maskArg }
	}
	if g.fetches {
		signature = func(s string) string { return strings.TrimSuffix(s, ")") + soonArg }
	}
	if g.panel {
		begin(g.asm, "Panel"+tail+size, signature(panelSignature))
		g.asm.Doc(
			fmt.Sprintf("Panel%s is GEMM%s for a strip that lies in a panel: b[k][p] is panel[%d*k+p].", tail+size, tail+size, g.lanes*g.vecs),
		)
		g.bbase = g.asm.GP64()
		g.asm.Load(g.asm.Param("panel"), g.bbase)
		g.loadMask()
		return
	}
	begin(g.asm, "GEMM"+tail+size, signature(gemmSignature))
	if g.masked {
		g.asm.Doc(fmt.Sprintf("GEMM%s is GEMM%s for fewer pixels in the last vector: those whose bits are set in mask.", tail+size, size),
			"No other pixel is read or written.")
	} else {
		g.asm.Doc(
			fmt.Sprintf("GEMM%s computes m output channels of a strip of %d pixels, weights packed in tiles of %d rows:", size, g.lanes*g.vecs, g.rows),
			"c[i][p] = act(bias[i] + sum over k of a[i,k]*b[k][p] + scale[i]*r[i][p]).",
			"Tables hold element offsets from mem; boff, coff, roff are bytes. r nil: no residual;",
			"scale nil: all 1. act is the kind of activation, lo and hi its bounds. m and k are at least 1.",
		)
		if g.fetches {
			g.asm.Doc("Meanwhile it asks for k/4 times 128 bytes for each tile from soon on, to have them in L2. No byte of them is read.")
		}
	}
	g.bbase = g.asm.GP64()
	t := g.asm.GP64()
	g.asm.Load(g.asm.Param("mem"), g.bbase)
	g.asm.Load(g.asm.Param("boff"), t)
	g.asm.ADDQ(t, g.bbase)
	g.loadMask()
}

func (g *gemm) loadMask() {
	if g.masked {
		g.mask = g.asm.K()
		g.asm.KMOVQ(param(g.asm, "mask"), g.mask)
	}
}

// last tells whether mask holds for vector v of a strip.
func (g *gemm) last(v int) bool { return g.masked && v == g.vecs-1 }

func (g *gemm) label(s string, n int) string { return fmt.Sprintf("%s%d", s, n) }

// block loops over blocks of tiles*rows output channels while there are so many.
func (g *gemm) block(tiles, rows int) {
	loop, end := g.label("block", tiles), g.label("blockend", tiles)
	g.asm.Label(loop)
	g.asm.CMPQ(g.left, operand.Imm(uint64(tiles*rows)))
	g.asm.JLT(operand.LabelRef(end))
	g.tile(tiles, rows)
	g.asm.ADDQ(operand.Imm(uint64(4*tiles*rows)), g.row)
	g.asm.SUBQ(operand.Imm(uint64(tiles*rows)), g.left)
	g.asm.JMP(operand.LabelRef(loop))
	g.asm.Label(end)
}

// tile computes tiles packed tiles of rows output channels side by side, and
// leaves g.a behind them.
func (g *gemm) tile(tiles, rows int) {
	id := fmt.Sprintf("%dx%d", tiles, rows)
	acc := make([][]reg.VecVirtual, tiles*rows)
	bias := g.asm.GP64()
	g.asm.Load(g.asm.Param("bias"), bias)
	for i := range acc {
		for v := range g.vecs {
			acc[i] = append(acc[i], g.vec())
			if v > 0 {
				g.asm.VMOVAPS(acc[i][0], acc[i][v])
				continue
			}
			g.asm.VBROADCASTSS(operand.Mem{Base: bias, Index: g.row, Scale: 1, Disp: 4 * i}, acc[i][v])
		}
	}
	b, k := g.asm.GP64(), g.asm.GP64() // b is the table's next entry, or the panel's next row
	if g.panel {
		g.asm.MOVQ(g.bbase, b)
	} else {
		g.asm.Load(g.asm.Param("b"), b)
	}
	g.asm.Load(g.asm.Param("k"), k)
	pixel := make([]reg.VecVirtual, g.vecs)
	for v := range pixel {
		pixel[v] = g.vec()
	}
	w := g.vec()
	step := func(u int) {
		from := operand.Mem{Base: b, Disp: u * g.bytes() * g.vecs}
		if !g.panel {
			off := g.asm.GP64()
			g.asm.MOVLQSX(operand.Mem{Base: b, Disp: 4 * u}, off)
			from = operand.Mem{Base: g.bbase, Index: off, Scale: 4}
		}
		for v := range pixel {
			if g.last(v) && !g.panel {
				g.asm.VMOVUPS_Z(from, g.mask, pixel[v])
			} else {
				g.asm.VMOVUPS(from, pixel[v])
			}
			from.Disp += g.bytes()
		}
		for i := range acc {
			from := operand.Mem{Base: g.a, Disp: 4 * (u*rows + i%rows)}
			switch i / rows {
			case 1:
				from.Index, from.Scale = g.stride, 1
			case 2:
				from.Index, from.Scale = g.stride, 2
			}
			if g.embedded && g.vecs == 1 {
				g.asm.VFMADD231PS_BCST(from, pixel[0], acc[i][0])
				continue
			}
			g.asm.VBROADCASTSS(from, w)
			for v := range pixel {
				g.asm.VFMADD231PS(w, pixel[v], acc[i][v])
			}
		}
	}
	advance := func(u int) {
		if g.panel {
			g.asm.ADDQ(operand.U32(uint32(u*g.bytes()*g.vecs)), b)
		} else {
			g.asm.ADDQ(operand.Imm(uint64(4*u)), b)
		}
		g.asm.ADDQ(constant(4*u*rows), g.a)
	}
	const unroll = 4
	g.asm.SUBQ(operand.Imm(unroll), k)
	g.asm.JLT(operand.LabelRef("tail" + id))
	align(g.asm, 32)
	g.asm.Label("loop" + id)
	for u := range unroll {
		step(u)
	}
	g.prefetch(tiles)
	if g.fetches {
		g.fetch()
	}
	advance(unroll)
	g.asm.SUBQ(operand.Imm(unroll), k)
	g.asm.JGE(operand.LabelRef("loop" + id))
	g.asm.Label("tail" + id)
	g.asm.ADDQ(operand.Imm(unroll), k)
	g.asm.JEQ(operand.LabelRef("done" + id))
	g.asm.Label("one" + id)
	step(0)
	advance(1)
	g.asm.DECQ(k)
	g.asm.JNE(operand.LabelRef("one" + id))
	g.asm.Label("done" + id)
	if tiles > 1 { // g.a went through the first tile: skip the others
		for range tiles - 1 {
			g.asm.ADDQ(g.stride, g.a)
		}
	}
	g.residual(id, acc)
	var all []reg.VecVirtual
	for _, a := range acc {
		all = append(all, a...)
	}
	activate(g.asm, id, g.vec, all...)
	g.store(acc)
}

// ahead is how many bytes of weights are on their way from memory: what a core uses up
// in 200 ns. The processor's own prefetcher stops at the end of each page.
const ahead = 2 << 10

const cacheLine = 64

// prefetch asks for weights of so many tiles, about as many as one turn of the loop takes.
func (g *gemm) prefetch(tiles int) {
	for i := range tiles {
		for line := range max(1, g.rows/4) {
			from := operand.Mem{Base: g.a, Disp: ahead + 64*line}
			if i > 0 {
				from.Index, from.Scale = g.stride, uint8(i)
			}
			g.asm.PREFETCHT0(from)
		}
	}
}

// fetch asks for the next two lines of what is read after this product: see kernel.GEMM's Soon.
func (g *gemm) fetch() {
	for line := range 2 {
		g.asm.PREFETCHT1(operand.Mem{Base: g.soon, Disp: cacheLine * line})
	}
	g.asm.ADDQ(constant(2*cacheLine), g.soon)
}

func (g *gemm) residual(id string, acc [][]reg.VecVirtual) {
	r, scale := g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("r"), r)
	g.asm.TESTQ(r, r)
	g.asm.JEQ(operand.LabelRef("nores" + id))
	base := memoryAt(g.asm, "roff")
	off := g.asm.GP64()
	g.asm.Load(g.asm.Param("scale"), scale)
	g.asm.TESTQ(scale, scale)
	g.asm.JEQ(operand.LabelRef("noscale" + id))
	s := g.vec()
	for i := range acc {
		g.asm.MOVLQSX(operand.Mem{Base: r, Index: g.row, Scale: 1, Disp: 4 * i}, off)
		g.asm.VBROADCASTSS(operand.Mem{Base: scale, Index: g.row, Scale: 1, Disp: 4 * i}, s)
		for v := range acc[i] {
			from := operand.Mem{Base: base, Index: off, Scale: 4, Disp: g.bytes() * v}
			if g.last(v) {
				g.asm.VFMADD231PS(from, s, g.mask, acc[i][v])
			} else {
				g.asm.VFMADD231PS(from, s, acc[i][v])
			}
		}
	}
	g.asm.JMP(operand.LabelRef("nores" + id))
	g.asm.Label("noscale" + id)
	for i := range acc {
		g.asm.MOVLQSX(operand.Mem{Base: r, Index: g.row, Scale: 1, Disp: 4 * i}, off)
		for v := range acc[i] {
			from := operand.Mem{Base: base, Index: off, Scale: 4, Disp: g.bytes() * v}
			if g.last(v) {
				g.asm.VADDPS(from, acc[i][v], g.mask, acc[i][v])
			} else {
				g.asm.VADDPS(from, acc[i][v], acc[i][v])
			}
		}
	}
	g.asm.Label("nores" + id)
}

// store also asks for the lines that the next strip will write: where planes are large,
// they are no longer in a near cache, and stores to many planes by turns wait for them.
func (g *gemm) store(acc [][]reg.VecVirtual) {
	c, off := g.asm.GP64(), g.asm.GP64()
	base := memoryAt(g.asm, "coff")
	g.asm.Load(g.asm.Param("c"), c)
	for i := range acc {
		g.asm.MOVLQSX(operand.Mem{Base: c, Index: g.row, Scale: 1, Disp: 4 * i}, off)
		for v, x := range acc[i] {
			to := operand.Mem{Base: base, Index: off, Scale: 4, Disp: g.bytes() * v}
			if g.last(v) {
				g.asm.VMOVUPS(x, g.mask, to)
			} else {
				g.asm.VMOVUPS(x, to)
			}
		}
		strip := g.bytes() * g.vecs
		for at := strip; at < 2*strip; at += cacheLine {
			g.asm.PREFETCHT0(operand.Mem{Base: base, Index: off, Scale: 4, Disp: at})
		}
	}
}
