package engine

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
)

// Embed returns what the network's last linear layer reads for a picture: a vector
// that is near another picture's where the network finds the two alike. The model must
// have been loaded with [WithEmbedding]; if not, the error is [ErrOption]. Other errors
// are those of [Model.Classify]. Any number of goroutines may call it.
func (m *Model) Embed(ctx context.Context, img image.Image) ([]float32, error) {
	c, err := m.classifier()
	if err != nil {
		return nil, err
	}
	defer m.release(c)
	if err := c.Run(ctx, img); err != nil {
		return nil, err
	}
	e, err := c.Embedding()
	return slices.Clone(e), err
}

// Embedding returns the embedding of the last picture, see [Model.Embed]. It is
// overwritten by the next one.
func (c *Classifier) Embedding() ([]float32, error) {
	i := c.model.embedding
	if i == 0 {
		return nil, fmt.Errorf("%w: embedding: got a model that was loaded without, want WithEmbedding", ErrOption)
	}
	n := graph.Shape(c.model.info.Outputs[i].Shape).Elems()
	return c.out[len(c.out)-n:], nil
}
