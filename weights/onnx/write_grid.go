package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// In ONNX an activation has one scale and one zero point. A model's value has them per
// channel, because a concat joins channels of several nodes. So nodes whose channels meet
// in one value share a grid: the smallest one that has the numbers of all of them. Then a
// concat moves bytes in ONNX too.

// grid is a scale and a zero point of one or more nodes.
type grid struct {
	parent int // of a forest: the grid that stands for this one, or itself
	quant  weights.Quant
	lo, hi float64 // the real numbers that it reaches
}

// coded is what is known of one value of 8 bits.
type coded struct {
	own   []weights.Quant // of each channel, as the model has them
	grid  int             // of the elements in ONNX
	codes string          // those elements
}

// grids are those of a model.
type grids struct {
	list    []grid
	of      map[string]int // by the value that a node makes
	changed bool           // a node has another grid than the model says
}

// add returns the grid of a value that a node makes.
func (g *grids) add(value string, q weights.Quant) int {
	id, ok := g.of[value]
	if !ok {
		id = len(g.list)
		lo, hi := limitsOf(q)
		g.list, g.of[value] = append(g.list, grid{id, q, lo, hi}), id
	}
	return id
}

// limitsOf is the smallest and the largest number of a grid.
func limitsOf(q weights.Quant) (lo, hi float64) {
	return float64(q.Scale) * float64(-q.Zero), float64(q.Scale) * float64(math.MaxUint8-q.Zero)
}

// spanning is the grid from lo to hi, as nearly as 0 is one of its numbers.
func spanning(lo, hi float64) weights.Quant {
	scale := min(max((hi-lo)/math.MaxUint8, weights.MinScale), weights.MaxScale)
	return weights.Quant{Scale: float32(scale), Zero: int(min(max(math.RoundToEven(-lo/scale), 0), math.MaxUint8))}
}

func (g *grids) find(id int) int {
	for g.list[id].parent != id {
		g.list[id].parent = g.list[g.list[id].parent].parent
		id = g.list[id].parent
	}
	return id
}

// quant is what elements of a grid mean.
func (g *grids) quant(id int) weights.Quant { return g.list[g.find(id)].quant }

// unite makes one grid of two.
func (g *grids) unite(a, b int) {
	a, b = g.find(a), g.find(b)
	if a == b {
		return
	}
	x, y := &g.list[min(a, b)], &g.list[max(a, b)]
	y.parent = min(a, b)
	if x.quant == y.quant {
		return
	}
	g.changed = true
	x.lo, x.hi = min(x.lo, y.lo), max(x.hi, y.hi)
	x.quant = spanning(x.lo, x.hi)
}
