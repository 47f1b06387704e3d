package weights

import (
	"math"
	"reflect"
	"testing"
)

// All 65,536 halves, there and back; and rounding at every midpoint.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		f := fromHalf(uint16(h))
		if f != f {
			if got := toHalf(f); got&0x7c00 != 0x7c00 || got&0x3ff == 0 {
				t.Fatalf("%04x: NaN became %04x", h, got)
			}
			continue
		}
		if got := toHalf(f); got != uint16(h) {
			t.Fatalf("%04x: %v became %04x", h, f, got)
		}
		exp, frac := h>>10&31, h&1023
		if exp == 31 {
			continue
		}
		want := math.Ldexp(float64(frac), -24)
		if exp > 0 {
			want = math.Ldexp(float64(1024+frac), exp-25)
		}
		if h>>15 == 1 {
			want = -want
		}
		if float64(f) != want {
			t.Fatalf("%04x: got %v, want %v", h, f, want)
		}
		if next := fromHalf(uint16(h + 1)); h&0x7fff < 0x7bff {
			mid := (f + next) / 2 // exact in float32
			even := uint16(h + h&1)
			if got := toHalf(mid); got != even {
				t.Fatalf("midpoint above %04x: got %04x, want %04x", h, got, even)
			}
			if got := toHalf(math.Nextafter32(mid, f)); got != uint16(h) {
				t.Fatalf("just before the midpoint above %04x: got %04x", h, got)
			}
			if got := toHalf(math.Nextafter32(mid, next)); got != uint16(h+1) {
				t.Fatalf("just past the midpoint above %04x: got %04x", h, got)
			}
		}
	}
}

func TestToFloat16(t *testing.T) {
	m := small()
	m.Tensors[1].DType = Float32
	m.Tensors[1].Data[0] = 1.0001
	h := m.ToFloat16()
	if h.Tensors[0].DType != Float32 || h.Tensors[1].DType != Float16 || h.Tensors[1].Data[0] != 1 {
		t.Errorf("got %+v", h.Tensors)
	}
	if m.Tensors[1].DType != Float32 || m.Tensors[1].Data[0] == 1 {
		t.Error("the model was changed")
	}
	again, err := Read(encode(t, h))
	if err != nil || !reflect.DeepEqual(again, h) {
		t.Errorf("what is in memory is not what the file says: %v", err)
	}
}
