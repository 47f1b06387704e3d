package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// binaryAVX2 is the unit of arithmetic on two planes: for each operation and each form
// of the second operand a loop of its own, since all of them are bound by memory.
func binaryAVX2() *build.Context {
	g := vectors{newContext(), 8}
	begin(g.asm, "Binary", "func(mem *float32, a, b, out *int32, c, vecs, one, op int)")
	g.asm.Doc("Binary writes a op b for c pairs of planes of vecs vectors. op is package kernel's BinaryOp. Where one is 1,",
		"each plane of b has one pixel.")
	for op, f := range binaries {
		for _, one := range []int{0, 1} {
			next := fmt.Sprintf("not%d%d", op, one)
			g.asm.CMPQ(param(g.asm, "op"), operand.Imm(uint64(op)))
			g.asm.JNE(operand.LabelRef(next))
			g.asm.CMPQ(param(g.asm, "one"), operand.Imm(uint64(one)))
			g.asm.JNE(operand.LabelRef(next))
			binaryPlanes(g, fmt.Sprintf("%d%d", op, one), one == 1, f)
			g.asm.Label(next)
		}
	}
	g.asm.RET()
	return g.asm
}

// binaries are package kernel's operations, by number: a = a op b. VMINPS and VMAXPS
// return their second source if either is NaN.
var binaries = []func(g vectors, a, b reg.VecVirtual){
	func(g vectors, a, b reg.VecVirtual) { g.asm.VMULPS(b, a, a) },
	func(g vectors, a, b reg.VecVirtual) { g.asm.VSUBPS(b, a, a) },
	func(g vectors, a, b reg.VecVirtual) { g.asm.VDIVPS(b, a, a) },
	func(g vectors, a, b reg.VecVirtual) { g.orNaN(a, b, func(r reg.VecVirtual) { g.asm.VMINPS(b, a, r) }) },
	func(g vectors, a, b reg.VecVirtual) { g.orNaN(a, b, func(r reg.VecVirtual) { g.asm.VMAXPS(b, a, r) }) },
	func(g vectors, a, b reg.VecVirtual) { g.asm.VADDPS(b, a, a) },
}

// orNaN makes a what f computes of a and b, or NaN where a is.
func (g vectors) orNaN(a, b reg.VecVirtual, f func(r reg.VecVirtual)) {
	r, nan := g.vec(), g.vec()
	f(r)
	g.asm.VCMPPS(operand.Imm(3), a, a, nan)
	g.asm.VBLENDVPS(nan, a, r, a)
}

func binaryPlanes(g vectors, id string, one bool, f func(g vectors, a, b reg.VecVirtual)) {
	b, row, mem := g.vec(), g.asm.GP64(), g.asm.GP64()
	tables := []string{"a", "out", "b"}
	if one {
		tables = tables[:2]
	}
	eachPlane(g, id, tables, func(c reg.GPVirtual) {
		if one {
			g.asm.Load(g.asm.Param("mem"), mem)
			g.asm.Load(g.asm.Param("b"), row)
			g.asm.MOVLQSX(operand.Mem{Base: row, Index: c, Scale: 4}, row)
			g.asm.VBROADCASTSS(operand.Mem{Base: mem, Index: row, Scale: 4}, b)
		}
	}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
		a := g.vec()
		g.asm.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, a)
		if !one {
			g.asm.VMOVUPS(operand.Mem{Base: at[2], Index: i, Scale: 1, Disp: disp}, b)
		}
		f(g, a, b)
		g.asm.VMOVUPS(a, operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp})
	})
}
