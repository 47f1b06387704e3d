package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchPlanes is an arena with tables of c planes of n[i] pixels, all 1.
func benchPlanes(c int, n ...int) (mem []float32, tables [][]int32) {
	size := Slack
	for _, px := range n {
		var t []int32
		for range c {
			t = append(t, int32(size))
			size += Pitch(px, 4)
		}
		tables = append(tables, t)
	}
	mem = make([]float32, size+Slack)
	for i := range mem {
		mem[i] = 1
	}
	return mem, tables
}

func BenchmarkDepthwise(b *testing.B) {
	for _, s := range []struct{ c, size, k, stride int }{
		{58, 28, 3, 1}, {116, 14, 3, 1}, {232, 7, 3, 1}, // ShuffleNet V2 1.0x
		{24, 56, 3, 2}, {116, 28, 3, 2}, {232, 14, 3, 2},
		{32, 112, 3, 1}, {64, 112, 3, 2}, {32, 128, 3, 1}, // MobileNet; a power of two
		{48, 16, 3, 1}, {96, 8, 3, 1}, {192, 4, 3, 1}, // ShuffleNet V1 0.5x on CIFAR
		{58, 28, 5, 1}, {116, 28, 5, 2},
	} {
		out := (s.size-1)/s.stride + 1
		d := Depthwise{
			C: s.c, H: s.size, Wid: s.size, OH: out, OW: out, KH: s.k, KW: s.k, Stride: s.stride,
			PadTop: s.k / 2, PadLeft: s.k / 2, W: make([]float32, s.c*(s.k*s.k+1)),
		}
		mem, tables := benchPlanes(s.c, s.size*s.size, out*out)
		d.Mem, d.Src, d.Dst = mem, tables[0], tables[1]
		for i := range d.W {
			d.W[i] = rand.Float32()
		}
		b.Run(fmt.Sprintf("%dx%dx%d/k%ds%d", s.c, s.size, s.size, s.k, s.stride), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				d.Masks = set.DepthwiseMasks(&d)
				for b.Loop() {
					set.Depthwise(&d)
				}
				perVector(b, s.c*out*out)
			})
		})
	}
}

// perVector reports the time for 8 outputs, waste and edges included.
func perVector(b *testing.B, outputs int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(outputs)*8, "ns/8outputs")
}

func BenchmarkPool(b *testing.B) {
	for _, s := range []struct {
		name               string
		max                bool
		c, size, k, stride int
	}{
		{"max", true, 24, 112, 3, 2}, {"max", true, 64, 32, 2, 2}, {"avg", false, 54, 56, 3, 2}, {"avg", false, 64, 32, 2, 2},
	} {
		p := Pool{C: s.c, H: s.size, W: s.size, OH: s.size / 2, OW: s.size / 2, KH: s.k, KW: s.k, SH: 2, SW: 2, PadTop: s.k - 2, PadLeft: s.k - 2, CountPad: true}
		mem, tables := benchPlanes(s.c, s.size*s.size, p.OH*p.OW)
		p.Mem, p.Src, p.Dst = mem, tables[0], tables[1]
		b.Run(fmt.Sprintf("%s%dx%d/%dx%dx%d", s.name, s.k, s.k, s.c, s.size, s.size), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				p.Masks = set.PoolMasks(&p)
				for b.Loop() {
					if s.max {
						set.MaxPool(&p)
					} else {
						set.AvgPool(&p)
					}
				}
				perVector(b, s.c*p.OH*p.OW)
			})
		})
	}
}
