package step

import (
	"fmt"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// normRun is how many planes are added up before their sum is added to that of all: the
// error of a sum grows with its length.
const normRun = 16

// AddPixels adds the step in which the channels of a pixel belong together, and returns
// its output. It goes over blocks of pixels, with sums for each of them in planes of
// their own, so that every operation is a kernel's on rows of pixels.
func (n *Norm) AddPixels(b *plan.Builder) plan.Tensor {
	c := len(n.In)
	out := b.NewPlanes(weights.Float32, c, n.Pixels)
	sums, squares := b.NewPlanes(weights.Float32, 2, n.Pixels), b.NewPlanes(weights.Float32, normRun, n.Pixels)
	t := &pixelNormStep{
		Norm: *n, c: c, src: b.Use(n.In), dst: b.Use(out), squares: b.Use(squares),
		part: b.Use(slices.Repeat(sums[:1], normRun)), all: b.Use(slices.Repeat(sums[1:], c)),
	}
	b.Add(n.Label, limit.Product(4*plan.MoveWork, c, n.Pixels), (n.Pixels+7)/8, t)
	return out
}

type pixelNormStep struct {
	Norm
	c         int
	src, dst  plan.TableID
	squares   plan.TableID // normRun planes
	part, all plan.TableID // one plane each, as often as it is named
}

func (t *pixelNormStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.Pixels, 8)
	block := max(64, (32<<10)/t.c&^7)
	for p := lo; p < hi; p += block {
		t.pixels(w, p, min(block, hi-p))
	}
}

// pixels normalizes n pixels from p on.
func (t *pixelNormStep) pixels(w *plan.Worker, p, n int) {
	mem, src, dst, all := w.Arena[p:], w.Table(t.src), w.Table(t.dst), w.Table(t.all)
	mean := mem[all[0]:][:n]
	t.sum(w, mem, src, n)
	for i := range mean {
		mean[i] /= float32(t.c)
	}
	binary := func(op kernel.BinaryOp, a, b, c []int32) {
		w.Args.Binary = kernel.Binary{Mem: mem, A: a, B: b, C: c, Ch: len(a), N: n, Op: op}
		w.Set.Binary(&w.Args.Binary)
	}
	binary(kernel.Subtract, src, all, dst)
	t.sum(w, mem, nil, n)
	for i, v := range mean {
		mean[i] = float32(1 / math.Sqrt(float64(v/float32(t.c))+float64(t.Epsilon)))
	}
	binary(kernel.Multiply, dst, all, dst)
	k := &w.Args.Affine
	*k = kernel.Affine{Mem: mem, Src: dst, Dst: dst, Scale: t.Scale, Shift: t.Shift, C: t.c, N: n}
	k.Act = t.Act
	w.Set.Affine(k)
}

// sum adds up n pixels of planes, or of the squares of the outputs, where planes is nil.
func (t *pixelNormStep) sum(w *plan.Worker, mem []float32, planes []int32, n int) {
	part, all, dst, squares := w.Table(t.part), w.Table(t.all), w.Table(t.dst), w.Table(t.squares)
	add := func(a, b []int32) {
		w.Args.Add = kernel.Add{Mem: mem, A: a, B: b, C: b, Ch: len(a), N: n}
		w.Set.Add(&w.Args.Add)
	}
	clear(mem[all[0]:][:n])
	for c := 0; c < t.c; c += normRun {
		k := min(normRun, t.c-c)
		terms := squares[:k]
		if planes != nil {
			terms = planes[c : c+k]
		} else {
			w.Args.Binary = kernel.Binary{Mem: mem, A: dst[c : c+k], B: dst[c : c+k], C: terms, Ch: k, N: n, Op: kernel.Multiply}
			w.Set.Binary(&w.Args.Binary)
		}
		clear(mem[part[0]:][:n])
		add(terms, part[:k])
		add(part[:1], all[:1])
	}
}

func (t *pixelNormStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("layernorm %dx%d", t.c, t.Pixels), Kind: "layernorm",
		Call: &kernel.Binary{Ch: t.c, N: t.Pixels}, Bytes: int64(8 * t.c * t.Pixels),
	}
}
