package step

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/internal/hugepages"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Winograd is how a GEMM over a 3x3 window of stride 1 becomes Winograd's algorithm:
// see kernel.WinogradInput. One step goes over the output in bands of tile rows. For each
// it transforms the input, multiplies each element's matrices, and transforms back.
type Winograd struct {
	Window
	H, W, OH, OW int
	Rough        bool // tiles of 4 are good enough whatever the depth: see roughDepth

	bands // set by Pays
}

// Add adds the step that computes g, and returns its output. Pays must have said so.
func (n *Winograd) Add(b *plan.Builder, g *GEMM) plan.Tensor {
	if g.Out == nil {
		g.Out = b.NewPlanes(weights.Float32, g.M, n.OH*n.OW)
	}
	t := &winogradStep{Winograd: n, depth: blockDepth(g.K/9, winogradDepth), m: g.M, k: g.K / 9, bias: g.Bias, scale: g.Scale, act: g.Act, r: -1}
	tiles := n.rows * n.columns
	t.tile = b.Set.TileFor(g.M, tiles)
	t.block = blockOf(g.M, n.elements()*n.pitch(), t.tile.Rows)
	t.weights(g.Weight)
	for i := range max(t.k, t.block) {
		t.lines = append(t.lines, int32(i*n.pitch()))
	}

	work := limit.Product(g.M, g.K, n.OH, n.OW)
	parts := plan.PartsFor(b.Threads, work)
	byBand, byOutput := plan.Imbalance(n.count(), 1, parts), plan.Imbalance(g.M, t.tile.Rows, parts)
	// Shares of the output channels transform all of the input each.
	if t.byOutput = byOutput+0.1 < byBand; t.byOutput {
		parts = min(parts, (g.M+t.tile.Rows-1)/t.tile.Rows)
	} else {
		parts = min(parts, n.count())
	}
	if g.Residual != nil {
		t.r = b.Use(g.Residual)
	}
	t.b, t.c = b.Use(g.In), b.Use(g.Out)
	in, out := t.input(0), t.output(0, t.block)
	t.work = max(in.WorkLen(), out.WorkLen())
	t.room = b.Use(b.NewPlanes(weights.Float32, parts, n.matrices(t.k)+n.matrices(t.block)+t.work))
	b.Add(g.Label, work, parts, t)
	return g.Out
}

type winogradStep struct {
	*Winograd
	tile        kernel.Tile
	m, k        int
	depth       int       // of a block of input channels: see blockDepth
	block       int       // output channels that are multiplied before they are transformed back
	a           []float32 // each element's packed weights
	bias, scale []float32
	act         kernel.Activation
	b, c, r     plan.TableID // r -1: no residual
	room        plan.TableID // each share's transformed tiles, products and work
	work        int
	lines       []int32 // where the rows of a matrix begin
	byOutput    bool    // a share has some output channels, not some bands
}

// weights transforms w and packs it, some tiles of output channels on each processor: it
// is most of what it takes to load a network of such convolutions.
func (t *winogradStep) weights(w []float32) {
	t.a = hugepages.Floats(t.elements() * t.m * t.k)
	var done sync.WaitGroup
	parts := min(runtime.GOMAXPROCS(0), max(1, len(w)/smallWeights))
	for i := range parts {
		lo, hi := plan.Share{Index: i, Of: parts}.Span(t.m, t.tile.Rows)
		done.Go(func() {
			for m := lo; m < hi; m += t.tile.Rows {
				rows := min(t.tile.Rows, hi-m)
				for k := 0; k < t.k; k += t.depth {
					depth := min(t.depth, t.k-k)
					kernel.WinogradWeights(t.size, t.a[t.m*k+m*depth:], t.m*t.k, w[9*(m*t.k+k):], rows, depth, t.k)
				}
			}
		})
	}
	done.Wait()
}

// smallWeights is how many weights are not worth a goroutine: some tenth of a millisecond.
const smallWeights = 1 << 15

