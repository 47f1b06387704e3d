package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// activationsNEON are the kinds of activation that package kernel knows, by
// number, as [activations]. FMAX and FMIN propagate NaN.
var activationsNEON = []struct {
	name  string
	apply func(g *activatorNEON, v arm64.V)
}{
	{name: "identity"},
	{"floor", func(g *activatorNEON, v arm64.V) { g.FMAX(g.lo, v, v) }},
	{"clamp", func(g *activatorNEON, v arm64.V) {
		g.FMAX(g.lo, v, v)
		g.FMIN(g.hi, v, v)
	}},
}

// activatorNEON holds the arguments act, lo and hi of a function in registers.
type activatorNEON struct {
	*arm64.Func
	act    arm64.GP
	lo, hi arm64.V
}

func newActivatorNEON(f *arm64.Func) *activatorNEON {
	return &activatorNEON{f, f.Load("act"), f.Broadcast("lo"), f.Broadcast("hi")}
}

// activate applies the activation to each of vs. id makes the labels unique in
// the function. The kind with the most work comes first, so that the model of
// loops, which follows no branch, has it.
func (g *activatorNEON) activate(id string, vs []arm64.V) {
	end := "active" + id
	g.CBZ(g.act, end) // the identity
	for kind := len(activationsNEON) - 1; kind > 0; kind-- {
		a := activationsNEON[kind]
		next := a.name + "not" + id
		if kind > 1 {
			g.CMPI(kind, g.act)
			g.BC("NE", next)
		}
		for _, v := range vs {
			a.apply(g, v)
		}
		if kind > 1 {
			g.B(end)
			g.Label(next)
		}
	}
	g.Label(end)
}

// each emits body once for each kind, and the choice between them. It is for loops
// that are bound by memory, where a choice for each vector would be felt.
func (g *activatorNEON) each(body func(kind string, apply func(v arm64.V))) {
	for kind, a := range activationsNEON {
		next := a.name + "not"
		last := kind == len(activationsNEON)-1
		if !last {
			g.CMPI(kind, g.act)
			g.BC("NE", next)
		}
		body(a.name, func(v arm64.V) {
			if a.apply != nil {
				a.apply(g, v)
			}
		})
		if !last {
			g.Label(next)
		}
	}
}
