package step

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// chainShape is a chain over c planes of h x w: a product of k planes, nil if k is 0; a 3x3
// window, or a wider one; and a product to m planes, nil if m is 0.
type chainShape struct {
	k, c, h, w, size, stride, m int
	taps                        int // of the first product, in each direction, with stride 2; 0: it is pointwise
}

// copied returns the window of the first product, and the size of what it reads.
func (s chainShape) copied() (win Window, h, w int) {
	p := s.taps / 2
	win = Window{KH: s.taps, KW: s.taps, SH: 2, SW: 2, DH: 1, DW: 1, Top: p, Left: p, Bottom: p, Right: p}
	return win, 2*s.h - 1, 2*s.w - 1
}

func (s chainShape) window() Window {
	p := s.size / 2
	return Window{KH: s.size, KW: s.size, SH: s.stride, SW: s.stride, DH: 1, DW: 1, Top: p, Left: p, Bottom: p, Right: p}
}

// chain makes the chain of what a convolution has. The tensors are nil.
func (s chainShape) chain() *Chain {
	rng := rand.New(rand.NewPCG(uint64(s.c), uint64(s.h)))
	numbers := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	win := s.window()
	oh, ow := win.OutH(s.h), win.OutW(s.w)
	c := &Chain{C: s.c, W: s.w, OW: ow, Window: &Depthwise{
		Window: win, H: s.h, W: s.w, OH: oh, OW: ow, Weight: numbers(s.c * s.size * s.size), Bias: numbers(s.c),
	}}
	if s.k > 0 {
		k := s.k * max(1, s.taps*s.taps)
		c.Copied = s.taps > 0
		c.Expand = &GEMM{Groups: 1, M: s.c, K: k, Rows: 1, N: s.h * s.w, Weight: numbers(s.c * k), Bias: numbers(s.c)}
	}
	if s.m > 0 {
		c.Project = &GEMM{Groups: 1, M: s.m, K: s.c, Rows: 1, N: oh * ow, Weight: numbers(s.m * s.c), Bias: numbers(s.m)}
	}
	return c
}

// A chain writes its output and its own room, and nothing of the memory around them; and
// of what it does not write itself it uses its input alone.
func TestChainMemory(t *testing.T) {
	for _, set := range kernel.Sets() {
		for _, s := range []chainShape{
			{3, 7, 13, 9, 3, 1, 5, 0}, {8, 30, 12, 16, 3, 2, 24, 0}, {5, 50, 11, 31, 5, 2, 0, 0}, {0, 26, 9, 14, 5, 1, 9, 0},
			{4, 9, 1, 1, 3, 1, 3, 0}, {16, 96, 20, 24, 3, 2, 24, 0}, {2, 3, 15, 40, 7, 1, 4, 0},
			{3, 24, 20, 33, 3, 2, 0, 3}, {2, 30, 17, 16, 3, 1, 5, 5}, {3, 9, 11, 7, 5, 2, 4, 3},
		} {
			for _, threads := range []int{1, 3} {
				for rows := 1; rows <= s.h; rows += 1 + rows/3 {
					testChainMemory(t, set, s, threads, rows)
				}
			}
		}
	}
}

func testChainMemory(t *testing.T, set *kernel.Set, s chainShape, threads, rows int) {
	name := fmt.Sprintf("%s: %+v on %d threads in bands of %d rows", set.Name, s, threads, rows)
	const most = math.MaxInt64
	b := plan.NewBuilder(set, threads, &limit.Meter{Limits: limit.Limits{Memory: most, Activations: most, Work: most, Nodes: most, Value: most}})
	b.Bands = rows
	c := s.chain()
	if !c.Pays(b) {
		if set.RowsAlike(c.Window.args(readied(set, c.Window, view{h: s.h, oh: c.Window.(*Depthwise).OH, top: s.size / 2})).(*kernel.Depthwise)) {
			t.Errorf("%s: no chain", name)
		}
		return
	}
	c.parts = min(threads, len(c.pieces)) // however little work it is
	if c.Project != nil && rows*c.OW%set.StoreLanes > 0 {
		c.parts = 1
	}
	around := b.NewPlanes(weights.Float32, 1, 40)
	win, h, w := s.copied()
	if s.taps == 0 {
		h, w = s.h, s.w
	}
	in := b.NewPlanes(weights.Float32, max(s.k, 1)+s.c, h*w)
	if c.Expand != nil {
		c.Expand.In = in[:s.k]
	}
	c.In = in[:s.c]
	if s.taps > 0 {
		c.Copies = c.Expand.Copies(b, win, in[:s.k], s.k, h, w, s.h, s.w)
		if !c.CopiesFit(b, c.Copies) {
			t.Fatalf("%s: the copies do not fit", name)
		}
	}
	out := c.Add(b)
	b.Use(around)
	b.Use(in)
	p, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	m := plan.NewMemory(p)
	worker := plan.NewWorker(p, m)
	const canary = 0x7fc12345 // a NaN
	for i := range m.Arena {
		m.Arena[i] = math.Float32frombits(canary)
	}
	step := p.Steps[0].Runner.(*chainStep)
	mine := make([]bool, len(m.Arena))
	room := worker.Table(step.room)
	for i := range room {
		length := step.elements() + step.copies.elements() + step.panel
		for k := range length + kernel.Slack {
			mine[int(room[i])+k] = true
		}
	}
	pixels := c.Window.(*Depthwise).OH * c.OW
	for _, at := range worker.Table(step.out) {
		for k := range pixels + kernel.Slack {
			mine[int(at)+k] = true
		}
	}
	rng, read := rand.New(rand.NewPCG(9, 9)), step.in
	if step.copies != nil {
		read = step.copies.step.src
	}
	for _, at := range worker.Table(read) {
		for k := range h * w {
			m.Arena[int(at)+k], mine[int(at)+k] = float32(rng.NormFloat64()), true
		}
	}
	parts := p.Steps[0].Parts
	for i := range parts {
		p.Steps[0].Runner.Run(&worker, plan.Share{Index: i, Of: parts})
	}
	for i, v := range m.Arena {
		if !mine[i] && math.Float32bits(v) != canary {
			t.Fatalf("%s: element %d was written, which is not the chain's", name, i)
		}
	}
	for ch, at := range worker.Table(step.out)[:len(out)] {
		for k, v := range m.Arena[at:][:pixels] {
			if v != v {
				t.Fatalf("%s: pixel %d of channel %d is NaN", name, k, ch)
			}
		}
	}
}

