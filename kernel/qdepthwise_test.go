package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// qdepthwise is a random call.
func (p *pen) qdepthwise(d QDepthwise) {
	rng := p.rng
	mem, tab := p.planesOfBytes(herd{c: d.C, n: d.H * d.Wid, before: SlackBytes, after: SlackBytes}, herd{c: d.C, n: d.OH * d.OW, after: SlackBytes})
	d.Mem, d.Src, d.Dst, d.Requant = mem, tab[0], tab[1], randomRequant(rng)
	d.Zeros, d.Bias, d.Mult = p.zeros(d.C), int32s(p.floats(d.C)), p.floats(d.C)
	taps := d.KH * d.KW
	w := randomWeights(rng, d.C*taps)
	for c := range d.C {
		bound := SumBound(0, w[c*taps:][:taps])
		d.Bias[c] = int32(rng.Int64N(bound+1) - bound/2)
		d.Mult[c] = rng.Float32() * 500 / float32(bound+1)
	}
	p.constantInts("Bias", d.Bias)
	p.constant("Mult", d.Mult)
	what := fmt.Sprintf("%d planes of %dx%d to %dx%d, window %dx%d, strides %d %d, dilations %d %d, pads %d %d", d.C, d.H, d.Wid, d.OH, d.OW, d.KH, d.KW, d.SH, d.SW, d.DH, d.DW, d.PadTop, d.PadLeft)
	c := &byteTrial{pen: p, what: what, mem: mem, dst: tab[1], n: d.OH * d.OW, all: d.OH*d.OW + SlackBytes}
	c.run(func(s *Set) {
		d.W = p.bytes(s.QDepthwiseLen(&d) * d.C)
		s.PackQDepthwise(&d, d.W, w)
		d.Work = p.bytes(s.WorkLen(&d))
		randomBytes(rng, d.Work)
		if err := d.Check(); err != nil {
			p.t.Fatal(err)
		}
		s.QDepthwise(&d)
	})
}

// same is a window with the padding that keeps a plane's size over stride 1.
func sameQDepthwise(c, h, w, k, stride int) QDepthwise {
	return QDepthwise{C: c, H: h, Wid: w, OH: (h-1)/stride + 1, OW: (w-1)/stride + 1, KH: k, KW: k, SH: stride, SW: stride, PadTop: k / 2, PadLeft: k / 2}
}

func TestQDepthwise(t *testing.T) {
	for _, k := range []int{3, 5, 7} {
		for stride := 1; stride <= 2; stride++ {
			t.Run(fmt.Sprintf("%dx%ds%d", k, k, stride), func(t *testing.T) {
				byteCases(t, 80, func(p *pen) {
					p.qdepthwise(sameQDepthwise(1+p.rng.IntN(9), 1+p.rng.IntN(40), 1+p.rng.IntN(70), k, stride))
				})
			})
		}
	}
	t.Run("any", func(t *testing.T) {
		byteCases(t, 300, func(p *pen) {
			r := p.rng
			d := QDepthwise{C: 1 + r.IntN(4), H: 1 + r.IntN(30), Wid: 1 + r.IntN(60), KH: 1 + r.IntN(7), KW: 1 + r.IntN(7), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3), DH: r.IntN(4), DW: r.IntN(4)}
			d.PadTop, d.PadLeft = r.IntN(d.KH+2), r.IntN(d.KW+2)
			d.OH, d.OW = 1+r.IntN(30), 1+r.IntN(70)
			p.qdepthwise(d)
		})
	})
	t.Run("large", func(t *testing.T) {
		byteCases(t, 4, func(p *pen) {
			p.qdepthwise(sameQDepthwise(2, 150+p.rng.IntN(20), 150+p.rng.IntN(300), 3+2*p.rng.IntN(3), 1+p.rng.IntN(2)))
		})
	})
}

