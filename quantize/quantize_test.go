package quantize

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// power is the ratio of a signal to what another one differs from it, in decibels.
func power(want, got []float32) float64 {
	p, n := 0.0, 0.0
	for i, f := range want {
		d := float64(f) - float64(got[i])
		p, n = p+float64(f)*float64(f), n+d*d
	}
	return 10 * math.Log10(p/n)
}

// nearest is how near q comes to m, in decibels, on the best of a few samples. Permutations
// may differ, and then so does all behind them.
func nearest(t *testing.T, m, q *weights.Model) float64 {
	t.Helper()
	e, f := ready(t, q), ready(t, m)
	best := math.Inf(-1)
	for i := range 4 {
		in := inputs(e, 4)[i*e.Info().InputLen():][:e.Info().InputLen()]
		best = max(best, power(outputs(t, f, in), outputs(t, e, in)))
	}
	return best
}

// A quantized network computes nearly what the float32 network does, and each part of
// the method leaves it so.
func TestNearFloat32(t *testing.T) {
	for name, m := range map[string]*weights.Model{"everything": everything(), "mobilenetv2": built(t, "mobilenetv2@32")} {
		if name == "mobilenetv2" && testing.Short() {
			continue
		}
		for _, o := range []Options{
			{}, {Method: Max}, {Method: Percentile}, {NoEqualization: true}, {NoBiasCorrection: true}, {HalfGenerators: true},
		} {
			q, r := quantized(t, m, o)
			if best := nearest(t, m, q); best < 12 {
				t.Errorf("%s, %+v: got %.1f dB, want 12 or more:\n%s", name, o, best, r)
			}
		}
	}
}

// What is quantized, what stays float32, and what is fused.
func TestOperators(t *testing.T) {
	m := everything()
	q, r := quantized(t, m, Options{})
	count := func(q *weights.Model) map[string]int {
		c := map[string]int{}
		for _, n := range q.Graph.Nodes {
			c[n.Op]++
		}
		return c
	}
	got := count(q)
	for op, want := range map[string]int{
		weights.OpConv: 0, weights.OpLinear: 0, weights.OpAdd: 0, weights.OpReLU: 0, weights.OpReLU6: 0, weights.OpQConv: 9, weights.OpQLinear: 2,
		weights.OpQAdd: 1, weights.OpQMul: 1, weights.OpQLookup: 3, weights.OpQAvgPool: 1, weights.OpQStaticDynamicShuffle: 1,
		weights.OpSigmoid: 1, weights.OpSoftmax: 1, weights.OpDynamicShuffle: 1, weights.OpConcat: 1, weights.OpShuffle: 1,
	} {
		if got[op] != want {
			t.Errorf("%s: got %d, want %d", op, got[op], want)
		}
	}
	if r.Samples != 6 || r.Choices != 12 || r.Same > r.Choices || len(r.Layers) < 20 {
		t.Errorf("got a report of %d samples, %d of %d choices, %d layers", r.Samples, r.Same, r.Choices, len(r.Layers))
	}
	if !slices.Equal(q.Graph.Outputs, m.Graph.Outputs) {
		t.Errorf("got outputs %v, want %v", q.Graph.Outputs, m.Graph.Outputs)
	}
	keep := m.Graph.Nodes[0].Name
	q, _ = quantized(t, m, Options{Keep: []string{keep}})
	if got := count(q); got[weights.OpConv] != 1 || got[weights.OpQConv] != 8 || got[weights.OpReLU] != 1 {
		t.Errorf("with %s kept: got %v", keep, got)
	}
}

// A node to keep is there as it was, also one that would have been moved.
func TestKeptActivation(t *testing.T) {
	n := newNet(4, 6, 6)
	x := n.node(weights.OpConcat, nil, nil, n.conv("x", 4, 4, 1, 1, 0, 1, 1), n.conv("x", 4, 4, 3, 1, 1, 1, 1))
	act := n.relu(x)
	again := n.relu(act)
	n.Graph.Outputs = []string{n.conv(again, 4, 8, 1, 1, 0, 1, 1)}
	n.Sort()
	for _, name := range []string{act, again} {
		q, _ := quantized(t, &n.Model, Options{Keep: []string{name}})
		if !slices.ContainsFunc(q.Graph.Nodes, func(k weights.Node) bool { return k.Name == name && k.Op == weights.OpReLU }) {
			t.Errorf("%s: got %+v, want it as it was", name, q.Graph.Nodes)
		}
	}
}

