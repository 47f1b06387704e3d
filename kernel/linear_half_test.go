package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// widen is the value of a binary16, by its definition.
func widen(h uint16) float32 {
	sign := 1 - 2*float64(h>>15)
	exp, frac := int(h>>10&31), float64(h&1023)
	if exp == 0 {
		return float32(math.Copysign(math.Ldexp(frac, -24), sign))
	}
	return float32(sign * math.Ldexp(1024+frac, exp-25))
}

// halvesOf is the memory of v as binary16 values.
func halvesOf(v []float32) []uint16 { return unsafe.Slice((*uint16)(unsafe.Pointer(&v[0])), 2*len(v)) }

// TestPackHalves: every finite binary16 comes back, and what is none is refused.
func TestPackHalves(t *testing.T) {
	var all []uint16
	var values []float32
	for h := range 1 << 16 {
		if h>>10&31 != 31 {
			all, values = append(all, uint16(h)), append(values, widen(uint16(h)))
		}
	}
	got := make([]uint16, len(all))
	if !PackHalves(got, values) {
		t.Fatal("a value was refused")
	}
	for i, h := range all {
		if got[i] != h {
			t.Fatalf("%v became %04x, wanted %04x", values[i], got[i], h)
		}
	}
	for _, v := range []float32{65536, 1e30, 1 + 1.0/2048, 0x1p-25, 3 * 0x1p-25, 0x1.002p-15, 1e-45, float32(math.Inf(1)), float32(math.NaN())} {
		for _, v := range []float32{v, -v} {
			if PackHalves(got, []float32{1, v}) {
				t.Errorf("%v was taken, as %v", v, widen(got[1]))
			}
		}
	}
}

// TestLinearHalf: the bits of the same matrix in float32, for any length, any slice of
// the outputs, subnormals too, with every operand beside a guard page.
func TestLinearHalf(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		if !set.Halves {
			l := &Linear{X: make([]float32, 8), Half: make([]uint16, 8), Y: make([]float32, 1), In: 8, Out: 1}
			if set.Check(l) == nil {
				t.Error("a matrix of float16 values passed the check of a set that takes none")
			}
			return
		}
		rng := rand.New(rand.NewPCG(7, 8))
		for in := 8; in <= 200; in += 8 {
			for _, out := range []int{1, 2, 3, 5, 8, 13} {
				l := newLinear(t, rng, out, in)
				raw := guarded(t, (in*out+1)/2, false)
				half := halvesOf(raw)[len(raw)*2-in*out:]
				for i := range half {
					for half[i] = uint16(rng.Uint32()); half[i]>>10&31 == 31; { // infinities and NaN are no weights
						half[i] = uint16(rng.Uint32())
					}
					l.W[i] = widen(half[i])
				}
				set.Linear(l)
				h := *l
				h.W, h.Half, h.Y = nil, half, guarded(t, out, rng.IntN(2) == 0)
				if err := set.Check(&h); err != nil {
					t.Fatal(err)
				}
				set.Linear(&h)
				lo := rng.IntN(out)
				part := h
				part.Half, part.Y, part.Out = half[lo*in:], make([]float32, out-lo), out-lo
				if h.Bias != nil {
					part.Bias = h.Bias[lo:]
				}
				set.Linear(&part)
				for o, want := range l.Y {
					if !sameBits(h.Y[o], want) || o >= lo && !sameBits(part.Y[o-lo], want) {
						t.Fatalf("%dx%d: output %d is %v, wanted %v, as of float32", out, in, o, h.Y[o], want)
					}
				}
			}
		}
	})
}

func TestLinearHalfCheck(t *testing.T) {
	for _, l := range []Linear{
		{X: make([]float32, 8), W: make([]float32, 8), Half: make([]uint16, 8), Y: make([]float32, 1), In: 8, Out: 1},
		{X: make([]float32, 7), Half: make([]uint16, 7), Y: make([]float32, 1), In: 7, Out: 1},
		{X: make([]float32, 8), Half: make([]uint16, 9), Y: make([]float32, 1), In: 8, Out: 1},
	} {
		if l.Check() == nil {
			t.Errorf("%d values of W, %d of Half, %d inputs passed", len(l.W), len(l.Half), l.In)
		}
	}
}
