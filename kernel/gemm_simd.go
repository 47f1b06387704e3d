//go:build (amd64 || arm64) && !purego

package kernel

import "slices"

// What the GEMM drivers of all sets share. Each set has a driver of its own, which
// calls its units directly: a strip takes so little time that a call by way of a
// function value, with so many arguments, would be felt.

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

// pointers returns what a unit takes of the epilogue for the rows from m0 on. Without a
// residual or a scale, that pointer is nil.
func (g *GEMM) pointers(m0 int) (r *int32, bias, scale *float32) {
	bias = &zeros[0]
	if g.Bias != nil {
		bias = &g.Bias[m0]
	}
	if g.R != nil {
		if r = &g.R[m0]; g.Scale != nil {
			scale = &g.Scale[m0]
		}
	}
	return r, bias, scale
}

// tiled names the unit of a set for a GEMM with one of its tiles.
func tiled(tiles []Tile, set string) func(*GEMM) string {
	return func(g *GEMM) string {
		if !slices.Contains(tiles, g.Tile) {
			return ""
		}
		return "gemm" + g.Tile.String() + "_" + set
	}
}
