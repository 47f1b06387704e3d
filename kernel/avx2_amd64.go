//go:build !purego

package kernel

import (
	"github.com/klauspost/cpuid/v2"
	asm "github.com/riffle-ml/riffle/asm/avx2"
)

// avx2 is generic with what AVX2 and FMA do faster.
var avx2 = generic.with("avx2", func(s *Set) {
	s.lacks = avx2Lacks
	s.Lanes = 8
	s.peak = func() int { return asm.Peak(1 << 14) }

	s.qpeak = func() int { return asm.QPeak(1 << 14) }
	s.QRows, s.QPixels = qRows, pairStrip
	s.qgemm, s.qgemmLen, s.qgemmPack = own(avx2QGEMM, always[QGEMM]("qgemm_avx2")), pairQGEMMLen, pairQGEMMPack
	s.qgemm.work = pairWork
	avx2QTaps.replace(s)
	quantizedPlanes(s)
	s.qlinear = own(func(l *QLinear) { simdQLinear(l, false) }, simdQLinearUnit)
	s.qtable = own(avx2QTable, always[QTable]("qtable_avx2"))

	s.gemm = own(avx2GEMM, tiled(s.Tiles, "avx2"))
	s.tile, s.cycles, s.panel = avx2Tile, avx2Cycles, avx2PanelLen
	s.factors = factors{"avx2", avx2FactorsLen}

	s.depthwise = own(avx2Depthwise.run, avx2Depthwise.unit)
	s.maxPool = own(avx2Pool.max, avx2Pool.maxUnit)
	s.avgPool = own(avx2Pool.avg, avx2Pool.avgUnit)
	s.winogradInput = own(avx2Winograd.runInput, avx2Winograd.inputUnit)
	s.winogradOutput = own(avx2Winograd.runOutput, avx2Winograd.outputUnit)
	s.depthwiseMasks, s.poolMasks = avx2Walk.depthwiseMasks, avx2Walk.poolMasks

	s.mean = own(avx2Mean.run, avx2Mean.unit)
	s.linear, s.Halves = own(avx2Linear.linear, always[Linear]("linear_avx2")), true
	s.dots = own(avx2Linear.dots, always[Dots]("dots_avx2"))
	s.phases = own(avx2Phases.run, avx2Phases.unit)
	s.activate = activateBy(asm.Activate)
	s.binary = own(binaryBy(asm.Binary), binaryUnitName("avx2"))
	s.add = own(avx2Add.runAdd, always[Add]("add_avx2"))
	s.affine = own(avx2Add.runAffine, avx2Add.affineUnit)
})

// avx2Lacks: besides AVX2 and FMA it needs the conversion of half precision, and
// an operating system that keeps the wide registers. cpuid looks at both.
func avx2Lacks() (features []string) {
	for _, f := range []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3, cpuid.F16C} {
		if !cpuid.CPU.Supports(f) {
			features = append(features, f.String())
		}
	}
	return features
}

// avx2Walk has the order that VSHUFPS leaves the even of 16 columns in.
var avx2Walk = &walk{order: []int{0, 1, 4, 5, 2, 3, 6, 7}, leftward: true}

var avx2Depthwise = &depthwiseUnits{
	set: "avx2", walk: avx2Walk,
	k3s1: asm.Depthwise3x3S1, k3s2: asm.Depthwise3x3S2, k5s1: asm.Depthwise5x5S1, k5s2: asm.Depthwise5x5S2,
	any: &tapUnits{phases: avx2Phases, tapPair: tapPair{asm.Taps, asm.TapColumns}},
}

var avx2Pool = &poolUnits{
	set: "avx2", walk: avx2Walk,
	max3s1: asm.MaxPool3x3S1, max3s2: asm.MaxPool3x3S2, max2s2: asm.MaxPool2x2S2, avg2s2: asm.AvgPool2x2S2, depthwise: avx2Depthwise,
	folds: &poolFolds{folds(asm.FoldMax), folds(asm.FoldSum), evens(asm.PhaseRows2), scales(asm.Scale)},
}

var avx2QTaps = &qtapUnits{set: "avx2", depth: 2, block: 32, pixel: 4, phases: &qphaseUnits, interleave: asm.QInterleave, taps: asm.QTaps}

var (
	avx2Mean   = &meanUnits{set: "avx2", four: asm.Mean4, alone: asm.Mean1}
	avx2Linear = &linearUnits{alone: asm.Linear1, dotsAlone: asm.Dots1, half: asm.LinearHalf1}
	avx2Phases = &phaseUnits{set: "avx2", stride: [5]phaseUnit{1: asm.PhaseRows1, 2: asm.PhaseRows2, 4: asm.PhaseRows4}, any: asm.PhaseRows}
	avx2Add    = &addUnits{set: "avx2", add: asm.Add, affine: asm.Affine}
)

var avx2Winograd = &winogradUnits{
	set: "avx2", phases: [5]phaseUnit{2: asm.PhaseRows2, 4: asm.PhaseRows4}, finish: asm.WinogradFinish,
	input:  [5]func(dst, phases, tmp *float32, rows, vecs, pw, pp, es, step int){2: asm.WinogradInput2, 4: asm.WinogradInput4},
	output: [5]func(dst, src, tmp *float32, rows, vecs, es, step, ow int){2: asm.WinogradOutput2, 4: asm.WinogradOutput4},
}
