package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// peakNEON measures what the multiply-add units can do.
func peakNEON(f *arm64.File) {
	const chains = 28
	g := f.Func("Peak", "func(rounds int) (flops int)",
		"Peak runs independent chains of FMLA, 28 a round, and returns how many additions and multiplications that was.")
	n, flops := g.Load("rounds"), g.GP()
	g.MOVI(chains*4*2, flops)
	g.MUL(n, flops, flops)
	g.Return(flops, "flops")
	acc, x, y := g.Vs(chains), g.V(), g.V()
	for _, v := range append(acc, x, y) {
		g.VZERO(v)
	}
	g.PCALIGN(16)
	g.Label("loop")
	g.SUBSI(1, n, n)
	for _, a := range acc {
		g.FMLALane(x, 0, y, a)
	}
	g.BC("NE", "loop")
	g.RET()
}
