//go:build !purego

package kernel

import (
	"github.com/riffle-ml/riffle/asm"
)

// neon needs what every arm64 processor has. A kernel that has no NEON version
// is the reference.
var neon = &Set{
	Name: "neon", Lanes: 4, Tiles: []Tile{{4, 24}, {6, 16}}, StoreLanes: 8, PixelCut: 24, LinearRows: 8,
	GEMM: neonGEMM, Linear: neonLinear, Dots: neonDots, Depthwise: simdDepthwise,
	MaxPool: simdMaxPool, AvgPool: simdAvgPool, Mean: simdMean,
	Phases: simdPhases, Add: simdAdd, Affine: simdAffine, Gather: copyGather, GatherBytes: copyGatherBytes,
	tile: genericTile, peak: func() int { return asm.Peak(1 << 13) },
}

func native() (run []*Set, why map[string]string) {
	return []*Set{neon}, nil
}
