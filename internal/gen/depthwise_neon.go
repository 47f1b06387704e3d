package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// depthwiseNEON is the unit of the depthwise convolutions with pad k/2.
func depthwiseNEON(f *arm64.File) {
	for _, k := range []int{3, 5} {
		for _, stride := range []int{1, 2} {
			(&depthNEON{walkNEON: walkNEON{k: k, stride: stride}}).emit(f)
		}
	}
}

// depthNEON emits one kernel. Row r of the source is tap row i of output row
// (r+k/2-i)/stride, so one input row feeds several output rows, each with its
// own accumulators. The rows are unrolled until every accumulator has had every
// part, so that none is ever copied.
type depthNEON struct {
	walkNEON
	w    arm64.GP
	tap  []arm64.V   // four taps each, in order; the last has one, and the bias
	pair []arm64.V   // of strip3by2
	bias arm64.Local // spread. Loads have slots to spare, moves take a vector's

	acc  [][]arm64.V // by output row modulo their number, and vector
	edge map[[2]int]arm64.V
}

func (g *depthNEON) emit(f *arm64.File) {
	name := fmt.Sprintf("Depthwise%dx%dS%d", g.k, g.k, g.stride)
	strip := g.strip1
	switch {
	case g.stride == 2 && g.k == 3:
		strip = g.strip3by2
	case g.stride == 2:
		strip = g.strip5by2
	}
	var step arm64.GP
	g.function(f, name, depthwiseArgs, []string{
		fmt.Sprintf("%s convolves each plane with its own %dx%d taps, stride %d, pad %d.", name, g.k, g.k, g.stride, g.k/2),
		"A plane's taps and bias lie wstep bytes after those of the plane before it;",
		fmt.Sprintf("masks has %d for each strip.", g.k-1),
	}, true, g.k == 3 && g.stride == 2, func() {
		g.w, step = g.Load("w"), g.Load("wstep")
		g.act = newActivatorNEON(g.Func)
		g.tap, g.bias = g.Vs((g.k*g.k+4)/4), g.Local()
		if g.k == 3 && g.stride == 2 {
			g.pair = g.Vs(3)
		}
	}, g.plane, strip, func() { g.ADD(step, g.w, g.w) })
}

// plane fetches the taps. The last two floats are the last tap and the bias.
func (g *depthNEON) plane() {
	last := len(g.tap) - 1
	for i, t := range g.tap[:last] {
		g.FMOVQ(arm64.At(g.w, 16*i), t)
	}
	g.FMOVD(arm64.At(g.w, 16*last), g.tap[last])
	g.Scope(func() {
		b, zero := g.V(), g.V()
		g.VDUP(g.tap[last], 1, b)
		if g.pair != nil { // once for each pair
			g.VZERO(zero)
			g.VZIP1(zero, b, b)
		}
		g.StoreLocal(b, g.bias)
	})
	for i, p := range g.pair { // the row's taps 1 and 2, twice
		g.FMOVD(arm64.At(g.w, 4*(3*i+1)), p)
		g.VZIP1D(p, p, p)
	}
}

// accumulators takes n output rows of them.
func (g *depthNEON) accumulators(n int) {
	g.acc = nil
	for range n {
		g.acc = append(g.acc, g.Vs(g.vecs))
	}
}

func (g *depthNEON) begin(acc int) {
	for _, v := range g.acc[acc] {
		g.LoadLocal(g.bias, v)
	}
}

// edges fetches the masks that this form needs: a window reaches over the left
// side from the first vector alone, over the right side from the last, and two
// columns to the right, with stride 1, from the fourth of five outputs too.
func (g *depthNEON) edges() {
	g.edge = map[[2]int]arm64.V{}
	half := g.k / 2
	for j := range g.k {
		for v := range g.vecs {
			last := v == g.vecs-1 || g.stride == 1 && j == half+2
			if g.left && j < half && v == 0 || g.right && j > half && last {
				m := g.V()
				g.FMOVQ(g.maskAt(j, v), m)
				g.edge[[2]int{j, v}] = m
			}
		}
	}
}

// masked clears the lanes of x, the input of tap column j and vector v, that
// lie outside the plane.
func (g *depthNEON) masked(j, v int, x arm64.V) {
	if m, ok := g.edge[[2]int{j, v}]; ok {
		g.VAND(m, x, x)
	}
}

