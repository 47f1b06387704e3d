//go:build !purego

package kernel

import (
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/riffle-ml/riffle/asm"
)

// avx2 needs AVX2, FMA and half-precision conversion of the processor, and the
// operating system to keep the wide registers; cpuid looks at both. A kernel
// that has no AVX2 version is the reference.
var avx2 = &Set{
	Name: "avx2", Lanes: 8, Tiles: []Tile{{4, 24}, {6, 16}}, StoreLanes: 8, PixelCut: 24, LinearRows: 8,
	GEMM: avx2GEMM, Linear: avx2Linear, Dots: avx2Dots, Depthwise: simdDepthwise,
	MaxPool: simdMaxPool, AvgPool: simdAvgPool, Mean: simdMean,
	Phases: simdPhases, Add: simdAdd, Affine: simdAffine, Gather: copyGather, GatherBytes: copyGatherBytes,
	tile: fewestCycles, cycles: avx2Cycles, peak: func() int { return asm.Peak(1 << 14) },
}

func native() (run []*Set, why map[string]string) {
	var missing []string
	for _, f := range []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3, cpuid.F16C} {
		if !cpuid.CPU.Supports(f) {
			missing = append(missing, f.String())
		}
	}
	if missing != nil {
		return nil, map[string]string{"avx2": "the processor, or the operating system, lacks " + strings.Join(missing, ", ")}
	}
	return []*Set{avx2}, nil
}
