package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// winogradAVX2 is the unit of the transforms of Winograd's algorithm.
func winogradAVX2() *build.Context {
	ctx := newContext()
	factors := winogradFactors(ctx)
	for _, m := range []int{2, 4} {
		w := &winograd{vectors{ctx, 8}, m, factors}
		w.input()
		w.output()
	}
	winogradFinish(vectors{ctx, 8})
	return ctx
}

// winogradFactors puts the coefficients of the transforms for tiles of 4 beside the code: those
// of winogradB and then those of winogradA, in package kernel, which the tests compare.
func winogradFactors(ctx *build.Context) operand.Mem {
	const a, b = 5. / 8, 3. / 2
	var bits []uint32
	for _, v := range []float32{
		a * a * b * b, a*a + b*b, a * a, b * b, a, b,
		a, b, a * a, b * b, a * a * a, b * b * b,
	} {
		bits = append(bits, math.Float32bits(v))
	}
	return dwords(ctx, "winogradFactors", bits...)
}

// winograd emits the transforms for tiles of m x m outputs. A vector has the same
// element of eight tiles. A transform goes over the rows of the tiles and leaves them in
// tmp, and then over the columns.
type winograd struct {
	vectors
	m       int
	factors operand.Mem
}

// hold keeps the factors of b (0) or a (6) in registers.
func (g *winograd) hold(first int) (f [6]reg.VecVirtual) {
	if g.m == 4 {
		for i := range f {
			f[i] = g.vec()
			g.VBROADCASTSS(g.factors.Offset(4*(first+i)), f[i])
		}
	}
	return f
}

const factorsB, factorsA = 0, 6

func (g *winograd) load(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

// read loads n vectors.
func (g *winograd) read(n int, at func(i int) operand.Mem) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = g.vec()
		g.VMOVUPS(at(i), v[i])
	}
	return v
}

// elements addresses the elements (i, j) of tiles, for each i. base is at (0, j), and
// all is how many bytes further the next i is.
func (g *winograd) elements(base, all reg.GPVirtual) func(i int) operand.Mem {
	far := g.GP64()
	g.LEAQ(operand.Mem{Base: base, Index: all, Scale: 2}, far)
	g.ADDQ(all, far)
	return func(i int) operand.Mem {
		m := operand.Mem{Base: base}
		if i >= 3 {
			m.Base = far
		}
		if i%3 > 0 {
			m.Index, m.Scale = all, uint8(i%3)
		}
		return m
	}
}

// b is B' d: see winogradB in package kernel, whose order it has. f are the factors held.
func (g *winograd) b(d []reg.VecVirtual, f [6]reg.VecVirtual) []reg.VecVirtual {
	if g.m == 2 {
		minus := func(x, y reg.VecVirtual) reg.VecVirtual {
			v := g.vec()
			g.VSUBPS(y, x, v)
			return v
		}
		sum := g.vec()
		g.VADDPS(d[2], d[1], sum)
		return []reg.VecVirtual{minus(d[0], d[2]), sum, minus(d[2], d[1]), minus(d[1], d[3])}
	}
	product, sum, aa, bb, a, b := f[0], f[1], f[2], f[3], f[4], f[5]
	copied := func(x reg.VecVirtual) reg.VecVirtual {
		v := g.vec()
		g.VMOVAPS(x, v)
		return v
	}
	// pair is even + p*odd and even - p*odd, where both are less qq times the elements
	// two before.
	pair := func(even, odd, qq, p reg.VecVirtual) (plus, minus reg.VecVirtual) {
		g.VFNMADD231PS(d[2], qq, even)
		g.VFNMADD231PS(d[1], qq, odd)
		minus = copied(even)
		g.VFMADD231PS(odd, p, even)
		g.VFNMADD231PS(odd, p, minus)
		return even, minus
	}
	g.VFMADD213PS(d[4], product, d[0])
	g.VFNMADD231PS(d[2], sum, d[0])
	g.VFMADD231PS(d[1], product, d[5])
	g.VFNMADD231PS(d[3], sum, d[5])
	plusA, minusA := pair(copied(d[4]), copied(d[3]), bb, a)
	plusB, minusB := pair(d[4], d[3], aa, b)
	return []reg.VecVirtual{d[0], plusA, minusA, plusB, minusB, d[5]}
}

// a is A' s: see winogradA in package kernel. f are the factors held.
func (g *winograd) a(s []reg.VecVirtual, f [6]reg.VecVirtual) []reg.VecVirtual {
	if g.m == 2 {
		y := g.vec()
		g.VADDPS(s[1], s[0], s[0])
		g.VADDPS(s[2], s[0], s[0])
		g.VSUBPS(s[2], s[1], y)
		g.VSUBPS(s[3], y, y)
		return []reg.VecVirtual{s[0], y}
	}
	p, q, u, v, y := g.vec(), g.vec(), g.vec(), g.vec(), g.vec()
	g.VADDPS(s[2], s[1], p)
	g.VSUBPS(s[2], s[1], q)
	g.VADDPS(s[4], s[3], u)
	g.VSUBPS(s[4], s[3], v)
	g.VADDPS(p, s[0], s[0])
	g.VADDPS(u, s[0], s[0])
	g.VMULPS(f[0], q, y)
	g.VFMADD231PS(v, f[1], y)
	g.VMULPS(f[2], p, p)
	g.VFMADD231PS(u, f[3], p)
	g.VFMADD231PS(q, f[4], s[5])
	g.VFMADD231PS(v, f[5], s[5])
	return []reg.VecVirtual{s[0], y, p, s[5]}
}