// TestQDepthwiseReference: the reference is what the contract says, by a loop in int64.
func TestQDepthwiseReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	for range 200 {
		d := QDepthwise{C: 1, H: 1 + rng.IntN(9), Wid: 1 + rng.IntN(9), KH: 1 + rng.IntN(4), KW: 1 + rng.IntN(4), SH: 1 + rng.IntN(3), SW: 1 + rng.IntN(3), DH: rng.IntN(3), DW: rng.IntN(3), Requant: randomRequant(rng)}
		d.PadTop, d.PadLeft, d.OH, d.OW = rng.IntN(4), rng.IntN(4), 1+rng.IntN(9), 1+rng.IntN(300)
		n := d.H * d.Wid
		d.Mem = make([]byte, n+d.OH*d.OW+3*SlackBytes)
		randomBytes(rng, d.Mem)
		d.Src, d.Dst = []int32{SlackBytes}, []int32{int32(n + 2*SlackBytes)}
		d.Bias, d.Mult, d.Zeros = []int32{int32(rng.IntN(2000) - 1000)}, []float32{rng.Float32() / 100}, []uint8{uint8(rng.Uint32())}
		w := randomWeights(rng, d.KH*d.KW)
		d.W = make([]byte, generic.QDepthwiseLen(&d))
		generic.PackQDepthwise(&d, d.W, w)
		if err := generic.Check(&d); err != nil {
			t.Fatal(err)
		}
		generic.QDepthwise(&d)
		for y := range d.OH {
			for x := range d.OW {
				sum := int64(d.Bias[0])
				for i := range d.KH {
					for j := range d.KW {
						sy, sx, v := y*d.SH+i*max(1, d.DH)-d.PadTop, x*d.SW+j*max(1, d.DW)-d.PadLeft, d.Zeros[0]
						if sy >= 0 && sy < d.H && sx >= 0 && sx < d.Wid {
							v = d.Mem[SlackBytes+sy*d.Wid+sx]
						}
						sum += int64(w[i*d.KW+j]) * int64(v)
					}
				}
				want := d.Requant.textbook(float32(float64(float32(sum)) * float64(d.Mult[0])))
				if got := d.Mem[int(d.Dst[0])+y*d.OW+x]; got != want {
					t.Fatalf("%+v: (%d, %d) is %d, wanted %d", d, y, x, got, want)
				}
			}
		}
	}
}

// BenchmarkQDepthwise reports outputs a nanosecond, of the best call.
func BenchmarkQDepthwise(b *testing.B) {
	for _, s := range []struct{ c, h, k, stride int }{{58, 28, 3, 1}, {116, 14, 3, 1}, {232, 7, 3, 1}, {58, 56, 3, 2}, {116, 28, 3, 2}, {232, 14, 3, 2}, {96, 112, 3, 2}, {144, 56, 5, 1}, {120, 28, 5, 1}, {240, 14, 5, 1}, {480, 7, 5, 1}, {240, 28, 5, 2}, {480, 14, 5, 2}, {96, 56, 7, 1}, {120, 28, 7, 1}, {240, 14, 7, 1}, {240, 28, 7, 2}} {
		b.Run(fmt.Sprintf("%dx%dx%d/%ds%d", s.c, s.h, s.h, s.k, s.stride), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				d := sameQDepthwise(s.c, s.h, s.h, s.k, s.stride)
				in, out := Pitch(s.h*s.h, 1), Pitch(d.OH*d.OW, 1)
				d.Mem = make([]byte, 2*SlackBytes+s.c*(in+out))
				for c := range s.c {
					d.Src, d.Dst = append(d.Src, int32(SlackBytes+c*in)), append(d.Dst, int32(SlackBytes+s.c*in+c*out))
				}
				d.Zeros, d.Bias, d.Mult, d.Requant = make([]uint8, s.c), make([]int32, s.c), make([]float32, s.c), Requant{Hi: 255}
				d.W = make([]byte, s.c*set.QDepthwiseLen(&d))
				set.PackQDepthwise(&d, d.W, make([]int8, s.c*s.k*s.k))
				reportBest(b, s.c*d.OH*d.OW, "outputs/ns", func() { set.QDepthwise(&d) })
			})
		})
	}
}
