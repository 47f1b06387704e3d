package ycc

import "encoding/binary"

// V interpolates between rows; odd says which half of the sample's
// height this row is.
func V(out, near, far []byte, odd int) {
	bias := int32(1 + odd)
	for i := range out {
		out[i] = uint8((3*int32(near[i]) + int32(far[i]) + bias) >> 2)
	}
}

// H interpolates along a row, out[0] being grid position x.
func H(out, p []byte, x int) {
	last := len(p) - 1
	for i := range out {
		c := x >> 1
		if x&1 == 0 {
			out[i] = uint8((3*int32(p[c]) + int32(p[max(c-1, 0)]) + 1) >> 2)
		} else {
			out[i] = uint8((3*int32(p[c]) + int32(p[min(c+1, last)]) + 2) >> 2)
		}
		x++
	}
}

// HV interpolates along both axes, rounding once.
func HV(out, near, far []byte, x int) {
	last := len(near) - 1
	far = far[:len(near)]
	i := 0
	if x&1 == 1 && len(out) > 0 {
		c := x >> 1
		d := min(c+1, last)
		out[0] = uint8((3*(3*int32(near[c])+int32(far[c])) + 3*int32(near[d]) + int32(far[d]) + 7) >> 4)
		i, x = 1, x+1
	}
	c := x >> 1
	if i >= len(out) {
		return
	}
	if n := eights(out[i:], near, far, c); n > 0 {
		i, c = i+n, c+n/2
	}
	b := max(c-1, 0)
	left := 3*int32(near[b]) + int32(far[b])
	mid := 3*int32(near[c]) + int32(far[c])
	for ; i < len(out); i += 2 {
		d := min(c+1, last)
		right := 3*int32(near[d]) + int32(far[d])
		out[i] = uint8((3*mid + left + 8) >> 4)
		if i+1 < len(out) {
			out[i+1] = uint8((3*mid + right + 7) >> 4)
		}
		left, mid, c = mid, right, c+1
	}
}

// eights is HV for as many whole groups of eight pixels as can be made, four samples
// of each row at a time in the 16-bit lanes of a number. c is the first sample, that
// of the first two pixels. It returns how many pixels it wrote.
func eights(out, near, far []byte, c int) (n int) {
	const ones = 0x0001000100010001
	if c+8 > len(near) || len(out) < 8 {
		return 0
	}
	b := max(c-1, 0)
	left := 3*uint64(near[b]) + uint64(far[b])
	mid := lanes(near[c:], far[c:])
	for len(out)-n >= 8 && c+8 <= len(near) {
		next := lanes(near[c+4:], far[c+4:])
		even := 3*mid + (mid<<16 | left) + 8*ones
		odd := 3*mid + (mid>>16 | next<<48) + 7*ones
		const low = 0x00ff00ff00ff00ff
		binary.LittleEndian.PutUint64(out[n:], even>>4&low|(odd>>4&low)<<8)
		left, mid = mid>>48, next
		c, n = c+4, n+8
	}
	return n
}

// lanes is three times the first four samples of near and once those of far, a lane
// each.
func lanes(near, far []byte) uint64 {
	return 3*spread(binary.LittleEndian.Uint32(near)) + spread(binary.LittleEndian.Uint32(far))
}

// spread moves four bytes into the lanes of a number.
func spread(v uint32) uint64 {
	w := uint64(v)
	w = (w | w<<16) & 0x0000ffff0000ffff
	return (w | w<<8) & 0x00ff00ff00ff00ff
}
