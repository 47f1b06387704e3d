package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// domain is that of the operators that ONNX does not have.
const domain = "riffle"

// importers by operator, the domain in front where it is not ONNX's own. Each
// reads im.n and defines its outputs. (Constants and shape arithmetic seldom get
// here: see fold.)
var importers map[string]func(*importer)

func init() { // not a literal: failures list the keys
	importers = map[string]func(*importer){
		"Conv":                        (*importer).conv,
		"BatchNormalization":          (*importer).batchNorm,
		"Mul":                         (*importer).scaleOrShift,
		"Div":                         (*importer).scaleOrShift,
		"Sub":                         (*importer).scaleOrShift,
		"Neg":                         (*importer).negate,
		"Add":                         (*importer).addition,
		"Sum":                         (*importer).addition,
		"Relu":                        func(im *importer) { im.same(weights.OpReLU) },
		"Clip":                        (*importer).clip,
		"Max":                         (*importer).limit,
		"Min":                         (*importer).limit,
		"MaxPool":                     (*importer).pool,
		"AveragePool":                 (*importer).pool,
		"GlobalAveragePool":           func(im *importer) { im.mean(true) },
		"ReduceMean":                  (*importer).reduceMean,
		"Concat":                      (*importer).concat,
		"Split":                       (*importer).split,
		"SplitToSequence":             (*importer).splitToSequence,
		"SequenceAt":                  (*importer).sequenceAt,
		"Slice":                       (*importer).slice,
		"Gather":                      (*importer).gather,
		"Reshape":                     (*importer).reshape,
		"Flatten":                     (*importer).flatten,
		"Squeeze":                     (*importer).squeeze,
		"Unsqueeze":                   (*importer).squeeze,
		"Transpose":                   (*importer).transpose,
		"Identity":                    (*importer).identity,
		"Dropout":                     (*importer).dropout,
		"Cast":                        (*importer).cast,
		"CastLike":                    (*importer).castLike,
		"Pad":                         (*importer).padding,
		"Gemm":                        (*importer).gemm,
		"MatMul":                      (*importer).gemm,
		"Softmax":                     (*importer).softmax,
		"Constant":                    nil, // and the rest of shape arithmetic: fold
		"riffle.DynamicShuffle":       (*importer).dynamic,
		"riffle.StaticDynamicShuffle": (*importer).dynamic,
	}
}

// same is an operator that keeps the shape.
func (im *importer) same(op string) {
	x, s := im.any(0)
	im.emit(op, []string{x}, nil, nil, s...)
}

func (im *importer) dropout() {
	if t := im.constant(2, false); t != nil && t.isInt() && len(t.i) == 1 && t.i[0] != 0 {
		im.failf(ErrUnsupported, "training_mode: got true, want false (export the model in evaluation mode)")
	}
	im.identity()
}

func (im *importer) cast() {
	if to := im.attrInt("to", 0); !isFloat(to) {
		im.failf(ErrUnsupported, "to: got element type %d of an activation, want float32, float16 or float64", to)
	}
	im.identity()
}

