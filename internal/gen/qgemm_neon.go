package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// qgemmNEON is the unit of the quantized GEMM.
func qgemmNEON(f *arm64.File) {
	for _, form := range qformsNEON {
		form.planes(f)
		for _, s := range []struct {
			vecs  int
			tiles []int
		}{{4, []int{6, 4, 2, 1}}, {2, []int{12, 8, 4, 2, 1}}, {1, []int{12, 8, 4, 2, 1}}} {
			(&qstripN{qformNEON: form, vecs: s.vecs}).emit(f, s.tiles)
		}
	}
}

// planes emits the interleaving of the pixels of a strip.
func (q qformNEON) planes(f *arm64.File) {
	name, count := "QPairs", "pairs"
	if q.dot() {
		name, count = "QQuads", "quads"
	}
	g := f.Func(name, fmt.Sprintf("func(panel, mem *byte, b *int32, %s, boff int)", count),
		fmt.Sprintf("%s interleaves a strip of 16 pixels of %d*%s planes of bytes, read through the table b, each less 128:", name, q.depth, count),
		fmt.Sprintf("panel[%d*i+%d*p+j] = b[%d*i+j][p]-128. %s is at least 1.", 16*q.depth, q.depth, q.depth, count))
	to, mem, b, n, sign := g.Load("panel"), g.Load("mem"), g.Load("b"), g.Load(count), signNEON(g)
	g.Scope(func() { g.ADD(g.Load("boff"), mem, mem) })
	off, x := g.GPs(q.depth), g.Vs(q.depth)
	g.PCALIGN(16)
	g.Label("loop")
	for i := 0; i < q.depth; i += 2 {
		g.LDPSW(arm64.Post(b, 8), off[i], off[i+1])
	}
	for i := range x {
		g.FMOVQ(arm64.Index(mem, off[i], 0), x[i])
	}
	for i := range x {
		g.VEOR(sign, x[i], x[i])
	}
	q.interleave(g, x)
	g.SUBSI(1, n, n)
	storeAll(g, x, to)
	g.BC("NE", "loop")
	g.RET()
}

// qstripN emits all output channels of one strip of vecs vectors of four pixels. The
// panel has 16 pixels in any case.
type qstripN struct {
	*arm64.Func
	qformNEON
	vecs int

	panel, steps arm64.GP
	a, sums      arm64.GP // weights of the next tile, and 128 times their sums
	stride       arm64.GP // bytes of weights from step to step
	row          arm64.GP // output channels done
}

const qgemmSignatureN = "func(panel, a, mem *byte, c, bias *int32, mult *float32, r *int32, rzero *byte, rmult, floats *float32, m, steps, coff, roff, pixels int, q *uint32)"

func (g *qstripN) emit(f *arm64.File, tiles []int) {
	name := fmt.Sprintf("QGEMM%d%s", 4*g.vecs, g.suffix)
	g.Func = f.Func(name, qgemmSignatureN,
		fmt.Sprintf("%s computes m output channels of a strip of %d pixels, interleaved in a panel %d planes at a time, with", name, 4*g.vecs, g.depth),
		fmt.Sprintf("weights packed in blocks of %d rows, each behind 128 times the sums of its rows: see package kernel's QGEMM.", qgemmRows),
		"coff and roff are in bytes. r nil: no residual; floats nil: the output is in mem, and all pixels of the strip are",
		"written. To floats only the first so many pixels are. q has the zero point twice as a word, and each of the",
		"bounds four times as a byte. m, steps and pixels are at least 1. "+g.what(),
	)
	g.panel, g.steps = g.Load("panel"), g.Load("steps")
	g.a, g.sums, g.stride, g.row = g.GP(), g.GP(), g.GP(), g.GP()
	block, left, in := g.Load("a"), g.Load("m"), g.GP()
	g.MOVD(arm64.ZR, g.row)
	g.Label("block")
	g.MOVI(qgemmRows, in)
	g.CMP(in, left)
	g.CSEL("LT", left, in, in)
	g.SUB(in, left, left)
	g.ADDI(7, in, g.stride)
	g.LSR(3, g.stride, g.stride)
	g.LSL(3, g.stride, g.stride)
	g.MOVD(block, g.sums)
	g.ADDL(g.stride, 2, block, g.a)
	g.LSL(g.shift(), g.stride, g.stride)
	g.MADD(g.steps, g.a, g.stride, block)
	for _, rows := range tiles {
		begin, end := fmt.Sprintf("rows%d", rows), fmt.Sprintf("end%d", rows)
		g.Label(begin)
		g.CMPI(rows, in)
		g.BC("LT", end)
		g.Scope(func() { g.tile(rows) })
		g.ADDI(g.depth*rows, g.a, g.a)
		g.ADDI(4*rows, g.sums, g.sums)
		g.ADDI(rows, g.row, g.row)
		g.SUBI(rows, in, in)
		g.B(begin)
		g.Label(end)
	}
	g.CMPI(0, left)
	g.BC("GT", "block")
	g.RET()
}

