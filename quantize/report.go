package quantize

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// Report says what became of a network on the samples that it was calibrated with.
type Report struct {
	Samples int
	Top1    int // samples whose first output has its largest element in the same place
	Layers  []Layer
	// Choices are the permutations that dynamic shuffles chose, and Same those that the
	// float32 network chose too.
	Choices, Same int
}

// Layer is one node of the quantized network.
type Layer struct {
	Node, Op string
	Value    string
	// Signal is the ratio of the result's power to its error's, in decibels: the float32
	// network's result against the quantized one's, with the errors of all that came
	// before. 6 dB are one bit. It is +Inf where there is no error.
	Signal float64
}

// compare runs both networks on the samples.
func compare(ctx context.Context, n *network, q *weights.Model, s Samples, count int, done func()) (*Report, error) {
	twin, both, err := openTwin(q, n)
	if err != nil {
		return nil, err
	}
	defer twin.close()
	r := &Report{Samples: count}
	power, noise := map[string]float64{}, map[string]float64{}
	plain, err := n.model.NewSession()
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	byte8, err := twin.model.NewSession()
	if err != nil {
		return nil, err
	}
	defer byte8.Close()
	src := make([]float32, n.model.Info().InputLen())
	a, b := make([]float32, n.model.Info().OutputLen()), make([]float32, twin.model.Info().OutputLen())
	for i := range count {
		if err := s.Read(i, src); err != nil {
			return nil, fmt.Errorf("sample %d: %w", i, err)
		}
		if err := plain.Run(ctx, a, src); err != nil {
			return nil, err
		}
		if err := byte8.Run(ctx, b, src); err != nil {
			return nil, err
		}
		for _, v := range both {
			x, y := n.of(a, v), twin.of(b, v)
			p, e := power[v], noise[v]
			for j, f := range x {
				d := float64(f) - float64(y[j])
				p += float64(f) * float64(f)
				e += d * d
			}
			power[v], noise[v] = p, e
		}
		if largest(n.of(a, n.m.Graph.Outputs[0])) == largest(twin.of(b, q.Graph.Outputs[0])) {
			r.Top1++
		}
		r.choices(plain, byte8)
		done()
	}
	r.layers(q, power, noise)
	return r, nil
}

// openTwin prepares q to run, with the values as outputs that n has too, and its first output.
func openTwin(q *weights.Model, n *network) (*tapped, []string, error) {
	var values []string
	for i := range q.Graph.Nodes {
		for _, v := range q.Graph.Nodes[i].Outputs {
			if n.shapes[v] != nil {
				values = append(values, v)
			}
		}
	}
	outputs := values
	if first := q.Graph.Outputs[0]; !slices.Contains(values, first) {
		outputs = append(slices.Clone(values), first)
	}
	t, err := tap(q, outputs)
	return t, values, err
}

// largest is the index of the largest element.
func largest(v []float32) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

// choices compares what the dynamic shuffles chose.
func (r *Report) choices(a, b *engine.Session) {
	x, y := a.Permutations(), b.Permutations()
	for i := range x {
		r.Choices++
		if slices.Equal(x[i].Sigma, y[i].Sigma) && slices.Equal(x[i].Tau, y[i].Tau) {
			r.Same++
		}
	}
}

// layers fills in what became of each node whose result the float32 network has too.
func (r *Report) layers(q *weights.Model, power, noise map[string]float64) {
	for i := range q.Graph.Nodes {
		n := &q.Graph.Nodes[i]
		for _, v := range n.Outputs {
			if _, ok := power[v]; !ok {
				continue
			}
			signal := math.Inf(1)
			if noise[v] != 0 {
				signal = 10 * math.Log10(power[v]/noise[v])
			}
			r.Layers = append(r.Layers, Layer{n.Name, n.Op, v, signal})
		}
	}
}

// Costly returns the nodes whose results lose most, the worst first: those to keep in
// float32 if accuracy is lost. There are at most so many.
func (r *Report) Costly(most int) []Layer {
	var list []Layer
	for _, l := range r.Layers {
		switch l.Op {
		case weights.OpQConv, weights.OpQLinear, weights.OpQAdd, weights.OpQMul, weights.OpQLookup, weights.OpQStaticDynamicShuffle, weights.OpQAvgPool:
			list = append(list, l)
		}
	}
	slices.SortStableFunc(list, func(a, b Layer) int { return cmp.Compare(a.Signal, b.Signal) })
	return list[:min(most, len(list))]
}

// String is the report as a table.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-40s %-22s %9s\n", "node", "operator", "signal dB")
	for _, l := range r.Layers {
		fmt.Fprintf(&b, "%-40s %-22s %9.1f\n", l.Node, l.Op, l.Signal)
	}
	fmt.Fprintf(&b, "top-1 as in float32: %d of %d samples (%.2f %%)\n", r.Top1, r.Samples, 100*float64(r.Top1)/float64(r.Samples))
	if r.Choices > 0 {
		fmt.Fprintf(&b, "permutations as in float32: %d of %d (%.2f %%)\n", r.Same, r.Choices, 100*float64(r.Same)/float64(r.Choices))
	}
	return b.String()
}
