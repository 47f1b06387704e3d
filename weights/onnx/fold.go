package onnx

import (
	"math"
	"slices"
)

// maxConst bounds what shape arithmetic may build, in elements. Weights are
// not built, only passed on.
const maxConst = 1 << 16

// shapeOf is Shape of an activation: a constant, since all shapes are known.
func (im *importer) shapeOf() {
	dims := im.act(0).dims
	im.define(im.n.outputs[0], &value{c: ints64(dims...)})
}

func ints64(v ...int) *tensor {
	t := &tensor{dims: []int{len(v)}, i: make([]int64, len(v))}
	for i, x := range v {
		t.i[i] = int64(x)
	}
	return t
}

// fold evaluates a node whose inputs are all constants. It reports whether it
// did; a node that it does not know is left to the importers.
func (im *importer) fold(n *protoNode) bool {
	if n.domain != "" {
		return false
	}
	if n.op == "Constant" {
		im.define(n.outputs[0], &value{c: im.constantNode()})
		return true
	}
	if n.op == "Shape" || len(n.inputs) == 0 {
		if n.op == "Shape" && len(n.inputs) > 0 {
			if v := im.values[n.inputs[0]]; v != nil {
				dims := v.dims
				if v.c != nil {
					dims = v.c.dims
				}
				lo, hi := im.attrInt("start", 0), im.attrInt("end", int64(len(dims)))
				r := int64(len(dims))
				clamp := func(k int64) int64 {
					if k < 0 {
						k += r
					}
					return max(0, min(k, r))
				}
				lo, hi = clamp(lo), clamp(hi)
				im.define(n.outputs[0], &value{c: ints64(dims[lo:max(lo, hi)]...)})
				return true
			}
		}
		return false
	}
	var in []*tensor
	for _, name := range n.inputs {
		if name == "" {
			in = append(in, nil)
			continue
		}
		v := im.values[name]
		if v == nil || v.c == nil {
			return false
		}
		in = append(in, v.c)
	}
	if in[0] == nil || len(n.outputs) != 1 {
		return false
	}
	out := im.evaluate(n, in)
	if out == nil {
		return false
	}
	im.define(n.outputs[0], &value{c: out})
	return true
}

func (im *importer) constantNode() *tensor {
	for name, a := range im.n.attrs {
		switch name {
		case "value":
			if a.t != nil {
				t, err := a.t.decode()
				if err != nil {
					im.failf(ErrInvalid, "%v", err)
				}
				return t
			}
		case "value_int":
			return &tensor{i: []int64{a.i}}
		case "value_ints":
			return &tensor{dims: []int{len(a.ints)}, i: slices.Concat([]int64{}, a.ints)}
		case "value_float":
			return &tensor{f: []float32{a.f}}
		case "value_floats":
			return &tensor{dims: []int{len(a.floats)}, f: slices.Concat([]float32{}, a.floats)}
		}
	}
	im.failf(ErrUnsupported, "got no value, want a tensor, integers or floats")
	return nil
}

// evaluate computes one node of shape arithmetic, or of weights that were left
// unfolded; nil if it is not one that is known.
func (im *importer) evaluate(n *protoNode, in []*tensor) *tensor {
	x := in[0]
	switch n.op {
	case "Identity":
		return x
	case "Cast":
		switch to := im.attrInt("to", typeFloat); to {
		case typeInt32, typeInt64, typeBool:
			if x.isInt() {
				return x
			}
			out := &tensor{dims: x.dims, i: make([]int64, len(x.f))}
			for k, v := range x.f {
				out.i[k] = int64(v)
			}
			return out
		case typeFloat, typeFloat16, typeDouble:
			if !x.isInt() {
				return x
			}
			out := &tensor{dims: x.dims, f: make([]float32, len(x.i))}
			for k, v := range x.i {
				out.f[k] = float32(v)
			}
			return out
		}
	case "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max":
		if len(in) == 2 && in[1] != nil {
			return im.arith(n.op, x, in[1])
		}
	case "Neg", "Floor", "Ceil", "Sqrt", "Reciprocal":
		return unary(n.op, x)
	case "Reshape", "Squeeze", "Unsqueeze", "Flatten":
		return im.evalReshape(n.op, x, in)
	case "Transpose":
		return im.evalTranspose(x)
	case "Concat":
		return im.evalConcat(in)
	case "Gather":
		if len(in) == 2 && in[1] != nil && in[1].isInt() && len(x.dims) == 1 && len(in[1].dims) <= 1 {
			out := like(x, len(in[1].i), in[1].dims)
			for k, at := range in[1].i {
				if at < 0 {
					at += int64(x.len())
				}
				if at < 0 || at >= int64(x.len()) {
					im.failf(ErrInvalid, "indices: got %d, want less than %d", in[1].i[k], x.len())
				}
				set(out, k, x, int(at))
			}
			return out
		}
	case "Slice":
		return im.evalSlice(x, in)
	case "Range":
		return im.evalRange(in)
	case "ConstantOfShape", "Expand":
		return im.evalFill(n.op, in)
	case "ReduceProd":
		if x.isInt() {
			p := int64(1)
			for _, v := range x.i {
				p *= v
			}
			out := &tensor{i: []int64{p}}
			if im.attrInt("keepdims", 1) != 0 {
				out.dims = []int{1}
			}
			return out
		}
	}
	return nil
}