// Chains are made where they were measured to be faster, with vectors of that width and on
// caches of the size that they were measured with, and have bands of a sensible size.
func TestChainPays(t *testing.T) {
	const wide, narrow = true, false
	const wideCache, narrowCache = 2 << 20, 1 << 20
	for _, x := range []struct {
		chainShape
		wide  bool
		cache int
		want  bool
	}{
		{chainShape{27, 32, 112, 112, 3, 1, 16, 0}, wide, wideCache, true}, // MobileNet V2's
		{chainShape{16, 96, 112, 112, 3, 2, 24, 0}, wide, wideCache, true},
		{chainShape{24, 144, 56, 56, 3, 1, 24, 0}, wide, wideCache, true},
		{chainShape{24, 144, 56, 56, 3, 2, 32, 0}, wide, wideCache, true},
		{chainShape{32, 192, 28, 28, 3, 1, 32, 0}, wide, wideCache, false},
		{chainShape{96, 576, 14, 14, 3, 1, 96, 0}, wide, wideCache, false},
		{chainShape{16, 96, 112, 112, 3, 2, 0, 0}, wide, wideCache, true},
		{chainShape{0, 64, 112, 112, 3, 1, 64, 0}, wide, wideCache, true},
		{chainShape{24, 58, 56, 56, 3, 2, 58, 0}, wide, wideCache, false}, // ShuffleNet V2's
		{chainShape{32, 192, 28, 28, 3, 1, 32, 0}, wide, 1 << 20, true},
		{chainShape{16, 96, 112, 112, 3, 2, 24, 0}, wide, 1 << 30, false},
		{chainShape{24, 144, 56, 56, 7, 1, 24, 0}, wide, 64 << 10, false}, // a band is hardly more than its margins

		{chainShape{3, 32, 112, 112, 3, 1, 16, 3}, narrow, narrowCache, true},
		{chainShape{16, 96, 112, 112, 3, 2, 24, 0}, narrow, narrowCache, true},
		{chainShape{16, 96, 112, 112, 3, 2, 0, 0}, narrow, narrowCache, true},
		{chainShape{24, 144, 56, 56, 3, 1, 24, 0}, narrow, narrowCache, false},
		{chainShape{32, 192, 28, 28, 3, 1, 32, 0}, narrow, narrowCache, false},
		{chainShape{96, 576, 14, 14, 3, 1, 96, 0}, narrow, narrowCache, false},
		{chainShape{244, 244, 28, 28, 3, 2, 244, 0}, narrow, narrowCache, false}, // ShuffleNet V2 2x's
		{chainShape{0, 64, 112, 112, 3, 2, 128, 0}, narrow, narrowCache, false},  // MobileNet V1's
		{chainShape{0, 512, 14, 14, 3, 1, 512, 0}, narrow, narrowCache, false},
		{chainShape{16, 96, 112, 112, 3, 2, 24, 0}, narrow, 1 << 30, false},
	} {
		for _, threads := range []int{1, 2, 4} {
			b := plan.NewBuilder(kernel.Sets()[len(kernel.Sets())-1], threads, nil)
			b.Cache = x.cache
			c := x.chain()
			if got := c.pays(b, x.wide); got != x.want {
				t.Errorf("%+v, %d threads, wide %v, a cache of %d: got %v, want %v", x.chainShape, threads, x.wide, x.cache, got, x.want)
				continue
			} else if !got {
				continue
			}
			if bytes := 4 * c.elements(); bytes > x.cache/2 {
				t.Errorf("%+v: bands of %d bytes in a cache of %d", x.chainShape, bytes, x.cache)
			}
			if c.parts != threads {
				t.Errorf("%+v: %d parts for %d threads", x.chainShape, c.parts, threads)
			}
			if uneven := plan.Imbalance(len(c.pieces), 1, c.parts); uneven > 1.01 {
				t.Errorf("%+v: %d bands for %d threads", x.chainShape, len(c.pieces), threads)
			}
		}
	}
}
