// Package quantize makes the quantized twin of a float32 network: activations and weights
// of 8 bits. The file is a quarter of the size. The networks of README.md's table run 2.3 to
// 3 times as fast with AVX-512 VNNI, and 1.2 to 1.3 times with AVX2; the command is there.
//
//	m8, report, err := quantize.Model(ctx, m, samples, quantize.Options{})
//	fmt.Print(report)
//	err = weights.WriteFile("model8.rfl", m8)
//
// It runs the network on a few hundred samples to see which numbers occur, chooses a
// scale and a zero point for each value, rounds the weights, and compares what comes
// out. Samples should be of the kind that the network will see, and not of those that
// its accuracy will be measured on. weights/FORMAT.md has the operators of the result.
//
// Generators of dynamic shuffles, global means and logits stay float32. The same
// arguments give the same model on one instruction set, for any number of threads.
package quantize

import (
	"context"
	"errors"
	"fmt"

	"github.com/riffle-ml/riffle/weights"
)

// Options say how a network is quantized. The zero value is a good choice.
type Options struct {
	Method Method   // how ranges of activations are chosen; "": MSE
	Keep   []string // nodes that stay float32
	// Progress, where it is not nil, is called as the work goes on, from the caller's
	// goroutine: done of total samples have been run.
	Progress func(done, total int)

	// What follows leaves out a part of the method, to see what it is worth.
	NoEqualization   bool // across layers
	NoBiasCorrection bool

	// HalfGenerators keeps the weights of the generators of dynamic shuffles in float16,
	// which makes the file smaller and may change a choice; the report counts them.
	HalfGenerators bool
}

// ErrNoSamples says that there was nothing to calibrate with.
var ErrNoSamples = errors.New("no samples to calibrate with")

// Model returns the quantized twin of m, and what became of it on the samples. m is not
// changed; the result shares labels, shapes and attributes with it. Errors: ErrNoSamples; a
// node to keep that is not there; [engine.ModelError] for a network that the engine cannot
// run, or one that computes something that is not finite; those of samples and ctx.
func Model(ctx context.Context, m *weights.Model, samples Samples, o Options) (*weights.Model, *Report, error) {
	if o.Method == "" {
		o.Method = MSE
	}
	if err := o.Method.check(); err != nil {
		return nil, nil, err
	}
	if samples.Len() == 0 {
		return nil, nil, ErrNoSamples
	}
	if err := m.Check(); err != nil {
		return nil, nil, err
	}
	keep, err := o.kept(m)
	if err != nil {
		return nil, nil, err
	}
	count := samples.Len()
	done, total := 0, 3*count
	tick := func() {
		if done++; o.Progress != nil {
			o.Progress(done, total)
		}
	}
	c := tidy(m, keep)
	copyTensors(c)
	n, err := open(c)
	if err != nil {
		return nil, nil, err
	}
	defer func() { n.close() }()
	seen, err := n.observe(ctx, samples, count, tick)
	if err != nil {
		return nil, nil, err
	}
	if !o.NoEqualization {
		equalize(c, n.shapes, seen, keep)
		equalized, err := open(c)
		if err != nil {
			return nil, nil, err
		}
		n.close()
		n = equalized
	}
	b := build(n, units(c, n.shapes, keep), seen, keep, &o)
	hists, err := n.histograms(ctx, samples, count, tick, seen, b.groups())
	if err != nil {
		return nil, nil, err
	}
	for id, h := range hists {
		b.list[id].quant = o.Method.quant(h)
	}
	q := b.finish()
	r, err := compare(ctx, n, q, samples, count, tick)
	if err != nil {
		return nil, nil, err
	}
	return q, r, nil
}

// kept is the set of the nodes to keep.
func (o *Options) kept(m *weights.Model) (map[string]bool, error) {
	keep, there := map[string]bool{}, map[string]bool{}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if n.Quant != nil {
			return nil, fmt.Errorf("node %q (%s): got a network that is quantized, want one of float32", n.Name, n.Op)
		}
		there[n.Name] = true
	}
	for _, name := range o.Keep {
		if !there[name] {
			return nil, fmt.Errorf("node to keep: got %q, want the name of a node", name)
		}
		keep[name] = true
	}
	return keep, nil
}
