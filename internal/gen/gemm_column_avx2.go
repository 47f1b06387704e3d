package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemmColumn emits the kernel for one pixel alone, such as the last of 7x7. Its
// vectors are the four output channels of a packed tile. A strip would compute
// eight pixels, seven of them in vain.
type gemmColumn struct {
	asm                       *build.Context
	mem, a, row, left, stride reg.GPVirtual // as in gemm; mem is &Mem[BOff]
}

const columnRows = 4

func gemmColumnKernel(ctx *build.Context) {
	g := &gemmColumn{asm: ctx}
	begin(ctx, "GEMM4x1", gemmSignature)
	ctx.Doc(
		"GEMM4x1 computes m output channels of one pixel, weights packed in tiles of 4 rows:",
		"arguments and result as GEMM4x8's, without the pixels that follow.",
	)
	g.mem, g.a, g.row, g.left, g.stride = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	t := g.asm.GP64()
	g.asm.Load(g.asm.Param("mem"), g.mem)
	g.asm.Load(g.asm.Param("boff"), t)
	g.asm.ADDQ(t, g.mem)
	g.asm.Load(g.asm.Param("a"), g.a)
	g.asm.Load(g.asm.Param("m"), g.left)
	g.asm.Load(g.asm.Param("k"), g.stride)
	g.asm.SHLQ(operand.Imm(4), g.stride)
	g.asm.XORQ(g.row, g.row)
	for _, tiles := range []int{12, 8, 4, 2, 1} { // four or fewer are bound by latency
		loop, end := fmt.Sprintf("tiles%d", tiles), fmt.Sprintf("tiles%dend", tiles)
		g.asm.Label(loop)
		g.asm.CMPQ(g.left, operand.Imm(uint64(tiles*columnRows)))
		g.asm.JLT(operand.LabelRef(end))
		g.tiles(tiles, columnRows)
		g.asm.ADDQ(operand.Imm(uint64(4*tiles*columnRows)), g.row)
		g.asm.SUBQ(operand.Imm(uint64(tiles*columnRows)), g.left)
		g.asm.JMP(operand.LabelRef(loop))
		g.asm.Label(end)
	}
	for rows := columnRows - 1; rows > 0; rows-- {
		next := fmt.Sprintf("not%d", rows)
		g.asm.CMPQ(g.left, operand.Imm(uint64(rows)))
		g.asm.JNE(operand.LabelRef(next))
		g.tiles(1, rows)
		g.asm.RET()
		g.asm.Label(next)
	}
	g.asm.RET()
}

// get loads rows floats; nothing behind them is read.
func (g *gemmColumn) get(rows int, m operand.Mem, x reg.VecVirtual) {
	switch rows {
	case 4:
		g.asm.VMOVUPS(m, x)
	case 3:
		g.asm.VMOVSD(m, x)
		m.Disp += 8
		g.asm.VINSERTPS(operand.Imm(0x20), m, x, x)
	case 2:
		g.asm.VMOVSD(m, x)
	case 1:
		g.asm.VMOVSS(m, x)
	}
}

// tiles computes so many packed tiles of rows output channels, and leaves g.a
// behind them.
func (g *gemmColumn) tiles(tiles, rows int) {
	id := fmt.Sprintf("%dx%d", tiles, rows)
	acc := make([]reg.VecVirtual, tiles)
	bias := g.asm.GP64()
	g.asm.Load(g.asm.Param("bias"), bias)
	for i := range acc {
		acc[i] = g.asm.XMM()
		g.get(rows, operand.Mem{Base: bias, Index: g.row, Scale: 1, Disp: 16 * i}, acc[i])
	}
	bases, tile := tilesAbreast(g.asm, g.a, g.stride, tiles)
	b, k, off := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("b"), b)
	g.asm.Load(g.asm.Param("k"), k)
	pixel, w := g.asm.XMM(), g.asm.XMM()
	step := func(u int) {
		g.asm.MOVLQSX(operand.Mem{Base: b, Disp: 4 * u}, off)
		g.asm.VBROADCASTSS(operand.Mem{Base: g.mem, Index: off, Scale: 4}, pixel)
		for i := range acc {
			from := tile(i, 4*rows*u)
			if rows == 4 {
				g.asm.VFMADD231PS(from, pixel, acc[i])
				continue
			}
			g.get(rows, from, w)
			g.asm.VFMADD231PS(w, pixel, acc[i])
		}
	}
	advance := func(u int) {
		g.asm.ADDQ(operand.Imm(uint64(4*u)), b)
		for _, base := range bases {
			g.asm.ADDQ(operand.Imm(uint64(4*rows*u)), base)
		}
	}
	const unroll = 4
	g.asm.SUBQ(operand.Imm(unroll), k)
	g.asm.JLT(operand.LabelRef("tail" + id))
	align(g.asm, 32)
	g.asm.Label("loop" + id)
	for u := range unroll {
		step(u)
	}
	advance(unroll)
	g.asm.SUBQ(operand.Imm(unroll), k)
	g.asm.JGE(operand.LabelRef("loop" + id))
	g.asm.Label("tail" + id)
	g.asm.ADDQ(operand.Imm(unroll), k)
	g.asm.JEQ(operand.LabelRef("done" + id))
	g.asm.Label("one" + id)
	step(0)
	advance(1)
	g.asm.DECQ(k)
	g.asm.JNE(operand.LabelRef("one" + id))
	g.asm.Label("done" + id)
	for range tiles - 1 { // g.a went through the first tile: skip the others
		g.asm.ADDQ(g.stride, g.a)
	}
	g.residual(id, rows, acc)
	activate(g.asm, id, g.limit, acc...)
	g.store(rows, acc)
}

