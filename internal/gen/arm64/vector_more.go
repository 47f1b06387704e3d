package arm64

import "fmt"

// VONES sets all bits of d to 1.
func (f *Func) VONES(d V) { f.op("VMOVI", "$255", f.arr(d, "B16")) }

// FMAXP is the greater of neighbours, NaN if either is: d = max(n0, n1), max(n2,
// n3), max(m0, m1), max(m2, m3).
func (f *Func) FMAXP(m, n, d V) { f.three(wordS4|0x2e20f400, "fmaxp", m, n, d) }

// StorePW stores the low four bytes of two registers one after the other.
func (f *Func) StorePW(s0, s1 GP, a Addr) {
	f.op(a.p("STPW"), fmt.Sprintf("(%s, %s)", f.useZ(s0), f.useZ(s1)), f.pair(a, 4))
}

// FDIV is d = n / m.
func (f *Func) FDIV(m, n, d V) { f.three(wordS4|0x2e20fc00, "fdiv", m, n, d) }

// FCMGT sets the lanes of d to ones where n > m, else to zeros.
func (f *Func) FCMGT(m, n, d V) { f.three(wordS4|0x2ea0e400, "fcmgt", m, n, d) }

// FNEG is d = -n.
func (f *Func) FNEG(n, d V) { f.two(wordS4|0x2ea0f800, "fneg", n, "4s", d, "4s") }

// FABS is d = |n|.
func (f *Func) FABS(n, d V) { f.two(wordS4|0x0ea0f800, "fabs", n, "4s", d, "4s") }

// VADD is d = n + m, of whole numbers of 32 bits.
func (f *Func) VADD(m, n, d V) { f.s4("VADD", m, n, d) }

// VSHL is d = n << shift, of whole numbers of 32 bits.
func (f *Func) VSHL(shift int, n, d V) {
	if shift < 0 || shift > 31 {
		f.fail("VSHL $%d, wanted 0 to 31", shift)
	}
	f.op("VSHL", imm(shift), f.arr(n, "S4"), f.arr(d, "S4"))
}
