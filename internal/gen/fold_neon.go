package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// foldNEON is [foldAVX2] for NEON.
func foldNEON(f *arm64.File) {
	foldRowsNEON(f, "FoldMax", "the greatest of", "NaN wins.", (*arm64.Func).FMAX)
	foldRowsNEON(f, "FoldSum", "the sum of", "Terms are added in that order.", (*arm64.Func).FADD)
	scaleNEON(f)
}

// foldRowsNEON goes over each row in blocks of 32 elements, then of 16 and of 8.
func foldRowsNEON(f *arm64.File, name, what, more string, join func(f *arm64.Func, m, n, d arm64.V)) {
	g := f.Func(name, "func("+foldArgs+")", foldDoc(name, what, more)...)
	dst, a, src, rows := g.Load("dst"), g.Load("a"), g.Load("src"), g.Load("rows")
	vecs, k, step := g.Load("vecs"), g.Load("k"), g.Load("step")
	dstStep, aStep, srcStep := g.Load("dstStep"), g.Load("aStep"), g.Load("srcStep")
	n, to, with, from, p, t := g.GP(), g.GP(), g.GP(), g.GP(), g.GP(), g.GP()
	acc, x := g.Vs(8), g.Vs(8)
	block := func(id string, count int) { // of 8 elements
		for v := 0; v < 2*count; v += 2 {
			g.FLDPQ(arm64.Post(with, 32), acc[v], acc[v+1])
		}
		g.MOVD(from, p)
		g.ADDI(32*count, from, from)
		g.CBZ(k, id+"done")
		g.MOVD(k, t)
		g.PCALIGN(16)
		g.Label(id + "terms")
		for v := 0; v < 2*count; v += 2 {
			g.FLDPQ(arm64.At(p, 16*v), x[v], x[v+1])
		}
		g.ADD(step, p, p)
		for v := range 2 * count {
			join(g, x[v], acc[v], acc[v])
		}
		g.SUBSI(1, t, t)
		g.BC("NE", id+"terms")
		g.Label(id + "done")
		for v := 0; v < 2*count; v += 2 {
			g.FSTPQ(acc[v], acc[v+1], arm64.Post(to, 32))
		}
	}
	g.Label("rows")
	g.MOVD(dst, to)
	g.MOVD(a, with)
	g.MOVD(src, from)
	g.SUBSI(4, vecs, n)
	g.BC("LT", "few")
	g.Label("blocks")
	block("four", 4)
	g.SUBSI(4, n, n)
	g.BC("GE", "blocks")
	g.Label("few")
	g.TBZ(1, n, "odd")
	block("two", 2)
	g.Label("odd")
	g.TBZ(0, n, "end")
	block("one", 1)
	g.Label("end")
	g.ADD(dstStep, dst, dst)
	g.ADD(aStep, a, a)
	g.ADD(srcStep, src, src)
	g.SUBSI(1, rows, rows)
	g.BC("NE", "rows")
	g.RET()
}

func scaleNEON(f *arm64.File) {
	g := f.Func("Scale", "func(dst, src, by *float32, vecs, byStep int)",
		"Scale multiplies vecs vectors of 8 elements of src by vectors of by, which lie byStep bytes apart.")
	dst, src, by, n, step := g.Load("dst"), g.Load("src"), g.Load("by"), g.Load("vecs"), g.Load("byStep")
	v, m := g.Vs(2), g.Vs(2)
	g.PCALIGN(16)
	g.Label("vectors")
	g.FLDPQ(arm64.Post(src, 32), v[0], v[1])
	g.FLDPQ(arm64.At(by, 0), m[0], m[1])
	g.ADD(step, by, by)
	g.FMUL(m[0], v[0], v[0])
	g.FMUL(m[1], v[1], v[1])
	g.FSTPQ(v[0], v[1], arm64.Post(dst, 32))
	g.SUBSI(1, n, n)
	g.BC("NE", "vectors")
	g.RET()
}
