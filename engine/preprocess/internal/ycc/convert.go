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
		v := uint64(y)*allThree + ofCb[cb[i]] + ofCr[cr[i]]
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0] = limited[v&1023]
		d[1] = limited[v>>40&1023]
		d[2] = limited[v>>12&1023]
	}
}

// Row adds up the three colours in one number, each moved up by 256 so that none is
// negative: red from bit 0 on, blue from bit 12 on, and green, which keeps 16 bits
// of fraction, from bit 24 on.
const allThree = 1 | 1<<12 | 1<<40

var (
	ofCb, ofCr [256]uint64
	limited    [1024]byte // what 8 bits hold of a colour, by colour + 256
)

func init() {
	for i := range 256 {
		ofCr[i] = uint64(crR[i]+256) + uint64(int64(crG[i])+256<<16)<<24
		ofCb[i] = uint64(cbB[i]+256)<<12 + uint64(int64(cbG[i]))<<24
	}
	for i := range limited {
		limited[i] = Clamp8(int32(i) - 256)
	}
}
