package weights

import (
	"fmt"
	"math"
)

// Quant says which real number an element q of 8 bits stands for: Scale * (q - Zero).
// FORMAT.md has the operators whose results are quantized.
type Quant struct {
	Scale float32 `json:"scale"` // above 0, see MinScale and MaxScale
	Zero  int     `json:"zero"`  // 0 to 255
}

// MinScale and MaxScale bound a scale, so that no product or quotient of two of them
// is subnormal, infinite or zero.
const (
	MinScale = 1e-15
	MaxScale = 1e15
)

// valid says whether a scale is within its bounds. A NaN is not.
func valid(scale float32) bool { return scale >= MinScale && scale <= MaxScale }

// checkQuant fails unless n has none, or one for each output, all within their bounds.
func (n *Node) checkQuant(where place) error {
	if n.Quant == nil {
		return nil
	}
	if len(n.Quant) != len(n.Outputs) {
		return bad(ErrInvalid, where.of(": quant"), fmt.Sprintf("%d scales and zero points", len(n.Quant)), fmt.Sprintf("none, or %d as there are outputs", len(n.Outputs)))
	}
	for _, q := range n.Quant {
		if !valid(q.Scale) {
			return bad(ErrInvalid, where.of(": quant"), fmt.Sprintf("scale %v", q.Scale), fmt.Sprintf("%g to %g", MinScale, MaxScale))
		}
		if q.Zero < 0 || q.Zero > math.MaxUint8 {
			return bad(ErrInvalid, where.of(": quant"), fmt.Sprintf("zero point %d", q.Zero), "0 to 255")
		}
	}
	return nil
}

// quant reads an element of a node's list.
func (p *parser) quant() (q Quant) {
	p.want(`{"scale":`)
	q.Scale = float32(p.float(32))
	p.want(`,"zero":`)
	q.Zero = p.integer()
	p.want(`}`)
	return q
}
