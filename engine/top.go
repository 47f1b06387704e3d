package engine

import (
	"fmt"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/op"
)

// Prediction is one class that a picture may belong to.
type Prediction struct {
	Class int     `json:"class"`           // index into the first output, and into [Info].Labels
	Label string  `json:"label,omitempty"` // "" if the model has no labels
	Prob  float32 `json:"prob"`            // 0 to 1: softmax over the first output, see [Model.Top]
}

// Top reads what [Session.Run] wrote for one sample as [Model.Classify] does: the
// k most probable classes of the first output, most probable first, equal ones
// by class; all classes if there are fewer than k. A softmax is taken unless
// the network ends in one. A first output of one number is the logit of one class
// against all else: its probability is the sigmoid of it, unless the network ends in
// one. If such a model has two labels they are those of the two cases, and there are
// two predictions: class 1, and class 0 with what is left of the probability.
//
// out begins with the first output; what follows it
// (other outputs, other samples) is not looked at, and nothing of it is changed.
// An out that is too short is a [ShapeError]. A first output that is a feature map, of
// more than one pixel, is [ErrNoClasses]. Safe for concurrent use.
func (m *Model) Top(out []float32, k int) ([]Prediction, error) {
	probs, err := m.probs(nil, out)
	if err != nil {
		return nil, err
	}
	return m.appendTop(nil, probs, k), nil
}

// probs returns the probabilities of the classes in out, one sample's outputs. They
// may be in dst's memory, or in out's where the network computes them itself.
func (m *Model) probs(dst, out []float32) ([]float32, error) {
	first := m.info.Outputs[0]
	n, pixels := graph.Shape(first.Shape).Planes()
	if pixels != 1 {
		return nil, fmt.Errorf("output %s: got a feature map of shape %v, want one value for each class: %w", first.Name, first.Shape, ErrNoClasses)
	}
	if len(out) < n {
		return nil, &ShapeError{"output " + first.Name, fmt.Sprintf("%d elements", len(out)), fmt.Sprintf("at least %d (%v)", n, first.Shape)}
	}
	out = out[:n]
	if n == 1 {
		return m.binary(dst, out[0]), nil
	}
	if m.probabilities {
		return out, nil
	}
	dst = slices.Grow(dst[:0], n)[:n]
	op.Softmax(dst, out)
	return dst, nil
}

// binary returns the probabilities of a model with one logit, or one probability.
func (m *Model) binary(dst []float32, x float32) []float32 {
	p := float64(x)
	if !m.probabilities {
		p = 1 / (1 + math.Exp(-p))
	}
	if len(m.info.Labels) == 2 {
		return append(dst[:0], float32(1-p), float32(p))
	}
	return append(dst[:0], float32(p))
}

// insertBelow is the k up to which inserting each class where it belongs is
// quicker than sorting all.
const insertBelow = 64

// appendTop appends the k most probable classes to dst.
func (m *Model) appendTop(dst []Prediction, probs []float32, k int) []Prediction {
	k = max(0, min(k, len(probs)))
	begin := len(dst)
	if k < insertBelow {
		dst = insertTop(slices.Grow(dst, k), probs, k)
	} else {
		dst = sortTop(slices.Grow(dst, len(probs)), probs, k)
	}
	for i := begin; i < len(dst); i++ {
		if c := dst[i].Class; c < len(m.info.Labels) {
			dst[i].Label = m.info.Labels[c]
		}
	}
	return dst
}

// insertTop appends the k best, each inserted among those found so far. dst has room
// for them.
func insertTop(dst []Prediction, probs []float32, k int) []Prediction {
	begin := len(dst)
	for i, p := range probs {
		if len(dst)-begin == k {
			if k == 0 || !(p > dst[len(dst)-1].Prob) {
				continue
			}
			dst = dst[:len(dst)-1]
		}
		at := len(dst)
		for at > begin && p > dst[at-1].Prob {
			at--
		}
		dst = slices.Insert(dst, at, Prediction{Class: i, Prob: p})
	}
	return dst
}

// sortTop appends the k best of all, sorted. dst has room for all.
func sortTop(dst []Prediction, probs []float32, k int) []Prediction {
	begin := len(dst)
	for i, p := range probs {
		dst = append(dst, Prediction{Class: i, Prob: p})
	}
	slices.SortStableFunc(dst[begin:], func(a, b Prediction) int {
		switch {
		case a.Prob > b.Prob:
			return -1
		case a.Prob < b.Prob:
			return 1
		}
		return 0
	})
	return dst[:begin+k]
}
