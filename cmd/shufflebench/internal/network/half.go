package network

import "github.com/riffle-ml/riffle/engine"

// WithHalf returns list with a twin of every network of float32 behind it, which riffle
// computes in float16 arithmetic: see [engine.WithHalfArithmetic].
func WithHalf(list []*Network) []*Network {
	var out []*Network
	for _, n := range list {
		out = append(out, n)
		if n.Int8 {
			continue
		}
		twin := &Network{Network: n.Network, Model: n.Model, Paths: map[string]string{}, rfl: n.rfl}
		twin.Name += " (half)"
		twin.Half = true
		out = append(out, twin)
	}
	return out
}

// Options are what riffle loads the network with, besides more.
func (n *Network) Options(more ...engine.Option) []engine.Option {
	if n.Half {
		more = append(more, engine.WithHalfArithmetic())
	}
	return more
}
