package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// GEMM is a grouped matrix product over planes: a pointwise convolution, and,
// through a table of shifted planes, every other dense one. Group g multiplies rows
// g*M .. g*M+M-1 of Weight ((Groups*M) x K, row-major) by planes g*K .. g*K+K-1 of In.
type GEMM struct {
	plan.Label
	Groups, M, K int
	Weight       []float32
	Spare        bool      // Weight is nobody else's and may be overwritten
	Plain        bool      // each sum is one chain, however deep
	Bias, Scale  []float32 // of each output channel, and of its residual (nil: 1)
	Act          kernel.Activation
	In, Residual plan.Tensor // Residual may be nil
	Factors      plan.Tensor // an element for each plane of In, by which it is multiplied; nil: none. Of one group and one pass
	Out          plan.Tensor // nil: a new buffer
	Shift        []int32     // added to In's plane offsets; nil: 0

	// Rows passes of N pixels each. Pass y begins InRow*y pixels further in In's
	// planes and OutRow*y pixels further in Out's.
	Rows, N, InRow, OutRow int
}

// Add adds the step and returns its output, Groups*M planes of so many pixels.
func (g *GEMM) Add(b *plan.Builder, pixels int) plan.Tensor {
	factors := plan.TableID(-1)
	if g.Factors != nil {
		x := Vector(b, g.Node, g.Factors, 1)
		factors = b.Use(x[:1])
	}
	if g.Out == nil {
		g.Out = b.NewPlanes(weights.Float32, g.Groups*g.M, pixels)
	}
	if g.Halves(b) && g.Factors == nil {
		return g.addHalf(b)
	}
	t := &gemmStep{product: g.product(b, b.Set.TileFor(g.M, g.N)), r: -1, factors: factors}
	t.cut = cut{groups: g.Groups, m: g.M, rows: g.Rows, n: g.N, tileRows: t.tile.Rows, pixels: b.Set.PixelCut}
	if g.Residual != nil {
		t.r = b.Use(g.Residual)
	}
	t.b, t.c = b.UseShifted(g.In, g.Shift), b.Use(g.Out)
	work := g.work()
	parts := t.cut.choose(b.Set, plan.PartsFor(b.Threads, work))
	t.panel = b.Set.PanelLen(g.M, t.depth, g.N)
	if g.Factors != nil {
		t.panel, _ = b.Set.FactorsLen(g.M, t.depth, g.N)
	}
	if t.panel > 0 {
		t.panels = b.Use(b.NewPlanes(weights.Float32, parts, t.panel))
	}
	b.Add(g.Label, work, parts, t)
	return g.Out
}

// depth is how deep its blocks are.
func (g *GEMM) depth() int {
	if g.Plain {
		return g.K
	}
	return blockDepth(g.K, gemmDepth)
}

// pack returns the weights in the order of the tile, one block of the depth behind the
// other. Packed rows are as long as unpacked ones, so weights of our own are packed where
// they are, from a copy: the first touch of fresh memory would take longer than the
// packing.
func (g *GEMM) pack(b *plan.Builder, tile kernel.Tile, depth int) []float32 {
	per := kernel.PackedLen(tile, g.M, g.K)
	if !g.Spare || per != g.M*g.K {
		a := make([]float32, g.Groups*per)
		for i := range g.Groups {
			packBlocks(tile, a[i*per:(i+1)*per], g.Weight[i*g.M*g.K:], g.M, g.K, depth)
		}
		return a
	}
	rows := g.M // a block has some of every row
	if depth == g.K {
		rows = min(rows, tile.Rows)
	}
	scratch := b.Scratch(rows * g.K)
	for i := range g.Groups {
		for m0 := 0; m0 < g.M; m0 += rows {
			m := min(rows, g.M-m0)
			a := g.Weight[(i*g.M+m0)*g.K:][:m*g.K]
			copy(scratch, a)
			packBlocks(tile, a, scratch, m, g.K, depth)
		}
	}
	return g.Weight
}

// packBlocks packs m rows of w, of k values, block by block.
func packBlocks(tile kernel.Tile, to, w []float32, m, k, depth int) {
	for at := 0; at < k; at += depth {
		d := min(depth, k-at)
		kernel.PackA(tile, to[m*at:][:m*d], w[at:], m, d, k)
	}
}

// work is in multiply-adds.
func (g *GEMM) work() int64 { return limit.Product(g.Groups, g.M, g.K, g.Rows, g.N) }

type gemmStep struct {
	product
	b, c, r, factors plan.TableID // r, factors -1: none
	cut              cut
	panel            int          // elements; 0: none
	panels           plan.TableID // each share's
}

func (t *gemmStep) Run(w *plan.Worker, s plan.Share) {
	o := operands{in: w.Table(t.b), out: w.Table(t.c)}
	if t.panel > 0 {
		o.panel = w.Arena[w.Table(t.panels)[s.Index]:][:t.panel]
	}
	if t.factors >= 0 {
		o.factors = w.Vector(t.factors, t.k)
	}
	if t.r >= 0 {
		o.residual = w.Table(t.r)
	}
	t.compute(w, t.cut.ranges(s), &o)
}

func (t *gemmStep) Describe() plan.Description {
	px := int64(t.rows) * int64(t.n)
	shape := fmt.Sprintf("%dx%dx%d", t.m, t.k, px)
	if t.factors >= 0 {
		shape += " scaled"
	}
	if t.groups > 1 {
		shape = fmt.Sprintf("%d*%s", t.groups, shape)
	}
	g := int64(t.groups)
	d := plan.Description{
		Kernel: fmt.Sprintf("gemm%s %s", t.tile, shape), Kind: "gemm", Tile: t.tile.String(),
		Sizes: []int{t.groups, t.m, t.k, t.rows * t.n},
		Call:  &kernel.GEMM{Tile: t.tile, M: t.m, K: t.k, N: t.n},
		MACs:  g * int64(t.m) * int64(t.k) * px,
		Bytes: 4 * (g*int64(t.m)*int64(t.k) + g*int64(t.m+t.k)*px),
	}
	if t.r >= 0 {
		d.Bytes += 4 * g * int64(t.m) * px
		if t.scale != nil {
			d.MACs += g * int64(t.m) * px
		}
	}
	return d
}
