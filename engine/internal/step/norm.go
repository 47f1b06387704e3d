package step

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Norm makes the mean of what belongs together 0 and its variance 1, and then scales and
// shifts each channel:
//
//	y = act((x - mean) / sqrt(variance + Epsilon) * Scale[c] + Shift[c])
type Norm struct {
	plan.Label
	In           plan.Tensor
	Pixels       int
	Groups       int // of channels
	Scale, Shift []float32
	Epsilon      float32
	Act          kernel.Activation
}

// AddGroups adds the step in which all pixels of a group of channels belong together, and
// returns its output.
func (n *Norm) AddGroups(b *plan.Builder) plan.Tensor {
	c := len(n.In)
	out := b.NewPlanes(weights.Float32, c, n.Pixels)
	t := &groupNormStep{Norm: *n, c: c, src: b.Use(n.In), dst: b.Use(out), factors: b.Use(b.NewVector(2 * c)[:1])}
	b.Add(n.Label, limit.Product(4*plan.MoveWork, c, n.Pixels), n.Groups, t)
	return out
}

type groupNormStep struct {
	Norm
	c        int
	src, dst plan.TableID
	factors  plan.TableID // a vector: what each channel is multiplied by, then what is added to it
}

// Run sums in float64: a sum over a group may have a million terms.
func (t *groupNormStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.Groups, 1)
	src, dst, per := w.Table(t.src), w.Table(t.dst), t.c/t.Groups
	factors := w.Vector(t.factors, 2*t.c)
	scale, shift := factors[:t.c], factors[t.c:]
	for g := lo; g < hi; g++ {
		from, to := g*per, (g+1)*per
		count := float64(per * t.Pixels)
		sum, squares := 0.0, 0.0
		for c := from; c < to; c++ {
			sum += total(w.Arena[src[c]:][:t.Pixels], 0, 1)
		}
		mean := sum / count
		for c := from; c < to; c++ {
			squares += total(w.Arena[src[c]:][:t.Pixels], float32(mean), 2)
		}
		rest := mean - float64(float32(mean))
		inverse := 1 / math.Sqrt(squares/count-rest*rest+float64(t.Epsilon))
		for c := from; c < to; c++ {
			factor := inverse * float64(t.Scale[c])
			scale[c], shift[c] = float32(factor), float32(float64(t.Shift[c])-mean*factor)
		}
		k := &w.Args.Affine
		*k = kernel.Affine{Mem: w.Arena, Src: src[from:to], Dst: dst[from:to], Scale: scale[from:to], Shift: shift[from:to], C: per, N: t.Pixels}
		k.Act = t.Act
		w.Set.Affine(k)
	}
}

// total is the sum of (x - mean), or of its squares.
func total(x []float32, mean float32, power int) float64 {
	var s [4]float64
	m := float64(mean)
	for ; len(x) >= 4; x = x[4:] {
		for j := range 4 {
			d := float64(x[j]) - m
			if power == 2 {
				d *= d
			}
			s[j] += d
		}
	}
	for _, v := range x {
		d := float64(v) - m
		if power == 2 {
			d *= d
		}
		s[0] += d
	}
	return s[0] + s[1] + (s[2] + s[3])
}

func (t *groupNormStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("groupnorm %dx%d, %d groups", t.c, t.Pixels, t.Groups), Kind: "groupnorm",
		Call: &kernel.Affine{C: t.c, N: t.Pixels}, Bytes: int64(16 * t.c * t.Pixels),
	}
}
