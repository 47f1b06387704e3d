//go:build !purego

package kernel

import (
	"testing"

	"github.com/klauspost/cpuid/v2"
)

// otherForms are the sets that another processor of this architecture would have: here
// NEON without the dot product, on one that has it.
func otherForms() []*Set {
	if cpuid.CPU.Supports(cpuid.ASIMDDP) {
		return []*Set{neonWith(false)}
	}
	return nil
}

// TestNEONForms: with the dot product the products are its, without it no unit is that
// needs it, and what multiplies nothing is the same.
func TestNEONForms(t *testing.T) {
	if got, want := neon.Implementation(&QGEMM{}) == "qgemm_neondot", cpuid.CPU.Supports(cpuid.ASIMDDP); got != want {
		t.Errorf("the set takes the dot product: %v, the processor has it: %v", got, want)
	}
	for suffix, s := range map[string]*Set{"neon": neonWith(false), "neondot": neonWith(true)} {
		depthwise := sameQDepthwise(1, 14, 14, 3, 1)
		pool := &QPool{C: 1, H: 14, W: 14, OH: 7, OW: 7, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1}
		for _, c := range []struct {
			args any
			want string
		}{
			{&QGEMM{}, "qgemm_" + suffix}, {&depthwise, "qdepthwise_" + suffix}, {QAvgPool{pool}, "qavgpool_" + suffix},
			{QMaxPool{pool}, "qmaxpool_neon"}, {&QMean{}, "qmean_neon"}, {&QLinear{In: 100}, "qlinear_neon"}, {&QLinear{In: 15}, "qlinear_generic"},
			{&QAdd{}, "qadd_neon"}, {&QScale{}, "qscale_neon"}, {&QTable{}, "qtable_neon"}, {&Quantize{}, "quantize_neon"},
			{&Dequantize{}, "dequantize_neon"}, {&PhasesBytes{SW: 2}, "phasesbytes_neon"}, {&PhasesBytes{SW: 3}, "phasesbytes_generic"},
		} {
			if got := s.Implementation(c.args); got != c.want {
				t.Errorf("%T is run by %s, wanted %s", c.args, got, c.want)
			}
		}
	}
}
