package engine

import (
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/op"
	"github.com/riffle-ml/riffle/weights"
)

// sized returns m, or a copy of it for inputs of the size that was asked for.
func (o *options) sized(m *weights.Model) (*weights.Model, error) {
	h, w := o.size[0], o.size[1]
	if h == 0 {
		return m, nil
	}
	if in := m.Graph.Inputs; len(in) == 1 && len(in[0].Shape) == 3 && in[0].Shape[1] == h && in[0].Shape[2] == w {
		return m, nil
	}
	out, err := graph.Adapt(m, op.Kinds, op.Adapters, o.limits.meter(m, o.maxActivations), h, w)
	if err != nil {
		return nil, modelError(err)
	}
	if p := m.Preprocess; p != nil {
		scaled := *p
		scaled.Crop = o.size
		if p.Resize > 0 { // the shorter side: as much longer than that of the crop as it was
			scaled.Resize = int(math.Round(float64(p.Resize) * float64(min(h, w)) / float64(min(p.Crop[0], p.Crop[1]))))
			scaled.Resize = max(scaled.Resize, 1)
		}
		out.Preprocess = &scaled
	}
	return out, nil
}
