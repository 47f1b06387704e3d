//go:build (amd64 || arm64) && !purego

package kernel

import "math"

// walk is how the windowed units of a set go over a plane: in strips of as many
// output columns as order has, from the top row down. Strip s begins at column
// [walk.at]; the last one overlaps its neighbour rather than leave the plane.
type walk struct {
	// order is the order that separating even from odd columns leaves the outputs
	// of a strip in.
	order []int
	// leftward: of 3x3 windows with stride 2, strips go from right to left, and the
	// first column of each but the leftmost one is its neighbour's.
	leftward bool
}

// strips is the number of strips that cover ow columns.
func (w *walk) strips(ow int) int { return (ow + len(w.order) - 1) / len(w.order) }

// at is the first column of strip s.
func (w *walk) at(s, ow int) int { return max(0, min(len(w.order)*s, ow-len(w.order))) }

// leftStrips and leftAt are strips and at where strips go leftward.
func (w *walk) leftStrips(ow int) int {
	step := len(w.order) - 1
	return 1 + (max(0, ow-len(w.order))+step-1)/step
}

func (w *walk) leftAt(s, ow int) int {
	return max(0, ow-len(w.order)-(len(w.order)-1)*s)
}

// depthwiseMasks is [Set.DepthwiseMasks] for units of this walk.
func (w *walk) depthwiseMasks(d *Depthwise) []float32 {
	switch {
	case d.KH != d.KW || !centred(d.KH, d.Stride, d.PadTop, d.PadLeft, d.H, d.Wid, d.OH, d.OW):
		return nil
	case w.leftward && d.KH == 3 && d.Stride == 2:
		return w.rightMasks(d.Wid, d.OW)
	}
	return w.edgeMasks(d.KH, d.Stride, d.Wid, d.OW)
}

// poolMasks is [Set.PoolMasks] for units of this walk. Where strips go leftward,
// the masks of the mean come first, then those of the maximum.
func (w *walk) poolMasks(p *Pool) []float32 {
	switch {
	case p.KH != p.KW || p.SH != p.SW:
	case centred(p.KH, p.SH, p.PadTop, p.PadLeft, p.H, p.W, p.OH, p.OW):
		edges := w.edgeMasks(p.KH, p.SH, p.W, p.OW)
		if w.leftward && p.KH == 3 && p.SH == 2 {
			return append(w.rightMasks(p.W, p.OW), edges...)
		}
		return edges
	case pairs(p):
		return []float32{} // a unit without edges
	}
	return nil
}

// maxRows keeps one strip of a plane, which no driver splits, a short call.
const maxRows = 1 << 14

// centred tells whether a k x k window has the pad k/2 and the output that
// goes with it, and k and stride are ones that the SIMD sets have.
func centred(k, stride, top, left, h, w, oh, ow int) bool {
	return (k == 3 || k == 5) && (stride == 1 || stride == 2) && top == k/2 && left == k/2 &&
		oh == (h-1)/stride+1 && ow == (w-1)/stride+1 && h <= maxRows &&
		(k < 5 || stride < 2 || w >= 2) // or the last row's reads pass the slack
}

// pairs tells whether p is 2x2, stride 2, no pad.
func pairs(p *Pool) bool {
	return p.KH == 2 && p.KW == 2 && p.SH == 2 && p.SW == 2 && p.PadTop == 0 && p.PadLeft == 0 &&
		p.OH == p.H/2 && p.OW == p.W/2 && p.H <= maxRows
}

// edgeMasks has, for every strip and every tap column but the middle one, a lane
// for each output column: all bits set if that column's pixel is inside the plane.
func (w *walk) edgeMasks(k, stride, wid, ow int) []float32 {
	m := make([]float32, 0, w.strips(ow)*(k-1)*len(w.order))
	for s := range w.strips(ow) {
		for dx := -(k / 2); dx <= k/2; dx++ {
			if dx == 0 {
				continue
			}
			for lane := range w.order {
				if stride == 2 {
					lane = w.order[lane]
				}
				m = append(m, keep((w.at(s, ow)+lane)*stride+dx, wid))
			}
		}
	}
	return m
}

// rightMasks is for 3x3, stride 2, where strips go leftward: for every strip the
// lanes of the right tap column alone.
func (w *walk) rightMasks(wid, ow int) []float32 {
	m := make([]float32, 0, w.leftStrips(ow)*len(w.order))
	for s := range w.leftStrips(ow) {
		for _, x := range w.order {
			m = append(m, keep(2*(w.leftAt(s, ow)+x)+1, wid))
		}
	}
	return m
}

// keep is a lane with all bits set if column x is inside a row of w, else 0.
func keep(x, w int) float32 {
	if x < 0 || x >= w {
		return 0
	}
	return math.Float32frombits(0xffffffff)
}
