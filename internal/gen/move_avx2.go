package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// moveAVX2 is the unit of the kernels that go over planes pixel by pixel.
func moveAVX2() *build.Context {
	g := vectors{newContext(), 8}
	addPlanes(g)
	affinePlanes(g)
	return g.Context
}

// eachPlane emits a loop over c planes and in it one over vecs vectors of each,
// in blocks of 4. plane runs once for each; vector gets the byte offset's
// register and a displacement. at has the plane's pointers, one a table. id makes the
// labels unique.
func eachPlane(g vectors, id string, tables []string, plane func(c reg.GPVirtual), vector func(at []reg.GPVirtual, i reg.GPVirtual, disp int)) {
	c, i, end, mem := g.GP64(), g.GP64(), g.GP64(), g.GP64()
	var at []reg.GPVirtual
	for range tables {
		at = append(at, g.GP64())
	}
	g.Load(g.Param("mem"), mem)
	g.Load(g.Param("vecs"), end)
	g.IMUL3Q(operand.Imm(uint64(g.bytes())), end, end)
	g.XORQ(c, c)
	g.Label("planes" + id)
	for n, table := range tables {
		g.Load(g.Param(table), at[n])
		g.MOVLQSX(operand.Mem{Base: at[n], Index: c, Scale: 4}, at[n])
		g.LEAQ(operand.Mem{Base: mem, Index: at[n], Scale: 4}, at[n])
	}
	plane(c)
	g.XORQ(i, i)
	next := g.GP64()
	g.Label("blocks" + id)
	g.LEAQ(operand.Mem{Base: i, Disp: 4 * g.bytes()}, next)
	g.CMPQ(next, end)
	g.JGT(operand.LabelRef("rest" + id))
	for v := range 4 {
		vector(at, i, g.bytes()*v)
	}
	g.MOVQ(next, i)
	g.JMP(operand.LabelRef("blocks" + id))
	g.Label("rest" + id)
	g.CMPQ(i, end)
	g.JGE(operand.LabelRef("done" + id))
	vector(at, i, 0)
	g.ADDQ(operand.Imm(uint64(g.bytes())), i)
	g.JMP(operand.LabelRef("rest" + id))
	g.Label("done" + id)
	g.INCQ(c)
	left := g.GP64()
	g.Load(g.Param("c"), left)
	g.CMPQ(c, left)
	g.JLT(operand.LabelRef("planes" + id))
	g.VZEROUPPER()
	g.RET()
}

func addPlanes(g vectors) {
	begin(g.Context, "Add", "func(mem *float32, a, b, sum *int32, c, vecs int"+activationArgs+")")
	g.Doc("Add writes act(a+b) for c pairs of planes of vecs vectors.")
	eachActivation(g.Context, g.vec, func(kind string, apply func(v reg.VecVirtual)) {
		eachPlane(g, kind, []string{"a", "b", "sum"}, func(reg.GPVirtual) {}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
			v := g.vec()
			g.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, v)
			g.VADDPS(operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp}, v, v)
			apply(v)
			g.VMOVUPS(v, operand.Mem{Base: at[2], Index: i, Scale: 1, Disp: disp})
		})
	})
}

func affinePlanes(g vectors) {
	begin(g.Context, "Affine", "func(mem *float32, src, dst *int32, scale, shift *float32, scaleStep, shiftStep, c, vecs int"+activationArgs+")")
	g.Doc("Affine writes act(scale*src+shift) for c planes of vecs vectors; the next plane's",
		"scale is scaleStep bytes on, its shift shiftStep.")
	scale, shift, scaleStep, shiftStep := g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("scale"), scale)
	g.Load(g.Param("shift"), shift)
	g.Load(g.Param("scaleStep"), scaleStep)
	g.Load(g.Param("shiftStep"), shiftStep)
	eachActivation(g.Context, g.vec, func(kind string, apply func(v reg.VecVirtual)) {
		a, b := g.vec(), g.vec()
		eachPlane(g, kind, []string{"src", "dst"}, func(c reg.GPVirtual) {
			g.VBROADCASTSS(operand.Mem{Base: scale}, a)
			g.VBROADCASTSS(operand.Mem{Base: shift}, b)
			g.ADDQ(scaleStep, scale)
			g.ADDQ(shiftStep, shift)
		}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
			v := g.vec()
			g.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, v)
			g.VFMADD213PS(b, a, v)
			apply(v)
			g.VMOVUPS(v, operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp})
		})
	})
}
