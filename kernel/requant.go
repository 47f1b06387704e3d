package kernel

import (
	"fmt"
	"math"
)

// Requant says how a real number becomes an output element of type uint8:
//
//	q(f) = min(max(round(f) + Zero, Lo), Hi)
//
// where round is to the nearest integer, ties to even. Lo and Hi carry a ReLU, whose
// Lo is Zero, or a ReLU6, whose Hi is where 6 lies.
//
// A kernel that sums integers converts the sum to float32 and multiplies it once: f is
// float32(sum) * multiplier, both rounded to nearest even. The multiplier is the sum's
// scale over the output's. Nothing is fused with anything else, so that every
// instruction set has the same bits. These are the steps of requantization in Jacob et
// al., arXiv 1712.05877, with a float32 in place of the fixed-point multiplier.
type Requant struct {
	Zero   uint8 // the output's zero point
	Lo, Hi uint8 // its bounds, Lo <= Hi; 0 and 255 are none
}

const (
	// MaxSum bounds the magnitude of a sum, which an int32 holds.
	MaxSum = math.MaxInt32
	// MaxScaled bounds the magnitude of what a multiplier makes of a sum or of an
	// element: two of them together then convert to an int32.
	MaxScaled = 1 << 30
)

// SumBound returns the largest magnitude that the sum of an output channel can have:
// |bias| + 255 * sum |w|. A caller refuses a channel whose bound exceeds [MaxSum], for
// its sum could wrap around, and one whose bound times its multiplier exceeds
// [MaxScaled].
func SumBound(bias int32, w []int8) int64 {
	sum := int64(0)
	for _, v := range w {
		sum += max(int64(v), -int64(v))
	}
	return 255*sum + max(int64(bias), -int64(bias))
}

func (q Requant) check(kernel string) error {
	if q.Lo > q.Hi {
		return fmt.Errorf("%s: bounds [%d, %d], wanted Lo <= Hi", kernel, q.Lo, q.Hi)
	}
	return nil
}

// checkMultipliers tells which multiplier of numbers of at most that magnitude is none:
// it is finite, and no product exceeds [MaxScaled].
func checkMultipliers(kernel, name string, v []float32, want int, magnitude float64) error {
	if len(v) != want {
		return fmt.Errorf("%s: %s has %d values, wanted %d", kernel, name, len(v), want)
	}
	for i, m := range v {
		if x := math.Abs(float64(m)) * magnitude; !(x <= MaxScaled) {
			return fmt.Errorf("%s: %s[%d] is %v, wanted one whose product with %v is at most %d", kernel, name, i, m, magnitude, MaxScaled)
		}
	}
	return nil
}

// checkSum tells where an output channel's sum could pass [MaxSum], or what its
// multiplier makes of it [MaxScaled].
func checkSum(kernel string, channel int, bound int64, multiplier float32) error {
	if x := float64(bound) * math.Abs(float64(multiplier)); bound > MaxSum || !(x <= MaxScaled) {
		return fmt.Errorf("%s: channel %d has sums of up to %d and the multiplier %v, wanted sums of at most %d and products of at most %d",
			kernel, channel, bound, multiplier, MaxSum, MaxScaled)
	}
	return nil
}

// clamper is a Requant as the references compute it.
type clamper struct {
	lo, hi float32 // bounds of what is rounded
	zero   int32
}

func (q Requant) clamper() clamper {
	zero := int32(q.Zero)
	return clamper{float32(int32(q.Lo) - zero), float32(int32(q.Hi) - zero), zero}
}

// rounderBits is [rounder] as a float32.
const rounderBits = 0x4b400000

// of is q(f). Adding rounder rounds to the nearest integer, ties to even. The bounds are
// integers, and so rounding after the clamp gives what rounding before it does. It takes
// NaN for Lo.
func (r clamper) of(f float32) uint8 {
	if !(f > r.lo) {
		f = r.lo
	}
	if f > r.hi {
		f = r.hi
	}
	return uint8(int32(math.Float32bits(f+rounder)) - rounderBits + r.zero)
}

// scaled is a plane's element as a real number: (x - zero) * multiplier.
func scaled(x, zero uint8, multiplier float32) float32 {
	return float32(float32(int32(x)-int32(zero)) * multiplier)
}
