package op

import (
	"errors"
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/weights"
)

// Adapters are for the operators whose attributes say what size their output has.
var Adapters = map[string]graph.Adapter{
	weights.OpRearrange: func(n *weights.Node, was, is []graph.Shape) error {
		return fmt.Errorf("it takes elements of %v in an order of their own", was[0])
	},
	weights.OpResize: adaptResize,
}

// adaptResize keeps the factor by which a resize enlarges its input.
func adaptResize(n *weights.Node, was, is []graph.Shape) error {
	size := n.Attrs["size"]
	if len(size) != 2 || len(was[0]) != 3 || len(is[0]) != 3 {
		return errors.New("it has no size of two numbers") // and so the model does not load
	}
	out := make([]int, 2)
	for d := range out {
		out[d] = size[d] * is[0][1+d] / was[0][1+d]
		if out[d]*was[0][1+d] != size[d]*is[0][1+d] {
			return fmt.Errorf("it makes %v of %v, which is no whole number of pixels of %v", size, was[0], is[0])
		}
	}
	n.Attrs["size"] = out
	return nil
}
