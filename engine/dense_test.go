package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// denseNet makes networks of dense convolutions with random weights, as ResNet and VGG
// have them.
type denseNet struct {
	rng *rand.Rand
	m   weights.Model
}

func newDenseNet(c, size int) *denseNet {
	n := &denseNet{rng: rand.New(rand.NewPCG(1, 2))}
	n.m.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{c, size, size}}}
	return n
}

// node adds a node and returns its output.
func (n *denseNet) node(op string, attrs map[string][]int, tensors map[string]string, in ...string) string {
	name := fmt.Sprintf("%s%d", op, len(n.m.Graph.Nodes))
	n.m.Graph.Nodes = append(n.m.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{name}, Attrs: attrs, Tensors: tensors})
	return name
}

func (n *denseNet) tensor(scale float64, shape ...int) string {
	t := weights.Tensor{Name: fmt.Sprintf("t%03d", len(n.m.Tensors)), Shape: shape, Data: make([]float32, shape2(shape))}
	for i := range t.Data {
		t.Data[i] = float32(n.rng.NormFloat64() * scale)
	}
	n.m.Tensors = append(n.m.Tensors, t)
	return t.Name
}

// conv is a k x k convolution of in to out channels, padded so that stride 1 keeps the
// size.
func (n *denseNet) conv(x string, in, out, k, stride int) string {
	t := map[string]string{"weight": n.tensor(math.Sqrt(2/float64(in*k*k)), out, in, k, k), "bias": n.tensor(0.1, out)}
	p := k / 2
	return n.node(weights.OpConv, map[string][]int{"kernel": {k, k}, "stride": {stride, stride}, "pad": {p, p, p, p}}, t, x)
}

func (n *denseNet) relu(x string) string { return n.node(weights.OpReLU, nil, nil, x) }

// block is a residual block of two 3x3 convolutions, ResNet-18's.
func (n *denseNet) block(x string, in, out, stride int) string {
	y := n.conv(n.relu(n.conv(x, in, out, 3, stride)), out, out, 3, 1)
	if stride > 1 || in != out {
		x = n.conv(x, in, out, 1, stride)
	}
	return n.relu(n.node(weights.OpAdd, nil, nil, y, x))
}

func (n *denseNet) pool(x string, k, stride, pad int) string {
	return n.node(weights.OpMaxPool, map[string][]int{"kernel": {k, k}, "stride": {stride, stride}, "pad": {pad, pad, pad, pad}}, nil, x)
}

func (n *denseNet) finish(x string, c, classes int) *weights.Model {
	x = n.node(weights.OpFlatten, nil, nil, n.node(weights.OpGlobalAvgPool, nil, nil, x))
	x = n.node(weights.OpLinear, nil, map[string]string{"weight": n.tensor(math.Sqrt(1/float64(c)), classes, c), "bias": n.tensor(0.1, classes)}, x)
	n.m.Graph.Outputs = []string{x}
	return &n.m
}

// resNet18 has ResNet-18's layers, with so many channels for its 64.
func resNet18(size, c int) *weights.Model {
	n := newDenseNet(3, size)
	x := n.pool(n.relu(n.conv("x", 3, c, 7, 2)), 3, 2, 1)
	in := c
	for stage := range 4 {
		out := c << stage
		for i := range 2 {
			x = n.block(x, in, out, 1+min(1, stage)*(1-i))
			in = out
		}
	}
	return n.finish(x, in, 1000)
}

// vgg11 has the convolutions of VGG-11, with so many channels for its 64.
func vgg11(size, c int) *weights.Model {
	n := newDenseNet(3, size)
	x, in := "x", 3
	for _, out := range []int{c, 0, 2 * c, 0, 4 * c, 4 * c, 0, 8 * c, 8 * c, 0, 8 * c, 8 * c, 0} {
		if out == 0 {
			x = n.pool(x, 2, 2, 0)
			continue
		}
		x, in = n.relu(n.conv(x, in, out, 3, 1)), out
	}
	return n.finish(x, in, 1000)
}

