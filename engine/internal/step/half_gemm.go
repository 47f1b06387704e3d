package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// halfRows is the fewest output channels for which a GEMM rounds its pixels to float16:
// each is rounded once, whatever their number.
const halfRows = 16

// Halves says whether b computes g in float16 arithmetic. It depends on the shape alone,
// so that every set does so for the same layers.
func (g *GEMM) Halves(b *plan.Builder) bool { return b.Halves && g.M >= halfRows }

// addHalf is Add in float16 arithmetic.
func (g *GEMM) addHalf(b *plan.Builder) plan.Tensor {
	t := &halfGEMMStep{
		cut:    cut{groups: g.Groups, m: g.M, rows: g.Rows, n: g.N, tileRows: kernel.HalfRows, pixels: kernel.HalfCols},
		groups: g.Groups, m: g.M, k: g.K, bias: g.Bias, scale: g.Scale, act: g.Act,
		rows: g.Rows, n: g.N, inRow: g.InRow, outRow: g.OutRow, r: -1,
	}
	per := kernel.HalfPackedLen(g.M, g.K)
	t.a, t.scales = make([]uint16, g.Groups*per), make([]float32, g.Groups*g.M)
	for i := range g.Groups {
		kernel.PackHalfGEMM(t.a[i*per:(i+1)*per], t.scales[i*g.M:(i+1)*g.M], g.Weight[i*g.M*g.K:], g.M, g.K)
	}
	if g.Residual != nil {
		t.r = b.Use(g.Residual)
	}
	t.b, t.c = b.UseShifted(g.In, g.Shift), b.Use(g.Out)
	work := g.work()
	parts := t.cut.choose(b.Set, plan.PartsFor(b.Threads, work))
	if t.panel = b.Set.HalfPanelLen(g.K, g.N); t.panel > 0 {
		t.panels = b.Use(b.NewPlanes(weights.Float32, parts, t.panel))
	}
	b.Add(g.Label, work, parts, t)
	return g.Out
}

type halfGEMMStep struct {
	cut                    cut
	groups, m, k           int
	a                      []uint16
	scales, bias, scale    []float32
	act                    kernel.Activation
	b, c, r                plan.TableID // r -1: none
	rows, n, inRow, outRow int
	panel                  int          // elements; 0: none
	panels                 plan.TableID // each share's
}

func (t *halfGEMMStep) Run(w *plan.Worker, s plan.Share) {
	r := t.cut.ranges(s)
	if r.m0 == r.m1 {
		return
	}
	per := kernel.HalfPackedLen(t.m, t.k)
	in, out := w.Table(t.b), w.Table(t.c)
	var panel []float32
	if t.panel > 0 {
		panel = w.Arena[w.Table(t.panels)[s.Index]:][:t.panel]
	}
	m := r.m1 - r.m0
	for g := r.g0; g < r.g1; g++ {
		at := g*t.m + r.m0
		k := &w.Args.HalfGEMM
		*k = kernel.HalfGEMM{
			Mem: w.Arena, A: t.a[g*per+r.m0*t.k:][:kernel.HalfPackedLen(m, t.k)], Scales: t.scales[at : at+m],
			B: in[g*t.k : (g+1)*t.k], C: out[at : at+m], M: m, K: t.k, N: r.p1 - r.p0,
			Panel:    panel,
			Epilogue: kernel.Epilogue{Bias: t.bias[at : at+m], Act: t.act},
		}
		if t.r >= 0 {
			k.R = w.Table(t.r)[at : at+m]
			if t.scale != nil {
				k.Scale = t.scale[at : at+m]
			}
		}
		for y := r.y0; y < r.y1; y++ {
			k.BOff = y*t.inRow + r.p0
			k.COff = y*t.outRow + r.p0
			k.ROff = k.COff
			w.Set.HalfGEMM(k)
		}
	}
}

func (t *halfGEMMStep) Describe() plan.Description {
	px := int64(t.rows) * int64(t.n)
	shape := fmt.Sprintf("%dx%dx%d", t.m, t.k, px)
	if t.groups > 1 {
		shape = fmt.Sprintf("%d*%s", t.groups, shape)
	}
	tile := kernel.Tile{Rows: kernel.HalfRows, Cols: kernel.HalfCols}.String()
	g, m, k := int64(t.groups), int64(t.m), int64(t.k)
	d := plan.Description{
		Kernel: fmt.Sprintf("halfgemm%s %s", tile, shape), Kind: "halfgemm", Tile: tile,
		Sizes: []int{t.groups, t.m, t.k, t.rows * t.n},
		Call:  &kernel.HalfGEMM{M: t.m, K: t.k, N: t.n},
		MACs:  g * m * k * px,
		Bytes: 2*g*m*k + 4*g*(m+k)*px,
	}
	if t.r >= 0 {
		d.Bytes += 4 * g * m * px
		if t.scale != nil {
			d.MACs += g * m * px
		}
	}
	return d
}
