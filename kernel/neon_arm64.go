//go:build !purego

package kernel

import (
	"github.com/klauspost/cpuid/v2"
	"github.com/riffle-ml/riffle/asm"
)

// neon needs what every arm64 processor has. A kernel that has no NEON version
// is the reference.
var neon = &Set{
	Name: "neon", Lanes: 4,
	GEMM: neonGEMM, Linear: neonLinear, Dots: neonDots, Depthwise: simdDepthwise,
	MaxPool: simdMaxPool, AvgPool: simdAvgPool, Mean: simdMean,
	Phases: simdPhases, Add: simdAdd, Affine: simdAffine, Gather: refGather, Pixels: simdPixels,
	tile: genericTile, peak: func() int { return asm.Peak(1 << 13) },
}

func native() (run []*Set, why map[string]string) {
	neon.Int8Dot = cpuid.CPU.Supports(cpuid.ASIMDDP)
	return []*Set{neon}, nil
}
