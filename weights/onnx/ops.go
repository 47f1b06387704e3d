package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// importers by operator, the domain in front where it is not ONNX's own. Each
// reads im.n and defines its outputs. (Constants and shape arithmetic never
// get here: see fold.)
var importers map[string]func(*importer)

func init() { // not a literal: failures list the keys
	importers = map[string]func(*importer){
		"Conv":                        (*importer).conv,
		"BatchNormalization":          (*importer).batchNorm,
		"Mul":                         (*importer).scaleOrShift,
		"Div":                         (*importer).scaleOrShift,
		"Sub":                         (*importer).scaleOrShift,
		"Add":                         (*importer).addition,
		"Sum":                         (*importer).addition,
		"Relu":                        func(im *importer) { im.same(weights.OpReLU) },
		"Clip":                        (*importer).clip,
		"MaxPool":                     (*importer).pool,
		"AveragePool":                 (*importer).pool,
		"GlobalAveragePool":           func(im *importer) { im.mean(true) },
		"ReduceMean":                  (*importer).reduceMean,
		"Concat":                      (*importer).concat,
		"Split":                       (*importer).split,
		"Slice":                       (*importer).sliceView,
		"Gather":                      (*importer).gatherView,
		"Reshape":                     (*importer).reshape,
		"Flatten":                     (*importer).flatten,
		"Squeeze":                     (*importer).squeeze,
		"Unsqueeze":                   (*importer).squeeze,
		"Transpose":                   (*importer).transpose,
		"Identity":                    (*importer).identity,
		"Dropout":                     (*importer).identity,
		"Cast":                        (*importer).identity,
		"Pad":                         (*importer).padding,
		"Gemm":                        (*importer).gemm,
		"MatMul":                      (*importer).gemm,
		"Softmax":                     (*importer).softmax,
		"Shape":                       (*importer).shapeOf,
		"riffle.DynamicShuffle":       (*importer).dynamic,
		"riffle.StaticDynamicShuffle": (*importer).dynamic,
	}
}

// same is an operator that keeps the shape.
func (im *importer) same(op string) {
	x, s := im.any(0)
	im.emit(op, []string{x}, nil, nil, s...)
}

func (im *importer) identity() {
	v := *im.act(0)
	im.uses[im.n.outputs[0]] += im.uses[im.n.inputs[0]] - 1
	im.define(im.n.outputs[0], &v)
}

// window reads kernel, stride, dilation and padding. shape is the input's.
func (im *importer) window(kernel []int, shape []int, pad [4]int) (attrs map[string][]int, oh, ow int) {
	stride := im.attrInts("strides", 2, 1, 1, 1)
	dil := im.attrInts("dilations", 2, 1, 1, 1)
	p := im.attrInts("pads", 4, 0, 0, 0, 0, 0)
	auto := "NOTSET"
	if a := im.n.attrs["auto_pad"]; a != nil && len(a.s) > 0 {
		auto = string(a.s)
	}
	if auto != "NOTSET" {
		p = []int{0, 0, 0, 0}
	}
	for d := range 2 {
		switch auto {
		case "NOTSET", "VALID":
		case "SAME_UPPER", "SAME_LOWER":
			n := shape[1+d] + pad[d] + pad[2+d]
			out := (n + stride[d] - 1) / stride[d]
			all := max(0, (out-1)*stride[d]+dil[d]*(kernel[d]-1)+1-n)
			p[d], p[2+d] = all/2, all-all/2
			if auto == "SAME_LOWER" {
				p[d], p[2+d] = p[2+d], p[d]
			}
		default:
			im.failf(ErrUnsupported, "auto_pad: got %q, want NOTSET, VALID, SAME_UPPER or SAME_LOWER", auto)
		}
	}
	for i := range p {
		p[i] += pad[i]
	}
	size := func(d int) int {
		n := shape[1+d] + p[d] + p[2+d] - dil[d]*(kernel[d]-1) - 1
		if n < 0 {
			im.failf(ErrInvalid, "kernel: got %v, dilation %v on %v with padding %v, want one that fits", kernel, dil, shape, p)
		}
		if im.n.op != "Conv" && im.attrInt("ceil_mode", 0) == 1 && n%stride[d] != 0 && (n/stride[d]+1)*stride[d] < shape[1+d]+p[d] {
			return n/stride[d] + 2
		}
		return n/stride[d] + 1
	}
	attrs = map[string][]int{"kernel": kernel, "stride": stride, "pad": p}
	if im.n.op == "Conv" {
		attrs["dilation"] = dil
	} else if dil[0] != 1 || dil[1] != 1 {
		im.failf(ErrUnsupported, "dilations: got %v, want 1", dil)
	}
	return attrs, size(0), size(1)
}

