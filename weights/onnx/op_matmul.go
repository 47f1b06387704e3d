package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opMatMul = operator{
	op: weights.OpMatMul, inputs: 2,
	reads: map[string]reader{"MatMul": (*importer).anyMatMul},
	sign:  asInputs,
	write: (*exporter).matMul,
}

// anyMatMul is a product of two activations, or of one and a constant: a linear layer.
func (im *importer) anyMatMul() {
	if im.operands(false); im.in(0) != nil && im.in(0).c != nil && im.in(1) != nil && im.in(1).c == nil {
		im.leftMatMul()
		return
	}
	if v := im.in(1); v != nil && v.c == nil {
		im.matMul()
		return
	}
	im.gemm()
}

// leftMatMul is a constant matrix times an activation: a linear layer of its last dimension
// but one.
func (im *importer) leftMatMul() {
	w, v := im.floatConstant(0, true), im.unpadded(im.act(1))
	n := len(v.dims)
	for len(w.dims) > 2 && w.dims[0] == 1 {
		w = &tensor{name: w.name, typ: w.typ, dims: w.dims[1:], f: w.f}
	}
	if n < 3 || len(w.dims) != 2 || w.dims[1] != v.dims[n-2] || len(w.f) == 0 || v.lead >= n-2 {
		im.failf(ErrUnsupported, "inputs: got a constant of dimensions %v and an activation %v, want [rows columns] and [N ... columns K]", w.dims, im.whole(v))
	}
	perm, dims := make([]int, n), make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	perm[n-2], perm[n-1] = n-1, n-2
	swap := func(v *value) *value {
		for i, p := range perm {
			dims[i] = v.dims[p]
		}
		return im.transposed(v, perm, append([]int{}, dims...))
	}
	im.spend(len(w.f))
	turned := &tensor{name: w.name, dims: []int{w.dims[1], w.dims[0]}, f: make([]float32, len(w.f))}
	for i := range w.dims[0] {
		for k := range w.dims[1] {
			turned.f[k*w.dims[0]+i] = w.f[i*w.dims[1]+k]
		}
	}
	im.out(swap(im.pointwiseLayer(swap(v), turned)))
}

// matMul writes the matrices as [N g rows columns].
func (e *exporter) matMul(n *weights.Node, s []int) ([][]int, error) {
	g, err := list(n, "groups", 1, 1)
	if err != nil {
		return nil, err
	}
	t := e.shapes[n.Inputs[1]]
	if len(s) != 3 || len(t) != 3 || s[0]%g[0] != 0 || t[0]%g[0] != 0 {
		return nil, unsupported("inputs: got shapes %v and %v in %d groups, want planes, and a divisor of the channels", s, t, g[0])
	}
	// side writes one operand and returns its name, rows and columns.
	side := func(x, flag string, s []int) (name string, rows, cols int) {
		rows, cols = s[0]/g[0], s[1]*s[2]
		name = e.fresh(x + "/matrices")
		e.put(n.Name+"/"+flag, "Reshape", []string{x, e.initInts(0, g[0], rows, cols)}, []string{name})
		if n.Attr(flag, 0)[0] == 1 {
			turned := e.fresh(x + "/turned")
			e.put(n.Name+"/"+flag+"/turn", "Transpose", []string{name}, []string{turned}, proto.IntsAttr("perm", 0, 1, 3, 2))
			return turned, cols, rows
		}
		return name, rows, cols
	}
	a, rows, inner := side(n.Inputs[0], "columnsa", s)
	b, again, cols := side(n.Inputs[1], "columnsb", t)
	if inner != again {
		return nil, unsupported("inputs: got matrices of %d columns and of %d rows, want as many", inner, again)
	}
	out := []int{g[0] * rows, t[1], t[2]}
	if n.Attr("columnsb", 0)[0] == 1 {
		out = []int{g[0] * rows, 1, cols}
	}
	y := e.fresh(n.Outputs[0] + "/product")
	e.put(n.Name, "MatMul", []string{a, b}, []string{y})
	e.put(n.Name+"/planes", "Reshape", []string{y, e.initInts(append([]int{0}, out...)...)}, n.Outputs)
	return [][]int{out}, nil
}
