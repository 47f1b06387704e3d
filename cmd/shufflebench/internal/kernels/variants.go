package kernels

import (
	"fmt"
	"math"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
)

// task is a shape with the kernel variants that could compute it.
type task struct {
	shape    string
	uses     int // steps of the plan that have it
	macs     int64
	variants []variant
}

type variant struct {
	name   string
	chosen bool // by the plan
	call   func()
}

// window is what a step does not say of its convolution: output channels, height
// and width of input and output, the kernel's size, stride and padding.
type window struct{ c, h, w, oh, ow, kh, kw, stride, top, left int }

// gemmTask has a variant for each tile. It times one group, as often as there are
// groups, in rows passes, as the engine makes them.
func gemmTask(set *kernel.Set, st engine.Step, rows int) *task {
	groups, m, k, px := st.Sizes[0], st.Sizes[1], st.Sizes[2], st.Sizes[3]
	n := px / rows
	_, shape, _ := strings.Cut(st.Kernel, " ") // for people
	t := &task{shape: "gemm " + shape}
	for _, tile := range set.Tiles {
		g := newGEMM(tile, m, k, n, rows)
		t.variants = append(t.variants, variant{"tile " + tile.String(), st.Tile == tile.String(), func() {
			for range groups {
				for y := range rows {
					g.BOff, g.COff = y*n, y*n
					set.GEMM(g)
				}
			}
		}})
	}
	return t
}

func newGEMM(tile kernel.Tile, m, k, n, rows int) *kernel.GEMM {
	at := kernel.Slack
	g := &kernel.GEMM{
		Tile: tile, M: m, K: k, N: n, Epilogue: kernel.Epilogue{Bias: make([]float32, m), Act: kernel.Clamped(0, float32(math.Inf(1)))},
		A: make([]float32, kernel.PackedLen(tile, m, k)), B: planesOf(&at, k, n*rows), C: planesOf(&at, m, n*rows),
	}
	g.Mem = noise(at + kernel.Slack)
	kernel.PackA(tile, g.A, noise(m*k), m, k, k)
	return g
}

// depthwiseTask has the vector kernel, where there is one for the window, and the
// reference.
func depthwiseTask(set *kernel.Set, w window) *task {
	at := kernel.Slack
	d := kernel.Depthwise{
		Src: planesOf(&at, w.c, w.h*w.w), Dst: planesOf(&at, w.c, w.oh*w.ow), W: noise(w.c * (w.kh*w.kw + 1)), C: w.c,
		H: w.h, Wid: w.w, OH: w.oh, OW: w.ow, KH: w.kh, KW: w.kw, SH: w.stride, SW: w.stride, PadTop: w.top, PadLeft: w.left,
	}
	d.Mem = noise(at + kernel.Slack)
	t := &task{shape: fmt.Sprintf("depthwise%dx%ds%d %dx%dx%d", w.kh, w.kw, w.stride, w.c, w.oh, w.ow)}
	fast := d
	if fast.Masks = set.DepthwiseMasks(&fast); fast.Masks != nil && set.Lanes > 1 {
		t.variants = append(t.variants, variant{"vector", true, func() { set.Depthwise(&fast) }})
	}
	return &task{shape: t.shape, variants: append(t.variants, variant{"reference", len(t.variants) == 0, func() { set.Depthwise(&d) }})}
}

// planesOf lays count planes of n pixels out as the engine does, after at.
func planesOf(at *int, count, n int) []int32 {
	t := make([]int32, count)
	for i := range t {
		t[i] = int32(*at)
		*at += kernel.Pitch(n, 4)
	}
	return t
}

// noise has no denormals, which would slow some kernels down.
func noise(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%17)/17 - 0.5
	}
	return x
}