// tilesAbreast is how a loop over depth finds element disp of each of so many tiles: tile i
// is at a + i*stride. Every base serves three tiles, by index 0, 1, 2, and the loop
// advances all of them.
func tilesAbreast(ctx *build.Context, a, stride reg.GPVirtual, tiles int) (bases []reg.GPVirtual, tile func(i, disp int) operand.Mem) {
	bases = []reg.GPVirtual{a}
	for len(bases)*3 < tiles {
		b := ctx.GP64()
		ctx.LEAQ(operand.Mem{Base: bases[len(bases)-1], Index: stride, Scale: 2}, b)
		ctx.ADDQ(stride, b)
		bases = append(bases, b)
	}
	return bases, func(i, disp int) operand.Mem {
		m := operand.Mem{Base: bases[i/3], Disp: disp}
		if i%3 > 0 {
			m.Index, m.Scale = stride, uint8(i%3)
		}
		return m
	}
}

func (g *gemmColumn) residual(id string, rows int, acc []reg.VecVirtual) {
	r, scale, off := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("r"), r)
	g.asm.TESTQ(r, r)
	g.asm.JEQ(operand.LabelRef("nores" + id))
	base := memoryAt(g.asm, "roff")
	g.asm.Load(g.asm.Param("scale"), scale)
	x, s := g.asm.XMM(), g.asm.XMM()
	for i := range acc {
		for j := range rows {
			g.asm.MOVLQSX(operand.Mem{Base: r, Index: g.row, Scale: 1, Disp: 4 * (4*i + j)}, off)
			from := operand.Mem{Base: base, Index: off, Scale: 4}
			if j == 0 {
				g.asm.VMOVSS(from, x)
			} else {
				g.asm.VINSERTPS(operand.Imm(uint64(j<<4)), from, x, x)
			}
		}
		plain, end := fmt.Sprintf("plain%s_%d", id, i), fmt.Sprintf("added%s_%d", id, i)
		g.asm.TESTQ(scale, scale)
		g.asm.JEQ(operand.LabelRef(plain))
		g.get(rows, operand.Mem{Base: scale, Index: g.row, Scale: 1, Disp: 16 * i}, s)
		g.asm.VFMADD231PS(x, s, acc[i])
		g.asm.JMP(operand.LabelRef(end))
		g.asm.Label(plain)
		g.asm.VADDPS(x, acc[i], acc[i])
		g.asm.Label(end)
	}
	g.asm.Label("nores" + id)
}

// limit is a register for a bound of the activation.
func (g *gemmColumn) limit() reg.VecVirtual { return g.asm.XMM() }

func (g *gemmColumn) store(rows int, acc []reg.VecVirtual) {
	c, off := g.asm.GP64(), g.asm.GP64()
	base := memoryAt(g.asm, "coff")
	g.asm.Load(g.asm.Param("c"), c)
	for i := range acc {
		for j := range rows {
			g.asm.MOVLQSX(operand.Mem{Base: c, Index: g.row, Scale: 1, Disp: 4 * (4*i + j)}, off)
			to := operand.Mem{Base: base, Index: off, Scale: 4}
			if j == 0 {
				g.asm.VMOVSS(acc[i], to)
			} else {
				g.asm.VEXTRACTPS(operand.Imm(uint64(j)), acc[i], to)
			}
		}
	}
}
