package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// binaryNEON is the unit of arithmetic on two planes, as binaryAVX2.
func binaryNEON(f *arm64.File) {
	g := f.Func("Binary", "func(mem *float32, a, b, out *int32, c, vecs, one, op int)",
		"Binary writes a op b for c pairs of planes of vecs times 8 pixels. op is package kernel's BinaryOp. Where one is 1,",
		"each plane of b has one pixel.")
	op, one := g.Load("op"), g.Load("one")
	for i, apply := range []func(m, n, d arm64.V){g.FMUL, g.FSUB, g.FDIV, g.FMIN, g.FMAX, g.FADD} { // by number
		next := fmt.Sprintf("not%d", i)
		g.CMPI(i, op)
		g.BC("NE", next)
		g.CBNZ(one, fmt.Sprintf("one%d", i))
		g.Scope(func() {
			eachPlaneNEON(g, fmt.Sprintf("each%d", i), []string{"a", "b", "out"}, func() {}, func(vecs int, at []arm64.GP) {
				x, y := g.Vs(vecs), g.Vs(vecs)
				g.VLD1s(arm64.Post(at[0], 16*vecs), x)
				g.VLD1s(arm64.Post(at[1], 16*vecs), y)
				for j, v := range x {
					apply(y[j], v, v)
				}
				g.VST1s(x, arm64.Post(at[2], 16*vecs))
			})
		})
		g.Label(fmt.Sprintf("one%d", i))
		g.Scope(func() {
			y, mem, table, at := g.V(), g.Load("mem"), g.Load("b"), g.GP()
			eachPlaneNEON(g, fmt.Sprintf("one%d", i), []string{"a", "out"}, func() {
				g.LoadW(arm64.Post(table, 4), at)
				g.ADDL(at, 2, mem, at)
				g.VLD1R(arm64.At(at, 0), y)
			}, func(vecs int, at []arm64.GP) {
				x := g.Vs(vecs)
				g.VLD1s(arm64.Post(at[0], 16*vecs), x)
				for _, v := range x {
					apply(y, v, v)
				}
				g.VST1s(x, arm64.Post(at[1], 16*vecs))
			})
		})
		g.Label(next)
	}
	g.RET()
}
