package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// qmoveNEON is the unit of the quantized kernels that go over planes pixel by pixel: see
// [qmoveAVX2].
func qmoveNEON(f *arm64.File) {
	qscaleNEON(f)
	qaddNEON(f)
	quantizeNEON(f)
	dequantizeNEON(f)
	qtableNEON(f)
}

// qplanesNEON emits the loops over planes, and in each over 16 pixels at a time. plane
// runs once for each plane. block gets where its 16 pixels are in each plane, and steps
// over them.
func qplanesNEON(g *arm64.Func, tables []planeTable, plane func(), block func(at []arm64.GP)) {
	n, planes, i := g.Load("n"), g.Load("planes"), g.GP()
	var table, base, at []arm64.GP
	for _, t := range tables {
		table, base, at = append(table, g.Load(t.name)), append(base, g.Load(t.mem)), append(at, g.GP())
	}
	g.Label("plane")
	for k, t := range tables {
		g.LoadW(arm64.Post(table[k], 4), at[k])
		g.ADDL(at[k], t.size/2, base[k], at[k]) // 1 or 4 bytes
	}
	plane()
	g.MOVD(n, i)
	g.PCALIGN(16)
	g.Label("block")
	g.Scope(func() { block(at) })
	g.SUBSI(16, i, i)
	g.BC("GT", "block")
	g.SUBSI(1, planes, planes)
	g.BC("NE", "plane")
	g.RET()
}

// zeroPointN and factorN are of the next plane, in all lanes.
func zeroPointN(g *arm64.Func, from arm64.GP, v arm64.V) {
	g.Scope(func() {
		z := g.GP()
		g.LoadBU(arm64.Post(from, 1), z)
		g.VDUPGP(z, v)
	})
}

func factorN(g *arm64.Func, from arm64.GP, v arm64.V) { g.VLD1R(arm64.Post(from, 4), v) }

// sixteen is 16 pixels as real numbers, (x - zero) * factor, in four vectors.
func sixteen(g *arm64.Func, from arm64.GP, zero, factor arm64.V) []arm64.V {
	x := g.Vs(4)
	g.Scope(func() {
		bytes := g.V()
		g.FMOVQ(arm64.Post(from, 16), bytes)
		wideBytes(g, bytes, x)
	})
	scaledN(g, zero, factor, x)
	return x
}

func qscaleNEON(f *arm64.File) {
	g := f.Func("QScale", "func(mem *byte, src, dst *int32, zeros *byte, mult *float32, planes, n int, q *uint32)",
		"QScale requantizes n pixels of planes, 16 at a time: see package kernel's QScale. q is as QGEMM16's.")
	q, zero, factor, zeros, mult := newRequantN(g), g.V(), g.V(), g.Load("zeros"), g.Load("mult")
	qplanesNEON(g, []planeTable{{"src", "mem", 1}, {"dst", "mem", 1}}, func() {
		zeroPointN(g, zeros, zero)
		factorN(g, mult, factor)
	}, func(at []arm64.GP) {
		x := sixteen(g, at[0], zero, factor)
		q.bytes(x)
		g.StoreQ(x[0], arm64.Post(at[1], 16))
	})
}

func qaddNEON(f *arm64.File) {
	g := f.Func("QAdd", "func(mem *byte, a, b, sum *int32, azero, bzero *byte, amult, bmult *float32, planes, n int, q *uint32)",
		"QAdd adds n pixels of pairs of planes, 16 at a time: see package kernel's QAdd. q is as QGEMM16's.")
	q, zero, factor := newRequantN(g), g.Vs(2), g.Vs(2)
	zeros, mult := []arm64.GP{g.Load("azero"), g.Load("bzero")}, []arm64.GP{g.Load("amult"), g.Load("bmult")}
	qplanesNEON(g, []planeTable{{"a", "mem", 1}, {"b", "mem", 1}, {"sum", "mem", 1}}, func() {
		for i := range 2 {
			zeroPointN(g, zeros[i], zero[i])
			factorN(g, mult[i], factor[i])
		}
	}, func(at []arm64.GP) {
		x, y := sixteen(g, at[0], zero[0], factor[0]), sixteen(g, at[1], zero[1], factor[1])
		for i := range x {
			g.FADD(y[i], x[i], x[i])
		}
		q.bytes(x)
		g.StoreQ(x[0], arm64.Post(at[2], 16))
	})
}

// quantizeNEON needs no bounds of the product: the conversion has them, and makes 0 of
// NaN.
func quantizeNEON(f *arm64.File) {
	g := f.Func("Quantize", "func(from *float32, mem *byte, src, dst *int32, mult *float32, planes, n int, q *uint32)",
		"Quantize quantizes n pixels of planes, 16 at a time: see package kernel's Quantize. It reads 16 at a time too. q is",
		"as QGEMM16's.")
	q, factor, mult := newRequantN(g), g.V(), g.Load("mult")
	qplanesNEON(g, []planeTable{{"src", "from", 4}, {"dst", "mem", 1}}, func() { factorN(g, mult, factor) }, func(at []arm64.GP) {
		x := g.Vs(4)
		for i := 0; i < len(x); i += 2 {
			g.FLDPQ(arm64.Post(at[0], 32), x[i], x[i+1])
		}
		for _, v := range x {
			g.FMUL(factor, v, v)
		}
		q.bytes(x)
		g.StoreQ(x[0], arm64.Post(at[1], 16))
	})
}

func dequantizeNEON(f *arm64.File) {
	g := f.Func("Dequantize", "func(mem *byte, to *float32, src, dst *int32, zeros *byte, mult *float32, planes, n int)",
		"Dequantize makes n real numbers of pixels of planes, 16 at a time: see package kernel's Dequantize.")
	zero, factor, zeros, mult := g.V(), g.V(), g.Load("zeros"), g.Load("mult")
	qplanesNEON(g, []planeTable{{"src", "mem", 1}, {"dst", "to", 4}}, func() {
		zeroPointN(g, zeros, zero)
		factorN(g, mult, factor)
	}, func(at []arm64.GP) {
		storeAll(g, sixteen(g, at[0], zero, factor), at[1])
	})
}

// qtableNEON has the whole table in registers, a quarter in four of them. What an index
// does not find in one quarter keeps what it found in another.
func qtableNEON(f *arm64.File) {
	g := f.Func("QTable", "func(mem *byte, src, dst *int32, table *byte, planes, n int)",
		"QTable looks n pixels of planes up in a table of 256 bytes, 16 at a time: see package kernel's QTable.")
	quarter, from := g.V(), g.Load("table")
	var quarters [4][]arm64.V
	for i := range quarters {
		quarters[i] = g.Vs(4)
		for j := 0; j < 4; j += 2 {
			g.FLDPQ(arm64.Post(from, 32), quarters[i][j], quarters[i][j+1])
		}
	}
	g.Free(from)
	g.VMOVIB(64, quarter)
	qplanesNEON(g, []planeTable{{"src", "mem", 1}, {"dst", "mem", 1}}, func() {}, func(at []arm64.GP) {
		x, y := g.V(), g.V()
		g.FMOVQ(arm64.Post(at[0], 16), x)
		g.VTBL(x, quarters[0], y)
		for _, q := range quarters[1:] {
			g.VSUBB(quarter, x, x)
			g.VTBX(x, q, y)
		}
		g.StoreQ(y, arm64.Post(at[1], 16))
	})
}
