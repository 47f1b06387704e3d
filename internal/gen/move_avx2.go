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
	return g.asm
}

// eachPlane emits a loop over c planes and in it one over vecs vectors of each,
// in blocks of 4. plane runs once for each; vector gets the byte offset's
// register and a displacement. at has the plane's pointers, one a table. id makes the
// labels unique.
func eachPlane(g vectors, id string, tables []string, plane func(c reg.GPVirtual), vector func(at []reg.GPVirtual, i reg.GPVirtual, disp int)) {
	c, i, end, mem := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	var at []reg.GPVirtual
	for range tables {
		at = append(at, g.asm.GP64())
	}
	g.asm.Load(g.asm.Param("mem"), mem)
	g.asm.Load(g.asm.Param("vecs"), end)
	g.asm.IMUL3Q(operand.Imm(uint64(g.bytes())), end, end)
	g.asm.XORQ(c, c)
	g.asm.Label("planes" + id)
	for n, table := range tables {
		g.asm.Load(g.asm.Param(table), at[n])
		g.asm.MOVLQSX(operand.Mem{Base: at[n], Index: c, Scale: 4}, at[n])
		g.asm.LEAQ(operand.Mem{Base: mem, Index: at[n], Scale: 4}, at[n])
	}
	plane(c)
	g.asm.XORQ(i, i)
	next := g.asm.GP64()
	g.asm.Label("blocks" + id)
	g.asm.LEAQ(operand.Mem{Base: i, Disp: 4 * g.bytes()}, next)
	g.asm.CMPQ(next, end)
	g.asm.JGT(operand.LabelRef("rest" + id))
	for v := range 4 {
		vector(at, i, g.bytes()*v)
	}
	g.asm.MOVQ(next, i)
	g.asm.JMP(operand.LabelRef("blocks" + id))
	g.asm.Label("rest" + id)
	g.asm.CMPQ(i, end)
	g.asm.JGE(operand.LabelRef("done" + id))
	vector(at, i, 0)
	g.asm.ADDQ(operand.Imm(uint64(g.bytes())), i)
	g.asm.JMP(operand.LabelRef("rest" + id))
	g.asm.Label("done" + id)
	g.asm.INCQ(c)
	left := g.asm.GP64()
	g.asm.Load(g.asm.Param("c"), left)
	g.asm.CMPQ(c, left)
	g.asm.JLT(operand.LabelRef("planes" + id))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

func addPlanes(g vectors) {
	begin(g.asm, "Add", "func(mem *float32, a, b, sum *int32, c, vecs int"+activationArgs+")")
	g.asm.Doc("Add writes act(a+b) for c pairs of planes of vecs vectors.")
	eachActivation(g.asm, g.vec, func(kind string, apply func(v reg.VecVirtual)) {
		eachPlane(g, kind, []string{"a", "b", "sum"}, func(reg.GPVirtual) {}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
			v := g.vec()
			g.asm.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, v)
			g.asm.VADDPS(operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp}, v, v)
			apply(v)
			g.asm.VMOVUPS(v, operand.Mem{Base: at[2], Index: i, Scale: 1, Disp: disp})
		})
	})
}

func affinePlanes(g vectors) {
	begin(g.asm, "Affine", "func(mem *float32, src, dst *int32, scale, shift *float32, scaleStep, shiftStep, c, vecs int"+activationArgs+")")
	g.asm.Doc("Affine writes act(scale*src+shift) for c planes of vecs vectors; the next plane's",
		"scale is scaleStep bytes on, its shift shiftStep.")
	scale, shift, scaleStep, shiftStep := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("scale"), scale)
	g.asm.Load(g.asm.Param("shift"), shift)
	g.asm.Load(g.asm.Param("scaleStep"), scaleStep)
	g.asm.Load(g.asm.Param("shiftStep"), shiftStep)
	eachActivation(g.asm, g.vec, func(kind string, apply func(v reg.VecVirtual)) {
		a, b := g.vec(), g.vec()
		eachPlane(g, kind, []string{"src", "dst"}, func(c reg.GPVirtual) {
			g.asm.VBROADCASTSS(operand.Mem{Base: scale}, a)
			g.asm.VBROADCASTSS(operand.Mem{Base: shift}, b)
			g.asm.ADDQ(scaleStep, scale)
			g.asm.ADDQ(shiftStep, shift)
		}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
			v := g.vec()
			g.asm.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, v)
			g.asm.VFMADD213PS(b, a, v)
			apply(v)
			g.asm.VMOVUPS(v, operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp})
		})
	})
}
