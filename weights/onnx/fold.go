package onnx

import (
	"math"
	"slices"
)

// fold evaluates a node whose inputs are all constants, or that asks for a
// shape: that is known of every activation. It reports whether it did; the rest
// is left to the importers.
func (im *importer) fold(n *protoNode) bool {
	if n.domain != "" {
		return false
	}
	switch n.op {
	case "Constant":
		im.out(&value{c: im.constantNode()})
		return true
	case "Shape", "Size":
		im.shapeOf()
		return true
	}
	var in []*tensor
	for i, name := range n.inputs {
		v := im.in(i)
		switch {
		case name == "":
			in = append(in, nil)
		case v.c != nil:
			in = append(in, v.c)
		case n.op == "CastLike" && i == 1 && v.seq == nil: // activations are floats
			in = append(in, &tensor{f: []float32{0}})
		default:
			return false
		}
	}
	if len(in) == 0 || in[0] == nil {
		return false
	}
	out := im.evaluate(n.op, in)
	if out == nil {
		return false
	}
	im.out(&value{c: out})
	return true
}

// decode decodes a tensor of the file.
func (im *importer) decode(p *protoTensor) *tensor {
	dims, err := p.check()
	if err != nil {
		im.failf(ErrInvalid, "%v", err)
	}
	n, _ := product(dims)
	im.spend(n)
	return p.decode(dims)
}

func (im *importer) constantNode() *tensor {
	get := func(name string) *protoAttr { return im.n.attrs[name] }
	switch {
	case get("value") != nil && get("value").t != nil:
		return im.decode(get("value").t)
	case get("value_int") != nil:
		return &tensor{i: []int64{get("value_int").i}}
	case get("value_float") != nil:
		return &tensor{f: []float32{get("value_float").f}}
	case get("value_ints") != nil:
		v := get("value_ints").ints
		return &tensor{dims: []int{len(v)}, i: slices.Concat([]int64{}, v)}
	case get("value_floats") != nil:
		v := get("value_floats").floats
		return &tensor{dims: []int{len(v)}, f: v}
	}
	im.failf(ErrUnsupported, "got no value, want a tensor, integers or floats")
	return nil
}

// integers is a list as a constant.
func integers(v []int) *tensor {
	t := &tensor{dims: []int{len(v)}, i: make([]int64, len(v))}
	for i, x := range v {
		t.i[i] = int64(x)
	}
	return t
}

// shapeOf is Shape and Size of anything. A batch that the file leaves open counts as 1.
func (im *importer) shapeOf() {
	v := im.in(0)
	if v == nil || v.seq != nil {
		im.failf(ErrInvalid, "input: got none, want a tensor")
	}
	dims := slices.Clone(v.dims)
	if v.c != nil {
		dims = v.c.dims
	} else if len(dims) > 0 {
		dims[0] *= im.batch
	}
	if im.n.op == "Size" {
		n, _ := product(dims)
		im.out(&value{c: &tensor{i: []int64{int64(n)}}})
		return
	}
	r := int64(len(dims))
	clamp := func(k int64) int64 {
		if k < 0 {
			k += r
		}
		return max(0, min(k, r))
	}
	lo, hi := clamp(im.attrInt("start", 0)), clamp(im.attrInt("end", r))
	im.out(&value{c: integers(dims[lo:max(lo, hi)])})
}

// evaluate computes one node of shape arithmetic, or of weights that were left
// unfolded; nil if it is not one that is known.
func (im *importer) evaluate(op string, in []*tensor) *tensor {
	x := in[0]
	switch op {
	case "Identity":
		return x
	case "Cast":
		return im.convert(x, im.attrInt("to", 0))
	case "CastLike":
		if len(in) != 2 || in[1] == nil {
			return nil
		}
		if in[1].isInt() {
			return im.convert(x, typeInt64)
		}
		return im.convert(x, typeFloat)
	case "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max", "Equal", "Less", "Greater":
		if len(in) == 2 && in[1] != nil {
			return im.arithmetic(op, x, in[1])
		}
	case "Neg", "Floor", "Ceil", "Sqrt", "Reciprocal", "Abs":
		return im.unary(op, x)
	case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather":
		return im.asView(op, x)
	case "Concat":
		return im.joined(in)
	case "Where":
		return im.where3(in)
	case "Range":
		return im.countUp(in)
	case "ConstantOfShape":
		fill := &tensor{f: []float32{0}}
		if a := im.n.attrs["value"]; a != nil && a.t != nil {
			fill = im.decode(a.t)
		}
		return im.filled(x, fill)
	case "Expand":
		if len(in) == 2 && in[1] != nil {
			return im.filled(in[1], x)
		}
	case "ReduceProd":
		if x.isInt() && len(in) == 1 && im.n.attrs["axes"] == nil {
			p := int64(1)
			for _, v := range x.i {
				p *= v
			}
			out := &tensor{i: []int64{p}}
			if im.flag("keepdims", 1) {
				out.dims = slices.Repeat([]int{1}, len(x.dims))
			}
			return out
		}
	}
	return nil
}

