package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// qpeakAVX512 measures what VPDPBUSD can do with 512 bits.
func qpeakAVX512() *build.Context {
	g := vectors{newContext(), 16}
	qpeak(g, "QPeak", 28, 64, "VPDPBUSD", func(x, y, acc reg.VecVirtual) { g.VPDPBUSD(x, y, acc) })
	return g.Context
}

// qpeakAVX2 measures what VPMADDWD and the addition of its products can do. Two products
// and then their two additions are the fastest order.
func qpeakAVX2() *build.Context {
	g := vectors{newContext(), 8}
	product, odd := []reg.VecVirtual{g.YMM(), g.YMM()}, reg.VecVirtual(nil)
	qpeak(g, "QPeak", 10, 16, "VPMADDWD and VPADDD", func(x, y, acc reg.VecVirtual) {
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
func qpeak(g vectors, name string, count, macs int, what string, dot func(x, y, acc reg.VecVirtual)) {
	const times = 2
	doc := fmt.Sprintf("%s runs independent chains of %s, %d a round, and returns how many products that was.", name, what, times*count)
	chains(g, name, "macs", doc, count, times, macs, dot)
}
