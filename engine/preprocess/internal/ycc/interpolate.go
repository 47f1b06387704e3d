package ycc

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
