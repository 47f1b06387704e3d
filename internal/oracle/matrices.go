package oracle

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// matMul multiplies, for each group of channels, the matrix of one by that of the other. A
// matrix has the planes of the group as its rows, or as its columns.
func matMul(n *weights.Node, a, b *Tensor) *Tensor {
	g := n.Attr("groups", 1)[0]
	// matrix returns rows, columns and the element at row i and column j of group k.
	matrix := func(t *Tensor, columns string) (rows, cols int, at func(k, i, j int) float64) {
		planes, pixels := t.Shape[0]/g, t.Shape[1]*t.Shape[2]
		if n.Attr(columns, 0)[0] == 1 {
			return pixels, planes, func(k, i, j int) float64 { return t.Data[(k*planes+j)*pixels+i] }
		}
		return planes, pixels, func(k, i, j int) float64 { return t.Data[(k*planes+i)*pixels+j] }
	}
	rows, inner, first := matrix(a, "columnsa")
	_, cols, second := matrix(b, "columnsb")
	y := alloc(g*rows, b.Shape[1], b.Shape[2])
	if n.Attr("columnsb", 0)[0] == 1 {
		y = alloc(g*rows, 1, cols)
	}
	for k := range g {
		for i := range rows {
			for j := range cols {
				sum := 0.0
				for l := range inner {
					sum += first(k, i, l) * second(k, l, j)
				}
				y.Data[(k*rows+i)*cols+j] = sum
			}
		}
	}
	return y
}

// softmax is that of a vector, or of each plane.
func softmax(x *Tensor, log bool) *Tensor {
	y, size := alloc(x.Shape...), len(x.Data)
	if len(x.Shape) == 3 {
		size /= x.Shape[0]
	}
	for at := 0; at < len(x.Data); at += size {
		from, to := x.Data[at:at+size], y.Data[at:at+size]
		top, sum := math.Inf(-1), 0.0
		for _, v := range from {
			top = max(top, v)
		}
		for i, v := range from {
			to[i] = math.Exp(v - top)
			sum += to[i]
		}
		for i := range to {
			if to[i] /= sum; log {
				to[i] = from[i] - top - math.Log(sum)
			}
		}
	}
	return y
}