// add adds x, the input of tap column j and vector v, to the accumulators.
func (g *depthNEON) add(j, v int, x arm64.V, feeds []feed) {
	for _, f := range feeds {
		t := f.tapRow*g.k + j
		g.FMLALane(g.tap[t/4], t%4, x, g.acc[f.acc][v])
	}
}

// strip1 is stride 1. Row r is tap row half-i of output row r+i, for i from
// -half to half; output row y has the accumulator y mod k. The first rows have
// no output rows above the plane to feed; those below it are never stored.
func (g *depthNEON) strip1() {
	half := g.k / 2
	g.edges()
	g.accumulators(g.k)
	in := [2][]arm64.V{g.Vs(g.vecs), g.Vs(g.vecs)} // one column at a time, the next on its way
	row := func(r, first int) {
		load := func(j int) {
			for v, x := range in[j%2] {
				g.FMOVQ(g.at(4*v+j-half), x)
			}
		}
		var feeds []feed
		for y := first; y <= r+half; y++ {
			feeds = append(feeds, feed{y % g.k, r - y + half})
		}
		load(0)
		g.begin((r + half) % g.k)
		for j := range g.k {
			if j < g.k-1 {
				load(j + 1)
			} else {
				g.next()
			}
			for v, x := range in[j%2] {
				g.masked(j, v, x)
			}
			for _, f := range feeds {
				for v, x := range in[j%2] {
					g.add(j, v, x, []feed{f})
				}
			}
		}
	}
	loop, done := g.label("rows"), g.label("done")
	type tail struct {
		label       string
		first, last int // output rows
	}
	var tails []tail
	g.MOVD(g.h, g.n)
	for i := range half {
		g.begin(i)
	}
	for r := range half {
		row(r, 0)
		tails = append(tails, tail{g.label("short"), 0, r})
		g.SUBSI(1, g.n, g.n)
		g.BC("EQ", tails[r].label)
	}
	g.PCALIGN(16)
	g.Label(loop)
	for r := half; r < half+g.k; r++ {
		row(r, r-half)
		g.store(g.acc[(r-half)%g.k])
		t := tail{g.label("last"), r - half + 1, r}
		tails = append(tails, t)
		g.SUBSI(1, g.n, g.n)
		if r < half+g.k-1 {
			g.BC("EQ", t.label)
		} else {
			g.BC("NE", loop)
		}
	}
	for i := len(tails) - 1; i >= 0; i-- { // the last one first: the loop falls into it
		g.Label(tails[i].label)
		for y := tails[i].first; y <= tails[i].last; y++ {
			g.store(g.acc[y%g.k])
		}
		if i > 0 {
			g.B(done)
		}
	}
	g.Label(done)
}

// strip5by2 is 5x5, stride 2. Row 2q is the last of output row q-1, the middle
// of q and the first of q+1; row 2q+1 feeds q and q+1. Output row y has the
// accumulator y mod 3.
func (g *depthNEON) strip5by2() {
	g.edges()
	g.accumulators(3)
	raw, in := g.Vs(3), g.V()
	row := func(feeds ...feed) {
		for v := range g.vecs {
			// Three times two vectors hold the columns -2 and -1, 0 and 1, and 2, of
			// every output, interleaved.
			load := func(dx int, to arm64.V) { g.FMOVQ(g.at(8*v+dx), to) }
			use := func(j int) {
				g.masked(j, v, in)
				g.add(j, v, in, feeds)
			}
			load(-2, raw[0])
			load(2, raw[1])
			g.VUZP1(raw[1], raw[0], in)
			use(0)
			g.VUZP2(raw[1], raw[0], in)
			use(1)
			load(0, raw[0])
			load(4, raw[2])
			g.VUZP1(raw[2], raw[0], in)
			use(2)
			g.VUZP2(raw[2], raw[0], in)
			use(3)
			load(6, raw[0])
			g.VUZP1(raw[0], raw[1], in)
			use(4)
		}
		g.next()
	}
	loop, done := g.label("pairs"), g.label("done")
	type tail struct {
		label string
		acc   int
	}
	var tails []tail
	end := func(acc int) string {
		tails = append(tails, tail{g.label("last"), acc})
		return tails[len(tails)-1].label
	}
	g.begin(0)
	g.begin(1)
	row(feed{0, 2}, feed{1, 0})
	g.SUBSI(1, g.h, g.n)
	g.BC("EQ", end(0))
	row(feed{0, 3}, feed{1, 1})
	g.SUBI(1, g.n, g.n)
	g.PCALIGN(16)
	g.Label(loop)
	for q := 1; q <= 3; q++ {
		before, now, after := (q-1)%3, q%3, (q+1)%3
		g.CBZ(g.n, end(before))
		g.begin(after)
		row(feed{before, 4}, feed{now, 2}, feed{after, 0})
		g.store(g.acc[before])
		g.SUBSI(1, g.n, g.n)
		g.BC("EQ", end(now))
		row(feed{now, 3}, feed{after, 1})
		g.SUBI(1, g.n, g.n)
	}
	g.B(loop)
	for i, t := range tails {
		g.Label(t.label)
		g.store(g.acc[t.acc])
		if i < len(tails)-1 {
			g.B(done)
		}
	}
	g.Label(done)
}