// takePad returns activation input i's pending padding, and settles the rest.
func (im *importer) takePad(i int) (x string, s []int, pad [4]int) {
	v := im.act(i)
	pad = v.pad
	if pad != [4]int{} {
		bare := *v
		bare.pad = [4]int{}
		name := im.settle(&bare, im.n.inputs[i])
		if s := im.shapes[name]; len(s) == 3 {
			return name, s, pad
		}
		im.failf(ErrUnsupported, "input: got padding around shape %v, want [N C H W]", v.dims)
	}
	x, s = im.planes(i)
	return x, s, pad
}

func (im *importer) conv() {
	w := im.floatConstant(1, true)
	if len(w.dims) != 4 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want [O C/g kh kw] (two spatial dimensions)", w.dims)
	}
	x, s, pad := im.takePad(0)
	g := im.attrInts1("group", 1)
	if w.dims[1]*g != s[0] || w.dims[0]%g != 0 {
		im.failf(ErrInvalid, "weight: got dimensions %v in %d groups, want %d input channels", w.dims, g, s[0])
	}
	k := im.attrInts("kernel_shape", 2, 1, w.dims[2], w.dims[3])
	if k[0] != w.dims[2] || k[1] != w.dims[3] {
		im.failf(ErrInvalid, "kernel_shape: got %v, want %v", k, w.dims[2:])
	}
	attrs, oh, ow := im.window(k, s, pad)
	attrs["groups"] = []int{g}
	tensors := map[string]string{"weight": im.store("weight", w.name, w.f, w.dims...)}
	if b := im.floatConstant(2, false); b != nil {
		if len(b.f) != w.dims[0] {
			im.failf(ErrInvalid, "bias: got %d values, want %d", len(b.f), w.dims[0])
		}
		tensors["bias"] = im.store("bias", b.name, b.f, w.dims[0])
	}
	im.emit(weights.OpConv, []string{x}, attrs, tensors, w.dims[0], oh, ow)
}

// attrInts1 reads one positive integer.
func (im *importer) attrInts1(name string, def int) int {
	v := im.attrInt(name, int64(def))
	if v < 1 || v > 1<<20 {
		im.failf(ErrInvalid, "%s: got %d, want 1 or more", name, v)
	}
	return int(v)
}

func (im *importer) batchNorm() {
	x := im.act(0)
	if len(x.dims) < 2 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", x.dims)
	}
	c := x.dims[1]
	var p [4][]float32
	for i := range p {
		if t := im.floatConstant(1+i, true); len(t.f) != c {
			im.failf(ErrInvalid, "input %q: got %d values, want %d", im.n.inputs[1+i], len(t.f), c)
		} else {
			p[i] = t.f
		}
	}
	eps := 1e-5
	if a := im.n.attrs["epsilon"]; a != nil {
		eps = float64(a.f)
	}
	scale, shift := make([]float64, c), make([]float64, c)
	for i := range c {
		scale[i] = float64(p[0][i]) / math.Sqrt(float64(p[3][i])+eps)
		shift[i] = float64(p[1][i]) - float64(p[2][i])*scale[i]
		if !isFinite(scale[i]) || !isFinite(shift[i]) {
			im.failf(ErrInvalid, "channel %d: got variance %v and epsilon %v, want a positive sum", i, p[3][i], eps)
		}
	}
	im.affine(scale, shift)
}

