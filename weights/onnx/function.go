package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// What operators share that compute each element by itself: activations, with parameters and
// without.

// activation is an operator that ONNX has under another name. zero says that it makes 0
// of 0.
func activation(op, name string, zero bool, s sign) operator {
	return operator{
		op: op, inputs: 1,
		reads: map[string]reader{name: func(im *importer) { im.function(op, zero, nil, nil) }},
		sign:  s,
		write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) {
			e.put(n.Name, name, n.Inputs, n.Outputs)
			return [][]int{s}, nil
		},
	}
}

// parameter is a number: its role in a model, its name in ONNX, and its value where the
// attribute is left out.
type parameter struct {
	role, name string
	def        float64
}

func parametric(op, name string, zero bool, s sign, list ...parameter) operator {
	return operator{
		op: op, inputs: 1,
		reads: map[string]reader{name: func(im *importer) {
			numbers := map[string]float64{}
			for _, p := range list {
				numbers[p.role] = im.attrFloat(p.name, p.def)
			}
			im.function(op, zero, nil, numbers)
		}},
		sign: s,
		write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) {
			var attrs [][]byte
			for _, p := range list {
				v, err := e.number(n, p.role)
				if err != nil {
					return nil, err
				}
				attrs = append(attrs, proto.FloatAttr(p.name, v))
			}
			e.put(n.Name, name, n.Inputs, n.Outputs, attrs...)
			return [][]int{s}, nil
		},
	}
}

// function adds a node that computes each element of input 0 by itself, with parameters.
func (im *importer) function(op string, zero bool, attrs map[string][]int, numbers map[string]float64) {
	p := im.pointwise(0, zero)
	im.out(p.done(im.functionOf(op, im.n.Outputs[0], p.x, attrs, numbers)))
}

// functionOf adds such a node for model value x.
func (im *importer) functionOf(op, out, x string, attrs map[string][]int, numbers map[string]float64) *value {
	y := im.add(op, im.n.Label(), out, []string{x}, attrs, nil, im.shapes[x]...)
	if len(numbers) > 0 {
		n := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
		n.Tensors = map[string]string{}
		for role, v := range numbers {
			if f := float32(v); !finite(float64(f)) {
				im.failf(ErrUnsupported, "%s: got %v, want a finite number", role, v)
			}
			n.Tensors[role] = im.storeFor(n.Name, role, []float32{float32(v)}, 1)
		}
	}
	return y
}

// numbersOf is the parameters of a node of the model by their roles.
func (im *importer) numbersOf(n *weights.Node) func(role string, def float64) float64 {
	return func(role string, def float64) float64 {
		if at, ok := im.tensors[n.Tensors[role]]; ok {
			return float64(im.m.Tensors[at].Data[0])
		}
		return def
	}
}

// scaled adds an affine node with one factor and one summand for all channels of x.
func (im *importer) scaled(x string, factor, summand float64) string {
	s := im.shapes[x]
	a := im.newAffine(s[0])
	for i := range a.scale {
		a.scale[i], a.shift[i] = factor, summand
	}
	y := im.add(weights.OpAffine, im.n.Label(), im.n.Outputs[0]+"/scaled", []string{x}, nil, map[string]string{}, s...)
	im.affines[y.base] = a
	return y.base
}

// No bounds.
var lowest, highest = math.Inf(-1), math.Inf(1)

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

// number is the one number of a tensor of n.
func (e *exporter) number(n *weights.Node, role string) (float32, error) {
	t, err := e.role(n, role, 1)
	if err != nil {
		return 0, err
	}
	return t.Data[0], nil
}
