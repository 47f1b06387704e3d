package jpeg

// The inverse DCT of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with 11
// multiplications a row, in fixed point: columns first, keeping two more bits,
// then rows. It has the rounding of libjpeg's accurate integer method, and so its
// bits.

// inverse transforms a block to size x size samples, and leaves the block changed.
// nonzero has a bit for each place that holds a coefficient other than DC.
func inverse(dst []byte, stride, size int, b *[64]int32, nonzero uint64) {
	switch size {
	case 8:
		columns := nonzero | nonzero>>32
		columns |= columns >> 16
		columns = (columns | columns>>8) & 0xff
		if nonzero < 1<<32 {
			highColumns(b, columns)
		} else {
			allColumns(b, columns)
		}
		if columns < 16 {
			leftRows(dst, stride, b)
		} else {
			allRows(dst, stride, b)
		}
	case 4:
		inverse4(dst, stride, b)
	case 2:
		inverse2(dst, stride, b)
	default:
		dst[0] = sample(b[0]+4, 3)
	}
}

const (
	columnShift = fixBits - passBits
	columnHalf  = 1 << (columnShift - 1)
	rowShift    = fixBits + passBits + 3
	rowHalf     = 1 << (rowShift - 1)
)

// spread fills a column whose only coefficient is its first.
func spread(b *[64]int32, i int) {
	v := b[i&7] << passBits
	for k := i & 7; k < 64; k += 8 {
		b[k] = v
	}
}

// allColumns transforms the columns of a block in place.
func allColumns(b *[64]int32, columns uint64) {
	for i := range 8 {
		if columns>>i&1 == 0 {
			if b[i] != 0 {
				spread(b, i)
			}
			continue
		}
		c := (*[57]int32)(b[i:])
		z := (c[16] + c[48]) * fix0541196100
		t2, t3 := z-c[48]*fix1847759065, z+c[16]*fix0765366865
		t0, t1 := (c[0]+c[32])<<fixBits+columnHalf, (c[0]-c[32])<<fixBits+columnHalf
		e0, e1, e2, e3 := t0+t3, t1+t2, t1-t2, t0-t3

		z1, z2, z3, z4 := c[56]+c[8], c[40]+c[24], c[56]+c[24], c[40]+c[8]
		z5 := (z3 + z4) * fix1175875602
		z1, z2 = z1*-fix0899976223, z2*-fix2562915447
		z3, z4 = z5-z3*fix1961570560, z5-z4*fix0390180644
		o3 := c[56]*fix0298631336 + z1 + z3
		o2 := c[40]*fix2053119869 + z2 + z4
		o1 := c[24]*fix3072711026 + z2 + z3
		o0 := c[8]*fix1501321110 + z1 + z4

		c[0], c[56] = (e0+o0)>>columnShift, (e0-o0)>>columnShift
		c[8], c[48] = (e1+o1)>>columnShift, (e1-o1)>>columnShift
		c[16], c[40] = (e2+o2)>>columnShift, (e2-o2)>>columnShift
		c[24], c[32] = (e3+o3)>>columnShift, (e3-o3)>>columnShift
	}
}

// highColumns is allColumns for a block whose lower four rows are zero.
func highColumns(b *[64]int32, columns uint64) {
	for i := range 8 {
		if columns>>i&1 == 0 {
			if b[i] != 0 {
				spread(b, i)
			}
			continue
		}
		c := (*[57]int32)(b[i:])
		t2, t3 := c[16]*fix0541196100, c[16]*(fix0541196100+fix0765366865)
		t0 := c[0]<<fixBits + columnHalf
		e0, e1, e2, e3 := t0+t3, t0+t2, t0-t2, t0-t3

		z5 := (c[24] + c[8]) * fix1175875602
		z1, z2 := c[8]*-fix0899976223, c[24]*-fix2562915447
		z3, z4 := z5-c[24]*fix1961570560, z5-c[8]*fix0390180644
		o3, o2 := z1+z3, z2+z4
		o1 := c[24]*fix3072711026 + z2 + z3
		o0 := c[8]*fix1501321110 + z1 + z4

		c[0], c[56] = (e0+o0)>>columnShift, (e0-o0)>>columnShift
		c[8], c[48] = (e1+o1)>>columnShift, (e1-o1)>>columnShift
		c[16], c[40] = (e2+o2)>>columnShift, (e2-o2)>>columnShift
		c[24], c[32] = (e3+o3)>>columnShift, (e3-o3)>>columnShift
	}
}

// allRows transforms the rows of a block and writes samples.
func allRows(dst []byte, stride int, b *[64]int32) {
	for y := range 8 {
		c := (*[8]int32)(b[8*y:])
		z := (c[2] + c[6]) * fix0541196100
		t2, t3 := z-c[6]*fix1847759065, z+c[2]*fix0765366865
		t0, t1 := (c[0]+c[4])<<fixBits+rowHalf, (c[0]-c[4])<<fixBits+rowHalf
		e0, e1, e2, e3 := t0+t3, t1+t2, t1-t2, t0-t3

		z1, z2, z3, z4 := c[7]+c[1], c[5]+c[3], c[7]+c[3], c[5]+c[1]
		z5 := (z3 + z4) * fix1175875602
		z1, z2 = z1*-fix0899976223, z2*-fix2562915447
		z3, z4 = z5-z3*fix1961570560, z5-z4*fix0390180644
		o3 := c[7]*fix0298631336 + z1 + z3
		o2 := c[5]*fix2053119869 + z2 + z4
		o1 := c[3]*fix3072711026 + z2 + z3
		o0 := c[1]*fix1501321110 + z1 + z4

		d := (*[8]byte)(dst[y*stride:])
		d[0], d[7] = sample(e0+o0, rowShift), sample(e0-o0, rowShift)
		d[1], d[6] = sample(e1+o1, rowShift), sample(e1-o1, rowShift)
		d[2], d[5] = sample(e2+o2, rowShift), sample(e2-o2, rowShift)
		d[3], d[4] = sample(e3+o3, rowShift), sample(e3-o3, rowShift)
	}
}

// leftRows is allRows for a block whose right four columns are zero.
func leftRows(dst []byte, stride int, b *[64]int32) {
	for y := range 8 {
		c := (*[4]int32)(b[8*y:])
		t2, t3 := c[2]*fix0541196100, c[2]*(fix0541196100+fix0765366865)
		t0 := c[0]<<fixBits + rowHalf
		e0, e1, e2, e3 := t0+t3, t0+t2, t0-t2, t0-t3

		z5 := (c[3] + c[1]) * fix1175875602
		z1, z2 := c[1]*-fix0899976223, c[3]*-fix2562915447
		z3, z4 := z5-c[3]*fix1961570560, z5-c[1]*fix0390180644
		o3, o2 := z1+z3, z2+z4
		o1 := c[3]*fix3072711026 + z2 + z3
		o0 := c[1]*fix1501321110 + z1 + z4

		d := (*[8]byte)(dst[y*stride:])
		d[0], d[7] = sample(e0+o0, rowShift), sample(e0-o0, rowShift)
		d[1], d[6] = sample(e1+o1, rowShift), sample(e1-o1, rowShift)
		d[2], d[5] = sample(e2+o2, rowShift), sample(e2-o2, rowShift)
		d[3], d[4] = sample(e3+o3, rowShift), sample(e3-o3, rowShift)
	}
}
