// Package ycc is the arithmetic of luma and chroma: how JFIF pictures become red,
// green and blue, and how chroma of half the resolution is interpolated. Both have
// the bits of libjpeg.
package ycc

// JFIF's conversion in the 16-bit fixed point that libjpeg uses:
// R = Y + 1.402 (Cr-128), G = Y - 0.344136 (Cb-128) - 0.714136 (Cr-128), B = Y + 1.772 (Cb-128).
var crR, cbB, crG, cbG [256]int32

func init() {
	const half = 1 << 15
	for i := range int32(256) {
		x := i - 128
		crR[i] = (91881*x + half) >> 16
		cbB[i] = (116130*x + half) >> 16
		crG[i] = -46802 * x
		cbG[i] = -22554*x + half
	}
}

// Clamp8 limits v to 0..255.
func Clamp8(v int32) uint8 {
	if uint32(v) > 255 {
		// All ones for a negative v, so 0; all zeros for a large one, so 255.
		return ^uint8(v >> 31)
	}
	return uint8(v)
}

// RGB converts one pixel.
func RGB(y, cb, cr uint8) (r, g, b uint8) {
	l := int32(y)
	return Clamp8(l + crR[cr]), Clamp8(l + (cbG[cb]+crG[cr])>>16), Clamp8(l + cbB[cb])
}

// Row converts a row of pixels to dst, 3 bytes each, red first. luma, cb and cr
// have as many values as the row has pixels.
func Row(dst, luma, cb, cr []byte) {
	cb, cr, dst = cb[:len(luma)], cr[:len(luma)], dst[:3*len(luma)]
	for i, y := range luma {
		u, v, l := cb[i], cr[i], int32(y)
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0] = Clamp8(l + crR[v])
		d[1] = Clamp8(l + (cbG[u]+crG[v])>>16)
		d[2] = Clamp8(l + cbB[u])
	}
}
