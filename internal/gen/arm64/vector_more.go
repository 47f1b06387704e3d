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