// like is a new tensor of x's type.
func (im *importer) like(x *tensor, dims []int) *tensor {
	n, ok := product(dims)
	if !ok {
		im.failf(ErrUnsupported, "output: got shape %v, want at most %d elements", dims, maxSize)
	}
	im.spend(n)
	if x.isInt() {
		return &tensor{dims: dims, i: make([]int64, n)}
	}
	return &tensor{dims: dims, f: make([]float32, n)}
}

func (im *importer) convert(x *tensor, to int64) *tensor {
	switch {
	case isFloat(to) && x.isInt():
		out := im.like(&tensor{}, x.dims)
		for k, v := range x.i {
			out.f[k] = float32(v)
		}
		return out
	case (to == typeInt32 || to == typeInt64) && !x.isInt():
		out := im.like(&tensor{i: []int64{}}, x.dims)
		for k, v := range x.f {
			out.i[k] = int64(v)
		}
		return out
	case to == typeBool:
		out := im.like(&tensor{i: []int64{}}, x.dims)
		for k := range out.i {
			if x.isInt() && x.i[k] != 0 || !x.isInt() && x.f[k] != 0 {
				out.i[k] = 1
			}
		}
		return out
	case isFloat(to) || to == typeInt32 || to == typeInt64:
		return x
	}
	im.failf(ErrUnsupported, "to: got element type %d, want float32, float16, float64, int32, int64 or bool", to)
	return nil
}

// broadcast is the common shape of two, and of each the step along every
// dimension, 0 where it repeats.
func (im *importer) broadcast(a, b []int) (dims, stepA, stepB []int) {
	rank := max(len(a), len(b))
	dims, stepA, stepB = make([]int, rank), make([]int, rank), make([]int, rank)
	na, nb := 1, 1
	for i := 1; i <= rank; i++ {
		da, db := 1, 1
		if i <= len(a) {
			da = a[len(a)-i]
		}
		if i <= len(b) {
			db = b[len(b)-i]
		}
		if da != db && da != 1 && db != 1 {
			im.failf(ErrInvalid, "inputs: got shapes %v and %v, want some that broadcast", a, b)
		}
		dims[rank-i] = da
		if da == 1 {
			dims[rank-i] = db
		} else {
			stepA[rank-i] = na
		}
		if db != 1 {
			stepB[rank-i] = nb
		}
		na, nb = na*da, nb*db
	}
	return dims, stepA, stepB
}

// offset is where element k of dims lies for steps.
func offset(k int, dims, step []int) int {
	at := 0
	for d := len(dims) - 1; d >= 0; d-- {
		at += k % dims[d] * step[d]
		k /= dims[d]
	}
	return at
}

