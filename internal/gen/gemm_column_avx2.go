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
	*build.Context
	mem, a, row, left, stride reg.GPVirtual // as in gemm; mem is &Mem[BOff]
}

const columnRows = 4

func gemmColumnKernel(ctx *build.Context) {
	g := &gemmColumn{Context: ctx}
	begin(ctx, "GEMM4x1", gemmSignature)
	ctx.Doc(
		"GEMM4x1 computes m output channels of one pixel, weights packed in tiles of 4 rows:",
		"arguments and result as GEMM4x8's, without the pixels that follow.",
	)
	g.mem, g.a, g.row, g.left, g.stride = g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	t := g.GP64()
	g.Load(g.Param("mem"), g.mem)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, g.mem)
	g.Load(g.Param("a"), g.a)
	g.Load(g.Param("m"), g.left)
	g.Load(g.Param("k"), g.stride)
	g.SHLQ(operand.Imm(4), g.stride)
	g.XORQ(g.row, g.row)
	for _, tiles := range []int{12, 8, 4, 2, 1} { // four or fewer are bound by latency
		loop, end := fmt.Sprintf("tiles%d", tiles), fmt.Sprintf("tiles%dend", tiles)
		g.Label(loop)
		g.CMPQ(g.left, operand.Imm(uint64(tiles*columnRows)))
		g.JLT(operand.LabelRef(end))
		g.tiles(tiles, columnRows)
		g.ADDQ(operand.Imm(uint64(4*tiles*columnRows)), g.row)
		g.SUBQ(operand.Imm(uint64(tiles*columnRows)), g.left)
		g.JMP(operand.LabelRef(loop))
		g.Label(end)
	}
	for rows := columnRows - 1; rows > 0; rows-- {
		next := fmt.Sprintf("not%d", rows)
		g.CMPQ(g.left, operand.Imm(uint64(rows)))
		g.JNE(operand.LabelRef(next))
		g.tiles(1, rows)
		g.RET()
		g.Label(next)
	}
	g.RET()
}

// get loads rows floats; nothing behind them is read.
func (g *gemmColumn) get(rows int, m operand.Mem, x reg.VecVirtual) {
	switch rows {
	case 4:
		g.VMOVUPS(m, x)
	case 3:
		g.VMOVSD(m, x)
		m.Disp += 8
		g.VINSERTPS(operand.Imm(0x20), m, x, x)
	case 2:
		g.VMOVSD(m, x)
	case 1:
		g.VMOVSS(m, x)
	}
}

// tiles computes so many packed tiles of rows output channels, and leaves g.a
// behind them.
func (g *gemmColumn) tiles(tiles, rows int) {
	id := fmt.Sprintf("%dx%d", tiles, rows)
	acc := make([]reg.VecVirtual, tiles)
	bias := g.GP64()
	g.Load(g.Param("bias"), bias)
	for i := range acc {
		acc[i] = g.XMM()
		g.get(rows, operand.Mem{Base: bias, Index: g.row, Scale: 1, Disp: 16 * i}, acc[i])
	}
	bases, tile := tilesAbreast(g.Context, g.a, g.stride, tiles)
	b, k, off := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("b"), b)
	g.Load(g.Param("k"), k)
	pixel, w := g.XMM(), g.XMM()
	step := func(u int) {
		g.MOVLQSX(operand.Mem{Base: b, Disp: 4 * u}, off)
		g.VBROADCASTSS(operand.Mem{Base: g.mem, Index: off, Scale: 4}, pixel)
		for i := range acc {
			from := tile(i, 4*rows*u)
			if rows == 4 {
				g.VFMADD231PS(from, pixel, acc[i])
				continue
			}
			g.get(rows, from, w)
			g.VFMADD231PS(w, pixel, acc[i])
		}
	}
	advance := func(u int) {
		g.ADDQ(operand.Imm(uint64(4*u)), b)
		for _, base := range bases {
			g.ADDQ(operand.Imm(uint64(4*rows*u)), base)
		}
	}
	const unroll = 4
	g.SUBQ(operand.Imm(unroll), k)
	g.JLT(operand.LabelRef("tail" + id))
	align(g.Context, 32)
	g.Label("loop" + id)
	for u := range unroll {
		step(u)
	}
	advance(unroll)
	g.SUBQ(operand.Imm(unroll), k)
	g.JGE(operand.LabelRef("loop" + id))
	g.Label("tail" + id)
	g.ADDQ(operand.Imm(unroll), k)
	g.JEQ(operand.LabelRef("done" + id))
	g.Label("one" + id)
	step(0)
	advance(1)
	g.DECQ(k)
	g.JNE(operand.LabelRef("one" + id))
	g.Label("done" + id)
	for range tiles - 1 { // g.a went through the first tile: skip the others
		g.ADDQ(g.stride, g.a)
	}
	g.residual(id, rows, acc)
	activate(g.Context, id, g.limit, acc...)
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
	r, scale, off := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("r"), r)
	g.TESTQ(r, r)
	g.JEQ(operand.LabelRef("nores" + id))
	base := memoryAt(g.Context, "roff")
	g.Load(g.Param("scale"), scale)
	x, s := g.XMM(), g.XMM()
	for i := range acc {
		for j := range rows {
			g.MOVLQSX(operand.Mem{Base: r, Index: g.row, Scale: 1, Disp: 4 * (4*i + j)}, off)
			from := operand.Mem{Base: base, Index: off, Scale: 4}
			if j == 0 {
				g.VMOVSS(from, x)
			} else {
				g.VINSERTPS(operand.Imm(uint64(j<<4)), from, x, x)
			}
		}
		plain, end := fmt.Sprintf("plain%s_%d", id, i), fmt.Sprintf("added%s_%d", id, i)
		g.TESTQ(scale, scale)
		g.JEQ(operand.LabelRef(plain))
		g.get(rows, operand.Mem{Base: scale, Index: g.row, Scale: 1, Disp: 16 * i}, s)
		g.VFMADD231PS(x, s, acc[i])
		g.JMP(operand.LabelRef(end))
		g.Label(plain)
		g.VADDPS(x, acc[i], acc[i])
		g.Label(end)
	}
	g.Label("nores" + id)
}

// limit is a register for a bound of the activation.
func (g *gemmColumn) limit() reg.VecVirtual { return g.XMM() }

func (g *gemmColumn) store(rows int, acc []reg.VecVirtual) {
	c, off := g.GP64(), g.GP64()
	base := memoryAt(g.Context, "coff")
	g.Load(g.Param("c"), c)
	for i := range acc {
		for j := range rows {
			g.MOVLQSX(operand.Mem{Base: c, Index: g.row, Scale: 1, Disp: 4 * (4*i + j)}, off)
			to := operand.Mem{Base: base, Index: off, Scale: 4}
			if j == 0 {
				g.VMOVSS(acc[i], to)
			} else {
				g.VEXTRACTPS(operand.Imm(uint64(j)), acc[i], to)
			}
		}
	}
}
