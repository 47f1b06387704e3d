package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// Quantized kernels multiply unsigned bytes by signed ones, which NEON's instructions
// do not: both factors are signed. So pixels get 128 subtracted, by a change of their
// upper bit, and a sum of products gets 128 times the sum of its weights added. Sums of
// 32 bits may wrap around in between: the last one is exact.

// qformNEON is how products are added up. The form for the extension FEAT_DotProd
// multiplies four steps of depth at once, the other two: products of bytes fit 16 bits,
// and two of them are added to a sum of 32.
type qformNEON struct {
	suffix string // of the functions' names
	depth  int    // bytes of each output that are multiplied together
}

var qformsNEON = []qformNEON{{"", 2}, {"Dot", 4}}

func (q qformNEON) dot() bool { return q.depth == 4 }

// shift is the logarithm of depth.
func (q qformNEON) shift() int { return q.depth / 2 }

func (q qformNEON) what() string {
	if q.dot() {
		return "It takes the extension FEAT_DotProd."
	}
	return "It takes no extension."
}

// weight loads depth bytes from p, as often as they fit, and steps over them.
func (q qformNEON) weight(g *arm64.Func, p arm64.GP, w arm64.V) {
	if q.dot() {
		g.VLD1R(arm64.Post(p, 4), w)
	} else {
		g.VLD1RH(arm64.Post(p, 2), w)
	}
}

// registers is how many hold the pixels of vecs vectors of sums: four pixels each.
func (q qformNEON) registers(vecs int) int { return (vecs*q.depth + 3) / 4 }

// madd adds the products of the pixels x with w to the vectors of sums. t are as many
// registers as those, or nil with the dot product.
func (q qformNEON) madd(g *arm64.Func, w arm64.V, x, t, sums []arm64.V) {
	if q.dot() {
		for i, s := range sums {
			g.SDOT(w, x[i], s)
		}
		return
	}
	for i := range sums {
		if i%2 == 0 {
			g.SMULL(w, x[i/2], t[i])
		} else {
			g.SMULL2(w, x[i/2], t[i])
		}
	}
	for i, s := range sums {
		g.SADALP(t[i], s)
	}
}

// signNEON is 128 in every byte: the bit that makes pixels signed.
func signNEON(g *arm64.Func) arm64.V {
	v := g.V()
	g.VMOVIB(128, v)
	return v
}

// interleave makes x[0] the first pixels of the planes in x, two or four, pixel by
// pixel, x[1] those that follow, and so on. It takes as many registers again.
func (q qformNEON) interleave(g *arm64.Func, x []arm64.V) {
	g.Scope(func() {
		if q.dot() {
			y := g.Vs(4)
			for i := range 2 {
				g.VZIP1B(x[2*i+1], x[2*i], y[i])
				g.VZIP2B(x[2*i+1], x[2*i], y[2+i])
			}
			for i := range 2 {
				g.VZIP1H(y[2*i+1], y[2*i], x[2*i])
				g.VZIP2H(y[2*i+1], y[2*i], x[2*i+1])
			}
			return
		}
		low := g.V()
		g.VZIP1B(x[1], x[0], low)
		g.VZIP2B(x[1], x[0], x[1])
		g.VMOV(low, x[0])
	})
}

// storeAll stores registers one after the other.
func storeAll(g *arm64.Func, x []arm64.V, to arm64.GP) {
	for i := 0; i < len(x); i += 2 {
		g.FSTPQ(x[i], x[i+1], arm64.Post(to, 32))
	}
}
