package arm64

// Instructions on whole numbers of 8, 16 and 32 bits. The names end in what an
// instruction is on where one name has several arrangements: B is 16 bytes, H eight
// numbers of 16 bits. Go's assembler does not know most of them.

// wide writes an instruction with arrangements of its own for each of three vectors.
func (f *Func) wide(code uint32, name string, m V, ma string, n V, na string, d V, da string) {
	f.useV(m)
	f.useV(n)
	f.useV(d)
	f.word(code|dnm(m, n, d), "%s v%d.%s, v%d.%s, v%d.%s", name, d.num(), da, n.num(), na, m.num(), ma)
}

// SDOT adds to each of four sums in d the products of four signed bytes of n and of m.
// It is of the extension FEAT_DotProd.
func (f *Func) SDOT(m, n, d V) { f.wide(0x4e809400, "sdot", m, "16b", n, "16b", d, "4s") }

// SDOTLane is SDOT with the four bytes of lane i of m for all sums.
func (f *Func) SDOTLane(m V, i int, n, d V) {
	f.lane(m, "S", i)
	f.useV(n)
	f.useV(d)
	f.word(0x4f80e000|dnm(m, n, d)|uint32(i&1)<<21|uint32(i>>1)<<11, "sdot v%d.4s, v%d.16b, v%d.4b[%d]", d.num(), n.num(), m.num(), i)
}

// SMULL is d = n * m, eight products of the low signed bytes, of 16 bits each.
func (f *Func) SMULL(m, n, d V) { f.wide(0x0e20c000, "smull", m, "8b", n, "8b", d, "8h") }

// SMULL2 is SMULL of the high bytes.
func (f *Func) SMULL2(m, n, d V) { f.wide(0x4e20c000, "smull2", m, "16b", n, "16b", d, "8h") }

// SADALP adds pairs of neighbours, of 16 bits and signed, to four sums in d.
func (f *Func) SADALP(n, d V) { f.two(0x4e606800, "sadalp", n, "8h", d, "4s") }

// UADALP is SADALP of unsigned numbers.
func (f *Func) UADALP(n, d V) { f.two(0x6e606800, "uadalp", n, "8h", d, "4s") }

// SADDLPB makes eight sums of 16 bits of pairs of neighbours, signed bytes.
func (f *Func) SADDLPB(n, d V) { f.two(0x4e202800, "saddlp", n, "16b", d, "8h") }

// UADDLPB is SADDLPB of unsigned bytes.
func (f *Func) UADDLPB(n, d V) { f.two(0x6e202800, "uaddlp", n, "16b", d, "8h") }

// UADALPB adds pairs of neighbours, unsigned bytes, to eight sums of 16 bits in d.
func (f *Func) UADALPB(n, d V) { f.two(0x6e206800, "uadalp", n, "16b", d, "8h") }

// SCVTF makes float32 of four signed numbers, rounded to nearest even.
func (f *Func) SCVTF(n, d V) { f.two(0x4e21d800, "scvtf", n, "4s", d, "4s") }

// FCVTNS rounds four float32 to nearest even, to signed numbers: what is too large
// becomes the nearer bound, NaN 0.
func (f *Func) FCVTNS(n, d V) { f.two(0x4e21a800, "fcvtns", n, "4s", d, "4s") }

// SQXTN makes four signed numbers of 16 bits of four of 32, with saturation, and clears
// the high half of d.
func (f *Func) SQXTN(n, d V) { f.two(0x0e614800, "sqxtn", n, "4s", d, "4h") }

// SQXTN2 is SQXTN into the high half of d, and keeps the low one.
func (f *Func) SQXTN2(n, d V) { f.two(0x4e614800, "sqxtn2", n, "4s", d, "8h") }

// SQXTUN makes eight unsigned bytes of eight signed numbers of 16 bits, with
// saturation, and clears the high half of d.
func (f *Func) SQXTUN(n, d V) { f.two(0x2e212800, "sqxtun", n, "8h", d, "8b") }

// SQXTUN2 is SQXTUN into the high half of d, and keeps the low one.
func (f *Func) SQXTUN2(n, d V) { f.two(0x6e212800, "sqxtun2", n, "8h", d, "16b") }

// SQADDH is d = n + m, of eight signed numbers of 16 bits, with saturation.
func (f *Func) SQADDH(m, n, d V) { f.wide(0x4e600c00, "sqadd", m, "8h", n, "8h", d, "8h") }

// VSUB is d = n - m, of whole numbers of 32 bits.
func (f *Func) VSUB(m, n, d V) { f.s4("VSUB", m, n, d) }

// VADDB and VSUBB are d = n + m and d = n - m, of bytes.
func (f *Func) VADDB(m, n, d V) { f.b16("VADD", m, n, d) }
func (f *Func) VSUBB(m, n, d V) { f.b16("VSUB", m, n, d) }

