package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
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
			C: s.c, H: s.size, Wid: s.size, OH: out, OW: out, KH: s.k, KW: s.k, SH: s.stride, SW: s.stride,
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

// BenchmarkDepthwiseAny is of windows that have no unit of their own. Each reports its
// share of the peak, of which copying and edges take some.
func BenchmarkDepthwiseAny(b *testing.B) {
	for _, s := range []struct{ c, size, kh, kw, stride, dilation, top, left int }{
		{32, 112, 3, 3, 2, 1, 0, 0}, {144, 56, 5, 5, 2, 1, 1, 1}, {240, 28, 3, 3, 2, 1, 0, 0}, // TensorFlow
		{96, 56, 7, 7, 1, 1, 3, 3}, {192, 28, 7, 7, 1, 1, 3, 3}, {384, 14, 7, 7, 1, 1, 3, 3}, {768, 7, 7, 7, 1, 1, 3, 3}, // ConvNeXt
		{64, 28, 9, 9, 1, 1, 4, 4}, {64, 28, 1, 11, 1, 1, 0, 5}, {64, 28, 11, 1, 1, 1, 5, 0},
		{64, 28, 3, 3, 1, 2, 2, 2}, {64, 56, 4, 4, 4, 1, 0, 0},
	} {
		out := (s.size + s.stride - 1) / s.stride
		d := Depthwise{
			C: s.c, H: s.size, Wid: s.size, OH: out, OW: out, KH: s.kh, KW: s.kw, SH: s.stride, SW: s.stride,
			DH: s.dilation, DW: s.dilation, PadTop: s.top, PadLeft: s.left, W: make([]float32, s.c*(s.kh*s.kw+1)),
		}
		mem, tables := benchPlanes(s.c, s.size*s.size, out*out)
		d.Mem, d.Src, d.Dst = mem, tables[0], tables[1]
		for i := range d.W {
			d.W[i] = rand.Float32()
		}
		b.Run(fmt.Sprintf("%dx%dx%d/k%dx%ds%dd%d", s.c, s.size, s.size, s.kh, s.kw, s.stride, s.dilation), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				d.Masks = set.DepthwiseMasks(&d)
				for b.Loop() {
					set.Depthwise(&d)
				}
				perVector(b, s.c*out*out)
				flops := 2 * float64(b.N) * float64(s.c*out*out*s.kh*s.kw)
				b.ReportMetric(100*flops/float64(b.Elapsed().Nanoseconds())/set.PeakGFLOPS(5*time.Millisecond), "%peak")
			})
		})
	}
}

// perVector reports the time for 8 outputs, waste and edges included.
func perVector(b *testing.B, outputs int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(outputs)*8, "ns/8outputs")
}

// poolShape is a pooling of c planes of size x size.
type poolShape struct {
	max                     bool
	c, size, k, stride, pad int // pad at the top and at the left
	out                     int
	countPad                bool
}

func (s poolShape) String() string {
	name := "avg"
	if s.max {
		name = "max"
	}
	return fmt.Sprintf("%s%ds%dp%d/%dx%dx%d", name, s.k, s.stride, s.pad, s.c, s.size, s.size)
}

func BenchmarkPool(b *testing.B) {
	for _, s := range []poolShape{
		{true, 24, 112, 3, 2, 1, 56, true}, {true, 64, 32, 2, 2, 0, 16, true}, // units of their own
		{false, 54, 56, 3, 2, 1, 28, true}, {false, 64, 32, 2, 2, 0, 16, true},
		{true, 64, 112, 3, 2, 0, 55, true}, {true, 64, 112, 3, 2, 0, 56, true}, {true, 64, 112, 3, 1, 1, 112, true}, // ceil: 56
		{true, 512, 14, 3, 1, 1, 14, true}, {true, 256, 20, 5, 1, 2, 20, true}, {true, 256, 20, 13, 1, 6, 20, true},
		{true, 64, 112, 4, 4, 0, 28, true}, {true, 64, 112, 3, 3, 0, 37, true},
		{false, 288, 35, 3, 1, 1, 35, false}, {false, 64, 56, 7, 1, 0, 50, true}, {false, 512, 7, 7, 1, 0, 1, true},
		{false, 64, 56, 8, 8, 0, 7, true}, {false, 64, 56, 20, 1, 9, 55, false},
	} {
		p := Pool{C: s.c, H: s.size, W: s.size, OH: s.out, OW: s.out, KH: s.k, KW: s.k, SH: s.stride, SW: s.stride, PadTop: s.pad, PadLeft: s.pad, CountPad: s.countPad}
		mem, tables := benchPlanes(s.c, s.size*s.size, p.OH*p.OW)
		p.Mem, p.Src, p.Dst = mem, tables[0], tables[1]
		b.Run(s.String(), func(b *testing.B) {
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

// BenchmarkTouch is what a pooling of planes costs at the least: each is read and
// written once.
func BenchmarkTouch(b *testing.B) {
	for _, s := range []struct{ c, n int }{{64, 112 * 112}, {512, 14 * 14}, {288, 35 * 35}} {
		mem, tables := benchPlanes(s.c, s.n, s.n)
		a := Affine{Mem: mem, Src: tables[0], Dst: tables[1], C: s.c, N: s.n, Epilogue: Epilogue{Act: relu}}
		b.Run(fmt.Sprintf("%dx%d", s.c, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				for b.Loop() {
					set.Affine(&a)
				}
				perVector(b, s.c*s.n)
			})
		})
	}
}
