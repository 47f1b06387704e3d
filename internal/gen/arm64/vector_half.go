package arm64

// Arithmetic on float16: on eight of them, which processors with FEAT_FP16 have; with sums
// in float32, FEAT_FHM; and conversions, which all have. Go's assembler knows none of it.

// elementH writes an instruction with lane i of float16 of m as one operand; na and da are
// the arrangements of the others. The instruction has four bits for m: V0 to V15.
func (f *Func) elementH(code uint32, name string, m V, i int, n V, na string, d V, da string) {
	f.lane(m, "H", i)
	f.useV(n)
	f.useV(d)
	if m.num() > 15 {
		f.fail("%s with a lane of %v, wanted one of V0 to V15", name, m)
	}
	code |= dnm(m, n, d) | uint32(i&1)<<20 | uint32(i>>1&1)<<21 | uint32(i>>2)<<11
	f.word(code, "%s v%d.%s, v%d.%s, v%d.h[%d]", name, d.num(), da, n.num(), na, m.num(), i)
}

// FMLAHLane is d += n * m[i] of eight float16, rounded once. m is one of V0 to V15.
func (f *Func) FMLAHLane(m V, i int, n, d V) {
	f.elementH(wordS4|0x0f001000, "fmla", m, i, n, "8h", d, "8h")
}

// FMULHLane is d = n * m[i] of eight float16. m is one of V0 to V15.
func (f *Func) FMULHLane(m V, i int, n, d V) {
	f.elementH(wordS4|0x0f009000, "fmul", m, i, n, "8h", d, "8h")
}

// FMLALHLane is d += n * m[i] of four float32 and the low four float16 of n, rounded once.
// m is one of V0 to V15.
func (f *Func) FMLALHLane(m V, i int, n, d V) {
	f.elementH(wordS4|0x0f800000, "fmlal", m, i, n, "4h", d, "4s")
}

// FMLAL2HLane is [Func.FMLALHLane] of the high four float16 of n.
func (f *Func) FMLAL2HLane(m V, i int, n, d V) {
	f.elementH(wordS4|0x2f808000, "fmlal2", m, i, n, "4h", d, "4s")
}

// VDUPH copies the low two bytes of r into each of the eight lanes of d.
func (f *Func) VDUPH(r GP, d V) { f.op("VDUP", f.use(r), f.arr(d, "H8")) }

// FCVTN rounds the four float32 of n to float16, the low four of d; the others become 0.
func (f *Func) FCVTN(n, d V) { f.two(0x0e216800, "fcvtn", n, "4s", d, "4h") }

// FCVTN2 rounds the four float32 of n to float16, the high four of d, and keeps the others.
func (f *Func) FCVTN2(n, d V) { f.two(wordS4|0x0e216800, "fcvtn2", n, "4s", d, "8h") }
