package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// qreduceNEON is the unit of the quantized kernels that make one number of many: see
// [qreduceAVX2].
func qreduceNEON(f *arm64.File) {
	qsumNEON(f)
	qfoldMaxNEON(f)
	for _, form := range qformsNEON {
		form.qrows(f)
	}
}

// qsumNEON adds bytes up in 16 bits, but no more than four of them, and those in 32.
func qsumNEON(f *arm64.File) {
	g := f.Func("QSum", "func(mem *byte, src *int32, sums *int32, tail *byte, c, whole int)",
		"QSum writes the sum of each of c planes of bytes: of whole bytes, a multiple of 32, and of what tail, a mask of",
		"32 bytes, keeps of the next 32. c is at least 1.")
	mem, src, sums, c, whole := g.Load("mem"), g.Load("src"), g.Load("sums"), g.Load("c"), g.Load("whole")
	at, i, x, mask, few, sum := g.GP(), g.GP(), g.Vs(2), g.Vs(2), g.V(), g.V()
	g.Scope(func() { g.FLDPQ(arm64.At(g.Load("tail"), 0), mask[0], mask[1]) })
	add := func() {
		g.UADDLPB(x[0], few)
		g.UADALPB(x[1], few)
		g.UADALP(few, sum)
	}
	g.Label("plane")
	g.LoadW(arm64.Post(src, 4), at)
	g.ADD(mem, at, at)
	g.VZERO(sum)
	g.CBZ(whole, "tail")
	g.MOVD(whole, i)
	g.Label("bytes")
	g.FLDPQ(arm64.Post(at, 32), x[0], x[1])
	add()
	g.SUBSI(32, i, i)
	g.BC("NE", "bytes")
	g.Label("tail")
	g.FLDPQ(arm64.At(at, 0), x[0], x[1])
	for j := range x {
		g.VAND(mask[j], x[j], x[j])
	}
	add()
	g.VADDV(sum, sum)
	g.StoreVS(sum, arm64.Post(sums, 4))
	g.SUBSI(1, c, c)
	g.BC("NE", "plane")
	g.RET()
}

func qfoldMaxNEON(f *arm64.File) {
	g := f.Func("QFoldMax", "func(dst, src *byte, rows, n, k, step, dstStep, srcStep int)",
		"QFoldMax writes rows of n bytes, rounded up to 32: each the maximum of k bytes, step apart. Rows are dstStep and",
		"srcStep apart. What is counted is at least 1.")
	dst, src, rows, n := g.Load("dst"), g.Load("src"), g.Load("rows"), g.Load("n")
	k, step, dstStep, srcStep := g.Load("k"), g.Load("step"), g.Load("dstStep"), g.Load("srcStep")
	from, to, i, at, left, x, y := g.GP(), g.GP(), g.GP(), g.GP(), g.GP(), g.Vs(2), g.Vs(2)
	g.Label("row")
	g.MOVD(n, i)
	g.MOVD(src, from)
	g.MOVD(dst, to)
	g.Label("bytes")
	g.FLDPQ(arm64.At(from, 0), x[0], x[1])
	g.MOVD(from, at)
	g.SUBSI(1, k, left)
	g.BC("EQ", "folded")
	g.Label("term")
	g.ADD(step, at, at)
	g.FLDPQ(arm64.At(at, 0), y[0], y[1])
	g.SUBSI(1, left, left)
	for j := range x {
		g.VUMAX(y[j], x[j], x[j])
	}
	g.BC("NE", "term")
	g.Label("folded")
	g.FSTPQ(x[0], x[1], arm64.Post(to, 32))
	g.ADDI(32, from, from)
	g.SUBSI(32, i, i)
	g.BC("GT", "bytes")
	g.ADD(dstStep, dst, dst)
	g.ADD(srcStep, src, src)
	g.SUBSI(1, rows, rows)
	g.BC("NE", "row")
	g.RET()
}

// qrows emits the matrix-vector product. The matrix has no sums of its rows beside it:
// it is multiplied by -128 too, and that is subtracted.
func (q qformNEON) qrows(f *arm64.File) {
	name := "QRows" + q.suffix
	g := f.Func(name, "func(x, w *byte, sums *int32, in, n int, tail *byte)",
		name+" computes n sums of products of in unsigned bytes of x and as many signed ones of a row of w. in is at least",
		"16. tail is a mask of 16 bytes, which keeps the last in%16 of them. n is at least 1. "+q.what())
	x, w, sums, in, n, sign, mask := g.Load("x"), g.Load("w"), g.Load("sums"), g.Load("in"), g.Load("n"), signNEON(g), g.V()
	g.Scope(func() { g.FMOVQ(arm64.At(g.Load("tail"), 0), mask) })
	i, at, row, sum, minus, a, b, t := g.GP(), g.GP(), g.GP(), g.Vs(2), g.Vs(2), g.V(), g.V(), g.Vs(2)
	add := func(from, by arm64.V, to []arm64.V) {
		if q.dot() {
			g.SDOT(from, by, to[0])
			return
		}
		g.SMULL(from, by, t[0])
		g.SMULL2(from, by, t[1])
		g.SADALP(t[0], to[0])
		g.SADALP(t[1], to[1])
	}
	products := func() {
		g.VEOR(sign, a, a)
		add(a, b, sum)
		add(sign, b, minus)
	}
	g.Label("row")
	for _, v := range append(append([]arm64.V{}, sum...), minus...) {
		g.VZERO(v)
	}
	g.MOVD(x, at)
	g.MOVD(w, row)
	g.SUBI(16, in, i)
	g.PCALIGN(16)
	g.Label("blocks")
	g.FMOVQ(arm64.Post(at, 16), a)
	g.FMOVQ(arm64.Post(row, 16), b)
	g.SUBSI(16, i, i)
	products()
	g.BC("GE", "blocks")
	// The last 16, of which some were there already: i is what is left, less 16.
	g.ADD(i, at, at)
	g.ADD(i, row, row)
	g.FMOVQ(arm64.At(at, 0), a)
	g.FMOVQ(arm64.At(row, 0), b)
	g.VAND(mask, b, b)
	products()
	if !q.dot() {
		g.VADD(sum[1], sum[0], sum[0])
		g.VADD(minus[1], minus[0], minus[0])
	}
	g.VSUB(minus[0], sum[0], sum[0])
	g.VADDV(sum[0], sum[0])
	g.StoreVS(sum[0], arm64.Post(sums, 4))
	g.ADD(in, w, w)
	g.SUBSI(1, n, n)
	g.BC("NE", "row")
	g.RET()
}
