package arm64

// Arithmetic on four float32. FMLA alone is known to Go's assembler.

const wordS4 = 1 << 30 // Q: all four lanes

// dnm places the registers of an instruction with three.
func dnm(m, n, d V) uint32 { return m.num()<<16 | n.num()<<5 | d.num() }

// three writes an instruction on three vectors of four float32.
func (f *Func) three(code uint32, name string, m, n, d V) {
	f.useV(m)
	f.useV(n)
	f.useV(d)
	f.word(code|dnm(m, n, d), "%s v%d.4s, v%d.4s, v%d.4s", name, d.num(), n.num(), m.num())
}

// two writes an instruction on two vectors; da and na are the arrangements.
func (f *Func) two(code uint32, name string, n V, na string, d V, da string) {
	f.useV(n)
	f.useV(d)
	f.word(code|n.num()<<5|d.num(), "%s v%d.%s, v%d.%s", name, d.num(), da, n.num(), na)
}

// element writes an instruction with lane i of m as one operand.
func (f *Func) element(code uint32, name string, m V, i int, n, d V) {
	f.lane(m, "S", i)
	f.useV(n)
	f.useV(d)
	code |= dnm(m, n, d) | uint32(i&1)<<21 | uint32(i>>1)<<11
	f.word(code, "%s v%d.4s, v%d.4s, v%d.s[%d]", name, d.num(), n.num(), m.num(), i)
}

// VFMLA is d += n * m, rounded once.
func (f *Func) VFMLA(m, n, d V) { f.op("VFMLA", f.arr(m, "S4"), f.arr(n, "S4"), f.arr(d, "S4")) }

// VFMLS is d -= n * m, rounded once.
func (f *Func) VFMLS(m, n, d V) { f.op("VFMLS", f.arr(m, "S4"), f.arr(n, "S4"), f.arr(d, "S4")) }

// FMLALane is d += n * m[i], rounded once.
func (f *Func) FMLALane(m V, i int, n, d V) { f.element(wordS4|0x0f801000, "fmla", m, i, n, d) }

// FMULLane is d = n * m[i].
func (f *Func) FMULLane(m V, i int, n, d V) { f.element(wordS4|0x0f809000, "fmul", m, i, n, d) }

// FADD is d = n + m.
func (f *Func) FADD(m, n, d V) { f.three(wordS4|0x0e20d400, "fadd", m, n, d) }

// FSUB is d = n - m.
func (f *Func) FSUB(m, n, d V) { f.three(wordS4|0x0ea0d400, "fsub", m, n, d) }

// FMUL is d = n * m.
func (f *Func) FMUL(m, n, d V) { f.three(wordS4|0x2e20dc00, "fmul", m, n, d) }

// FMAX is d = max(n, m), NaN if either is.
func (f *Func) FMAX(m, n, d V) { f.three(wordS4|0x0e20f400, "fmax", m, n, d) }

// FMIN is d = min(n, m), NaN if either is.
func (f *Func) FMIN(m, n, d V) { f.three(wordS4|0x0ea0f400, "fmin", m, n, d) }

// FADDP adds neighbours: d = n0+n1, n2+n3, m0+m1, m2+m3.
func (f *Func) FADDP(m, n, d V) { f.three(wordS4|0x2e20d400, "faddp", m, n, d) }

// FCVTL makes float32 of the low four float16 of n.
func (f *Func) FCVTL(n, d V) { f.two(0x0e217800, "fcvtl", n, "4h", d, "4s") }

// FCVTL2 makes float32 of the high four float16 of n.
func (f *Func) FCVTL2(n, d V) { f.two(wordS4|0x0e217800, "fcvtl2", n, "8h", d, "4s") }

// FADDS is d = n + m on lane 0; the other lanes of d become 0.
func (f *Func) FADDS(m, n, d V) { f.op("FADDS", f.useF(m), f.useF(n), f.useF(d)) }

// FMULS is d = n * m on lane 0; the other lanes of d become 0.
func (f *Func) FMULS(m, n, d V) { f.op("FMULS", f.useF(m), f.useF(n), f.useF(d)) }

// FMADDS is d = a + n*m on lane 0, rounded once; the other lanes of d become 0.
func (f *Func) FMADDS(m, a, n, d V) {
	f.op("FMADDS", f.useF(m), f.useF(a), f.useF(n), f.useF(d))
}

// FMAXS is d = max(n, m) on lane 0, NaN if either is; the other lanes of d become 0.
func (f *Func) FMAXS(m, n, d V) { f.op("FMAXS", f.useF(m), f.useF(n), f.useF(d)) }

// FMINS is d = min(n, m) on lane 0, NaN if either is; the other lanes of d become 0.
func (f *Func) FMINS(m, n, d V) { f.op("FMINS", f.useF(m), f.useF(n), f.useF(d)) }
