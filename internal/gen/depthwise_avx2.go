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
	return g.asm
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
		step := g.asm.GP64()
		g.asm.Load(g.asm.Param("wstep"), step)
		g.asm.ADDQ(step, g.w)
	})
}

func (g *depthwise) setup() {
	g.w = g.asm.GP64()
	g.asm.Load(g.asm.Param("w"), g.w)
	if g.wide != nil {
		g.setupWide()
		return
	}
	if g.k == 3 {
		for range 9 {
			g.tap = append(g.tap, g.asm.YMM())
		}
		if g.stride == 2 {
			g.later = g.asm.YMM()
			g.asm.VMOVDQU(dwords(g.asm, "later", 0, 0, 1, 4, 5, 2, 3, 6), g.later)
			g.notFirst = dwords(g.asm, "notFirst", 0, ones, ones, ones, ones, ones, ones, ones)
		}
		return
	}
	frame := g.asm.GP64()
	g.asm.LEAQ(g.asm.AllocLocal(32*(g.k*g.k+1)), frame)
	g.asm.ADDQ(operand.Imm(31), frame)
	g.asm.ANDQ(operand.I32(-32), frame)
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
			g.asm.VBROADCASTSS(from, v)
		case g.wide == nil:
			t := g.asm.YMM()
			g.asm.VBROADCASTSS(from, t)
			g.asm.VMOVAPS(t, tap)
		}
	}
}

func (g *depthwise) bias(acc int) {
	g.asm.VBROADCASTSS(operand.Mem{Base: g.w, Disp: 4 * g.k * g.k}, g.acc[acc])
}

// shift makes every accumulator its upper neighbour's.
func (g *depthwise) shift() {
	for i := range len(g.acc) - 1 {
		g.asm.VMOVAPS(g.acc[i+1], g.acc[i])
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
			x := g.asm.YMM()
			if j != half && g.edg != nil {
				g.asm.VANDPS(g.at(j-half), g.edge(j).(reg.VecVirtual), x)
			} else if g.asm.VMOVUPS(g.at(j-half), x); j != half {
				g.asm.VANDPS(g.edge(j), x, x)
			}
			add(j, x)
		}
	} else {
		for j := 0; j < g.k; {
			// The columns 2x+dx come in pairs with dx even, but for the first or last.
			dx := j - half
			if dx&1 != 0 || j == g.k-1 {
				x := g.asm.YMM()
				g.pair(dx, x, nil)
				g.asm.VANDPS(g.edge(j), x, x)
				add(j, x)
				j++
				continue
			}
			even, odd := g.asm.YMM(), g.asm.YMM()
			g.pair(dx, even, odd)
			if j != half {
				g.asm.VANDPS(g.edge(j), even, even)
			}
			add(j, even)
			g.asm.VANDPS(g.edge(j+1), odd, odd)
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
		g.asm.VFMADD231PS(g.half(t), x, acc)
	default:
		if g.wide != nil {
			g.asm.VFMADD231PS_BCST(t, x, acc)
			return
		}
		g.asm.VFMADD231PS(t, x, acc)
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
			v := g.asm.YMM()
			g.asm.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32 * j}, v)
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
	g.asm.Load(g.asm.Param("h"), g.n)
	g.asm.SUBQ(operand.Imm(2), g.n)
	g.asm.JLT(operand.LabelRef(lone))
	g.bias(2)
	g.inputRow(feed{1, 1}, feed{2, 0})
	g.shift()
	g.asm.TESTQ(g.n, g.n)
	g.asm.JZ(operand.LabelRef(last))
	g.asm.Label(loop)
	g.bias(2)
	g.inputRow(feed{0, 2}, feed{1, 1}, feed{2, 0})
	g.store(g.acc[0], true)
	g.shift()
	g.asm.DECQ(g.n)
	g.asm.JNZ(operand.LabelRef(loop))
	g.asm.Label(last)
	g.inputRow(feed{0, 2}, feed{1, 1})
	g.store(g.acc[0], true)
	g.store(g.acc[1], true)
	g.asm.JMP(operand.LabelRef(done))
	g.asm.Label(lone)
	g.inputRow(feed{1, 1})
	g.store(g.acc[1], true)
	g.asm.Label(done)
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
	row := g.asm.GP64()
	g.asm.XORQ(row, row)
	g.asm.Label(loop)
	var feeds []feed
	for i := range g.k {
		feeds = append(feeds, feed{i, g.k - 1 - i})
	}
	g.inputRow(feeds...)
	g.asm.CMPQ(row, operand.Imm(uint64(half)))
	g.asm.JLT(operand.LabelRef(above))
	g.store(g.acc[0], true)
	g.asm.Label(above)
	g.shift()
	g.bias(g.k - 1)
	g.asm.INCQ(row)
	g.asm.CMPQ(row, g.param("h"))
	g.asm.JLT(operand.LabelRef(loop))
	for i, end := range ends {
		g.asm.CMPQ(row, operand.Imm(uint64(half-i)))
		g.asm.JLT(operand.LabelRef(end))
		g.store(g.acc[i], true)
		g.asm.Label(end)
	}
	g.store(g.acc[half-1], true)
}
