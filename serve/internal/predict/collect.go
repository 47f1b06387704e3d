package predict

import (
	"slices"
	"strconv"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

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
