package kernel

import (
	"regexp"
	"testing"
)

// TestQuantizedImplementation: each set names what runs a quantized call, and the reference
// where its own units do not go.
func TestQuantizedImplementation(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		depthwise := func(k, stride, h int) *QDepthwise {
			d := sameQDepthwise(1, h, h, k, stride)
			return &d
		}
		pool := func(k, stride, pad int) *QPool {
			return &QPool{C: 1, H: 8, W: 8, OH: (8+2*pad-k)/stride + 1, OW: (8+2*pad-k)/stride + 1, KH: k, KW: k, SH: stride, SW: stride, PadTop: pad, PadLeft: pad}
		}
		three := [3]string{} // by stride: shapes that not every set has a unit for
		if s.owner("qdepthwise") == "avx512" {
			three = [3]string{1: "3x3s1", 2: "3x3s2"}
		}
		for _, c := range []struct {
			args          any
			kernel, shape string
			reference     bool // also where the set has units
		}{
			{&QGEMM{M: 4, K: 4, N: 16}, "qgemm", "", false},
			{&QGEMM{M: 1, K: 1, N: 1, R: []int32{0}}, "qgemm", "", false},
			{depthwise(3, 1, 9), "qdepthwise", three[1], false},
			{depthwise(3, 2, 9), "qdepthwise", three[2], false},
			{depthwise(3, 3, 9), "qdepthwise", "", false},
			{depthwise(31, 1, 2), "qdepthwise", "", true}, // windows that are mostly padding
			{QMaxPool{pool(3, 2, 1)}, "qmaxpool", "", false},
			{QMaxPool{pool(2, 2, 0)}, "qmaxpool", "", false},
			{QMaxPool{pool(33, 1, 32)}, "qmaxpool", "", true},
			{QAvgPool{pool(3, 2, 1)}, "qavgpool", "", false},
			{QAvgPool{pool(33, 1, 32)}, "qavgpool", "", true},
			{&QMean{C: 1, N: 49}, "qmean", "", false},
			{&QLinear{In: 1024, Out: 1000}, "qlinear", "", false},
			{&QAdd{Ch: 1, N: 49}, "qadd", "", false},
			{&QScale{C: 1, N: 49}, "qscale", "", false},
			{&QTable{C: 1, N: 49}, "qtable", "", false},
			{&Quantize{C: 1, N: 49}, "quantize", "", false},
			{&Dequantize{C: 1, N: 49}, "dequantize", "", false},
			{&PhasesBytes{SH: 2, SW: 2, PH: 4, PW: 4}, "phasesbytes", "", false},
		} {
			// A set may have units for more shapes than are listed here, and extensions of its
			// instruction set behind its name, such as avx512vnni.
			shape := c.shape
			if shape == "" {
				shape = `(\d+x\d+(s\d)?)?`
			}
			own := s.owner(c.kernel)
			want := regexp.MustCompile("^" + c.kernel + shape + "_" + own + "[a-z0-9]*$")
			if own == "generic" || c.reference {
				want = regexp.MustCompile("^" + c.kernel + "_generic$")
			}
			got := s.Implementation(c.args)
			if !want.MatchString(got) {
				t.Errorf("%T %+v is run by %q, wanted one that matches %v", c.args, c.args, got, want)
			}
			if reference := own == "generic" || c.reference; IsReference(got) != reference {
				t.Errorf("%s is the reference: %v, wanted %v", got, !reference, reference)
			}
		}
	})
}
