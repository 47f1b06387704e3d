//go:build !purego

package kernel

import (
	asm2 "github.com/riffle-ml/riffle/asm/avx2"
	asm "github.com/riffle-ml/riffle/asm/avx512"
)

// avx512Planes replaces the kernels that go over planes, all but GEMM. AVX2's stay where
// 512 bits were tried and are no faster, on Zen 4:
//   - Add, Affine and Binary are bound by the bytes that they load and store (0.97 to 1.02
//     times as fast), and so are Phases and Gather;
//   - the folds of pooling windows load 64 bytes from anywhere, and each such load is of two
//     cache lines (0.87 to 1.01);
//   - Linear is bound by memory: as fast for 1000x1024, and 0.8 times for 58x14. Cores that
//     compute 512 bits in one piece take four rows at a time by AVX2's unit, with its bits;
//   - Mean and Dots have eight partial sums by their contracts, one register of AVX2.
func avx512Planes(s *Set) {
	s.depthwise = own(avx512Depthwise.run, avx512Depthwise.unit)
	s.maxPool = own(avx512Pool.max, avx512Pool.maxUnit)
	s.avgPool = own(avx512Pool.avg, avx512Pool.avgUnit)
	s.winogradInput = own(avx512Winograd.runInput, avx512Winograd.inputUnit)
	s.winogradOutput = own(avx512Winograd.runOutput, avx512Winograd.outputUnit)
	if !halves512 {
		s.linear = own(avx512Linear.linear, always[Linear]("linear_avx512"))
	}
	s.activate = activateBy(asm.Activate)
	s.depthwiseMasks, s.poolMasks = avx512Walk.depthwiseMasks, avx512Walk.poolMasks
}

// avx512Linear reads four rows at a time: 1000x1024 in 141 us in place of 163 on Granite
// Rapids, where one row's reads ahead do not fill the way to memory.
var avx512Linear = &linearUnits{four: asm2.Linear4, alone: asm2.Linear1, half: asm2.LinearHalf1}

// avx512Walk has the orders that VSHUFPS leaves the even of 32 and of 16 columns in.
var avx512Walk = &walk{
	order: []int{0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15}, half: avx2Walk.order, leftward: true, seven: true,
}

var avx512Depthwise = &depthwiseUnits{
	set: "avx512", walk: avx512Walk,
	k3s1: asm.Depthwise3x3S1, k3s2: asm.Depthwise3x3S2, k5s1: asm.Depthwise5x5S1, k5s2: asm.Depthwise5x5S2, k7s1: asm.Depthwise7x7S1,
	any: &tapUnits{avx2Phases, avx2Depthwise.any.tapPair, &tapPair{asm.Taps, asm.TapColumns}},
}

var avx512Pool = &poolUnits{
	set: "avx512", walk: avx512Walk,
	max3s1: asm.MaxPool3x3S1, max3s2: asm.MaxPool3x3S2, max2s2: asm.MaxPool2x2S2, avg2s2: asm.AvgPool2x2S2, depthwise: avx512Depthwise,
	folds: &poolFolds{folds(asm2.FoldMax), folds(asm2.FoldSum), evens(asm2.PhaseRows2), scales(asm2.Scale)},
}
