package onnx

import "slices"

// window reads kernel, stride, dilation and padding; pad is what a Pad node adds
// to it, shape the input's. pool says that it is a pool's window: a convolution has no
// ceil_mode, and a pool no dilation.
func (im *importer) window(kernel, shape []int, pad [4]int, pool bool) (attrs map[string][]int, oh, ow int) {
	kernel = slices.Clone(kernel)
	stride := im.attrInts("strides", 2, 1, 1, 1)
	dil := im.attrInts("dilations", 2, 1, 1, 1)
	p := im.attrInts("pads", 4, 0, 0, 0, 0, 0)
	auto := im.attrText("auto_pad", "NOTSET")
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
	ceil := pool && im.flag("ceil_mode", 0)
	if pool && (dil[0] != 1 || dil[1] != 1) {
		im.failf(ErrUnsupported, "dilations: got %v, want 1", dil)
	}
	var size [2]int
	for d := range size {
		n, padded := shape[1+d]+p[d]+p[2+d]+pad[d]+pad[2+d], shape[1+d]+pad[d]+pad[2+d]
		if over := kernel[d] - n; ceil && over > 0 && over < stride[d] {
			kernel[d] = n // the only window hangs over the end, where there is nothing
		}
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

// poolPad is takePad for a pool of a kernel, which takes over only padding that is smaller.
func (im *importer) poolPad(i int, kernel []int) (x string, s []int, pad [4]int, low bool) {
	v := im.act(i)
	own := im.attrInts("pads", 4, 0, 0, 0, 0, 0)
	for d := range 2 {
		if len(v.dims) == 4 && v.padded() && max(v.pad[d]+own[d], v.pad[2+d]+own[2+d]) >= kernel[d] {
			x, s = im.any(i)
			return x, s, pad, false
		}
	}
	return im.takePad(i)
}

// takePad settles activation input i without the padding that waits around it.
func (im *importer) takePad(i int) (x string, s []int, pad [4]int, low bool) {
	v := im.act(i)
	if len(v.dims) != 4 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.Inputs[i], v.dims)
	}
	if !v.padded() {
		x, s = im.any(i)
		return x, s, pad, false
	}
	x = im.settle(v.bare(), im.n.Inputs[i])
	return x, im.shapes[x], v.pad, v.low
}
