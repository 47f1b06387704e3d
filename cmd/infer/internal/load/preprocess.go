package load

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

// DefaultPreprocess is the preprocessing of a network about which nothing is known but
// the shape of its input: the picture is scaled to that size, and its pixels to 0..1.
// The result is nil where the input is no picture.
func DefaultPreprocess(input []int) *weights.Preprocess {
	if len(input) != 3 || input[0] != 1 && input[0] != 3 {
		return nil
	}
	p := &weights.Preprocess{
		Crop: [2]int{input[1], input[2]}, Filter: "bilinear", Order: "rgb",
		Mean: slices.Repeat([]float64{0}, input[0]), Std: slices.Repeat([]float64{1}, input[0]),
	}
	if input[0] == 1 {
		p.Order = "gray"
	}
	return p
}

// checkPreprocess tells whether a picture can become the model's input.
func checkPreprocess(e *engine.Model) error {
	if e.Preprocess() == nil {
		return engine.ErrNoPreprocess
	}
	p, err := preprocess.New(e.Preprocess())
	if err != nil {
		return err
	}
	c, h, w := p.Shape()
	if in := e.Info().Input; !slices.Equal(in, []int{c, h, w}) {
		return fmt.Errorf("preprocessing makes %s, want %s, the network's input", units.Dims([]int{c, h, w}), units.Dims(in))
	}
	return nil
}
