package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// What a product of two activations becomes. A model's matrix has whole planes as its rows,
// or as its columns, so that one of a file lies well if it is a view of that kind; any other
// is moved.

// matrices is a stack of them: a view [N ... rows columns].
type matrices struct {
	v                 *value
	count, rows, cols int
}

// matrices is activation v as such a stack.
func (im *importer) matrices(v *value) matrices {
	n := len(v.dims)
	if n < 3 || v.lead != 0 && im.samples(v) > 1 || v.dims[0] != 1 && !im.single {
		im.failf(ErrUnsupported, "input: got shape %v, want [N ... rows columns]", im.whole(v))
	}
	v = im.unpadded(v)
	count, _ := product(v.dims[:n-2])
	flat := im.reshaped(v, []int{count, v.dims[n-2], v.dims[n-1]})
	return matrices{flat, count, v.dims[n-2], v.dims[n-1]}
}

// turned is m with every matrix transposed.
func (im *importer) turned(m matrices) matrices {
	return matrices{im.transposed(m.v, []int{0, 2, 1}, []int{m.count, m.cols, m.rows}), m.count, m.cols, m.rows}
}

// asPlanes is m with its rows as planes.
func (im *importer) asPlanes(m matrices) *value {
	return im.rowPlanes(m.v, m.cols)
}

// lies says whether the rows of m are planes of a model's value as they are.
func (im *importer) lies(m matrices) bool { return im.settles(im.asPlanes(m)) }

// matMul is the product of activations 0 and 1.
func (im *importer) matMul() {
	first, second := im.act(0), im.act(1)
	a, b := im.matrices(first), im.matrices(second)
	if a.cols != b.rows {
		im.failf(ErrInvalid, "inputs: got shapes %v and %v, want as many columns as rows", im.whole(first), im.whole(second))
	}
	front := slices.Clone(first.dims[:len(first.dims)-2])
	switch {
	case a.count == b.count:
	case b.count == 1:
		a = matrices{im.reshaped(a.v, []int{1, a.count * a.rows, a.cols}), 1, a.count * a.rows, a.cols}
	default:
		im.failf(ErrUnsupported, "inputs: got %d matrices and %d, want as many", a.count, b.count)
	}
	rows := a.count * a.rows // of all
	// The product has its rows as planes, or its columns: those of the second operand, or
	// of the first, are planes then. Larger planes are better.
	at, bt := im.turned(a), im.turned(b)
	plain, swapped := im.lies(b), im.lies(at)
	var y *value
	if swapped && (!plain || a.rows > b.cols) {
		y = im.product(bt, at, b)
		y = im.transposed(im.reshaped(y, []int{a.count, b.cols, a.rows}), []int{0, 2, 1}, []int{a.count, a.rows, b.cols})
	} else {
		y = im.product(a, b, at)
	}
	last := []int{rows / max(1, product1(front)), b.cols}
	im.out(im.reshaped(y, slices.Concat(front, last)))
}

// product adds the product of a and b, whose rows are planes; at is a turned. Each operand
// is taken as it lies, or turned if that lies better.
func (im *importer) product(a, b, at matrices) *value {
	attrs := map[string][]int{"groups": {a.count}}
	side := func(i int, m, turned matrices, flag string) string {
		hint := im.n.Inputs[i] + "/rows"
		if !im.lies(m) && im.lies(turned) {
			attrs[flag] = []int{1}
			m, hint = turned, im.n.Inputs[i]+"/columns"
		}
		return im.settle(im.asPlanes(m), hint)
	}
	x := side(0, a, at, "columnsa")
	y := side(1, b, im.turned(b), "columnsb")
	shape := append([]int{a.count * a.rows}, im.shapes[y][1:]...)
	if attrs["columnsb"] != nil {
		shape = []int{a.count * a.rows, 1, b.cols}
	}
	return im.add(weights.OpMatMul, im.n.Label(), im.n.Outputs[0]+"/product", []string{x, y}, attrs, nil, shape...)
}
