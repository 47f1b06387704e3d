package engine

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/op"
)

// Prediction is one class that a picture may belong to.
type Prediction struct {
	Class int     // index into the first output, and into [Info].Labels
	Label string  // "" if the model has no labels
	Prob  float32 // 0 to 1, softmax over the first output
}

// Top reads what [Session.Run] wrote for one sample as [Model.Classify] does: the
// k most probable classes of the first output, most probable first, equal ones
// by class; all classes if there are fewer than k. A softmax is taken unless
// the network ends in one. out begins with the first output; what follows it
// (other outputs, other samples) is not looked at, and nothing of it is changed.
// An out that is too short is a [ShapeError]. Safe for concurrent use.
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
	n := graph.Shape(first.Shape).Elems()
	if len(out) < n {
		return nil, &ShapeError{"output " + first.Name, fmt.Sprintf("%d elements", len(out)), fmt.Sprintf("at least %d (%v)", n, first.Shape)}
	}
	if m.probabilities {
		return out[:n], nil
	}
	dst = slices.Grow(dst[:0], n)[:n]
	op.Softmax(dst, out[:n])
	return dst, nil
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
