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
	Class int
	Label string  // "" if the model has no labels
	Prob  float32 // softmax over the first output
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
// any type and size, and is not changed. Any number of goroutines may call
// Classify on one Model.
//
// Errors: [ErrNoPreprocess], [ErrClosed], the context's.
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
	logits := c.out[:shape(m.info.Outputs[0].Shape).elems()]
	if !m.plan.probabilities {
		softmax(logits, logits)
	}
	return m.Top(logits, k), nil
}

// Top returns the k largest of probs with their labels, largest first, equal
// ones by class. probs is a first output, after softmax; it is not changed.
func (m *Model) Top(probs []float32, k int) []Prediction {
	all := make([]Prediction, len(probs))
	for i, p := range probs {
		all[i] = Prediction{Class: i, Prob: p}
		if i < len(m.info.Labels) {
			all[i].Label = m.info.Labels[i]
		}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int {
		switch {
		case a.Prob > b.Prob:
			return -1
		case a.Prob < b.Prob:
			return 1
		}
		return 0
	})
	return all[:max(0, min(k, len(all)))]
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
