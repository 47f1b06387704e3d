package predict

import (
	"encoding/json"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// ranking is the k most probable classes of each sample, from which up to three outputs
// are made.
type ranking struct {
	n    *network.Network
	k    int
	tops [][]engine.Prediction // by sample
}

func newRanking(n *network.Network, samples int, k int64) *ranking {
	classes := 1
	for _, d := range n.Info.Outputs[0].Shape {
		classes *= d
	}
	return &ranking{n, int(min(k, int64(classes))), make([][]engine.Prediction, samples)}
}

// ranked is one of the outputs made of a ranking.
type ranked struct {
	*ranking
	name string
}

// size counts what is made for all outputs of the ranking, and the text of one.
func (r *ranked) size() int64 { return int64(len(r.tops)) * int64(r.k) * (40 + 24 + 64) }

func (r *ranked) take(i int, x *network.Runner, _ *[len(stages)]time.Duration) error {
	if r.tops[i] != nil {
		return nil
	}
	top, err := r.n.Model.Top(x.Dst, r.k)
	r.tops[i] = top
	return err
}

func (r *ranked) tensor() oip.Tensor {
	t := oip.Tensor{Name: r.name, Shape: []int64{int64(len(r.tops)), int64(r.k)}}
	t.Datatype = map[string]string{Classes: oip.INT64, Labels: oip.BYTES, Probabilities: oip.FP32}[r.name]
	for _, top := range r.tops {
		for _, p := range top {
			switch r.name {
			case Classes:
				t.Ints = append(t.Ints, int64(p.Class))
			case Labels:
				t.Strings = append(t.Strings, []byte(p.Label))
			case Probabilities:
				t.Floats = append(t.Floats, p.Prob)
			}
		}
	}
	return t
}

// permutations is what the dynamic layers chose for each sample, as JSON: a list of
// {"node", "groups", "chosen", "usual"}, where output channel c takes input channel
// chosen[c]. usual is left out where the model's file does not say.
type permutations struct {
	n    *network.Network
	text [][]byte
}

// size counts a channel's number where it is chosen and where it is usual, as JSON, and that
// again in the answer.
func (o *permutations) size() int64 {
	return int64(len(o.text)) * (24 + 4*(100*int64(o.n.Dynamic)+5*int64(o.n.Channels)))
}

func (o *permutations) take(i int, x *network.Runner, _ *[len(stages)]time.Duration) error {
	type choice struct {
		Node   string `json:"node"`
		Groups int    `json:"groups"`
		Chosen []int  `json:"chosen"`
		Usual  []int  `json:"usual,omitempty"`
	}
	list := []choice{}
	for _, p := range x.Session.Permutations() {
		c := choice{Node: p.Node, Groups: p.Groups, Chosen: p.Channels()}
		if u, ok := o.n.Usual[p.Node]; ok {
			c.Usual = u.Channels()
		}
		list = append(list, c)
	}
	var err error
	o.text[i], err = json.Marshal(list)
	return err
}

func (o *permutations) tensor() oip.Tensor {
	return oip.Tensor{Name: Permutations, Datatype: oip.BYTES, Shape: []int64{int64(len(o.text))}, Strings: o.text}
}

// times is how long each stage of each sample took.
type times struct{ ns []int64 }

func (o *times) size() int64 { return int64(len(o.ns)) * (8 + 12) }

func (o *times) take(i int, _ *network.Runner, took *[len(stages)]time.Duration) error {
	for k, d := range took {
		o.ns[i*len(stages)+k] = d.Nanoseconds()
	}
	return nil
}

func (o *times) tensor() oip.Tensor {
	k := int64(len(stages))
	return oip.Tensor{Name: Stages, Datatype: oip.INT64, Shape: []int64{int64(len(o.ns)) / k, k}, Ints: o.ns}
}
