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

// depthwiseMasks is [Set.DepthwiseMasks] for units of this walk: edge masks, or where
// the taps are.
func (w *walk) depthwiseMasks(d *Depthwise) []float32 {
	switch {
	case !d.centred() && d.gridded():
		return d.offsets()
	case !d.centred():
		return nil
	case w.leftward && d.KH == 3 && d.SH == 2:
		return w.rightMasks(d.Wid, d.OW)
	}
	return w.edgeMasks(d.KH, d.SH, d.Wid, d.OW)
}

// poolMasks is [Set.PoolMasks] for units of this walk: edge masks, and then what a
// mean multiplies by. Where strips go leftward, the masks of the mean come first, then
// those of the maximum.
func (w *walk) poolMasks(p *Pool) (masks []float32) {
	if p.centred() {
		if w.leftward && p.KH == 3 && p.SH == 2 {
			masks = w.rightMasks(p.W, p.OW)
		}
		masks = append(masks, w.edgeMasks(p.KH, p.SH, p.W, p.OW)...)
	}
	return append(masks, p.scaleTable()...)
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
