package kernel

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// recorder is a test that notes its first failure, and ends there.
type recorder struct {
	testing.TB
	failure string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// mutant is a kernel with one mistake, the reference but for that, and a call of it.
type mutant struct {
	name string
	call func(p *pen)
	make func(s *Set)
	want string // what the failure says
}

// otherNumber is what most of them are found by.
const otherNumber = "the reference's"

// roundsUp is q(f) with halves rounded up, not to even.
func (q Requant) roundsUp(f float32) uint8 {
	v := math.Floor(float64(f)+0.5) + float64(q.Zero)
	return uint8(min(max(v, float64(q.Lo)), float64(q.Hi)))
}

// saturated is a sum of two products in 16 bits, as VPMADDUBSW has it.
func saturated(sum int32) int32 { return min(max(sum, math.MinInt16), math.MaxInt16) }

// saturatingQGEMM is refQGEMM with sums of two products in 16 bits.
func saturatingQGEMM(g *QGEMM) {
	r := g.Requant.clamper()
	for m := range g.M {
		s := slices.Repeat(g.Bias[m:m+1], g.N)
		for k := 0; k < g.K; k += 2 {
			for p := range s {
				pair := int32(0)
				for i := k; i < min(k+2, g.K); i++ {
					pair += int32(int8(g.A[m*g.K+i])) * int32(g.refPlane(i, 0)[p])
				}
				s[p] += saturated(pair)
			}
		}
		g.finish(r, s, m, 0)
	}
}

// mutants has mistakes that a unit in assembly may well make.
func mutants() []mutant {
	qgemm := func(p *pen) { p.qgemm(1+p.rng.IntN(5), 1+p.rng.IntN(9), 1+p.rng.IntN(70)) }
	qdepthwise := func(p *pen) {
		p.qdepthwise(sameQDepthwise(1+p.rng.IntN(3), 1+p.rng.IntN(9), 1+p.rng.IntN(20), 3, 1+p.rng.IntN(2)))
	}
	qpool := func(mean bool) func(p *pen) {
		return func(p *pen) {
			h, w := 3+p.rng.IntN(9), 3+p.rng.IntN(20)
			p.qpool(QPool{C: 1 + p.rng.IntN(3), H: h, W: w, OH: (h-1)/2 + 1, OW: (w-1)/2 + 1, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1}, mean)
		}
	}
	planes := func(f func(p *pen, channels, n int)) func(p *pen) {
		return func(p *pen) { f(p, 1+p.rng.IntN(4), 1+p.rng.IntN(140)) }
	}
	qmean := planes(func(p *pen, channels, n int) { p.qmean(channels, n, p.rng.IntN(2) == 0) })
	qlinear := planes(func(p *pen, channels, n int) { p.qlinear(n, channels, p.rng.IntN(2) == 0) })
	return []mutant{
		{"QGEMM, sums of pairs saturate", qgemm, func(s *Set) { s.qgemm.run = saturatingQGEMM }, otherNumber},
		{"QGEMM, the last pixel is left out", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) {
				if c := *g; c.N > 1 {
					c.N--
					refQGEMM(&c)
				}
			}
		}, otherNumber},
		{"QGEMM, a pixel more than it may", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) {
				refQGEMM(g)
				if g.Floats == nil {
					for _, off := range g.C {
						if at := int(off) + g.COff + roundUp(g.N, 16); at < len(g.Mem) {
							g.Mem[at]++
						}
					}
				}
			}
		}, "of the arena changed"},
		{"QGEMM, the residual's zero point is left out", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) {
				c := *g
				c.RZero = make([]uint8, len(g.RZero))
				refQGEMM(&c)
			}
		}, otherNumber},
		{"QGEMM, the product and the residual are fused", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) {
				refQGEMM(g)
				if g.R == nil || g.Floats == nil {
					return
				}
				for m := range g.M { // results of float32 show the last bit
					sums := slices.Repeat(g.Bias[m:m+1], g.N)
					for k := range g.K {
						axpyBytes(sums, g.refPlane(k, 0), int32(int8(g.A[m*g.K+k])))
					}
					for p, v := range sums {
						r := scaled(g.Mem[int(g.R[m])+g.ROff+p], g.RZero[m], g.RMult[m])
						g.Floats[int(g.C[m])+g.COff+p] = fma(float32(v), g.Mult[m], r)
					}
				}
			}
		}, otherNumber},
		{"QGEMM, bounds are left out", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) {
				c := *g
				c.Lo, c.Hi = 0, 255
				refQGEMM(&c)
			}
		}, otherNumber},
		{"QGEMM, its bias changes", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) { refQGEMM(g); g.Bias[g.M-1]++ }
		}, "of Bias changed"},
		{"QGEMM, a pixel of its input changes", qgemm, func(s *Set) {
			s.qgemm.run = func(g *QGEMM) { refQGEMM(g); g.refPlane(0, 0)[0]++ }
		}, "of the arena changed"},
		{"QDepthwise, 0 around planes", qdepthwise, func(s *Set) {
			s.qdepthwise.run = func(d *QDepthwise) {
				c := *d
				c.Zeros = make([]uint8, d.C)
				refQDepthwise(&c)
			}
		}, otherNumber},
		{"QDepthwise, rows one to the right", qdepthwise, func(s *Set) {
			s.qdepthwise.run = func(d *QDepthwise) {
				c := *d
				c.PadLeft++
				refQDepthwise(&c)
			}
		}, otherNumber},
		{"QDepthwise, weights without a sign", qdepthwise, func(s *Set) {
			s.qdepthwise.run = func(d *QDepthwise) {
				c := *d
				c.W = slices.Clone(d.W)
				for i := range c.W {
					c.W[i] &= 127
				}
				refQDepthwise(&c)
			}
		}, otherNumber},
		{"QMaxPool, a signed maximum", qpool(false), func(s *Set) {
			s.qmaxPool.run = func(p *QPool) {
				flip := func() {
					for _, off := range p.Src {
						for i := range p.H * p.W {
							p.Mem[int(off)+i] ^= 128
						}
					}
				}
				flip()
				refQMaxPool(p)
				flip()
				for _, off := range p.Dst {
					for i := range p.OH * p.OW {
						p.Mem[int(off)+i] ^= 128
					}
				}
			}
		}, otherNumber},
		{"QAvgPool, the other divisor", qpool(true), func(s *Set) {
			s.qavgPool.run = func(p *QPool) {
				c := *p
				c.CountPad = !c.CountPad
				refQAvgPool(&c)
			}
		}, otherNumber},
		{"QMean, a pixel behind the plane", qmean, func(s *Set) {
			s.qmean.run = func(m *QMean) {
				c := *m
				c.N++
				refQMean(&c)
			}
		}, otherNumber},
		{"QLinear, sums of pairs saturate", qlinear, func(s *Set) {
			s.qlinear.run = func(l *QLinear) {
				for o := range l.Out {
					sum := l.Bias[o]
					for i := 0; i < l.In; i += 2 {
						pair := int32(0)
						for k := i; k < min(i+2, l.In); k++ {
							pair += int32(l.W[o*l.In+k]) * int32(l.X[k])
						}
						sum += saturated(pair)
					}
					l.finish(o, sum)
				}
			}
		}, otherNumber},
		{"QAdd, halves go up", planes((*pen).qadd), func(s *Set) {
			s.qadd.run = func(a *QAdd) {
				for c := range a.Ch {
					for p := range a.N {
						x, y := a.Mem[int(a.A[c])+p], a.Mem[int(a.B[c])+p]
						a.Mem[int(a.C[c])+p] = a.roundsUp(scaled(x, a.AZero[c], a.AMult[c]) + scaled(y, a.BZero[c], a.BMult[c]))
					}
				}
			}
		}, otherNumber},
		{"QScale, a pixel more than it may", planes((*pen).qscale), func(s *Set) {
			s.qscale.run = func(q *QScale) {
				c := *q
				refQScale(&c)
				if at := int(q.Dst[0]) + roundUp(q.N, 64); at < len(q.Mem) {
					q.Mem[at]++
				}
			}
		}, "of the arena changed"},
		{"QTable, its second half again", planes((*pen).qtable), func(s *Set) {
			s.qtable.run = func(q *QTable) {
				c := *q
				c.Table = slices.Concat(q.Table[:128], q.Table[:128])
				refQTable(&c)
			}
		}, otherNumber},
		{"Quantize, NaN becomes the upper bound", planes((*pen).quantize), func(s *Set) {
			s.quantize.run = func(z *Quantize) {
				refQuantize(z)
				for c := range z.C {
					for p, f := range z.From[z.Src[c]:][:z.N] {
						if f != f {
							z.Mem[int(z.Dst[c])+p] = z.Hi
						}
					}
				}
			}
		}, otherNumber},
		{"Dequantize, the zero point behind the product", planes((*pen).dequantize), func(s *Set) {
			s.dequantize.run = func(d *Dequantize) {
				for c := range d.C {
					for p, v := range d.Mem[d.Src[c]:][:d.N] {
						d.To[int(d.Dst[c])+p] = float32(float32(v)*d.Mult[c]) - float32(float32(d.Zeros[c])*d.Mult[c])
					}
				}
			}
		}, otherNumber},
		{"PhasesBytes, 0 around planes", func(p *pen) { p.phasesBytes(p.rng.IntN(2) == 0, p.rng.IntN(2) == 0) }, func(s *Set) {
			s.phasesBytes.run = func(p *PhasesBytes) {
				c := *p
				c.Fill = make([]uint8, p.C)
				refPhasesBytes(&c)
			}
		}, otherNumber},
	}
}

