//go:build !purego

package kernel

import (
	"github.com/klauspost/cpuid/v2"
	asm "github.com/riffle-ml/riffle/asm/avx512"
)

// avx512 is avx2 with what AVX-512 does faster.
var avx512 = avx2.with("avx512", func(s *Set) {
	s.lacks = avx512Lacks
	s.Lanes = 16
	s.peak = func() int { return asm.Peak(1 << 14) }
	avx512Products(s)
	avx512Planes(s)

	if cpuid.CPU.Supports(cpuid.AVX512VNNI) {
		vnni(s)
	}
	if cpuid.CPU.Supports(cpuid.AVX512VBMI) {
		s.qtable = own(vbmiQTable, always[QTable]("qtable_avx512vbmi"))
	}
})

// avx512Lacks: what it has of avx2 needs AVX2's features too. cpuid looks at the
// processor, and at the operating system, which must keep the masks and the upper
// registers.
func avx512Lacks() (features []string) {
	features = avx2Lacks()
	for _, f := range []cpuid.FeatureID{cpuid.AVX512F, cpuid.AVX512VL, cpuid.AVX512BW, cpuid.AVX512DQ} {
		if !cpuid.CPU.Supports(f) {
			features = append(features, f.String())
		}
	}
	return features
}
