package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// QGEMM is a [GEMM] of quantized planes: group g multiplies rows g*M .. g*M+M-1 of Weight
// ((Groups*M) x K, row-major) by planes g*K .. g*K+K-1 of In.
type QGEMM struct {
	plan.Label
	Groups, M, K int
	Weight       []int8
	*Sums
	Result   *Result // nil: the result is float32
	In       plan.Tensor
	Shift    []int32     // added to In's plane offsets; nil: 0
	Residual plan.Tensor // Groups*M planes; nil: none
	Gate     []float32   // of each plane of Residual; nil: 1
	Out      plan.Tensor // nil: a new buffer
	N        int         // pixels
}

// quantWork is how many multiply-adds of int8 take the time of one of float32.
const quantWork = 3

// Add adds the step and returns its output, Groups*M planes. A residual whose multiplier
// is out of range is an error.
func (g *QGEMM) Add(b *plan.Builder) (plan.Tensor, error) {
	rows := g.Groups * g.M
	t := &qgemmStep{
		groups: g.Groups, m: g.M, k: g.K, n: g.N, bias: g.Bias, mult: g.Mult, r: -1, floats: g.Result == nil,
		cut: cut{groups: g.Groups, m: g.M, rows: 1, n: g.N, tileRows: b.Set.QRows, pixels: b.Set.QPixels},
	}
	scale := float32(1)
	switch {
	case g.Result != nil:
		t.requant, scale = g.Result.Requant(), g.Result.Scale
		if g.Out == nil {
			g.Out = g.Result.Planes(b, rows, g.N)
		}
	case g.Out == nil:
		g.Out = b.NewPlanes(weights.Float32, rows, g.N)
	}
	if g.Residual != nil {
		t.zero, t.rmult = Zeros(b, g.Residual), Scales(b, g.Residual, scale)
		for i, v := range g.Gate {
			t.rmult[i] *= v
		}
		if err := CheckMultipliers(t.rmult, 1); err != nil {
			return nil, fmt.Errorf("second input, %w", err)
		}
		t.r = b.UseBytes(g.Residual, nil)
	}
	t.b = b.UseBytes(g.In, g.Shift)
	if t.floats {
		t.c = b.Use(g.Out)
	} else {
		t.c = b.UseBytes(g.Out, nil)
	}
	per := b.Set.QGEMMLen(g.M, g.K)
	t.a, t.per = make([]byte, g.Groups*per), per
	for i := range g.Groups {
		b.Set.PackQGEMM(t.a[i*per:(i+1)*per], g.Weight[i*g.M*g.K:], g.M, g.K)
	}
	b.NeedWork(t.call())
	work := limit.Product(g.Groups, g.M, g.K, g.N)/quantWork + 1
	b.Add(g.Label, work, t.cut.choose(b.Set, plan.PartsFor(b.Threads, work)), t)
	return g.Out, b.Err()
}

type qgemmStep struct {
	groups, m, k, n int
	a               []byte
	per             int // bytes of a group's packed weights
	bias            []int32
	mult, rmult     []float32
	zero            []uint8 // of the residual's planes
	requant         kernel.Requant
	floats          bool
	b, c, r         plan.TableID // r -1: no residual
	cut             cut
}

// call is what tells a set how much memory a call works in.
func (t *qgemmStep) call() *kernel.QGEMM { return &kernel.QGEMM{M: t.m, K: t.k, N: t.n} }

func (t *qgemmStep) Run(w *plan.Worker, s plan.Share) {
	r := t.cut.ranges(s)
	if r.m0 >= r.m1 || r.p0 >= r.p1 {
		return
	}
	in, out := w.Table(t.b), w.Table(t.c)
	from, to := w.Set.QGEMMLen(r.m0, t.k), t.per
	if r.m1 < t.m {
		to = w.Set.QGEMMLen(r.m1, t.k)
	}
	k := &w.Args.QGEMM
	for g := r.g0; g < r.g1; g++ {
		lo, hi := g*t.m+r.m0, g*t.m+r.m1
		*k = kernel.QGEMM{
			Mem: w.Bytes, A: t.a[g*t.per+from : g*t.per+to], B: in[g*t.k : (g+1)*t.k], C: out[lo:hi],
			BOff: r.p0, COff: r.p0, M: r.m1 - r.m0, K: t.k, N: r.p1 - r.p0,
			Bias: t.bias[lo:hi], Mult: t.mult[lo:hi], Requant: t.requant, Work: k.Work,
		}
		if t.floats {
			k.Floats = w.Arena
		}
		if t.r >= 0 {
			k.R, k.ROff, k.RZero, k.RMult = w.Table(t.r)[lo:hi], r.p0, t.zero[lo:hi], t.rmult[lo:hi]
		}
		w.Set.QGEMM(k)
	}
}

func (t *qgemmStep) Describe() plan.Description {
	shape := fmt.Sprintf("%dx%dx%d", t.m, t.k, t.n)
	if t.groups > 1 {
		shape = fmt.Sprintf("%d*%s", t.groups, shape)
	}
	g := int64(t.groups)
	d := plan.Description{
		Kernel: "qgemm " + shape, Kind: "qgemm", Sizes: []int{t.groups, t.m, t.k, t.n}, Call: t.call(),
		MACs:  g * int64(t.m) * int64(t.k) * int64(t.n),
		Bytes: g*int64(t.m)*int64(t.k) + g*int64(t.m+t.k)*int64(t.n),
	}
	if t.r >= 0 {
		d.Bytes += g * int64(t.m) * int64(t.n)
	}
	return d
}
