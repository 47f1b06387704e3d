package proto

import (
	"encoding/binary"
	"math"
	"testing"
)

// Every binary16 is itself, rounded; halfway between two, the even one is nearest, and
// a little to either side the nearer one.
func TestRoundHalf(t *testing.T) {
	for h := range 0x7c00 { // positive, finite
		v := half(uint16(h))
		for _, x := range []float32{v, -v} {
			if got := RoundHalf(x); math.Float32bits(got) != math.Float32bits(x) {
				t.Fatalf("%04x: %v: got %v", h, x, got)
			}
		}
		if h == 0x7bff {
			break
		}
		next := half(uint16(h + 1))
		mid, even := (v+next)/2, v
		if h%2 == 1 {
			even = next
		}
		for x, want := range map[float32]float32{mid: even, math.Nextafter32(mid, 0): v, math.Nextafter32(mid, 1e9): next} {
			if got := RoundHalf(x); got != want {
				t.Fatalf("%v, between %v and %v: got %v, want %v", x, v, next, got, want)
			}
		}
	}
	inf := float32(math.Inf(1))
	for x, want := range map[float32]float32{65519: 65504, 65520: inf, -1e30: -inf, inf: inf} {
		if got := RoundHalf(x); got != want {
			t.Errorf("%v: got %v, want %v", x, got, want)
		}
	}
	if got := RoundHalf(float32(math.NaN())); got == got {
		t.Errorf("NaN: got %v", got)
	}
}

// Every type is decoded the same from raw data and from a field of numbers.
func TestDecode(t *testing.T) {
	le := binary.LittleEndian
	for _, c := range []struct {
		typ     int64
		raw     []byte
		numbers Tensor
		want    []float64
	}{
		{Float, le.AppendUint32(nil, math.Float32bits(-1.5)), Tensor{floats: []float32{-1.5}}, []float64{-1.5}},
		{Double, le.AppendUint64(nil, math.Float64bits(0.25)), Tensor{doubles: []float64{0.25}}, []float64{0.25}},
		{Float16, []byte{0x00, 0xc1}, Tensor{ints: []int64{0xc100}}, []float64{-2.5}},
		{BFloat16, []byte{0x20, 0xc0}, Tensor{ints: []int64{0xc020}}, []float64{-2.5}},
		{Uint8, []byte{0, 255}, Tensor{ints: []int64{0, 255}}, []float64{0, 255}},
		{Int8, []byte{127, 128}, Tensor{ints: []int64{127, -128}}, []float64{127, -128}},
		{Uint16, []byte{255, 255}, Tensor{ints: []int64{65535}}, []float64{65535}},
		{Int16, []byte{0, 128}, Tensor{ints: []int64{-32768}}, []float64{-32768}},
		{Uint32, []byte{255, 255, 255, 255}, Tensor{ints: []int64{1<<32 - 1}}, []float64{1<<32 - 1}},
		{Int32, []byte{255, 255, 255, 255}, Tensor{ints: []int64{-1}}, []float64{-1}},
		{Uint64, []byte{1, 0, 0, 0, 1, 0, 0, 0}, Tensor{ints: []int64{1<<32 + 1}}, []float64{1<<32 + 1}},
		{Int64, []byte{255, 255, 255, 255, 255, 255, 255, 255}, Tensor{ints: []int64{-1}}, []float64{-1}},
		{Bool, []byte{1, 0}, Tensor{ints: []int64{1, 0}}, []float64{1, 0}},
	} {
		inRaw, inNumbers := Tensor{raw: c.raw, hasRaw: true}, c.numbers
		for name, x := range map[string]*Tensor{"raw": &inRaw, "numbers": &inNumbers} {
			x.Type, x.Dims = c.typ, []int64{int64(len(c.want))}
			_, n, err := x.Check()
			if err != nil {
				t.Errorf("%s, %s: %v", TypeName(c.typ), name, err)
				continue
			}
			floats, ints := x.Decode(n)
			if (ints != nil) != (IsInteger(c.typ) || c.typ == Bool) || len(floats)+len(ints) != len(c.want) {
				t.Errorf("%s, %s: got %v and %v, want %v", TypeName(c.typ), name, floats, ints, c.want)
				continue
			}
			for k, want := range c.want {
				got := 0.0
				if ints != nil {
					got = float64(ints[k])
				} else {
					got = float64(floats[k])
				}
				if got != want {
					t.Errorf("%s, %s, element %d: got %v, want %v", TypeName(c.typ), name, k, got, want)
				}
			}
		}
		x := Tensor{raw: c.raw[1:], hasRaw: true, Type: c.typ, Dims: []int64{int64(len(c.want))}}
		if _, _, err := x.Check(); err == nil {
			t.Errorf("%s: a byte less was accepted", TypeName(c.typ))
		}
	}
	for _, typ := range []int64{0, 8, 17, 22, 99} {
		x := Tensor{Type: typ, hasRaw: true}
		if _, _, err := x.Check(); err == nil {
			t.Errorf("%s was accepted", TypeName(typ))
		}
	}
}
