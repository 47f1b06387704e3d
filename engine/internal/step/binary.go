package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Binary is arithmetic on two tensors of as many planes.
type Binary struct {
	plan.Label
	Op     kernel.BinaryOp
	A, B   plan.Tensor
	Pixels int
	One    bool // the planes of B have one pixel each
	Act    kernel.Activation
}

// Add adds the step and returns its output. Planes of one pixel each are packed into
// vectors first, and one call computes them all.
func (a *Binary) Add(b *plan.Builder) plan.Tensor {
	c, n := len(a.A), a.Pixels
	x, y := a.A, a.B
	var out plan.Tensor
	if n == 1 {
		x, y, out = Vector(b, a.Node, x, 1), Vector(b, a.Node, y, 1), b.NewVector(c)
		c, n = 1, c
	} else {
		out = b.NewPlanes(weights.Float32, c, n)
	}
	t := &binaryStep{
		call: kernel.Binary{N: n, Op: a.Op, One: a.One && a.Pixels > 1, Epilogue: kernel.Epilogue{Act: a.Act}},
		c:    c, a: b.Use(x[:c]), b: b.Use(y[:c]), out: b.Use(out[:c]),
	}
	b.Add(a.Label, limit.Product(plan.MoveWork, c, n), c, t)
	return out
}

type binaryStep struct {
	call      kernel.Binary // what every call shares
	c         int
	a, b, out plan.TableID
}

func (t *binaryStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	w.Args.Binary = t.call
	k := &w.Args.Binary
	k.Mem, k.A, k.B, k.C, k.Ch = w.Arena, w.Table(t.a)[lo:hi], w.Table(t.b)[lo:hi], w.Table(t.out)[lo:hi], hi-lo
	w.Set.Binary(k)
}

var binaryNames = map[kernel.BinaryOp]string{
	kernel.Multiply: "mul", kernel.Subtract: "sub", kernel.Divide: "div", kernel.Minimum: "min", kernel.Maximum: "max", kernel.Sum: "add",
}

func (t *binaryStep) Describe() plan.Description {
	name, read := binaryNames[t.call.Op], 2
	if t.call.One {
		read = 1
	}
	return plan.Description{
		Kernel: fmt.Sprintf("%s %dx%d", name, t.c, t.call.N), Kind: name, Call: &t.call, Bytes: 4 * int64(t.c) * int64(t.call.N) * int64(read+1),
	}
}
