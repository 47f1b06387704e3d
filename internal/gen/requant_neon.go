package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// requantN is [requant] for NEON: it packs four vectors of sums, made real numbers
// already, to 16 bytes.
type requantN struct {
	*arm64.Func
	zero, lo, hi arm64.V
}

// newRequantN loads what the argument q has, as newRequant does.
func newRequantN(g *arm64.Func) requantN {
	r := requantN{g, g.V(), g.V(), g.V()}
	g.Scope(func() {
		q := g.Load("q")
		for _, v := range []arm64.V{r.zero, r.lo, r.hi} {
			g.VLD1R(arm64.Post(q, 4), v)
		}
	})
	return r
}

// bytes rounds the numbers of one, two or four vectors, and packs them into the first.
func (r requantN) bytes(x []arm64.V) {
	for _, v := range x {
		r.FCVTNS(v, v)
	}
	for i := 0; i < len(x); i += 2 {
		r.SQXTN(x[i], x[i])
		if i+1 < len(x) {
			r.SQXTN2(x[i+1], x[i])
		}
		r.SQADDH(r.zero, x[i], x[i])
	}
	if len(x) == 4 {
		r.SQXTUN(x[0], x[0])
		r.SQXTUN2(x[2], x[0])
	} else {
		r.SQXTUN(x[0], x[0])
	}
	r.VUMAX(r.lo, x[0], x[0])
	r.VUMIN(r.hi, x[0], x[0])
}

// wideBytes makes whole numbers of 32 bits of the 16, 8 or 4 low bytes of x, in as many
// vectors as to has: four, two or one. Only with one vector to may have x.
func wideBytes(g *arm64.Func, x arm64.V, to []arm64.V) {
	if len(to) == 4 {
		g.VUXTLB2(x, to[2])
		g.VUXTLH2(to[2], to[3])
		g.VUXTLH(to[2], to[2])
	}
	g.VUXTLB(x, to[0])
	if len(to) > 1 {
		g.VUXTLH2(to[0], to[1])
	}
	g.VUXTLH(to[0], to[0])
}

// scaledN makes real numbers of whole ones: (x - zero) * factor.
func scaledN(g *arm64.Func, zero, factor arm64.V, x []arm64.V) {
	for _, v := range x {
		g.VSUB(zero, v, v)
	}
	for _, v := range x {
		g.SCVTF(v, v)
	}
	for _, v := range x {
		g.FMUL(factor, v, v)
	}
}
