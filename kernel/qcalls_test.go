package kernel

import (
	"math/rand/v2"
	"testing"
)

// quantizedCalls are a call of every quantized kernel, each of which reads what those
// before it wrote, and a number made of what they wrote.
func quantizedCalls(s *Set, seed uint64) (calls []func(), number func() float32) {
	mem, work := make([]byte, 1024), make([]byte, 1<<16)
	randomBytes(rand.New(rand.NewPCG(seed, 2)), mem)
	before := append([]byte(nil), mem...)
	weights, table, floats := before[:256], before[256:512], make([]float32, 98)
	a, b, c := []int32{64, 192}, []int32{320, 448}, []int32{576, 704}
	zeros, mult, bias, all := []uint8{3, 200}, []float32{0.01, 0.02}, []int32{-5, 7}, Requant{Zero: 9, Hi: 255}
	g := &QGEMM{Mem: mem, B: a, C: b, M: 2, K: 2, N: 49, Bias: bias, Mult: mult, Requant: all, Work: work}
	g.A = make([]byte, s.QGEMMLen(2, 2))
	s.PackQGEMM(g.A, signed(weights[:4]), 2, 2)
	d := &QDepthwise{Mem: mem, Src: a, Dst: c, Bias: bias, Mult: mult, Zeros: zeros, C: 2, H: 7, Wid: 7, OH: 7, OW: 7, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, Requant: all, Work: work}
	d.W = make([]byte, 2*s.QDepthwiseLen(d))
	s.PackQDepthwise(d, d.W, signed(weights[:18]))
	p := &QPool{Mem: mem, Src: c, Dst: b, C: 2, H: 7, W: 7, OH: 4, OW: 4, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1, Zeros: zeros, Mult: mult, Requant: all, Work: work}
	add := &QAdd{Mem: mem, A: a, B: b, C: c, AZero: zeros, BZero: zeros, AMult: mult, BMult: mult, Ch: 2, N: 49, Requant: all}
	scale := &QScale{Mem: mem, Src: c, Dst: b, Zeros: zeros, Mult: mult, C: 2, N: 49, Requant: all}
	lookup := &QTable{Mem: mem, Src: b, Dst: a, Table: table, C: 2, N: 49}
	phases := &PhasesBytes{Mem: mem, Src: a, Dst: c, Residues: []Residue{{}}, Fill: zeros, C: 2, H: 7, W: 7, PH: 4, PW: 4, SH: 2, SW: 2}
	back := &Dequantize{Mem: mem, To: floats, Src: b, Dst: []int32{49, 0}, Zeros: zeros, Mult: mult, C: 2, N: 49}
	quantize := &Quantize{From: floats, Mem: mem, Src: []int32{49, 0}, Dst: c, Mult: mult, C: 2, N: 49, Requant: all}
	mean := &QMean{Mem: mem, Src: c, Dst: floats[:2], Zeros: zeros, Mult: mult, C: 2, N: 49}
	linear := &QLinear{X: mem[64:96], W: signed(weights[:64]), Bias: bias, Mult: mult, Y: floats[2:4], In: 32, Out: 2}
	return []func(){
			func() { copy(mem, before) },
			func() { s.QGEMM(g) }, func() { s.QDepthwise(d) }, func() { s.QMaxPool(p) }, func() { s.QAdd(add) }, func() { s.QAvgPool(p) },
			func() { s.QScale(scale) }, func() { s.QTable(lookup) }, func() { s.PhasesBytes(phases) }, func() { s.Dequantize(back) },
			func() { s.Quantize(quantize) }, func() { s.QMean(mean) }, func() { s.QLinear(linear) },
		}, func() (sum float32) {
			for i, v := range floats {
				sum += v * float32(i+1)
			}
			for _, table := range [][]int32{a, b, c} {
				for _, off := range table {
					for i, v := range mem[off:][:16] {
						sum += float32(v) * float32(i%61)
					}
				}
			}
			return sum
		}
}

// everyQuantizedKernel calls every quantized kernel and returns a number made of what
// they wrote.
func everyQuantizedKernel(s *Set, seed uint64) float32 {
	calls, number := quantizedCalls(s, seed)
	for _, f := range calls {
		f()
	}
	return number()
}

// TestQuantizedKernelsAllocateNothing, and every set makes the same numbers.
func TestQuantizedKernelsAllocateNothing(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		calls, _ := quantizedCalls(s, 1)
		for i, f := range calls {
			if n := testing.AllocsPerRun(10, f); n != 0 && !raceDetector {
				t.Errorf("call %d: %v allocations, wanted none", i, n)
			}
		}
		for seed := range uint64(20) {
			if got, want := everyQuantizedKernel(s, seed), everyQuantizedKernel(generic, seed); got != want {
				t.Errorf("seed %d: %v, the reference has %v", seed, got, want)
			}
		}
	})
}
