package step

import (
	"fmt"
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Window is the geometry of a convolution or a pooling.
type Window struct {
	KH, KW, SH, SW, DH, DW   int // kernel, stride, dilation
	Top, Left, Bottom, Right int // padding
}

// OutH is the number of output rows of h input rows.
func (w Window) OutH(h int) int { return (h+w.Top+w.Bottom-w.DH*(w.KH-1)-1)/w.SH + 1 }

// OutW is the number of output columns of so many input columns.
func (w Window) OutW(columns int) int {
	return (columns+w.Left+w.Right-w.DW*(w.KW-1)-1)/w.SW + 1
}

// shifts is a way to copy a convolution's input so that each tap of its kernel is a
// plane at an offset. Tap (i, j) of output (y, x) is input (y*SH + i*DH - Top,
// x*SW + j*DW - Left): its row has residue i*DH mod SH, and is i*DH/SH rows further.
// Unlike im2col proper no row of pixels is copied more than once for each column
// of the kernel.
type shifts struct {
	Window
	lefts    []int            // the padding at the left of each copy
	ph, pw   int              // of a plane
	residues []kernel.Residue // of rows and columns, that a copy consists of; row by row
	column   []tap            // for each column of the kernel
}

// tap is where a column of the kernel is found: in which copy, at which residue of
// columns, and how many pixels further.
type tap struct{ copy, residue, offset int }

// byPhase has one copy. It is cut into zero-padded planes, one for each residue of
// rows and columns. Their rows are longer than the output's, so that the GEMM goes
// row by row.
func byPhase(w Window, oh, ow int) *shifts {
	f := &shifts{Window: w, lefts: []int{w.Left}, ph: oh + (w.KH-1)*w.DH/w.SH, pw: ow + (w.KW-1)*w.DW/w.SW}
	for j := range w.KW {
		f.column = append(f.column, tap{0, j * w.DW % w.SW, j * w.DW / w.SW})
	}
	return f.want()
}

// byColumn has a copy for each column of the kernel, cut to the output's columns.
// There is more to copy, but all of the output is one GEMM.
func byColumn(w Window, oh, ow int) *shifts {
	f := &shifts{Window: w, ph: oh + (w.KH-1)*w.DH/w.SH, pw: ow}
	for j := range w.KW {
		f.lefts = append(f.lefts, w.Left-j*w.DW)
		f.column = append(f.column, tap{copy: j})
	}
	return f.want()
}

// want lists the residues that the taps need. There are never more than taps,
// however large the strides.
func (f *shifts) want() *shifts {
	rows, columns := map[int]bool{}, map[int]bool{}
	for i := range f.KH {
		rows[i*f.DH%f.SH] = true
	}
	for _, t := range f.column {
		columns[t.residue] = true
	}
	for _, y := range slices.Sorted(maps.Keys(rows)) {
		for _, x := range slices.Sorted(maps.Keys(columns)) {
			f.residues = append(f.residues, kernel.Residue{Y: y, X: x})
		}
	}
	return f
}

// planes is how many each channel's copies have.
func (f *shifts) planes() int { return len(f.residues) * len(f.lefts) }

// pixels is how many each channel's copies have.
func (f *shifts) pixels() int { return f.planes() * f.ph * f.pw }

// taps returns which plane each tap of each of c channels' kernels reads, and how many
// pixels further. The planes of the channels lie one channel's behind the other's: each
// copy's, in the order of the residues.
func (f *shifts) taps(c int) (plane, shift []int32) {
	live, per := len(f.residues), f.planes()
	index := make(map[kernel.Residue]int, live)
	for i, r := range f.residues {
		index[r] = i
	}
	n := c * f.KH * f.KW
	plane, shift = make([]int32, 0, n), make([]int32, 0, n)
	for at := 0; at < c*per; at += per {
		for i := range f.KH {
			for _, col := range f.column {
				residue := index[kernel.Residue{Y: i * f.DH % f.SH, X: col.residue}]
				plane = append(plane, int32(at+col.copy*live+residue))
				shift = append(shift, int32(i*f.DH/f.SH*f.pw+col.offset))
			}
		}
	}
	return plane, shift
}

// copyCycles is what it takes to copy a pixel, in the cycles of kernel.Set.Cycles.
const copyCycles = 0.4

// Copies is the input of a convolution, of c planes of h x w, copied such that a GEMM
// computes the convolution from shifted planes.
type Copies struct {
	*shifts
	node    string
	x       plan.Tensor // nil: the caller's sample, which is read where it is
	c, h, w int         // of x
}

// Read adds the step that makes the copies, and fills in g's In and Shift. Copies beyond
// the limits are the builder's error.
func (g *GEMM) Read(b *plan.Builder, f *Copies) {
	if !b.Fits(limit.Product(4, f.c, f.planes(), f.ph, f.pw)) {
		return
	}
	planes := b.NewPlanes(weights.Float32, f.c*f.planes(), f.ph*f.pw)
	f.add(b, planes)
	at, shift := f.taps(f.c)
	g.In, g.Shift = picked(planes, at), shift
}

// picked returns planes[i] for each i of at.
func picked(planes plan.Tensor, at []int32) plan.Tensor {
	t := make(plan.Tensor, len(at))
	for k, i := range at {
		t[k] = planes[i]
	}
	return t
}

// Copies chooses how the input of the convolution is copied that g computes, and fills in
// g's Rows, N, InRow and OutRow. x has c planes of h x w; it is nil for the caller's
// sample, which is read where it is. The output is oh x ow. See Read.
//
// Of the two ways to copy, the one that the kernels' model says is faster is taken:
// a copy for each column pays where rows are short, or no multiple of the vector's
// length.
func (g *GEMM) Copies(b *plan.Builder, win Window, x plan.Tensor, c, h, w, oh, ow int) *Copies {
	cycles := func(f *shifts, rows, pixels int) float64 {
		return float64(g.Groups*g.K*rows)*b.Set.Cycles(g.M, pixels) + copyCycles*float64(c*f.pixels())
	}
	f := byPhase(win, oh, ow)
	if columns := byColumn(win, oh, ow); f.pw > ow && cycles(columns, 1, oh*ow) < cycles(f, oh, ow) {
		f = columns
	}
	g.Rows, g.N = 1, oh*ow
	if f.pw != ow {
		g.Rows, g.N, g.InRow, g.OutRow = oh, ow, f.pw, ow
	}
	return &Copies{f, g.Node, x, c, h, w}
}

// add adds the step that writes planes: for each channel, each copy's.
func (f *Copies) add(b *plan.Builder, planes plan.Tensor) {
	b.NeedScratch(f.c * len(f.residues))
	t := f.step(b)
	t.dst = b.Use(planes)
	work := f.work()
	parts := plan.PartsFor(b.Threads, work)
	if t.byRow = f.SH >= parts; !t.byRow {
		parts = min(parts, f.c)
	}
	b.Add(f.label(), work, parts, t)
}

func (f *Copies) label() plan.Label { return plan.Label{Node: f.node, Op: "phases"} }

func (f *Copies) work() int64 { return limit.Product(plan.MoveWork, f.c, f.pixels()) }

// step is the step without its output.
func (f *Copies) step(b *plan.Builder) *im2colStep {
	t := &im2colStep{shifts: f.shifts, h: f.h, w: f.w, c: f.c, src: -1}
	if f.x != nil {
		t.src = b.Use(f.x)
		return t
	}
	for ch := range f.c {
		t.given = append(t.given, int32(ch*f.h*f.w))
	}
	return t
}

// im2colStep runs kernel.Phases, once for each copy.
type im2colStep struct {
	*shifts
	byRow   bool // a share has some residues of rows, not some channels: three channels are too few
	h, w, c int
	src     plan.TableID // -1: the caller's sample
	given   []int32      // with src -1: the planes, in the caller's sample
	dst     plan.TableID
}

func (t *im2colStep) Run(w *plan.Worker, s plan.Share) {
	x := copying{lo: 0, hi: t.c, y0: 0, y1: t.SH, from: 0, to: t.ph, planes: w.Table(t.dst)}
	if t.byRow {
		x.y0, x.y1 = s.Span(t.SH, 1)
	} else {
		x.lo, x.hi = s.Span(t.c, 1)
	}
	x.dst = w.Scratch((x.hi - x.lo) * len(t.residues))
	t.copy(w, &x)
}

// copying is what of the copies is made.
type copying struct {
	lo, hi   int     // channels
	y0, y1   int     // residues of rows
	from, to int     // rows; from is the first row of the planes
	planes   []int32 // of all channels' copies
	dst      []int32 // room for those of one copy
}

func (t *im2colStep) copy(w *plan.Worker, x *copying) {
	src, given := t.given, w.In
	if t.src >= 0 {
		src, given = w.Table(t.src), nil
	}
	n := len(t.residues)
	for copied, left := range t.lefts {
		for i := range x.dst {
			c, r := x.lo+i/n, i%n
			if y := t.residues[r].Y; y < x.y0 || y >= x.y1 {
				x.dst[i] = -1 // another share's
				continue
			}
			x.dst[i] = x.planes[(c*len(t.lefts)+copied)*n+r]
		}
		w.Args.Phases = t.call(left)
		k := &w.Args.Phases
		k.Mem, k.From, k.Src, k.Dst, k.C, k.PH = w.Arena, given, src[x.lo:x.hi], x.dst, x.hi-x.lo, x.to-x.from
		if above := x.from*t.SH - t.Top; above > 0 { // rows of the source that nothing reads
			if given == nil {
				k.From = w.Arena
			}
			k.From, k.H, k.PadTop = k.From[above*t.w:], t.h-above, 0
		} else {
			k.PadTop = -above
		}
		w.Set.Phases(k)
	}
}

// call is what every call for a copy shares.
func (t *im2colStep) call(left int) kernel.Phases {
	return kernel.Phases{
		H: t.h, W: t.w, PH: t.ph, PW: t.pw, SH: t.SH, SW: t.SW, Residues: t.residues, PadTop: t.Top, PadLeft: left,
	}
}

func (t *im2colStep) Describe() plan.Description {
	name := "phases"
	if len(t.lefts) > 1 {
		name = "columns"
	}
	call := t.call(t.lefts[0])
	return plan.Description{
		Kernel: fmt.Sprintf("%s %dx%d %dx%dx%d", name, t.SH, t.SW, t.c, t.h, t.w), Kind: name, Call: &call,
		Bytes: 4 * int64(t.c) * int64(t.h*t.w+t.pixels()),
	}
}
