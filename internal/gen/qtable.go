package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const qtableSignature = "func(mem *byte, src, dst *int32, table *byte, planes, n int)"

// qtableAVX2 is the lookup by VPSHUFB, which looks up one row of 16 bytes of the table, and
// gives 0 where an index has its highest bit set.
//
// It takes the low seven bits of a pixel as an index. 16 less for each row before, the index
// is negative in the rows that come after the pixel's own: they give 0. The rows before its
// own give something, for VPSHUFB reads four bits of an index alone. So the table has, in
// place of a row, how it differs from the row before, and the differences are added up by
// exclusive or. The two halves of the table are looked up by the same indices, and the
// highest bit of a pixel chooses between them.
func qtableAVX2() *build.Context {
	g := &qmove{Context: newContext(), pixels: 64}
	begin(g.Context, "QTable", qtableSignature)
	g.Doc(
		"QTable replaces n pixels of planes, 64 at a time, by what a table of 256 bytes has for them: see package kernel's QTable.",
		"Each row of 16 bytes of table is the exclusive or of the row and the one before it, but the first of each half.",
	)
	table, low, row := g.load("table"), g.YMM(), g.YMM()
	g.VPBROADCASTD(dwords(g.Context, "low", 0x7f7f7f7f), low)
	g.VPBROADCASTD(dwords(g.Context, "row", 0x10101010), row)
	g.planes([]planeTable{{"src", "mem", 1}, {"dst", "mem", 1}}, func() {}, func(at []operand.Mem) {
		var x, index [2]reg.VecVirtual
		var sums [2][2]reg.VecVirtual // by vector and half
		for v := range x {
			x[v], index[v] = g.YMM(), g.YMM()
			from := at[0]
			from.Disp = 32 * v
			g.VMOVDQU(from, x[v])
			g.VPAND(low, x[v], index[v])
		}
		for r := range 8 {
			for half := range 2 {
				values := g.YMM()
				g.VBROADCASTI128(operand.Mem{Base: table, Disp: 128*half + 16*r}, values)
				for v := range x {
					if r == 0 {
						sums[v][half] = g.YMM()
						g.VPSHUFB(index[v], values, sums[v][half])
						continue
					}
					t := g.YMM()
					g.VPSHUFB(index[v], values, t)
					g.VPXOR(t, sums[v][half], sums[v][half])
				}
			}
			if r < 7 {
				for v := range x {
					g.VPSUBB(row, index[v], index[v])
				}
			}
		}
		for v := range x {
			to := at[1]
			to.Disp = 32 * v
			g.VPBLENDVB(x[v], sums[v][1], sums[v][0], x[v])
			g.VMOVDQU(x[v], to)
		}
	})
	return g.Context
}

// qtableAVX512 is the lookup by VPERMI2B of AVX-512 VBMI, which looks up half of the table
// by the low seven bits of an index.
func qtableAVX512() *build.Context {
	g := &qmove{Context: newContext(), pixels: 64}
	begin(g.Context, "QTable", qtableSignature)
	g.Doc("QTable replaces n pixels of planes, 64 at a time, by what a table of 256 bytes has for them: see package kernel's QTable.")
	table := g.load("table")
	var quarters [4]reg.VecVirtual
	for i := range quarters {
		quarters[i] = g.ZMM()
		g.VMOVDQU8(operand.Mem{Base: table, Disp: 64 * i}, quarters[i])
	}
	g.planes([]planeTable{{"src", "mem", 1}, {"dst", "mem", 1}}, func() {}, func(at []operand.Mem) {
		low, high, second := g.ZMM(), g.ZMM(), g.K()
		g.VMOVDQU8(at[0], low)
		g.VMOVDQA64(low, high)
		g.VPMOVB2M(low, second)
		g.VPERMI2B(quarters[1], quarters[0], low)
		g.VPERMI2B(quarters[3], quarters[2], high)
		g.VMOVDQU8(high, second, low)
		g.VMOVDQU8(low, at[1])
	})
	return g.Context
}