func (g *winograd) input() {
	m, a := g.m, g.m+2
	name := fmt.Sprintf("WinogradInput%d", m)
	begin(g.Context, name, "func(dst, phases, tmp *float32, rows, vecs, pw, pp, es, step int)")
	g.Doc(
		fmt.Sprintf("%s transforms rows of vecs vectors of 8 tiles of %dx%d pixels, %d apart:", name, a, a, m),
		fmt.Sprintf("dst[e*es + 32*v] = element e of B' d B. Pixel (i, j) of a tile lies in phase (i%%%d)*%d + j%%%d,", m, m, m),
		"pp bytes apart, of rows of pw bytes. Tile rows of dst lie step bytes apart.",
		fmt.Sprintf("tmp is %d vectors. Rows are written in ascending order.", a*a),
	)
	dst, row, tmp, rows := g.load("dst"), g.load("phases"), g.load("tmp"), g.load("rows")
	pw, pp, es := g.load("pw"), g.load("pp"), g.load("es")
	all := g.GP64()
	g.IMUL3Q(operand.Imm(uint64(a)), es, all)
	factors := g.hold(factorsB)
	pp3 := g.GP64()
	if m == 4 {
		g.LEAQ(operand.Mem{Base: pp, Index: pp, Scale: 2}, pp3)
	}
	g.Label("row")
	n, from, to := g.load("vecs"), g.GP64(), g.GP64()
	g.MOVQ(row, from)
	g.MOVQ(dst, to)
	g.Label("vector")
	p := g.GP64()
	g.MOVQ(from, p)
	at := func(i, j int) operand.Mem { return operand.Mem{Base: tmp, Disp: g.bytes() * (i*a + j)} }
	for i := range a {
		switch {
		case i == m:
			g.LEAQ(operand.Mem{Base: from, Index: pw, Scale: 1}, p)
		case i > 0:
			g.LEAQ(operand.Mem{Base: p, Index: pp, Scale: uint8(m)}, p)
		}
		d := g.read(a, func(j int) operand.Mem {
			o := operand.Mem{Base: p, Disp: 4 * (j / m)}
			switch j % m {
			case 1, 2:
				o.Index, o.Scale = pp, uint8(j%m)
			case 3:
				o.Index, o.Scale = pp3, 1
			}
			return o
		})
		for j, v := range g.b(d, factors) {
			g.VMOVUPS(v, at(i, j))
		}
	}
	q := g.GP64()
	g.MOVQ(to, q)
	for j := range a {
		if j > 0 {
			g.ADDQ(es, q)
		}
		element := g.elements(q, all)
		for i, v := range g.b(g.read(a, func(i int) operand.Mem { return at(i, j) }), factors) {
			g.VMOVUPS(v, element(i))
		}
	}
	g.ADDQ(operand.Imm(uint64(g.bytes())), from)
	g.ADDQ(operand.Imm(uint64(g.bytes())), to)
	g.DECQ(n)
	g.JNE(operand.LabelRef("vector"))
	g.ADDQ(pw, row)
	g.ADDQ(param(g.Context, "step"), dst)
	g.DECQ(rows)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}

