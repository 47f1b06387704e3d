package onnx

import (
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opAvgPool = operator{
	op: weights.OpAvgPool, inputs: 1,
	reads: map[string]reader{"AveragePool": lines((*importer).averagePool)},
	sign:  asInputs,
	write: (*exporter).averagePool,
}

// averagePool becomes a global one where its only window is the whole plane.
func (im *importer) averagePool() {
	k := im.poolKernel()
	x, s, pad, low := im.poolPad(0, k)
	count := im.flag("count_include_pad", 0)
	if pad != [4]int{} {
		// A Pad node's zeros are elements like any other, so they count in the mean.
		own := slices.Max(im.attrInts("pads", 4, 0, 0, 0, 0, 0)) > 0 || strings.HasPrefix(im.attrText("auto_pad", ""), "SAME")
		switch {
		case low:
			im.failf(ErrUnsupported, "input: got a Pad node of the lowest number, want zeros")
		case own && !count:
			im.failf(ErrUnsupported, "pads: got padding that does not count around a Pad node, want either")
		}
		count = true
	}
	attrs, oh, ow := im.window(k, s, pad, true)
	p, stride := attrs["pad"], attrs["stride"]
	k = attrs["kernel"]
	if k[0] == s[1] && k[1] == s[2] && oh == 1 && ow == 1 && slices.Max(p) == 0 {
		im.emit(weights.OpGlobalAvgPool, []string{x}, nil, nil, s[0], 1, 1)
		return
	}
	attrs["countpad"] = []int{0}
	if count {
		attrs["countpad"][0] = 1
		over := (oh-1)*stride[0]+k[0] > s[1]+p[0]+p[2] || (ow-1)*stride[1]+k[1] > s[2]+p[1]+p[3]
		if over && slices.Max(p) > 0 { // runtimes differ on what such a window counts
			im.failf(ErrUnsupported, "ceil_mode with count_include_pad: got windows that reach past the padding %v, want none", p)
		}
	}
	im.emitPool(weights.OpAvgPool, x, attrs, s[0], oh, ow)
}

func (e *exporter) averagePool(n *weights.Node, s []int) ([][]int, error) {
	attrs, out, err := poolAttrs(n, s)
	if err != nil {
		return nil, err
	}
	count, err := list(n, "countpad", 0, 0)
	if err != nil {
		return nil, err
	}
	e.put(n.Name, "AveragePool", n.Inputs, n.Outputs, append(attrs, proto.IntAttr("count_include_pad", count[0]))...)
	return out, nil
}
