package plan

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Buffers that live at the same time lie apart, each on a cache line's boundary, all
// inside the arena with slack at both ends.
func TestLayout(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for round := range 600 {
		bufs := make([]Buffer, 1+rng.IntN(60))
		for i := range bufs {
			n := 1 + rng.IntN(200)
			typ := []weights.Type{weights.Float32, weights.Uint8, weights.Int8}[rng.IntN(3)]
			bufs[i] = Buffer{Type: typ, Planes: 1 + rng.IntN(30), Pixels: n, Pitch: kernel.Pitch(n, typ.Size()), first: rng.IntN(20)}
			if rng.IntN(4) == 0 {
				bufs[i].Pixels, bufs[i].Pitch = 1, 1
			}
			bufs[i].last = bufs[i].first + rng.IntN(6)
		}
		place := bySize
		if round%2 == 0 {
			place = byTime
		}
		end := place(bufs) + slack
		for i := range bufs {
			a := &bufs[i]
			if a.offset%64 != 0 || a.offset < 64 || a.offset+a.bytes()+64 > end {
				t.Fatalf("buffer %+v of an arena of %d", *a, end)
			}
			for k := range i {
				if b := &bufs[k]; a.first <= b.last && b.first <= a.last && a.offset < b.offset+b.bytes() && b.offset < a.offset+a.bytes() {
					t.Fatalf("buffers %+v and %+v overlap", *a, *b)
				}
			}
		}
	}
}

// A file may make a plan of very many buffers.
func TestLayoutOfMany(t *testing.T) {
	bufs := make([]Buffer, 200_000)
	for i := range bufs {
		bufs[i] = Buffer{Type: weights.Float32, Planes: 1 + i%5, Pixels: 9, Pitch: kernel.Pitch(9, 4), first: i, last: i + 1}
	}
	var end int64
	if took := cputime.Of(func() { end = layout(bufs) }); took > cputime.Bound(10*time.Second) {
		t.Errorf("took %v of processor time, want less than 10 s", took)
	}
	if most := int64(1 << 20); end > most {
		t.Errorf("got an arena of %d bytes, want at most %d: what was free was not used", end, most)
	}
}
