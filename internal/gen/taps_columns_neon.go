package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// tapColumnsNEON is [tapColumnsAVX2] for NEON.
func tapColumnsNEON(f *arm64.File) {
	g := f.Func("TapColumns", "func("+tapColumnsArgs+")", tapColumnsDoc...)
	dst, src, w, offsets := g.Load("dst"), g.Load("src"), g.Load("w"), g.Load("offsets")
	kh, kw, rows, dstStep, srcStep := g.Load("kh"), g.Load("kw"), g.Load("rows"), g.Load("dstStep"), g.Load("srcStep")
	dstSecond, srcSecond := g.Load("dstSecond"), g.Load("srcSecond")
	act := newActivatorNEON(g)
	bias, tap, x := g.V(), g.V(), g.Vs(4)
	step, t, n, p, q, by := g.GP(), g.GP(), g.GP(), g.GP(), g.GP(), g.GPs(4) // by: where tap rows 0 to 3 from here on are
	g.LSL(2, kw, step)
	g.MADD(kh, w, step, t)
	g.VLD1R(arm64.At(t, 0), bias)
	acc := [2][]arm64.V{g.Vs(8), g.Vs(8)}
	// row is [tapColumns.row].
	row := func(taps ...int) {
		g.FLDPQ(arm64.At(p, 0), x[0], x[1])
		g.FLDPQ(arm64.At(q, 0), x[2], x[3])
		g.ADD(srcStep, p, p)
		g.ADD(srcStep, q, q)
		for y, i := range taps {
			if i < 0 {
				continue
			}
			g.VLD1R(arm64.At(by[i], 0), tap)
			g.VFMLA(tap, x[0], acc[0][2*y])
			g.VFMLA(tap, x[1], acc[0][2*y+1])
			g.VFMLA(tap, x[2], acc[1][2*y])
			g.VFMLA(tap, x[3], acc[1][2*y+1])
		}
	}
	g.Label("fours")
	for _, vs := range acc {
		for _, a := range vs {
			g.VMOV(bias, a)
		}
	}
	g.MOVI(0, t)
	g.Label("columns")
	g.LoadW(arm64.Index(offsets, t, 2), p)
	g.ADDL(t, 2, w, by[0])
	for i := range 3 {
		g.ADD(step, by[i], by[i+1])
	}
	g.ADD(src, p, p)
	g.ADD(srcSecond, p, q)
	row(0)
	row(1, 0)
	row(2, 1, 0)
	g.SUBI(3, kh, n)
	g.PCALIGN(16)
	g.Label("middle")
	row(3, 2, 1, 0)
	for _, b := range by {
		g.ADD(step, b, b)
	}
	g.SUBSI(1, n, n)
	g.BC("NE", "middle")
	row(-1, 2, 1, 0)
	row(-1, -1, 2, 1)
	row(-1, -1, -1, 2)
	g.ADDI(1, t, t)
	g.CMP(kw, t)
	g.BC("LT", "columns")
	act.activate("four", append(append([]arm64.V{}, acc[0]...), acc[1]...))
	storeGroupsNEON(g, acc, dst, dstSecond, dstStep, p)
	g.Free(p, q, by)
	nextFourNEON(g, rows, dst, src, dstStep, srcStep)
	g.B("fours")
	g.Label("end")
	g.RET()
}
