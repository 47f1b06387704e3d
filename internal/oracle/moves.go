package oracle

import "github.com/riffle-ml/riffle/weights"

// rearrange takes x's elements in the order of a counter with strides.
func rearrange(n *weights.Node, x *Tensor) *Tensor {
	y := alloc(n.Attrs["shape"]...)
	dims, strides := n.Attrs["dims"], n.Attrs["strides"]
	for k := range y.Data {
		at, rest := n.Attr("offset", 0)[0], k
		for d := len(dims) - 1; d >= 0; d-- {
			at += rest % dims[d] * strides[d]
			rest /= dims[d]
		}
		y.Data[k] = x.Data[at]
	}
	return y
}

// pad puts rows, columns and channels around x.
func pad(n *weights.Node, x *Tensor, value float64) *Tensor {
	p, ch, mode := n.Attr("pad", 0, 0, 0, 0), n.Attr("channels", 0, 0), n.Attr("mode", 0)[0]
	c, h, w := x.Shape[0], x.Shape[1], x.Shape[2]
	y := alloc(c+ch[0]+ch[1], h+p[0]+p[2], w+p[1]+p[3])
	place := func(i, n int) int {
		for mode == 1 && (i < 0 || i >= n) {
			if i < 0 {
				i = -i
			} else {
				i = 2*(n-1) - i
			}
		}
		if mode == 2 {
			i = min(max(i, 0), n-1)
		}
		return i
	}
	for k := range y.Data {
		xx, rest := k%y.Shape[2], k/y.Shape[2]
		yy, cc := rest%y.Shape[1], rest/y.Shape[1]-ch[0]
		yy, xx = place(yy-p[0], h), place(xx-p[1], w)
		y.Data[k] = value
		if cc >= 0 && cc < c && yy >= 0 && yy < h && xx >= 0 && xx < w {
			y.Data[k] = x.at(cc, yy, xx)
		}
	}
	return y
}