// strip3by2 is 3x3, stride 2. Separating even from odd columns costs a vector
// slot for every register, as much as a multiplication. So the middle and right
// taps are multiplied with the pixels as they lie, a pair for each output, and
// the products of all three rows are added up before the two of a pair are. Only
// the left columns are separated, and they are added to that sum.
func (g *depthNEON) strip3by2() {
	ones, right := arm64.V{}, []arm64.V(nil)
	g.edge = map[[2]int]arm64.V{}
	if g.left {
		m := g.V()
		g.FMOVQ(g.maskAt(0, 0), m)
		g.edge[[2]int{0, 0}] = m
	}
	if g.right { // the right column's, spread over pairs whose first is kept
		right, ones = g.Vs(2), g.V()
		g.FMOVQ(g.maskAt(2, g.vecs-1), right[1])
		g.VONES(ones)
		g.VZIP1(right[1], ones, right[0])
		g.VZIP2(right[1], ones, right[1])
		g.Free(ones)
	}
	sum := [2][]arm64.V{g.Vs(2 * g.vecs), g.Vs(2 * g.vecs)} // of pairs, by output row modulo 2
	above := [2][]arm64.V{g.Vs(g.vecs), g.Vs(g.vecs)}       // left columns of the odd rows
	middle := g.Vs(g.vecs)                                  // of the even row
	in, t := g.Vs(2), g.V()
	// row gives use every two vectors of pairs, and separates the left columns.
	row := func(left []arm64.V, use func(u int, x arm64.V)) {
		for v := range g.vecs {
			for i := range 2 {
				g.FMOVQ(g.at(8*v+4*i), in[i])
				if g.right && v == g.vecs-1 {
					g.VAND(right[i], in[i], in[i])
				}
				use(2*v+i, in[i])
			}
			g.FMOVQ(g.at(8*v-1), left[v])
			g.FMOVQ(g.at(8*v+3), t)
			g.VUZP1(t, left[v], left[v])
			g.masked(0, v, left[v])
		}
		g.next()
	}
	finish := func(sum []arm64.V, lefts ...[]arm64.V) {
		out := sum[:g.vecs]
		for v, o := range out {
			g.FADDP(sum[2*v+1], sum[2*v], o)
		}
		for i, left := range lefts {
			for v, o := range out {
				g.FMLALane(g.tap[3*i/4], 3*i%4, left[v], o)
			}
		}
		g.store(out)
	}
	pair := func(a int) {
		b := 1 - a
		row(middle, func(u int, x arm64.V) { g.VFMLA(g.pair[1], x, sum[a][u]) })
		row(above[b], func(u int, x arm64.V) {
			g.VFMLA(g.pair[2], x, sum[a][u])
			g.LoadLocal(g.bias, sum[b][u])
			g.VFMLA(g.pair[0], x, sum[b][u])
		})
		finish(sum[a], above[a], middle, above[b])
	}
	loop, lone, done := g.label("pairs"), [2]string{g.label("lone"), g.label("lone")}, g.label("done")
	for _, v := range sum[0] {
		g.LoadLocal(g.bias, v)
	}
	for _, v := range above[0] { // the row above the plane
		g.VZERO(v)
	}
	g.LSR(1, g.h, g.n)
	g.CBZ(g.n, lone[0])
	g.PCALIGN(16)
	g.Label(loop)
	pair(0)
	g.SUBSI(1, g.n, g.n)
	g.BC("EQ", lone[1])
	pair(1)
	g.SUBSI(1, g.n, g.n)
	g.BC("NE", loop)
	for a, l := range lone {
		g.Label(l)
		g.TBZ(0, g.h, done)
		row(middle, func(u int, x arm64.V) { g.VFMLA(g.pair[1], x, sum[a][u]) })
		finish(sum[a], above[a], middle)
		if a == 0 {
			g.B(done)
		}
	}
	g.Label(done)
}
