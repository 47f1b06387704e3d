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
	begin(g.Context, name, gemmSignature[:len(gemmSignature)-1]+maskArg)
	g.Doc(
		fmt.Sprintf("%s computes m output channels of %d pixels or fewer, those whose bits are set in mask, weights packed", name, pixels),
		"in tiles of 8 rows: arguments and result as GEMM8x16's. Of b it reads as many pixels as its name says.",
	)
	c.mem, c.a, c.row, c.left, c.stride = g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	t := g.GP64()
	g.Load(g.Param("mem"), c.mem)
	g.Load(g.Param("boff"), t)
	g.ADDQ(t, c.mem)
	g.Load(g.Param("a"), c.a)
	g.Load(g.Param("m"), c.left)
	g.Load(g.Param("k"), c.stride)
	g.SHLQ(operand.Imm(5), c.stride)
	g.XORQ(c.row, c.row)
	c.mask, c.rest = g.K(), g.K()
	g.KMOVQ(param(g.Context, "mask"), c.mask)
	for _, tiles := range counts {
		loop, end := fmt.Sprintf("tiles%d", tiles), fmt.Sprintf("tiles%dend", tiles)
		g.Label(loop)
		g.CMPQ(c.left, operand.Imm(uint64(tiles*columnsRows)))
		g.JLT(operand.LabelRef(end))
		c.tiles(tiles, columnsRows)
		g.ADDQ(constant(4*tiles*columnsRows), c.row)
		g.SUBQ(operand.Imm(uint64(tiles*columnsRows)), c.left)
		g.JMP(operand.LabelRef(loop))
		g.Label(end)
	}
	for rows := columnsRows - 1; rows > 0; rows-- {
		next := fmt.Sprintf("not%d", rows)
		g.CMPQ(c.left, operand.Imm(uint64(rows)))
		g.JNE(operand.LabelRef(next))
		bits := g.GP32()
		g.MOVL(operand.U32(1<<rows-1), bits)
		g.KMOVW(bits, c.rest)
		c.tiles(1, rows)
		g.VZEROUPPER()
		g.RET()
		g.Label(next)
	}
	g.VZEROUPPER()
	g.RET()
}

// get loads rows floats; nothing behind them is read.
func (g *columns) get(rows int, m operand.Mem, x reg.VecVirtual) {
	if rows == columnsRows {
		g.VMOVUPS(m, x)
	} else {
		g.VMOVUPS_Z(m, g.rest, x)
	}
}

// tiles computes so many packed tiles of rows output channels, and leaves g.a
// behind them.
func (g *columns) tiles(tiles, rows int) {
	id := fmt.Sprintf("%dx%d", tiles, rows)
	acc := make([][]reg.VecVirtual, tiles)
	bias := g.GP64()
	g.Load(g.Param("bias"), bias)
	for i := range acc {
		for p := range g.pixels {
			acc[i] = append(acc[i], g.vec())
			if p == 0 {
				g.get(rows, operand.Mem{Base: bias, Index: g.row, Scale: 1, Disp: 4 * columnsRows * i}, acc[i][0])
			} else {
				g.VMOVAPS(acc[i][0], acc[i][p])
			}
		}
	}
	bases, tile := tilesAbreast(g.Context, g.a, g.stride, tiles)
	b, k, off := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("b"), b)
	g.Load(g.Param("k"), k)
	pixel := make([]reg.VecVirtual, g.pixels)
	for p := range pixel {
		pixel[p] = g.vec()
	}
	w := g.vec()
	step := func(u int) {
		g.MOVLQSX(operand.Mem{Base: b, Disp: 4 * u}, off)
		for p := range pixel {
			g.VBROADCASTSS(operand.Mem{Base: g.mem, Index: off, Scale: 4, Disp: 4 * p}, pixel[p])
		}
		for i := range acc {
			g.get(rows, tile(i, 4*rows*u), w)
			for p := range pixel {
				g.VFMADD231PS(w, pixel[p], acc[i][p])
			}
		}
	}
	advance := func(u int) {
		g.ADDQ(operand.Imm(uint64(4*u)), b)
		for _, base := range bases {
			g.ADDQ(constant(4*rows*u), base)
		}
	}
	unroll := 2
	if rows < columnsRows {
		unroll = 1
	}
	if unroll > 1 {
		g.SUBQ(operand.Imm(uint64(unroll)), k)
		g.JLT(operand.LabelRef("tail" + id))
		align(g.Context, 32)
		g.Label("loop" + id)
		for u := range unroll {
			step(u)
		}
		advance(unroll)
		g.SUBQ(operand.Imm(uint64(unroll)), k)
		g.JGE(operand.LabelRef("loop" + id))
		g.Label("tail" + id)
		g.ADDQ(operand.Imm(uint64(unroll)), k)
		g.JEQ(operand.LabelRef("done" + id))
	}
	g.Label("one" + id)
	step(0)
	advance(1)
	g.DECQ(k)
	g.JNE(operand.LabelRef("one" + id))
	g.Label("done" + id)
	for range tiles - 1 { // g.a went through the first tile: skip the others
		g.ADDQ(g.stride, g.a)
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
			g.VUNPCKLPS(at(i+1), at(i), pairs[i])
			continue
		}
		g.VUNPCKHPS(at(i), at(i-1), pairs[i])
	}
	rows := make([]reg.VecVirtual, columnsRows)
	for i := range 4 { // rows i and i+4
		both := g.vec()
		order := uint64(0x44)
		if i%2 == 1 {
			order = 0xee
		}
		g.VSHUFPS(operand.Imm(order), pairs[2+i/2], pairs[i/2], both)
		rows[i], rows[i+4] = both.AsX().(reg.VecVirtual), g.XMM()
		g.VEXTRACTF32X4(operand.Imm(1), both, rows[i+4])
	}
	return rows
}

// finish adds the residual to the first so many rows of a tile, applies the activation
// and stores them.
func (g *columns) finish(id string, rows, first int, acc []reg.VecVirtual) {
	acc = acc[:rows]
	table, scale, off := g.GP64(), g.GP64(), g.GP64()
	at := func(base reg.GPVirtual, i int) operand.Mem {
		return operand.Mem{Base: base, Index: g.row, Scale: 1, Disp: 4 * (first + i)}
	}
	g.Load(g.Param("r"), table)
	g.TESTQ(table, table)
	g.JEQ(operand.LabelRef("nores" + id))
	base := memoryAt(g.Context, "roff")
	g.Load(g.Param("scale"), scale)
	g.TESTQ(scale, scale)
	g.JEQ(operand.LabelRef("noscale" + id))
	s := g.XMM()
	for i, x := range acc {
		g.MOVLQSX(at(table, i), off)
		g.VBROADCASTSS(at(scale, i), s)
		g.VFMADD231PS(operand.Mem{Base: base, Index: off, Scale: 4}, s, g.mask, x)
	}
	g.JMP(operand.LabelRef("nores" + id))
	g.Label("noscale" + id)
	for i, x := range acc {
		g.MOVLQSX(at(table, i), off)
		g.VADDPS(operand.Mem{Base: base, Index: off, Scale: 4}, x, g.mask, x)
	}
	g.Label("nores" + id)
	activate(g.Context, id, func() reg.VecVirtual { return g.XMM() }, acc...)
	base = memoryAt(g.Context, "coff")
	g.Load(g.Param("c"), table)
	for i, x := range acc {
		g.MOVLQSX(at(table, i), off)
		g.VMOVUPS(x, g.mask, operand.Mem{Base: base, Index: off, Scale: 4})
	}
}
