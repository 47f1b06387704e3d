// Package passes rewrites a checked network so that fewer passes over memory are
// left, without changing a bit of what it computes.
//
// Each pass is a function from graph to graph in a file of its own; the graph
// that it is given stays as it was. A pass asks operators what they are through
// the interfaces of package graph. It knows no operator by name, and nothing of
// plans or kernels. Every pass takes time linear in the nodes and their inputs.
package passes

import "github.com/riffle-ml/riffle/engine/internal/graph"

// Pass rewrites a graph. It returns a new one, or g itself if nothing is to be
// done.
type Pass func(g *graph.Graph) *graph.Graph

// order is the one place that says which passes run, and when.
var order = []Pass{
	SplitActivations,
	DropActivations,
	FuseActivations,
	FuseResiduals,
	FuseActivations, // what stood behind an add that has just gone
	FuseFactors,
}

// Run applies all passes in order.
func Run(g *graph.Graph) *graph.Graph {
	for _, p := range order {
		g = p(g)
	}
	return g
}
