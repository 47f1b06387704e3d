package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const depthwiseArgs = ", w *float32, wstep int, masks *float32" + activationArgs

// depthwiseAVX2 is the unit of the depthwise convolutions with pad k/2.
func depthwiseAVX2() *build.Context {
	g := vectors{newContext(), 8}
	depthwiseWindows(func() walk { return walk{vectors: g} }, windows)
	return g.Context
}

// window is a depthwise convolution that has a kernel of its own.
type window struct {
	k, stride, masks int
	left             bool
}

var windows = []window{{3, 1, 2, false}, {3, 2, 1, true}, {5, 1, 4, false}, {5, 2, 4, false}}

// depthwiseWindows emits a kernel for each window. frame makes a walk of the set.
func depthwiseWindows(frame func() walk, windows []window) {
	for _, window := range windows {
		g := &depthwise{walk: frame(), k: window.k}
		g.stride, g.masks, g.left = window.stride, window.masks, window.left
		g.emit()
	}
}

// depthwise emits one kernel. Row r of the source is tap row i of output row
// (r+k/2-i)/stride, so one input row feeds several output rows, each with its
// own accumulator. The taps of an output are added in row-major order.
type depthwise struct {
	walk
	k   int
	w   reg.GPVirtual
	tap []operand.Op     // taps as vectors: in registers, or spread in the frame (AVX-512: alone)
	edg []reg.VecVirtual // the strip's masks, where there are registers for them
	acc []reg.VecVirtual // by output row, ascending

	later    reg.VecVirtual // of strip3by2: output x from a pair's x-1
	notFirst operand.Mem
}

func (g *depthwise) emit() {
	name := fmt.Sprintf("Depthwise%dx%dS%d", g.k, g.k, g.stride)
	g.function(name, depthwiseArgs, []string{
		fmt.Sprintf("%s convolves each plane with its own %dx%d taps, stride %d, pad %d.", name, g.k, g.k, g.stride, g.k/2),
		"A plane's taps and bias lie wstep bytes after those of the plane before it;",
		fmt.Sprintf("masks has %d for each strip.", g.masks),
	}, g.setup, g.plane, g.strip, func() {
		step := g.GP64()
		g.Load(g.Param("wstep"), step)
		g.ADDQ(step, g.w)
	})
}

func (g *depthwise) setup() {
	g.w = g.GP64()
	g.Load(g.Param("w"), g.w)
	if g.wide != nil {
		g.setupWide()
		return
	}
	if g.k == 3 {
		for range 9 {
			g.tap = append(g.tap, g.YMM())
		}
		if g.stride == 2 {
			g.later = g.YMM()
			g.VMOVDQU(dwords(g.Context, "later", 0, 0, 1, 4, 5, 2, 3, 6), g.later)
			g.notFirst = dwords(g.Context, "notFirst", 0, ones, ones, ones, ones, ones, ones, ones)
		}
		return
	}
	frame := g.GP64()
	g.LEAQ(g.AllocLocal(32*(g.k*g.k+1)), frame)
	g.ADDQ(operand.Imm(31), frame)
	g.ANDQ(operand.I32(-32), frame)
	for i := range g.k * g.k {
		g.tap = append(g.tap, operand.Mem{Base: frame, Disp: 32 * i})
	}
}

const ones = 1<<32 - 1

// plane fetches the taps.
func (g *depthwise) plane() {
	for i, tap := range g.tap {
		from := operand.Mem{Base: g.w, Disp: 4 * i}
		switch v, register := tap.(reg.VecVirtual); {
		case register:
			g.VBROADCASTSS(from, v)
		case g.wide == nil:
			t := g.YMM()
			g.VBROADCASTSS(from, t)
			g.VMOVAPS(t, tap)
		}
	}
}

func (g *depthwise) bias(acc int) {
	g.VBROADCASTSS(operand.Mem{Base: g.w, Disp: 4 * g.k * g.k}, g.acc[acc])
}

// shift makes every accumulator its upper neighbour's.
func (g *depthwise) shift() {
	for i := range len(g.acc) - 1 {
		g.VMOVAPS(g.acc[i+1], g.acc[i])
	}
}

// feed is one accumulator and the tap row that the present input row is to it.
type feed struct{ acc, tapRow int }

