package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkPhases(b *testing.B) {
	for _, s := range []struct{ c, size, stride, pad int }{{3, 224, 2, 1}, {3, 224, 4, 0}, {3, 224, 7, 0}, {3, 224, 16, 0}, {64, 56, 1, 1}, {256, 14, 1, 1}} {
		p := Phases{C: s.c, H: s.size, W: s.size, SH: s.stride, SW: s.stride, Residues: allResidues(s.stride, s.stride), PadTop: s.pad, PadLeft: s.pad}
		p.PH = (s.size + 2*s.pad) / s.stride
		p.PW = p.PH
		mem, tables := benchPlanes(s.c*s.stride*s.stride, s.size*s.size, p.PH*p.PW)
		p.Mem, p.Src, p.Dst = mem, tables[0][:s.c], tables[1]
		b.Run(fmt.Sprintf("%dx%dx%d/s%d", s.c, s.size, s.size, s.stride), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				b.SetBytes(int64(8 * len(p.Dst) * p.PH * p.PW))
				for b.Loop() {
					set.Phases(&p)
				}
				perVector(b, len(p.Dst)*p.PH*p.PW)
			})
		})
	}
}

func BenchmarkAddAffine(b *testing.B) {
	for _, s := range []struct{ c, n int }{{64, 3136}, {116, 196}, {464, 49}} {
		mem, t := benchPlanes(s.c, s.n, s.n, s.n)
		a := Add{Mem: mem, A: t[0], B: t[1], C: t[2], Ch: s.c, N: s.n, Epilogue: Epilogue{Act: relu}}
		f := Affine{Mem: mem, Src: t[0], Dst: t[1], C: s.c, N: s.n, Epilogue: Epilogue{Act: relu6}}
		b.Run(fmt.Sprintf("add/%dx%d", s.c, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.Add(&a)
				}
				perVector(b, s.c*s.n)
			})
		})
		b.Run(fmt.Sprintf("affine/%dx%d", s.c, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.Affine(&f)
				}
				perVector(b, s.c*s.n)
			})
		})
	}
}

func BenchmarkMean(b *testing.B) {
	for _, s := range []struct{ c, n int }{{1024, 49}, {116, 784}, {24, 12544}} {
		mem, t := benchPlanes(s.c, s.n)
		m := Mean{Mem: mem, Src: t[0], Dst: make([]float32, s.c), C: s.c, N: s.n}
		b.Run(fmt.Sprintf("%dx%d", s.c, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.Mean(&m)
				}
				perVector(b, s.c*s.n)
			})
		})
	}
}

func BenchmarkGather(b *testing.B) {
	for _, s := range []struct{ c, n int }{{1000, 1}, {464, 49}, {116, 784}} {
		mem, t := benchPlanes(s.c, s.n)
		rand.Shuffle(s.c, func(i, j int) { t[0][i], t[0][j] = t[0][j], t[0][i] })
		g := Gather{Mem: mem, Src: t[0], Out: make([]float32, s.c*s.n), C: s.c, N: s.n, Pitch: s.n}
		b.Run(fmt.Sprintf("%dx%d", s.c, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.Gather(&g)
				}
				perVector(b, s.c*s.n)
			})
		})
	}
}
