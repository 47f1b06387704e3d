package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Input adds the step that copies the caller's sample into planes with slack
// around them, and returns those.
func Input(b *plan.Builder, name string, channels, pixels int) plan.Tensor {
	x := b.NewPlanes(weights.Float32, channels, pixels)
	t := &inputStep{b.Use(x), pixels, channels}
	b.Add(plan.Label{Node: name, Op: "input"}, limit.Product(plan.MoveWork, channels, pixels), plan.MaxParts, t)
	return x
}

type inputStep struct {
	dst  plan.TableID
	n, c int
}

func (t *inputStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c*t.n, 16) // a share may begin inside a plane
	dst := w.Table(t.dst)
	for lo < hi {
		c, at := lo/t.n, lo%t.n
		k := min(hi-lo, t.n-at)
		copy(w.Arena[int(dst[c])+at:][:k], w.In[lo:])
		lo += k
	}
}

func (t *inputStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("copy %dx%d", t.c, t.n), Kind: "copy", Bytes: int64(8 * t.c * t.n)}
}

// Output adds the step that copies x's planes, of so many pixels, into the
// caller's memory, behind the outputs that there are already: as float32, whatever
// they are.
func Output(b *plan.Builder, name string, x plan.Tensor, pixels int) {
	if quantized(b, x) {
		x = Dequantize(b, plan.Label{Node: name, Op: "dequantize"}, x, pixels)
	}
	t := &gatherStep{src: b.Use(x), at: b.Output(len(x) * pixels), dst: -1, c: len(x), n: pixels}
	b.Add(plan.Label{Node: name, Op: "output"}, limit.Product(plan.MoveWork, len(x), pixels), 1, t)
}

// Vector makes x, of so many pixels a plane, one contiguous vector of the same type. It adds no
// step where x is one already.
func Vector(b *plan.Builder, node string, x plan.Tensor, pixels int) plan.Tensor {
	if quantized(b, x) {
		return VectorBytes(b, node, x, pixels)
	}
	if pixels == 1 && b.Contiguous(x) {
		return x
	}
	y := b.NewVector(len(x) * pixels)
	t := &gatherStep{src: b.Use(x), dst: b.Use(y[:1]), c: len(x), n: pixels}
	b.Add(plan.Label{Node: node, Op: "pack"}, limit.Product(plan.MoveWork, len(x), pixels), 1, t)
	return y
}

// gatherStep copies planes one behind the other, into the arena or the caller's
// memory.
type gatherStep struct {
	src  plan.TableID
	dst  plan.TableID // -1: the caller's memory, from at on
	at   int
	c, n int
}

func (t *gatherStep) Run(w *plan.Worker, s plan.Share) {
	size := t.c * t.n
	var out []float32
	if t.dst < 0 {
		out = w.Out[t.at : t.at+size]
	} else {
		out = w.Vector(t.dst, size)
	}
	w.Args.Gather = kernel.Gather{Mem: w.Arena, Src: w.Table(t.src), Out: out, C: t.c, N: t.n, Pitch: t.n}
	w.Set.Gather(&w.Args.Gather)
}

func (t *gatherStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("gather %dx%d", t.c, t.n), Kind: "gather", Call: &kernel.Gather{C: t.c, N: t.n},
		Bytes: int64(8 * t.c * t.n),
	}
}
