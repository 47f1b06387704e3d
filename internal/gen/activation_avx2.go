package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activation is one kind of an epilogue's activation: what it does to a vector in
// place, with registers that hold the arguments that it uses. A unit has the
// arguments of activationArgs; act is the index of a kind.
type activation struct {
	name  string
	uses  []string
	apply func(g *build.Context, v reg.VecVirtual, args []reg.VecVirtual)
}

const activationArgs = ", act int, lo, hi float32"

// activations are the kinds that package kernel knows, by number. The value is the
// second source of VMAXPS and VMINPS, which they return if either is NaN.
var activations = []activation{
	{name: "identity"},
	{"floor", []string{"lo"}, func(g *build.Context, v reg.VecVirtual, args []reg.VecVirtual) {
		g.VMAXPS(v, args[0], v)
	}},
	{"clamp", []string{"lo", "hi"}, func(g *build.Context, v reg.VecVirtual, args []reg.VecVirtual) {
		g.VMAXPS(v, args[0], v)
		g.VMINPS(v, args[1], v)
	}},
}

// activate applies the activation that the arguments name to each of vs. limit
// takes a register of vs's width; id makes the labels unique in the function.
func activate(g *build.Context, id string, limit func() reg.VecVirtual, vs ...reg.VecVirtual) {
	end := "active" + id
	kind := g.GP64()
	g.Load(g.Param("act"), kind)
	g.TESTQ(kind, kind)
	g.JEQ(operand.LabelRef(end)) // the identity
	for k, a := range activations[1:] {
		next, last := a.name+"not"+id, k == len(activations)-2
		if !last {
			g.DECQ(kind)
			g.JNE(operand.LabelRef(next))
		}
		args := a.load(g, limit)
		for _, v := range vs {
			a.apply(g, v, args)
		}
		if !last {
			g.JMP(operand.LabelRef(end))
			g.Label(next)
		}
	}
	g.Label(end)
}

// activateHeld is activate with the bounds in registers: nothing is loaded, and the kinds
// are told apart by one comparison.
func activateHeld(g *build.Context, id string, lo, hi reg.VecVirtual, vs ...reg.VecVirtual) {
	end := "active" + id
	g.CMPQ(param(g, "act"), operand.Imm(1)) // a floor
	g.JLT(operand.LabelRef(end))
	for _, v := range vs {
		g.VMAXPS(v, lo, v)
	}
	g.JEQ(operand.LabelRef(end))
	for _, v := range vs {
		g.VMINPS(v, hi, v)
	}
	g.Label(end)
}

// load takes a register for each argument that a uses.
func (a activation) load(g *build.Context, limit func() reg.VecVirtual) (args []reg.VecVirtual) {
	for _, name := range a.uses {
		args = append(args, spread(g, name, limit()))
	}
	return args
}

// eachActivation emits body once for each kind, and the choice between them. It is
// for loops that are bound by memory, where a choice for each vector would be felt.
func eachActivation(g *build.Context, limit func() reg.VecVirtual, body func(kind string, apply func(v reg.VecVirtual))) {
	for kind, a := range activations {
		next := a.name + "not"
		if kind < len(activations)-1 {
			g.CMPQ(param(g, "act"), operand.Imm(uint64(kind)))
			g.JNE(operand.LabelRef(next))
		}
		args := a.load(g, limit)
		body(a.name, func(v reg.VecVirtual) {
			if a.apply != nil {
				a.apply(g, v, args)
			}
		})
		if kind < len(activations)-1 {
			g.Label(next)
		}
	}
}
