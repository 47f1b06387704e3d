package quantize

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// equalize gives the channels of a value that one convolution writes and one convolution
// reads nearly the same range, so that all of them use all of the value's 256 steps. What
// a channel is divided by goes into the weights of both sides, and the network computes
// the same. It changes seen with the values. (Nagel et al., arXiv 1906.04721, section
// 4.1, with the ranges of the activations in place of those of the weights before them.)
//
// It works where what lies between is nothing, or a ReLU: a limit above 0 would move. One
// shuffle may stand between too.
func equalize(m *weights.Model, shapes map[string][]int, seen map[string]*spread, keep map[string]bool) {
	list := units(m, shapes, keep)
	reader := map[string]*unit{}
	reads := index(m).reads
	for _, u := range list {
		for _, v := range u.Inputs {
			reader[v] = u
		}
	}
	for _, u := range list {
		plain := math.IsInf(float64(u.lo), -1)
		if u.Op != weights.OpConv || u.residual != "" || !math.IsInf(float64(u.hi), 1) || u.lo != 0 && !plain || keep[u.Name] {
			continue
		}
		p := follow(u, reader, reads, shapes[u.out[0]][0])
		if p == nil || p.next.Op != weights.OpConv || keep[p.next.Name] {
			continue
		}
		in := p.values[len(p.values)-1]
		if plain && len(p.values) == 1 && pointwise(p.next.Node) {
			center(m, u, p.next, seen[in].mean)
			seen[in] = seen[in].less(seen[in].mean)
		}
		by := factors(m, p.next, shapes[in], seen[in])
		if by == nil {
			continue
		}
		divide(m, u, p, by)
		own := make([]float64, len(by)) // in the order of what u writes
		for i, c := range p.from {
			own[c] = by[i]
		}
		for _, v := range p.values[:len(p.values)-1] {
			seen[v] = seen[v].divided(own)
		}
		if raw := u.Outputs[0]; raw != u.out[0] {
			seen[raw] = seen[raw].divided(own)
		}
		seen[in] = seen[in].divided(by)
	}
}

// path leads from what a unit writes to the unit that computes with it.
type path struct {
	values []string // that lie between: the first is written, the last is read
	from   []int    // which channel of the first each of the last is
	next   *unit
}

// follow walks from what u writes through one shuffle at most. It is nil if others read
// anything on the way.
func follow(u *unit, reader map[string]*unit, reads map[string]int, channels int) *path {
	p := &path{values: []string{u.out[0]}, from: make([]int, channels)}
	for i := range p.from {
		p.from[i] = i
	}
	shuffled := false
	for {
		v := p.values[len(p.values)-1]
		p.next = reader[v]
		if reads[v] != 1 || p.next == nil {
			return nil
		}
		if p.next.Op != weights.OpShuffle || shuffled {
			return p
		}
		shuffled = true
		for i, c := range p.next.Attr("perm") {
			p.from[i] = c
		}
		p.values = append(p.values, p.next.out[0])
	}
}

// pointwise: every output pixel comes from the input pixel at its place alone.
func pointwise(n *weights.Node) bool {
	ones := func(v []int) bool { return !slices.ContainsFunc(v, func(x int) bool { return x != 1 }) }
	return ones(n.Attr("kernel")) && !slices.ContainsFunc(n.Attr("pad", 0), func(x int) bool { return x != 0 })
}

// shares are how much of a channel's range is taken out of the activations, the rest
// being left to the weights that read it.
var shares = []float64{0, 0.25, 0.5, 0.75, 1}

// factors returns what to divide each channel by; nil if there is nothing to be won.
// Of a depthwise convolution each channel has a scale of its own, and all of the
// range goes there. Any other has one scale for all that an output channel reads: of the
// shares the one is taken with the least noise.
func factors(m *weights.Model, next *unit, shape []int, x *spread) []float64 {
	reach := make([]float64, len(x.lo))
	for c := range reach {
		reach[c] = max(-x.lo[c], x.hi[c])
	}
	if slices.Max(reach) <= 0 {
		return nil
	}
	if depthwise(next.Node, shape) {
		return normal(reach, 1, 1024)
	}
	var best []float64
	least := math.Inf(1)
	for _, share := range shares {
		by := normal(reach, share, 256)
		if n := noise(m, next, reach, x.power, by); n < least {
			best, least = by, n
		}
	}
	return best
}

// normal is the share-th power of each range, relative to the largest, and no less than
// a limit's inverse.
func normal(reach []float64, share, limit float64) []float64 {
	top, by := slices.Max(reach), make([]float64, len(reach))
	for c, r := range reach {
		by[c] = max(math.Pow(r/top, share), 1/limit)
	}
	return by
}

// noise is the power of the error of what next computes, if its input's channels are
// divided by by: that of the input's rounding and that of the weights'. Either is that of
// numbers spread evenly over a step.
func noise(m *weights.Model, next *unit, reach, power, by []float64) float64 {
	w := m.Tensor(next.Tensors["weight"])
	per, taps := len(w.Data)/w.Shape[0], w.Shape[2]*w.Shape[3]
	step := 0.0
	for c, r := range reach {
		step = max(step, r/by[c]/255)
	}
	sum := 0.0
	for o := range w.Shape[0] {
		top, squares, in := 0.0, 0.0, 0.0
		for i, v := range w.Data[o*per : (o+1)*per] {
			c := inputChannel(next.Node, w, o, i/taps)
			f := math.Abs(float64(v)) * by[c]
			top, squares, in = max(top, f), squares+f*f, in+power[c]/(by[c]*by[c])
		}
		sum += squares*step*step + in*(top/127)*(top/127)
	}
	return sum
}

// inputChannel is the channel of the input that weight c of output channel o multiplies.
func inputChannel(n *weights.Node, w *weights.Tensor, o, c int) int {
	groups := n.Attr("groups", 1)[0]
	return o/(w.Shape[0]/groups)*w.Shape[1] + c
}

// divide divides what u writes, channel by channel, and multiplies what p.next does with
// it. The factors are in the order of p.next's input.
func divide(m *weights.Model, u *unit, p *path, by []float64) {
	w := ownTensor(m, u.Node, "weight")
	per := len(w.Data) / w.Shape[0]
	var bias *weights.Tensor
	if u.Tensors["bias"] != "" {
		bias = ownTensor(m, u.Node, "bias")
		w = m.Tensor(u.Tensors["weight"]) // which may have moved
	}
	for i, c := range p.from {
		row := w.Data[c*per : (c+1)*per]
		for k := range row {
			row[k] = float32(float64(row[k]) / by[i])
		}
		if bias != nil {
			bias.Data[c] = float32(float64(bias.Data[c]) / by[i])
		}
	}
	w = ownTensor(m, p.next.Node, "weight")
	taps := w.Shape[2] * w.Shape[3]
	for i := range w.Data {
		c := inputChannel(p.next.Node, w, i/(w.Shape[1]*taps), i/taps%w.Shape[1])
		w.Data[i] = float32(float64(w.Data[i]) * by[c])
	}
}
