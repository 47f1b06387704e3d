package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// winogradAVX512 is the unit of the transforms of Winograd's algorithm for 16 or 8 tiles
// of a row at a time. Unlike AVX2's it makes no copy of the pixels: it takes them out of
// the rows of the plane, and puts them into these, by permutations of two registers. What
// a vector has outside the plane, or behind the last tile, masks leave out.
func winogradAVX512() *build.Context {
	ctx := newContext()
	factors := winogradFactors(ctx)
	for _, lanes := range []int{16, 8} {
		g := vectors{ctx, lanes}
		tables := orders(g)
		for _, m := range []int{2, 4} {
			w := &wideWinograd{winograd{g, m, factors}, tables}
			w.input()
			w.output()
		}
	}
	return ctx
}

// orders are what VPERMT2PS picks lanes of two registers by.
func orders(g vectors) map[string]operand.Mem {
	n := uint32(g.lanes)
	tables := map[string]operand.Mem{}
	for _, t := range []struct {
		name string
		at   func(i uint32) uint32
	}{
		{"even", func(i uint32) uint32 { return 2 * i }},
		{"odd", func(i uint32) uint32 { return 2*i + 1 }},
		{"next", func(i uint32) uint32 { return i + 1 }},                 // the last lane is the second register's first
		{"nextButOne", func(i uint32) uint32 { return i + 1 + (i+1)/n }}, // or its second
		{"lower", func(i uint32) uint32 { return i/2 + n*(i%2) }},        // lanes of the lower halves in turn
		{"upper", func(i uint32) uint32 { return n/2 + i/2 + n*(i%2) }},
	} {
		var v []uint32
		for i := range n {
			v = append(v, t.at(i))
		}
		tables[t.name] = dwords(g.Context, fmt.Sprintf("%s%d", t.name, n), v...)
	}
	return tables
}

type wideWinograd struct {
	winograd
	tables map[string]operand.Mem
}

// order keeps one of the tables in a register.
func (g *wideWinograd) order(name string) reg.VecVirtual {
	v := g.vec()
	g.VMOVDQU32(g.tables[name], v)
	return v
}

// pick is a register of the lanes of a and b that order says.
func (g *wideWinograd) pick(a, b, order reg.VecVirtual) reg.VecVirtual {
	v := g.vec()
	g.VMOVAPS(a, v)
	g.VPERMT2PS(b, order, v)
	return v
}

// masks keeps n masks, words from byte at of the argument on.
func (g *wideWinograd) masks(at, n int) (k []reg.OpmaskVirtual) {
	p := g.load("masks")
	for i := range n {
		k = append(k, g.K())
		g.KMOVW(operand.Mem{Base: p, Disp: at + 4*i}, k[i])
	}
	return k
}

// at is where tmp has the elements (i, j) of the tiles.
func (g *wideWinograd) at(tmp reg.GPVirtual) func(i, j int) operand.Mem {
	return func(i, j int) operand.Mem { return operand.Mem{Base: tmp, Disp: g.bytes() * (i*(g.m+2) + j)} }
}

// plane makes to the place that is so many bytes from the beginning of plane c of a table.
func (g *wideWinograd) plane(table, off string, c, to reg.GPVirtual) {
	t := g.load(table)
	g.MOVLQSX(operand.Mem{Base: t, Index: c, Scale: 4}, to)
	g.SHLQ(operand.Imm(2), to)
	g.ADDQ(param(g.Context, off), to)
	g.ADDQ(param(g.Context, "mem"), to)
}

// eachChannel ends a loop over channels.
func (g *wideWinograd) eachChannel(c reg.GPVirtual) {
	left := g.load("c")
	g.INCQ(c)
	g.CMPQ(c, left)
	g.JLT(operand.LabelRef("channel"))
	g.VZEROUPPER()
	g.RET()
}

