package jpeg

// Inverse DCTs that give 4 x 4 or 2 x 2 samples from a block of 8 x 8
// coefficients: the picture at half or a quarter of its size. Each sample is, but
// for rounding, the mean of the ones that it stands for as far as the coefficients
// of low frequency make it out; rounding and constants are those of libjpeg.

const (
	fix0211164243 = 1730
	fix0509795579 = 4176
	fix0601344887 = 4926
	fix0720959822 = 5906
	fix0850430095 = 6967
	fix1061594337 = 8697
	fix1272758580 = 10426
	fix1451774981 = 11893
	fix2172734803 = 17799
	fix3624509785 = 29692
)

func inverse4(dst []byte, stride int, b *[64]int32) {
	var ws [4 * 8]int32 // 4 rows of 8; column 4 is not used
	for i := range 8 {
		if i == 4 {
			continue
		}
		const shift = fixBits - passBits + 1
		a, c, d, e := four(b[i], b[8+i], b[16+i], b[24+i], b[40+i], b[48+i], b[56+i], 1<<(shift-1))
		ws[i], ws[8+i], ws[16+i], ws[24+i] = a>>shift, c>>shift, d>>shift, e>>shift
	}
	for y := range 4 {
		w := (*[8]int32)(ws[8*y:])
		const shift = fixBits + passBits + 4
		a, c, d, e := four(w[0], w[1], w[2], w[3], w[5], w[6], w[7], 1<<(shift-1))
		p := (*[4]byte)(dst[y*stride:])
		p[0], p[1], p[2], p[3] = sample(a, shift), sample(c, shift), sample(d, shift), sample(e, shift)
	}
}

// four transforms a column or row, whose coefficient 4 does not matter.
func four(c0, c1, c2, c3, c5, c6, c7, half int32) (a, b, c, d int32) {
	even := c2*fix1847759065 - c6*fix0765366865
	first := c0<<(fixBits+1) + half
	low, high := first+even, first-even
	inner := c5*fix1451774981 - c7*fix0211164243 - c3*fix2172734803 + c1*fix1061594337
	outer := c3*fix0899976223 - c7*fix0509795579 - c5*fix0601344887 + c1*fix2562915447
	return low + outer, high + inner, high - inner, low - outer
}

func inverse2(dst []byte, stride int, b *[64]int32) {
	var ws [2 * 8]int32
	for _, i := range [5]int{0, 1, 3, 5, 7} {
		const shift = fixBits - passBits + 2
		a, c := two(b[i], b[8+i], b[24+i], b[40+i], b[56+i], 1<<(shift-1))
		ws[i], ws[8+i] = a>>shift, c>>shift
	}
	for y := range 2 {
		w := (*[8]int32)(ws[8*y:])
		const shift = fixBits + passBits + 5
		a, c := two(w[0], w[1], w[3], w[5], w[7], 1<<(shift-1))
		dst[y*stride], dst[y*stride+1] = sample(a, shift), sample(c, shift)
	}
}

// two transforms a column or row, of which the odd coefficients matter, and the first.
func two(c0, c1, c3, c5, c7, half int32) (a, b int32) {
	first := c0<<(fixBits+2) + half
	odd := c5*fix0850430095 - c7*fix0720959822 - c3*fix1272758580 + c1*fix3624509785
	return first + odd, first - odd
}
