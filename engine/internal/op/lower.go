package op

import (
	"cmp"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// Lower adds the steps of all of g to b. Weights of the tensors in spare may be
// packed where they are. An error is a [graph.Error].
func Lower(b *plan.Builder, g *graph.Graph, spare map[*weights.Tensor]bool) error {
	tensors := make([]plan.Tensor, len(g.Values))
	tensors[g.Input] = input(b, g)
	plain, adds := chooses(g), adds(g)
	node := func(i int) *Node {
		gn := &g.Nodes[i]
		n := &Node{
			Label: plan.Label{Node: gn.Name, Op: gn.Op.Name()}, InShapes: g.Shapes(gn.In), OutShapes: g.Shapes(gn.Out),
			Act: gn.Act, spare: spare, plain: plain, adds: adds,
		}
		for _, v := range gn.In {
			n.In = append(n.In, tensors[v])
		}
		if gn.Residual != graph.None {
			n.Residual = tensors[gn.Residual]
		}
		for _, v := range gn.Factors {
			n.Factors = tensors[v]
		}
		return n
	}
	chained := chains(b, g)
	for i := range g.Nodes {
		gn, c := &g.Nodes[i], chained[i]
		var outs []plan.Tensor
		var err error
		switch {
		case c == nil:
			outs, err = gn.Op.(Operator).Lower(b, node(i))
		case c.last() == i:
			outs, err = c.lower(b, g, node)
		default: // a part of a chain that is lowered later
			continue
		}
		if err = cmp.Or(err, b.Err()); err != nil {
			return &graph.Error{Node: gn.Name, Op: gn.Op.Name(), Err: err}
		}
		for k, v := range gn.Out {
			tensors[v] = outs[k]
		}
	}
	for _, v := range g.Outputs {
		_, pixels := g.Values[v].Planes()
		step.Output(b, g.Values[v].Name, tensors[v], pixels)
	}
	return nil
}

// chooses says whether any node of g chooses a permutation.
func chooses(g *graph.Graph) bool {
	for i := range g.Nodes {
		switch g.Nodes[i].Op.(type) {
		case dynamicShuffle, staticDynamicShuffle, *qstaticDynamicShuffle:
			return true
		}
	}
	return false
}

// adds says whether any node of g adds two activations, as those of residual networks do.
func adds(g *graph.Graph) bool {
	for i := range g.Nodes {
		if g.Nodes[i].Residual != graph.None {
			return true
		}
		if _, ok := g.Nodes[i].Op.(graph.Sum); ok {
			return true
		}
	}
	return false
}

// input returns the planes of the input. It is nil if all that reads the input
// takes the caller's sample from where it is.
func input(b *plan.Builder, g *graph.Graph) plan.Tensor {
	v := &g.Values[g.Input]
	channels, pixels := v.Planes()
	b.Input(channels * pixels)
	if readInPlace(g, g.Input) {
		return nil
	}
	return step.Input(b, v.Name, channels, pixels)
}

// readInPlace says whether all that reads value v reads it as a sampleReader.
func readInPlace(g *graph.Graph, v int) bool {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for k, x := range n.Reads() {
			if x != v {
				continue
			}
			r, ok := n.Op.(sampleReader)
			if !ok || k > 0 || !r.readsSample(g.Values[v].Shape, g.Values[n.Out[0]].Shape) {
				return false
			}
		}
	}
	for _, x := range g.Outputs {
		if x == v {
			return false
		}
	}
	return true
}
