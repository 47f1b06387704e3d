package kernel

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// pen hands out the buffers of one call after another: each flush with a
// faulting page at its front or its end, such a page at the other side too, and
// what lies between the buffer and that page filled with canaries.
type pen struct {
	t      testing.TB
	rng    *rand.Rand
	lent   []lent
	frozen []snapshot
	sets   []*Set // that a byteTrial holds to the reference; nil: every other set
}

type lent struct {
	region []float32
	lo, hi int
}

type snapshot struct {
	name   string
	bits   func(i int) uint32
	before []uint32
}

var pageFloats = os.Getpagesize() / 4

var canary = math.Float32frombits(0xdeadbeef)

func newPen(t testing.TB, rng *rand.Rand) *pen {
	return &pen{t: t, rng: rng}
}

// floats is n zeros.
func (p *pen) floats(n int) []float32 {
	size := max(1, (n+pageFloats-1)/pageFloats) * pageFloats
	region := guarded(p.t, size, true) // whole pages: flush with both
	for i := range region {
		region[i] = canary
	}
	lo := 0
	if p.rng.IntN(2) == 0 {
		lo = size - n
	}
	p.lent = append(p.lent, lent{region, lo, lo + n})
	v := region[lo : lo+n : lo+n]
	clear(v)
	return v
}

// ints is a table in such memory.
func (p *pen) ints(v []int32) []int32 {
	if v == nil {
		return nil
	}
	t := int32s(p.floats(len(v)))
	copy(t, v)
	return t
}

// constant says that a call must not change v.
func (p *pen) constant(name string, v []float32) {
	p.keep(name, len(v), func(i int) uint32 { return math.Float32bits(v[i]) })
}

func (p *pen) constantInts(name string, v []int32) {
	p.keep(name, len(v), func(i int) uint32 { return uint32(v[i]) })
}

func (p *pen) keep(name string, n int, bits func(int) uint32) {
	s := snapshot{name: name, bits: bits, before: make([]uint32, n)}
	for i := range s.before {
		s.before[i] = bits(i)
	}
	p.frozen = append(p.frozen, s)
}

// verify fails where a canary or a constant changed.
func (p *pen) verify(what string) {
	p.t.Helper()
	for _, l := range p.lent {
		for i, v := range l.region {
			if (i < l.lo || i >= l.hi) && math.Float32bits(v) != math.Float32bits(canary) {
				p.t.Fatalf("%s: wrote %d elements from a buffer of %d", what, i-l.lo, l.hi-l.lo)
			}
		}
	}
	for _, s := range p.frozen {
		for i, b := range s.before {
			if s.bits(i) != b {
				p.t.Fatalf("%s: element %d of %s changed", what, i, s.name)
			}
		}
	}
}

// herd is planes of one table: how many, of how many pixels, with how much
// around them that a kernel may touch.
type herd struct {
	c, n, before, after int
	read                bool // has pixels; else they are noise
}

// planes lays herds out in one arena, in random order, at any alignment, no
// further apart than they must be and a few elements more. What is nobody's
// pixel is NaN or infinite.
func (p *pen) planes(special bool, herds ...herd) (mem []float32, tables [][]int32) {
	size, tables := p.lay(9, herds)
	mem = p.floats(size)
	for i := range mem {
		mem[i] = specials[p.rng.IntN(4)]
	}
	for h, k := range herds {
		if k.read {
			for _, off := range tables[h] {
				p.fill(mem[off:][:k.n], special)
			}
		}
		tables[h] = p.ints(tables[h])
	}
	return mem, tables
}

// lay places the planes of herds, as planes says, fewer than gap elements further apart
// than they must be. It returns how many elements they take.
func (p *pen) lay(gap int, herds []herd) (size int, tables [][]int32) {
	type plane struct{ herd, c int }
	var order []plane
	for h, k := range herds {
		tables = append(tables, make([]int32, k.c))
		for c := range k.c {
			order = append(order, plane{h, c})
		}
	}
	p.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	at, slack := 0, 0 // slack: what the plane before owns behind it
	for _, o := range order {
		k := herds[o.herd]
		at += max(k.before, slack)
		if p.rng.IntN(2) == 0 {
			at += p.rng.IntN(gap)
		}
		tables[o.herd][o.c] = int32(at)
		at, slack = at+k.n, k.after
	}
	return at + slack, tables
}

// fill writes numbers of at most 1, and if special is true every now and then a
// NaN, an infinity, a zero of either sign or a subnormal.
func (p *pen) fill(v []float32, special bool) {
	for i := range v {
		if v[i] = p.rng.Float32()*2 - 1; special && p.rng.IntN(12) == 0 {
			v[i] = specials[p.rng.IntN(8)] // not the last ones, which overflow
		}
	}
}

// values is fill of a buffer that a call must not change.
func (p *pen) values(name string, n int, special bool) []float32 {
	v := p.floats(n)
	p.fill(v, special)
	p.constant(name, v)
	return v
}

// trial is a call that every set is to make.
type trial struct {
	pen   *pen
	what  any
	mem   []float32
	may   func(yield func(lo, hi int)) // parts of mem that may change
	out   func() []float32             // what is compared, copied
	bound float64                      // 0: the same numbers; -1: the same bits
}

// run makes the call with the reference, then with every other set, and
// compares.
func (c *trial) run(call func(*Set)) {
	c.pen.t.Helper()
	before := slices.Clone(c.mem)
	one := func(s *Set) []float32 {
		copy(c.mem, before)
		call(s)
		c.pen.verify(s.Name)
		mine := make([]bool, len(c.mem))
		if c.may != nil {
			c.may(func(lo, hi int) {
				for i := lo; i < hi; i++ {
					mine[i] = true
				}
			})
		}
		for i, v := range c.mem {
			if !mine[i] && math.Float32bits(v) != math.Float32bits(before[i]) {
				c.pen.t.Fatalf("%s: %+v: element %d of the arena changed from %v to %v", s.Name, c.what, i, before[i], v)
			}
		}
		return c.out()
	}
	want := one(generic)
	for _, s := range otherSets() {
		got := one(s)
		for i, w := range want {
			ok := near(got[i], float64(w), c.bound)
			if c.bound < 0 {
				ok = math.Float32bits(got[i]) == math.Float32bits(w)
			}
			if !ok {
				c.pen.t.Fatalf("%s: %+v: output %d is %v, the reference's %v, wanted within %v", s.Name, c.what, i, got[i], w, c.bound)
			}
		}
	}
	copy(c.mem, before)
}

// written sets may and out for a call that writes n pixels of each plane, and
// may spill up to all.
func (c *trial) written(table []int32, n, all int) *trial {
	c.may = func(yield func(lo, hi int)) {
		for _, o := range table {
			if o >= 0 {
				yield(int(o), min(len(c.mem), int(o)+all))
			}
		}
	}
	c.out = func() (v []float32) {
		for _, o := range table {
			if o >= 0 {
				v = append(v, c.mem[int(o):][:n]...)
			}
		}
		return v
	}
	return c
}
