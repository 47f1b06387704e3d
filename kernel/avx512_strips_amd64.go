//go:build !purego

package kernel

// strip512 is a strip of pixels that a unit of avx512's GEMM computes: which unit, by
// the pixels of its vectors, and whether it leaves the last ones out.
type strip512 uint8

const (
	whole48 strip512 = iota
	whole32
	whole16
	tail16 // 16 or fewer
	tail8
	tail4 // vectors of output channels, as those that follow
	tail1
)

// columns tells whether the unit's vectors are output channels. It reads pixels where
// they lie, never a panel.
func (s strip512) columns() bool { return s >= tail4 }

// lanes is how many pixels of a panel it takes.
func (s strip512) lanes() int {
	if s == tail8 {
		return 8
	}
	return 16
}

// deep512 is the depth from which strips of 16 pixels, each by 24 output channels, are
// faster than those of 48 by 8 on a core that computes 512 bits in two halves: their rows
// stay in L1. Measured on Zen 4, GFLOP/s of
// 118 at 48 pixels and at 16: 232 channels of depth 232 116 and 116; 64 of 256 114 and
// 116; 128 of 512 112 and 115; 1024 of 464 92 and 98; 320 of 960 90 and 100.
const deep512 = 256

// width512 is how wide strips are in a GEMM of depth k. A core that computes 512 bits in
// one piece has more from a strip of 48: for each multiply-add it then loads a third of a
// weight, of 16 pixels a whole one, and what such a core has beside its arithmetic are two
// loads a cycle. The rows of deep strips come from L2, which is fast enough.
func width512(k int, halves bool) int {
	if k < deep512 || !halves {
		return 48
	}
	return 16
}

// next512 is the strip that begins where so many pixels are left, if whole strips have
// width pixels, and how many of them it takes. A core that computes 512 bits in two
// halves does half a vector in half the time.
func next512(width, left int, halves bool) (s strip512, n int) {
	switch {
	case left >= 16:
		switch min(left/16, width/16) {
		case 1:
			return whole16, 16
		case 2:
			return whole32, 32
		}
		if left/16 == 4 { // 2+2, not 3+1
			return whole32, 32
		}
		return whole48, 48
	case left == 1:
		return tail1, 1
	case left <= 4:
		return tail4, left
	case left <= 8:
		return tail8, left
	case left <= 12 && halves:
		return tail8, 8
	}
	return tail16, left
}
