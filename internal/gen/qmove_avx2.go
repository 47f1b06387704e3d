package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qmoveAVX2 is the unit of the quantized kernels that go over planes pixel by pixel.
func qmoveAVX2() *build.Context {
	g := &qmove{Context: newContext(), pixels: 32}
	g.order = qgemmOrder(g.Context)
	g.scale()
	g.add()
	g.quantize()
	g.dequantize()
	return g.Context
}

// qmove emits loops over planes, so many pixels at a time.
type qmove struct {
	*build.Context
	pixels int
	order  operand.Mem

	c reg.GPVirtual // the plane
	q requant
}

// load returns an argument in a register.
func (g *qmove) load(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

// planeTable is a table of planes: of elements of size bytes in the memory of an argument.
type planeTable struct {
	name, mem string
	size      int
}

// planes emits the loops. plane runs once for each plane, block for each block of pixels:
// pixel i of table t is at[t] plus as many times its size.
func (g *qmove) planes(tables []planeTable, plane func(), block func(at []operand.Mem)) {
	g.c = g.GP64()
	g.XORQ(g.c, g.c)
	n := g.load("n")
	base := map[string]reg.GPVirtual{}
	for _, t := range tables {
		if base[t.mem] == nil {
			base[t.mem] = g.load(t.mem)
		}
	}
	g.Label("plane")
	plane()
	i := g.GP64()
	at := make([]operand.Mem, len(tables))
	for k, t := range tables {
		from := g.load(t.name)
		g.MOVLQSX(operand.Mem{Base: from, Index: g.c, Scale: 4}, from)
		g.LEAQ(operand.Mem{Base: base[t.mem], Index: from, Scale: uint8(t.size)}, from)
		at[k] = operand.Mem{Base: from, Index: i, Scale: uint8(t.size)}
	}
	g.XORQ(i, i)
	align(g.Context, 32)
	g.Label("block")
	block(at)
	g.ADDQ(operand.Imm(uint64(g.pixels)), i)
	g.CMPQ(i, n)
	g.JLT(operand.LabelRef("block"))
	g.INCQ(g.c)
	planes := g.load("planes")
	g.CMPQ(g.c, planes)
	g.JLT(operand.LabelRef("plane"))
	g.VZEROUPPER()
	g.RET()
}

// zeroPoint and factor are a plane's, in all lanes.
func (g *qmove) zeroPoint(name string) reg.VecVirtual {
	from, z, v := g.load(name), g.GP32(), g.YMM()
	g.MOVBLZX(operand.Mem{Base: from, Index: g.c, Scale: 1}, z)
	g.VMOVD(z, v.AsX())
	g.VPBROADCASTD(v.AsX(), v)
	return v
}

func (g *qmove) factor(name string) reg.VecVirtual {
	from, v := g.load(name), g.YMM()
	g.VBROADCASTSS(operand.Mem{Base: from, Index: g.c, Scale: 4}, v)
	return v
}

// scaled is (x - zero) * factor for the eight pixels number v of a block.
func (g *qmove) scaled(at operand.Mem, v int, zero, factor reg.VecVirtual) reg.VecVirtual {
	x := g.YMM()
	at.Disp += 8 * v
	g.VPMOVZXBD(at, x)
	g.VPSUBD(zero, x, x)
	g.VCVTDQ2PS(x, x)
	g.VMULPS(factor, x, x)
	return x
}

// store rounds four registers and stores the bytes.
func (g *qmove) store(x []reg.VecVirtual, to operand.Mem) {
	for _, v := range x {
		g.VCVTPS2DQ(v, v)
	}
	g.q.four(x)
	g.VMOVDQU(x[0], to)
}

func (g *qmove) scale() {
	begin(g.Context, "QScale", "func(mem *byte, src, dst *int32, zeros *byte, mult *float32, planes, n int, q *uint32)")
	g.Doc("QScale requantizes n pixels of planes, 32 at a time: see package kernel's QScale. q is as QGEMM16's.")
	g.q = newRequant(vectors{g.Context, 8}, g.order)
	var zero, factor reg.VecVirtual
	g.planes([]planeTable{{"src", "mem", 1}, {"dst", "mem", 1}}, func() {
		zero, factor = g.zeroPoint("zeros"), g.factor("mult")
	}, func(at []operand.Mem) {
		var x []reg.VecVirtual
		for v := range 4 {
			x = append(x, g.scaled(at[0], v, zero, factor))
		}
		g.store(x, at[1])
	})
}

func (g *qmove) add() {
	begin(g.Context, "QAdd", "func(mem *byte, a, b, sum *int32, azero, bzero *byte, amult, bmult *float32, planes, n int, q *uint32)")
	g.Doc("QAdd adds n pixels of pairs of planes, 32 at a time: see package kernel's QAdd. q is as QGEMM16's.")
	g.q = newRequant(vectors{g.Context, 8}, g.order)
	var az, bz, am, bm reg.VecVirtual
	g.planes([]planeTable{{"a", "mem", 1}, {"b", "mem", 1}, {"sum", "mem", 1}}, func() {
		az, bz, am, bm = g.zeroPoint("azero"), g.zeroPoint("bzero"), g.factor("amult"), g.factor("bmult")
	}, func(at []operand.Mem) {
		var x []reg.VecVirtual
		for v := range 4 {
			a, b := g.scaled(at[0], v, az, am), g.scaled(at[1], v, bz, bm)
			g.VADDPS(b, a, a)
			x = append(x, a)
		}
		g.store(x, at[2])
	})
}

func (g *qmove) quantize() {
	begin(g.Context, "Quantize", "func(from *float32, mem *byte, src, dst *int32, mult *float32, planes, n int, bounds *float32, q *uint32)")
	g.Doc(
		"Quantize quantizes n pixels of planes, 32 at a time: see package kernel's Quantize. bounds are those of the product:",
		"what is outside becomes the nearer bound. It reads 32 pixels at a time too. q is as QGEMM16's.",
	)
	g.q = newRequant(vectors{g.Context, 8}, g.order)
	bounds, least, most := g.load("bounds"), g.YMM(), g.YMM()
	g.VBROADCASTSS(operand.Mem{Base: bounds}, least)
	g.VBROADCASTSS(operand.Mem{Base: bounds, Disp: 4}, most)
	var factor reg.VecVirtual
	g.planes([]planeTable{{"src", "from", 4}, {"dst", "mem", 1}}, func() { factor = g.factor("mult") }, func(at []operand.Mem) {
		var x []reg.VecVirtual
		for v := range 4 {
			from, a, number := at[0], g.YMM(), g.YMM()
			from.Disp += 32 * v
			g.VMULPS(from, factor, a)
			g.VCMPPS(operand.Imm(7), a, a, number) // ordered: all bits but of a NaN
			g.VANDPS(number, a, a)
			g.VMAXPS(least, a, a)
			g.VMINPS(most, a, a)
			x = append(x, a)
		}
		g.store(x, at[1])
	})
}

func (g *qmove) dequantize() {
	begin(g.Context, "Dequantize", "func(mem *byte, to *float32, src, dst *int32, zeros *byte, mult *float32, planes, n int)")
	g.Doc("Dequantize makes n real numbers of pixels of planes, 32 at a time: see package kernel's Dequantize.")
	var zero, factor reg.VecVirtual
	g.planes([]planeTable{{"src", "mem", 1}, {"dst", "to", 4}}, func() {
		zero, factor = g.zeroPoint("zeros"), g.factor("mult")
	}, func(at []operand.Mem) {
		for v := range 4 {
			to := at[1]
			to.Disp += 32 * v
			g.VMOVUPS(g.scaled(at[0], v, zero, factor), to)
		}
	})
}
