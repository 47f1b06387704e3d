package kernel

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unsafe"
)

// bytes is n bytes flush with a faulting page, as pen.floats is of floats.
func (p *pen) bytes(n int) []byte {
	v := p.floats((n + 3) / 4)
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
	if l := p.lent[len(p.lent)-1]; l.lo > 0 { // flush at the end
		b = b[len(b)-n:]
	}
	return b[:n:n]
}

// constantBytes says that a call must not change v.
func (p *pen) constantBytes(name string, v []byte) []byte {
	p.keep(name, len(v), func(i int) uint32 { return uint32(v[i]) })
	return v
}

// randomBytes fills v with bytes of which some are 0 and some 255.
func randomBytes(rng *rand.Rand, v []byte) {
	for i := range v {
		switch v[i] = byte(rng.Uint32()); rng.IntN(12) {
		case 0:
			v[i] = 0
		case 1:
			v[i] = 255
		}
	}
}

// randomWeights is n weights, all of them at a bound now and then.
func randomWeights(rng *rand.Rand, n int) []int8 {
	w := make([]int8, n)
	kind := rng.IntN(8)
	for i := range w {
		switch w[i] = int8(rng.Uint32()); kind {
		case 0:
			w[i] = -128
		case 1:
			w[i] = 127
		case 2:
			w[i] = int8(-128 + 255*rng.IntN(2))
		}
	}
	return w
}

// zeros is n zero points in guarded memory.
func (p *pen) zeros(n int) []uint8 {
	z := p.bytes(n)
	randomBytes(p.rng, z)
	return p.constantBytes("zero points", z)
}

// multipliers is n multipliers in guarded memory, of up to most. In some calls all are
// powers of two: many products, and sums of two, then end in one half.
func (p *pen) multipliers(n int, most float32) []float32 {
	m := p.floats(n)
	halves := p.rng.IntN(3) == 0
	for i := range m {
		m[i] = p.rng.Float32() * most
		if halves {
			m[i] = float32(math.Exp2(float64(-1 - p.rng.IntN(8))))
		}
	}
	p.constant("multipliers", m)
	return m
}

// planesOfBytes is pen.planes of bytes. What is nobody's pixel is noise.
func (p *pen) planesOfBytes(herds ...herd) (mem []byte, tables [][]int32) {
	size, tables := p.lay(70, herds)
	mem = p.bytes(size)
	randomBytes(p.rng, mem)
	for h := range tables {
		tables[h] = p.ints(tables[h])
		p.constantInts("a table", tables[h])
	}
	return mem, tables
}

// byteTrial is a call that every set is to make, with the same bytes.
type byteTrial struct {
	pen    *pen
	what   any
	mem    []byte
	floats []float32 // that it may write, all of them; or nil
	dst    []int32   // planes that it writes,
	n, all int       // so many pixels of each, and perhaps up to so many
}

// run makes the call with the reference, then with the pen's sets.
func (c *byteTrial) run(call func(*Set)) {
	c.pen.t.Helper()
	before, floats := slices.Clone(c.mem), slices.Clone(c.floats)
	mine := make([]bool, len(c.mem))
	for _, o := range c.dst {
		for i := int(o); i < min(len(mine), int(o)+c.all); i++ {
			mine[i] = true
		}
	}
	one := func(s *Set) (out []byte, values []float32) {
		copy(c.mem, before)
		copy(c.floats, floats)
		call(s)
		c.pen.verify(s.Name)
		for i, v := range c.mem {
			if !mine[i] && v != before[i] {
				c.pen.t.Fatalf("%s: %+v: byte %d of the arena changed from %d to %d", s.Name, c.what, i, before[i], v)
			}
		}
		for _, o := range c.dst {
			out = append(out, c.mem[o:][:c.n]...)
		}
		return out, slices.Clone(c.floats)
	}
	want, wantFloats := one(generic)
	sets := c.pen.sets
	if sets == nil {
		sets = append(otherSets(), otherForms()...)
	}
	for _, s := range sets {
		got, values := one(s)
		if !bytes.Equal(got, want) {
			i := 0
			for got[i] == want[i] {
				i++
			}
			c.pen.t.Fatalf("%s: %+v: pixel %d of plane %d is %d, the reference's %d", s.Name, c.what, i%c.n, i/c.n, got[i], want[i])
		}
		for i, w := range wantFloats {
			if !sameBits(values[i], w) {
				c.pen.t.Fatalf("%s: %+v: float %d is %v, the reference's %v", s.Name, c.what, i, values[i], w)
			}
		}
	}
	copy(c.mem, before)
}

// otherSets is every set but generic.
func otherSets() []*Set {
	return slices.DeleteFunc(Sets(), func(s *Set) bool { return s == generic })
}

// byteCases runs body with n seeds, or fewer where time is short.
func byteCases(t *testing.T, n int, body func(p *pen)) {
	t.Helper()
	if testing.Short() {
		n /= 4
	}
	if raceDetector {
		n /= 20
	}
	for seed := range max(1, n) {
		t.Run("", func(t *testing.T) { body(newPen(t, rand.New(rand.NewPCG(uint64(seed), 8)))) })
	}
}

// reportBest reports what the best call did a nanosecond: another program's time does
// not count.
func reportBest(b *testing.B, work int, unit string, call func()) {
	best := math.Inf(1)
	for b.Loop() {
		begin := time.Now()
		call()
		best = min(best, float64(time.Since(begin).Nanoseconds()))
	}
	b.ReportMetric(best/1000, "best-us")
	b.ReportMetric(float64(work)/best, unit)
}

func benchRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

// signed is the same memory.
func signed(b []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}
