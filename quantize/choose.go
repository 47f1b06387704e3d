package quantize

import (
	"fmt"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// Method says how the range of a value's 256 steps is chosen from what was observed.
type Method string

// The methods.
const (
	Max        Method = "max"        // from the least to the largest element
	Percentile Method = "percentile" // leaving out the outermost elements at each end
	MSE        Method = "mse"        // with the least mean square error
	// KL is with the least Kullback-Leibler divergence of the distributions, elements that are
	// 0 left out. It does not see how far off an element is that the range cuts off, and so
	// often cuts off more than is good: see what the others give first.
	KL Method = "kl"
)

// Methods are all of them.
var Methods = []Method{Max, Percentile, MSE, KL}

func (m Method) check() error {
	for _, known := range Methods {
		if m == known {
			return nil
		}
	}
	return fmt.Errorf("method: got %q, want one of %v", m, Methods)
}

// histogram counts elements in bins of equal width between lo and hi.
type histogram struct {
	lo, hi float64
	count  []float64
	zeros  float64 // of them: elements that are 0
}

// bins is how many a histogram has.
const bins = 2048

func newHistogram(lo, hi float64) *histogram {
	return &histogram{lo: lo, hi: hi, count: make([]float64, bins)}
}

func (h *histogram) add(values []float32) {
	if !(h.hi > h.lo) {
		h.count[0] += float64(len(values))
		return
	}
	inv := bins / (h.hi - h.lo)
	for _, v := range values {
		h.count[h.bin(float64(v), inv)]++
		if v == 0 {
			h.zeros++
		}
	}
}

// bin is where an element is counted, of bins whose width has the inverse inv.
func (h *histogram) bin(x, inv float64) int { return min(max(int((x-h.lo)*inv), 0), bins-1) }

// withoutZeros counts all elements that are not 0. These have no error, whatever the scale
// is. But they are many behind a ReLU, and in one bin: a divergence would take them for
// elements that a step spreads over its bins, and make the step as narrow as a bin, though
// most of the range is cut off by that. The published procedure leaves them out as well
// (NVIDIA's pytorch-quantization: bins[0] = bins[1]).
func (h *histogram) withoutZeros() *histogram {
	c := *h
	c.count = slices.Clone(h.count)
	if c.zeros > 0 {
		c.count[c.bin(0, bins/(c.hi-c.lo))] -= c.zeros
	}
	return &c
}

// center is the middle of bin i.
func (h *histogram) center(i int) float64 { return h.lo + (float64(i)+0.5)*(h.hi-h.lo)/bins }

// outside is the share of elements that a percentile leaves out at each end.
const outside = 1e-4

// quant chooses the scale and the zero point of what h has counted.
func (m Method) quant(h *histogram) weights.Quant {
	lo, hi := min(h.lo, 0), max(h.hi, 0)
	switch m {
	case Percentile:
		lo, hi = h.percentiles()
	case MSE:
		lo, hi = shrink(lo, hi, h.squareError)
	case KL:
		lo, hi = shrink(lo, hi, h.withoutZeros().divergence)
	}
	return between(lo, hi)
}

// between is the quantization whose elements 0 and 255 are lo and hi, as nearly as 0 is
// one of its values.
func between(lo, hi float64) weights.Quant {
	lo, hi = min(lo, 0), max(hi, 0)
	scale := float32((hi - lo) / 255)
	if !(scale >= weights.MinScale) {
		return weights.Quant{Scale: 1} // nothing but zeros
	}
	scale = min(scale, weights.MaxScale)
	zero := math.RoundToEven(-lo / float64(scale))
	return weights.Quant{Scale: scale, Zero: int(min(max(zero, 0), 255))}
}

// percentiles leaves out a share of the elements at each end.
func (h *histogram) percentiles() (lo, hi float64) {
	total := 0.0
	for _, c := range h.count {
		total += c
	}
	at := func(i, step int) float64 {
		left := total * outside
		for ; i >= 0 && i < bins; i += step {
			if left -= h.count[i]; left < 0 {
				break
			}
		}
		return h.center(min(max(i, 0), bins-1))
	}
	width := (h.hi - h.lo) / bins
	return min(0, at(0, 1)-width/2), max(0, at(bins-1, -1)+width/2)
}

// shrinkSteps is how many ranges are tried at each end.
const shrinkSteps = 60

// shrink looks for the range inside lo to hi with the least cost: first of the larger
// end, then of the other.
func shrink(lo, hi float64, cost func(q weights.Quant) float64) (float64, float64) {
	best, least := [2]float64{lo, hi}, math.Inf(1)
	try := func(a, b float64) {
		if c := cost(between(a, b)); c < least {
			best, least = [2]float64{a, b}, c
		}
	}
	for i := range shrinkSteps {
		share := 1 - float64(i)*0.8/shrinkSteps
		try(lo*share, hi*share)
	}
	for range 2 {
		a, b := best[0], best[1]
		for i := range shrinkSteps {
			share := 1.1 - float64(i)*0.6/shrinkSteps
			try(a, min(hi, b*share))
			try(max(lo, a*share), b)
		}
	}
	return best[0], best[1]
}

// squareError is the sum of the squares of the elements' errors, each of which counts as
// the middle of its bin.
func (h *histogram) squareError(q weights.Quant) float64 {
	sum := 0.0
	for i, c := range h.count {
		if c == 0 {
			continue
		}
		x := h.center(i)
		k := math.RoundToEven(x/float64(q.Scale)) + float64(q.Zero)
		d := (min(max(k, 0), 255)-float64(q.Zero))*float64(q.Scale) - x
		sum += c * d * d
	}
	return sum
}

// divergence is that of the elements' distribution from the one that is left of it when
// all that share a step are spread evenly over it, and what lies outside the range is at
// its ends (Migacz, "8-bit inference with TensorRT", 2017).
func (h *histogram) divergence(q weights.Quant) float64 {
	var count, filled [256]float64
	step := make([]int, bins)
	clipped := make([]float64, bins)
	first, last := -1, 0
	for i := range h.count {
		k := math.RoundToEven(h.center(i)/float64(q.Scale)) + float64(q.Zero)
		step[i] = int(min(max(k, -1), 256))
		if step[i] >= 0 && step[i] <= 255 {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return math.Inf(1)
	}
	total := 0.0
	for i, c := range h.count {
		total += c
		clipped[min(max(i, first), last)] += c
		if i >= first && i <= last && c > 0 { // what is clipped is not in the second distribution
			count[step[i]] += c
			filled[step[i]]++
		}
	}
	inside := 0.0
	for _, c := range count {
		inside += c
	}
	if inside == 0 || total == 0 {
		return math.Inf(1)
	}
	sum := 0.0
	for i := first; i <= last; i++ {
		if clipped[i] == 0 {
			continue
		}
		p, r := clipped[i]/total, 1e-9
		if h.count[i] > 0 {
			r = max(r, count[step[i]]/filled[step[i]]/inside)
		}
		sum += p * math.Log(p/r)
	}
	return sum
}
