package arm64

import "fmt"

// Instructions on general registers. Sources first, the destination last.

// MOVD copies a register.
func (f *Func) MOVD(src, dst GP) { f.op("MOVD", f.useZ(src), f.use(dst)) }

// MOVI sets dst to a constant.
func (f *Func) MOVI(n int, dst GP) { f.op("MOVD", imm(n), f.use(dst)) }

// LoadD loads eight bytes.
func (f *Func) LoadD(a Addr, dst GP) { f.op(a.p("MOVD"), f.addr(a, 8), f.use(dst)) }

// LoadW loads four bytes and extends their sign.
func (f *Func) LoadW(a Addr, dst GP) { f.op(a.p("MOVW"), f.addr(a, 4), f.use(dst)) }

// LoadWU loads four bytes and extends them with zeros.
func (f *Func) LoadWU(a Addr, dst GP) { f.op(a.p("MOVWU"), f.addr(a, 4), f.use(dst)) }

// StoreD stores eight bytes.
func (f *Func) StoreD(src GP, a Addr) { f.op(a.p("MOVD"), f.useZ(src), f.addr(a, 8)) }

// StoreW stores the low four bytes.
func (f *Func) StoreW(src GP, a Addr) { f.op(a.p("MOVW"), f.useZ(src), f.addr(a, 4)) }

// LDPSW loads two times four bytes that follow one another, and extends their signs.
func (f *Func) LDPSW(a Addr, d0, d1 GP) {
	f.op(a.p("LDPSW"), f.pair(a, 4), fmt.Sprintf("(%s, %s)", f.use(d0), f.use(d1)))
}

// LDP loads two times eight bytes that follow one another.
func (f *Func) LDP(a Addr, d0, d1 GP) {
	f.op(a.p("LDP"), f.pair(a, 8), fmt.Sprintf("(%s, %s)", f.use(d0), f.use(d1)))
}

// arith checks the immediate of ADD, SUB and CMP: 12 bits, or 12 bits above 12 zeros.
func (f *Func) arith(name string, n int) string {
	if n < 0 || n >= 1<<24 || n >= 1<<12 && n&0xfff != 0 {
		f.fail("%s $%d, wanted 0 to 4095, or that times 4096", name, n)
	}
	return imm(n)
}

// ADD is d = n + m.
func (f *Func) ADD(m, n, d GP) { f.op("ADD", f.use(m), f.use(n), f.use(d)) }

// ADDI is d = n + imm.
func (f *Func) ADDI(imm int, n, d GP) { f.op("ADD", f.arith("ADD", imm), f.use(n), f.use(d)) }

// ADDL is d = n + m<<shift.
func (f *Func) ADDL(m GP, shift int, n, d GP) {
	f.op("ADD", f.shifted(m, shift), f.use(n), f.use(d))
}

// SUB is d = n - m.
func (f *Func) SUB(m, n, d GP) { f.op("SUB", f.use(m), f.useZ(n), f.use(d)) }

// SUBI is d = n - imm.
func (f *Func) SUBI(imm int, n, d GP) { f.op("SUB", f.arith("SUB", imm), f.use(n), f.use(d)) }

// SUBL is d = n - m<<shift.
func (f *Func) SUBL(m GP, shift int, n, d GP) {
	f.op("SUB", f.shifted(m, shift), f.useZ(n), f.use(d))
}

// SUBS is d = n - m, and sets the flags.
func (f *Func) SUBS(m, n, d GP) { f.op("SUBS", f.use(m), f.use(n), f.use(d)) }

// SUBSI is d = n - imm, and sets the flags.
func (f *Func) SUBSI(imm int, n, d GP) { f.op("SUBS", f.arith("SUBS", imm), f.use(n), f.use(d)) }

// MUL is d = n * m.
func (f *Func) MUL(m, n, d GP) { f.op("MUL", f.use(m), f.use(n), f.use(d)) }

// MADD is d = a + n*m.
func (f *Func) MADD(m, a, n, d GP) { f.op("MADD", f.use(m), f.use(a), f.use(n), f.use(d)) }

// LSL is d = n << shift.
func (f *Func) LSL(shift int, n, d GP) { f.op("LSL", f.count(shift), f.use(n), f.use(d)) }

// LSR is d = n >> shift, with zeros.
func (f *Func) LSR(shift int, n, d GP) { f.op("LSR", f.count(shift), f.use(n), f.use(d)) }

// ASR is d = n >> shift, with signs.
func (f *Func) ASR(shift int, n, d GP) { f.op("ASR", f.count(shift), f.use(n), f.use(d)) }

// ANDLow is d = the low bits of n.
func (f *Func) ANDLow(bits int, n, d GP) {
	if bits < 1 || bits > 31 {
		f.fail("the low %d bits, wanted 1 to 31", bits)
	}
	f.op("AND", imm(1<<bits-1), f.use(n), f.use(d))
}

// CMP sets the flags by n - m.
func (f *Func) CMP(m, n GP) { f.op("CMP", f.use(m), f.use(n)) }

// CMPI sets the flags by n - imm.
func (f *Func) CMPI(imm int, n GP) { f.op("CMP", f.arith("CMP", imm), f.use(n)) }

// CSEL is d = n if the flags say cond (EQ, NE, LT, LE, GT, GE, LO, LS, HI, HS), else m.
func (f *Func) CSEL(cond string, n, m, d GP) {
	f.op("CSEL", f.cond(cond), f.useZ(n), f.useZ(m), f.use(d))
}

// B goes to label.
func (f *Func) B(label string) {
	f.op("JMP", f.ref(label))
	f.ended = true
}

// BC goes to label if the flags say cond, as in [Func.CSEL].
func (f *Func) BC(cond, label string) { f.op("B"+f.cond(cond), f.ref(label)) }

// CBZ goes to label if r is 0.
func (f *Func) CBZ(r GP, label string) { f.op("CBZ", f.use(r), f.ref(label)) }

// CBNZ goes to label if r is not 0.
func (f *Func) CBNZ(r GP, label string) { f.op("CBNZ", f.use(r), f.ref(label)) }

// TBZ goes to label if bit is 0 in r.
func (f *Func) TBZ(bit int, r GP, label string) {
	f.op("TBZ", f.count(bit), f.use(r), f.ref(label))
}

// TBNZ goes to label if bit is 1 in r.
func (f *Func) TBNZ(bit int, r GP, label string) {
	f.op("TBNZ", f.count(bit), f.use(r), f.ref(label))
}

// RET returns.
func (f *Func) RET() {
	f.op("RET")
	f.ended = true
}

// PRFM fetches the line at a, which may be anywhere, into L1 to be read.
func (f *Func) PRFM(a Addr) {
	if a.post || a.index.n != 0 || a.disp < 0 || a.disp%8 != 0 || a.disp > 8*4095 {
		f.fail("PRFM of %+v, wanted a multiple of 8 up to %d", a, 8*4095)
	}
	f.op("PRFM", displaced(a.disp, f.use(a.base)), "PLDL1KEEP")
}

func (f *Func) cond(c string) string {
	switch c {
	case "EQ", "NE", "LT", "LE", "GT", "GE", "LO", "LS", "HI", "HS":
	default:
		f.fail("condition %q", c)
	}
	return c
}

func (f *Func) count(n int) string {
	if n < 0 || n > 63 {
		f.fail("shift or bit %d, wanted 0 to 63", n)
	}
	return imm(n)
}

func (f *Func) shifted(m GP, shift int) string {
	if shift == 0 {
		return f.use(m)
	}
	return fmt.Sprintf("%s<<%s", f.use(m), f.count(shift)[1:])
}
