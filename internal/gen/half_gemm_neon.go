package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// halfBlock is kernel.HalfBlock: so many products are summed in float16.
const halfBlock = 16

// halfRows is the number of output channels of a packed tile. A last tile is filled up
// with zeros.
const halfRows = 4

const halfGEMMSignature = "func(mem *float32, a, panel *uint16, c, r *int32, scales, bias, scale *float32, m, k, coff, roff int" + activationArgs + ")"

// halfGEMMNEON is the unit of the matrix product in float16 arithmetic.
func halfGEMMNEON(f *arm64.File) {
	for _, vecs := range []int{2, 1} {
		halfPack(f, vecs)
	}
	for _, long := range []bool{false, true} {
		halfStrip(f, 2, []int{1}, long)
		halfStrip(f, 1, []int{2, 1}, long)
	}
}

// halfPack emits the copy of a strip of 8*vecs pixels, rounded to float16, into a panel.
func halfPack(f *arm64.File, vecs int) {
	name := fmt.Sprintf("HalfPack%d", 8*vecs)
	g := f.Func(name, "func(to *uint16, mem *float32, b *int32, k, off int)",
		fmt.Sprintf("%s rounds %d pixels of each of k planes to IEEE binary16:", name, 8*vecs),
		fmt.Sprintf("to[i*%d+p] = mem[b[i]+p]. off is bytes, added to mem. k is at least 1.", 8*vecs),
	)
	to, mem, b, k := g.Load("to"), g.Load("mem"), g.Load("b"), g.Load("k")
	g.Scope(func() { g.ADD(g.Load("off"), mem, mem) })
	at, v, h := g.GP(), g.Vs(4*vecs/2), g.Vs(vecs)
	g.PCALIGN(16)
	g.Label("loop")
	g.LoadW(arm64.Post(b, 4), at)
	g.ADDL(at, 2, mem, at)
	for i := 0; i < len(v); i += 2 {
		g.FLDPQ(arm64.At(at, 16*i), v[i], v[i+1])
	}
	for i := range h {
		g.FCVTN(v[2*i], h[i])
		g.FCVTN2(v[2*i+1], h[i])
	}
	if vecs == 2 {
		g.FSTPQ(h[0], h[1], arm64.Post(to, 32))
	} else {
		g.StoreQ(h[0], arm64.Post(to, 16))
	}
	g.SUBSI(1, k, k)
	g.BC("NE", "loop")
	g.RET()
}

// halfGEMM is the product of a strip of 8*vecs pixels. Eight accumulators of float16
// hide the latency of a multiply-add on two units; twice as many float32 registers
// have the sums, into which the accumulators go after each block of depth.
type halfGEMM struct {
	strip // of twice as many vectors, of float32
	vecs  int
	long  bool    // FEAT_FHM adds the accumulators to the sums without a conversion: same bits
	one   arm64.V // long: float16's 1, a low register
}

func halfStrip(f *arm64.File, vecs int, counts []int, long bool) {
	name, feature := "HalfGEMM", "It needs FEAT_FP16."
	if long {
		name, feature = "HalfGEMMLong", "It needs FEAT_FP16 and FEAT_FHM."
	}
	name = fmt.Sprintf("%s%dx%d", name, halfRows, 8*vecs)
	fn := f.Func(name, halfGEMMSignature,
		fmt.Sprintf("%s computes m output channels of a strip of %d pixels. a has tiles of %d rows, the last one", name, 8*vecs, halfRows),
		fmt.Sprintf("filled up with zeros, panel the pixels of one row after another, both in IEEE binary16. Of %d", halfBlock),
		"products the sum is binary16, and of those sums float32:",
		"c[i][p] = act(bias[i] + scales[i]*(sum over k of a[i,k]*panel[k][p]) + scale[i]*r[i][p]).",
		"Tables hold element offsets from mem; coff, roff are bytes. r nil: no residual;",
		"scale nil: all 1. act is the kind of activation, lo and hi its bounds. m and k are at least 1.",
		feature,
	)
	n := &gemmN{Func: fn, mem: fn.Load("mem"), a: fn.Load("a"), left: fn.Load("m"), stride: fn.Load("k"), row: fn.GP()}
	n.LSL(3, n.stride, n.stride)
	n.MOVD(arm64.ZR, n.row)
	g := &halfGEMM{strip: strip{gemmN: n, vecs: 2 * vecs}, vecs: vecs, long: long}
	if long {
		g.one = g.V()
		g.Scope(func() {
			one := g.GP()
			g.MOVI(0x3c00, one)
			g.VDUPH(one, g.one)
		})
	}
	g.blocks(halfRows, counts, g.tiles)
}

