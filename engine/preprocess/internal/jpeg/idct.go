package jpeg

// The inverse DCT of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with 11
// multiplications a row, in fixed point: columns first, keeping two more bits,
// then rows. It has the rounding of libjpeg's accurate integer method, and so its
// bits.

const (
	fixBits  = 13 // of the constants
	passBits = 2  // that the columns keep

	fix0298631336 = 2446
	fix0390180644 = 3196
	fix0541196100 = 4433
	fix0765366865 = 6270
	fix0899976223 = 7373
	fix1175875602 = 9633
	fix1501321110 = 12299
	fix1847759065 = 15137
	fix1961570560 = 16069
	fix2053119869 = 16819
	fix2562915447 = 20995
	fix3072711026 = 25172
)

// inverse transforms a block to size x size samples. columns has a bit for each
// column that holds a coefficient other than DC.
func inverse(dst []byte, stride, size int, b *[64]int32, columns uint32) {
	switch size {
	case 8:
		inverse8(dst, stride, b, columns)
	case 4:
		inverse4(dst, stride, b)
	case 2:
		inverse2(dst, stride, b)
	default:
		dst[0] = sample(b[0]+4, 3)
	}
}

// flat writes a block whose only coefficient is DC.
func flat(dst []byte, stride, size int, dc int32) {
	v := sample(dc+4, 3)
	for y := range size {
		row := dst[y*stride:][:size]
		for x := range row {
			row[x] = v
		}
	}
}

// sample shifts v down, moves 0 to 128 and limits the result to 8 bits.
func sample(v int32, shift uint) uint8 {
	v = v>>shift + 128
	if uint32(v) > 255 {
		return ^uint8(v >> 31)
	}
	return uint8(v)
}

func inverse8(dst []byte, stride int, b *[64]int32, columns uint32) {
	var ws [64]int32
	for i := range 8 {
		if columns>>i&1 == 0 {
			if b[i] != 0 {
				v := b[i] << passBits
				ws[i], ws[i+8], ws[i+16], ws[i+24], ws[i+32], ws[i+40], ws[i+48], ws[i+56] = v, v, v, v, v, v, v, v
			}
			continue
		}
		e0, e1, e2, e3 := even(b[i], b[16+i], b[32+i], b[48+i], 1<<(fixBits-passBits-1))
		o0, o1, o2, o3 := odd(b[8+i], b[24+i], b[40+i], b[56+i])
		const shift = fixBits - passBits
		ws[i], ws[56+i] = (e0+o0)>>shift, (e0-o0)>>shift
		ws[8+i], ws[48+i] = (e1+o1)>>shift, (e1-o1)>>shift
		ws[16+i], ws[40+i] = (e2+o2)>>shift, (e2-o2)>>shift
		ws[24+i], ws[32+i] = (e3+o3)>>shift, (e3-o3)>>shift
	}
	for y := range 8 {
		w := (*[8]int32)(ws[8*y:])
		e0, e1, e2, e3 := even(w[0], w[2], w[4], w[6], 1<<(fixBits+passBits+2))
		o0, o1, o2, o3 := odd(w[1], w[3], w[5], w[7])
		const shift = fixBits + passBits + 3
		d := (*[8]byte)(dst[y*stride:])
		d[0], d[7] = sample(e0+o0, shift), sample(e0-o0, shift)
		d[1], d[6] = sample(e1+o1, shift), sample(e1-o1, shift)
		d[2], d[5] = sample(e2+o2, shift), sample(e2-o2, shift)
		d[3], d[4] = sample(e3+o3, shift), sample(e3-o3, shift)
	}
}

// even is the part of the transform that takes coefficients 0, 2, 4 and 6.
func even(c0, c2, c4, c6, half int32) (e0, e1, e2, e3 int32) {
	z := (c2 + c6) * fix0541196100
	t2 := z - c6*fix1847759065
	t3 := z + c2*fix0765366865
	t0 := (c0+c4)<<fixBits + half
	t1 := (c0-c4)<<fixBits + half
	return t0 + t3, t1 + t2, t1 - t2, t0 - t3
}

// odd is the part that takes coefficients 1, 3, 5 and 7.
func odd(c1, c3, c5, c7 int32) (o0, o1, o2, o3 int32) {
	z1, z2, z3, z4 := c7+c1, c5+c3, c7+c3, c5+c1
	z5 := (z3 + z4) * fix1175875602
	z1 *= -fix0899976223
	z2 *= -fix2562915447
	z3 = z5 - z3*fix1961570560
	z4 = z5 - z4*fix0390180644
	o3 = c7*fix0298631336 + z1 + z3
	o2 = c5*fix2053119869 + z2 + z4
	o1 = c3*fix3072711026 + z2 + z3
	o0 = c1*fix1501321110 + z1 + z4
	return o0, o1, o2, o3
}
