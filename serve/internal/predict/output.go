package predict

import (
	"slices"
	"strconv"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// The outputs that every model has, besides those of its network.
const (
	Classes       = "classes"       // INT64 [n k], most probable first
	Labels        = "labels"        // BYTES [n k], their names; "" where the model has none
	Probabilities = "probabilities" // FP32 [n k]
	Embedding     = "embedding"     // FP32 [n length], what the last linear layer reads
	Permutations  = "permutations"  // BYTES [n], JSON: what the dynamic layers chose
	Stages        = "stages"        // INT64 [n 4], nanoseconds: queue, decode, resize, run
)

// output collects one output of an answer, sample by sample.
type output interface {
	take(i int, x *network.Runner, took *[len(stages)]time.Duration) error
	tensor() oip.Tensor
}

// outputs makes a collector for each output that r wants of n samples. Without any named:
// the network's own outputs and the classes.
func outputs(n *network.Network, r *oip.Request, samples int) ([]output, error) {
	k, err := r.Params.Int("request", "top_k", 5)
	if err != nil {
		return nil, err
	}
	if k < 1 {
		return nil, fault.New(fault.Invalid, "request: parameter top_k is %d, want at least 1", k)
	}
	top := newRanking(n, samples, k)
	wanted := r.Outputs
	if len(wanted) == 0 {
		for _, o := range n.Info.Outputs[:n.Own] {
			wanted = append(wanted, oip.Wanted{Name: o.Name})
		}
		for _, name := range []string{Classes, Labels, Probabilities} {
			if find(n, name) < 0 { // an output of the network's own goes first
				wanted = append(wanted, oip.Wanted{Name: name})
			}
		}
	}
	var outs []output
	for i, w := range wanted {
		if slices.ContainsFunc(wanted[:i], func(o oip.Wanted) bool { return o.Name == w.Name }) {
			return nil, fault.New(fault.Invalid, "output %s is asked for twice", w.Name)
		}
		o, err := collector(n, w, samples, top)
		if err != nil {
			return nil, err
		}
		outs = append(outs, o)
	}
	return outs, nil
}

// find returns the index of a network's output, or -1.
func find(n *network.Network, name string) int {
	return slices.IndexFunc(n.Info.Outputs, func(o engine.Output) bool { return o.Name == name })
}

// collector makes the collector of one output.
func collector(n *network.Network, w oip.Wanted, samples int, top *ranking) (output, error) {
	where := "output " + w.Name
	best, err := w.Params.Int(where, "classification", 0)
	if err != nil {
		return nil, err
	}
	k := find(n, w.Name)
	if k < 0 && w.Name == Embedding && n.Embedding != "" {
		k = find(n, n.Embedding)
	}
	switch {
	case k >= 0 && best > 0:
		return newClassification(n, k, w.Name, samples, best), nil
	case k >= 0:
		return newLayer(n, k, w.Name, samples), nil
	case best > 0:
		return nil, fault.New(fault.Invalid, "%s: parameter classification is for outputs of the network", where)
	}
	switch w.Name {
	case Classes, Labels, Probabilities:
		return &ranked{top, w.Name}, nil
	case Permutations:
		return &permutations{n: n, text: make([][]byte, samples)}, nil
	case Stages:
		return &times{make([]int64, samples*len(stages))}, nil
	}
	return nil, fault.New(fault.NotFound, "model %s has no output %s: its outputs are %v", n.Name, strconv.Quote(w.Name), Names(n))
}

// Names lists the outputs of a model.
func Names(n *network.Network) []string {
	var names []string
	for _, t := range Outputs(n) {
		names = append(names, t.Name)
	}
	return names
}
