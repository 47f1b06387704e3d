package step

import (
	"unsafe"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// CopiesFit says whether the copies that c's expansion reads can be made band by band: a
// band's must leave room in the near cache for the planes that are made of them.
func (c *Chain) CopiesFit(b *plan.Builder, f *Copies) bool {
	_, h, _ := c.Window.window()
	if (h-1)*f.SH-f.Top >= f.h { // the last rows are nothing but padding
		return false
	}
	rows := c.inRows + f.margin()
	return float64(4*f.c*f.planes()*kernel.Pitch(rows*f.pw, 4)) <= chainRoom*float64(b.Cache)
}

// margin is how many rows of the copies an output row reads beyond its own.
func (f *shifts) margin() int { return (f.KH - 1) * f.DH / f.SH }

// chainCopies makes the copies that a band of a chain reads.
type chainCopies struct {
	step         *im2colStep
	pitch        int     // of the planes
	plane, shift []int32 // of each tap
}

// copy makes t copy what its expansion reads, in bands of so many rows.
func (t *chainStep) copy(b *plan.Builder, f *Copies, rows int) {
	t.copies = &chainCopies{step: f.step(b), pitch: kernel.Pitch(rows*f.pw, 4)}
	t.copies.plane, t.copies.shift = f.taps(f.c)
	t.in = -1
}

// copiedRows is the most that a band reads of the copies.
func (c *Chain) copiedRows() int { return c.inRows + c.Copies.margin() }

// planes is how many there are.
func (x *chainCopies) planes() int { return x.step.c * x.step.planes() }

// elements is what the planes of a band take.
func (x *chainCopies) elements() int {
	if x == nil {
		return 0
	}
	return x.planes() * x.pitch
}

// entries is what the tables take: of the planes, of those of one copy, and of the taps.
func (x *chainCopies) entries() int {
	if x == nil {
		return 0
	}
	return x.planes() + x.step.c*len(x.step.residues) + len(x.plane)
}

// bandCopies is the copies of a band as a worker has them.
type bandCopies struct {
	*chainCopies
	all copying
}

// at returns the copies and their taps, in planes from base on, and where these end. table
// has their entries.
func (x *chainCopies) at(table []int32, base int) (c bandCopies, taps []int32, end int) {
	c = bandCopies{chainCopies: x, all: copying{hi: x.step.c, y1: x.step.SH}}
	c.all.planes, end = spread(table[:x.planes()], base, x.pitch)
	table = table[x.planes():]
	n := x.step.c * len(x.step.residues)
	c.all.dst, taps = table[:n], table[n:][:len(x.plane)]
	for i, p := range x.plane {
		taps[i] = c.all.planes[p] + x.shift[i]
	}
	return c, taps, end
}

// soon returns what make will read for a band: of each channel. It is gone when soon is
// called again.
func (x *bandCopies) soon(w *plan.Worker, p *piece) [][]byte {
	t := x.step
	from, to := p.read()
	src, at := w.In, t.given
	if t.src >= 0 {
		src, at = w.Arena, w.Table(t.src)
	}
	if len(at) > len(w.Soon) {
		return nil
	}
	lo := max(0, from*t.SH-t.Top)
	hi := max(lo, min(t.h, (to+t.margin())*t.SH-t.Top))
	for i, plane := range at {
		w.Soon[i] = bytesOf(src[int(plane)+lo*t.w : int(plane)+hi*t.w])
	}
	return w.Soon[:len(at)]
}

// bytesOf is the memory of x.
func bytesOf(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// make makes the copies that a band reads.
func (x *bandCopies) make(w *plan.Worker, p *piece) {
	from, to := p.read()
	x.all.from, x.all.to = from, to+x.step.margin()
	x.step.copy(w, &x.all)
}
