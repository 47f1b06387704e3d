package load

import (
	"context"
	"image"
	"math"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Classifier is one goroutine's memory for running a model on pictures: a session, a
// preprocessor and their buffers.
type Classifier struct {
	m       *engine.Model
	s       *engine.Session
	p       *preprocess.Preprocessor
	in, out []float32
}

// NewClassifier makes a classifier for one goroutine.
func NewClassifier(m *engine.Model) (*Classifier, error) {
	if m.Preprocess() == nil {
		return nil, engine.ErrNoPreprocess
	}
	p, err := preprocess.New(m.Preprocess())
	if err != nil {
		return nil, err
	}
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	info := m.Info()
	return &Classifier{m, s, p, make([]float32, info.InputLen()), make([]float32, info.OutputLen())}, nil
}

// Classify returns the k most probable classes of a picture, as Model.Classify does.
func (c *Classifier) Classify(ctx context.Context, img image.Image, k int) ([]engine.Prediction, error) {
	if err := c.p.Apply(c.in, img); err != nil {
		return nil, err
	}
	if err := c.s.Run(ctx, c.out, c.in); err != nil {
		return nil, err
	}
	top, err := c.m.Top(c.out, k)
	if err == nil && app.Size(c.m.Info().Outputs[0].Shape) == 1 {
		// A softmax over one value is 1 for every picture.
		top[0].Prob = float32(1 / (1 + math.Exp(-float64(c.out[0]))))
	}
	return top, err
}

// Outputs returns what the last run wrote: the model's outputs, one after another.
// They are valid until the next run.
func (c *Classifier) Outputs() []float32 { return c.out }

// Session is the session that runs.
func (c *Classifier) Session() *engine.Session { return c.s }

// Close drops the memory.
func (c *Classifier) Close() error { return c.s.Close() }
