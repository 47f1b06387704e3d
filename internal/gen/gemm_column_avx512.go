package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columns emits the kernel for the few pixels that are left of a plane, such as the
// last one of 7x7 and the last four of 14x14. Its vectors are the eight output channels
// of a packed tile, and its accumulators a pixel each: a strip would compute sixteen
// pixels, most of them in vain. In the end four accumulators are turned into eight rows
// of four pixels.
type columns struct {
	vectors
	pixels                    int // 1 or 4
	mem, a, row, left, stride reg.GPVirtual
	mask, rest                reg.OpmaskVirtual // of pixels; of the last tile's rows
}

const columnsRows = 8

// gemmColumns emits it with so many packed tiles side by side, the most first.
func gemmColumns(g vectors, pixels int, counts []int) {
	c := &columns{vectors: g, pixels: pixels}
	name := fmt.Sprintf("GEMM%dx%d", columnsRows, pixels)
	begin(g.asm, name, gemmSignature[:len(gemmSignature)-1]+maskArg)
	g.asm.Doc(
		fmt.Sprintf("%s computes m output channels of %d pixels or fewer, those whose bits are set in mask, weights packed", name, pixels),
		"in tiles of 8 rows: arguments and result as GEMM8x16's. Of b it reads as many pixels as its name says.",
	)
	c.mem, c.a, c.row, c.left, c.stride = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	t := g.asm.GP64()
	g.asm.Load(g.asm.Param("mem"), c.mem)
	g.asm.Load(g.asm.Param("boff"), t)
	g.asm.ADDQ(t, c.mem)
	g.asm.Load(g.asm.Param("a"), c.a)
	g.asm.Load(g.asm.Param("m"), c.left)
	g.asm.Load(g.asm.Param("k"), c.stride)
	g.asm.SHLQ(operand.Imm(5), c.stride)
	g.asm.XORQ(c.row, c.row)
	c.mask, c.rest = g.asm.K(), g.asm.K()
	g.asm.KMOVQ(param(g.asm, "mask"), c.mask)
	for _, tiles := range counts {
		loop, end := fmt.Sprintf("tiles%d", tiles), fmt.Sprintf("tiles%dend", tiles)
		g.asm.Label(loop)
		g.asm.CMPQ(c.left, operand.Imm(uint64(tiles*columnsRows)))
		g.asm.JLT(operand.LabelRef(end))
		c.tiles(tiles, columnsRows)
		g.asm.ADDQ(constant(4*tiles*columnsRows), c.row)
		g.asm.SUBQ(operand.Imm(uint64(tiles*columnsRows)), c.left)
		g.asm.JMP(operand.LabelRef(loop))
		g.asm.Label(end)
	}
	for rows := columnsRows - 1; rows > 0; rows-- {
		next := fmt.Sprintf("not%d", rows)
		g.asm.CMPQ(c.left, operand.Imm(uint64(rows)))
		g.asm.JNE(operand.LabelRef(next))
		bits := g.asm.GP32()
		g.asm.MOVL(operand.U32(1<<rows-1), bits)
		g.asm.KMOVW(bits, c.rest)
		c.tiles(1, rows)
		g.asm.VZEROUPPER()
		g.asm.RET()
		g.asm.Label(next)
	}
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// get loads rows floats; nothing behind them is read.
func (g *columns) get(rows int, m operand.Mem, x reg.VecVirtual) {
	if rows == columnsRows {
		g.asm.VMOVUPS(m, x)
	} else {
		g.asm.VMOVUPS_Z(m, g.rest, x)
	}
}

// tiles computes so many packed tiles of rows output channels, and leaves g.a
// behind them.
func (g *columns) tiles(tiles, rows int) {
	id := fmt.Sprintf("%dx%d", tiles, rows)
	acc := make([][]reg.VecVirtual, tiles)
	bias := g.asm.GP64()
	g.asm.Load(g.asm.Param("bias"), bias)
	for i := range acc {
		for p := range g.pixels {
			acc[i] = append(acc[i], g.vec())
			if p == 0 {
				g.get(rows, operand.Mem{Base: bias, Index: g.row, Scale: 1, Disp: 4 * columnsRows * i}, acc[i][0])
			} else {
				g.asm.VMOVAPS(acc[i][0], acc[i][p])
			}
		}
	}
	bases, tile := tilesAbreast(g.asm, g.a, g.stride, tiles)
	b, k, off := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("b"), b)
	g.asm.Load(g.asm.Param("k"), k)
	pixel := make([]reg.VecVirtual, g.pixels)
	for p := range pixel {
		pixel[p] = g.vec()
	}
	w := g.vec()
	step := func(u int) {
		g.asm.MOVLQSX(operand.Mem{Base: b, Disp: 4 * u}, off)
		for p := range pixel {
			g.asm.VBROADCASTSS(operand.Mem{Base: g.mem, Index: off, Scale: 4, Disp: 4 * p}, pixel[p])
		}
		for i := range acc {
			g.get(rows, tile(i, 4*rows*u), w)
			for p := range pixel {
				g.asm.VFMADD231PS(w, pixel[p], acc[i][p])
			}
		}
	}
	advance := func(u int) {
		g.asm.ADDQ(operand.Imm(uint64(4*u)), b)
		for _, base := range bases {
			g.asm.ADDQ(constant(4*rows*u), base)
		}
	}
	unroll := 2
	if rows < columnsRows {
		unroll = 1
	}
	if unroll > 1 {
		g.asm.SUBQ(operand.Imm(uint64(unroll)), k)
		g.asm.JLT(operand.LabelRef("tail" + id))
		align(g.asm, 32)
		g.asm.Label("loop" + id)
		for u := range unroll {
			step(u)
		}
		advance(unroll)
		g.asm.SUBQ(operand.Imm(uint64(unroll)), k)
		g.asm.JGE(operand.LabelRef("loop" + id))
		g.asm.Label("tail" + id)
		g.asm.ADDQ(operand.Imm(uint64(unroll)), k)
		g.asm.JEQ(operand.LabelRef("done" + id))
	}
	g.asm.Label("one" + id)
	step(0)
	advance(1)
	g.asm.DECQ(k)
	g.asm.JNE(operand.LabelRef("one" + id))
	g.asm.Label("done" + id)
	for range tiles - 1 { // g.a went through the first tile: skip the others
		g.asm.ADDQ(g.stride, g.a)
	}
	for i := range acc {
		g.finish(fmt.Sprintf("%s_%d", id, i), rows, columnsRows*i, g.turn(acc[i]))
	}
}