func (im *importer) arithmetic(op string, a, b *tensor) *tensor {
	if a.isInt() != b.isInt() {
		im.failf(ErrInvalid, "inputs: got integers and floats, want one type")
	}
	dims, stepA, stepB := im.broadcast(a.dims, b.dims)
	kind := a
	if op == "Equal" || op == "Less" || op == "Greater" {
		kind = &tensor{i: []int64{}}
	}
	out := im.like(kind, dims)
	for k := range out.len() {
		i, j := offset(k, dims, stepA), offset(k, dims, stepB)
		switch {
		case a.isInt():
			out.i[k] = im.intOp(op, a.i[i], b.i[j])
		case out.isInt():
			out.i[k] = truth(op == "Equal" && a.f[i] == b.f[j] || op == "Less" && a.f[i] < b.f[j] || op == "Greater" && a.f[i] > b.f[j])
		default:
			out.f[k] = floatOp(op, a.f[i], b.f[j])
		}
	}
	return out
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (im *importer) intOp(op string, x, y int64) int64 {
	switch op {
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		return x * y
	case "Min":
		return min(x, y)
	case "Max":
		return max(x, y)
	case "Equal":
		return truth(x == y)
	case "Less":
		return truth(x < y)
	case "Greater":
		return truth(x > y)
	case "Div", "Mod":
		if y == 0 {
			im.failf(ErrInvalid, "got a division of %d by 0, want another divisor", x)
		}
		if op == "Div" {
			return x / y
		}
		m := x % y
		if m != 0 && (m < 0) != (y < 0) && im.attrInt("fmod", 0) == 0 {
			m += y
		}
		return m
	}
	return int64(math.Pow(float64(x), float64(y)))
}

func floatOp(op string, x, y float32) float32 {
	switch op {
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		return x * y
	case "Div":
		return x / y
	case "Min":
		return min(x, y)
	case "Max":
		return max(x, y)
	case "Mod":
		return float32(math.Mod(float64(x), float64(y)))
	}
	return float32(math.Pow(float64(x), float64(y)))
}

func (im *importer) unary(op string, x *tensor) *tensor {
	if x.isInt() && op != "Neg" && op != "Abs" {
		return nil
	}
	out := im.like(x, x.dims)
	for k := range out.i {
		if out.i[k] = x.i[k]; op == "Neg" || x.i[k] < 0 {
			out.i[k] = -x.i[k]
		}
	}
	f := map[string]func(float64) float64{
		"Neg": func(v float64) float64 { return -v }, "Reciprocal": func(v float64) float64 { return 1 / v },
		"Floor": math.Floor, "Ceil": math.Ceil, "Sqrt": math.Sqrt, "Abs": math.Abs,
	}[op]
	for k := range out.f {
		out.f[k] = float32(f(float64(x.f[k])))
	}
	return out
}

// asView runs the view operator at work on a constant, as if it were an
// activation.
func (im *importer) asView(op string, x *tensor) *tensor {
	if x.len() == 0 && len(x.dims) != 1 {
		im.failf(ErrUnsupported, "input: got shape %v, want one with elements", x.dims)
	}
	name := im.n.inputs[0]
	kept := im.values[name]
	im.values[name] = &value{dims: x.dims}
	importers[op](im)
	im.values[name] = kept
	v := im.values[im.n.outputs[0]]
	delete(im.values, im.n.outputs[0])
	if v.index == nil {
		return &tensor{name: x.name, dims: v.dims, f: x.f, i: x.i}
	}
	out := im.like(x, v.dims)
	for k, first := range v.index {
		for e := range v.run {
			out.set(k*v.run+e, x, int(first)+e)
		}
	}
	return out
}

// joined is Concat of scalars and lists.
func (im *importer) joined(in []*tensor) *tensor {
	n := 0
	for _, t := range in {
		if t == nil || len(t.dims) > 1 || t.isInt() != in[0].isInt() {
			return nil
		}
		n += t.len()
	}
	out := im.like(in[0], []int{n})
	at := 0
	for _, t := range in {
		for k := range t.len() {
			out.set(at, t, k)
			at++
		}
	}
	return out
}

// where3 is Where of equal shapes, or of single elements.
func (im *importer) where3(in []*tensor) *tensor {
	if len(in) != 3 || in[1] == nil || in[2] == nil || !in[0].isInt() || in[1].isInt() != in[2].isInt() {
		return nil
	}
	dims, _, _ := im.broadcast(in[1].dims, in[2].dims)
	dims, _, _ = im.broadcast(in[0].dims, dims)
	out := im.like(in[1], dims)
	var step [3][]int
	for i, t := range in {
		_, step[i], _ = im.broadcast(t.dims, dims)
	}
	for k := range out.len() {
		from := 2
		if in[0].i[offset(k, dims, step[0])] != 0 {
			from = 1
		}
		out.set(k, in[from], offset(k, dims, step[from]))
	}
	return out
}

func (im *importer) countUp(in []*tensor) *tensor {
	var v [3]int64
	if len(in) != 3 {
		return nil
	}
	for i, t := range in {
		if t == nil || !t.isInt() || len(t.i) != 1 {
			return nil
		}
		v[i] = t.i[0]
	}
	n := math.Ceil((float64(v[1]) - float64(v[0])) / float64(v[2]))
	if !(n <= maxSize) {
		im.failf(ErrInvalid, "got a range from %d to %d by %d, want at most %d values", v[0], v[1], v[2], maxSize)
	}
	out := im.like(in[0], []int{int(max(n, 0))})
	for k := range out.i {
		out.i[k] = v[0] + int64(k)*v[2]
	}
	return out
}

// filled repeats x to a shape.
func (im *importer) filled(shape, x *tensor) *tensor {
	if !shape.isInt() || len(shape.dims) != 1 || len(shape.i) > maxRank {
		im.failf(ErrInvalid, "shape: got dimensions %v, want a list of at most %d integers", shape.dims, maxRank)
	}
	dims := make([]int, len(shape.i))
	for i, d := range shape.i {
		if d < 0 || d > maxSize {
			im.failf(ErrUnsupported, "shape: got %v, want dimensions of 0 to %d", shape.i, maxSize)
		}
		dims[i] = int(d)
	}
	dims, step, _ := im.broadcast(x.dims, dims)
	out := im.like(x, dims)
	for k := range out.len() {
		out.set(k, x, offset(k, dims, step))
	}
	return out
}
