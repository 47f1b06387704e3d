package engine

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Prediction is one class that a picture may belong to.
type Prediction struct {
	Class int     // index into the first output, and into [Info].Labels
	Label string  // "" if the model has no labels
	Prob  float32 // 0 to 1, softmax over the first output
}

// classifier is what one Classify call at a time needs.
type classifier struct {
	s       *Session
	p       *preprocess.Preprocessor
	in, out []float32
}

// Classify returns the k most probable classes of a picture, most probable
// first, equal ones by class; all classes if there are fewer than k. The
// picture is resized, cropped and scaled as the model file says; it may be of
// any type and size, and is not changed. It is taken as it stands: whoever
// decodes it applies the EXIF orientation, as package preprocess does.
//
// Any number of goroutines may call Classify on one Model. Each takes an idle
// session or makes one, so that as many exist as calls run at once; those kept
// for later are at most [Info].Threads.
//
// Errors: [ErrNoPreprocess], [ErrClosed], [preprocess.ErrImage] for a nil or
// broken picture, the context's.
func (m *Model) Classify(ctx context.Context, img image.Image, k int) ([]Prediction, error) {
	c, err := m.classifier()
	if err != nil {
		return nil, err
	}
	defer m.release(c)
	if err := c.p.Apply(c.in, img); err != nil {
		return nil, err
	}
	if err := c.s.Run(ctx, c.out, c.in); err != nil {
		return nil, err
	}
	return m.Top(c.out, k)
}

// Top reads what [Session.Run] wrote for one sample as [Model.Classify] does: the
// k most probable classes of the first output, most probable first, equal ones
// by class; all classes if there are fewer than k. A softmax is taken unless
// the network ends in one. out begins with the first output; what follows it
// (other outputs, other samples) is not looked at, and nothing of it is changed.
// An out that is too short is a [ShapeError]. Safe for concurrent use.
func (m *Model) Top(out []float32, k int) ([]Prediction, error) {
	first := m.info.Outputs[0]
	n := shape(first.Shape).elems()
	if len(out) < n {
		return nil, &ShapeError{"output " + first.Name, fmt.Sprintf("%d elements", len(out)), fmt.Sprintf("at least %d (%v)", n, first.Shape)}
	}
	probs := out[:n]
	if !m.plan.probabilities {
		probs = make([]float32, n)
		softmax(probs, out[:n])
	}
	return m.top(probs, k), nil
}

// insertBelow is the k up to which inserting each class where it belongs is
// quicker than sorting all.
const insertBelow = 64

func (m *Model) top(probs []float32, k int) []Prediction {
	k = max(0, min(k, len(probs)))
	var best []Prediction // in order, so far
	if k < insertBelow {
		best = make([]Prediction, 0, k)
		for i, p := range probs {
			if len(best) == k {
				if k == 0 || !(p > best[k-1].Prob) {
					continue
				}
				best = best[:k-1]
			}
			at := len(best)
			for at > 0 && p > best[at-1].Prob {
				at--
			}
			best = slices.Insert(best, at, Prediction{Class: i, Prob: p})
		}
	} else {
		best = make([]Prediction, len(probs))
		for i, p := range probs {
			best[i] = Prediction{Class: i, Prob: p}
		}
		slices.SortStableFunc(best, func(a, b Prediction) int {
			switch {
			case a.Prob > b.Prob:
				return -1
			case a.Prob < b.Prob:
				return 1
			}
			return 0
		})
		best = best[:k]
	}
	for i := range best {
		if c := best[i].Class; c < len(m.info.Labels) {
			best[i].Label = m.info.Labels[c]
		}
	}
	return best
}

// classifier takes an idle classifier or makes one.
func (m *Model) classifier() (*classifier, error) {
	if m.prep == nil {
		return nil, ErrNoPreprocess
	}
	if m.closed.Load() {
		return nil, fmt.Errorf("model: %w", ErrClosed)
	}
	m.mu.Lock()
	if n := len(m.free); n > 0 {
		c := m.free[n-1]
		m.free = m.free[:n-1]
		m.mu.Unlock()
		return c, nil
	}
	m.mu.Unlock()
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	p, err := preprocess.New(m.prep)
	if err != nil {
		return nil, err
	}
	return &classifier{s, p, make([]float32, m.plan.inLen), make([]float32, m.plan.outLen)}, nil
}

// release keeps a classifier for the next call, as many as there are threads;
// a burst's surplus goes back to the collector.
func (m *Model) release(c *classifier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed.Load() && len(m.free) < m.plan.threads {
		m.free = append(m.free, c)
	}
}
