package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// qpeakNEON measures what the instructions of the quantized kernels can do.
func qpeakNEON(f *arm64.File) {
	for _, form := range qformsNEON {
		form.qpeak(f)
	}
}

func (q qformNEON) qpeak(f *arm64.File) {
	chains, what := 24, "SMULL, SMULL2 and SADALP"
	if q.dot() {
		what = "SDOT"
	}
	name := "QPeak" + q.suffix
	g := f.Func(name, "func(rounds int) (macs int)",
		fmt.Sprintf("%s runs independent chains of %s, %d a round, and returns how many products that was. %s", name, what, chains, q.what()))
	n, macs := g.Load("rounds"), g.GP()
	g.MOVI(chains*4*q.depth, macs)
	g.MUL(n, macs, macs)
	g.Return(macs, "macs")
	acc, w, x, t := g.Vs(chains), g.V(), g.Vs(2), g.Vs(4)
	for _, v := range append(append(acc, w), x...) {
		g.VZERO(v)
	}
	g.PCALIGN(16)
	g.Label("loop")
	g.SUBSI(1, n, n)
	for i := 0; i < chains; i += 4 {
		if q.dot() {
			for _, a := range acc[i : i+4] {
				g.SDOTLane(w, 0, x[0], a)
			}
		} else {
			q.madd(g, w, x, t, acc[i:i+4])
		}
	}
	g.BC("NE", "loop")
	g.RET()
}