// tiles computes count packed tiles, rows output channels of each, side by side, and
// leaves g.a behind them.
func (g *halfGEMM) tiles(count, rows int) {
	id := fmt.Sprintf("%dx%d", count, rows)
	var weights [2][]arm64.V // one per tile; first, for they must be low registers
	weights[0], weights[1] = g.Vs(count), g.Vs(count)
	sums := make([][]arm64.V, count*rows)
	for i := range sums {
		sums[i] = g.Vs(2 * g.vecs)
		for _, s := range sums[i] {
			g.VZERO(s)
		}
	}
	g.Scope(func() { g.depth(id, rows, weights, sums) })
	g.Free(weights[0], weights[1])
	g.Scope(func() {
		scales, bias, v := g.at("scales"), g.at("bias"), g.Vs(2)
		for _, s := range sums {
			g.VLD1R(arm64.Post(scales, 4), v[0])
			g.VLD1R(arm64.Post(bias, 4), v[1])
			for _, x := range s {
				g.FMUL(v[0], x, x)
				g.FADD(v[1], x, x)
			}
		}
	})
	g.residual(id, sums)
	var all []arm64.V
	for _, s := range sums {
		all = append(all, s...)
	}
	g.activate(id, all)
	g.store(sums)
}

// depth adds all products, one block of depth after another.
func (g *halfGEMM) depth(id string, rows int, weights [2][]arm64.V, sums [][]arm64.V) {
	acc := make([][]arm64.V, len(sums))
	for i := range acc {
		acc[i] = g.Vs(g.vecs)
	}
	var pixels [2][]arm64.V
	pixels[0], pixels[1] = g.Vs(g.vecs), g.Vs(g.vecs)
	var flush func()
	if g.long {
		flush = func() { g.add(acc, sums) }
	} else {
		flush = g.convert(acc, sums, pixels)
	}
	p := g.tilePointers(len(weights[0]))
	panel, k := g.Load("panel"), g.Load("k")
	load := func(set int) {
		for t, w := range weights[set] {
			g.FMOVD(arm64.Post(p[t], 2*halfRows), w)
		}
		if g.vecs == 2 {
			g.FLDPQ(arm64.Post(panel, 32), pixels[set][0], pixels[set][1])
		} else {
			g.FMOVQ(arm64.Post(panel, 16), pixels[set][0])
		}
	}
	step := func(set int, first bool) {
		for i, a := range acc {
			w, lane := weights[set][i/rows], i%rows
			for v := range a {
				if first {
					g.FMULHLane(w, lane, pixels[set][v], a[v])
				} else {
					g.FMLAHLane(w, lane, pixels[set][v], a[v])
				}
			}
		}
	}
	g.SUBSI(halfBlock, k, k)
	g.BC("LT", "rest"+id)
	g.PCALIGN(16)
	g.Label("loop" + id)
	load(0)
	for i := range halfBlock {
		if i+1 < halfBlock {
			load((i + 1) % 2)
		}
		step(i%2, i == 0)
	}
	flush()
	g.SUBSI(halfBlock, k, k)
	g.BC("GE", "loop"+id)
	g.Label("rest" + id)
	g.ADDI(halfBlock, k, k)
	g.CBZ(k, "done"+id)
	load(0)
	step(0, true)
	g.Label("one" + id)
	g.SUBI(1, k, k)
	g.CBZ(k, "last"+id)
	load(0)
	step(0, false)
	g.B("one" + id)
	g.Label("last" + id)
	flush()
	g.Label("done" + id)
	g.MOVD(p[len(p)-1], g.a)
}

// add adds a block's accumulators, times 1, to the sums.
func (g *halfGEMM) add(acc, sums [][]arm64.V) {
	for i, a := range acc {
		for v := range a {
			g.FMLALHLane(g.one, 0, a[v], sums[i][2*v])
			g.FMLAL2HLane(g.one, 0, a[v], sums[i][2*v+1])
		}
	}
}

// convert returns what adds a block's accumulators to the sums, by way of registers of
// its own and those of the block's pixels, which are done with.
func (g *halfGEMM) convert(acc, sums [][]arm64.V, pixels [2][]arm64.V) func() {
	free := append(g.Vs(2), append(pixels[0], pixels[1]...)...)
	return func() {
		n := 0
		for i, a := range acc {
			for v := range a {
				t := free[n%len(free):][:2]
				n += 2
				g.FCVTL(a[v], t[0])
				g.FCVTL2(a[v], t[1])
				g.FADD(t[0], sums[i][2*v], sums[i][2*v])
				g.FADD(t[1], sums[i][2*v+1], sums[i][2*v+1])
			}
		}
	}
}
