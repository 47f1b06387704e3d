package step

import (
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// ChainCut is how a chain is cut into bands of rows and blocks of planes.
type ChainCut struct {
	pieces            []piece
	block             int // planes between expansion and window at a time
	inRows, outRows   int // the most that a band reads and writes
	inPitch, outPitch int // of the planes of a block, and of a band of the window's output
	buffered          int // planes of a band of the window's output; 0: they are the chain's
	parts             int // that share it
}

// elements is how many the planes in between take.
func (c *ChainCut) elements() int { return c.block*c.inPitch + c.buffered*c.outPitch }

// Measured with AVX-512 on a Granite Rapids core, of which L2 holds 2 MiB, the steps one after the
// other and as a chain, in microseconds: 24 x 112 x 112 planes that are pooled to 56 x 56
// 162 and 140; 32 x 112 x 112, stride 1, 363 and 300; 96 x 112 x 112, stride 2, 705 and
// 385; 144 x 56 x 56, stride 1, 520 and 345, and stride 2 280 and 185. 192 x 28 x 28,
// stride 1, and 58 x 56 x 56, stride 2, are the first that are not faster, 156 and 160, 87
// and 90: what one step writes is still in L2 when the next one reads it.
const (
	// chainFrom is the share of the near cache from which on the planes that a window
	// reads and writes do not stay there.
	chainFrom = 0.7
	// chainRoom is the share that a band's planes may take. Half of it and twice as much
	// are within 5 %.
	chainRoom = 0.25
	// chainExtra bounds the work that is done more than once, for rows that two bands read.
	chainExtra = 1.2
	// chainBlock is how many planes are between expansion and window at a time: a
	// multiple of the rows of every tile.
	chainBlock = 24
)

// A chain saves bytes and costs arithmetic: rows that two bands read are computed twice, and
// its products are of fewer rows and columns. With vectors of 512 bits the bytes decide.
// Narrower ones compute for longer, and hide more of the way to a cache that is farther
// away. Measured with AVX2 on a Zen 4 core, of which L2 holds 1 MiB, in microseconds, the
// steps one after the other and as a chain: 32 x 112 x 112 behind a first convolution,
// stride 1, 792 and 742; 96 x 112 x 112, stride 2, 941 and 873; but 144 x 56 x 56, stride 1,
// 672 and 776; 576 x 14 x 14 550 and 663; 244 x 28 x 28, stride 2, 1,368 and 1,688.
const (
	// chainWorth is how many multiply-adds take as long as a byte that did not stay in the
	// near cache.
	chainWorth = 1.0
	// chainMore is the share of its work that a chain costs besides what it does twice.
	chainMore = 0.05
	// chainWide is from how many lanes of a vector on the bytes decide.
	chainWide = 16
)

// Pays chooses the bands, and says whether the chain is faster than its steps one after
// the other.
func (c *Chain) Pays(b *plan.Builder) bool { return c.pays(b, b.Set.Lanes >= chainWide) }

// pays is Pays for an instruction set whose vectors are wide or not.
func (c *Chain) pays(b *plan.Builder, wide bool) bool {
	_, h, oh := c.Window.window()
	if b.Halves || b.Bands < 0 || c.C == 0 {
		return false
	}
	if b.Bands > 0 {
		return c.into(b, min(b.Bands, oh), chainBlock)
	}
	if between := 4 * c.C * (h*c.W + oh*c.OW); float64(between) < chainFrom*float64(b.Cache) {
		return false
	}
	most := chainExtra
	if !wide {
		most = min(most, 1+chainWorth*c.far(b)/float64(c.work(b))-chainMore)
	}
	for _, block := range []int{chainBlock, chainBlock / 3} {
		if rows := c.fit(b, block); rows > 0 && c.into(b, rows, block) && c.extra(b) <= most {
			return true
		}
	}
	return false
}

// far is how many bytes do not stay in the near cache of those that one step writes for the
// next, or that a product reads of its copies.
func (c *Chain) far(b *plan.Builder) float64 {
	_, h, oh := c.Window.window()
	between := 0
	if c.Expand != nil {
		between += c.C * h * c.W
	}
	if c.Copied {
		between += c.Expand.K * c.Expand.Rows * c.Expand.N
	}
	if c.Project != nil {
		between += c.C * oh * c.OW
	}
	return 4*float64(between) - chainFrom*float64(b.Cache)
}

// fit returns the most rows of a band whose planes fit, 0 where there are none: of bands of
// nearly one size, as many as share the work evenly.
func (c *Chain) fit(b *plan.Builder, block int) int {
	w, _, oh := c.Window.window()
	room := int(chainRoom * float64(b.Cache) / 4)
	perRow := 0 // elements for each more output row
	if c.Expand != nil {
		perRow += min(block, c.C) * w.SH * c.W
		room -= min(block, c.C) * ((w.KH-1)*w.DH + 1) * c.W
	}
	buffered := min(block, c.C)
	if c.Project != nil {
		buffered = c.C
	}
	perRow += buffered * c.OW
	most := min(oh, room/perRow)
	if most < 1 {
		return 0
	}
	bands := (oh + most - 1) / most
	if parts := c.most(b); parts > 1 {
		bands = (bands + parts - 1) / parts * parts
	}
	return (oh + bands - 1) / bands
}

// most is into how many parts the work of the chain is worth cutting.
func (c *Chain) most(b *plan.Builder) int { return plan.PartsFor(b.Threads, c.work(b)) }

// into cuts the chain into bands of so many rows and says whether that can be done.
func (c *Chain) into(b *plan.Builder, rows, block int) bool {
	_, _, oh := c.Window.window()
	c.parts = c.most(b)
	if c.Project != nil && c.parts > 1 { // else the last store of one part's band spills into another's
		for rows*c.OW%b.Set.StoreLanes > 0 && rows < oh {
			rows++
		}
	}
	if c.pieces = cutRows(b.Set, c.Window, rows); c.pieces == nil {
		return false
	}
	if 2*len(c.pieces) <= c.parts && b.Bands == 0 { // the steps, cut by channels, feed more threads
		return false
	}
	c.parts = min(c.parts, len(c.pieces))
	c.block, c.inRows, c.outRows, c.inPitch, c.buffered = c.C, 0, 0, 0, 0
	if c.Expand != nil {
		c.block = min(c.C, block)
	}
	for i := range c.pieces {
		c.inRows, c.outRows = max(c.inRows, c.pieces[i].h), max(c.outRows, c.pieces[i].oh)
	}
	if c.Expand != nil {
		c.inPitch = kernel.Pitch(c.inRows*c.W, 4)
	}
	c.outPitch = kernel.Pitch(c.outRows*c.OW, 4)
	switch {
	case c.Project != nil:
		c.buffered = c.C
	case len(c.pieces) > 1:
		c.buffered = c.block
	}
	return true
}

// extra is the work of the bands over the work of the steps one after the other.
func (c *Chain) extra(b *plan.Builder) float64 {
	_, h, oh := c.Window.window()
	read, written := 0, 0
	for i := range c.pieces {
		read, written = read+c.pieces[i].h, written+c.pieces[i].oh
	}
	sum, all := 0.0, 0.0
	add := func(work int64, rows, of int) {
		all += float64(work)
		sum += float64(work) * float64(rows) / float64(of)
	}
	add(c.Window.work(b, c.C), written, oh)
	if c.Expand != nil {
		add(c.Expand.work(), read, h)
	}
	if c.Project != nil {
		add(c.Project.work(), oh, oh)
	}
	return sum / all
}
