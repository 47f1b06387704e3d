package zoo

import (
	"fmt"

	"github.com/riffle-ml/riffle/weights"
)

// builders make the networks of families.
var builders = map[string]func(a Arch, b *builder) (*weights.Model, error){
	"shufflenetv1": shuffleNetV1,
	"shufflenetv2": shuffleNetV2,
	"mobilenetv1":  mobileNetV1,
	"mobilenetv2":  mobileNetV2,
}

// Build makes the network with seeded random weights: for timing and testing,
// not for looking at pictures. It has one input [3 Size Size], one output of
// Classes logits, no labels and no preprocessing. The same Arch gives the same
// bits. Safe for concurrent use.
func Build(a Arch) (*weights.Model, error) {
	a, err := a.complete()
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return builders[a.Family](a, newBuilder(a.String(), 3, a.Size, a.Size, a.Seed))
}