// TestQuantizedMutants: the tests of quantized kernels find what they are to find. Every
// mutant fails, for its own reason, and the reference by itself never.
func TestQuantizedMutants(t *testing.T) {
	const tries = 60
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			sound, broken := generic.with("sound", func(*Set) {}), generic.with("broken", m.make)
			for seed := range uint64(tries) {
				if failure := failureOf(t, sound, seed, m.call); failure != "" {
					t.Fatalf("the reference: %s", failure)
				}
				switch failure := failureOf(t, broken, seed, m.call); {
				case strings.Contains(failure, m.want):
					return
				case failure != "":
					t.Fatalf("got %q, want it to say %q", failure, m.want)
				}
			}
			t.Errorf("%d calls pass, want one that fails", tries)
		})
	}
	for _, k := range generic.kernels() {
		quantized := strings.HasPrefix(k.name, "q") || k.name == "dequantize" || k.name == "phasesbytes"
		if quantized && !slices.ContainsFunc(mutants(), func(m mutant) bool { return strings.HasPrefix(strings.ToLower(m.name), k.name+",") }) {
			t.Errorf("%s has no mutant", k.name)
		}
	}
}

// failureOf makes a call with one set beside the reference, and returns what fails.
func failureOf(t *testing.T, s *Set, seed uint64, call func(p *pen)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p := newPen(r, benchRand(seed))
		p.sets = []*Set{s}
		call(p)
	}()
	<-done
	return r.failure
}
