package preprocess

import (
	"sync"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

// colours converts luma and chroma to red, green and blue in 16-bit fixed point: a
// table for each term of
//
//	R = y + v Cr    G = y - u' Cb - v' Cr    B = y + u Cb
type colours struct{ y, crR, crG, cbG, cbB [256]int32 }

// coloursOf returns the tables of a matrix and range; they are made once.
func coloursOf(m Matrix, video bool) *colours {
	i := 2 * int(m)
	if video {
		i++
	}
	return tables[i]()
}

var tables = [...]func() *colours{
	sync.OnceValue(func() *colours { return newColours(0.299, 0.114, false) }),
	sync.OnceValue(func() *colours { return newColours(0.299, 0.114, true) }),
	sync.OnceValue(func() *colours { return newColours(0.2126, 0.0722, false) }),
	sync.OnceValue(func() *colours { return newColours(0.2126, 0.0722, true) }),
}

// newColours derives the tables from what red and blue weigh in luma: kr and kb of
// ITU-R BT.601 and BT.709. Green weighs the rest.
func newColours(kr, kb float64, video bool) *colours {
	c := new(colours)
	black, lumaRange, chromaRange := 0.0, 255.0, 255.0
	if video {
		black, lumaRange, chromaRange = 16, 219, 224
	}
	kg := 1 - kr - kb
	for i := range 256 {
		luma := (float64(i) - black) * 255 / lumaRange
		chroma := (float64(i) - 128) * 255 / chromaRange
		c.y[i] = fixed(luma) + 1<<15 // rounds the sum
		c.crR[i] = fixed(2 * (1 - kr) * chroma)
		c.cbB[i] = fixed(2 * (1 - kb) * chroma)
		c.crG[i] = fixed(-2 * (1 - kr) * kr / kg * chroma)
		c.cbG[i] = fixed(-2 * (1 - kb) * kb / kg * chroma)
	}
	return c
}

// fixed rounds v to 16 bits of fraction.
func fixed(v float64) int32 {
	v *= 1 << 16
	if v < 0 {
		return int32(v - 0.5)
	}
	return int32(v + 0.5)
}

// put writes one pixel: l is its luma's term, r, g and b are those of its chroma.
func put(d []byte, l, r, g, b int32) {
	_ = d[2]
	d[0] = limited[(l+r)>>16&1023]
	d[1] = limited[(l+g)>>16&1023]
	d[2] = limited[(l+b)>>16&1023]
}

// limited is what 8 bits hold of a colour, by its ten lowest bits: the sums lie between
// -300 and 600. A table takes as long for colours beyond 8 bits as for others.
var limited = func() (t [1024]byte) {
	for i := range t {
		t[i] = ycc.Clamp8(int32((i+384)&1023) - 384)
	}
	return t
}()

// halved converts pixels x0 to x1 of a row whose chroma has one sample for two
// pixels. Samples of luma lie ls bytes apart, those of chroma cs.
func (c *colours) halved(dst, luma, cb, cr []byte, ls, cs, x0, x1 int) {
	for x := x0; x < x1; {
		u, v := cb[x/2*cs], cr[x/2*cs]
		r, g, b := c.crR[v], c.crG[v]+c.cbG[u], c.cbB[u]
		put(dst, c.y[luma[x*ls]], r, g, b)
		x, dst = x+1, dst[3:]
		if x&1 == 1 && x < x1 {
			put(dst, c.y[luma[x*ls]], r, g, b)
			x, dst = x+1, dst[3:]
		}
	}
}