// resNet50 has ResNet-50's layers, with so many channels for its 64.
func resNet50(size, c int) *weights.Model {
	n := newDenseNet(3, size)
	x := n.pool(n.relu(n.conv("x", 3, c, 7, 2)), 3, 2, 1)
	in := c
	for stage, blocks := range []int{3, 4, 6, 3} {
		mid := c << stage
		for i := range blocks {
			stride := 1
			if stage > 0 && i == 0 {
				stride = 2
			}
			y := n.relu(n.conv(n.relu(n.conv(x, in, mid, 1, 1)), mid, mid, 3, stride))
			y = n.conv(y, mid, 4*mid, 1, 1)
			if i == 0 {
				x = n.conv(x, in, 4*mid, 1, stride)
			}
			x, in = n.relu(n.node(weights.OpAdd, nil, nil, y, x)), 4*mid
		}
	}
	return n.finish(x, in, 1000)
}

// kernels counts a model's steps by the beginning of their kernels' names.
func kernels(m *Model, name string) (count int) {
	for _, s := range m.plan.Steps {
		if strings.HasPrefix(s.Runner.Describe().Kernel, name) {
			count++
		}
	}
	return count
}

// denseError bounds the relative error of a whole network of dense convolutions, as
// relError measures it. PyTorch's own, in float32, is about 1e-6.
const denseError = 1e-5

// Networks of dense convolutions err little, whatever algorithm a set has for them, and
// have the same bits for any number of threads.
func TestDenseNetworks(t *testing.T) {
	models := map[string]*weights.Model{"ResNet-18": resNet18(64, 32), "VGG-11": vgg11(64, 24)}
	for name, m := range models {
		want := map[string][]float64{}
		forEachSet(t, func(t *testing.T, isa string) {
			model := mustNew(t, m, WithISA(isa), WithThreads(1))
			in := randomInput(model.plan.InLen, 3)
			if want[name] == nil {
				want[name] = oracle.Output(m, in, nil)
			}
			got := runAll(t, model, in)
			err := relError(got, want[name])
			t.Logf("%s: %d steps of Winograd's algorithm, an error of %.2g", name, kernels(model, "winograd"), err)
			if err > denseError {
				t.Errorf("%s: an error of %g, want at most %g", name, err, denseError)
			}
			if isa == "avx2" && kernels(model, "winograd") == 0 {
				t.Errorf("%s: no step of Winograd's algorithm", name)
			}
			for _, threads := range []int{2, 3, 7} {
				if other := runAll(t, mustNew(t, m, WithISA(isa), WithThreads(threads)), in); !sameBits(got, other) {
					t.Errorf("%s: other bits with %d threads", name, threads)
				}
			}
		})
	}
}

// A network that chooses permutations has no step whose rounding differs from the
// definition's.
func TestNoWinogradBeforeChoices(t *testing.T) {
	build := func(dynamic bool) *weights.Model {
		n := newDenseNet(3, 32)
		x := n.conv(n.conv("x", 3, 64, 3, 1), 64, 64, 3, 1)
		if dynamic {
			g := map[string]string{"w1": n.tensor(1, 8, 64), "b1": n.tensor(1, 8), "w2": n.tensor(1, 32, 8), "b2": n.tensor(1, 32)}
			x = n.node(weights.OpDynamicShuffle, map[string][]int{"groups": {4}, "factors": {4, 4}, "pairs": {1}}, g, x)
		}
		return n.finish(x, 64, 10)
	}
	forEachSet(t, func(t *testing.T, isa string) {
		if got := kernels(mustNew(t, build(true), WithISA(isa)), "winograd"); got != 0 {
			t.Errorf("%d steps of Winograd's algorithm in a network with a dynamic shuffle, want none", got)
		}
		if got := kernels(mustNew(t, build(false), WithISA(isa)), "winograd"); isa == "avx2" && got != 1 {
			t.Errorf("%d steps of Winograd's algorithm without it, want 1", got)
		}
	})
}
