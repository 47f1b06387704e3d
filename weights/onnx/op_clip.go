package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// No bounds.
var lowest, highest = math.Inf(-1), math.Inf(1)

var opClip = operator{
	op: weights.OpClip, inputs: 1,
	reads: map[string]reader{"Clip": (*importer).clip},
	write: (*exporter).clip,
}

func (im *importer) clip() {
	limits := [2]float64{lowest, highest}
	for i, name := range []string{"min", "max"} {
		if a := im.attr(name, proto.AttrFloat); a != nil {
			limits[i] = float64(a.F)
		} else if t := im.constant(1+i, false); t != nil {
			limits[i] = im.scalar(t)
		}
	}
	im.clamp(limits[0], limits[1])
}

// clamp is min(max(x, lo), hi) of input 0.
func (im *importer) clamp(lo, hi float64) {
	if math.IsNaN(lo) || math.IsNaN(hi) {
		im.failf(ErrInvalid, "limits: got %v and %v, want numbers", lo, hi)
	}
	if lo > hi { // ONNX: all elements become hi
		lo = hi
	}
	v := im.act(0)
	zero := lo == 0 || im.plain(v) && im.nonneg[v.base] && lo <= 0
	bounded := hi < math.MaxFloat32
	switch {
	case zero && hi == 6:
		im.same(weights.OpReLU6)
		return
	case zero && !bounded:
		im.same(weights.OpReLU)
		return
	case lo <= -math.MaxFloat32 && !bounded:
		im.identity()
		return
	}
	numbers := map[string]float64{}
	if lo > -math.MaxFloat32 {
		numbers["min"] = lo
	}
	if bounded {
		numbers["max"] = hi
	}
	im.function(weights.OpClip, lo <= 0 && hi >= 0, nil, numbers)
	if out := im.values[im.n.Outputs[0]]; lo >= 0 {
		im.nonneg[out.base] = true
	}
}

func (e *exporter) clip(n *weights.Node, s []int) ([][]int, error) {
	in := []string{n.Inputs[0], "", ""}
	for i, role := range []string{"min", "max"} {
		if n.Tensors[role] == "" {
			continue
		}
		v, err := e.number(n, role)
		if err != nil {
			return nil, err
		}
		in[1+i] = e.initScalar(v)
	}
	e.put(n.Name, "Clip", in, n.Outputs)
	return [][]int{s}, nil
}
