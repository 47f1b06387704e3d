package onnx

// Operators that compute each element of itself alone may be applied before a change of
// view as well as behind it. So an activation that some chain of reshapes and transposes
// has given a form that no model value has (NHWC, for instance) is computed as it lies, and
// the result is the same view of that.

// spot is where such an operator is applied: to model value x of shape s.
type spot struct {
	x    string
	s    []int
	view *value // what the result is to look like; nil if it is as x is
}

// pointwise finds the spot for activation input i. zero says that the operator makes 0
// of 0: then it may be applied before a padding with zeros.
func (im *importer) pointwise(i int, zero bool) spot {
	v := im.act(i)
	if im.settles(v) || v.padded() && !(zero && !v.low) {
		x, s := im.any(i)
		return spot{x, s, nil}
	}
	return spot{v.base, im.shapes[v.base], v}
}

// done is what the ONNX value stands for whose model value is y.
func (p *spot) done(y *value) *value {
	if p.view == nil {
		return y
	}
	v := *p.view
	v.base = y.base
	if v.narrow != nil { // the result repeats as the operand does
		narrow := *v.narrow
		narrow.base, v.narrow = y.base, &narrow
	}
	return &v
}

// same is a pointwise operator without attributes that makes 0 of 0.
func (im *importer) same(op string) {
	p := im.pointwise(0, true)
	im.out(p.done(im.add(op, im.n.Label(), im.n.Outputs[0], []string{p.x}, nil, nil, p.s...)))
}
