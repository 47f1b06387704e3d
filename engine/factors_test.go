package engine

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// squeezed is a network that ends with a squeeze and excitation and a pointwise convolution
// to so many channels, of planes of size x size. If the product is an output too, nothing
// can take it in.
func squeezed(size, channels, out int, product bool) *weights.Model {
	rng := rand.New(rand.NewPCG(9, uint64(size)))
	m := &weights.Model{Graph: weights.Graph{
		Inputs: []weights.Value{{Name: "x", Shape: []int{channels, size, size}}}, Outputs: []string{"y"},
	}}
	if product {
		m.Graph.Outputs = append(m.Graph.Outputs, "product")
	}
	node := func(op, name string, in ...string) *weights.Node {
		m.Graph.Nodes = append(m.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{name}})
		return &m.Graph.Nodes[len(m.Graph.Nodes)-1]
	}
	conv := func(name, in string, from, to int) {
		t := weights.Tensor{Name: "w" + name, Shape: []int{to, from, 1, 1}, Data: make([]float32, to*from)}
		for i := range t.Data {
			t.Data[i] = rng.Float32() - 0.5
		}
		m.Tensors = append(m.Tensors, t)
		n := node(weights.OpConv, name, in)
		n.Attrs, n.Tensors = map[string][]int{"kernel": {1, 1}}, map[string]string{"weight": t.Name}
	}
	node(weights.OpGlobalAvgPool, "mean", "x")
	conv("fewer", "mean", channels, 4)
	conv("more", "fewer", 4, channels)
	node(weights.OpSigmoid, "factors", "more")
	node(weights.OpMul, "product", "factors", "x")
	conv("y", "product", channels, out)
	return m
}

// A convolution that takes in the product before it computes the same bits as one that
// reads it, with any number of threads; and where its set can, there is no product.
func TestFactors(t *testing.T) {
	for _, c := range []struct{ size, channels, out int }{{1, 8, 8}, {2, 8, 3}, {7, 160, 96}, {9, 40, 130}, {14, 20, 12}, {28, 24, 40}} {
		for _, isa := range Sets() {
			for _, threads := range []int{1, 3} {
				apart := mustNew(t, squeezed(c.size, c.channels, c.out, true), WithISA(isa), WithThreads(threads))
				fused := mustNew(t, squeezed(c.size, c.channels, c.out, false), WithISA(isa), WithThreads(threads))
				products := 0
				for _, s := range fused.Steps() {
					if strings.HasPrefix(s.Kernel, "mul") {
						products++
					}
				}
				_, takes := fused.plan.Set.FactorsLen(c.out, c.channels, c.size*c.size)
				if want := !takes || c.size == 1; (products > 0) != want {
					t.Errorf("%v, %s: %d products, the set takes factors: %v", c, isa, products, takes)
				}
				in := randomInput(fused.plan.InLen, 3)
				got, want := runAll(t, fused, in), runAll(t, apart, in)
				for i := range got {
					if got[i] != want[i] {
						t.Fatalf("%v, %s, %d threads: element %d is %v, wanted %v", c, isa, threads, i, got[i], want[i])
					}
				}
			}
		}
	}
}
