package kernel

// What windows the sets have units of their own for, on every architecture.

// maxRows keeps one strip of a plane, which no driver splits, a short call.
const maxRows = 1 << 14

// centred tells whether a k x k window has the pad k/2 and the output that
// goes with it, and k and stride are ones that the SIMD sets have.
func centred(k, stride, top, left, h, w, oh, ow int) bool {
	return (k == 3 || k == 5) && (stride == 1 || stride == 2) && filled(k, stride, top, left, h, w, oh, ow) &&
		(k < 5 || stride < 2 || w >= 2) // or the last row's reads pass the slack
}

// filled tells whether a k x k window has the pad k/2 and the output that goes with it.
func filled(k, stride, top, left, h, w, oh, ow int) bool {
	return top == k/2 && left == k/2 && oh == (h-1)/stride+1 && ow == (w-1)/stride+1 && h <= maxRows
}

// centred is the same of a pooling.
func (p *Pool) centred() bool {
	return p.KH == p.KW && p.SH == p.SW && centred(p.KH, p.SH, p.PadTop, p.PadLeft, p.H, p.W, p.OH, p.OW)
}

// pairs tells whether p is 2x2, stride 2, no pad.
func (p *Pool) pairs() bool {
	return p.KH == 2 && p.KW == 2 && p.SH == 2 && p.SW == 2 && p.PadTop == 0 && p.PadLeft == 0 &&
		p.OH == p.H/2 && p.OW == p.W/2 && p.H <= maxRows
}