// affine defines the output as scale*x + shift per channel of input 0: folded
// into the convolution or linear layer that makes x if nobody else reads that,
// else a node. (In double precision until the weight is stored.)
func (im *importer) affine(scale, shift []float64) {
	x, s := im.any(im.actInput())
	if i := im.prod[x]; i >= 0 && im.only(im.actInput()) {
		n := &im.m.Graph.Nodes[i]
		if n.Op == weights.OpConv || n.Op == weights.OpLinear || n.Op == weights.OpAffine {
			im.foldInto(n, scale, shift)
			im.define(im.n.outputs[0], &value{base: x, dims: append([]int{1}, s...)})
			return
		}
	}
	c := s[0]
	f := make([]float32, 2*c)
	for i := range c {
		f[i], f[c+i] = float32(scale[i]), float32(shift[i])
	}
	im.emit(weights.OpAffine, []string{x}, nil,
		map[string]string{"scale": im.store("scale", "", f[:c], c), "shift": im.store("shift", "", f[c:], c)}, s...)
}

// actInput is the first input that is an activation.
func (im *importer) actInput() int {
	for i, name := range im.n.inputs {
		if v := im.values[name]; v != nil && v.c == nil {
			return i
		}
	}
	return 0
}

// foldInto makes node n compute scale*y + shift. Its tensors are its own:
// store copied them.
func (im *importer) foldInto(n *weights.Node, scale, shift []float64) {
	rows, bias := "weight", "bias"
	if n.Op == weights.OpAffine {
		rows, bias = "scale", "shift"
	}
	w := im.tensor(n.Tensors[rows]).Data
	per := len(w) / len(scale)
	for i := range w {
		w[i] = float32(float64(w[i]) * scale[i/per])
	}
	if n.Tensors[bias] == "" {
		n.Tensors[bias] = im.store(bias, n.Tensors["weight"]+".shift", make([]float32, len(scale)), len(scale))
	}
	b := im.tensor(n.Tensors[bias]).Data
	for i := range b {
		b[i] = float32(float64(b[i])*scale[i] + shift[i])
	}
}

// perChannel spreads a constant over the channels of x, or fails.
func (im *importer) perChannel(t *tensor, x *value) []float64 {
	if t.isInt() {
		im.failf(ErrUnsupported, "constant: got integers, want float32")
	}
	c := x.dims[1]
	// Broadcasting aligns from the right: one value, or C values with every other
	// dimension 1.
	out := make([]float64, c)
	ok := len(t.f) == 1
	if !ok && len(t.f) == c && len(t.dims) <= len(x.dims) {
		at := len(t.dims) - (len(x.dims) - 1) // where the channel dimension is
		ok = at >= 0 && t.dims[at] == c
	}
	if !ok {
		im.failf(ErrUnsupported, "constant: got dimensions %v, want one value or one a channel (%d)", t.dims, c)
	}
	for i := range out {
		out[i] = float64(t.f[i%len(t.f)])
	}
	return out
}

// scaleOrShift is Mul, Div or Sub of an activation and a constant.
func (im *importer) scaleOrShift() {
	at := im.actInput()
	x := im.act(at)
	if len(im.n.inputs) != 2 || len(x.dims) < 2 {
		im.failf(ErrInvalid, "got %d inputs of shape %v, want 2 of [N C ...]", len(im.n.inputs), x.dims)
	}
	if at == 1 && im.n.op != "Mul" {
		im.failf(ErrUnsupported, "got a constant first, want the activation first")
	}
	k := im.perChannel(im.constant(1-at, true), x)
	scale, shift := make([]float64, len(k)), make([]float64, len(k))
	for i, v := range k {
		switch im.n.op {
		case "Mul":
			scale[i] = v
		case "Div":
			scale[i] = 1 / v
		case "Sub":
			scale[i], shift[i] = 1, -v
		}
		if !isFinite(scale[i]) {
			im.failf(ErrInvalid, "constant: got %v, want a number to divide by", v)
		}
	}
	im.affine(scale, shift)
}

func (im *importer) addition() {
	if len(im.n.inputs) != 2 {
		im.failf(ErrUnsupported, "got %d inputs, want 2", len(im.n.inputs))
	}
	at := im.actInput()
	if v := im.values[im.n.inputs[1-at]]; v != nil && v.c != nil {
		x := im.act(at)
		if len(x.dims) < 2 {
			im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", x.dims)
		}
		shift := im.perChannel(v.c, x)
		scale := make([]float64, len(shift))
		for i := range scale {
			scale[i] = 1
		}
		im.affine(scale, shift)
		return
	}
	x, s := im.any(0)
	y, t := im.any(1)
	if len(s) != len(t) || prod(s) != prod(t) || s[0] != t[0] {
		im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want the same", s, t)
	}
	im.emit(weights.OpAdd, []string{x, y}, nil, nil, s...)
}

