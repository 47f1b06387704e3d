package kernel

// TileFor returns the tile with which the set computes m output channels of n
// pixels fastest. The tile decides the packing of the weights; the result has the
// same bits with any tile of the set.
func (s *Set) TileFor(m, n int) Tile { return s.tile(m, n) }

// Cycles models how many cycles a GEMM of m output channels and n pixels takes for
// one step of its depth. It serves to compare one way of cutting a layer up with
// another.
func (s *Set) Cycles(m, n int) float64 {
	if s.cycles == nil {
		return float64(m * ((n + s.Lanes - 1) / s.Lanes))
	}
	return s.cycles(m, n)
}

// PanelLen returns how many elements of [GEMM].Panel make a GEMM of m output channels,
// depth k and n pixels fastest: 0 where it is as fast without. It is at most 2^18.
func (s *Set) PanelLen(m, k, n int) int {
	if s.panel == nil {
		return 0
	}
	return s.panel(m, k, n)
}

// factors says how long a Panel must be so that a set's GEMM takes [GEMM].Factors: less
// than 0 where it takes none. It does not hold for sets that have replaced that GEMM.
type factors struct {
	by  string
	len func(m, k, n int) int
}

// FactorsLen returns how many elements of [GEMM].Panel a GEMM of that shape needs if it
// has Factors, and whether the set takes any for it.
func (s *Set) FactorsLen(m, k, n int) (elements int, ok bool) {
	if s.factors.len == nil || s.factors.by != s.gemm.by {
		return 0, false
	}
	elements = s.factors.len(m, k, n)
	return max(0, elements), elements >= 0
}

// WorkLen returns how many elements of Work a call needs, so that it allocates none: 0
// if it works in none. args is a *Depthwise, or a *Pool as a [MaxPool] or an
// [AvgPool], as in [Set.Implementation]. For a *QGEMM, a *QDepthwise, a [QMaxPool] and
// a [QAvgPool] elements are bytes.
func (s *Set) WorkLen(args any) int {
	name := s.Implementation(args)
	switch a := args.(type) {
	case *Depthwise:
		if name == "depthwise_"+s.depthwise.by && a.Masks != nil {
			return a.workLen()
		}
	case MaxPool:
		if name == "maxpool_"+s.maxPool.by && a.folded() {
			return a.workLen()
		}
	case AvgPool:
		if name == "avgpool_"+s.avgPool.by && a.folded() {
			return a.workLen()
		}
	case *QGEMM:
		return s.qgemm.workLen(a)
	case *QDepthwise:
		return s.qdepthwise.workLen(a)
	case QMaxPool:
		return s.qmaxPool.workLen(a.QPool)
	case QAvgPool:
		return s.qavgPool.workLen(a.QPool)
	}
	return 0
}

// RowsAlike says whether the set computes every output row of d by the same operations,
// whatever rows are computed with it: then calls for some rows each compute the bits of
// one call for all. The tallest windows are computed four rows at a time and by another
// unit where fewer are left.
func (s *Set) RowsAlike(d *Depthwise) bool {
	return d.Masks == nil || d.KH < tallTaps || d.dh() != d.SH || s.Implementation(d) != "depthwise_"+s.depthwise.by
}

// DepthwiseMasks returns the edge masks with which this set computes a depthwise
// convolution of that shape, or nil where it has no unit for it: see [Depthwise].
// It reads sizes alone, not planes or weights. Any number of calls may share the
// masks.
func (s *Set) DepthwiseMasks(d *Depthwise) []float32 {
	if s.depthwiseMasks == nil {
		return nil
	}
	return s.depthwiseMasks(d)
}

// PoolMasks is [Set.DepthwiseMasks] for a [Pool].
func (s *Set) PoolMasks(p *Pool) []float32 {
	if s.poolMasks == nil {
		return nil
	}
	return s.poolMasks(p)
}
