package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opAffine = operator{
	op: weights.OpAffine, inputs: 1,
	reads: map[string]reader{
		"BatchNormalization": (*importer).batchNorm,
		"Neg":                (*importer).negate,
	},
	absorb: absorbAffine,
	finish: storeAffine,
	write:  (*exporter).affine,
}

func (im *importer) batchNorm() {
	x := im.act(0)
	if len(x.dims) < 2 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", im.whole(x))
	}
	if im.attrInt("training_mode", 0) != 0 {
		im.failf(ErrUnsupported, "training_mode: got 1, want 0 (export the model in evaluation mode)")
	}
	im.inference()
	if im.attrInt("spatial", 1) != 1 {
		im.failf(ErrUnsupported, "spatial: got 0, want 1")
	}
	if im.second() {
		im.failf(ErrUnsupported, "got more than one output, want one (export the model in evaluation mode)")
	}
	c := x.dims[1]
	if t := im.floatConstant(1, true); len(t.f) == c && len(x.dims) == 4 && !im.perChannel(&tensor{dims: []int{1, c, 1, 1}, f: numbered(c)}, x) {
		im.any(0) // its channels are no model value's: moved, such that they are
		x = im.act(0)
	}
	spot := im.pointwise(0, false)
	var p [4][]float64 // gamma, beta, mean, variance, along dimension 1
	for i := range p {
		t := im.floatConstant(1+i, true)
		if len(t.f) != c {
			im.failf(ErrInvalid, "input %q: got %d values, want %d", im.n.Inputs[1+i], len(t.f), c)
		}
		along := slices.Repeat([]int{1}, len(x.dims)-1)
		along[0] = c
		p[i] = im.spread(&tensor{dims: along, f: t.f}, x, spot)
	}
	eps := im.attrFloat("epsilon", 1e-5)
	a := im.newAffine(len(p[0]))
	for i := range a.scale {
		if v := p[3][i] + eps; !(v > 0) {
			im.failf(ErrInvalid, "channel %d: got variance %v and epsilon %v, want a positive sum", i, p[3][i], eps)
		} else {
			a.scale[i] = p[0][i] / math.Sqrt(v)
		}
		a.shift[i] = p[1][i] - p[2][i]*a.scale[i]
	}
	im.emitAffine(spot, a)
}

// numbered are n different numbers: one for each channel, if they can be that.
func numbered(n int) []float32 {
	f := make([]float32, n)
	for i := range f {
		f[i] = float32(i)
	}
	return f
}

func (im *importer) negate() {
	p := im.pointwise(0, false)
	a := im.newAffine(p.s[0])
	for i := range a.scale {
		a.scale[i] = -1
	}
	im.emitAffine(p, a)
}

// storeAffine stores the tensors of an affine node that no layer absorbed.
func storeAffine(im *importer, n *weights.Node) {
	a := im.affines[n.Outputs[0]]
	n.Tensors = map[string]string{
		"scale": im.storeFor(n.Name, "scale", singles(a.scale), len(a.scale)),
		"shift": im.storeFor(n.Name, "shift", singles(a.shift), len(a.shift)),
	}
}

func (e *exporter) affine(n *weights.Node, s []int) ([][]int, error) {
	column := []int{s[0]} // broadcasts over what follows the channels
	for range s[1:] {
		column = append(column, 1)
	}
	scale, err := e.role(n, "scale", s[0])
	if err != nil {
		return nil, err
	}
	shift, err := e.role(n, "shift", s[0])
	if err != nil {
		return nil, err
	}
	mid := e.fresh(n.Outputs[0] + "/scaled")
	e.put(n.Name+"/scale", "Mul", []string{n.Inputs[0], e.tensor(scale, column...)}, []string{mid})
	e.put(n.Name, "Add", []string{mid, e.tensor(shift, column...)}, n.Outputs)
	return [][]int{s}, nil
}
