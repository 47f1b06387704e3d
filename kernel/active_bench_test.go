package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkActivation is of the kinds that no epilogue has, on planes that lie in L1.
func BenchmarkActivation(b *testing.B) {
	for _, n := range []int{49, 784} {
		c := 4096 / n
		mem, tables := benchPlanes(c, n, n)
		for _, act := range activations {
			if act.Kind <= Clamp {
				continue
			}
			a := Affine{Mem: mem, Src: tables[0], Dst: tables[1], C: c, N: n, Epilogue: Epilogue{Act: act}}
			b.Run(fmt.Sprintf("%dx%d/kind%d", c, n, act.Kind), func(b *testing.B) {
				benchEachSet(b, func(b *testing.B, set *Set) {
					for b.Loop() {
						set.Affine(&a)
					}
					perVector(b, c*n)
				})
			})
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	for _, s := range []struct{ c, n int }{{64, 3136}, {116, 196}, {464, 49}} {
		mem, t := benchPlanes(s.c, s.n, s.n, s.n)
		for _, one := range []bool{false, true} {
			for _, op := range []BinaryOp{Multiply, Maximum} {
				k := Binary{Mem: mem, A: t[0], B: t[1], C: t[2], Ch: s.c, N: s.n, Op: op, One: one}
				b.Run(fmt.Sprintf("op%d/one=%v/%dx%d", op, one, s.c, s.n), func(b *testing.B) {
					benchEachSet(b, func(b *testing.B, set *Set) {
						for b.Loop() {
							set.Binary(&k)
						}
						perVector(b, s.c*s.n)
					})
				})
			}
		}
	}
}

// BenchmarkWinograd is of the transforms of layers of ResNet-18 and VGG: in a call as
// many tile rows as a plan takes at a time are enough.
func BenchmarkWinograd(b *testing.B) {
	for _, s := range []struct{ c, size, m, rows int }{{64, 56, 4, 4}, {128, 28, 4, 7}, {256, 14, 4, 4}, {512, 7, 2, 4}, {512, 7, 4, 2}, {64, 112, 4, 2}} {
		tw := (s.size + s.m - 1) / s.m
		pitch := (s.rows*tw + 7 + 15) &^ 15
		mem, t := benchPlanes(s.c, s.size*s.size, s.size*s.size)
		in := WinogradInput{
			Mem: mem, Src: t[0], Dst: make([]float32, WinogradElements(s.m)*WinogradStep(s.c, pitch)), C: s.c, H: s.size, W: s.size, PadTop: 1, PadLeft: 1,
			M: s.m, TW: tw, Rows: s.rows, Pitch: pitch, Step: WinogradStep(s.c, pitch),
		}
		in.Work = make([]float32, in.WorkLen())
		out := WinogradOutput{
			Mem: mem, Src: in.Dst, Dst: t[1], C: s.c, OH: s.size, OW: s.size, M: s.m, Rows: s.rows, Pitch: pitch, Step: WinogradStep(s.c, pitch), Epilogue: Epilogue{Act: relu},
		}
		out.Work = make([]float32, out.WorkLen())
		name := fmt.Sprintf("%dx%dx%d/m%d", s.c, s.size, s.size, s.m)
		b.Run("input/"+name, func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.WinogradInput(&in)
				}
				perVector(b, s.c*s.rows*s.m*s.size)
			})
		})
		b.Run("output/"+name, func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.WinogradOutput(&out)
				}
				perVector(b, s.c*s.rows*s.m*s.size)
			})
		})
	}
}
