package engine

import (
	"github.com/riffle-ml/riffle/kernel"
)

// matmul describes a grouped GEMM over planes. Group g multiplies rows
// g*m .. g*m+m-1 of weight ((groups*m) x k) by planes g*k .. g*k+k-1 of in.
type matmul struct {
	name, op     string
	groups, m, k int
	weight, bias []float32
	spare        bool      // weight is nobody else's and may be overwritten
	scale        []float32 // of the residual; nil: 1
	act          act
	in, res, out tensor  // out nil: a new buffer
	shift        []int32 // added to in's plane offsets; nil: 0

	// rows passes of n pixels; pass y starts inRow*y (outRow*y) pixels further.
	rows, n, inRow, outRow int
}

// matmul adds the step and returns the output tensor of groups*m planes.
func (p *planner) matmul(m *matmul, pixels int) tensor {
	if m.out == nil {
		m.out = p.all(p.newBuffer(m.groups*m.m, pixels))
	}
	t := &gemmStep{
		tile: p.set.TileFor(m.m, m.n), groups: m.groups, m: m.m, k: m.k, bias: m.bias, scale: m.scale, act: m.act,
		rows: m.rows, n: m.n, inRow: m.inRow, outRow: m.outRow, r: -1,
	}
	t.a = m.pack(t.tile)
	if m.res != nil {
		t.r = p.use(m.res)
	}
	t.b, t.c = p.use(m.in), p.use(m.out)
	p.tables[t.b].shift = m.shift
	t.cut(p.threads)
	p.add(m.name, m.op, len(t.ranges), t)
	return m.out
}

// pack returns the weights in the order of the tile. A tile's rows are as long
// packed as not, so that weights of our own are packed where they are: no fresh memory, whose first
// touch takes longer than the packing.
func (m *matmul) pack(tile kernel.Tile) []float32 {
	per, rows := kernel.PackedLen(tile, m.m, m.k), tile.Rows
	if !m.spare || per != m.m*m.k {
		a := make([]float32, m.groups*per)
		for g := range m.groups {
			kernel.PackA(tile, a[g*per:(g+1)*per], m.weight[g*m.m*m.k:], m.m, m.k, m.k)
		}
		return a
	}
	scratch := make([]float32, rows*m.k)
	for g := range m.groups {
		for m0 := 0; m0 < m.m; m0 += rows {
			r := min(rows, m.m-m0)
			a := m.weight[(g*m.m+m0)*m.k:][:r*m.k]
			copy(scratch, a)
			kernel.PackA(tile, a, scratch, r, m.k, m.k)
		}
	}
	return m.weight
}

type gemmStep struct {
	tile                   kernel.Tile
	groups, m, k           int
	a, bias, scale         []float32
	act                    act
	b, c, r                int // tables; r -1: no residual
	rows, n, inRow, outRow int
	ranges                 []gemmRange // one a part
}

// gemmRange is what one part computes.
type gemmRange struct{ g0, g1, m0, m1, y0, y1, p0, p1 int }

// even is an imbalance that is nothing beside what the caches cost.
const even = 1.08

// cut shares the work out. What counts, if the parts are even, is how much a core reads that another has
// just written: a line that another core's cache has changed takes several times as long as one of the
// core's own. Groups read inputs of their own alone. Pixels do so too, of
// every channel, and read all weights: good where there are more of them than output channels, and better still where
// the step before was cut likewise (the next unit's first pointwise convolution
// after a unit's last). Output channels read all of the input, half of it or more another's, and
// leave planes where the depthwise convolution that follows, cut by channels, finds them.
func (t *gemmStep) cut(threads int) {
	work := t.groups * t.m * t.k * t.rows * t.n
	parts := partsFor(threads, work)
	whole := gemmRange{0, t.groups, 0, t.m, 0, t.rows, 0, t.n}
	if parts == 1 {
		t.ranges = []gemmRange{whole}
		return
	}
	byM := imbalance(t.m, t.tile.Rows, parts)
	byG := imbalance(t.groups, 1, parts)
	byP := 1e9
	switch {
	case t.rows == 1:
		byP = imbalance(t.n, 24, parts)
	case t.n%8 == 0: // else a row's last store spills into the next row, which may be another part's
		byP = imbalance(t.rows, 1, parts)
	}
	if byG > even && byP <= even && t.rows*t.n > t.groups*t.m {
		byP = 0 // whatever the others are
	}
	for i := range parts {
		r := whole
		switch {
		case byG <= byM && byG <= byP+0.05:
			r.g0, r.g1 = span(t.groups, 1, i, parts)
		case byM <= byP+0.05:
			r.m0, r.m1 = span(t.m, t.tile.Rows, i, parts)
		case t.rows > 1:
			r.y0, r.y1 = span(t.rows, 1, i, parts)
		default:
			r.p0, r.p1 = span(t.n, 24, i, parts)
		}
		if r.g0 < r.g1 && r.m0 < r.m1 && r.y0 < r.y1 && r.p0 < r.p1 {
			t.ranges = append(t.ranges, r)
		}
	}
}

func (t *gemmStep) whole() runner {
	if len(t.ranges) == 1 {
		return t
	}
	u := *t
	u.ranges = []gemmRange{{0, t.groups, 0, t.m, 0, t.rows, 0, t.n}}
	return &u
}

// blockBytes bounds the packed weights that one sweep over the rows uses, so
// that they stay in the cache nearest to the core between rows.
const blockBytes = 128 << 10

func (t *gemmStep) run(s *Session, w *worker, part int) {
	r := t.ranges[part]
	per := t.m * t.k
	step := t.m
	if t.rows > 1 {
		tr := t.tile.Rows
		step = max(tr, blockBytes/4/t.k/tr*tr)
	}
	for g := r.g0; g < r.g1; g++ {
		for m0 := r.m0; m0 < r.m1; m0 += step {
			m1 := min(m0+step, r.m1)
			at := g*t.m + m0
			k := &w.gemm
			*k = kernel.GEMM{
				Mem: s.arena, Tile: t.tile, A: t.a[g*per+m0*t.k : g*per+m1*t.k],
				B: s.tab[t.b][g*t.k : (g+1)*t.k], C: s.tab[t.c][at : at+m1-m0],
				M: m1 - m0, K: t.k, N: r.p1 - r.p0, Epilogue: t.act.epilogue(),
			}
			k.Bias = t.bias[at : at+m1-m0]
			if t.r >= 0 {
				k.R = s.tab[t.r][at : at+m1-m0]
				if t.scale != nil {
					k.Scale = t.scale[at : at+m1-m0]
				}
			}
			for y := r.y0; y < r.y1; y++ {
				k.BOff = y*t.inRow + r.p0
				k.COff = y*t.outRow + r.p0
				k.ROff = k.COff
				s.plan.set.GEMM(k)
			}
		}
	}
}
