//go:build (amd64 || arm64) && !purego

package kernel

import "math"

// walk is how the windowed units of a set go over a plane: in strips of as many
// output columns as order has, from the top row down. A strip that would leave the
// plane overlaps its neighbour instead.
type walk struct {
	// order is the order that separating even from odd columns leaves the outputs
	// of a strip in.
	order []int
	// leftward: of 3x3 windows with stride 2, strips go from right to left, and the
	// first column of each but the leftmost one is its neighbour's.
	leftward bool
	// half is the order of a strip of half as many columns. The last strip is one where
	// no more columns are left. A unit then takes a place for a strip that may lie
	// outside the plane, and its masks are words of bits. nil: there are no such strips.
	half []int
	// seven: there is a unit for 7x7 windows.
	seven bool
}

// strips is the number of strips that cover ow columns.
func (w *walk) strips(ow int) int { return (ow + len(w.order) - 1) / len(w.order) }

// at is where a unit is told that strip s begins.
func (w *walk) at(s, ow int) int {
	if at := len(w.order) * s; w.half != nil {
		return at
	}
	first, _ := w.strip(s, ow)
	return first
}

// strip is the first column of strip s, and the order of its columns.
func (w *walk) strip(s, ow int) (first int, order []int) {
	at, order := len(w.order)*s, w.order
	if w.half != nil && ow-at <= len(w.half) {
		order = w.half
	}
	return max(0, min(at, ow-len(order))), order
}

// leftStrips, leftAt and leftStrip are strips, at and strip where strips go leftward.
func (w *walk) leftStrips(ow int) int {
	step := len(w.order) - 1
	return 1 + (max(0, ow-len(w.order))+step-1)/step
}

func (w *walk) leftAt(s, ow int) int {
	if at := ow - len(w.order) - (len(w.order)-1)*s; w.half != nil {
		return at
	}
	first, _ := w.leftStrip(s, ow)
	return first
}

func (w *walk) leftStrip(s, ow int) (first int, order []int) {
	at, order := ow-len(w.order)-(len(w.order)-1)*s, w.order
	if w.half != nil && at+len(w.order) <= len(w.half) {
		return 0, w.half
	}
	return max(0, at), order
}

// maskLen is how many elements an edge mask of a strip has.
func (w *walk) maskLen() int {
	if w.half != nil {
		return 1
	}
	return len(w.order)
}

// depthwiseMasks is [Set.DepthwiseMasks] for units of this walk: edge masks, or where
// the taps are.
func (w *walk) depthwiseMasks(d *Depthwise) []float32 {
	switch {
	case w.seven && d.centred7():
		return w.edgeMasks(d.KW, d.SW, d.Wid, d.OW)
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
	m := make([]float32, 0, w.strips(ow)*(k-1)*w.maskLen())
	for s := range w.strips(ow) {
		first, order := w.strip(s, ow)
		for dx := -(k / 2); dx <= k/2; dx++ {
			if dx == 0 {
				continue
			}
			m = w.mask(m, len(order), func(lane int) bool {
				if stride == 2 {
					lane = order[lane]
				}
				x := (first+lane)*stride + dx
				return x >= 0 && x < wid
			})
		}
	}
	return m
}

// rightMasks is for 3x3, stride 2, where strips go leftward: for every strip the
// lanes of the right tap column alone.
func (w *walk) rightMasks(wid, ow int) []float32 {
	m := make([]float32, 0, w.leftStrips(ow)*w.maskLen())
	for s := range w.leftStrips(ow) {
		first, order := w.leftStrip(s, ow)
		m = w.mask(m, len(order), func(lane int) bool { return 2*(first+order[lane])+1 < wid })
	}
	return m
}

// mask appends a mask of so many lanes to m: a vector with all bits set in the lanes that
// are kept, or a word with a bit for each.
func (w *walk) mask(m []float32, lanes int, keep func(lane int) bool) []float32 {
	word := uint32(0)
	for lane := range lanes {
		all := uint32(0)
		if keep(lane) {
			all, word = math.MaxUint32, word|1<<lane
		}
		if w.half == nil {
			m = append(m, math.Float32frombits(all))
		}
	}
	if w.half != nil {
		m = append(m, math.Float32frombits(word))
	}
	return m
}
