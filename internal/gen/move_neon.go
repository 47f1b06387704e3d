package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// moveNEON is the unit of the kernels that go over planes pixel by pixel.
func moveNEON(f *arm64.File) {
	addPlanesNEON(f)
	affinePlanesNEON(f)
}

// eachPlaneNEON emits a loop over c planes and in it one over vecs times 8
// pixels of each, 16 at a time. plane runs once for each plane; pixels gets as
// many vectors as it is to handle, and the planes' pointers, which it moves on.
func eachPlaneNEON(g *arm64.Func, id string, tables []string, plane func(), pixels func(vecs int, at []arm64.GP)) {
	mem, vecs, c, n := g.Load("mem"), g.Load("vecs"), g.Load("c"), g.GP()
	var table, at []arm64.GP
	for _, t := range tables {
		table, at = append(table, g.Load(t)), append(at, g.GP())
	}
	g.Label("planes" + id)
	for i := range at {
		g.LoadW(arm64.Post(table[i], 4), at[i])
		g.ADDL(at[i], 2, mem, at[i])
	}
	plane()
	g.SUBSI(2, vecs, n)
	g.BC("LT", "rest"+id)
	g.PCALIGN(16)
	g.Label("blocks" + id)
	g.Scope(func() { pixels(4, at) })
	g.SUBSI(2, n, n)
	g.BC("GE", "blocks"+id)
	g.Label("rest" + id)
	g.TBZ(0, n, "done"+id) // -2 or -1
	g.Scope(func() { pixels(2, at) })
	g.Label("done" + id)
	g.SUBSI(1, c, c)
	g.BC("NE", "planes"+id)
	g.RET()
}

func addPlanesNEON(f *arm64.File) {
	g := f.Func("Add", "func(mem *float32, a, b, sum *int32, c, vecs int"+activationArgs+")",
		"Add writes act(a+b) for c pairs of planes of vecs times 8 pixels.")
	newActivatorNEON(g).each(func(kind string, apply func(v arm64.V)) {
		g.Scope(func() {
			eachPlaneNEON(g, kind, []string{"a", "b", "sum"}, func() {}, func(vecs int, at []arm64.GP) {
				x, y := g.Vs(vecs), g.Vs(vecs)
				g.VLD1s(arm64.Post(at[0], 16*vecs), x)
				g.VLD1s(arm64.Post(at[1], 16*vecs), y)
				for i, v := range x {
					g.FADD(y[i], v, v)
					apply(v)
				}
				g.VST1s(x, arm64.Post(at[2], 16*vecs))
			})
		})
	})
}

func affinePlanesNEON(f *arm64.File) {
	g := f.Func("Affine", "func(mem *float32, src, dst *int32, scale, shift *float32, scaleStep, shiftStep, c, vecs int"+activationArgs+")",
		"Affine writes act(scale*src+shift) for c planes of vecs times 8 pixels; the next",
		"plane's scale is scaleStep bytes on, its shift shiftStep.")
	a, b := g.V(), g.V()
	scale, shift, scaleStep, shiftStep := g.Load("scale"), g.Load("shift"), g.Load("scaleStep"), g.Load("shiftStep")
	newActivatorNEON(g).each(func(kind string, apply func(v arm64.V)) {
		g.Scope(func() {
			eachPlaneNEON(g, kind, []string{"src", "dst"}, func() {
				g.VLD1R(arm64.At(scale, 0), a)
				g.VLD1R(arm64.At(shift, 0), b)
				g.ADD(scaleStep, scale, scale)
				g.ADD(shiftStep, shift, shift)
			}, func(vecs int, at []arm64.GP) {
				x, y := g.Vs(vecs), g.Vs(vecs)
				g.VLD1s(arm64.Post(at[0], 16*vecs), x)
				for i, v := range y {
					g.VMOV(b, v)
					g.VFMLA(a, x[i], v)
					apply(v)
				}
				g.VST1s(y, arm64.Post(at[1], 16*vecs))
			})
		})
	})
}