// inputRow adds the present input row to the accumulators and goes to the next.
func (g *depthwise) inputRow(feeds ...feed) {
	add := func(j int, x reg.VecVirtual) {
		for _, f := range feeds {
			g.multiplyAdd(f.tapRow*g.k+j, x, g.acc[f.acc])
		}
	}
	half := g.k / 2
	if g.wide != nil {
		g.wideColumns(add)
		g.next()
		return
	}
	if g.stride == 1 {
		for j := range g.k {
			x := g.YMM()
			if j != half && g.edg != nil {
				g.VANDPS(g.at(j-half), g.edge(j).(reg.VecVirtual), x)
			} else if g.VMOVUPS(g.at(j-half), x); j != half {
				g.VANDPS(g.edge(j), x, x)
			}
			add(j, x)
		}
	} else {
		for j := 0; j < g.k; {
			// The columns 2x+dx come in pairs with dx even, but for the first or last.
			dx := j - half
			if dx&1 != 0 || j == g.k-1 {
				x := g.YMM()
				g.pair(dx, x, nil)
				g.VANDPS(g.edge(j), x, x)
				add(j, x)
				j++
				continue
			}
			even, odd := g.YMM(), g.YMM()
			g.pair(dx, even, odd)
			if j != half {
				g.VANDPS(g.edge(j), even, even)
			}
			add(j, even)
			g.VANDPS(g.edge(j+1), odd, odd)
			add(j+1, odd)
			j += 2
		}
	}
	g.next()
}

// multiplyAdd adds x times a tap to acc.
func (g *depthwise) multiplyAdd(tap int, x, acc reg.VecVirtual) {
	switch t := g.tap[tap].(type) {
	case reg.VecVirtual:
		g.VFMADD231PS(g.half(t), x, acc)
	default:
		if g.wide != nil {
			g.VFMADD231PS_BCST(t, x, acc)
			return
		}
		g.VFMADD231PS(t, x, acc)
	}
}

// edge is the mask of tap column j, which is not the middle one.
func (g *depthwise) edge(j int) operand.Op {
	if j > g.k/2 {
		j--
	}
	if g.edg != nil {
		return g.edg[j]
	}
	return operand.Mem{Base: g.mask, Disp: 32 * j}
}

func (g *depthwise) strip() {
	g.edg, g.acc = nil, nil
	if g.k == 3 && g.stride == 2 {
		g.strip3by2()
		return
	}
	if g.k == 3 && g.wide == nil {
		for j := range g.masks {
			v := g.YMM()
			g.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32 * j}, v)
			g.edg = append(g.edg, v)
		}
	}
	for range (g.k-1)/g.stride + 1 {
		g.acc = append(g.acc, g.vec())
	}
	if g.stride == 1 && g.k == 3 {
		g.strip3()
	} else if g.stride == 1 {
		g.stripMany()
	} else {
		g.strip2()
	}
}

// strip3 is 3x3, stride 1: the top and bottom rows feed two outputs, a lone
// row one, the others three.
func (g *depthwise) strip3() {
	loop, last, lone, done := g.label("rows"), g.label("last"), g.label("lone"), g.label("done")
	g.bias(1)
	g.Load(g.Param("h"), g.n)
	g.SUBQ(operand.Imm(2), g.n)
	g.JLT(operand.LabelRef(lone))
	g.bias(2)
	g.inputRow(feed{1, 1}, feed{2, 0})
	g.shift()
	g.TESTQ(g.n, g.n)
	g.JZ(operand.LabelRef(last))
	g.Label(loop)
	g.bias(2)
	g.inputRow(feed{0, 2}, feed{1, 1}, feed{2, 0})
	g.store(g.acc[0], true)
	g.shift()
	g.DECQ(g.n)
	g.JNZ(operand.LabelRef(loop))
	g.Label(last)
	g.inputRow(feed{0, 2}, feed{1, 1})
	g.store(g.acc[0], true)
	g.store(g.acc[1], true)
	g.JMP(operand.LabelRef(done))
	g.Label(lone)
	g.inputRow(feed{1, 1})
	g.store(g.acc[1], true)
	g.Label(done)
}

// stripMany is 5x5 and 7x7, stride 1. Every row feeds as many outputs as there are tap
// rows; those above and below the plane are not stored.
func (g *depthwise) stripMany() {
	half := g.k / 2
	loop, above := g.label("rows"), g.label("above")
	ends := make([]string, half-1)
	for i := range ends {
		ends[i] = g.label("one")
	}
	for i := range g.acc {
		g.bias(i)
	}
	row := g.GP64()
	g.XORQ(row, row)
	g.Label(loop)
	var feeds []feed
	for i := range g.k {
		feeds = append(feeds, feed{i, g.k - 1 - i})
	}
	g.inputRow(feeds...)
	g.CMPQ(row, operand.Imm(uint64(half)))
	g.JLT(operand.LabelRef(above))
	g.store(g.acc[0], true)
	g.Label(above)
	g.shift()
	g.bias(g.k - 1)
	g.INCQ(row)
	g.CMPQ(row, g.param("h"))
	g.JLT(operand.LabelRef(loop))
	for i, end := range ends {
		g.CMPQ(row, operand.Imm(uint64(half-i)))
		g.JLT(operand.LabelRef(end))
		g.store(g.acc[i], true)
		g.Label(end)
	}
	g.store(g.acc[half-1], true)
}