// Logits are the sums of the last layer, as float32.
func TestLogitsAreFloat32(t *testing.T) {
	q, _ := quantized(t, built(t, "shufflenetv2:0.5x@32"), Options{})
	last := q.Graph.Nodes[len(q.Graph.Nodes)-1]
	if last.Op != weights.OpQLinear || last.Quant != nil {
		t.Errorf("got %+v, want a qlinear whose result is float32", last)
	}
}

// The planes that a dynamic shuffle exchanges have one scale: the engine would refuse
// others, and the sources were made one.
func TestDynamicShufflesUnify(t *testing.T) {
	m := built(t, "shufflenetv2:0.5x@32,shuffle=dynamic")
	q, _ := quantized(t, m, Options{})
	quants := map[string][]weights.Quant{}
	dynamic := 0
	for i := range q.Graph.Nodes {
		n := &q.Graph.Nodes[i]
		for _, v := range n.Outputs {
			switch {
			case n.Quant != nil:
				quants[v] = n.Quant
			default:
				for _, x := range n.Inputs {
					quants[v] = append(quants[v], quants[x]...)
				}
			}
		}
		if n.Op == weights.OpDynamicShuffle {
			dynamic++
			list := quants[n.Inputs[0]]
			for _, u := range list {
				if u != list[0] {
					t.Errorf("node %q: got planes of %v and %v, want one scale and zero point", n.Name, list[0], u)
				}
			}
		}
	}
	if dynamic == 0 {
		t.Error("got no dynamic shuffle, want some")
	}
}

// A channel of nearly no weights and a bias, as training leaves some, keeps within 32 bits.
func TestDeadChannel(t *testing.T) {
	n := newNet(4, 5, 5)
	n.Graph.Outputs = []string{n.relu(n.conv(n.conv("x", 6, 4, 1, 1, 0, 1, 1), 3, 6, 1, 1, 0, 1, 1))}
	n.Sort()
	w, b := n.Tensor("t000"), n.Tensor("t001")
	for i := range 4 {
		w.Data[i] *= 1e-13
	}
	b.Data[0] = 3
	q, r := quantized(t, &n.Model, Options{})
	e := ready(t, q)
	in := inputs(e, 1)
	if db := power(outputs(t, ready(t, &n.Model), in), outputs(t, e, in)); db < 25 {
		t.Errorf("got %.1f dB, want 25 or more:\n%s", db, r)
	}
}

// What stays float32 keeps its limit: a node of its own behind it, and the limit of what is
// quantized goes into that.
func TestLimits(t *testing.T) {
	n := newNet(4, 6, 6)
	x := n.conv("x", 4, 4, 3, 1, 1, 1, 1)
	row := n.node(weights.OpAvgPool, map[string][]int{"kernel": {1, 6}, "stride": {1, 6}}, nil, x) // [4 6 1]
	x = n.relu(n.node(weights.OpAdd, nil, nil, x, row))
	x = n.relu(n.conv(x, 4, 4, 3, 1, 1, 1, 1))
	x = n.node(weights.OpReLU6, nil, nil, n.node(weights.OpMul, nil, nil, x, row))
	n.Graph.Outputs = []string{n.conv(x, 4, 4, 1, 1, 0, 1, 1)}
	n.Sort()
	for name, m := range map[string]*weights.Model{
		"kronecker": built(t, "shufflenetv2:0.5x@16,pointwise=kronecker"), "sum and product of other shapes": &n.Model,
	} {
		q, r := quantized(t, m, Options{})
		if best := nearest(t, m, q); best < 12 {
			t.Errorf("%s: got %.1f dB, want 12 or more:\n%s", name, best, r)
		}
	}
}

// A tensor that is copied keeps its elements, also where one that is made had its name.
func TestTensorNames(t *testing.T) {
	n := newNet(4, 5, 5)
	n.Graph.Outputs = []string{n.conv(n.conv("x", 4, 4, 1, 1, 0, 1, 1), 4, 4, 1, 1, 0, 1, 1)}
	first, second := &n.Graph.Nodes[0], &n.Graph.Nodes[1]
	shared := n.Tensors[0]
	shared.Name = first.Name + ".w"
	n.Tensors = []weights.Tensor{shared, n.Tensors[1], n.Tensors[3]} // one weight, two biases
	first.Tensors["weight"], second.Tensors["weight"] = shared.Name, shared.Name
	n.Sort()
	q, r := quantized(t, &n.Model, Options{Keep: []string{second.Name}})
	if best := nearest(t, &n.Model, q); best < 30 {
		t.Errorf("got %.1f dB, want 30 or more:\n%s", best, r)
	}
}

