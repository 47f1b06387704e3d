package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// A view that is no choice of channels becomes a rearrange, if a counter with strides
// gives it: space to depth, every second pixel, pixels as channels.
var opRearrange = operator{
	op: weights.OpRearrange, inputs: 1,
	reads: map[string]reader{
		"DepthToSpace": (*importer).depthToSpace,
		"SpaceToDepth": (*importer).spaceToDepth,
	},
	sign:  asInputs,
	write: (*exporter).rearrange,
}

// blocks reads attribute blocksize of a value [N C H W].
func (im *importer) blocks() (v *value, k int) {
	v, k = im.whole4(0), im.attrCount("blocksize", 1)
	return v, k
}

// whole4 is activation input i, which must be [N C H W].
func (im *importer) whole4(i int) *value {
	v := im.act(i)
	if len(v.dims) != 4 || v.lead != 0 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.Inputs[i], im.whole(v))
	}
	return v
}

func (im *importer) depthToSpace() {
	v, k := im.blocks()
	n, c, h, w := v.dims[0], v.dims[1], v.dims[2], v.dims[3]
	if c%(k*k) != 0 {
		im.failf(ErrInvalid, "blocksize: got %d for %d channels, want one whose square divides them", k, c)
	}
	c /= k * k
	var t *value
	switch mode := im.attrText("mode", "DCR"); mode {
	case "DCR":
		t = im.transposed(im.reshaped(v, []int{n, k, k, c, h, w}), []int{0, 3, 4, 1, 5, 2}, []int{n, c, h, k, w, k})
	case "CRD":
		t = im.transposed(im.reshaped(v, []int{n, c, k, k, h, w}), []int{0, 1, 4, 2, 5, 3}, []int{n, c, h, k, w, k})
	default:
		im.failf(ErrUnsupported, "mode: got %q, want DCR or CRD", mode)
	}
	im.out(im.reshaped(t, []int{n, c, h * k, w * k}))
}

func (im *importer) spaceToDepth() {
	v, k := im.blocks()
	n, c, h, w := v.dims[0], v.dims[1], v.dims[2], v.dims[3]
	if h%k != 0 || w%k != 0 {
		im.failf(ErrInvalid, "blocksize: got %d for %d x %d pixels, want one that divides both", k, h, w)
	}
	t := im.transposed(im.reshaped(v, []int{n, c, h / k, k, w / k, k}), []int{0, 3, 5, 1, 2, 4}, []int{n, k, k, c, h / k, w / k})
	im.out(im.reshaped(t, []int{n, c * k * k, h / k, w / k}))
}

// rearrange writes a Gather of all elements in a row.
func (e *exporter) rearrange(n *weights.Node, s []int) ([][]int, error) {
	shape, dims, strides := n.Attrs["shape"], n.Attrs["dims"], n.Attrs["strides"]
	list, run := n.Attrs["index"], n.Attr("run", 1)[0]
	if list != nil {
		dims, strides = []int{len(list), run}, []int{0, 1}
	}
	total, ok := product(shape)
	count, same := product(dims)
	from, _ := product(s)
	if !ok || !same || total != count || total == 0 || len(dims) != len(strides) || len(shape) != 1 && len(shape) != 3 {
		return nil, unsupported("shape %v, dims %v and strides %v: want as many elements, and a stride for each of dims", shape, dims, strides)
	}
	index := make([]int, total)
	for k := range index {
		at, rest := n.Attr("offset", 0)[0], k
		for d := len(dims) - 1; d >= 0; d-- {
			at += rest % dims[d] * strides[d]
			rest /= dims[d]
		}
		if list != nil {
			at = list[k/run] + k%run
		}
		if at < 0 || at >= from {
			return nil, unsupported("element %d: got %d, want 0 to %d", k, at, from-1)
		}
		index[k] = at
	}
	flat, taken := e.fresh(n.Outputs[0]+"/flat"), e.fresh(n.Outputs[0]+"/taken")
	e.put(n.Name+"/flat", "Flatten", n.Inputs, []string{flat}, proto.IntAttr("axis", 1))
	e.put(n.Name+"/take", "Gather", []string{flat, e.initInts(index...)}, []string{taken}, proto.IntAttr("axis", 1))
	e.put(n.Name, "Reshape", []string{taken, e.initInts(append([]int{-1}, shape...)...)}, n.Outputs)
	return [][]int{shape}, nil
}
