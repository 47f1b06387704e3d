package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
)

// task is a shape with the kernel variants that could compute it.
type task struct {
	shape    string
	uses     int
	macs     int64
	variants []variant
}

type variant struct {
	name   string
	chosen bool // by the plan
	call   func()
}

// kernelRows times every variant on every shape, on each instruction set, and
// warns where the plan did not choose the fastest.
func (b *bench) kernelRows(ctx context.Context) error {
	for _, n := range b.nets {
		for _, isa := range b.isas {
			b.progress.say("kernels of " + n.Name + ", " + isa)
			tasks, err := n.tasks(isa)
			if err != nil {
				return err
			}
			for _, t := range tasks {
				if err := ctx.Err(); err != nil {
					return err
				}
				rows := t.time(2 * time.Millisecond)
				for i := range rows {
					rows[i].Network, rows[i].ISA = n.Name, isa
				}
				b.rep.Kernels = append(b.rep.Kernels, rows...)
				if w := slower(rows); w != "" {
					b.rep.Warnings = append(b.rep.Warnings, w)
				}
			}
		}
	}
	return nil
}

// tasks lists the shapes in the plan for one thread, each once.
func (n *network) tasks(isa string) ([]*task, error) {
	set, err := kernel.Select(isa)
	if err != nil {
		return nil, err
	}
	m, err := engine.New(n.model, engine.WithISA(isa), engine.WithThreads(1))
	if err != nil {
		return nil, err
	}
	defer m.Close()
	windows := n.windows(m.Info())
	var out []*task
	seen := map[string]*task{}
	phased := map[string]bool{} // nodes whose input was cut into phase planes
	for _, st := range m.Steps() {
		if st.Op == "phases" {
			phased[st.Node] = true
		}
		name, shape := splitKernel(st.Kernel)
		t := seen[st.Kernel]
		if t == nil {
			switch w, known := windows[st.Node]; {
			case len(name) > 4 && name[:4] == "gemm":
				rows := 1
				if known && phased[st.Node] && w.kw > 1 {
					rows = w.oh
				}
				t = gemmTask(set, name, shape, rows)
			case len(name) > 9 && name[:9] == "depthwise" && known:
				t = depthwiseTask(set, name, w)
			}
			if t == nil {
				continue
			}
			t.macs = st.MACs
			seen[st.Kernel] = t
			out = append(out, t)
		}
		t.uses++
	}
	return out, nil
}

// window is what a step does not say of its convolution.
type window struct{ c, h, w, oh, ow, kh, kw, stride, top, left int }

func (n *network) windows(info engine.Info) map[string]window {
	shapes := map[string][]int{}
	for _, in := range n.model.Graph.Inputs {
		shapes[in.Name] = in.Shape
	}
	out := map[string]window{}
	for i := range n.model.Graph.Nodes {
		node := &n.model.Graph.Nodes[i]
		for k, name := range node.Outputs {
			shapes[name] = info.Nodes[i].Outputs[k]
		}
		in, o := shapes[node.Inputs[0]], shapes[node.Outputs[0]]
		if node.Op != "conv" || len(in) != 3 || len(o) != 3 {
			continue
		}
		w := n.model.Tensor(node.Tensors["weight"]).Shape
		pad, stride := node.Attr("pad", 0, 0, 0, 0), node.Attr("stride", 1, 1)
		out[node.Name] = window{o[0], in[1], in[2], o[1], o[2], w[2], w[3], stride[0], pad[0], pad[1]}
	}
	return out
}

