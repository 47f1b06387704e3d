//go:build (amd64 || arm64) && !purego

package kernel

// octet says where 8 neighbouring outputs of a pixel come from: up to 4
// windows of 8 channels, or, with no windows, 8 single ones.
type octet struct {
	at, windows int
	starts      [mostWindows]int32
	lanes       [mostWindows][8]int32 // in a window, times laneStep, plus laneFirst; or -1; or from anywhere
}

// plan finds the fewest windows, from left to right. A window never begins so
// late that it would leave the pixel.
func (o *octet) plan(from []int32, channels int) {
	var sorted [8]int32
	for i, c := range from[:8] {
		j := i
		for ; j > 0 && sorted[j-1] > c; j-- {
			sorted[j] = sorted[j-1]
		}
		sorted[j] = c
	}
	o.windows = 0
	for end, i := int32(0), 0; i < 8; i++ {
		if c := sorted[i]; c >= end {
			if o.windows == len(o.starts) { // too far apart
				o.windows = 0
				copy(o.lanes[0][:], from)
				return
			}
			c = min(c, int32(channels-8))
			o.starts[o.windows] = c
			o.windows++
			end = c + 8
		}
	}
	for i, c := range from[:8] {
		for w, start := range o.starts[:o.windows] {
			o.lanes[w][i] = -1
			if c < start+8 {
				o.lanes[w][i] = (c-start)*laneStep + laneFirst
				for w++; w < o.windows; w++ {
					o.lanes[w][i] = -1
				}
				break
			}
		}
	}
}

// pixelBlock is how many floats are permuted, 8 channels of each pixel after
// another, before the next pixels: source and destination stay in L1.
const pixelBlock = 3 << 10

func simdPixels(x *Pixels) {
	if x.C < 8 {
		simdSmallPixels(x)
		return
	}
	var octets [32]octet
	for c0 := 0; c0 < x.C; c0 += 8 * len(octets) {
		n := 0
		for ; n < len(octets) && c0+8*n < x.C; n++ {
			at := min(c0+8*n, x.C-8) // the last may overlap
			octets[n].at = at
			octets[n].plan(x.Perm[at:at+8], x.C)
		}
		block := max(16, pixelBlock/x.C)
		for p := 0; p < x.N; p += block {
			src, dst := x.Src[p*x.C:], x.Dst[p*x.C:]
			for i := range octets[:n] {
				octets[i].run(&dst[octets[i].at], &src[0], min(block, x.N-p), 4*x.C)
			}
		}
	}
}

// simdSmallPixels takes several pixels of fewer than 8 channels as one.
func simdSmallPixels(x *Pixels) {
	many := (8 + x.C - 1) / x.C
	var perm [16]int32
	for i := range many * x.C {
		perm[i] = x.Perm[i%x.C] + int32(i/x.C*x.C)
	}
	wide := Pixels{Src: x.Src, Dst: x.Dst, Perm: perm[:many*x.C], C: many * x.C, N: x.N / many}
	if wide.N > 0 {
		simdPixels(&wide)
	}
	done := wide.N * wide.C
	refPixels(&Pixels{Src: x.Src[done:], Dst: x.Dst[done:], Perm: x.Perm, C: x.C, N: x.N % many})
}
