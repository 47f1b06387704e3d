package oracle

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// rearrange takes x's elements in the order of a counter with strides.
func rearrange(n *weights.Node, x *Tensor) *Tensor {
	y := alloc(n.Attrs["shape"]...)
	dims, strides := n.Attrs["dims"], n.Attrs["strides"]
	for k := range y.Data {
		if index := n.Attrs["index"]; index != nil {
			run := n.Attr("run", 1)[0]
			y.Data[k] = x.Data[index[k/run]+k%run]
			continue
		}
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

// resize computes each pixel from its place in the input.
func resize(n *weights.Node, x *Tensor) *Tensor {
	size, linear := n.Attrs["size"], n.Attr("mode", 0)[0] == 1
	coordinates, round := n.Attr("coordinates", 0)[0], n.Attr("round", 0)[0]
	y := alloc(x.Shape[0], size[0], size[1])
	place := func(i, in, out int) float64 {
		switch {
		case coordinates == 1:
			return float64(i) * float64(in) / float64(out)
		case coordinates == 0:
			return (float64(i)+0.5)*float64(in)/float64(out) - 0.5
		case out == 1:
			return 0
		}
		return float64(i) * float64(in-1) / float64(out-1)
	}
	nearest := func(v float64) float64 {
		return []float64{math.Floor(v), math.Ceil(v - 0.5), math.Ceil(v), math.Floor(v + 0.5)}[round]
	}
	for k := range y.Data {
		c, i, j := k/(size[0]*size[1]), k/size[1]%size[0], k%size[1]
		v, u := place(i, x.Shape[1], size[0]), place(j, x.Shape[2], size[1])
		if !linear {
			v, u = nearest(v), nearest(u)
		}
		v, u = min(max(v, 0), float64(x.Shape[1]-1)), min(max(u, 0), float64(x.Shape[2]-1))
		for _, corner := range [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
			weight := 1.0
			at := [2]int{int(v), int(u)}
			for d, w := range []float64{v - math.Floor(v), u - math.Floor(u)} {
				if corner[d] == 1 {
					at[d]++
					weight *= w
				} else {
					weight *= 1 - w
				}
			}
			if weight > 0 {
				y.Data[k] += weight * x.at(c, at[0], at[1])
			}
		}
	}
	return y
}
