// Package network holds one loaded version of a model, and the memory to run it with.
package network

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// Network is one version of a model, loaded and warmed up. It is immutable but for its
// idle runners, and safe for concurrent use.
type Network struct {
	Name, Version string
	Model         *engine.Model
	Info          engine.Info
	Input         string // the name of its input tensor
	Own           int    // so many of Info.Outputs are the file's; the others were asked for
	// Embedding is the name of the output that the last linear layer reads; "" if
	// there is none.
	Embedding string
	Usual     map[string]engine.Permutation // by node, what the file says is usual

	mu   sync.Mutex
	idle []*Runner
}

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

// features finds the value that the network's last linear layer reads, which is what
// people mean by a picture's embedding.
func features(m *weights.Model) string {
	for _, node := range slices.Backward(m.Graph.Nodes) {
		if node.Op == weights.OpLinear && node.Inputs[0] != m.Graph.Inputs[0].Name {
			return node.Inputs[0]
		}
	}
	return ""
}

// warm runs one sample of zeros, so that pages are touched and tables written before the
// network is swapped in.
func (n *Network) warm(ctx context.Context) error {
	r, err := n.Borrow()
	if err != nil {
		return err
	}
	defer n.Return(r)
	return r.Session.Run(ctx, r.Dst, r.Src)
}
