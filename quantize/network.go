package quantize

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// Samples are inputs of a network, as [engine.Session.Run] takes them: pictures after
// their preprocessing.
type Samples interface {
	Len() int
	// Read writes sample i to dst, which has the length of the network's input.
	Read(i int, dst []float32) error
}

// network is a float32 network of which every value can be seen.
type network struct {
	*tapped
	m      *weights.Model
	input  string
	values []string // that nodes write
}

// open prepares m to run, with every value an output. Close it when done.
func open(m *weights.Model) (*network, error) {
	n := &network{m: m, input: m.Graph.Inputs[0].Name}
	for i := range m.Graph.Nodes {
		n.values = append(n.values, m.Graph.Nodes[i].Outputs...)
	}
	var err error
	if n.tapped, err = tap(m, n.values); err != nil {
		return nil, err
	}
	n.shapes[n.input] = m.Graph.Inputs[0].Shape
	return n, nil
}

// tapped is a network that runs with other values as its outputs.
type tapped struct {
	model  *engine.Model
	shapes map[string][]int // of these values
	at     map[string]int   // where each begins among the outputs
}

// tap prepares m to run with the values as its outputs. Close it when done.
func tap(m *weights.Model, values []string) (*tapped, error) {
	c := *m
	c.Labels, c.Preprocess, c.Graph.Outputs = nil, nil, values
	model, err := engine.New(&c)
	if err != nil {
		return nil, err
	}
	t := &tapped{model, map[string][]int{}, map[string]int{}}
	at := 0
	for i, o := range model.Info().Outputs {
		t.shapes[values[i]], t.at[values[i]] = o.Shape, at
		at += size(o.Shape)
	}
	return t, nil
}

func (t *tapped) close() { t.model.Close() }

// of is value v among the outputs.
func (t *tapped) of(out []float32, v string) []float32 { return out[t.at[v]:][:size(t.shapes[v])] }

func size(shape []int) int {
	s := 1
	for _, d := range shape {
		s *= d
	}
	return s
}

// each runs the samples and hands over all values of each: the input first.
func (n *network) each(ctx context.Context, s Samples, count int, done func(), see func(value string, elements []float32)) error {
	session, err := n.model.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	info := n.model.Info()
	src, dst := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	for i := range count {
		if err := s.Read(i, src); err != nil {
			return fmt.Errorf("sample %d: %w", i, err)
		}
		if err := session.Run(ctx, dst, src); err != nil {
			return err
		}
		see(n.input, src)
		for _, v := range n.values {
			see(v, n.of(dst, v))
		}
		done()
	}
	return nil
}

// spread is what was observed of a value: of each channel the least and the largest
// element, the mean, and the mean of the squares.
type spread struct{ lo, hi, mean, power []float64 }

// observe returns the spread of every value.
func (n *network) observe(ctx context.Context, s Samples, count int, done func()) (map[string]*spread, error) {
	seen := map[string]*spread{}
	for v, shape := range n.shapes {
		c := shape[0]
		x := &spread{make([]float64, c), make([]float64, c), make([]float64, c), make([]float64, c)}
		for i := range c {
			x.lo[i], x.hi[i] = math.Inf(1), math.Inf(-1)
		}
		seen[v] = x
	}
	err := n.each(ctx, s, count, done, func(v string, elements []float32) {
		x := seen[v]
		per := len(elements) / len(x.lo)
		for c := range x.lo {
			lo, hi, sum, squares := x.lo[c], x.hi[c], 0.0, 0.0
			for _, e := range elements[c*per : (c+1)*per] {
				f := float64(e)
				lo, hi, sum, squares = min(lo, f), max(hi, f), sum+f, squares+f*f
			}
			x.lo[c], x.hi[c] = lo, hi
			x.mean[c] += sum / float64(per) / float64(count)
			x.power[c] += squares / float64(per) / float64(count)
		}
	})
	if err != nil {
		return nil, err
	}
	for v, x := range seen {
		for c := range x.lo {
			if b := slices.Max([]float64{math.Abs(x.lo[c]), math.Abs(x.hi[c])}); !(b <= math.MaxFloat32) {
				return nil, fmt.Errorf("value %q: got %v to %v in channel %d, want finite numbers", v, x.lo[c], x.hi[c], c)
			}
		}
	}
	return seen, nil
}

// histograms counts the elements of groups of values. Each group has the bounds that
// its values have together.
func (n *network) histograms(ctx context.Context, s Samples, count int, done func(), seen map[string]*spread, groups map[int][]string) (map[int]*histogram, error) {
	of, h := map[string][]int{}, map[int]*histogram{}
	for id, values := range groups {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, v := range values {
			of[v] = append(of[v], id)
			lo, hi = min(lo, slices.Min(seen[v].lo)), max(hi, slices.Max(seen[v].hi))
		}
		h[id] = newHistogram(lo, hi)
	}
	err := n.each(ctx, s, count, done, func(v string, elements []float32) {
		for _, id := range of[v] {
			h[id].add(elements)
		}
	})
	return h, err
}
