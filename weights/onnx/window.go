package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// window reads kernel, stride, dilation and padding; pad is what a Pad node adds
// to it, shape the input's.
func (im *importer) window(kernel, shape []int, pad [4]int) (attrs map[string][]int, oh, ow int) {
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
	pool := im.n.op != "Conv"
	ceil := pool && im.flag("ceil_mode", 0)
	if pool && (dil[0] != 1 || dil[1] != 1) {
		im.failf(ErrUnsupported, "dilations: got %v, want 1", dil)
	}
	var size [2]int
	for d := range size {
		n, padded := shape[1+d]+p[d]+p[2+d]+pad[d]+pad[2+d], shape[1+d]+pad[d]+pad[2+d]
		size[d] = windows(n, dil[d]*(kernel[d]-1)+1, stride[d], padded+p[d], ceil)
		if size[d] < 1 {
			im.failf(ErrInvalid, "kernel: got %v, dilation %v on %v with padding, want one that fits", kernel, dil, shape)
		}
		p[d], p[2+d] = p[d]+pad[d], p[2+d]+pad[2+d]
		if again := windows(n, dil[d]*(kernel[d]-1)+1, stride[d], shape[1+d]+p[d], ceil); again != size[d] {
			im.failf(ErrUnsupported, "ceil_mode: got 1 after a Pad node, want 0, or padding by the pool itself")
		}
		if p[d] > maxAttr || p[2+d] > maxAttr {
			im.failf(ErrUnsupported, "pads: got %v with those of Pad nodes, want at most %d", p, maxAttr)
		}
		if pool && (p[d] >= kernel[d] || p[2+d] >= kernel[d]) {
			im.failf(ErrUnsupported, "pads: got %v (of a Pad node too, if there is one), want less than the kernel, %v", p, kernel)
		}
	}
	attrs = map[string][]int{"kernel": kernel, "stride": stride, "pad": p}
	if !pool {
		attrs["dilation"] = dil
	}
	return attrs, size[0], size[1]
}

// windows is how many windows of extent k fit n elements at a stride; none
// begins at end or behind it, where ceil asks for one that hangs over.
func windows(n, k, stride, end int, ceil bool) int {
	if n < k {
		return 0
	}
	o := (n-k)/stride + 1
	if ceil && (n-k)%stride != 0 && o*stride < end {
		o++
	}
	return o
}

// takePad settles activation input i without the padding that waits around it.
func (im *importer) takePad(i int) (x string, s []int, pad [4]int, low bool) {
	v := im.act(i)
	if len(v.dims) != 4 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.inputs[i], v.dims)
	}
	if !v.padded() {
		x, s = im.any(i)
		return x, s, pad, false
	}
	bare := *v
	bare.pad, bare.low = [4]int{}, false
	for d := range 2 {
		bare.dims = slices.Clone(bare.dims)
		bare.dims[2+d] -= v.pad[d] + v.pad[2+d]
	}
	x = im.settle(&bare, im.n.inputs[i])
	return x, im.shapes[x], v.pad, v.low
}

func (im *importer) conv() {
	w := im.floatConstant(1, true)
	if len(w.dims) != 4 || len(w.f) == 0 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want [O C/g kh kw]: two dimensions of pixels", w.dims)
	}
	x, s, pad, low := im.takePad(0)
	if low {
		im.failf(ErrUnsupported, "input: got a Pad node of the lowest number, want zeros")
	}
	g := im.attrCount("group", 1)
	if int64(w.dims[1])*int64(g) != int64(s[0]) || w.dims[0]%g != 0 {
		im.failf(ErrInvalid, "weight: got dimensions %v in %d groups, want [O C/g kh kw] for %d input channels", w.dims, g, s[0])
	}
	k := im.attrInts("kernel_shape", 2, 1, w.dims[2:]...)
	if !slices.Equal(k, w.dims[2:]) || max(k[0], k[1]) > maxAttr {
		im.failf(ErrInvalid, "kernel_shape: got %v, want %v as the weight has it, at most %d", k, w.dims[2:], maxAttr)
	}
	attrs, oh, ow := im.window(k, s, pad)
	attrs["groups"] = []int{g}
	tensors := map[string]string{"weight": im.storeCopy("weight", w)}
	if b := im.floatConstant(2, false); b != nil {
		if len(b.f) != w.dims[0] || len(b.dims) != 1 {
			im.failf(ErrInvalid, "bias: got dimensions %v, want [%d]", b.dims, w.dims[0])
		}
		tensors["bias"] = im.storeCopy("bias", b)
	}
	im.emit(weights.OpConv, []string{x}, attrs, tensors, w.dims[0], oh, ow)
}

