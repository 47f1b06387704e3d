package engine

import (
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// Where an output's rows are shorter than what a vector machine likes, a
// convolution copies its input once for each column; and either way gives what
// the generic set gives, which never does.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		side, kernel, stride, pad, dilation int
		columns                             bool
	}{
		{8, 3, 1, 1, 1, true}, {7, 3, 1, 1, 1, true}, {14, 3, 2, 1, 1, true}, {9, 5, 2, 3, 1, true}, {12, 3, 1, 2, 2, true},
		{16, 3, 1, 1, 1, false}, {64, 3, 1, 1, 1, false}, {14, 1, 2, 0, 1, false},
	} {
		const in, out = 24, 48
		m := one(weights.OpConv, []int{in, c.side, c.side}, 1, attrMap{
			"kernel": {c.kernel, c.kernel}, "stride": {c.stride, c.stride}, "dilation": {c.dilation, c.dilation},
			"pad": {c.pad, c.pad, c.pad, c.pad},
		}, tensorMap{"weight": {out, in, c.kernel, c.kernel}})
		weight := m.Tensors[0].Data
		for i, v := range randomInput(len(weight), 3) {
			weight[i] = max(-1, min(v, 1))
		}
		reference := mustNew(t, m, WithISA("generic"), WithThreads(1))
		src := randomInput(reference.plan.InLen, 4)
		for i, v := range src {
			src[i] = max(-1, min(v, 1))
		}
		want := runAll(t, reference, src)
		// Two sums of as many products of numbers from -1 to 1, each rounded k times.
		k := float64(in * c.kernel * c.kernel)
		bound := float32(2 * k * k * 0x1p-24)
		forEachSet(t, func(t *testing.T, isa string) {
			for _, threads := range []int{1, 2} {
				e := mustNew(t, m, WithISA(isa), WithThreads(threads))
				var found bool
				for _, s := range e.Steps() {
					found = found || strings.HasPrefix(s.Kernel, "columns")
				}
				if isa == "avx2" && found != c.columns || isa == "generic" && found {
					t.Errorf("%+v: columns %v", c, found)
				}
				got := runAll(t, e, src)
				for i, v := range got {
					if d := v - want[i]; d > bound || -d > bound {
						t.Fatalf("%+v: output %d is %v, want %v", c, i, v, want[i])
					}
				}
			}
		})
	}
}