func (g *wideWinograd) input() {
	m, a := g.m, g.m+2
	name := fmt.Sprintf("WinogradInput%dx%d", m, g.lanes)
	begin(g.Context, name, "func(mem *float32, src *int32, dst, tmp, masks *float32, c, off, y, h, w, rows, es, cs, step int)")
	g.Doc(
		fmt.Sprintf("%s transforms c planes: of each, rows of %d tiles of %dx%d pixels, %d apart.", name, g.lanes, a, a, m),
		"Element e of the first tile of a row is dst[e*es], that of the next channel lies cs bytes further,",
		"and that of the next row of tiles step bytes. The first tile begins off bytes from the beginning of",
		"a plane, in pixel row y of h, which may be negative. Pixel rows are w bytes long.",
		fmt.Sprintf("masks has %d words for the pixels of a row that are inside the plane, and one for the tiles", m+1),
		fmt.Sprintf("that are written. tmp is %d vectors.", a*a),
	)
	c, to, tmp, es, h, w := g.GP64(), g.GP64(), g.load("tmp"), g.load("es"), g.load("h"), g.load("w")
	all := g.GP64()
	g.IMUL3Q(operand.Imm(uint64(a)), es, all)
	rows := &pixelRows{wideWinograd: g, p: g.GP64(), y: g.GP64(), h: h, w: w, tmp: tmp}
	rows.keep = g.masks(0, m+1)
	tiles := g.masks(4*(m+1), 1)[0]
	rows.even, rows.odd, rows.next, rows.nextButOne = g.order("even"), g.order("odd"), g.order("next"), g.order("nextButOne")
	rows.zeros = g.vec()
	zero(g.vectors, rows.zeros)
	rows.held = g.hold(factorsB)
	at := g.at(tmp)
	g.XORQ(c, c)
	g.Label("channel")
	g.plane("src", "off", c, rows.p)
	g.Load(g.Param("y"), rows.y)
	n := g.load("rows")
	g.MOVQ(c, to)
	g.IMULQ(param(g.Context, "cs"), to)
	g.ADDQ(param(g.Context, "dst"), to)
	for i := range 2 {
		rows.emit(i)
	}
	g.Label("row")
	for i := range m {
		rows.emit(2 + i)
	}
	q := g.GP64()
	g.MOVQ(to, q)
	for j := range a {
		if j > 0 {
			g.ADDQ(es, q)
		}
		d := g.read(a, func(i int) operand.Mem { return at(i, j) })
		for i := range 2 { // the next tiles' first pixel rows are these tiles' last ones
			g.VMOVUPS(d[m+i], at(i, j))
		}
		element := g.elements(q, all)
		for i, v := range g.b(d, rows.held) {
			g.VMOVUPS(v, tiles, element(i))
		}
	}
	g.ADDQ(param(g.Context, "step"), to)
	g.DECQ(n)
	g.JNE(operand.LabelRef("row"))
	g.eachChannel(c)
}

// pixelRows takes the tiles' pixels out of rows of a plane, one after the other.
type pixelRows struct {
	*wideWinograd
	p, y, h, w, tmp             reg.GPVirtual // p is at row y
	keep                        []reg.OpmaskVirtual
	even, odd, next, nextButOne reg.VecVirtual
	zeros                       reg.VecVirtual
	held                        [6]reg.VecVirtual // factors of b
}

// emit leaves the present row, transformed, in row i of tmp, and goes to the next one.
func (g *pixelRows) emit(i int) {
	raw := make([]reg.VecVirtual, g.m+1) // the last one has 2 pixels
	outside, inside := fmt.Sprintf("outside%d", i), fmt.Sprintf("inside%d", i)
	g.CMPQ(g.y, g.h)
	g.JCC(operand.LabelRef(outside)) // unsigned: negative rows too
	for r := range raw {
		raw[r] = g.vec()
		g.VMOVUPS_Z(operand.Mem{Base: g.p, Disp: g.bytes() * r}, g.keep[r], raw[r])
	}
	g.JMP(operand.LabelRef(inside))
	g.Label(outside)
	for _, v := range raw {
		g.VMOVAPS(g.zeros, v)
	}
	g.Label(inside)
	g.ADDQ(g.w, g.p)
	g.INCQ(g.y)
	var d []reg.VecVirtual
	e, o := g.pick(raw[0], raw[1], g.even), g.pick(raw[0], raw[1], g.odd)
	if g.m == 2 {
		d = []reg.VecVirtual{e, o}
	} else {
		e2, o2 := g.pick(raw[2], raw[3], g.even), g.pick(raw[2], raw[3], g.odd)
		d = []reg.VecVirtual{g.pick(e, e2, g.even), g.pick(o, o2, g.even), g.pick(e, e2, g.odd), g.pick(o, o2, g.odd)}
	}
	d = append(d, g.pick(d[0], raw[g.m], g.next), g.pick(d[1], raw[g.m], g.nextButOne))
	for j, v := range g.b(d, g.held) {
		g.VMOVUPS(v, g.at(g.tmp)(i, j))
	}
}

