package step

import (
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// Windowed is a step that reads a window of each plane: a [Depthwise] or a [Pool]. A
// chain runs it on some rows of some planes at a time.
type Windowed interface {
	label() plan.Label
	window() (w Window, h, oh int)
	// args is the kernel's argument for a view, as kernel.Set.Implementation and
	// plan.Builder.NeedWork want it.
	args(v *view) any
	// masks is what a call for the view wants.
	masks(set *kernel.Set, v *view) []float32
	// ready makes the step for c planes, without these.
	ready(b *plan.Builder, c int) windowed
	work(b *plan.Builder, c int) int64
}

// windowed is a Windowed that is ready to run.
type windowed interface {
	plan.Runner
	// rows computes the view of the channels from lo on of which src and dst have planes.
	rows(w *plan.Worker, src, dst []int32, lo int, v *view)
}

// view is some rows of planes as a call sees them: as planes of their own.
type view struct {
	h, oh, top int // rows that are read and written, and of padding above
	masks      []float32
}

// piece is a band of a window's output rows, and the view of it.
type piece struct {
	from, to int // output rows
	row      int // the first input row of the view
	skip     int // rows that the view writes before the first that is wanted
	unread   int // rows that it reads for these alone: whatever is in them
	view
}

// read is the half-open range of input rows that the view reads for the rows that are wanted.
func (p *piece) read() (from, to int) { return p.row + p.unread, p.row + p.h }

// pieces cuts the output rows of a window into bands of n rows; the last may have fewer. A
// set's units for the usual windows pad a plane at its top and its bottom, so that the
// first rows of a view, and the last, are other than those of the plane: padded says that
// a view has rows to spare there.
func pieces(x Windowed, n int, padded bool) (all []piece) {
	w, h, oh := x.window()
	spare := 0
	if padded {
		spare = (w.Top + w.SH - 1) / w.SH
	}
	for from := 0; from < oh; from += n {
		p := piece{from: from, to: min(oh, from+n)}
		p.skip = min(from, spare)
		wanted := w.SH*from - w.Top // the first row that is wanted, or one of padding
		first := wanted
		if padded {
			first = w.SH * (from - p.skip)
		}
		p.row = min(max(0, first), h-1)
		end := min(h, w.SH*(p.to-1)-w.Top+w.DH*(w.KH-1)+1)
		p.h = max(1, end-p.row)
		p.unread = min(max(0, wanted-p.row), p.h-1)
		if padded {
			p.top, p.oh = w.Top, (p.h+2*w.Top-w.KH)/w.SH+1
		} else {
			p.top, p.oh = p.row-first, p.to-p.from
		}
		all = append(all, p)
	}
	return all
}

// cutRows is pieces such that the set runs the code on each that it runs on the whole plane,
// and so computes the same bits; nil where there are none.
func cutRows(set *kernel.Set, x Windowed, n int) []piece {
	w, h, oh := x.window()
	call := x.args(readied(set, x, view{h: h, oh: oh, top: w.Top}))
	if d, ok := call.(*kernel.Depthwise); ok && !set.RowsAlike(d) {
		return nil
	}
	whole := set.Implementation(call)
	for _, padded := range []bool{false, true} {
		all, same := pieces(x, n, padded), true
		for i := range all {
			p := &all[i]
			if same = p.top >= 0 && p.oh >= p.skip+p.to-p.from; !same {
				break
			}
			if i > 0 && alike(&p.view, &all[i-1].view) {
				p.masks = all[i-1].masks
				continue
			}
			p.view = *readied(set, x, p.view)
			if same = set.Implementation(x.args(&p.view)) == whole; !same {
				break
			}
		}
		if same {
			return all
		}
	}
	return nil
}

func alike(a, b *view) bool { return a.h == b.h && a.oh == b.oh && a.top == b.top }

// readied returns v with its masks.
func readied(set *kernel.Set, x Windowed, v view) *view {
	v.masks = x.masks(set, &v)
	return &v
}

func (d *Depthwise) window() (Window, int, int) { return d.Window, d.H, d.OH }

func (d *Depthwise) args(v *view) any {
	k := d.call()
	k.H, k.OH, k.PadTop, k.Masks = v.h, v.oh, v.top, v.masks
	return &k
}

func (d *Depthwise) masks(set *kernel.Set, v *view) []float32 {
	return set.DepthwiseMasks(d.args(v).(*kernel.Depthwise))
}

func (d *Depthwise) label() plan.Label                     { return d.Label }
func (d *Depthwise) ready(b *plan.Builder, c int) windowed { return d.step(b.Set, c) }

func (n *Pool) window() (Window, int, int) { return n.Window, n.H, n.OH }

func (n *Pool) args(v *view) any { return poolArgs(n.rowsCall(v), n.Max) }

func (n *Pool) rowsCall(v *view) *kernel.Pool {
	k := n.call()
	k.H, k.OH, k.PadTop, k.Masks = v.h, v.oh, v.top, v.masks
	return &k
}

func (n *Pool) masks(set *kernel.Set, v *view) []float32 { return set.PoolMasks(n.rowsCall(v)) }

func (n *Pool) label() plan.Label                     { return n.Label }
func (n *Pool) ready(b *plan.Builder, c int) windowed { return n.step(b.Set, c) }
