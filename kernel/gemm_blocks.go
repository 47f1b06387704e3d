//go:build (amd64 || arm64) && !purego

package kernel

const (
	// callWork bounds one call into assembly, in multiply-adds: a quarter of a
	// millisecond at 50 GFLOP/s. It cannot be preempted for that long.
	callWork = 6 << 20
	// blockWeights bounds the packed weights, in elements, that all strips go
	// over before the next weights are taken: half an L2 of 512 KiB. A layer with
	// more reads them once from further away, not once a strip. A call is then
	// far below callWork for any depth that a network has.
	blockWeights = 64 << 10
	// blockRows divides a block of more: no kernel's largest group of rows is cut.
	blockRows = 48
)

// zeros is the bias of a GEMM that has none, for one block.
var zeros [blockRows * 128]float32

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

// arguments is what the assembly takes of an activation: its kind, and bounds that
// hold for every kind.
func (a Activation) arguments() (kind int, lo, hi float32) {
	lo, hi = a.Bounds()
	return int(a.Kind), lo, hi
}