// of is the argument called name, a pointer to numbers of 1<<shift bytes, at the tile's
// first row.
func (g *qstripN) of(name string, shift int) arm64.GP {
	r := g.Load(name)
	g.ADDL(g.row, shift, r, r)
	return r
}

// tile computes so many output channels.
func (g *qstripN) tile(rows int) {
	id := fmt.Sprint(rows)
	acc := make([][]arm64.V, rows)
	for i := range acc {
		acc[i] = g.Vs(g.vecs)
	}
	g.Scope(func() {
		bias, sums := g.LoadLanes(g.of("bias", 2), rows), g.LoadLanes(g.sums, rows)
		for i, b := range bias {
			if b.I == 0 {
				g.VADD(sums[i].V, b.V, b.V)
			}
		}
		for i, b := range bias {
			for _, a := range acc[i] {
				g.VDUP(b.V, b.I, a)
			}
		}
	})
	g.Scope(func() {
		if g.dot() {
			g.quads(id, acc)
		} else {
			g.pairs(id, acc)
		}
	})
	g.finish(id, acc)
}

// quads adds all products. While one step is computed, the operands of the next are
// loaded: the last step loads none.
func (g *qstripN) quads(id string, acc [][]arm64.V) {
	rows := len(acc)
	x, w := g.Vs(g.vecs), [2][]arm64.V{g.Vs(arm64.LanesLen(rows)), g.Vs(arm64.LanesLen(rows))}
	p, b, n := g.GP(), g.GP(), g.GP()
	g.MOVD(g.a, p)
	g.MOVD(g.panel, b)
	lanes := [2][]arm64.Lane{g.LanesTo(p, w[0], rows), nil}
	for v := range x {
		g.FMOVQ(arm64.At(b, 16*v), x[v])
	}
	step := func(set int, load bool) {
		if load {
			g.ADD(g.stride, p, p)
			g.ADDI(64, b, b)
		}
		for v := range x {
			for i, a := range acc {
				g.SDOTLane(lanes[set][i].V, lanes[set][i].I, x[v], a[v])
			}
			if load {
				if v == 0 {
					lanes[1-set] = g.LanesTo(p, w[1-set], rows)
				}
				g.FMOVQ(arm64.At(b, 16*v), x[v])
			}
		}
	}
	g.SUBSI(3, g.steps, n) // the loop takes two steps and loads one more
	g.BC("LT", "last"+id)
	g.PCALIGN(16)
	g.Label("loop" + id)
	step(0, true)
	step(1, true)
	g.SUBSI(2, n, n)
	g.BC("GE", "loop"+id)
	g.Label("last" + id)
	g.TBZ(0, n, "one"+id) // n is -1: two steps are left, or -2: one
	step(0, true)
	step(1, false)
	g.B("summed" + id)
	g.Label("one" + id)
	step(0, false)
	g.Label("summed" + id)
}

// pairs adds all products.
func (g *qstripN) pairs(id string, acc [][]arm64.V) {
	x, w, t := g.Vs(g.registers(g.vecs)), g.Vs(2), g.Vs(g.vecs)
	p, b, n, skip := g.GP(), g.GP(), g.GP(), g.GP()
	g.MOVD(g.a, p)
	g.MOVD(g.panel, b)
	g.MOVD(g.steps, n)
	g.SUBI(g.depth*len(acc), g.stride, skip)
	g.PCALIGN(16)
	g.Label("loop" + id)
	for i := range x {
		g.FMOVQ(arm64.At(b, 16*i), x[i])
	}
	g.weight(g.Func, p, w[0])
	g.ADDI(32, b, b)
	for i, a := range acc {
		if i+1 < len(acc) {
			g.weight(g.Func, p, w[(i+1)%2])
		}
		g.madd(g.Func, w[i%2], x, t, a)
	}
	g.ADD(skip, p, p)
	g.SUBSI(1, n, n)
	g.BC("NE", "loop"+id)
}

