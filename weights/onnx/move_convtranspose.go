package onnx

import "github.com/riffle-ml/riffle/weights"

// A transposed convolution of strides sh and sw is a convolution that computes the sh x sw
// phases of the output as channels, and a rearrange of those into pixels: of all taps, an
// output row y sees those u with u = y + pad modulo sh.
var moveConvTranspose = operator{
	reads: map[string]reader{"ConvTranspose": (*importer).convTranspose},
}

// transposedConv is the geometry of one.
type transposedConv struct {
	c, o, groups int    // channels in, out of a group, groups
	k, s, taps   [2]int // kernel, stride, taps of a phase, by rows and columns
	begin, size  [2]int // of the output, in the phases side by side
	tail         [2]int // rows and columns of zeros behind the input
}

func (im *importer) convTranspose() {
	w := im.floatConstant(1, true)
	x, s := im.planes(0)
	g := im.attrCount("group", 1)
	if len(w.dims) != 4 || len(w.f) == 0 || w.dims[0] != s[0] || s[0]%g != 0 {
		im.failf(ErrUnsupported, "weight: got dimensions %v in %d groups for %d channels, want [C O/g kh kw]", w.dims, g, s[0])
	}
	t := im.transposedConv(w, s, g)
	data := t.weights(im, w)
	all := t.s[0] * t.s[1] * t.o * g
	tensors := map[string]string{"weight": im.store("weight", w.name, data, all, t.c/g, t.taps[0], t.taps[1])}
	im.steps[tensors["weight"]] = w.steps
	if b := im.floatConstant(2, false); b != nil {
		if len(b.f) != t.o*g {
			im.failf(ErrInvalid, "bias: got dimensions %v, want [%d]", b.dims, t.o*g)
		}
		bias := make([]float32, all)
		for i := range bias {
			group, o := i/(all/g), i%t.o
			bias[i] = b.f[group*t.o+o]
		}
		tensors["bias"] = im.store("bias", b.name, bias, all)
	}
	rows, columns := s[1]+t.taps[0]-1+t.tail[0], s[2]+t.taps[1]-1+t.tail[1]
	attrs := map[string][]int{
		"kernel": {t.taps[0], t.taps[1]}, "stride": {1, 1}, "dilation": {1, 1}, "groups": {g},
		"pad": {t.taps[0] - 1, t.taps[1] - 1, t.taps[0] - 1 + t.tail[0], t.taps[1] - 1 + t.tail[1]},
	}
	y := im.add(weights.OpConv, im.n.Label(), im.n.Outputs[0]+"/phases", []string{x}, attrs, tensors, all, rows, columns)
	v := im.transposed(im.reshaped(y, []int{1, g, t.s[0], t.s[1], t.o, rows, columns}), []int{0, 1, 4, 5, 2, 6, 3},
		[]int{1, g, t.o, rows, t.s[0], columns, t.s[1]})
	v = im.reshaped(v, []int{1, g * t.o, rows * t.s[0], columns * t.s[1]})
	// What is cut off need not be whole phases: that is a view of its own.
	whole := im.settle(v, im.n.Outputs[0]+"/whole")
	v = &value{base: whole, dims: v.dims, by: v.by}
	for d := range 2 {
		if t.begin[d] > 0 || t.size[d] < v.dims[2+d] {
			keep := make([]int, t.size[d])
			for i := range keep {
				keep[i] = t.begin[d] + i
			}
			v = im.pick(v, 2+d, keep, false)
		}
	}
	im.out(v)
}

// transposedConv reads the attributes.
func (im *importer) transposedConv(w *tensor, s []int, g int) *transposedConv {
	t := &transposedConv{c: s[0], o: w.dims[1], groups: g, k: [2]int{w.dims[2], w.dims[3]}}
	stride, dilation := im.attrInts("strides", 2, 1, 1, 1), im.attrInts("dilations", 2, 1, 1, 1)
	pads, more := im.attrInts("pads", 4, 0, 0, 0, 0, 0), im.attrInts("output_padding", 2, 0, 0, 0)
	auto := im.attrText("auto_pad", "NOTSET")
	if dilation[0] != 1 || dilation[1] != 1 || im.n.Attrs["output_shape"] != nil || auto != "NOTSET" && auto != "VALID" {
		im.failf(ErrUnsupported, "got dilations %v, auto_pad %q or output_shape, want none of them", dilation, auto)
	}
	for d := range 2 {
		t.s[d] = stride[d]
		t.taps[d] = (t.k[d] + stride[d] - 1) / stride[d]
		t.begin[d] = pads[d]
		t.size[d] = (s[1+d]-1)*stride[d] + t.k[d] + more[d] - pads[d] - pads[2+d]
		if t.size[d] < 1 || t.k[d] > maxAttr {
			im.failf(ErrInvalid, "pads: got %v for %d x %d pixels and the kernel %v, want an output", pads, s[1], s[2], t.k)
		}
		if over := t.begin[d] + t.size[d] - stride[d]*(s[1+d]+t.taps[d]-1); over > 0 {
			t.tail[d] = (over + stride[d] - 1) / stride[d]
		}
	}
	if _, ok := product([]int{t.s[0], t.s[1], t.o, g, s[1] + t.taps[0] + t.tail[0], s[2] + t.taps[1] + t.tail[1]}); !ok {
		im.failf(ErrUnsupported, "strides: got %v, want an output of at most %d elements", stride, maxSize)
	}
	return t
}

// weights are those of the phases: output (group, phase, channel), of which tap j sees what
// tap phase + stride*(taps-1-j) of w does, and nothing if there is none.
func (t *transposedConv) weights(im *importer, w *tensor) []float32 {
	in := t.c / t.groups
	im.spend(t.groups * t.s[0] * t.s[1] * t.o * in * t.taps[0] * t.taps[1])
	data := make([]float32, 0, t.groups*t.s[0]*t.s[1]*t.o*in*t.taps[0]*t.taps[1])
	for g := range t.groups {
		for phase := range t.s[0] * t.s[1] {
			for o := range t.o {
				for c := range in {
					for tap := range t.taps[0] * t.taps[1] {
						u := phase/t.s[1] + t.s[0]*(t.taps[0]-1-tap/t.taps[1])
						v := phase%t.s[1] + t.s[1]*(t.taps[1]-1-tap%t.taps[1])
						value := float32(0)
						if u < t.k[0] && v < t.k[1] {
							value = w.f[(((g*in+c)*t.o+o)*t.k[0]+u)*t.k[1]+v]
						}
						data = append(data, value)
					}
				}
			}
		}
	}
	return data
}
