package quantize

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// randoms is samples of random numbers.
type randoms struct{ n int }

func (s randoms) Len() int { return s.n }

func (s randoms) Read(i int, dst []float32) error {
	rng := rand.New(rand.NewPCG(uint64(i), 11))
	for k := range dst {
		dst[k] = float32(rng.NormFloat64())
	}
	return nil
}

// built is a network of package zoo, with random weights.
func built(t testing.TB, spec string) *weights.Model {
	t.Helper()
	a, err := zoo.ParseArch(spec)
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// net writes a network node by node.
type net struct {
	weights.Model
	rng *rand.Rand
}

func newNet(c, h, w int) *net {
	n := &net{rng: rand.New(rand.NewPCG(5, 6))}
	n.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{c, h, w}}}
	return n
}

func (n *net) node(op string, attrs map[string][]int, tensors map[string]string, in ...string) string {
	name := fmt.Sprintf("%s%d", op, len(n.Graph.Nodes))
	n.Graph.Nodes = append(n.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{name}, Attrs: attrs, Tensors: tensors})
	return name
}

func (n *net) tensor(scale float64, shape ...int) string {
	t := weights.Tensor{Name: fmt.Sprintf("t%03d", len(n.Tensors)), Shape: shape, Data: make([]float32, size(shape))}
	for i := range t.Data {
		t.Data[i] = float32(n.rng.NormFloat64() * scale)
	}
	n.Tensors = append(n.Tensors, t)
	return t.Name
}

func (n *net) conv(in string, o, c, k, stride, pad, dilation, groups int) string {
	return n.node(weights.OpConv, map[string][]int{
		"kernel": {k, k}, "stride": {stride, stride}, "pad": {pad, pad, pad, pad}, "dilation": {dilation, dilation}, "groups": {groups},
	}, map[string]string{"weight": n.tensor(0.3, o, c/groups, k, k), "bias": n.tensor(0.5, o)}, in)
}

func (n *net) relu(in string) string { return n.node(weights.OpReLU, nil, nil, in) }

// everything is a network of all that becomes a quantized operator.
func everything() *weights.Model {
	n := newNet(3, 13, 11)
	x := n.relu(n.conv("x", 24, 3, 3, 2, 1, 1, 1)) // dense, strided
	d := n.conv(x, 24, 24, 5, 1, 2, 1, 24)         // depthwise, no limit behind it
	x = n.node(weights.OpAdd, nil, nil, n.conv(d, 24, 24, 1, 1, 0, 1, 1), x)
	x = n.node(weights.OpHardSwish, nil, nil, n.conv(x, 24, 24, 3, 1, 2, 2, 3)) // grouped, dilated, a table
	// Squeeze and excitation.
	g := n.node(weights.OpGlobalAvgPool, nil, nil, x)
	g = n.relu(n.conv(g, 8, 24, 1, 1, 0, 1, 1))
	g = n.node(weights.OpSigmoid, nil, nil, n.conv(g, 24, 8, 1, 1, 0, 1, 1))
	x = n.node(weights.OpMul, nil, nil, g, x)
	// Two halves of different scales, a concat, an activation behind it, a shuffle.
	a := n.node(weights.OpAvgPool, map[string][]int{"kernel": {3, 3}, "pad": {1, 1, 1, 1}}, nil, x)
	b := n.node(weights.OpMaxPool, map[string][]int{"kernel": {3, 3}, "pad": {1, 1, 1, 1}}, nil, n.conv(x, 24, 24, 3, 1, 1, 1, 24))
	x = n.node(weights.OpReLU6, nil, nil, n.node(weights.OpConcat, nil, nil, a, b))
	perm := n.rng.Perm(48)
	x = n.node(weights.OpShuffle, map[string][]int{"perm": perm}, nil, x)
	x = n.relu(n.conv(x, 24, 48, 3, 1, 1, 1, 2)) // planes of two scales
	gen := map[string]string{"w1": n.tensor(0.5, 8, 24), "b1": n.tensor(0.5, 8), "w2": n.tensor(1, 25, 8), "b2": n.tensor(1, 25)}
	x = n.node(weights.OpDynamicShuffle, map[string][]int{"groups": {2}, "factors": {3, 4}, "pairs": {1}}, gen, x)
	gen = map[string]string{
		"w1": n.tensor(0.5, 8, 24), "b1": n.tensor(0.5, 8), "w2": n.tensor(1, 25, 8), "b2": n.tensor(1, 25),
		"weight": n.tensor(0.3, 24, 12), "gate": n.tensor(1, 24), "shift": n.tensor(0.5, 24),
	}
	y := n.node(weights.OpStaticDynamicShuffle, map[string][]int{"groups": {2}, "factors": {4, 3}, "pairs": {1}, "form": {0}}, gen, x)
	x = n.relu(n.node(weights.OpAdd, nil, nil, y, x))
	x = n.node(weights.OpSlice, map[string][]int{"range": {1, 24, 2}}, nil, x)
	x = n.node(weights.OpAffine, nil, map[string]string{"scale": n.tensor(1, 12), "shift": n.tensor(1, 12)}, x) // which stays float32
	x = n.node(weights.OpMish, nil, nil, n.conv(x, 16, 12, 1, 2, 0, 1, 1))
	x = n.node(weights.OpFlatten, nil, nil, x)
	x = n.node(weights.OpLinear, nil, map[string]string{"weight": n.tensor(0.1, 20, 16*4*3), "bias": n.tensor(0.1, 20)}, x)
	x = n.node(weights.OpLinear, nil, map[string]string{"weight": n.tensor(0.3, 7, 20)}, n.relu(x))
	n.Graph.Outputs = []string{n.node(weights.OpSoftmax, nil, nil, x), x}
	n.Sort()
	return &n.Model
}

// quantized is the quantized twin of m.
func quantized(t testing.TB, m *weights.Model, o Options) (*weights.Model, *Report) {
	t.Helper()
	q, r, err := Model(context.Background(), m, randoms{6}, o)
	if err != nil {
		t.Fatal(err)
	}
	return q, r
}

func ready(t testing.TB, m *weights.Model, opts ...engine.Option) *engine.Model {
	t.Helper()
	e, err := engine.New(m, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func outputs(t testing.TB, e *engine.Model, in []float32) []float32 {
	t.Helper()
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := make([]float32, len(in)/e.Info().InputLen()*e.Info().OutputLen())
	if err := s.Run(context.Background(), out, in); err != nil {
		t.Fatal(err)
	}
	return out
}

// inputs are n samples in a row.
func inputs(e *engine.Model, n int) []float32 {
	size := e.Info().InputLen()
	in := make([]float32, n*size)
	for i := range n {
		randoms{}.Read(100+i, in[i*size:(i+1)*size])
	}
	return in
}
