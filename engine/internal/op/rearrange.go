package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// rearrange takes elements of its input in another order: those that a counter of several
// digits gives, each with a stride. Space to depth, depth to space, every second row, and
// any other chain of reshapes, transposes and slices is one.
type rearrange struct{ step.Order }

var rearrangeKind = kind(weights.OpRearrange, 1, func(a *graph.Attrs, in []graph.Shape) (*rearrange, []graph.Shape) {
	n := &rearrange{}
	shape := graph.Shape(a.List("shape"))
	if a.Has("index") {
		return n, one(n.indexed(a, in[0], shape))
	}
	n.Dims, n.Strides = a.List("dims"), a.List("strides")
	n.Offset = a.Ints("offset", 0, 1<<30, 0)[0]
	if len(n.Dims) == 0 || len(n.Dims) > step.MaxDigits || len(n.Dims) != len(n.Strides) {
		a.Failf("dims and strides: got %d and %d numbers, want as many, 1 to %d", len(n.Dims), len(n.Strides), step.MaxDigits)
		return n, one(shape)
	}
	lo, hi := int64(n.Offset), int64(n.Offset)
	for k, d := range n.Dims {
		if d < 1 {
			a.Failf("dims: got %v, want numbers from 1 on", n.Dims)
			return n, one(shape)
		}
		if far := int64(d-1) * int64(n.Strides[k]); far < 0 {
			lo += far
		} else {
			hi += far
		}
	}
	if lo < 0 || hi >= int64(in[0].Elems()) {
		a.Failf("offset, dims and strides: got elements %d to %d, want 0 to %d", lo, hi, in[0].Elems()-1)
	}
	if got, want := limit.Product(n.Dims...), limit.Product(shape...); got != want || got < 1 {
		a.Failf("dims: got %d elements, want %d as the shape %v has", got, want, shape)
	}
	return n, one(shape)
})

// indexed reads an order that no counter gives.
func (n *rearrange) indexed(a *graph.Attrs, in, shape graph.Shape) graph.Shape {
	n.Index, n.Run = a.List("index"), a.Ints("run", 1, 1<<30, 1)[0]
	for k, first := range n.Index {
		if first < 0 || first > in.Elems()-n.Run {
			a.Failf("index: entry %d: got %d with a run of %d, want 0 to %d", k, first, n.Run, in.Elems()-n.Run)
			break
		}
	}
	if got, want := limit.Product(len(n.Index), n.Run), limit.Product(shape...); got != want || got < 1 {
		a.Failf("index and run: got %d elements, want %d as the shape %v has", got, want, shape)
	}
	return shape
}

func (*rearrange) Name() string                     { return weights.OpRearrange }
func (*rearrange) MACs(in, out []graph.Shape) int64 { return 0 }
func (*rearrange) NonNegative(inputs bool) bool     { return inputs }

func (n *rearrange) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	x := node.In[0]
	_, from := node.InShapes[0].Planes()
	c, to := node.OutShapes[0].Planes()
	if k, stride := n.Last(); from == to && (to == 1 || k%to == 0 && stride == 1) {
		if y := n.planes(x, c, to); y != nil {
			return one(y), nil
		}
	}
	return one(step.Rearrange(b, node.Label, n.Order, x, from, c, to)), nil
}

// planes is the output as planes of x, each of so many pixels that follow one another;
// nil if some begins inside one of x's.
func (n *rearrange) planes(x plan.Tensor, c, pixels int) plan.Tensor {
	y := make(plan.Tensor, c)
	for i := range y {
		e := n.At(i * pixels)
		if e%pixels != 0 {
			return nil
		}
		y[i] = x[e/pixels]
	}
	return y
}