func (g *wideWinograd) output() {
	m, a := g.m, g.m+2
	name := fmt.Sprintf("WinogradOutput%dx%d", m, g.lanes)
	begin(g.Context, name, "func(mem *float32, dst, r *int32, src, tmp, bias, scale, masks *float32, c, off, roff, rows, lines, ow, es, cs, step, biasStep, scaleStep int"+activationArgs+")")
	g.Doc(
		fmt.Sprintf("%s transforms rows of %d tiles, whose element e is src[e*es], into the pixels of c planes:", name, g.lanes),
		fmt.Sprintf("act(A' s A + bias + scale*r). Each row of tiles gives %d rows of pixels, ow bytes apart, from off", m),
		"bytes behind the beginning of a plane on (in r: roff). Of all only the first lines are written. r nil:",
		"no residual. The next channel's tiles lie cs bytes further, the next row's step bytes, the next",
		"channel's bias and scale biasStep and scaleStep.",
		fmt.Sprintf("masks has a word for the tiles that are read, and %d for the pixels of a row that are written.", m),
		fmt.Sprintf("tmp is %d vectors.", m*a),
	)
	lo, hi := spread(g.Context, "lo", g.vec()), spread(g.Context, "hi", g.vec())
	lower, upper := g.order("lower"), g.order("upper")
	tiles := g.masks(0, 1)[0]
	pixels := g.masks(4, m)
	c, from, tmp, es, ow := g.GP64(), g.GP64(), g.load("tmp"), g.load("es"), g.load("ow")
	all := g.GP64()
	g.IMUL3Q(operand.Imm(uint64(a)), es, all)
	at := g.at(tmp)
	bias, scale := g.vec(), g.vec()
	factors := g.hold(factorsA)
	o, r, lines := g.GP64(), g.GP64(), g.GP64()
	perChannel := func(name string, v reg.VecVirtual) {
		p := g.GP64()
		g.MOVQ(c, p)
		g.IMULQ(param(g.Context, name+"Step"), p)
		g.ADDQ(param(g.Context, name), p)
		g.VBROADCASTSS(operand.Mem{Base: p}, v)
	}
	g.XORQ(c, c)
	g.Label("channel")
	g.plane("dst", "off", c, o)
	g.Load(g.Param("r"), r)
	g.TESTQ(r, r)
	g.JEQ(operand.LabelRef("alone"))
	g.plane("r", "roff", c, r)
	g.Label("alone")
	perChannel("bias", bias)
	perChannel("scale", scale)
	n := g.load("rows")
	g.Load(g.Param("lines"), lines)
	g.MOVQ(c, from)
	g.IMULQ(param(g.Context, "cs"), from)
	g.ADDQ(param(g.Context, "src"), from)
	g.Label("row")
	q := g.GP64()
	g.MOVQ(from, q)
	for j := range a {
		if j > 0 {
			g.ADDQ(es, q)
		}
		element := g.elements(q, all)
		s := make([]reg.VecVirtual, a)
		for i := range s {
			s[i] = g.vec()
			g.VMOVUPS_Z(element(i), tiles, s[i])
		}
		for i, v := range g.a(s, factors) {
			g.VMOVUPS(v, at(i, j))
		}
	}
	for i := range m {
		y := g.merge(g.a(g.read(a, func(j int) operand.Mem { return at(i, j) }), factors), lower, upper)
		for _, v := range y {
			g.VADDPS(bias, v, v)
		}
		plain := fmt.Sprintf("plain%d", i)
		g.TESTQ(r, r)
		g.JEQ(operand.LabelRef(plain))
		for x, v := range y {
			g.VFMADD231PS(operand.Mem{Base: r, Disp: g.bytes() * x}, scale, pixels[x], v)
		}
		g.ADDQ(ow, r)
		g.Label(plain)
		activateHeld(g.Context, fmt.Sprint(i), lo, hi, y...)
		for x, v := range y {
			g.VMOVUPS(v, pixels[x], operand.Mem{Base: o, Disp: g.bytes() * x})
		}
		g.ADDQ(ow, o)
		g.DECQ(lines)
		g.JEQ(operand.LabelRef("last"))
	}
	g.ADDQ(param(g.Context, "step"), from)
	g.DECQ(n)
	g.JNE(operand.LabelRef("row"))
	g.Label("last")
	g.eachChannel(c)
}

// merge makes of m vectors, of one column of the tiles each, the row of pixels.
func (g *wideWinograd) merge(y []reg.VecVirtual, lower, upper reg.VecVirtual) []reg.VecVirtual {
	if g.m == 2 {
		return []reg.VecVirtual{g.pick(y[0], y[1], lower), g.pick(y[0], y[1], upper)}
	}
	a, b := g.pick(y[0], y[2], lower), g.pick(y[1], y[3], lower)
	c, d := g.pick(y[0], y[2], upper), g.pick(y[1], y[3], upper)
	return []reg.VecVirtual{g.pick(a, b, lower), g.pick(a, b, upper), g.pick(c, d, lower), g.pick(c, d, upper)}
}
