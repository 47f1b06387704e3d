package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peakAVX2 measures what the multiply-add units can do.
func peakAVX2() *build.Context {
	g := vectors{newContext(), 8}
	peak(g, 14)
	return g.Context
}

// peak emits so many independent chains of multiply-adds, 28 a round: a core with two
// units and a latency of four or five wants ten chains.
func peak(g vectors, chains int) {
	const round = 28
	g.Function("Peak")
	g.SignatureExpr("func(rounds int) (flops int)")
	g.Doc(fmt.Sprintf("Peak runs independent chains of VFMADD231PS, %d a round, and returns how many additions and multiplications that was.", round))
	n, flops := g.GP64(), g.GP64()
	g.Load(g.Param("rounds"), n)
	g.IMUL3Q(operand.U32(uint32(round*g.lanes*2)), n, flops)
	g.Store(flops, g.Return("flops"))
	acc := make([]reg.VecVirtual, chains)
	for i := range acc {
		acc[i] = g.vec()
		zero(g, acc[i])
	}
	x, y := g.vec(), g.vec()
	zero(g, x)
	zero(g, y)
	align(g.Context, 32)
	g.Label("loop")
	for i := range round {
		g.VFMADD231PS(x, y, acc[i%chains])
	}
	g.DECQ(n)
	g.JNZ(operand.LabelRef("loop"))
	g.VZEROUPPER()
	g.RET()
}
