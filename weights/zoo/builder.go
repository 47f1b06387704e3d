package zoo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/riffle-ml/riffle/weights"
)

// builder writes a network node by node, with seeded random weights scaled so
// that activations neither die out nor blow up.
type builder struct {
	m     *weights.Model
	rng   *rand.Rand
	value string // the value that the next node reads
	shape [3]int // its channels, height, width
	n     int    // names given so far
}

func newBuilder(name string, c, h, w int, seed uint64) *builder {
	m := &weights.Model{Name: name}
	m.Graph.Inputs = []weights.Value{{Name: "input", Shape: []int{c, h, w}}}
	return &builder{m: m, rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), value: "input", shape: [3]int{c, h, w}}
}

func (b *builder) tensor(name string, std float64, shape ...int) string {
	n := 1
	for _, d := range shape {
		n *= d
	}
	t := weights.Tensor{Name: name, Shape: shape, Data: make([]float32, n)}
	for i := range t.Data {
		t.Data[i] = float32(b.rng.NormFloat64() * std)
	}
	b.m.Tensors = append(b.m.Tensors, t)
	return name
}

// node appends a node that reads b.value, and makes its output b.value.
func (b *builder) node(op string, attrs map[string][]int, tensors map[string]string) {
	b.nodeIn(op, []string{b.value}, attrs, tensors)
}

func (b *builder) nodeIn(op string, in []string, attrs map[string][]int, tensors map[string]string) {
	b.n++
	name := fmt.Sprintf("%s_%d", op, b.n)
	b.m.Graph.Nodes = append(b.m.Graph.Nodes, weights.Node{
		Name: name, Op: op, Inputs: in, Outputs: []string{name}, Attrs: attrs, Tensors: tensors,
	})
	b.value = name
}

// conv adds a convolution with padding k/2, and the activation ("" for none).
func (b *builder) conv(out, k, stride, groups int, act string) {
	in := b.shape[0]
	name := fmt.Sprintf("conv_%d", b.n+1)
	fan := float64(in / groups * k * k)
	std := math.Sqrt(1 / fan)
	if act != "" {
		std *= math.Sqrt2
	}
	b.node(weights.OpConv,
		map[string][]int{"kernel": {k, k}, "stride": {stride, stride}, "pad": {k / 2, k / 2, k / 2, k / 2}, "groups": {groups}},
		map[string]string{
			"weight": b.tensor(name+".weight", std, out, in/groups, k, k),
			"bias":   b.tensor(name+".bias", 0.1, out),
		})
	b.shape = [3]int{out, (b.shape[1]-1)/stride + 1, (b.shape[2]-1)/stride + 1}
	if act != "" {
		b.node(act, nil, nil)
	}
}

// pool adds a pool of k x k with padding pad.
func (b *builder) pool(op string, k, stride, pad int) {
	attrs := map[string][]int{"kernel": {k, k}, "stride": {stride, stride}, "pad": {pad, pad, pad, pad}}
	if op == weights.OpAvgPool {
		attrs["countpad"] = []int{1}
	}
	b.node(op, attrs, nil)
	b.shape[1] = (b.shape[1]+2*pad-k)/stride + 1
	b.shape[2] = (b.shape[2]+2*pad-k)/stride + 1
}

// shuffle adds a channel shuffle over g groups.
func (b *builder) shuffle(g int) {
	n := b.shape[0] / g
	perm := make([]int, b.shape[0])
	for i := range g {
		for j := range n {
			perm[j*g+i] = i*n + j
		}
	}
	b.node(weights.OpShuffle, map[string][]int{"perm": perm}, nil)
}

// dynamic adds a dynamic shuffle, or a static-dynamic one of the given form
// ("" for the plain dynamic one), over g groups.
func (b *builder) dynamic(g int, form, act string) {
	c := b.shape[0]
	fa, fb := factors(c / g)
	h, l := max(8, c/16), fa*fa+fb*fb
	op := weights.OpDynamicShuffle
	name := fmt.Sprintf("shuffle_%d", b.n+1)
	attrs := map[string][]int{"groups": {g}, "factors": {fa, fb}, "pairs": {1}}
	tensors := map[string]string{
		"w1": b.tensor(name+".w1", math.Sqrt(2/float64(c)), h, c),
		"b1": b.tensor(name+".b1", 0.1, h),
		"w2": b.tensor(name+".w2", math.Sqrt(1/float64(h)), l, h),
		"b2": b.tensor(name+".b2", 0.1, l),
	}
	gain := 0.7 // the sum and the permuted copy together keep the variance
	if act != "" {
		gain = 1
	}
	switch form {
	case "grouped":
		op = weights.OpStaticDynamicShuffle
		attrs["form"] = []int{0}
		tensors["weight"] = b.tensor(name+".weight", gain*math.Sqrt(float64(g)/float64(c)), c, c/g)
		tensors["gate"] = b.tensor(name+".gate", gain, c)
		tensors["shift"] = b.tensor(name+".shift", 0.1, c)
	case "kronecker":
		op = weights.OpStaticDynamicShuffle
		attrs["form"] = []int{1}
		tensors["wa"] = b.tensor(name+".wa", math.Sqrt(1/float64(fa)), 1, fa, fa)
		tensors["wb"] = b.tensor(name+".wb", math.Sqrt(1/float64(fb)), 1, fb, fb)
		tensors["scale"] = b.tensor(name+".scale", gain/2, c)
		tensors["shift"] = b.tensor(name+".shift", 0.1, c)
	}
	b.node(op, attrs, tensors)
	if act != "" {
		b.node(act, nil, nil)
	}
}

// factors returns a <= b with a*b = n, as near to square as n allows.
func factors(n int) (a, b int) {
	a = 1
	for d := 1; d*d <= n; d++ {
		if n%d == 0 {
			a = d
		}
	}
	return a, n / a
}

// split cuts the channels in two halves and returns their names.
func (b *builder) split() (first, second string) {
	b.n++
	name := fmt.Sprintf("split_%d", b.n)
	c := b.shape[0] / 2
	first, second = name+".0", name+".1"
	b.m.Graph.Nodes = append(b.m.Graph.Nodes, weights.Node{
		Name: name, Op: weights.OpSplit, Inputs: []string{b.value}, Outputs: []string{first, second},
		Attrs: map[string][]int{"sizes": {c, b.shape[0] - c}},
	})
	b.shape[0] = c
	return first, second
}

// classifier ends the network: global mean, then a linear layer.
func (b *builder) classifier(classes int) *weights.Model {
	b.node(weights.OpGlobalAvgPool, nil, nil)
	b.node(weights.OpFlatten, nil, nil)
	c := b.shape[0]
	b.node(weights.OpLinear, nil, map[string]string{
		"weight": b.tensor("fc.weight", math.Sqrt(1/float64(c)), classes, c),
		"bias":   b.tensor("fc.bias", 0.1, classes),
	})
	b.m.Graph.Outputs = []string{b.value}
	sort.Slice(b.m.Tensors, func(i, j int) bool { return b.m.Tensors[i].Name < b.m.Tensors[j].Name })
	return b.m
}