// like is a tensor of x's type with n elements.
func like(x *tensor, n int, dims []int) *tensor {
	if x.isInt() {
		return &tensor{dims: dims, i: make([]int64, n)}
	}
	return &tensor{dims: dims, f: make([]float32, n)}
}

func set(to *tensor, k int, from *tensor, at int) {
	if to.isInt() {
		to.i[k] = from.i[at]
	} else {
		to.f[k] = from.f[at]
	}
}

// arith is a binary operation where one side has one element or both have the
// same dimensions.
func (im *importer) arith(op string, a, b *tensor) *tensor {
	if a.isInt() != b.isInt() {
		im.failf(ErrInvalid, "inputs: got integers and floats, want one type")
	}
	dims, n := a.dims, a.len()
	switch {
	case a.len() == 1 && (b.len() > 1 || len(b.dims) > len(a.dims)):
		dims, n = b.dims, b.len()
	case b.len() == 1 || slices.Equal(a.dims, b.dims):
	default:
		return nil
	}
	out := like(a, n, dims)
	for k := range n {
		i, j := k%max(1, a.len()), k%max(1, b.len())
		if a.isInt() {
			out.i[k] = im.intOp(op, a.i[i], b.i[j])
		} else {
			out.f[k] = floatOp(op, a.f[i], b.f[j])
		}
	}
	return out
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
	case "Div", "Mod":
		if y == 0 || y == -1 {
			if y == -1 && op == "Div" {
				return -x
			}
			im.failf(ErrInvalid, "got %d %s %d, want a divisor that is not 0", x, op, y)
		}
		if op == "Mod" {
			m := x % y
			if m != 0 && (m < 0) != (y < 0) {
				m += y
			}
			return m
		}
		return x / y
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

func unary(op string, x *tensor) *tensor {
	out := like(x, x.len(), x.dims)
	for k := range out.i {
		if out.i[k] = x.i[k]; op == "Neg" {
			out.i[k] = -x.i[k]
		}
	}
	for k := range out.f {
		v := float64(x.f[k])
		switch op {
		case "Neg":
			v = -v
		case "Floor":
			v = math.Floor(v)
		case "Ceil":
			v = math.Ceil(v)
		case "Sqrt":
			v = math.Sqrt(v)
		case "Reciprocal":
			v = 1 / v
		}
		out.f[k] = float32(v)
	}
	return out
}

// evalReshape gives a constant another shape, by running the view operators on
// it as if it were an activation.
func (im *importer) evalReshape(op string, x *tensor, in []*tensor) *tensor {
	v := im.asView(x)
	defer v.restore()
	switch op {
	case "Reshape":
		im.reshape()
	case "Flatten":
		im.flatten()
	default:
		im.squeeze()
	}
	return v.result(x)
}

func (im *importer) evalTranspose(x *tensor) *tensor {
	v := im.asView(x)
	defer v.restore()
	im.transpose()
	return v.result(x)
}

// constView lets a view operator work on a constant: input 0 stands for a view
// while it does.
type constView struct {
	im   *importer
	in   string
	kept *value
}

func (im *importer) asView(x *tensor) *constView {
	c := &constView{im, im.n.inputs[0], im.values[im.n.inputs[0]]}
	im.values[c.in] = &value{base: "", dims: x.dims}
	return c
}

func (c *constView) restore() { c.im.values[c.in] = c.kept }

func (c *constView) result(x *tensor) *tensor {
	name := c.im.n.outputs[0]
	v := c.im.values[name]
	delete(c.im.values, name)
	if v.index == nil {
		return &tensor{name: x.name, dims: v.dims, f: x.f, i: x.i}
	}
	out := like(x, len(v.index), v.dims)
	for k, at := range v.index {
		set(out, k, x, int(at))
	}
	return out
}

func (im *importer) evalConcat(in []*tensor) *tensor {
	n := 0
	for _, t := range in {
		if t == nil || len(t.dims) > 1 || t.isInt() != in[0].isInt() {
			return nil
		}
		n += t.len()
	}
	if n > maxConst {
		im.failf(ErrUnsupported, "got %d elements, want at most %d", n, maxConst)
	}
	out := like(in[0], n, []int{n})
	at := 0
	for _, t := range in {
		for k := range t.len() {
			set(out, at, t, k)
			at++
		}
	}
	return out
}

func (im *importer) evalSlice(x *tensor, in []*tensor) *tensor {
	lists := [4][]int64{nil, nil, {0}, {1}}
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		if a := im.n.attrs[name]; a != nil {
			lists[i] = a.ints
		} else if 1+i < len(in) && in[1+i] != nil {
			lists[i] = in[1+i].i
		}
	}
	if len(x.dims) != 1 {
		return nil
	}
	for _, l := range lists {
		if len(l) != 1 {
			return nil
		}
	}
	n, step := int64(x.len()), lists[3][0]
	clamp := func(k, lo, hi int64) int64 {
		if k < 0 {
			k += n
		}
		return max(lo, min(k, hi))
	}
	var keep []int
	switch {
	case step > 0:
		for k := clamp(lists[0][0], 0, n); k < clamp(lists[1][0], 0, n); k += min(step, n) {
			keep = append(keep, int(k))
		}
	case step < 0:
		for k := clamp(lists[0][0], 0, n-1); k > clamp(lists[1][0], -1, n-1); k += max(step, -n) {
			keep = append(keep, int(k))
		}
	default:
		im.failf(ErrInvalid, "steps: got 0, want another number")
	}
	out := like(x, len(keep), []int{len(keep)})
	for k, at := range keep {
		set(out, k, x, at)
	}
	return out
}

