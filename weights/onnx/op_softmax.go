package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opSoftmax = operator{
	op: weights.OpSoftmax, inputs: 1,
	reads: map[string]reader{"Softmax": func(im *importer) { im.softmax(weights.OpSoftmax) }},
	sign:  nonNegative,
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) { return e.softmax("Softmax", n, s) },
}

var opLogSoftmax = operator{
	op: weights.OpLogSoftmax, inputs: 1,
	reads: map[string]reader{"LogSoftmax": func(im *importer) { im.softmax(weights.OpLogSoftmax) }},
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) { return e.softmax("LogSoftmax", n, s) },
}

// softmax is over one dimension from opset 13 on; before, it is over all from one on. A
// model has that of a vector, which is all of a sample's elements, and that of each plane:
// any other moves elements, such that those that belong together are one.
func (im *importer) softmax(op string) {
	v := im.act(0)
	whole := im.whole(v)
	axis, n := 0, 1
	if im.opset < 13 {
		axis = im.axis(1, len(whole))
		n, _ = product(whole[axis:])
	} else {
		axis = im.axis(-1, len(whole))
		n = whole[axis]
	}
	if v.lead >= axis && (im.opset < 13 || v.lead == axis) && !(im.single && v.elems() == n) {
		im.failf(ErrUnsupported, "axis: got %d of shape %v, the batch, want one of a sample's", axis, whole)
	}
	if n != v.elems() || v.padded() {
		im.softmaxRows(op, axis)
		return
	}
	if len(v.dims) == 2 { // the usual case, which shares a flatten with others
		x, k := im.vector(0)
		im.emit(op, []string{x}, nil, nil, k)
		return
	}
	x := im.settle(im.vectorOf(v), im.n.Inputs[0])
	y := im.add(op, im.n.Label(), im.n.Outputs[0]+"/vector", []string{x}, nil, nil, n)
	out := im.reshaped(y, v.dims)
	out.lead = v.lead
	im.out(out)
}

// softmaxRows is over axis, or before opset 13 over all from axis on.
func (im *importer) softmaxRows(op string, axis int) {
	v := im.unpadded(im.act(0))
	axes := map[int]bool{axis: true}
	for d := axis + 1; d < len(v.dims) && im.opset < 13; d++ {
		axes[d] = true
	}
	t, perm, n := im.sorted(v, axes, false)
	rows := im.rowPlanes(t, n)
	rows.lead = 0
	x := im.settle(rows, im.n.Inputs[0]+"/rows")
	y := im.reshaped(im.add(op, im.n.Label(), im.n.Outputs[0]+"/rows", []string{x}, nil, nil, im.shapes[x]...), t.dims)
	if !slices.IsSorted(perm) {
		back := make([]int, len(perm))
		for i, p := range perm {
			back[p] = i
		}
		y = im.transposed(y, back, v.dims)
	}
	y.lead = v.lead
	im.out(y)
}

// softmax writes that of a vector, or of each plane as a row.
func (e *exporter) softmax(op string, n *weights.Node, s []int) ([][]int, error) {
	if len(s) == 1 {
		e.put(n.Name, op, n.Inputs, n.Outputs, proto.IntAttr("axis", 1))
		return [][]int{s}, nil
	}
	if err := planar(s); err != nil {
		return nil, err
	}
	rows, done := e.fresh(n.Outputs[0]+"/rows"), e.fresh(n.Outputs[0]+"/done")
	e.put(n.Name+"/rows", "Reshape", []string{n.Inputs[0], e.initInts(0, s[0], -1)}, []string{rows})
	e.put(n.Name, op, []string{rows}, []string{done}, proto.IntAttr("axis", 2))
	e.put(n.Name+"/planes", "Reshape", []string{done, e.initInts(append([]int{0}, s...)...)}, n.Outputs)
	return [][]int{s}, nil
}