// gemmTask has a variant for each tile. One group is timed, as often as there
// are groups; rows passes, as the engine makes them.
func gemmTask(set *kernel.Set, name, shape string, rows int) *task {
	groups, m, k, px := 1, 0, 0, 0
	if _, err := fmt.Sscanf(shape, "%d*%dx%dx%d", &groups, &m, &k, &px); err != nil {
		groups = 1
		if _, err := fmt.Sscanf(shape, "%dx%dx%d", &m, &k, &px); err != nil {
			return nil
		}
	}
	n := px / rows
	t := &task{shape: "gemm " + shape}
	for _, tile := range set.Tiles {
		g := newGEMM(tile, m, k, n, rows)
		t.variants = append(t.variants, variant{"tile " + tile.String(), name == "gemm"+tile.String(), func() {
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

// planesOf lays count planes of n pixels out as the engine does, after at.
func planesOf(at *int, count, n int) []int32 {
	t := make([]int32, count)
	for i := range t {
		t[i] = int32(*at)
		*at += kernel.Pitch(n, 4)
	}
	return t
}

func newGEMM(tile kernel.Tile, m, k, n, rows int) *kernel.GEMM {
	at := kernel.Slack
	g := &kernel.GEMM{
		Tile: tile, M: m, K: k, N: n, Epilogue: kernel.Epilogue{Act: kernel.Clamped(0, float32(math.Inf(1)))},
		A: make([]float32, kernel.PackedLen(tile, m, k)), B: planesOf(&at, k, n*rows), C: planesOf(&at, m, n*rows),
	}
	g.Mem = noise(at + kernel.Slack)
	kernel.PackA(tile, g.A, noise(m*k), m, k, k)
	return g
}

func depthwiseTask(set *kernel.Set, name string, w window) *task {
	at := kernel.Slack
	d := kernel.Depthwise{
		Src: planesOf(&at, w.c, w.h*w.w), Dst: planesOf(&at, w.c, w.oh*w.ow), W: noise(w.c * (w.kh*w.kw + 1)), C: w.c,
		H: w.h, Wid: w.w, OH: w.oh, OW: w.ow, KH: w.kh, KW: w.kw, Stride: w.stride, PadTop: w.top, PadLeft: w.left,
	}
	d.Mem = noise(at + kernel.Slack)
	t := &task{shape: fmt.Sprintf("%s %dx%dx%d", name, w.c, w.oh, w.ow)}
	fast := d
	if fast.Masks = set.DepthwiseMasks(&fast); fast.Masks != nil && set.Lanes > 1 {
		t.variants = append(t.variants, variant{"vector", true, func() { set.Depthwise(&fast) }})
	}
	return &task{shape: t.shape, variants: append(t.variants, variant{"reference", len(t.variants) == 0, func() { set.Depthwise(&d) }})}
}

// noise has no denormals, which would slow some kernels down.
func noise(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%17)/17 - 0.5
	}
	return x
}

const kernelRounds = 9

// time runs the variants in turns of about d.
func (t *task) time(d time.Duration) []KernelRow {
	calls := make([]int, len(t.variants))
	for i, v := range t.variants {
		v.call()
		begin := time.Now()
		v.call()
		calls[i] = int(max(1, min(10_000, d/max(1, time.Since(begin)))))
	}
	ns := make([][]float64, len(t.variants))
	for range kernelRounds {
		for i, v := range t.variants {
			begin := time.Now()
			for range calls[i] {
				v.call()
			}
			ns[i] = append(ns[i], float64(time.Since(begin))/float64(calls[i]))
		}
	}
	rows := make([]KernelRow, len(t.variants))
	for i, v := range t.variants {
		p50 := median(ns[i])
		rows[i] = KernelRow{
			Shape: t.shape, Variant: v.name, Uses: t.uses, NS: p50, Min: slices.Min(ns[i]),
			GFLOPS: 2 * float64(t.macs) / p50, Chosen: v.chosen,
		}
	}
	return rows
}

// slower says that a variant beat the chosen one by more than 3 %, in the
// median and at best.
func slower(rows []KernelRow) string {
	chosen := slices.IndexFunc(rows, func(k KernelRow) bool { return k.Chosen })
	if chosen < 0 {
		return ""
	}
	c, best := &rows[chosen], &rows[chosen]
	for i := range rows {
		if k := &rows[i]; k.NS < best.NS && k.NS < 0.97*c.NS && k.Min < 0.97*c.Min {
			best = k
		}
	}
	if best == c {
		return ""
	}
	return fmt.Sprintf("%s, %s: %s: the plan's %s takes %s, %s %s", c.Network, c.ISA, c.Shape, c.Variant, duration(c.NS), best.Variant, duration(best.NS))
}

// splitKernel cuts "gemm4x24 58x58x784" into name and shape.
func splitKernel(s string) (name, shape string) {
	for i := range s {
		if s[i] == ' ' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
