package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qpeakAVX512 measures what VPDPBUSD can do with 512 bits.
func qpeakAVX512() *build.Context {
	g := vectors{newContext(), 16}
	qpeak(g, 28, 64, "VPDPBUSD", func(x, y, acc reg.VecVirtual) { g.VPDPBUSD(x, y, acc) })
	return g.Context
}

// qpeakAVX2 measures what VPMADDWD and the addition of its products can do. Two products
// and then their two additions are the fastest order.
func qpeakAVX2() *build.Context {
	g := vectors{newContext(), 8}
	product, odd := []reg.VecVirtual{g.YMM(), g.YMM()}, reg.VecVirtual(nil)
	qpeak(g, 10, 16, "VPMADDWD and VPADDD", func(x, y, acc reg.VecVirtual) {
		if odd == nil {
			g.VPMADDWD(x, y, product[0])
			odd = acc
			return
		}
		g.VPMADDWD(x, y, product[1])
		g.VPADDD(product[0], odd, odd)
		g.VPADDD(product[1], acc, acc)
		odd = nil
	})
	return g.Context
}

// qpeak emits so many independent chains of an instruction, or some, that multiplies
// so many pairs of integers and adds the products.
func qpeak(g vectors, chains, macs int, what string, dot func(x, y, acc reg.VecVirtual)) {
	const unroll = 2
	g.Function("QPeak")
	g.SignatureExpr("func(rounds int) (macs int)")
	g.Doc(fmt.Sprintf("QPeak runs independent chains of %s, %d a round, and returns how many products that was.", what, unroll*chains))
	n, all := g.GP64(), g.GP64()
	g.Load(g.Param("rounds"), n)
	g.IMUL3Q(operand.U32(uint32(unroll*chains*macs)), n, all)
	g.Store(all, g.Return("macs"))
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
	for range unroll {
		for _, a := range acc {
			dot(x, y, a)
		}
	}
	g.DECQ(n)
	g.JNZ(operand.LabelRef("loop"))
	g.VZEROUPPER()
	g.RET()
}
