package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// Order is the order in which elements are taken: element k is at Offset plus, for each
// digit of k in the mixed radix Dims (the last digit is the fastest), that digit times its
// stride. Where there is an Index, element k is at Index[k/Run] + k mod Run instead.
type Order struct {
	Dims, Strides []int
	Offset        int
	Index         []int
	Run           int
}

// Last returns how many elements the last digit counts, and their stride.
func (o *Order) Last() (n, stride int) {
	if o.Index != nil {
		return o.Run, 1
	}
	k := len(o.Dims) - 1
	return o.Dims[k], o.Strides[k]
}

// At is where element k is taken from.
func (o *Order) At(k int) int {
	if o.Index != nil {
		return o.Index[k/o.Run] + k%o.Run
	}
	e := o.Offset
	for d := len(o.Dims) - 1; d >= 0; d-- {
		e += k % o.Dims[d] * o.Strides[d]
		k /= o.Dims[d]
	}
	return e
}

// Rearrange adds the step that takes the elements of x, whose planes have from pixels, in
// an order, and returns c planes of to pixels.
func Rearrange(b *plan.Builder, l plan.Label, o Order, x plan.Tensor, from, c, to int) plan.Tensor {
	var y plan.Tensor
	if to == 1 {
		y = b.NewVector(c)
	} else {
		y = b.NewPlanes(weights.Float32, c, to)
	}
	t := &rearrangeStep{order: o, src: b.Use(x), dst: b.Use(y), from: from, c: c, to: to}
	b.Add(l, limit.Product(plan.MoveWork, c, to), c, t)
	return y
}

type rearrangeStep struct {
	order       Order
	src, dst    plan.TableID
	from, c, to int
}

func (t *rearrangeStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	if lo == hi {
		return
	}
	r := reader{mem: w.Arena, planes: w.Table(t.src), pixels: t.from}
	dst := w.Table(t.dst)
	c := counter{Order: &t.order}
	c.set(lo * t.to)
	run, stride := t.order.Last()
	for p := lo; p < hi; p++ {
		y := w.Arena[dst[p]:][:t.to]
		for len(y) > 0 {
			n := min(len(y), run-c.last())
			r.take(y[:n], c.at, stride)
			y = y[n:]
			c.add(n)
		}
	}
}

// counter counts elements of an order, run by run, without a division for each.
type counter struct {
	*Order
	at     int            // of the source
	digits [MaxDigits]int // of the counter; of an index the entry, and the place in its run
}

// MaxDigits bounds the digits of an order.
const MaxDigits = 12

// set goes to element k.
func (c *counter) set(k int) {
	c.at = c.At(k)
	if c.Index != nil {
		c.digits[0], c.digits[1] = k/c.Run, k%c.Run
		return
	}
	for d := len(c.Dims) - 1; d >= 0; d-- {
		c.digits[d] = k % c.Dims[d]
		k /= c.Dims[d]
	}
}

// last is the last digit: the place in the run.
func (c *counter) last() int {
	if c.Index != nil {
		return c.digits[1]
	}
	return c.digits[len(c.Dims)-1]
}

// add goes n elements on, at most to the end of the run.
func (c *counter) add(n int) {
	if c.Index != nil {
		c.at += n
		if c.digits[1] += n; c.digits[1] == c.Run {
			c.digits[0], c.digits[1] = c.digits[0]+1, 0
			if c.digits[0] < len(c.Index) {
				c.at = c.Index[c.digits[0]]
			}
		}
		return
	}
	d := len(c.Dims) - 1
	c.at += n * c.Strides[d]
	for c.digits[d] += n; c.digits[d] == c.Dims[d] && d > 0; d-- {
		c.at += c.Strides[d-1] - c.Dims[d]*c.Strides[d]
		c.digits[d] = 0
		c.digits[d-1]++
	}
}

// reader reads elements of planes, counted from the first of the first.
type reader struct {
	mem    []float32
	planes []int32
	pixels int
}

// take writes to y the elements from one on, a stride apart.
func (r *reader) take(y []float32, at, stride int) {
	plane, p := at/r.pixels, at%r.pixels
	if stride == 1 {
		for len(y) > 0 {
			n := copy(y, r.mem[int(r.planes[plane])+p:][:r.pixels-p])
			y, plane, p = y[n:], plane+1, 0
		}
		return
	}
	planes := stride / r.pixels // of a step, rounded down
	if stride%r.pixels < 0 {
		planes--
	}
	pixels := stride - planes*r.pixels
	for i := range y {
		y[i] = r.mem[int(r.planes[plane])+p]
		if i == len(y)-1 {
			break // the next one may lie outside
		}
		plane += planes
		if p += pixels; p >= r.pixels {
			p, plane = p-r.pixels, plane+1
		}
	}
}

func (t *rearrangeStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("rearrange %dx%d", t.c, t.to), Kind: "rearrange", Bytes: int64(8 * t.c * t.to)}
}
