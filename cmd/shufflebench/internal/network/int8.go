package network

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/riffle-ml/riffle/quantize"
)

// calibration is how many random inputs a network is quantized with.
const calibration = 16

// WithInt8 returns list with the quantized twin of every network of float32 behind it. A
// twin is made from seeded random inputs: it is as fast as one made from pictures.
func WithInt8(ctx context.Context, list []*Network) ([]*Network, error) {
	var out []*Network
	for _, n := range list {
		out = append(out, n)
		if n.Int8 {
			continue
		}
		m8, _, err := quantize.Model(ctx, n.Model, noise{}, quantize.Options{})
		if err != nil {
			return nil, fmt.Errorf("%s: quantizing: %w", n.Name, err)
		}
		twin, err := newNetwork(n.Name+" (int8)", n.Source, m8)
		if err != nil {
			return nil, err
		}
		out = append(out, twin)
	}
	return out, nil
}

// noise is seeded random inputs.
type noise struct{}

func (noise) Len() int { return calibration }

func (noise) Read(i int, dst []float32) error {
	rng := rand.New(rand.NewPCG(2018, uint64(i)))
	for k := range dst {
		dst[k] = float32(rng.NormFloat64())
	}
	return nil
}
