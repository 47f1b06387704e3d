package op

import (
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// resize makes planes of another size: of the nearest pixels, or of the four around a
// place, weighted. weights/FORMAT.md has the formulas.
type resize struct{ rows, columns []step.Sample }

var resizeKind = kind(weights.OpResize, 1, func(a *graph.Attrs, in []graph.Shape) (*resize, []graph.Shape) {
	c, h, w := a.Planes(in[0])
	size := a.MustInts("size", 1, 1<<16, 1, 1)
	linear, coordinates, round := a.Ints("mode", 0, 1, 0)[0] == 1, a.Ints("coordinates", 0, 2, 0)[0], a.Ints("round", 0, 3, 0)[0]
	n := &resize{samples(h, size[0], linear, coordinates, round), samples(w, size[1], linear, coordinates, round)}
	return n, one(graph.Shape{c, size[0], size[1]})
})

// samples says where each of out pixels in a row comes from, of so many.
func samples(in, out int, linear bool, coordinates, round int) []step.Sample {
	s := make([]step.Sample, out)
	for i := range s {
		x := float64(i) * float64(in) / float64(out) // coordinates 1: asymmetric
		switch {
		case coordinates == 0: // half a pixel from the edge
			x = (float64(i)+0.5)*float64(in)/float64(out) - 0.5
		case coordinates == 2 && out > 1: // corners on corners
			x = float64(i) * float64(in-1) / float64(out-1)
		case coordinates == 2:
			x = 0
		}
		if linear {
			x = min(max(x, 0), float64(in-1))
			at := int(x)
			s[i] = step.Sample{At: at, Next: min(at+1, in-1), Share: float32(x - float64(at))}
			continue
		}
		at := int(math.Floor(x))
		switch round {
		case 1:
			at = int(math.Ceil(x - 0.5))
		case 2:
			at = int(math.Ceil(x))
		case 3:
			at = int(math.Floor(x + 0.5))
		}
		at = min(max(at, 0), in-1)
		s[i] = step.Sample{At: at, Next: at}
	}
	return s
}

func (*resize) Name() string                     { return weights.OpResize }
func (*resize) MACs(in, out []graph.Shape) int64 { return 0 }
func (*resize) NonNegative(inputs bool) bool     { return inputs }

func (n *resize) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	in := node.InShapes[0]
	return one(step.Resize(b, node.Label, n.rows, n.columns, node.In[0], in[1], in[2])), nil
}
