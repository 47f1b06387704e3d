package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const depthwiseArgs = ", w *float32, wstep int, masks *float32, clamp int, lo, hi float32"

// depthwiseAVX2 is the unit of the depthwise convolutions with pad k/2.
func depthwiseAVX2() *build.Context {
	ctx := newContext()
	for _, k := range []int{3, 5} {
		for _, stride := range []int{1, 2} {
			(&depthwise{walk: walk{Context: ctx, stride: stride, masks: k - 1}, k: k}).emit()
		}
	}
	return ctx
}

// depthwise emits one kernel. Row r of the source is tap row i of output row
// (r+k/2-i)/stride, so one input row feeds several output rows, each with its
// own accumulator. The taps of an output are added in row-major order.
type depthwise struct {
	walk
	k   int
	w   reg.GPVirtual
	tap []operand.Op     // taps as vectors: in registers, or spread in the frame
	edg []reg.VecVirtual // the strip's masks, where there are registers for them
	acc []reg.VecVirtual // by output row, ascending
}

func (g *depthwise) emit() {
	name := fmt.Sprintf("Depthwise%dx%dS%d", g.k, g.k, g.stride)
	g.function(name, depthwiseArgs, []string{
		fmt.Sprintf("%s convolves each plane with its own %dx%d taps, stride %d, pad %d.", name, g.k, g.k, g.stride, g.k/2),
		"A plane's taps and bias lie wstep bytes after those of the plane before it;",
		"masks has " + fmt.Sprint(g.masks) + " vectors for each strip.",
	}, g.setup, g.plane, g.strip, func() {
		step := g.GP64()
		g.Load(g.Param("wstep"), step)
		g.ADDQ(step, g.w)
	})
}

func (g *depthwise) setup() {
	g.w = g.GP64()
	g.Load(g.Param("w"), g.w)
	if g.k == 3 {
		for range 9 {
			g.tap = append(g.tap, g.YMM())
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

// plane fetches the taps.
func (g *depthwise) plane() {
	for i, tap := range g.tap {
		from := operand.Mem{Base: g.w, Disp: 4 * i}
		if v, ok := tap.(reg.VecVirtual); ok {
			g.VBROADCASTSS(from, v)
			continue
		}
		t := g.YMM()
		g.VBROADCASTSS(from, t)
		g.VMOVAPS(t, tap)
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
			g.VFMADD231PS(g.tap[f.tapRow*g.k+j], x, g.acc[f.acc])
		}
	}
	half := g.k / 2
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
	if g.k == 3 {
		for j := range g.masks {
			v := g.YMM()
			g.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32 * j}, v)
			g.edg = append(g.edg, v)
		}
	}
	for range (g.k-1)/g.stride + 1 {
		g.acc = append(g.acc, g.YMM())
	}
	if g.stride == 1 && g.k == 3 {
		g.strip3()
	} else if g.stride == 1 {
		g.strip5()
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

// strip5 is 5x5, stride 1. Every row feeds five outputs; those above and below
// the plane are not stored.
func (g *depthwise) strip5() {
	loop, above, one := g.label("rows"), g.label("above"), g.label("one")
	for i := range g.acc {
		g.bias(i)
	}
	row := g.GP64()
	g.XORQ(row, row)
	g.Label(loop)
	g.inputRow(feed{0, 4}, feed{1, 3}, feed{2, 2}, feed{3, 1}, feed{4, 0})
	g.CMPQ(row, operand.Imm(2))
	g.JLT(operand.LabelRef(above))
	g.store(g.acc[0], true)
	g.Label(above)
	g.shift()
	g.bias(4)
	g.INCQ(row)
	g.CMPQ(row, g.param("h"))
	g.JLT(operand.LabelRef(loop))
	g.CMPQ(row, operand.Imm(2))
	g.JLT(operand.LabelRef(one))
	g.store(g.acc[0], true)
	g.Label(one)
	g.store(g.acc[1], true)
}

// strip2 is stride 2: rows come in pairs, and an odd last one alone. The last
// accumulator is the output row that only just begins; with 5x5 there is also
// one that ends, and is not stored while it is above the plane.
func (g *depthwise) strip2() {
	loop, odd, done := g.label("pairs"), g.label("odd"), g.label("done")
	next := len(g.acc) - 1
	now := next - 1
	for i := range next {
		g.bias(i)
	}
	g.Load(g.Param("h"), g.n)
	g.SHRQ(operand.Imm(1), g.n)
	g.JZ(operand.LabelRef(odd))
	g.Label(loop)
	if g.k == 3 {
		g.inputRow(feed{now, 1})
		g.bias(next)
		g.inputRow(feed{now, 2}, feed{next, 0})
		g.store(g.acc[now], true)
	} else {
		g.bias(next)
		g.inputRow(feed{0, 4}, feed{now, 2}, feed{next, 0})
		g.storeBelow(0)
		g.inputRow(feed{now, 3}, feed{next, 1})
	}
	g.shift()
	g.DECQ(g.n)
	g.JNZ(operand.LabelRef(loop))
	g.Label(odd)
	end := done
	if g.k == 5 {
		end = g.label("even")
	}
	g.TESTQ(operand.U32(1), g.param("h"))
	g.JZ(operand.LabelRef(end))
	if g.k == 3 {
		g.inputRow(feed{now, 1})
	} else {
		g.inputRow(feed{0, 4}, feed{now, 2})
		g.storeBelow(0)
	}
	g.store(g.acc[now], true)
	if g.k == 5 {
		g.JMP(operand.LabelRef(done))
		g.Label(end)
		g.store(g.acc[0], true)
	}
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
