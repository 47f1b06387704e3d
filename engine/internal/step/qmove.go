package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Quantize makes planes of 8 bits of planes of float32, of so many pixels.
func Quantize(b *plan.Builder, l plan.Label, x plan.Tensor, pixels int, q plan.Quant) plan.Tensor {
	var y plan.Tensor
	c, n := len(x), pixels
	if pixels == 1 { // one plane, of a vector
		x = Vector(b, l.Node, x, 1)
		y = b.NewVectorOf(weights.Uint8, c)
		c, n = 1, c
	} else {
		y = b.NewPlanes(weights.Uint8, c, pixels)
	}
	b.SetQuant(y, q)
	t := &quantizeStep{call: kernel.Quantize{N: n, Requant: kernel.Requant{Zero: uint8(q.Zero), Hi: 255}}, mult: make([]float32, c), src: b.Use(x[:c]), dst: b.UseBytes(y[:c], nil)}
	for i := range t.mult {
		t.mult[i] = 1 / q.Scale
	}
	b.Add(l, limit.Product(plan.MoveWork/2, c, n), c, t)
	return y
}

type quantizeStep struct {
	call     kernel.Quantize
	mult     []float32
	src, dst plan.TableID
}

func (t *quantizeStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(len(t.mult), 1)
	if lo == hi {
		return
	}
	k := &w.Args.Quantize
	*k = t.call
	k.From, k.Mem, k.Src, k.Dst = w.Arena, w.Bytes, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi]
	k.Mult, k.C = t.mult[lo:hi], hi-lo
	w.Set.Quantize(k)
}

func (t *quantizeStep) Describe() plan.Description {
	c, n := len(t.mult), t.call.N
	return plan.Description{Kernel: fmt.Sprintf("quantize %dx%d", c, n), Kind: "quantize", Call: &t.call, Bytes: int64(5 * c * n)}
}

// Dequantize makes planes of float32 of planes of 8 bits, of so many pixels.
func Dequantize(b *plan.Builder, l plan.Label, x plan.Tensor, pixels int) plan.Tensor {
	y := b.NewPlanes(weights.Float32, len(x), pixels)
	t := &dequantizeStep{call: kernel.Dequantize{N: pixels}, zeros: Zeros(b, x), mult: Scales(b, x, 1), src: b.UseBytes(x, nil), dst: b.Use(y)}
	b.Add(l, limit.Product(plan.MoveWork/2, len(x), pixels), len(x), t)
	return y
}

type dequantizeStep struct {
	call     kernel.Dequantize
	zeros    []uint8
	mult     []float32
	src, dst plan.TableID
}

func (t *dequantizeStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(len(t.mult), 1)
	if lo == hi {
		return
	}
	k := &w.Args.Dequantize
	*k = t.call
	k.Mem, k.To, k.Src, k.Dst = w.Bytes, w.Arena, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi]
	k.Zeros, k.Mult, k.C = t.zeros[lo:hi], t.mult[lo:hi], hi-lo
	w.Set.Dequantize(k)
}

func (t *dequantizeStep) Describe() plan.Description {
	c, n := len(t.mult), t.call.N
	return plan.Description{Kernel: fmt.Sprintf("dequantize %dx%d", c, n), Kind: "dequantize", Call: &t.call, Bytes: int64(5 * c * n)}
}

// VectorBytes is [Vector] for planes of 8 bits.
func VectorBytes(b *plan.Builder, node string, x plan.Tensor, pixels int) plan.Tensor {
	if pixels == 1 && b.Contiguous(x) {
		return x
	}
	y := b.NewVectorOf(weights.Uint8, len(x)*pixels)
	b.CopyQuant(y, x)
	t := &gatherBytesStep{src: b.UseBytes(x, nil), dst: b.UseBytes(y[:1], nil), c: len(x), n: pixels}
	b.Add(plan.Label{Node: node, Op: "pack"}, limit.Product(plan.MoveWork/2, len(x), pixels), 1, t)
	return y
}

// gatherBytesStep copies planes one behind the other.
type gatherBytesStep struct {
	src, dst plan.TableID
	c, n     int
}

func (t *gatherBytesStep) Run(w *plan.Worker, s plan.Share) {
	k := &w.Args.GatherBytes
	*k = kernel.GatherBytes{Mem: w.Bytes, Src: w.Table(t.src), Out: w.VectorBytes(t.dst, t.c*t.n), C: t.c, N: t.n, Pitch: t.n}
	w.Set.GatherBytes(k)
}

func (t *gatherBytesStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("gatherbytes %dx%d", t.c, t.n), Kind: "gatherbytes", Call: &kernel.GatherBytes{C: t.c, N: t.n}, Bytes: int64(2 * t.c * t.n),
	}
}