// VADDV adds the four numbers of n; the sum is lane 0 of d, and its others are 0.
func (f *Func) VADDV(n, d V) { f.op("VADDV", f.arr(n, "S4"), f.useV(d)) }

// VUMAX and VUMIN are the greater and the lesser of unsigned bytes.
func (f *Func) VUMAX(m, n, d V) { f.b16("VUMAX", m, n, d) }
func (f *Func) VUMIN(m, n, d V) { f.b16("VUMIN", m, n, d) }

// VUXTLB makes 16 bits of each of the low eight bytes of n, VUXTLB2 of the high ones.
func (f *Func) VUXTLB(n, d V)  { f.op("VUXTL", f.arr(n, "B8"), f.arr(d, "H8")) }
func (f *Func) VUXTLB2(n, d V) { f.op("VUXTL2", f.arr(n, "B16"), f.arr(d, "H8")) }

// VUXTLH makes 32 bits of each of the low four numbers of n, VUXTLH2 of the high ones.
func (f *Func) VUXTLH(n, d V)  { f.op("VUXTL", f.arr(n, "H4"), f.arr(d, "S4")) }
func (f *Func) VUXTLH2(n, d V) { f.op("VUXTL2", f.arr(n, "H8"), f.arr(d, "S4")) }

// VZIP1B is d = n0, m0, n1, m1 and so on of the low bytes, VZIP2B of the high ones.
func (f *Func) VZIP1B(m, n, d V) { f.b16("VZIP1", m, n, d) }
func (f *Func) VZIP2B(m, n, d V) { f.b16("VZIP2", m, n, d) }

// VZIP1H and VZIP2H are these of numbers of 16 bits.
func (f *Func) VZIP1H(m, n, d V) { f.h8("VZIP1", m, n, d) }
func (f *Func) VZIP2H(m, n, d V) { f.h8("VZIP2", m, n, d) }

// VUZP1B is d = the bytes of even place of n, then those of m.
func (f *Func) VUZP1B(m, n, d V) { f.b16("VUZP1", m, n, d) }

func (f *Func) h8(name string, m, n, d V) {
	f.op(name, f.arr(m, "H8"), f.arr(n, "H8"), f.arr(d, "H8"))
}

// VMOVIB sets every byte of d.
func (f *Func) VMOVIB(b uint8, d V) { f.op("VMOVI", imm(int(b)), f.arr(d, "B16")) }

// VLD1RB loads a byte into every byte. It has no displacement; Post by 1.
func (f *Func) VLD1RB(a Addr, dst V) {
	f.op(a.p("VLD1R"), f.plain(a, 1), "["+f.arr(dst, "B16")+"]")
}

// VLD1RH loads two bytes into every lane of 16 bits. It has no displacement; Post by 2.
func (f *Func) VLD1RH(a Addr, dst V) {
	f.op(a.p("VLD1R"), f.plain(a, 2), "["+f.arr(dst, "H8")+"]")
}

// LoadBU loads a byte and extends it with zeros.
func (f *Func) LoadBU(a Addr, dst GP) { f.op(a.p("MOVBU"), f.addr(a, 1), f.use(dst)) }

// VTBX is VTBL, but keeps the bytes of d where idx names none.
func (f *Func) VTBX(idx V, table []V, d V) {
	f.op("VTBX", f.arr(idx, "B16"), f.list(table, len(table), "B16"), f.arr(d, "B16"))
}

// lanesOf is how many numbers of 32 bits are loaded together for n that are left.
func lanesOf(n int) int {
	for _, l := range []int{4, 2} {
		if n >= l {
			return l
		}
	}
	return 1
}

// Lane is one of four numbers of a register.
type Lane struct {
	V V
	I int
}

// LoadLanes loads n numbers of 32 bits from at on into as few registers as they fit,
// and reads nothing behind them.
func (f *Func) LoadLanes(at GP, n int) []Lane {
	return f.LanesTo(at, f.Vs(LanesLen(n)), n)
}

// LanesLen is how many registers LoadLanes takes.
func LanesLen(n int) (registers int) {
	for ; n > 0; n -= lanesOf(n) {
		registers++
	}
	return registers
}

// LanesTo is LoadLanes into those registers.
func (f *Func) LanesTo(at GP, to []V, n int) (lanes []Lane) {
	if len(to) != LanesLen(n) {
		f.fail("%d registers for %d numbers, wanted %d", len(to), n, LanesLen(n))
	}
	for done := 0; done < n; {
		v, l := to[0], lanesOf(n-done)
		a := At(at, 4*done)
		switch l {
		case 4:
			f.FMOVQ(a, v)
		case 2:
			f.FMOVD(a, v)
		default:
			f.FMOVS(a, v)
		}
		for i := range l {
			lanes = append(lanes, Lane{v, i})
		}
		to, done = to[1:], done+l
	}
	return lanes
}