// turn makes rows of four pixels each of pixels of eight rows each.
func (g *columns) turn(acc []reg.VecVirtual) []reg.VecVirtual {
	at := func(p int) reg.VecVirtual { return acc[min(p, len(acc)-1)] }
	var pairs [4]reg.VecVirtual // two pixels of rows 0, 1 and 4, 5; of rows 2, 3 and 6, 7
	for i := range pairs {
		pairs[i] = g.vec()
		if i%2 == 0 {
			g.asm.VUNPCKLPS(at(i+1), at(i), pairs[i])
			continue
		}
		g.asm.VUNPCKHPS(at(i), at(i-1), pairs[i])
	}
	rows := make([]reg.VecVirtual, columnsRows)
	for i := range 4 { // rows i and i+4
		both := g.vec()
		order := uint64(0x44)
		if i%2 == 1 {
			order = 0xee
		}
		g.asm.VSHUFPS(operand.Imm(order), pairs[2+i/2], pairs[i/2], both)
		rows[i], rows[i+4] = both.AsX().(reg.VecVirtual), g.asm.XMM()
		g.asm.VEXTRACTF32X4(operand.Imm(1), both, rows[i+4])
	}
	return rows
}

// finish adds the residual to the first so many rows of a tile, applies the activation
// and stores them.
func (g *columns) finish(id string, rows, first int, acc []reg.VecVirtual) {
	acc = acc[:rows]
	table, scale, off := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	at := func(base reg.GPVirtual, i int) operand.Mem {
		return operand.Mem{Base: base, Index: g.row, Scale: 1, Disp: 4 * (first + i)}
	}
	g.asm.Load(g.asm.Param("r"), table)
	g.asm.TESTQ(table, table)
	g.asm.JEQ(operand.LabelRef("nores" + id))
	base := memoryAt(g.asm, "roff")
	g.asm.Load(g.asm.Param("scale"), scale)
	g.asm.TESTQ(scale, scale)
	g.asm.JEQ(operand.LabelRef("noscale" + id))
	s := g.asm.XMM()
	for i, x := range acc {
		g.asm.MOVLQSX(at(table, i), off)
		g.asm.VBROADCASTSS(at(scale, i), s)
		g.asm.VFMADD231PS(operand.Mem{Base: base, Index: off, Scale: 4}, s, g.mask, x)
	}
	g.asm.JMP(operand.LabelRef("nores" + id))
	g.asm.Label("noscale" + id)
	for i, x := range acc {
		g.asm.MOVLQSX(at(table, i), off)
		g.asm.VADDPS(operand.Mem{Base: base, Index: off, Scale: 4}, x, g.mask, x)
	}
	g.asm.Label("nores" + id)
	activate(g.asm, id, func() reg.VecVirtual { return g.asm.XMM() }, acc...)
	base = memoryAt(g.asm, "coff")
	g.asm.Load(g.asm.Param("c"), table)
	for i, x := range acc {
		g.asm.MOVLQSX(at(table, i), off)
		g.asm.VMOVUPS(x, g.mask, operand.Mem{Base: base, Index: off, Scale: 4})
	}
}
