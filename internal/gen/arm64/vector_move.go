package arm64

// Moves, permutations and logic on vector registers. Go's assembler knows all
// of these.

// VMOV copies a register.
func (f *Func) VMOV(n, d V) { f.op("VMOV", f.arr(n, "B16"), f.arr(d, "B16")) }

// VZERO sets all bits of d to 0.
func (f *Func) VZERO(d V) { f.op("VMOVI", "$0", f.arr(d, "B16")) }

// VDUP copies lane i of n into every lane of d.
func (f *Func) VDUP(n V, i int, d V) { f.op("VDUP", f.lane(n, "S", i), f.arr(d, "S4")) }

// VDUPGP copies the low four bytes of r into every lane of d.
func (f *Func) VDUPGP(r GP, d V) { f.op("VDUP", f.useZ(r), f.arr(d, "S4")) }

// VMOVLane copies lane i of n into lane j of d and keeps its others.
func (f *Func) VMOVLane(n V, i int, d V, j int) {
	f.op("VMOV", f.lane(n, "S", i), f.lane(d, "S", j))
}

// VEXT is d = bytes k to k+15 of n followed by m.
func (f *Func) VEXT(k int, m, n, d V) {
	if k < 0 || k > 15 {
		f.fail("VEXT $%d, wanted 0 to 15", k)
	}
	f.op("VEXT", imm(k), f.arr(m, "B16"), f.arr(n, "B16"), f.arr(d, "B16"))
}

func (f *Func) s4(name string, m, n, d V) {
	f.op(name, f.arr(m, "S4"), f.arr(n, "S4"), f.arr(d, "S4"))
}

func (f *Func) b16(name string, m, n, d V) {
	f.op(name, f.arr(m, "B16"), f.arr(n, "B16"), f.arr(d, "B16"))
}

// VZIP1 is d = n0, m0, n1, m1.
func (f *Func) VZIP1(m, n, d V) { f.s4("VZIP1", m, n, d) }

// VZIP2 is d = n2, m2, n3, m3.
func (f *Func) VZIP2(m, n, d V) { f.s4("VZIP2", m, n, d) }

// VUZP1 is d = n0, n2, m0, m2.
func (f *Func) VUZP1(m, n, d V) { f.s4("VUZP1", m, n, d) }

// VUZP2 is d = n1, n3, m1, m3.
func (f *Func) VUZP2(m, n, d V) { f.s4("VUZP2", m, n, d) }

// VTRN1 is d = n0, m0, n2, m2.
func (f *Func) VTRN1(m, n, d V) { f.s4("VTRN1", m, n, d) }

// VTRN2 is d = n1, m1, n3, m3.
func (f *Func) VTRN2(m, n, d V) { f.s4("VTRN2", m, n, d) }

// VZIP1D is d = n0, n1, m0, m1.
func (f *Func) VZIP1D(m, n, d V) {
	f.op("VZIP1", f.arr(m, "D2"), f.arr(n, "D2"), f.arr(d, "D2"))
}

// VZIP2D is d = n2, n3, m2, m3.
func (f *Func) VZIP2D(m, n, d V) {
	f.op("VZIP2", f.arr(m, "D2"), f.arr(n, "D2"), f.arr(d, "D2"))
}

// VTBL is d = the bytes of table (one to four registers of consecutive
// numbers) that idx names; 0 for those outside.
func (f *Func) VTBL(idx V, table []V, d V) {
	f.op("VTBL", f.arr(idx, "B16"), f.list(table, len(table), "B16"), f.arr(d, "B16"))
}

// VAND is d = n & m.
func (f *Func) VAND(m, n, d V) { f.b16("VAND", m, n, d) }

// VORR is d = n | m.
func (f *Func) VORR(m, n, d V) { f.b16("VORR", m, n, d) }

// VEOR is d = n ^ m.
func (f *Func) VEOR(m, n, d V) { f.b16("VEOR", m, n, d) }

// VBSL is d = n where d has ones, m elsewhere.
func (f *Func) VBSL(m, n, d V) { f.b16("VBSL", m, n, d) }

// VBIT puts n into d where m has ones.
func (f *Func) VBIT(m, n, d V) { f.b16("VBIT", m, n, d) }

// VBIF puts n into d where m has zeros.
func (f *Func) VBIF(m, n, d V) { f.b16("VBIF", m, n, d) }
