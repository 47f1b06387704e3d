package network

import (
	"context"
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// Options say how to load.
type Options struct {
	Threads int      // of one run
	Outputs []string // layers to offer as outputs besides the model's own
	Limits  engine.Limits
}

// Load reads, plans and warms up a model file: the first request finds nothing left to
// do. name and version are what clients call it. Errors are engine.Load's, or a ModelError
// that says which of Options.Outputs does not exist.
func Load(ctx context.Context, path, name, version string, o Options) (*Network, error) {
	file, err := weights.ReadFile(path)
	if err != nil {
		return nil, err
	}
	opts := []engine.Option{engine.WithThreads(o.Threads), engine.WithLimits(o.Limits)}
	embedding := features(file)
	names := o.Outputs
	if embedding != "" && !slices.Contains(names, embedding) {
		names = append(slices.Clone(names), embedding)
	}
	if len(names) > 0 {
		opts = append(opts, engine.WithOutputs(names...))
	}
	m, err := engine.New(file, opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	n := &Network{
		Name: name, Version: version, Model: m, Info: m.Info(), Input: file.Graph.Inputs[0].Name,
		Own: len(file.Graph.Outputs), Embedding: embedding, Usual: map[string]engine.Permutation{},
	}
	for _, p := range m.Usual() {
		n.Usual[p.Node] = p
	}
	if err := n.warm(ctx); err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: warming up: %w", path, err)
	}
	return n, nil
}

// features finds the value that the network's last linear layer reads, of a layer of 8
// bits before it is rounded to these, which is what people mean by a picture's embedding.
func features(m *weights.Model) string {
	for _, node := range slices.Backward(m.Graph.Nodes) {
		if node.Op != weights.OpLinear && node.Op != weights.OpQLinear {
			continue
		}
		value := node.Inputs[0]
		for i := range m.Graph.Nodes {
			if q := &m.Graph.Nodes[i]; q.Op == weights.OpQuantize && q.Outputs[0] == value {
				value = q.Inputs[0]
			}
		}
		if value != m.Graph.Inputs[0].Name {
			return value
		}
	}
	return ""
}

// warm runs one sample of zeros, so that pages are touched and tables written before the
// network is swapped in, and counts what its dynamic layers choose.
func (n *Network) warm(ctx context.Context) error {
	r, err := n.Borrow()
	if err != nil {
		return err
	}
	defer n.Return(r)
	if err := r.Session.Run(ctx, r.Dst, r.Src); err != nil {
		return err
	}
	for _, p := range r.Session.Permutations() {
		n.Dynamic++
		n.Channels += len(p.Channels())
	}
	return nil
}
