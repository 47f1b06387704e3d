package predict

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// tensors is the network's own input.
type tensors struct {
	data []float32
	len  int // of a sample
}

func tensorSource(n *network.Network, t *oip.Tensor) (source, error) {
	want := n.Info.Input
	shape := t.Shape
	if len(shape) == len(want)+1 {
		shape = shape[1:]
	}
	same := func(a int64, b int) bool { return a == int64(b) }
	if !slices.EqualFunc(shape, want, same) {
		return nil, fault.New(fault.Invalid, "model %s: input %s has shape %v, want [n %s", n.Name, t.Name, t.Shape, dims(want))
	}
	for i, v := range t.Floats {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fault.New(fault.Invalid, "model %s: input %s: element %d is %v, want finite numbers", n.Name, t.Name, i, f)
		}
	}
	return tensors{t.Floats, n.Info.InputLen()}, nil
}

func (s tensors) samples() int { return len(s.data) / s.len }
func (s tensors) weight() int  { return 4 * s.len }

func (s tensors) input(_ context.Context, _ *network.Runner, i int, _ *[len(stages)]time.Duration) ([]float32, error) {
	return s.data[i*s.len : (i+1)*s.len], nil
}

// dims prints the rest of a shape.
func dims(shape []int) string {
	text := fmt.Sprint(shape)
	return text[1:]
}
