//go:build (amd64 || arm64) && !purego

package kernel

// gemmUnit is a unit of assembly that computes m output channels of one strip of
// pixels. Tables hold element offsets from mem; boff, coff and roff are bytes.
type gemmUnit = func(mem, a *float32, b, c, r *int32, bias, scale *float32, m, k, boff, coff, roff, act int, lo, hi float32)

// gemmTile is a tile of a set with the units for it.
type gemmTile struct {
	Tile
	units  []gemmUnit // units[v] computes a strip of v vectors
	next   []int      // how wide the next strip is, by how many vectors are left; the last entry is for more
	column gemmUnit   // computes one pixel alone, the last; nil: a strip does
}

// gemmUnits is what the driver of GEMM needs of a set.
type gemmUnits struct {
	set   string
	lanes int // pixels in a vector
	tiles []gemmTile
}

const (
	// blockWeights bounds the packed weights, in elements, that all strips go
	// over before the next weights are taken: half an L2 of 512 KiB. A layer with
	// more reads them once from further away, not once a strip. A call is then
	// far below callWork for any depth that a network has.
	blockWeights = 64 << 10
	// blockRows divides a block of more: no unit's largest group of rows is cut.
	blockRows = 48
)

// zeros is the bias of one block of rows, where a GEMM has none.
var zeros [128 * blockRows]float32

func (u *gemmUnits) tile(t Tile) *gemmTile {
	for i := range u.tiles {
		if u.tiles[i].Tile == t {
			return &u.tiles[i]
		}
	}
	return nil
}

// unit is the driver's choice by name.
func (u *gemmUnits) unit(g *GEMM) string {
	if u.tile(g.Tile) == nil {
		return ""
	}
	return "gemm" + g.Tile.String() + "_" + u.set
}

// run goes over all strips with a block of rows, then with the next block.
func (u *gemmUnits) run(g *GEMM) {
	t := u.tile(g.Tile)
	if t == nil {
		refGEMM(g)
		return
	}
	block := g.block()
	act, lo, hi := g.Act.arguments()
	bias := &zeros[0]
	var r *int32
	var scale *float32
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		if g.Bias != nil {
			bias = &g.Bias[m0]
		}
		if g.R != nil {
			if r = &g.R[m0]; g.Scale != nil {
				scale = &g.Scale[m0]
			}
		}
		mem, a, b, c := &g.Mem[0], &g.A[m0*g.K], &g.B[0], &g.C[m0]
		boff, coff, roff := 4*g.BOff, 4*g.COff, 4*g.ROff
		vecs, column := (g.N+u.lanes-1)/u.lanes, false
		if t.column != nil && g.N%u.lanes == 1 {
			vecs, column = g.N/u.lanes, true
		}
		for vecs > 0 {
			v := t.next[min(vecs, len(t.next)-1)]
			t.units[v](mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
			vecs -= v
			bytes := 4 * u.lanes * v
			boff, coff, roff = boff+bytes, coff+bytes, roff+bytes
		}
		if column {
			t.column(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
		}
	}
}

// block returns how many rows go over all strips before the next rows do.
func (g *GEMM) block() int {
	rows := g.Tile.Rows
	block := blockWeights / g.K
	if g.Bias == nil {
		block = min(block, len(zeros))
	}
	if block >= blockRows {
		return block / blockRows * blockRows
	}
	return max(rows, block/rows*rows)
}
