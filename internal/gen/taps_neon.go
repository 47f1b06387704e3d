package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// tapsNEON is [tapsAVX2] for NEON: a row of a group is two vectors.
func tapsNEON(f *arm64.File) {
	tapColumnsNEON(f)
	g := f.Func("Taps", "func("+tapsArgs+")", tapsOf(8)...)
	dst, src, w, offsets := g.Load("dst"), g.Load("src"), g.Load("w"), g.Load("offsets")
	taps, rows, dstStep, srcStep := g.Load("taps"), g.Load("rows"), g.Load("dstStep"), g.Load("srcStep")
	dstSecond, srcSecond := g.Load("dstSecond"), g.Load("srcSecond")
	act := newActivatorNEON(g)
	bias, tap := g.V(), g.V()
	t, at, by, p := g.GP(), g.GP(), g.GP(), g.GPs(2)
	g.ADDL(taps, 2, w, by)
	g.VLD1R(arm64.At(by, 0), bias)
	block := func(id string, n int) {
		g.Scope(func() {
			var acc [2][]arm64.V // by group
			for i := range acc {
				acc[i] = g.Vs(2 * n)
				for _, a := range acc[i] {
					g.VMOV(bias, a)
				}
			}
			x := g.Vs(4)
			g.MOVD(taps, t)
			g.MOVD(offsets, at)
			g.MOVD(w, by)
			g.PCALIGN(16)
			g.Label(id + "taps")
			g.LoadW(arm64.Post(at, 4), p[0])
			g.VLD1R(arm64.Post(by, 4), tap)
			g.ADD(src, p[0], p[0])
			g.ADD(srcSecond, p[0], p[1])
			for row := range n {
				for i := range acc {
					g.FLDPQ(arm64.At(p[i], 0), x[2*i], x[2*i+1])
					if row < n-1 {
						g.ADD(srcStep, p[i], p[i])
					}
				}
				for i := range acc {
					g.VFMLA(tap, x[2*i], acc[i][2*row])
					g.VFMLA(tap, x[2*i+1], acc[i][2*row+1])
				}
			}
			g.SUBSI(1, t, t)
			g.BC("NE", id+"taps")
			act.activate(id, append(append([]arm64.V{}, acc[0]...), acc[1]...))
			storeGroupsNEON(g, acc, dst, dstSecond, dstStep, p[0])
		})
	}
	g.CMPI(4, rows)
	g.BC("LT", "few")
	g.Label("fours")
	block("four", 4)
	nextFourNEON(g, rows, dst, src, dstStep, srcStep)
	g.B("fours")
	g.Label("few")
	block("one", 1)
	g.ADD(dstStep, dst, dst)
	g.ADD(srcStep, src, src)
	g.SUBSI(1, rows, rows)
	g.BC("NE", "few")
	g.Label("end")
	g.RET()
}

// storeGroupsNEON stores the rows of the first group, then those of the second.
func storeGroupsNEON(g *arm64.Func, acc [2][]arm64.V, dst, dstSecond, dstStep, to arm64.GP) {
	g.MOVD(dst, to)
	for i, vs := range acc {
		if i == 1 {
			g.ADD(dstSecond, dst, to)
		}
		for v := 0; v < len(vs); v += 2 {
			g.FSTPQ(vs[v], vs[v+1], arm64.At(to, 0))
			g.ADD(dstStep, to, to)
		}
	}
}

// nextFourNEON is [nextFour].
func nextFourNEON(g *arm64.Func, rows, dst, src, dstStep, srcStep arm64.GP) {
	four, n := g.GP(), g.GP()
	g.SUBSI(4, rows, rows)
	g.BC("EQ", "end")
	g.MOVI(4, four)
	g.CMP(four, rows)
	g.CSEL("LT", rows, four, n)
	g.CSEL("LT", four, rows, rows)
	g.MADD(dstStep, dst, n, dst)
	g.MADD(srcStep, src, n, src)
}