func (im *importer) pool() {
	k := im.attrInts("kernel_shape", 2, 1)
	if k == nil {
		im.failf(ErrInvalid, "kernel_shape: got none, want one of two dimensions")
	}
	for _, o := range im.n.outputs[1:] {
		if o != "" {
			im.failf(ErrUnsupported, "got a second output (indices), want one")
		}
	}
	x, s, pad, low := im.takePad(0)
	op, count := weights.OpMaxPool, im.flag("count_include_pad", 0)
	if im.n.op == "AveragePool" {
		op = weights.OpAvgPool
	}
	if pad != [4]int{} {
		// A Pad node's elements are like any other: a maximum ignores its own
		// padding, and a mean does too unless it is told to count.
		own := slices.Max(im.attrInts("pads", 4, 0, 0, 0, 0, 0)) > 0 || im.n.attrs["auto_pad"] != nil
		switch {
		case op == weights.OpMaxPool && !low && !im.nonneg[x]:
			im.failf(ErrUnsupported, "input: got a Pad node of zeros around values that may be negative, want padding by the pool itself")
		case op == weights.OpAvgPool && low:
			im.failf(ErrUnsupported, "input: got a Pad node of the lowest number, want zeros")
		case op == weights.OpAvgPool && own && !count:
			im.failf(ErrUnsupported, "pads: got padding that does not count around a Pad node, want either")
		}
		count = true
	}
	attrs, oh, ow := im.window(k, s, pad)
	if op == weights.OpAvgPool {
		if k[0] == s[1] && k[1] == s[2] && oh == 1 && ow == 1 && slices.Max(attrs["pad"]) == 0 {
			im.emit(weights.OpGlobalAvgPool, []string{x}, nil, nil, s[0], 1, 1)
			return
		}
		attrs["countpad"] = []int{0}
		if count {
			attrs["countpad"][0] = 1
			p, stride := attrs["pad"], attrs["stride"]
			over := (oh-1)*stride[0]+k[0] > s[1]+p[0]+p[2] || (ow-1)*stride[1]+k[1] > s[2]+p[1]+p[3]
			if over && slices.Max(p) > 0 { // runtimes differ on what such a window counts
				im.failf(ErrUnsupported, "ceil_mode with count_include_pad: got windows that reach past the padding %v, want none", p)
			}
		}
	}
	if im.flag("ceil_mode", 0) {
		attrs["ceil"] = []int{1}
	}
	im.emit(op, []string{x}, attrs, nil, s[0], oh, ow)
}

// padding leaves a Pad node to the convolution or pool that reads it.
func (im *importer) padding() {
	v := *im.act(0)
	rank := len(v.dims)
	p, axes := im.listOf("pads", 1), im.constant(3, false)
	if a := im.n.attrs["mode"]; a != nil && len(a.s) > 0 && string(a.s) != "constant" {
		im.failf(ErrUnsupported, "mode: got %q, want constant", a.s)
	}
	low := false
	fill := 0.0
	if a := im.n.attrs["value"]; a != nil {
		fill = float64(a.f)
	} else if t := im.constant(2, false); t != nil {
		fill = im.scalar(t)
	}
	if low = fill <= -math.MaxFloat32; !low && fill != 0 {
		im.failf(ErrUnsupported, "value: got %v, want 0 (or none less, in front of a maximum)", fill)
	}
	all := make([]int64, 2*rank)
	switch {
	case axes == nil && len(p) == 2*rank:
		all = p
	case axes != nil && len(axes.dims) == 1 && axes.isInt() && len(p) == 2*len(axes.i):
		for i, a := range axes.i {
			at := im.axisOf(a, rank)
			all[at], all[rank+at] = p[i], p[len(axes.i)+i]
		}
	default:
		im.failf(ErrInvalid, "pads: got %d numbers for shape %v, want two a dimension", len(p), v.dims)
	}
	if !slices.ContainsFunc(all, func(k int64) bool { return k != 0 }) {
		im.out(&v)
		return
	}
	if rank != 4 || all[0]|all[1]|all[4]|all[5] != 0 {
		im.failf(ErrUnsupported, "pads: got %v of shape %v, want height and width of [N C H W] alone", all, v.dims)
	}
	if v.padded() && v.low != low {
		im.failf(ErrUnsupported, "value: got two Pad nodes, of zeros and of the lowest number, want one kind")
	}
	v.low, v.dims = low, slices.Clone(v.dims)
	for i, k := range []int{2, 3, 6, 7} {
		if all[k] < 0 || all[k]+int64(v.pad[i]) > maxAttr {
			im.failf(ErrUnsupported, "pads: got %v, want 0 to %d", all, maxAttr)
		}
		v.pad[i] += int(all[k])
		v.dims[2+i%2] += int(all[k])
	}
	im.out(&v)
}
