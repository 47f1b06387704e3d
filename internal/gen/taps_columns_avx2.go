package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const tapColumnsArgs = "dst, src, w *float32, offsets *int32, kh, kw, rows, dstStep, srcStep, dstSecond, srcSecond int" + activationArgs

// tapColumnsDoc is the contract of the unit, which every set has.
var tapColumnsDoc = []string{
	"TapColumns is Taps for windows of at least 4 tap rows, which lie as far apart in src as its rows.",
	"w has kh rows of kw taps, and then the bias; offsets those of the first tap row. There are at",
	"least four rows. Taps are added column by column.",
}

// tapColumns goes down the columns of the window. A pixel of the input is tap row i of
// output row r-i, so that each is loaded once for four outputs.
type tapColumns struct {
	vectors
	src, w, p, by, step, third, srcStep, second reg.GPVirtual
	acc                                         []reg.VecVirtual // 4 rows of the first group, 4 of the second
}

func tapColumnsOf(v vectors) {
	g, ctx := &tapColumns{vectors: v}, v.asm
	begin(ctx, "TapColumns", "func("+tapColumnsArgs+")")
	ctx.Doc(tapColumnsDoc...)
	load := func(name string) reg.GPVirtual {
		r := ctx.GP64()
		ctx.Load(ctx.Param(name), r)
		return r
	}
	dst, offsets, rows := load("dst"), load("offsets"), load("rows")
	g.src, g.w, g.step, g.srcStep, g.second = load("src"), load("w"), load("kw"), load("srcStep"), load("srcSecond")
	g.p, g.by, g.third = ctx.GP64(), ctx.GP64(), ctx.GP64()
	t, n := ctx.GP64(), ctx.GP64()
	ctx.SHLQ(operand.Imm(2), g.step)
	ctx.LEAQ(operand.Mem{Base: g.step, Index: g.step, Scale: 2}, g.third)
	ctx.Label("fours")
	ctx.MOVQ(param(ctx, "kh"), n)
	ctx.IMULQ(g.step, n)
	for range 8 {
		a := g.vec()
		ctx.VBROADCASTSS(operand.Mem{Base: g.w, Index: n, Scale: 1}, a)
		g.acc = append(g.acc, a)
	}
	ctx.XORQ(t, t)
	ctx.Label("columns")
	ctx.MOVLQSX(operand.Mem{Base: offsets, Index: t, Scale: 4}, g.p)
	ctx.LEAQ(operand.Mem{Base: g.w, Index: t, Scale: 4}, g.by)
	ctx.ADDQ(g.src, g.p)
	g.row(0)
	g.row(1, 0)
	g.row(2, 1, 0)
	ctx.MOVQ(param(ctx, "kh"), n)
	ctx.SUBQ(operand.Imm(3), n)
	align(ctx, 16)
	ctx.Label("middle")
	g.row(3, 2, 1, 0)
	ctx.ADDQ(g.step, g.by)
	ctx.DECQ(n)
	ctx.JNZ(operand.LabelRef("middle"))
	g.row(-1, 2, 1, 0)
	g.row(-1, -1, 2, 1)
	g.row(-1, -1, -1, 2)
	ctx.INCQ(t)
	ctx.CMPQ(t, param(ctx, "kw"))
	ctx.JLT(operand.LabelRef("columns"))
	activate(ctx, "four", g.vec, g.acc...)
	storeGroups(ctx, dst, g.acc)
	nextFour(ctx, rows, dst, g.src, g.srcStep)
	ctx.JMP(operand.LabelRef("fours"))
	ctx.Label("end")
	ctx.VZEROUPPER()
	ctx.RET()
}

// row adds a row of the input to the output rows: to output row y with the tap row
// taps[y] rows from by on; -1: with none.
func (g *tapColumns) row(taps ...int) {
	x, w := []reg.VecVirtual{g.vec(), g.vec()}, g.vec()
	g.asm.VMOVUPS(operand.Mem{Base: g.p}, x[0])
	g.asm.VMOVUPS(operand.Mem{Base: g.p, Index: g.second, Scale: 1}, x[1])
	g.asm.ADDQ(g.srcStep, g.p)
	for y, i := range taps {
		m := operand.Mem{Base: g.by}
		switch i {
		case -1:
			continue
		case 1, 2:
			m.Index, m.Scale = g.step, uint8(i)
		case 3:
			m.Index, m.Scale = g.third, 1
		}
		g.asm.VBROADCASTSS(m, w)
		g.asm.VFMADD231PS(x[0], w, g.acc[y])
		g.asm.VFMADD231PS(x[1], w, g.acc[4+y])
	}
}
