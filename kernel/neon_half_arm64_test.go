//go:build !purego

package kernel

import (
	"testing"

	"github.com/klauspost/cpuid/v2"
)

// TestNEONHalfGEMM: the units that a processor with FEAT_FHM does not use are tested on it
// too.
func TestNEONHalfGEMM(t *testing.T) {
	if err := neon.HalfArithmetic(); err != nil {
		t.Skip(err)
	}
	if !cpuid.CPU.Supports(cpuid.FHM) {
		t.Skip("TestHalfGEMM has tested them")
	}
	halfGEMMs(t, neon.with("neon", func(s *Set) {
		s.halfGEMM = own(neonHalfGEMM, always[HalfGEMM]("halfgemm4x16_neon"))
	}))
}
