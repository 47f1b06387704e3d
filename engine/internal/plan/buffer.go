package plan

import (
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Buffer is a piece of the arena: planes of one type and size, in order.
type Buffer struct {
	Type   weights.Type
	Planes int
	Pixels int // of a plane
	// Pitch is the distance from plane to plane, in elements. It is 1 for a
	// vector, whose planes of one element each follow one another.
	Pitch int
	// Quant has the meaning of each plane's elements. It is nil where they mean
	// themselves, which all of float32 do.
	Quant []Quant

	first, last int   // the steps from which on, and up to which, it is in use
	offset      int64 // from the arena's start, in bytes
}

// Quant says which real number element q of a plane stands for:
// Scale * (q - Zero).
type Quant struct {
	Scale float32
	Zero  int32
}

// slack is how many bytes a kernel may touch around a plane. It is also how
// buffers are aligned.
const slack = 4 * kernel.Slack

// bytes is the buffer's length, with what kernels may write behind it.
func (b *Buffer) bytes() int64 {
	n := limit.Product(b.Planes, b.Pitch, b.Type.Size())
	if b.vector() {
		return (n + slack + slack - 1) &^ (slack - 1)
	}
	return n
}

func (b *Buffer) vector() bool { return b.Pitch == 1 }

// element is where plane i begins, in elements of the buffer's type from the
// arena's start.
func (b *Buffer) element(i int) int { return int(b.offset)/b.Type.Size() + i*b.Pitch }