func (t *winogradStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi, m0, m1 := 0, t.count(), 0, t.m
	if t.byOutput {
		m0, m1 = s.Span(t.m, t.tile.Rows)
	} else {
		lo, hi = s.Span(t.count(), 1)
	}
	base := int(w.Table(t.room)[s.Index])
	tiles, products := t.matrices(t.k), t.matrices(t.block)
	work := w.Arena[base+tiles+products:][:t.work]
	for band := lo; band < hi && m0 < m1; band++ {
		in := &w.Args.WinogradInput
		*in = t.input(band)
		in.Mem, in.Src, in.Dst, in.Work = w.Arena, w.Table(t.b), w.Arena[base:][:tiles], work
		w.Set.WinogradInput(in)
		for m := m0; m < m1; m += t.block {
			n := min(t.block, m1-m)
			t.multiply(w, base, base+tiles, m, n, in.Rows*t.columns)
			out := &w.Args.WinogradOutput
			*out = t.output(band, n)
			out.Mem, out.Dst, out.Src, out.Work = w.Arena, w.Table(t.c)[m:m+n], w.Arena[base+tiles:][:t.matrices(n)], work
			out.Bias = t.bias[m : m+n]
			if t.r >= 0 {
				out.R = w.Table(t.r)[m : m+n]
				if t.scale != nil {
					out.Scale = t.scale[m : m+n]
				}
			}
			w.Set.WinogradOutput(out)
		}
	}
}

// multiply computes the products of n output channels from m on, for so many tiles:
// from and to are where the transformed tiles and the products are in the arena.
func (t *winogradStep) multiply(w *plan.Worker, from, to, m, n, tiles int) {
	g := &w.Args.GEMM
	*g = kernel.GEMM{Mem: w.Arena, Tile: t.tile, C: t.lines[:n], M: n, N: tiles}
	for e := range t.elements() {
		g.BOff, g.COff = from+e*t.step(t.k), to+e*t.step(n)
		g.R, g.ROff = nil, g.COff
		for k := 0; k < t.k; k += t.depth {
			g.K = min(t.depth, t.k-k)
			g.A, g.B = t.a[e*t.m*t.k+t.m*k+m*g.K:][:n*g.K], t.lines[k:k+g.K]
			w.Set.GEMM(g)
			g.R = g.C // the blocks that follow add to it
		}
	}
}

// input is what every call for a band shares.
func (t *winogradStep) input(band int) kernel.WinogradInput {
	return kernel.WinogradInput{
		C: t.k, H: t.H, W: t.W, PadTop: t.Top, PadLeft: t.Left, M: t.size, TW: t.columns,
		Row: band * t.rows, Rows: min(t.rows, t.all-band*t.rows), Pitch: t.pitch(), Step: t.step(t.k),
	}
}

// output is what every call for a band and n output channels shares.
func (t *winogradStep) output(band, n int) kernel.WinogradOutput {
	return kernel.WinogradOutput{
		C: n, OH: t.OH, OW: t.OW, M: t.size, Row: band * t.rows, Rows: min(t.rows, t.all-band*t.rows), Pitch: t.pitch(), Step: t.step(n),
		Epilogue: kernel.Epilogue{Act: t.act},
	}
}

// Describe counts the multiply-adds of the convolution, of which this step does less.
func (t *winogradStep) Describe() plan.Description {
	px, in := int64(t.OH)*int64(t.OW), t.input(0)
	d := plan.Description{
		Kernel: fmt.Sprintf("winograd%dx%d %dx%dx%d", t.size, t.size, t.m, 9*t.k, px), Kind: "winograd", Call: &in,
		MACs:  9 * int64(t.m) * int64(t.k) * px,
		Bytes: 4 * (int64(len(t.a)) + int64(t.k)*int64(t.H)*int64(t.W) + int64(t.m)*px),
	}
	if t.r >= 0 {
		d.Bytes += 4 * int64(t.m) * px
	}
	return d
}
