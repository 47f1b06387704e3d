package onnx

import (
	"fmt"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// window reads what convolutions and pools share.
func window(n *weights.Node, s []int) (k, stride, dil, pad, out []int, err error) {
	fail := func(e error) {
		if err == nil {
			err = e
		}
	}
	get := func(name string, lo int, def ...int) []int {
		v, e := list(n, name, lo, def...)
		fail(e)
		return v
	}
	fail(planar(s))
	k, stride, dil, pad = get("kernel", 1, 0, 0), get("stride", 1, 1, 1), get("dilation", 1, 1, 1), get("pad", 0, 0, 0, 0, 0)
	ceil := get("ceil", 0, 0)
	if err != nil {
		return
	}
	for d := range 2 {
		o := windows(s[1+d]+pad[d]+pad[2+d], dil[d]*(k[d]-1)+1, stride[d], s[1+d]+pad[d], ceil[0] == 1)
		if o < 1 {
			fail(fmt.Errorf("kernel: got %v, dilation %v on %v with padding %v, want one that fits", k, dil, s, pad))
		}
		out = append(out, o)
	}
	return
}

// poolAttrs returns the attributes that both kinds of pools write, and the output's shape.
func poolAttrs(n *weights.Node, s []int) (attrs [][]byte, out [][]int, err error) {
	k, stride, _, pad, hw, err := window(n, s)
	if err != nil {
		return nil, nil, err
	}
	attrs = [][]byte{proto.IntsAttr("kernel_shape", k...), proto.IntsAttr("strides", stride...), proto.IntsAttr("pads", pad...)}
	if n.Attr("ceil", 0)[0] == 1 {
		attrs = append(attrs, proto.IntAttr("ceil_mode", 1))
	}
	return attrs, [][]int{{s[0], hw[0], hw[1]}}, nil
}
