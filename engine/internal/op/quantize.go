package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// quantize makes a value of 8 bits of one of float32.
type quantize struct{ quant plan.Quant }

var quantizeKind = kind(weights.OpQuantize, 1, func(a *graph.Attrs, in []graph.Shape) (quantize, []graph.Shape) {
	return quantize{parseQuant(a)}, in
})

func (quantize) Name() string                     { return weights.OpQuantize }
func (quantize) MACs(in, out []graph.Shape) int64 { return 0 }

func (n quantize) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.OutShapes[0].Planes()
	return one(step.Quantize(b, node.Label, node.In[0], pixels, n.quant)), nil
}

// dequantize makes a value of float32 of one of 8 bits.
type dequantize struct{}

var dequantizeKind = kind(weights.OpDequantize, 1, func(a *graph.Attrs, in []graph.Shape) (dequantize, []graph.Shape) {
	return dequantize{}, in
})

func (dequantize) Name() string                     { return weights.OpDequantize }
func (dequantize) MACs(in, out []graph.Shape) int64 { return 0 }

func (dequantize) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.OutShapes[0].Planes()
	return one(step.Dequantize(b, node.Label, node.In[0], pixels)), nil
}

// parseQuant reads what a node's result means.
func parseQuant(a *graph.Attrs) plan.Quant {
	q := a.Quant()
	return plan.Quant{Scale: q.Scale, Zero: int32(q.Zero)}
}

// parseResult reads what a node's result means, and its bounds.
func parseResult(a *graph.Attrs) step.Result {
	r := step.Result{Quant: parseQuant(a)}
	c := a.Ints("clamp", 0, 255, 0, 255)
	if c[0] > c[1] {
		a.Failf("attribute \"clamp\": got %v, want the lower bound first", c)
	}
	r.Lo, r.Hi = uint8(c[0]), uint8(c[1])
	return r
}

// optionalResult is parseResult for a node whose result may be float32: nil if it is.
func optionalResult(a *graph.Attrs) *step.Result {
	if !a.HasQuant() {
		return nil
	}
	r := parseResult(a)
	return &r
}

// sums are the weights, the scales and the bias of a quantized layer.
type sums struct {
	weight, scale, bias *weights.Tensor // of i8; one for each row; likewise, or nil
}

// parseSums reads the tensors of a quantized layer whose weights have the given shape,
// the bias by its role.
func parseSums(a *graph.Attrs, bias string, shape ...int) sums {
	return sums{a.Bytes("weight", weights.Int8, shape...), a.Tensor("scale", shape[0]), a.Optional(bias, shape[0])}
}

// ready computes what the sums begin with. in is the planes that each weight of a row
// multiplies.
func (s *sums) ready(b *plan.Builder, w []int8, in func(row int) []uint8, r *step.Result) (*step.Sums, error) {
	return step.NewSums(b, w, s.scale.Data, data(s.bias, s.scale.Shape[0]), in, r)
}