func (im *importer) castLike() {
	if t := im.in(1); t == nil || t.c != nil && t.c.isInt() {
		im.failf(ErrUnsupported, "got an activation as integers, want floats")
	}
	im.identity()
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

// scalar is a constant with one float.
func (im *importer) scalar(t *tensor) float64 {
	if t.isInt() || len(t.f) != 1 {
		im.failf(ErrUnsupported, "limit: got %d values of shape %v, want one float", t.len(), t.dims)
	}
	return float64(t.f[0])
}

func (im *importer) clip() {
	limits := [2]float64{math.Inf(-1), math.Inf(1)}
	for i, name := range []string{"min", "max"} {
		if a := im.n.attrs[name]; a != nil {
			limits[i] = float64(a.f)
		} else if t := im.constant(1+i, false); t != nil {
			limits[i] = im.scalar(t)
		}
	}
	im.clamp(limits[0], limits[1])
}

// limit is Max and Min of an activation and a constant.
func (im *importer) limit() {
	at := im.activation()
	if len(im.n.inputs) != 2 {
		im.failf(ErrUnsupported, "got %d inputs, want an activation and a constant", len(im.n.inputs))
	}
	t := im.constant(1-at, true)
	k := im.scalar(t)
	if len(t.dims) > len(im.act(at).dims) {
		im.failf(ErrUnsupported, "limit: got shape %v, want one value", t.dims)
	}
	n := *im.n // the activation first, as clamp has it
	n.inputs = []string{im.n.inputs[at]}
	im.n = &n
	if n.op == "Max" {
		im.clamp(k, math.Inf(1))
	} else {
		im.clamp(math.Inf(-1), k)
	}
}

// mean is the global average pool; without keep the result is [N C].
func (im *importer) mean(keep bool) {
	x, s := im.planes(0)
	out := im.n.outputs[0]
	if !keep {
		out += "/mean"
	}
	v := im.add(weights.OpGlobalAvgPool, nodeName(im.n), out, []string{x}, nil, nil, s[0], 1, 1)
	if !keep {
		v = &value{base: v.base, dims: []int{1, s[0]}, by: nodeName(im.n)}
	}
	im.out(v)
}

func (im *importer) reduceMean() {
	v := im.act(0)
	axes := im.listOf("axes", 1)
	seen := map[int]bool{}
	for _, a := range axes {
		seen[im.axisOf(a, len(v.dims))] = true
	}
	keep := im.flag("keepdims", 1)
	switch {
	case len(v.dims) == 4 && len(seen) == 2 && seen[2] && seen[3]:
		im.mean(keep)
	case len(v.dims) == 3 && len(seen) == 1 && seen[2] && !keep: // pixels in one dimension
		s := im.shapes[v.base]
		if len(s) != 3 || s[1]*s[2] != v.dims[2] {
			im.failf(ErrUnsupported, "input: got shape %v made of %v, want the pixels of whole planes", v.dims, s)
		}
		im.values[im.n.inputs[0]] = im.reshaped(v, []int{1, v.dims[1], s[1], s[2]})
		if v.dims[0] != 1 {
			im.failf(ErrUnsupported, "input: got shape %v, want [N C H*W]", v.dims)
		}
		im.mean(keep)
		im.values[im.n.inputs[0]] = v
	default:
		im.failf(ErrUnsupported, "axes: got %v of shape %v, want 2 and 3 of [N C H W]", axes, v.dims)
	}
}

func (im *importer) softmax() {
	x, n := im.vector(0)
	def := int64(-1)
	if im.opset < 13 {
		def = 1
	}
	if a := im.axis(def, 2); a != 1 {
		im.failf(ErrUnsupported, "axis: got %d, want 1", a)
	}
	im.emit(weights.OpSoftmax, []string{x}, nil, nil, n)
}

// gemm is Gemm, and MatMul of an activation and a constant.
func (im *importer) gemm() {
	x, k := im.vector(0)
	w := im.floatConstant(1, true)
	if len(w.dims) != 2 || len(w.f) == 0 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want two", w.dims)
	}
	factor := func(name string) float64 {
		if a := im.n.attrs[name]; a != nil {
			return float64(a.f)
		}
		return 1
	}
	alpha, beta := factor("alpha"), factor("beta")
	if im.flag("transA", 0) {
		im.failf(ErrUnsupported, "transA: got 1, want 0")
	}
	in, out := w.dims[0], w.dims[1]
	trans := im.flag("transB", 0)
	if trans {
		in, out = out, in
	}
	if in != k {
		im.failf(ErrInvalid, "weight: got %d inputs (dimensions %v), want %d", in, w.dims, k)
	}
	im.spend(len(w.f))
	data := make([]float32, len(w.f))
	for o := range out {
		for i := range in {
			at := i*out + o
			if trans {
				at = o*in + i
			}
			data[o*in+i] = float32(alpha * float64(w.f[at]))
		}
	}
	tensors := map[string]string{"weight": im.store("weight", w.name, data, out, in)}
	if b := im.floatConstant(2, false); b != nil {
		if len(b.f) != out && len(b.f) != 1 || len(b.dims) > 2 || len(b.dims) == 2 && b.dims[0] != 1 {
			im.failf(ErrUnsupported, "bias: got dimensions %v, want [%d]", b.dims, out)
		}
		im.spend(out)
		bias := make([]float32, out)
		for i := range bias {
			bias[i] = float32(beta * float64(b.f[i%len(b.f)]))
		}
		tensors["bias"] = im.store("bias", b.name, bias, out)
	}
	im.emit(weights.OpLinear, []string{x}, nil, tensors, out)
}

// dynamic is the operators of the domain riffle; doc.go has their form.
func (im *importer) dynamic() {
	x, s := im.planes(0)
	g := im.attrCount("groups", 1)
	f := im.attrInts("factors", 2, 1)
	if f == nil || int64(g)*int64(f[0])*int64(f[1]) != int64(s[0]) {
		im.failf(ErrInvalid, "groups and factors: got %d and %v, want a product of %d channels", g, f, s[0])
	}
	pairs := im.attrCount("pairs", 1)
	if pairs != 1 && pairs != g {
		im.failf(ErrInvalid, "pairs: got %d, want 1 or %d", pairs, g)
	}
	attrs := map[string][]int{"groups": {g}, "factors": f, "pairs": {pairs}}
	if usual := im.attrInts("usual", pairs*(f[0]+f[1]), 0); usual != nil {
		attrs["usual"] = usual
	}
	roles := []string{"w1", "b1", "w2", "b2"}
	h, logits, c := -1, pairs*(f[0]*f[0]+f[1]*f[1]), s[0]
	shapes := map[string][]int{
		"w1": {h, c}, "b1": {h}, "w2": {logits, h}, "b2": {logits}, "weight": {c, c / g}, "gate": {c}, "shift": {c},
		"wa": {pairs, f[0], f[0]}, "wb": {pairs, f[1], f[1]}, "scale": {c},
	}
	op := weights.OpDynamicShuffle
	if im.n.op == "StaticDynamicShuffle" {
		op = weights.OpStaticDynamicShuffle
		form := im.attrInt("form", 0)
		attrs["form"] = []int{int(form)}
		switch form {
		case 0:
			roles = append(roles, "weight", "gate", "shift")
		case 1:
			roles = append(roles, "wa", "wb", "scale", "shift")
		default:
			im.failf(ErrInvalid, "form: got %d, want 0 or 1", form)
		}
	}
	if len(im.n.inputs) != 1+len(roles) {
		im.failf(ErrInvalid, "got %d inputs, want %d (x, %v)", len(im.n.inputs), 1+len(roles), roles)
	}
	tensors := map[string]string{}
	for i, r := range roles {
		t, want := im.floatConstant(1+i, true), slices.Clone(shapes[r])
		for d := range want {
			if want[d] == -1 && h < 0 && d < len(t.dims) {
				h = t.dims[d] // the first of them says
			}
			if want[d] == -1 {
				want[d] = h
			}
		}
		if !slices.Equal(t.dims, want) {
			im.failf(ErrInvalid, "%s: got shape %v, want %v", r, t.dims, want)
		}
		tensors[r] = im.storeCopy(r, t)
	}
	im.emit(op, []string{x}, attrs, tensors, s...)
}
