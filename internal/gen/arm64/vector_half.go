package arm64

// Arithmetic on eight float16, a part of the processors that have FEAT_FP16, and the
// conversions, which all have. Go's assembler knows none of it.

// elementH writes an instruction on eight float16 with lane i of m as one operand. The
// instruction has four bits for m: V0 to V15.
func (f *Func) elementH(code uint32, name string, m V, i int, n, d V) {
	f.lane(m, "H", i)
	f.useV(n)
	f.useV(d)
	if m.num() > 15 {
		f.fail("%s with a lane of %v, wanted one of V0 to V15", name, m)
	}
	code |= dnm(m, n, d) | uint32(i&1)<<20 | uint32(i>>1&1)<<21 | uint32(i>>2)<<11
	f.word(code, "%s v%d.8h, v%d.8h, v%d.h[%d]", name, d.num(), n.num(), m.num(), i)
}

// FMLAHLane is d += n * m[i] of eight float16, rounded once. m is one of V0 to V15.
func (f *Func) FMLAHLane(m V, i int, n, d V) { f.elementH(wordS4|0x0f001000, "fmla", m, i, n, d) }

// FMULHLane is d = n * m[i] of eight float16. m is one of V0 to V15.
func (f *Func) FMULHLane(m V, i int, n, d V) { f.elementH(wordS4|0x0f009000, "fmul", m, i, n, d) }

// FCVTN rounds the four float32 of n to float16, the low four of d; the others become 0.
func (f *Func) FCVTN(n, d V) { f.two(0x0e216800, "fcvtn", n, "4s", d, "4h") }

// FCVTN2 rounds the four float32 of n to float16, the high four of d, and keeps the others.
func (f *Func) FCVTN2(n, d V) { f.two(wordS4|0x0e216800, "fcvtn2", n, "4s", d, "8h") }
