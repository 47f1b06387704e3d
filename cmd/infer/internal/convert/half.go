package convert

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// checkHalf names the first weight that -f16 cannot keep.
func checkHalf(m *weights.Model) error {
	for i := range m.Tensors {
		t := &m.Tensors[i]
		for k, v := range t.Data {
			if len(t.Shape) > 1 && math.Abs(float64(v)) >= 65520 {
				return fmt.Errorf("-f16: tensor %q: got %v at index %d, want at most 65504", t.Name, v, k)
			}
		}
	}
	return nil
}