// strip2 is 5x5, stride 2. Rows come in pairs, and an odd last row comes alone.
// Three output rows are under way at a time: the first ends here, the second is in
// its middle, the third begins. The first is not stored while it is above the plane.
func (g *depthwise) strip2() {
	loop, odd, even, done := g.label("pairs"), g.label("odd"), g.label("even"), g.label("done")
	g.bias(0)
	g.bias(1)
	g.Load(g.Param("h"), g.n)
	g.SHRQ(operand.Imm(1), g.n)
	g.JZ(operand.LabelRef(odd))
	g.Label(loop)
	g.bias(2)
	g.inputRow(feed{0, 4}, feed{1, 2}, feed{2, 0})
	g.storeBelow(0)
	g.inputRow(feed{1, 3}, feed{2, 1})
	g.shift()
	g.DECQ(g.n)
	g.JNZ(operand.LabelRef(loop))
	g.Label(odd)
	g.TESTQ(operand.U32(1), g.param("h"))
	g.JZ(operand.LabelRef(even))
	g.inputRow(feed{0, 4}, feed{1, 2})
	g.storeBelow(0)
	g.store(g.acc[1], true)
	g.JMP(operand.LabelRef(done))
	g.Label(even)
	g.store(g.acc[0], true)
	g.Label(done)
}

// storeBelow stores an accumulator unless its row is above the plane, which it
// is while the pair counter still has its first value.
func (g *depthwise) storeBelow(acc int) {
	above := g.label("above")
	pairs := g.GP64()
	g.Load(g.Param("h"), pairs)
	g.SHRQ(operand.Imm(1), pairs)
	g.CMPQ(g.n, pairs)
	g.JEQ(operand.LabelRef(above))
	g.store(g.acc[acc], true)
	g.Label(above)
}

// strip3by2 is 3x3, stride 2. The left column of an output is the right column of
// the output before it. So the left taps are multiplied with the right columns, in
// a sum of their own, and that sum is moved by one output at the end. This costs one
// permutation, where loading the left columns would cost two loads and a shuffle
// for each row. The lane that becomes free is set to 0. At the plane's left edge
// that is its value; anywhere else the walk to the left writes that output again.
func (g *depthwise) strip3by2() {
	acc, odd := g.vec(), g.vec() // bias, middle and right taps; left taps
	columns := func() (even, odd reg.VecVirtual) {
		even, odd = g.vec(), g.vec()
		if g.wide != nil {
			g.widePair(0, even, nil, odd, g.wide.keep[0])
		} else {
			g.pair(0, even, odd)
			g.VANDPS(operand.Mem{Base: g.mask}, odd, odd)
		}
		g.next()
		return even, odd
	}
	bias := operand.Mem{Base: g.w, Disp: 36}
	finish := func() {
		g.moveLater(odd)
		g.order(acc)
		g.VADDPS(odd, acc, acc)
		g.storeOrdered(acc, true)
	}
	loop, lone, done := g.label("pairs"), g.label("lone"), g.label("done")
	g.VBROADCASTSS(bias, acc)
	g.VXORPS(odd, odd, odd)
	g.Load(g.Param("h"), g.n)
	g.SHRQ(operand.Imm(1), g.n)
	g.JZ(operand.LabelRef(lone))
	g.Label(loop)
	{
		e, o := columns()
		g.multiplyAdd(4, e, acc)
		g.multiplyAdd(3, o, odd)
		g.multiplyAdd(5, o, acc)
		e, o = columns()
		g.multiplyAdd(7, e, acc)
		g.multiplyAdd(6, o, odd)
		g.multiplyAdd(8, o, acc)
		finish()
		g.VBROADCASTSS(bias, acc)
		g.multiplyAdd(1, e, acc)
		g.VMULPS(g.half(g.tap[0].(reg.VecVirtual)), o, odd)
		g.multiplyAdd(2, o, acc)
	}
	g.DECQ(g.n)
	g.JNZ(operand.LabelRef(loop))
	g.Label(lone)
	g.TESTQ(operand.U32(1), g.param("h"))
	g.JZ(operand.LabelRef(done))
	e, o := columns()
	g.multiplyAdd(4, e, acc)
	g.multiplyAdd(3, o, odd)
	g.multiplyAdd(5, o, acc)
	finish()
	g.Label(done)
}

// moveLater puts the columns of a pair in ascending order and one output further, and 0
// in the first.
func (g *depthwise) moveLater(v reg.VecVirtual) {
	if g.wide != nil {
		g.VPERMPS_Z(v, g.wideLater(), g.wide.notFirst, v)
		return
	}
	g.VPERMPS(v, g.later, v)
	g.VANDPS(g.notFirst, v, v)
}
