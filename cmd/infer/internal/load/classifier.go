package load

import (
	"context"
	"image"
	"math"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/engine"
)

// Classifier is an engine.Classifier that knows what a single output means.
type Classifier struct {
	*engine.Classifier
	single bool
}

// NewClassifier makes a classifier for one goroutine.
func NewClassifier(m *engine.Model) (*Classifier, error) {
	c, err := m.NewClassifier()
	if err != nil {
		return nil, err
	}
	return &Classifier{c, app.Size(m.Info().Outputs[0].Shape) == 1}, nil
}

// Classify is that of engine.Classifier, with the sigmoid as the probability of a single
// output. A softmax would be 1 for every picture.
func (c *Classifier) Classify(ctx context.Context, img image.Image, k int) ([]engine.Prediction, error) {
	top, err := c.Classifier.Classify(ctx, img, k)
	if err == nil && c.single && len(top) == 1 {
		top[0].Prob = float32(1 / (1 + math.Exp(-float64(c.Outputs()[0]))))
	}
	return top, err
}
