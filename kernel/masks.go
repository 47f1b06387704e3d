package kernel

import "math"

// DepthwiseMasks returns the edge masks with which this set's units compute a
// depthwise convolution of that shape, or nil where the set has no unit for it:
// see [Depthwise]. It reads sizes alone, not planes or weights. Any number of
// calls may share the masks.
func (s *Set) DepthwiseMasks(d *Depthwise) []float32 {
	if d.KH != d.KW || !centred(d.KH, d.Stride, d.PadTop, d.PadLeft, d.H, d.Wid, d.OH, d.OW) {
		return nil
	}
	if leftward && d.KH == 3 && d.Stride == 2 {
		return rightMasks(d.Wid, d.OW)
	}
	return edgeMasks(d.KH, d.Stride, d.Wid, d.OW)
}

// PoolMasks is [Set.DepthwiseMasks] for a [Pool].
func (s *Set) PoolMasks(p *Pool) []float32 {
	switch {
	case p.KH != p.KW || p.SH != p.SW:
	case centred(p.KH, p.SH, p.PadTop, p.PadLeft, p.H, p.W, p.OH, p.OW):
		if leftward && p.KH == 3 && p.SH == 2 { // those of the mean, then those of the maximum
			return append(rightMasks(p.W, p.OW), edgeMasks(3, 2, p.W, p.OW)...)
		}
		return edgeMasks(p.KH, p.SH, p.W, p.OW)
	case pairs(p):
		return []float32{} // a fast path without edges
	}
	return nil
}

// maxRows keeps one column of a plane, which no kernel splits, a short call.
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

// strips is the number of strips of 8 columns that cover ow. Strip s begins at
// column [stripAt](s, ow).
func strips(ow int) int { return (ow + 7) / 8 }

func stripAt(s, ow int) int { return max(0, min(8*s, ow-8)) }

// leftStrips is the number of strips that cover ow where they go left by 7,
// the first column of each but the last being its neighbour's. Strip s begins
// at column [leftStripAt](s, ow).
func leftStrips(ow int) int { return 1 + (max(0, ow-8)+6)/7 }

func leftStripAt(s, ow int) int { return max(0, ow-8-7*s) }

// keep sets all bits of a lane if x is inside a row of w.
func keep(x, w int) float32 {
	if x < 0 || x >= w {
		return 0
	}
	return math.Float32frombits(0xffffffff)
}

// rightMasks is for 3x3, stride 2: for every strip to the left, the lanes whose
// right column is inside the plane.
func rightMasks(w, ow int) []float32 {
	m := make([]float32, 0, leftStrips(ow)*8)
	for s := range leftStrips(ow) {
		for _, x := range lanes {
			m = append(m, keep(2*(leftStripAt(s, ow)+x)+1, w))
		}
	}
	return m
}

// edgeMasks has, for every strip and every tap column but the middle one, all
// bits set in the lanes whose column is inside the plane.
func edgeMasks(k, stride, w, ow int) []float32 {
	m := make([]float32, 0, strips(ow)*(k-1)*8)
	for s := range strips(ow) {
		for dx := -(k / 2); dx <= k/2; dx++ {
			if dx == 0 {
				continue
			}
			for lane := range 8 {
				if stride == 2 {
					lane = lanes[lane]
				}
				m = append(m, keep((stripAt(s, ow)+lane)*stride+dx, w))
			}
		}
	}
	return m
}
