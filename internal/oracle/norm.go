package oracle

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// norm normalizes what belongs together: the channels of a pixel, or the pixels of groups
// of channels.
func norm(n *weights.Node, x *Tensor, data func(string) []float32) *Tensor {
	c := x.Shape[0]
	per := len(x.Data) / c
	together := func(k int) int { return k % per } // a pixel
	if n.Op == weights.OpGroupNorm {
		size := len(x.Data) / n.Attr("groups", 1)[0]
		together = func(k int) int { return k / size }
	}
	mean, count, variance := map[int]float64{}, map[int]float64{}, map[int]float64{}
	for k, v := range x.Data {
		mean[together(k)] += v
		count[together(k)]++
	}
	for i := range mean {
		mean[i] /= count[i]
	}
	for k, v := range x.Data {
		i := together(k)
		variance[i] += (v - mean[i]) * (v - mean[i]) / count[i]
	}
	scale, shift, epsilon := data("scale"), data("shift"), float64(data("epsilon")[0])
	y := alloc(x.Shape...)
	for k, v := range x.Data {
		i := together(k)
		y.Data[k] = (v-mean[i])/math.Sqrt(variance[i]+epsilon)*float64(scale[k/per]) + float64(shift[k/per])
	}
	return y
}
