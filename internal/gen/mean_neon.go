package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// meanNEON is the unit of the global mean: the 8 partial sums of the contract
// are two registers.
func meanNEON(f *arm64.File) {
	for _, planes := range []int{1, 4} {
		meanPlanesNEON(f, planes)
	}
}

func meanPlanesNEON(f *arm64.File, planes int) {
	name := fmt.Sprintf("Mean%d", planes)
	g := f.Func(name, "func(mem *float32, src *int32, dst *float32, tail *int32, blocks, vecs int, inv float32)",
		fmt.Sprintf("%s writes the means of blocks times %d planes: the sum of vecs vectors", name, planes),
		"of 8 and of the lanes of another that the mask at tail keeps, times inv.")
	mem, src, dst, tail := g.Load("mem"), g.Load("src"), g.Load("dst"), g.Load("tail")
	blocks, vecs, n := g.Load("blocks"), g.Load("vecs"), g.GP()
	inv, mask, in := g.V(), g.Vs(2), g.Vs(2)
	g.LoadS("inv", inv)
	g.FLDPQ(arm64.At(tail, 0), mask[0], mask[1])
	at := g.GPs(planes)
	var sum [][]arm64.V
	for range planes {
		sum = append(sum, g.Vs(2))
	}
	g.Label("planes")
	for i, s := range sum {
		g.LoadW(arm64.Post(src, 4), at[i])
		g.ADDL(at[i], 2, mem, at[i])
		g.VZERO(s[0])
		g.VZERO(s[1])
	}
	g.CBZ(vecs, "last")
	g.MOVD(vecs, n)
	g.PCALIGN(16)
	g.Label("vectors")
	for i, s := range sum {
		g.FLDPQ(arm64.Post(at[i], 32), in[0], in[1])
		g.FADD(in[0], s[0], s[0])
		g.FADD(in[1], s[1], s[1])
	}
	g.SUBSI(1, n, n)
	g.BC("NE", "vectors")
	g.Label("last")
	for i, s := range sum {
		g.FLDPQ(arm64.At(at[i], 0), in[0], in[1])
		for h := range 2 {
			g.VAND(mask[h], in[h], in[h])
			g.FADD(in[h], s[h], s[h])
		}
		g.FADD(s[1], s[0], s[0])    // j and j+4
		g.VEXT(8, s[0], s[0], s[1]) // then
		g.FADD(s[1], s[0], s[0])    // those and j+2, j+6
		g.FADDP(s[0], s[0], s[0])   // then even and odd
		g.FMULS(inv, s[0], s[0])
		g.StoreVS(s[0], arm64.Post(dst, 4))
	}
	g.SUBSI(1, blocks, blocks)
	g.BC("NE", "planes")
	g.RET()
}
