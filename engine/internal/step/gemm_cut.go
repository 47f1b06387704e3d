package step

import (
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// cut says how a GEMM of groups products m x n, n pixels in each of so many rows, is
// shared.
type cut struct {
	groups, m, rows, n int
	by                 by
	tileRows, pixels   int // output channels and pixels are cut at multiples of these
}

// by is what is cut.
type by uint8

const (
	byGroup  by = iota
	byOutput    // channels
	byRow       // of pixels
	byPixel
)

// gemmRange is what one share computes.
type gemmRange struct{ g0, g1, m0, m1, y0, y1, p0, p1 int }

// even is an imbalance that is nothing beside what the caches cost.
const even = 1.08

// choose decides how the work is shared in so many parts or fewer, and returns in how
// many.
//
// If the parts are even, what counts is how much a core reads that another has just
// written: a line that another core's cache has changed takes several times as
// long as one of the core's own. Groups read inputs of their own alone. Pixels do
// so too, of every channel, and read all weights: that is good where there are
// more of them than output channels, and better still where the step before was
// cut likewise (a unit's first pointwise convolution follows the last unit's
// last). Output channels read all of the input, half of it or more another's, and
// leave planes where the depthwise convolution that follows, cut by channels,
// finds them.
func (t *cut) choose(set *kernel.Set, parts int) int {
	if parts == 1 {
		return 1
	}
	byM := plan.Imbalance(t.m, t.tileRows, parts)
	byG := plan.Imbalance(t.groups, 1, parts)
	byP := 1e9
	switch {
	case t.rows == 1:
		byP = plan.Imbalance(t.n, t.pixels, parts)
	case t.n%set.StoreLanes == 0: // else a row's last store spills into the next row, which may be another part's
		byP = plan.Imbalance(t.rows, 1, parts)
	}
	if byG > even && byP <= even && t.rows*t.n > t.groups*t.m {
		byP = 0 // whatever the others are
	}
	items, align := t.n, t.pixels
	switch {
	case byG <= byM && byG <= byP+0.05:
		t.by, items, align = byGroup, t.groups, 1
	case byM <= byP+0.05:
		t.by, items, align = byOutput, t.m, t.tileRows
	case t.rows > 1:
		t.by, items, align = byRow, t.rows, 1
	default:
		t.by = byPixel
	}
	return min(parts, (items+align-1)/align)
}

// ranges is what share s computes.
func (t *cut) ranges(s plan.Share) gemmRange {
	r := gemmRange{0, t.groups, 0, t.m, 0, t.rows, 0, t.n}
	if s.Of == 1 {
		return r
	}
	switch t.by {
	case byGroup:
		r.g0, r.g1 = s.Span(t.groups, 1)
	case byOutput:
		r.m0, r.m1 = s.Span(t.m, t.tileRows)
	case byRow:
		r.y0, r.y1 = s.Span(t.rows, 1)
	case byPixel:
		r.p0, r.p1 = s.Span(t.n, t.pixels)
	}
	return r
}
