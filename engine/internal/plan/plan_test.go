package plan

import (
	"math"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

func newTestBuilder() *Builder { return NewBuilder(kernel.Sets()[0], 1, unlimited()) }

// A step is refused a tensor of a type that its kernel does not take.
func TestUseChecksType(t *testing.T) {
	b := newTestBuilder()
	b.UseType(b.NewPlanes(weights.Uint8, 3, 10), weights.Uint8)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	b.Use(append(b.NewPlanes(weights.Float32, 1, 10), b.NewPlanes(weights.Uint8, 1, 10)...))
	if err := b.Err(); err == nil || err.Error() != "channel 1: got a plane of u8, want f32" {
		t.Errorf("got %v", err)
	}
	if _, err := b.Finish(); err == nil {
		t.Error("Finish made a plan of it")
	}
}

// Planes that are exchanged mean the same, or nobody could read them.
func TestDynamicPlanesAreAlike(t *testing.T) {
	half, third := Quant{0.5, 128}, Quant{0.25, 128}
	for _, c := range []struct {
		want string
		x    func(b *Builder) Tensor
	}{
		{"", func(b *Builder) Tensor {
			x := b.NewPlanes(weights.Uint8, 4, 9)
			b.SetQuant(x, half)
			return x
		}},
		{"channel 2 is f32, channel 0 is u8", func(b *Builder) Tensor {
			return append(b.NewPlanes(weights.Uint8, 2, 9), b.NewPlanes(weights.Float32, 2, 9)...)
		}},
		{"channels 3 and 0 differ in scale or zero point", func(b *Builder) Tensor {
			x := b.NewPlanes(weights.Uint8, 4, 9)
			b.SetQuant(x[:3], half)
			b.SetQuant(x[3:], third)
			return x
		}},
		{"channels 1 and 0 differ in scale or zero point", func(b *Builder) Tensor {
			x := b.NewPlanes(weights.Uint8, 1, 9)
			b.SetQuant(x, half)
			return append(x, b.NewPlanes(weights.Uint8, 1, 9)...)
		}},
	} {
		b := newTestBuilder()
		x := c.x(b)
		_, y, err := b.NewDynamic(x)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if q := b.Quant(y[2]); q == nil || *q != half || b.Type(y) != weights.Uint8 {
			t.Errorf("a chosen plane is %v and means %v, want u8 and %v", b.Type(y), q, half)
		}
	}
}

// Every share of a step has its own items, and all together have all.
func TestShares(t *testing.T) {
	for n := range 70 {
		for _, align := range []int{1, 4, 24} {
			for parts := 1; parts <= 9; parts++ {
				at := 0
				for i := range parts {
					lo, hi := Share{i, parts}.Span(n, align)
					if lo != at || hi < lo || hi != n && hi%align != 0 {
						t.Fatalf("%d items at multiples of %d, share %d of %d: [%d, %d), want it from %d on", n, align, i, parts, lo, hi, at)
					}
					at = hi
				}
				if at != n {
					t.Fatalf("%d items in %d shares: got %d", n, parts, at)
				}
			}
		}
	}
}

// The arena begins on a cache line whatever its size.
func TestMemoryIsAligned(t *testing.T) {
	for planes := range 40 {
		b := newTestBuilder()
		b.Use(b.NewPlanes(weights.Float32, 1+planes, 7))
		p, err := b.Finish()
		if err != nil {
			t.Fatal(err)
		}
		m := NewMemory(p)
		if len(m.Bytes) != p.Arena || 4*len(m.Arena) != p.Arena {
			t.Fatalf("got %d bytes and %d numbers, want %d bytes", len(m.Bytes), len(m.Arena), p.Arena)
		}
		if a := address(m); a%slack != 0 {
			t.Fatalf("the arena is at %#x, want a multiple of %d", a, slack)
		}
	}
}

// unlimited refuses nothing.
func unlimited() *limit.Meter {
	const most = math.MaxInt64
	return &limit.Meter{Limits: limit.Limits{Memory: most, Activations: most, Work: most, Nodes: most, Value: most}}
}
