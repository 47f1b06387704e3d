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
	return g.asm
}

// peak emits so many independent chains of multiply-adds, 28 a round: a core with two
// units and a latency of four or five wants ten chains.
func peak(g vectors, count int) {
	const round = 28
	doc := fmt.Sprintf("Peak runs independent chains of VFMADD231PS, %d a round, and returns how many additions and multiplications that was.", round)
	chains(g, "Peak", "flops", doc, count, round/count, g.lanes*2, func(x, y, acc reg.VecVirtual) { g.asm.VFMADD231PS(x, y, acc) })
}

// chains emits a function that runs independent chains of op, a round of which is so many
// times each, and returns its number of operations, of which op has so many.
func chains(g vectors, name, result, doc string, count, times, operations int, op func(x, y, acc reg.VecVirtual)) {
	g.asm.Function(name)
	g.asm.SignatureExpr(fmt.Sprintf("func(rounds int) (%s int)", result))
	g.asm.Doc(doc)
	n, all := g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("rounds"), n)
	g.asm.IMUL3Q(operand.U32(uint32(count*times*operations)), n, all)
	g.asm.Store(all, g.asm.Return(result))
	acc := make([]reg.VecVirtual, count)
	for i := range acc {
		acc[i] = g.vec()
		zero(g, acc[i])
	}
	x, y := g.vec(), g.vec()
	zero(g, x)
	zero(g, y)
	align(g.asm, 32)
	g.asm.Label("loop")
	for range times {
		for _, a := range acc {
			op(x, y, a)
		}
	}
	g.asm.DECQ(n)
	g.asm.JNZ(operand.LabelRef("loop"))
	g.asm.VZEROUPPER()
	g.asm.RET()
}
