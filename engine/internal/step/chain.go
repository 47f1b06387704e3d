package step

import (
	"strings"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// Chain is steps each of which alone reads what the one before it writes: a product, a
// window over its planes, and a product of those; the first or the last may be missing.
// One step computes all of them for a band of rows, and then for the next band. So the
// planes in between are never whole, and what one writes is still in the near cache when
// the next one reads it. The result has the same bits.
type Chain struct {
	plan.Label
	Expand  *GEMM   // nil: the window reads In
	Copies  *Copies // what Expand reads, band by band; nil: its In
	Copied  bool    // Expand reads copies, these or others
	Window  Windowed
	Project *GEMM // nil: the window's output is the chain's
	In      plan.Tensor
	C       int // planes that the window reads and writes
	W, OW   int // columns of these

	ChainCut // set by Pays
}

// Add adds the step and returns its output. Pays must have said so.
func (c *Chain) Add(b *plan.Builder) plan.Tensor {
	_, _, oh := c.Window.window()
	t := &chainStep{ChainCut: c.ChainCut, c: c.C, w: c.W, oh: oh, ow: c.OW, r: -1, window: c.Window.ready(b, c.C)}
	for i := range t.pieces {
		b.NeedWork(c.Window.args(&t.pieces[i].view))
	}
	if x := c.Expand; x != nil {
		t.expand = c.ready(b, x, c.inRows*c.W)
		t.panel = b.Set.PanelLen(c.block, x.depth(), c.inRows*c.W)
		if f := c.Copies; f != nil {
			t.copy(b, f, c.copiedRows())
		} else {
			t.in = b.UseShifted(x.In, x.Shift)
		}
	} else {
		t.in = b.Use(c.In)
	}
	out := c.C
	if x := c.Project; x != nil {
		t.project = c.ready(b, x, c.outRows*c.OW)
		t.panel = max(t.panel, b.Set.PanelLen(x.M, x.depth(), c.outRows*c.OW))
		if out = x.M; x.Residual != nil {
			t.r = b.Use(x.Residual)
		}
	}
	y := b.NewPlanes(weights.Float32, out, oh*c.OW)
	t.out = b.Use(y)
	t.describe(c)
	b.NeedScratch(c.block + 2*c.buffered + t.copies.entries())
	t.room = b.Use(b.NewPlanes(weights.Float32, c.parts, c.elements()+t.copies.elements()+t.panel))
	b.Add(c.Label, c.work(b), c.parts, t)
	return y
}

// ready packs a product of so many pixels at a time.
func (c *Chain) ready(b *plan.Builder, x *GEMM, pixels int) *product {
	if x.Rows > 1 {
		pixels = x.N
	}
	p := x.product(b, b.Set.TileFor(x.M, pixels))
	return &p
}

// work is that of the steps.
func (c *Chain) work(b *plan.Builder) int64 {
	sum := c.Window.work(b, c.C)
	if c.Copies != nil {
		sum += c.Copies.work()
	}
	for _, x := range []*GEMM{c.Expand, c.Project} {
		if x != nil {
			sum += x.work()
		}
	}
	return sum
}

type chainStep struct {
	ChainCut
	expand, project *product // nil: none
	window          windowed
	copies          *chainCopies // nil: none
	c, w, oh, ow    int
	in, out, r      plan.TableID // r -1: none
	room            plan.TableID // each share's
	panel           int
	about           plan.Description
}

func (t *chainStep) Describe() plan.Description { return t.about }

// describe counts the multiply-adds of all parts, and the bytes that go into the first
// and come out of the last.
func (t *chainStep) describe(c *Chain) {
	d := &t.about
	if x := t.copies; x != nil {
		d.Chain = append(d.Chain, plan.Part{Label: c.Copies.label(), Description: x.step.Describe()})
	}
	if x := t.expand; x != nil {
		s := gemmStep{product: *x, r: -1, factors: -1}
		d.Chain = append(d.Chain, plan.Part{Label: c.Expand.Label, Description: s.Describe()})
	}
	window := plan.Part{Label: c.Window.label(), Description: t.window.Describe()}
	d.Chain = append(d.Chain, window)
	if x := t.project; x != nil {
		s := gemmStep{product: *x, r: t.r, factors: -1}
		d.Chain = append(d.Chain, plan.Part{Label: c.Project.Label, Description: s.Describe()})
	}
	names := make([]string, len(d.Chain))
	for i := range d.Chain {
		names[i] = d.Chain[i].Kernel
		d.MACs += d.Chain[i].MACs
		d.Bytes += d.Chain[i].Bytes
	}
	_, h, oh := c.Window.window()
	if x := t.copies; x != nil {
		d.Bytes -= 4 * int64(x.step.c*x.step.pixels()+t.expand.k*h*c.W)
	}
	if t.expand != nil {
		d.Bytes -= 8 * int64(c.C) * int64(h*c.W)
	}
	if t.project != nil {
		d.Bytes -= 8 * int64(c.C) * int64(oh*c.OW)
	}
	d.Kind, d.Call = "chain", window.Call
	d.Kernel = "chain " + strings.Join(names, " > ")
}
