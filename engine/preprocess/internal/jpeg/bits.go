package jpeg

import "encoding/binary"

// bits reads entropy-coded data bit by bit, most significant first. Where the
// data is at an end, at a marker or at the end of the file, it yields zeros.
type bits struct {
	data []byte
	pos  int    // of the next byte that acc does not hold
	acc  uint64 // the next n bits are its highest; those below are zero, or right
	n    int
	pad  int  // how many of the n bits are zeros behind the data's end
	end  bool // the data ended with the file and not with a marker
}

// reset begins anew at byte pos.
func (r *bits) reset(pos int) { r.pos, r.acc, r.n, r.pad, r.end = pos, 0, 0, 0, false }

// eight looks at the next eight bytes; ok is false where one of them is 0xff, or
// there are not so many.
func (r *bits) eight() (v uint64, ok bool) {
	if r.pos+8 > len(r.data) {
		return 0, false
	}
	v = binary.BigEndian.Uint64(r.data[r.pos:])
	// No byte is 0xff where no byte of its complement is 0.
	return v, (^v-0x0101010101010101)&v&0x8080808080808080 == 0
}

// fill makes n at least 48. Where data is at an end, pos stands at a 0xff or at the
// end of the data, and eight says so again.
func (r *bits) fill() {
	if v, ok := r.eight(); ok {
		r.acc |= v >> r.n
		k := (64 - r.n) >> 3
		r.pos += k
		r.n += 8 * k
		return
	}
	r.fillSlow()
}

// fillSlow takes bytes one at a time: 0xff 0x00 is the byte 0xff, 0xff and
// anything else is a marker, which stays unread.
func (r *bits) fillSlow() {
	// Bits below the n highest may be ahead of time; here they must be zero.
	r.acc &= ^(^uint64(0) >> r.n)
	for r.n <= 56 {
		var c byte
		if r.pad == 0 && r.pos < len(r.data) {
			c = r.data[r.pos]
			if c != 0xff {
				r.pos++
			} else if r.pos+1 < len(r.data) && r.data[r.pos+1] == 0 {
				r.pos += 2
			} else {
				r.end = r.pos+1 >= len(r.data)
				c, r.pad = 0, 8
				r.n += 8
				continue
			}
			r.acc |= uint64(c) << (56 - r.n)
			r.n += 8
			continue
		}
		if r.pad == 0 {
			r.end = true
		}
		r.pad += 8
		r.n += 8
	}
}

// exhausted reports whether bits were taken that the data does not have.
func (r *bits) exhausted() bool { return r.n < r.pad }

// bit takes one bit.
func (r *bits) bit() uint32 {
	if r.n < 1 {
		r.fill()
	}
	v := r.acc >> 63
	r.acc <<= 1
	r.n--
	return uint32(v)
}

// take takes k bits, 0 to 16.
func (r *bits) take(k int) int32 {
	if r.n < k {
		r.fill()
	}
	v := r.acc >> 1 >> (63 - k)
	r.acc <<= k
	r.n -= k
	return int32(v)
}

// extend turns k bits into the signed number they stand for (T.81, F.2.2.1).
func extend(v int32, k int) int32 {
	if k > 0 && v < 1<<(k-1) {
		v += -1<<k + 1
	}
	return v
}