func prod(s []int) int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

func (im *importer) clip() {
	lo, hi := math.Inf(-1), math.Inf(1)
	for i, p := range []struct {
		name string
		to   *float64
	}{{"min", &lo}, {"max", &hi}} {
		if a := im.n.attrs[p.name]; a != nil {
			*p.to = float64(a.f)
		} else if t := im.floatConstant(1+i, false); t != nil {
			if len(t.f) != 1 {
				im.failf(ErrInvalid, "%s: got %d values, want 1", p.name, len(t.f))
			}
			*p.to = float64(t.f[0])
		}
	}
	switch {
	case lo == 0 && hi == 6:
		im.same(weights.OpReLU6)
	case lo == 0 && hi >= math.MaxFloat32:
		im.same(weights.OpReLU)
	case lo <= -math.MaxFloat32 && hi >= math.MaxFloat32:
		im.identity()
	default:
		im.failf(ErrUnsupported, "got limits %v and %v, want 0 and 6 (ReLU6) or 0 and none (ReLU)", lo, hi)
	}
}

func (im *importer) pool() {
	k := im.attrInts("kernel_shape", 2, 1)
	if k == nil {
		im.failf(ErrInvalid, "kernel_shape: got none, want one of two dimensions")
	}
	x, s, pad := im.takePad(0)
	if len(im.n.outputs) > 1 && im.uses[im.n.outputs[1]] > 0 {
		im.failf(ErrUnsupported, "got a second output (indices), want one")
	}
	op := weights.OpMaxPool
	if im.n.op == "AveragePool" {
		op = weights.OpAvgPool
	}
	count := im.attrInt("count_include_pad", 0)
	if pad != [4]int{} {
		// A Pad node's zeros are elements like any other.
		own := im.attrInts("pads", 4, 0, 0, 0, 0, 0)
		if op == weights.OpMaxPool || count == 0 && total(own) != 0 {
			im.failf(ErrUnsupported, "input: got zero padding from a Pad node, want it in front of a convolution or an average pool without padding of its own")
		}
		count = 1
	}
	attrs, oh, ow := im.window(k, s, pad)
	if op == weights.OpAvgPool {
		if k[0] == s[1] && k[1] == s[2] && oh == 1 && ow == 1 && total(attrs["pad"]) == 0 {
			im.emit(weights.OpGlobalAvgPool, []string{x}, nil, nil, s[0], 1, 1)
			return
		}
		attrs["countpad"] = []int{int(count)}
	}
	if im.attrInt("ceil_mode", 0) == 1 {
		attrs["ceil"] = []int{1}
	}
	im.emit(op, []string{x}, attrs, nil, s[0], oh, ow)
}

func total(s []int) (n int) {
	for _, v := range s {
		n += v
	}
	return n
}

// mean is the global average pool; without keep the result is [N C].
func (im *importer) mean(keep bool) {
	x, s := im.planes(0)
	out := im.n.outputs[0]
	v := im.add(weights.OpGlobalAvgPool, out, []string{x}, nil, nil, s[0], 1, 1)
	if !keep {
		v.dims = []int{1, s[0]}
	}
	im.define(out, v)
}

func (im *importer) reduceMean() {
	v := im.act(0)
	var axes []int64
	if a := im.n.attrs["axes"]; a != nil {
		axes = a.ints
	} else if t := im.constant(1, false); t != nil {
		axes = t.i
	}
	seen := map[int64]bool{}
	for _, a := range axes {
		if a < 0 {
			a += int64(len(v.dims))
		}
		seen[a] = true
	}
	if len(v.dims) != 4 || len(axes) != 2 || !seen[2] || !seen[3] {
		im.failf(ErrUnsupported, "axes: got %v of shape %v, want 2 and 3 of [N C H W]", axes, v.dims)
	}
	im.mean(im.attrInt("keepdims", 1) != 0)
}

// axis reads the attribute and fails unless it is the channels'.
func (im *importer) channelAxis(def int64, rank int) {
	a := im.attrInt("axis", def)
	if a < 0 {
		a += int64(rank)
	}
	if a != 1 {
		im.failf(ErrUnsupported, "axis: got %d, want 1, the channels", a)
	}
}

