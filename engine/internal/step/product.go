package step

import (
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// product is what a GEMM multiplies, packed, wherever its planes are.
type product struct {
	tile                   kernel.Tile
	groups, m, k           int
	depth                  int // of a block: see blockDepth
	a, bias, scale         []float32
	act                    kernel.Activation
	rows, n, inRow, outRow int
}

// product packs g for a tile.
func (g *GEMM) product(b *plan.Builder, tile kernel.Tile) product {
	depth := g.depth()
	return product{
		tile: tile, groups: g.Groups, m: g.M, k: g.K, depth: depth, a: g.pack(b, tile, depth), bias: g.Bias, scale: g.Scale, act: g.Act,
		rows: g.Rows, n: g.N, inRow: g.InRow, outRow: g.OutRow,
	}
}

// operands is where a product's planes are.
type operands struct {
	in, out, residual []int32   // tables; residual may be nil
	first             int       // the output channel of out's first entry
	inOff, outOff     int       // elements, added to every entry
	panel, factors    []float32 // may be nil
	soon              [][]byte  // what is read after the product: see kernel.GEMM's Soon
}

// fetched says what is left of the first of soon.
func (o *operands) fetched(left []byte) {
	switch {
	case len(o.soon) == 0:
	case len(left) == 0:
		o.soon = o.soon[1:]
	default:
		o.soon[0] = left
	}
}

// blockBytes bounds the packed weights that one sweep over the rows uses, so
// that they stay in the nearest cache between rows.
const blockBytes = 128 << 10

// compute computes range r.
func (t *product) compute(w *plan.Worker, r gemmRange, o *operands) {
	for g := r.g0; g < r.g1; g++ {
		for k0 := 0; k0 < t.k; k0 += t.depth {
			depth, step := min(t.depth, t.k-k0), t.m
			if t.rows > 1 && len(o.panel) == 0 { // else each row is copied but once
				step = max(t.tile.Rows, blockBytes/4/depth/t.tile.Rows*t.tile.Rows)
			}
			for m0 := r.m0; m0 < r.m1; m0 += step {
				k := t.call(w, o, g, k0, depth, m0, min(m0+step, r.m1))
				k.N = r.p1 - r.p0
				for y := r.y0; y < r.y1; y++ {
					k.BOff = y*t.inRow + r.p0 + o.inOff
					k.ROff = y*t.outRow + r.p0
					k.COff = k.ROff + o.outOff
					if k0 > 0 { // what it adds to is the output
						k.ROff = k.COff
					}
					if len(o.soon) > 0 {
						k.Soon = o.soon[0]
					}
					w.Set.GEMM(k)
					o.fetched(k.Soon)
				}
			}
		}
	}
}

// call is what every call has in common for output channels m0 to m1 of group g, and a
// block of the depth from k0 on. The first block begins with the bias and the residual, the
// others with what those before them have left, and the last one has the activation.
func (t *product) call(w *plan.Worker, o *operands, g, k0, depth, m0, m1 int) *kernel.GEMM {
	at, end := g*t.m+m0, g*t.m+m1
	k := &w.Args.GEMM
	*k = kernel.GEMM{
		Mem: w.Arena, Tile: t.tile, A: t.a[g*t.m*t.k+k0*t.m+m0*depth:][:(m1-m0)*depth],
		B: o.in[g*t.k+k0:][:depth], C: o.out[at-o.first:][:m1-m0], M: m1 - m0, K: depth, Panel: o.panel,
	}
	if o.factors != nil {
		k.Factors = o.factors[k0:][:depth]
	}
	if k0+depth == t.k {
		k.Act = t.act
	}
	if k0 > 0 {
		k.R = k.C
		return k
	}
	k.Bias = t.bias[at:end]
	if o.residual != nil {
		k.R = o.residual[at:end]
		if t.scale != nil {
			k.Scale = t.scale[at:end]
		}
	}
	return k
}
