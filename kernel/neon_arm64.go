//go:build !purego

package kernel

import (
	"github.com/klauspost/cpuid/v2"
	asm "github.com/riffle-ml/riffle/asm/neon"
)

// neon is generic with what NEON does faster. Every arm64 processor has it. It takes the
// dot product where the processor is known to have that: on Linux and macOS, since package
// cpuid asks no other system.
var neon = neonWith(cpuid.CPU.Supports(cpuid.ASIMDDP))

// neonWith is the set with the dot product, FEAT_DotProd, or without.
func neonWith(dot bool) *Set {
	return generic.with("neon", func(s *Set) {
		neonFloats(s)
		neonProducts(s, dot)
	})
}

// neonFloats gives s the kernels for planes of float32.
func neonFloats(s *Set) {
	s.Lanes = 4
	s.peak = func() int { return asm.Peak(1 << 13) }

	s.gemm = own(neonGEMM, tiled(s.Tiles, "neon"))

	s.depthwise = own(neonDepthwise.run, neonDepthwise.unit)
	s.maxPool = own(neonPool.max, neonPool.maxUnit)
	s.avgPool = own(neonPool.avg, neonPool.avgUnit)
	s.depthwiseMasks, s.poolMasks = neonWalk.depthwiseMasks, neonWalk.poolMasks

	s.mean = own(neonMean.run, neonMean.unit)
	s.linear = own(neonLinear.linear, always[Linear]("linear_neon"))
	s.Halves = true
	neonHalves(s)
	s.dots = own(neonLinear.dots, always[Dots]("dots_neon"))
	s.phases = own(neonPhases.run, neonPhases.unit)
	s.activate = activateBy(asm.Activate)
	s.binary = own(binaryBy(asm.Binary), binaryUnitName("neon"))
	s.add = own(neonAdd.runAdd, always[Add]("add_neon"))
	s.affine = own(neonAdd.runAffine, neonAdd.affineUnit)
}

var neonWalk = &walk{order: []int{0, 1, 2, 3, 4, 5, 6, 7}}

var neonDepthwise = &depthwiseUnits{
	set: "neon", walk: neonWalk,
	k3s1: asm.Depthwise3x3S1, k3s2: asm.Depthwise3x3S2, k5s1: asm.Depthwise5x5S1, k5s2: asm.Depthwise5x5S2,
	any: &tapUnits{phases: neonPhases, tapPair: tapPair{asm.Taps, asm.TapColumns}},
}

var neonPool = &poolUnits{
	set: "neon", walk: neonWalk,
	max3s2: asm.MaxPool3x3S2, max2s2: asm.MaxPool2x2S2, avg2s2: asm.AvgPool2x2S2, depthwise: neonDepthwise,
	folds: &poolFolds{folds(asm.FoldMax), folds(asm.FoldSum), evens(asm.PhaseRows2), scales(asm.Scale)},
}

var (
	neonMean   = &meanUnits{set: "neon", four: asm.Mean4, alone: asm.Mean1}
	neonLinear = &linearUnits{
		four: asm.Linear4, alone: asm.Linear1, dotsFour: asm.Dots4, dotsAlone: asm.Dots1,
		halfFour: asm.LinearHalf4, half: asm.LinearHalf1,
	}
	neonPhases = &phaseUnits{set: "neon", stride: [5]phaseUnit{1: asm.PhaseRows1, 2: asm.PhaseRows2, 4: asm.PhaseRows4}, any: asm.PhaseRows}
	neonAdd    = &addUnits{set: "neon", add: asm.Add, affine: asm.Affine}
)