func (im *importer) concat() {
	var in []string
	var out []int
	for i := range im.n.inputs {
		x, s := im.any(i)
		if out != nil && (len(s) != len(out) || len(s) == 3 && (s[1] != out[1] || s[2] != out[2])) {
			im.failf(ErrInvalid, "inputs: got shapes %v and %v, want the same but for channels", out, s)
		}
		if in = append(in, x); out == nil {
			out = append(out, s...)
		} else {
			out[0] += s[0]
		}
	}
	if len(in) == 0 {
		im.failf(ErrInvalid, "got no inputs, want one or more")
	}
	im.channelAxis(1, len(out)+1)
	im.emit(weights.OpConcat, in, nil, nil, out...)
}

func (im *importer) softmax() {
	x, n := im.vector(0)
	def := int64(-1)
	if im.opset < 13 {
		def = 1
	}
	im.channelAxis(def, 2)
	im.emit(weights.OpSoftmax, []string{x}, nil, nil, n)
}

// gemm is Gemm, and MatMul of an activation and a constant.
func (im *importer) gemm() {
	x, k := im.vector(0)
	w := im.floatConstant(1, true)
	if len(w.dims) != 2 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want two", w.dims)
	}
	alpha, beta := 1.0, 1.0
	if a := im.n.attrs["alpha"]; a != nil {
		alpha = float64(a.f)
	}
	if a := im.n.attrs["beta"]; a != nil {
		beta = float64(a.f)
	}
	if im.attrInt("transA", 0) != 0 {
		im.failf(ErrUnsupported, "transA: got 1, want 0")
	}
	in, out := w.dims[0], w.dims[1]
	trans := im.attrInt("transB", 0) != 0
	if trans {
		in, out = out, in
	}
	if in != k {
		im.failf(ErrInvalid, "weight: got %d inputs, want %d", in, k)
	}
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
		bias := make([]float32, out)
		for i := range bias {
			bias[i] = float32(beta * float64(b.f[i%len(b.f)]))
		}
		tensors["bias"] = im.store("bias", b.name, bias, out)
	}
	im.emit(weights.OpLinear, []string{x}, nil, tensors, out)
}

func (im *importer) padding() {
	v := *im.act(0)
	var p []int64
	if a := im.n.attrs["pads"]; a != nil {
		p = a.ints
	} else if t := im.constant(1, true); t != nil {
		p = t.i
	}
	if a := im.n.attrs["mode"]; a != nil && string(a.s) != "constant" {
		im.failf(ErrUnsupported, "mode: got %q, want constant", a.s)
	}
	if t := im.floatConstant(2, false); t != nil && (len(t.f) != 1 || t.f[0] != 0) {
		im.failf(ErrUnsupported, "value: got %v, want 0", t.f)
	}
	if a := im.n.attrs["value"]; a != nil && a.f != 0 {
		im.failf(ErrUnsupported, "value: got %v, want 0", a.f)
	}
	if im.constant(3, false) != nil {
		im.failf(ErrUnsupported, "got axes, want pads of all dimensions")
	}
	if len(v.dims) != 4 || len(p) != 8 || p[0]|p[1]|p[4]|p[5] != 0 {
		im.failf(ErrUnsupported, "pads: got %v of shape %v, want height and width of [N C H W] alone", p, v.dims)
	}
	for i, k := range []int{2, 3, 6, 7} {
		if p[k] < 0 || p[k] > 1<<12 {
			im.failf(ErrUnsupported, "pads: got %v, want 0 to 4096", p)
		}
		v.pad[i] += int(p[k])
	}
	im.define(im.n.outputs[0], &v)
}

func (im *importer) dynamic() {
	x, s := im.planes(0)
	g := im.attrInts1("groups", 1)
	f := im.attrInts("factors", 2, 1)
	if f == nil || g*f[0]*f[1] != s[0] {
		im.failf(ErrInvalid, "groups and factors: got %d and %v, want a product of %d channels", g, f, s[0])
	}
	attrs := map[string][]int{"groups": {g}, "factors": f, "pairs": {im.attrInts1("pairs", 1)}}
	roles := []string{"w1", "b1", "w2", "b2"}
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
		t := im.floatConstant(1+i, true)
		tensors[r] = im.store(r, t.name, t.f, t.dims...)
	}
	im.emit(op, []string{x}, attrs, tensors, s...)
}