func (g *winograd) output() {
	m, a := g.m, g.m+2
	name := fmt.Sprintf("WinogradOutput%d", m)
	begin(g.Context, name, "func(dst, src, tmp *float32, rows, vecs, es, step, ow int)")
	g.Doc(
		fmt.Sprintf("%s transforms rows of vecs vectors of 8 tiles, whose element e is src[e*es + 32*v], into", name),
		fmt.Sprintf("%d rows of pixels each, ow bytes apart: A' s A. Tile rows of src lie step bytes apart.", m),
		fmt.Sprintf("tmp is %d vectors. Of each tile row the last vector is written first, and of each", m*a),
		"vector the first row: what one spills over the end of a row is overwritten.",
	)
	dst, src, tmp, rows := g.load("dst"), g.load("src"), g.load("tmp"), g.load("rows")
	es, ow := g.load("es"), g.load("ow")
	all := g.GP64()
	g.IMUL3Q(operand.Imm(uint64(a)), es, all)
	factors := g.hold(factorsA)
	g.Label("row")
	n, from, to := g.load("vecs"), g.GP64(), g.GP64()
	g.DECQ(n)
	g.MOVQ(n, from)
	g.SHLQ(operand.Imm(5), from) // 32 bytes
	g.MOVQ(from, to)
	g.SHLQ(operand.Imm(uint64(m/2)), to) // times m: 2 or 4
	g.ADDQ(src, from)
	g.ADDQ(dst, to)
	g.Label("vector")
	at := func(i, j int) operand.Mem { return operand.Mem{Base: tmp, Disp: g.bytes() * (i*a + j)} }
	q := g.GP64()
	g.MOVQ(from, q)
	for j := range a {
		if j > 0 {
			g.ADDQ(es, q)
		}
		for i, v := range g.a(g.read(a, g.elements(q, all)), factors) {
			g.VMOVUPS(v, at(i, j))
		}
	}
	o := g.GP64()
	g.MOVQ(to, o)
	for i := range m {
		if i > 0 {
			g.ADDQ(ow, o)
		}
		for x, v := range g.interleave(g.a(g.read(a, func(j int) operand.Mem { return at(i, j) }), factors)) {
			g.VMOVUPS(v, operand.Mem{Base: o, Disp: g.bytes() * x})
		}
	}
	g.SUBQ(operand.Imm(uint64(g.bytes())), from)
	g.SUBQ(operand.U32(uint32(g.bytes()*m)), to)
	g.DECQ(n)
	g.JGE(operand.LabelRef("vector"))
	g.ADDQ(param(g.Context, "step"), src)
	g.LEAQ(operand.Mem{Base: dst, Index: ow, Scale: uint8(m)}, dst)
	g.DECQ(rows)
	g.JNE(operand.LabelRef("row"))
	g.VZEROUPPER()
	g.RET()
}

// interleave makes of m vectors, of one column of eight tiles each, the row of pixels.
func (g *winograd) interleave(y []reg.VecVirtual) []reg.VecVirtual {
	vec := func(f func(v reg.VecVirtual)) reg.VecVirtual {
		v := g.vec()
		f(v)
		return v
	}
	low := func(a, b reg.VecVirtual) reg.VecVirtual {
		return vec(func(v reg.VecVirtual) { g.VUNPCKLPS(b, a, v) })
	}
	high := func(a, b reg.VecVirtual) reg.VecVirtual {
		return vec(func(v reg.VecVirtual) { g.VUNPCKHPS(b, a, v) })
	}
	half := func(h uint8, a, b reg.VecVirtual) reg.VecVirtual {
		return vec(func(v reg.VecVirtual) { g.VPERM2F128(operand.Imm(uint64(h)), b, a, v) })
	}
	const lower, upper = 0x20, 0x31
	l, h := low(y[0], y[1]), high(y[0], y[1])
	if g.m == 2 {
		return []reg.VecVirtual{half(lower, l, h), half(upper, l, h)}
	}
	l2, h2 := low(y[2], y[3]), high(y[2], y[3])
	t0 := vec(func(v reg.VecVirtual) { g.VUNPCKLPD(l2, l, v) }) // tiles 0 and 4
	t1 := vec(func(v reg.VecVirtual) { g.VUNPCKHPD(l2, l, v) })
	t2 := vec(func(v reg.VecVirtual) { g.VUNPCKLPD(h2, h, v) })
	t3 := vec(func(v reg.VecVirtual) { g.VUNPCKHPD(h2, h, v) })
	return []reg.VecVirtual{half(lower, t0, t1), half(lower, t2, t3), half(upper, t0, t1), half(upper, t2, t3)}
}

// winogradFinish emits the epilogue over contiguous pixels.
func winogradFinish(g vectors) {
	begin(g.Context, "WinogradFinish", "func(dst, src, r *float32, vecs int, bias, scale float32"+activationArgs+")")
	g.Doc("WinogradFinish is dst = act(src + bias + scale*r) for vecs vectors; r nil: no residual.")
	eachActivation(g.Context, g.vec, func(kind string, apply func(v reg.VecVirtual)) {
		dst, src, r, n, i := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
		g.Load(g.Param("dst"), dst)
		g.Load(g.Param("src"), src)
		g.Load(g.Param("r"), r)
		g.Load(g.Param("vecs"), n)
		bias, scale := spread(g.Context, "bias", g.vec()), spread(g.Context, "scale", g.vec())
		g.SHLQ(operand.Imm(5), n) // in bytes
		g.XORQ(i, i)
		loop := func(label string, residual bool) {
			g.Label(label)
			v := g.vec()
			g.VADDPS(operand.Mem{Base: src, Index: i, Scale: 1}, bias, v)
			if residual {
				g.VFMADD231PS(operand.Mem{Base: r, Index: i, Scale: 1}, scale, v)
			}
			apply(v)
			g.VMOVUPS(v, operand.Mem{Base: dst, Index: i, Scale: 1})
			g.ADDQ(operand.Imm(32), i)
			g.CMPQ(i, n)
			g.JLT(operand.LabelRef(label))
			g.VZEROUPPER()
			g.RET()
		}
		g.TESTQ(r, r)
		g.JNE(operand.LabelRef(kind + "residual"))
		loop(kind+"plain", false)
		loop(kind+"residual", true)
	})
}