// finish makes outputs of the sums and stores them.
func (g *qstripN) finish(id string, acc [][]arm64.V) {
	g.Scope(func() {
		for i, m := range g.LoadLanes(g.of("mult", 2), len(acc)) {
			for _, a := range acc[i] {
				g.SCVTF(a, a)
				g.FMULLane(m.V, m.I, a, a)
			}
		}
	})
	g.Scope(func() { g.residual(id, acc) })
	g.Scope(func() {
		floats := g.Load("floats")
		g.CBNZ(floats, "floats"+id)
		g.Scope(func() { g.storeBytes(acc) })
		g.B("stored" + id)
		g.Label("floats" + id)
		g.storeFloats(id, floats, acc)
	})
	g.Label("stored" + id)
}

func (g *qstripN) residual(id string, acc [][]arm64.V) {
	r := g.Load("r")
	g.CBZ(r, "nores"+id)
	g.ADDL(g.row, 2, r, r)
	zero, mult, base, off := g.of("rzero", 0), g.of("rmult", 2), g.Load("mem"), g.GP()
	g.ADD(g.Load("roff"), base, base)
	z, m, bytes, x := g.V(), g.V(), g.V(), g.Vs(g.vecs)
	for _, a := range acc {
		g.LoadBU(arm64.Post(zero, 1), off)
		g.VDUPGP(off, z)
		g.VLD1R(arm64.Post(mult, 4), m)
		g.LoadW(arm64.Post(r, 4), off)
		g.ADD(base, off, off)
		switch g.vecs {
		case 4:
			g.FMOVQ(arm64.At(off, 0), bytes)
		case 2:
			g.FMOVD(arm64.At(off, 0), bytes)
		default:
			g.FMOVS(arm64.At(off, 0), bytes)
		}
		wideBytes(g.Func, bytes, x)
		scaledN(g.Func, z, m, x)
		for v := range x {
			g.FADD(x[v], a[v], a[v])
		}
	}
	g.Label("nores" + id)
}

func (g *qstripN) storeBytes(acc [][]arm64.V) {
	q := newRequantN(g.Func)
	c, base, off := g.of("c", 2), g.Load("mem"), g.GP()
	g.ADD(g.Load("coff"), base, base)
	for _, a := range acc {
		q.bytes(a)
		g.LoadW(arm64.Post(c, 4), off)
		g.ADD(base, off, off)
		switch g.vecs {
		case 4:
			g.StoreQ(a[0], arm64.At(off, 0))
		case 2:
			g.StoreVD(a[0], arm64.At(off, 0))
		default:
			g.StoreVS(a[0], arm64.At(off, 0))
		}
	}
}

// storeFloats stores whole rows of the strip, or as many pixels of each as there are.
func (g *qstripN) storeFloats(id string, floats arm64.GP, acc [][]arm64.V) {
	c, to, pixels := g.of("c", 2), g.GP(), g.Load("pixels")
	g.ADDL(g.Load("coff"), 2, floats, floats)
	next := func() {
		g.LoadW(arm64.Post(c, 4), to)
		g.ADDL(to, 2, floats, to)
	}
	g.CMPI(4*g.vecs, pixels)
	g.BC("LT", "tail"+id)
	for _, a := range acc {
		next()
		for _, v := range a {
			g.StoreQ(v, arm64.Post(to, 16))
		}
	}
	g.B("stored" + id)
	g.Label("tail" + id)
	for i, a := range acc {
		next()
		label := fmt.Sprintf("row%s_%d_", id, i)
		for vecs := g.vecs / 2; vecs > 0; vecs /= 2 { // half of the vectors that may be left
			bit := 1 + vecs // 2 or 3
			g.TBZ(bit, pixels, fmt.Sprint(label, bit))
			for v := range vecs {
				g.StoreQ(a[v], arm64.Post(to, 16))
				g.VMOV(a[vecs+v], a[v])
			}
			g.Label(fmt.Sprint(label, bit))
		}
		g.TBZ(1, pixels, label+"1")
		g.StoreVD(a[0], arm64.Post(to, 8))
		g.VEXT(8, a[0], a[0], a[0])
		g.Label(label + "1")
		g.TBZ(0, pixels, label+"0")
		g.StoreVS(a[0], arm64.At(to, 0))
		g.Label(label + "0")
	}
}
