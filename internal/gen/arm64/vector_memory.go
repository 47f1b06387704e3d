package arm64

import (
	"fmt"
	"strings"
)

// Loads and stores of vector registers.

// FMOVQ loads 16 bytes.
func (f *Func) FMOVQ(a Addr, dst V) {
	if a.index.n != 0 {
		f.indexedQ(0x3ce00800, "ldr", dst, a)
		return
	}
	f.op(a.p("FMOVQ"), f.addr(a, 16), f.useF(dst))
}

// indexedQ writes a load or store of 16 bytes with an index, which Go's
// assembler has for no more than 8.
func (f *Func) indexedQ(code uint32, name string, v V, a Addr) {
	f.addr(a, 16) // checks
	f.useV(v)
	code |= a.index.num()<<16 | a.base.num()<<5 | v.num()
	index, extend := fmt.Sprintf("x%d", a.index.num()), "lsl"
	if a.ext == "" {
		code |= 3 << 13
	} else {
		code |= 6 << 13
		index, extend = fmt.Sprintf("w%d", a.index.num()), "sxtw"
	}
	if a.shift != 0 {
		code |= 1 << 12
		extend += fmt.Sprintf(" #%d", a.shift)
	}
	if extend != "lsl" {
		index += ", " + extend
	}
	f.word(code, "%s q%d, [x%d, %s]", name, v.num(), a.base.num(), index)
}

// FMOVD loads 8 bytes and clears the rest.
func (f *Func) FMOVD(a Addr, dst V) { f.op(a.p("FMOVD"), f.addr(a, 8), f.useF(dst)) }

// FMOVS loads 4 bytes and clears the rest.
func (f *Func) FMOVS(a Addr, dst V) { f.op(a.p("FMOVS"), f.addr(a, 4), f.useF(dst)) }

// StoreQ stores 16 bytes.
func (f *Func) StoreQ(src V, a Addr) {
	if a.index.n != 0 {
		f.indexedQ(0x3ca00800, "str", src, a)
		return
	}
	f.op(a.p("FMOVQ"), f.useF(src), f.addr(a, 16))
}

// StoreVD stores the low 8 bytes.
func (f *Func) StoreVD(src V, a Addr) { f.op(a.p("FMOVD"), f.useF(src), f.addr(a, 8)) }

// StoreVS stores the low 4 bytes.
func (f *Func) StoreVS(src V, a Addr) { f.op(a.p("FMOVS"), f.useF(src), f.addr(a, 4)) }

// FLDPQ loads two times 16 bytes that follow one another.
func (f *Func) FLDPQ(a Addr, d0, d1 V) {
	f.op(a.p("FLDPQ"), f.pair(a, 16), fmt.Sprintf("(%s, %s)", f.useF(d0), f.useF(d1)))
}

// FSTPQ stores two times 16 bytes one after the other.
func (f *Func) FSTPQ(s0, s1 V, a Addr) {
	f.op(a.p("FSTPQ"), fmt.Sprintf("(%s, %s)", f.useF(s0), f.useF(s1)), f.pair(a, 16))
}

// VLD1R loads 4 bytes into every lane. It has no displacement; Post by 4.
func (f *Func) VLD1R(a Addr, dst V) {
	f.op(a.p("VLD1R"), f.plain(a, 4), "["+f.arr(dst, "S4")+"]")
}

// VLD1Lane loads 4 bytes into lane i and keeps the others. Post by 4.
func (f *Func) VLD1Lane(a Addr, dst V, i int) {
	f.op(a.p("VLD1"), f.plain(a, 4), f.lane(dst, "S", i))
}

// VST1Lane stores lane i. Post by 4.
func (f *Func) VST1Lane(src V, i int, a Addr) {
	f.op(a.p("VST1"), f.lane(src, "S", i), f.plain(a, 4))
}

// VLD2 loads eight floats: those of even place into d[0], of odd place into
// d[1]. The registers have consecutive numbers. Post by 32.
func (f *Func) VLD2(a Addr, d []V) { f.op(a.p("VLD2"), f.plain(a, 32), f.list(d, 2, "S4")) }

// VLD1s loads len(d) times 16 bytes, one to four, into registers of
// consecutive numbers. Post by 16 each.
func (f *Func) VLD1s(a Addr, d []V) {
	f.op(a.p("VLD1"), f.plain(a, 16*len(d)), f.list(d, len(d), "S4"))
}

// VST1s stores len(s) times 16 bytes, one to four, from registers of
// consecutive numbers. Post by 16 each.
func (f *Func) VST1s(s []V, a Addr) {
	f.op(a.p("VST1"), f.list(s, len(s), "S4"), f.plain(a, 16*len(s)))
}

// VST2 stores s[0] and s[1] interleaved, lane by lane. Post by 32.
func (f *Func) VST2(s []V, a Addr) { f.op(a.p("VST2"), f.list(s, 2, "S4"), f.plain(a, 32)) }

// list writes registers of consecutive numbers.
func (f *Func) list(vs []V, n int, arrangement string) string {
	if len(vs) != n || n < 1 || n > 4 {
		f.fail("a list of %d registers, wanted %d of 1 to 4", len(vs), n)
	}
	names := make([]string, n)
	for i, v := range vs {
		if v.num() != (vs[0].num()+uint32(i))%32 {
			f.fail("registers %v, wanted consecutive numbers", vs)
		}
		names[i] = f.arr(v, arrangement)
	}
	return "[" + strings.Join(names, ", ") + "]"
}
