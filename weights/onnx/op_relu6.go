package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opReLU6 = operator{
	op: weights.OpReLU6, inputs: 1,
	reads: map[string]reader{
		"Clip": (*importer).clip,
		"Max":  (*importer).limit,
		"Min":  (*importer).limit,
	},
	sign:   nonNegative,
	absorb: absorbByReLU6,
	write:  (*exporter).relu6,
}

// absorbByReLU6: a ReLU or a ReLU6 changes nothing behind a ReLU6.
func absorbByReLU6(im *importer, p, n *weights.Node) bool {
	return n.Op == weights.OpReLU || n.Op == weights.OpReLU6
}

// clamp is min(max(x, lo), hi) of input 0, for the limits that an operator has.
func (im *importer) clamp(lo, hi float64) {
	if v := im.act(0); lo == 0 || im.plain(v) && im.nonneg[v.base] && lo <= 0 {
		switch {
		case hi == 6:
			im.same(weights.OpReLU6)
			return
		case hi >= math.MaxFloat32:
			im.same(weights.OpReLU)
			return
		}
	}
	if lo <= -math.MaxFloat32 && hi >= math.MaxFloat32 {
		im.identity()
		return
	}
	im.failf(ErrUnsupported, "limits: got %v and %v, want 0 and 6 (ReLU6) or 0 and none (ReLU)", lo, hi)
}

func (im *importer) clip() {
	limits := [2]float64{math.Inf(-1), math.Inf(1)}
	for i, name := range []string{"min", "max"} {
		if a := im.attr(name, proto.AttrFloat); a != nil {
			limits[i] = float64(a.F)
		} else if t := im.constant(1+i, false); t != nil {
			limits[i] = im.scalar(t)
		}
	}
	im.clamp(limits[0], limits[1])
}

// limit is Max and Min of an activation and a constant.
func (im *importer) limit() {
	at := im.activation()
	if len(im.n.Inputs) != 2 {
		im.failf(ErrUnsupported, "got %d inputs, want an activation and a constant", len(im.n.Inputs))
	}
	t := im.constant(1-at, true)
	k := im.scalar(t)
	if len(t.dims) > len(im.act(at).dims) {
		im.failf(ErrUnsupported, "limit: got shape %v, want one value", t.dims)
	}
	n := *im.n // the activation first, as clamp has it
	n.Inputs = []string{im.n.Inputs[at]}
	im.n = &n
	if n.Op == "Max" {
		im.clamp(k, math.Inf(1))
	} else {
		im.clamp(math.Inf(-1), k)
	}
}

func (e *exporter) relu6(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Clip", []string{n.Inputs[0], e.initScalar(0), e.initScalar(6)}, n.Outputs)
	return [][]int{s}, nil
}