func (im *importer) evalRange(in []*tensor) *tensor {
	if len(in) != 3 || in[1] == nil || in[2] == nil {
		return nil
	}
	for _, t := range in {
		if !t.isInt() || len(t.i) != 1 {
			return nil
		}
	}
	lo, hi, step := in[0].i[0], in[1].i[0], in[2].i[0]
	if n := (float64(hi) - float64(lo)) / float64(step); !(n <= maxConst) {
		im.failf(ErrInvalid, "got a range from %d to %d by %d, want at most %d values", lo, hi, step, maxConst)
	}
	out := &tensor{i: []int64{}}
	for k := lo; (step > 0 && k < hi || step < 0 && k > hi) && len(out.i) <= maxConst; k += step {
		out.i = append(out.i, k)
	}
	out.dims = []int{len(out.i)}
	return out
}

// evalFill is ConstantOfShape and Expand of one element.
func (im *importer) evalFill(op string, in []*tensor) *tensor {
	shape, fill := in[0], &tensor{f: []float32{0}}
	if op == "Expand" {
		if len(in) != 2 || in[1] == nil {
			return nil
		}
		if shape, fill = in[1], in[0]; fill.len() != 1 {
			return nil
		}
	} else if a := im.n.attrs["value"]; a != nil && a.t != nil {
		t, err := a.t.decode()
		if err != nil || t.len() != 1 {
			im.failf(ErrInvalid, "value: got no single element")
		}
		fill = t
	}
	n := 1
	var dims []int
	for _, d := range shape.i {
		if d < 0 || d > maxConst || n*int(d) > maxConst {
			im.failf(ErrUnsupported, "shape: got %v, want at most %d elements", shape.i, maxConst)
		}
		n *= int(d)
		dims = append(dims, int(d))
	}
	out := like(fill, n, dims)
	for k := range n {
		set(out, k, fill, 0)
	}
	return out
}
