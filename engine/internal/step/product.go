package step

import (
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// product is what a GEMM multiplies, packed, wherever its planes are.
type product struct {
	tile                   kernel.Tile
	groups, m, k           int
	a, bias, scale         []float32
	act                    kernel.Activation
	rows, n, inRow, outRow int
}

// product packs g for a tile.
func (g *GEMM) product(tile kernel.Tile) product {
	return product{
		tile: tile, groups: g.Groups, m: g.M, k: g.K, a: g.pack(tile), bias: g.Bias, scale: g.Scale, act: g.Act,
		rows: g.Rows, n: g.N, inRow: g.InRow, outRow: g.OutRow,
	}
}

// operands is where a product's planes are.
type operands struct {
	in, out, residual []int32   // tables; residual may be nil
	first             int       // the output channel of out's first entry
	inOff, outOff     int       // elements, added to every entry
	panel, factors    []float32 // may be nil
}

// blockBytes bounds the packed weights that one sweep over the rows uses, so
// that they stay in the nearest cache between rows.
const blockBytes = 128 << 10

// compute computes range r.
func (t *product) compute(w *plan.Worker, r gemmRange, o *operands) {
	per := t.m * t.k
	step := t.m
	if t.rows > 1 && len(o.panel) == 0 { // else each row is copied but once
		step = max(t.tile.Rows, blockBytes/4/t.k/t.tile.Rows*t.tile.Rows)
	}
	for g := r.g0; g < r.g1; g++ {
		for m0 := r.m0; m0 < r.m1; m0 += step {
			m1 := min(m0+step, r.m1)
			at := g*t.m + m0
			k := &w.Args.GEMM
			*k = kernel.GEMM{
				Mem: w.Arena, Tile: t.tile, A: t.a[g*per+m0*t.k : g*per+m1*t.k],
				B: o.in[g*t.k : (g+1)*t.k], C: o.out[at-o.first:][:m1-m0], M: m1 - m0, K: t.k, N: r.p1 - r.p0,
				Panel: o.panel, Factors: o.factors,
				Epilogue: kernel.Epilogue{Bias: t.bias[at : at+m1-m0], Act: t.act},
			}
			if o.residual != nil {
				k.R = o.residual[at : at+m1-m0]
				if t.scale != nil {
					k.Scale = t.scale[at : at+m1-m0]
				}
			}
			for y := r.y0; y < r.y1; y++ {
				k.BOff = y*t.inRow + r.p0 + o.inOff
				k.ROff = y*t.outRow + r.p0
				k.COff = k.ROff + o.outOff
				w.Set.GEMM(k)
			}
		}
	}
}
