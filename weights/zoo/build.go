package zoo

import (
	"fmt"

	"github.com/riffle-ml/riffle/weights"
)

var families = map[string]func(a Arch, b *builder) (*weights.Model, error){
	"shufflenetv1": shuffleNetV1,
	"shufflenetv2": shuffleNetV2,
	"mobilenetv1":  mobileNetV1,
	"mobilenetv2":  mobileNetV2,
}

// Build makes the network with seeded random weights, for measurements and tests. It has
// one input [3 Size Size], one output of Classes logits, no labels and no preprocessing.
// The same Arch gives the same bits. The error says which field is wrong. Safe for
// concurrent use.
func Build(a Arch) (*weights.Model, error) {
	a, err := a.complete()
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	m, err := families[a.Family](a, newBuilder(a.String(), 3, a.Size, a.Size, a.Seed))
	if err != nil || a.Weights != "float16" {
		return m, err
	}
	return m.ToFloat16(), nil
}
