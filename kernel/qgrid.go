package kernel

// qgrid is how a quantized depthwise convolution of any window runs on registers. Planes
// are first cut into padded phases, as [tapGrid] has it. Then depth rows of the window
// at a time, which are a group, are interleaved, so that one instruction multiplies a
// column of them.
type qgrid struct {
	depth, block  int // rows of a group; outputs that are computed together
	pixel         int // bytes of an interleaved pixel
	rows, columns int // phases
	groups        int
	shift         int // rows of a phase from a group to the next, where all groups have the same pixels; else 0
	buffers       int // of interleaved pixels, for each phase of columns: one for all groups, or one for each
	band          int // output rows that are computed at a time
	ph, pw        int // of a phase, for that many rows
	batch         int // channels that are computed at a time
}

const (
	qgridBand  = 48 << 10 // bytes that a band may be when interleaved: it stays in L2
	qgridBatch = 12 << 10 // bytes that channels together may be, to stay in L1
)

func (d *QDepthwise) grid(depth, block, pixel int) qgrid {
	sizes := d.sizes()
	t := sizes.grid()
	g := qgrid{depth: depth, block: block, pixel: pixel, rows: t.rows, columns: t.columns, pw: t.pw}
	g.groups = (d.KH + depth - 1) / depth
	if g.buffers = g.groups; depth*d.dh()%d.SH == 0 {
		g.shift, g.buffers = depth*d.dh()/d.SH, 1
	}
	more := t.below(&sizes) // which is no fewer than all shifts
	row := g.pixel * g.buffers * g.columns * g.pw
	g.band = min(d.OH, max(8, qgridBand/row-more))
	g.ph = g.band + more
	g.batch = 1
	if g.band == d.OH {
		g.batch = max(1, min(64, qgridBatch/(row*g.ph)))
	}
	return g
}

// plane is how many pixels a phase of one channel has.
func (g *qgrid) plane() int { return g.ph * g.pw }

// phase is how many bytes one phase of all channels of a batch has.
func (g *qgrid) phase() int { return g.batch * g.plane() }

// interleaved is how many bytes a group's rows of one phase of columns have, with what a
// block may pass their end by.
func (g *qgrid) interleaved() int { return g.pixel * (roundUp(g.phase(), g.block) + g.block + g.pw) }

// blocks is how many blocks so many rows of outputs have.
func (g *qgrid) blocks(rows, ow int) int { return ((rows-1)*g.pw + ow + g.block - 1) / g.block }

// qparts is where the parts of a call's Work begin, and its length.
type qparts struct{ offsets, phases, interleaved, line, end int }

func (g *qgrid) parts(taps, ow int) (p qparts) {
	p.offsets = 16 // after the parameters of q
	p.phases = roundUp(p.offsets+4*taps, 64)
	p.interleaved = roundUp(p.phases+g.rows*g.columns*g.phase()+g.plane()+2*g.block+64, 64)
	p.line = p.interleaved + g.buffers*g.columns*g.interleaved()
	p.end = p.line + g.blocks(g.band, ow)*g.block + 64
	return p
}

// gridded tells whether d has such a grid that is worth it. It is not where most of it
// would be padding, of which there may be any amount.
func (d *QDepthwise) gridded() bool {
	sizes := d.sizes()
	return sizes.dense()
}