// failing is samples of which one cannot be read.
type failing struct{ randoms }

func (s failing) Read(i int, dst []float32) error {
	if i == 3 {
		return errors.New("no such picture")
	}
	return s.randoms.Read(i, dst)
}

func TestErrors(t *testing.T) {
	m := everything()
	try := func(m *weights.Model, s Samples, o Options) error {
		_, _, err := Model(context.Background(), m, s, o)
		return err
	}
	if err := try(m, randoms{0}, Options{}); !errors.Is(err, ErrNoSamples) {
		t.Errorf("no samples: got %v", err)
	}
	q, _ := quantized(t, m, Options{})
	huge := everything()
	for i := range huge.Tensors {
		for k := range huge.Tensors[i].Data {
			huge.Tensors[i].Data[k] *= 1e20
		}
	}
	for want, err := range map[string]error{
		`sample 3: no such picture`:            try(m, failing{randoms{6}}, Options{}),
		`node to keep: got "nobody"`:           try(m, randoms{1}, Options{Keep: []string{"nobody"}}),
		`method: got "best", want one of [max`: try(m, randoms{1}, Options{Method: "best"}),
		`got a network that is quantized`:      try(q, randoms{1}, Options{}),
		`want finite numbers`:                  try(huge, randoms{1}, Options{}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Model(ctx, m, randoms{2}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// Weights that equalization makes infinite are an error.
func TestEqualizedBeyondFloat32(t *testing.T) {
	n := newNet(2, 5, 5)
	n.Graph.Outputs = []string{n.conv(n.relu(n.conv("x", 2, 2, 1, 1, 0, 1, 1)), 2, 2, 3, 1, 1, 1, 2)}
	n.Sort()
	copy(n.Tensor("t000").Data, []float32{1e30, 0, 0, 1e37})
	s := scaled{randoms{2}, []float32{1e-27, 1e-38}}
	if _, _, err := Model(context.Background(), &n.Model, s, Options{}); err == nil || !strings.Contains(err.Error(), "t000") {
		t.Errorf("got %v, want an error of tensor t000", err)
	}
}

// scaled is samples whose halves are multiplied by a factor each.
type scaled struct {
	randoms
	by []float32
}

func (s scaled) Read(i int, dst []float32) error {
	if err := s.randoms.Read(i, dst); err != nil {
		return err
	}
	for k := range dst {
		dst[k] *= s.by[k*len(s.by)/len(dst)]
	}
	return nil
}

// Progress tells how much is done, to the end, and the model that was given stays as it is.
func TestProgressAndArgument(t *testing.T) {
	m := everything()
	before, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	last, all := 0, 0
	quantized(t, m, Options{Progress: func(done, total int) {
		if done != last+1 {
			t.Errorf("got %d done after %d", done, last)
		}
		last, all = done, total
	}})
	if last != all || all == 0 {
		t.Errorf("got %d of %d done in the end", last, all)
	}
	if after, err := m.Encode(); err != nil || !slices.Equal(before, after) {
		t.Errorf("the argument was changed, or %v", err)
	}
}

// A network of one class of operators that no quantized one stands for stays as it is.
func TestNothingToQuantize(t *testing.T) {
	n := newNet(4, 5, 5)
	n.Graph.Outputs = []string{n.node(weights.OpAffine, nil, map[string]string{"scale": n.tensor(1, 4), "shift": n.tensor(1, 4)}, "x")}
	n.Sort()
	q, r := quantized(t, &n.Model, Options{})
	if q.Graph.Nodes[0].Op != weights.OpAffine || r.Top1 != r.Samples {
		t.Errorf("got %+v, %+v", q.Graph.Nodes, r)
	}
	e := ready(t, q, engine.WithThreads(1))
	in := inputs(e, 1)
	if got, want := outputs(t, e, in), outputs(t, ready(t, &n.Model), in); !slices.Equal(got, want) {
		t.Error("other bits than the network itself")
	}
}
