package onnx_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/zoo"
)

func buildZoo(t testing.TB, spec string) *weights.Model {
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

var (
	static = []string{
		"shufflenetv1:0.25x@16,g=1", "shufflenetv1:0.25x@16,g=2", "shufflenetv1:0.25x@16,g=3", "shufflenetv1:0.25x@16,g=4",
		"shufflenetv1:0.25x@16,g=8", "shufflenetv1:0.25x@32,g=3,stem=imagenet", "shufflenetv2:0.25x@16", "shufflenetv2:0.25x@32,stem=imagenet",
		"mobilenetv1:0.25x@16", "mobilenetv2:0.25x@16",
	}
	dynamic = []string{
		"shufflenetv2:0.25x@16,shuffle=dynamic", "shufflenetv1:0.25x@16,g=3,shuffle=dynamic",
		"shufflenetv2:0.5x@16,pointwise=grouped", "shufflenetv2:0.5x@16,pointwise=kronecker",
	}
)

// What Export writes and Import reads is the same network.
func TestExport(t *testing.T) {
	for _, spec := range slices.Concat(static, dynamic) {
		t.Run(spec, func(t *testing.T) {
			m := buildZoo(t, spec)
			x := random(inputLen(m))
			fixed := permutations(m)
			var first *weights.Model
			want := oracle.Output(m, x, fixed)
			for _, opts := range [][]onnx.ExportOption{
				{onnx.WithCustomDomain()}, {onnx.WithCustomDomain(), onnx.WithSymbolicBatch()},
			} {
				b, err := onnx.Export(m, opts...)
				if err != nil {
					t.Fatal(err)
				}
				got, err := onnx.Import(b)
				if err != nil {
					t.Fatal(err)
				}
				// Affines may be folded, and weights be rounded once more; no more than that.
				if first == nil {
					first = got
				} else if !reflect.DeepEqual(got, first) { // the batch is no part of a model
					t.Errorf("with an open batch: got %s, want the same as with a fixed one, %s", operators(got), operators(first))
				} else {
					continue
				}
				if e := relative(oracle.Output(got, x, fixed), want); !(e <= 2e-6) {
					t.Errorf("relative error %.3g, want at most 2e-6", e)
				}
				if count(got, weights.OpConv) != count(m, weights.OpConv) || count(got, weights.OpShuffle) != count(m, weights.OpShuffle) ||
					count(got, weights.OpDynamicShuffle) != count(m, weights.OpDynamicShuffle) ||
					count(got, weights.OpStaticDynamicShuffle) != count(m, weights.OpStaticDynamicShuffle) {
					t.Errorf("got operators %s, want %s", operators(got), operators(m))
				}
				sameGenerators(t, got, m)
				// Once more, it is a fixed point.
				c, err := onnx.Export(got, opts...)
				if err != nil {
					t.Fatal(err)
				}
				again, err := onnx.Import(c)
				if err != nil {
					t.Fatal(err)
				}
				if operators(again) != operators(got) || !reflect.DeepEqual(again.Tensors, got.Tensors) {
					t.Errorf("exported and imported again: got %s, want %s, with the same tensors", operators(again), operators(got))
				}
			}
			var w bytes.Buffer
			err := onnx.Write(&w, m)
			var e *onnx.Error
			if slices.Contains(dynamic, spec) {
				if !errors.As(err, &e) || !errors.Is(err, onnx.ErrUnsupported) || e.Node == "" || w.Len() != 0 {
					t.Errorf("without the custom domain: got %v and %d bytes, want an error that names the node", err, w.Len())
				}
			} else if err != nil || w.Len() == 0 {
				t.Errorf("got %v and %d bytes", err, w.Len())
			}
		})
	}
}

// permutations fixes what every dynamic node chooses: rows reversed.
func permutations(m *weights.Model) oracle.Permutations {
	p := oracle.Permutations{}
	for _, n := range m.Graph.Nodes {
		if f := n.Attrs["factors"]; f != nil {
			var of [2][]int
			for range n.Attrs["pairs"][0] {
				for k := range of {
					for i := range f[k] {
						of[k] = append(of[k], f[k]-1-i)
					}
				}
			}
			p[n.Name] = of
		}
	}
	return p
}

// sameGenerators compares what permutations leaves out.
func sameGenerators(t *testing.T, got, want *weights.Model) {
	t.Helper()
	nodes := map[string]*weights.Node{}
	for i := range got.Graph.Nodes {
		nodes[got.Graph.Nodes[i].Name] = &got.Graph.Nodes[i]
	}
	for i := range want.Graph.Nodes {
		n := &want.Graph.Nodes[i]
		if n.Attrs["factors"] == nil {
			continue
		}
		g := nodes[n.Name]
		if g == nil {
			t.Errorf("node %q: got none", n.Name)
			continue
		}
		for role, name := range n.Tensors {
			a, b := got.Tensor(g.Tensors[role]), want.Tensor(name)
			if a == nil || !slices.Equal(a.Shape, b.Shape) || !slices.Equal(a.Data, b.Data) {
				t.Errorf("node %q, %s: got another tensor", n.Name, role)
			}
		}
	}
}

func count(m *weights.Model, op string) (n int) {
	for i := range m.Graph.Nodes {
		if m.Graph.Nodes[i].Op == op {
			n++
		}
	}
	return n
}

// Every operator that ONNX has, with attributes that the zoo's networks do not use.
func TestExportOperators(t *testing.T) {
	planes := []int{6, 7, 5}
	node := func(op string, attrs map[string][]int, tensors ...weights.Tensor) *weights.Model {
		n := weights.Node{Name: "n", Op: op, Inputs: []string{"x"}, Outputs: []string{"y"}, Attrs: attrs, Tensors: map[string]string{}}
		for _, t := range tensors {
			n.Tensors[t.Name] = t.Name
		}
		m := &weights.Model{Tensors: tensors, Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "x", Shape: planes}}, Outputs: []string{"y"}, Nodes: []weights.Node{n}}}
		m.Sort()
		return m
	}
	tensor := func(name string, shape ...int) weights.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return weights.Tensor{Name: name, Shape: shape, Data: random(n)}
	}
	vector := func(m *weights.Model) *weights.Model { m.Graph.Inputs[0].Shape = []int{12}; return m }
	a := func(kv ...any) map[string][]int {
		m := map[string][]int{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1].([]int)
		}
		return m
	}
	l := func(v ...int) []int { return v }
	split := node(weights.OpSplit, a("sizes", l(1, 3, 2)))
	split.Graph.Nodes[0].Outputs = []string{"a", "b", "c"}
	split.Graph.Outputs = []string{"c", "a", "b"}
	join := func(m *weights.Model) *weights.Model {
		m.Graph.Nodes[0].Inputs = []string{"x", "x"}
		return m
	}
	for name, m := range map[string]*weights.Model{
		"conv":              node(weights.OpConv, a("kernel", l(3, 2), "stride", l(2, 1), "dilation", l(1, 3), "pad", l(1, 0, 2, 1), "groups", l(3)), tensor("weight", 6, 2, 3, 2), tensor("bias", 6)),
		"conv, defaults":    node(weights.OpConv, a("kernel", l(2, 2)), tensor("weight", 4, 6, 2, 2)),
		"affine":            node(weights.OpAffine, nil, tensor("scale", 6), tensor("shift", 6)),
		"affine, vector":    vector(node(weights.OpAffine, nil, tensor("scale", 12), tensor("shift", 12))),
		"relu":              node(weights.OpReLU, nil),
		"relu6":             node(weights.OpReLU6, nil),
		"relu6, vector":     vector(node(weights.OpReLU6, nil)),
		"add":               join(node(weights.OpAdd, nil)),
		"concat":            join(node(weights.OpConcat, nil)),
		"concat, vector":    vector(join(node(weights.OpConcat, nil))),
		"split":             split,
		"slice":             node(weights.OpSlice, a("range", l(1, 6, 2))),
		"slice, vector":     vector(node(weights.OpSlice, a("range", l(2, 7, 1)))),
		"shuffle":           node(weights.OpShuffle, a("perm", l(0, 3, 1, 4, 2, 5))),
		"shuffle, any":      node(weights.OpShuffle, a("perm", l(5, 3, 0, 1, 2, 4))),
		"shuffle, vector":   vector(node(weights.OpShuffle, a("perm", l(11, 3, 1, 4, 2, 5, 6, 7, 0, 8, 9, 10)))),
		"maxpool":           node(weights.OpMaxPool, a("kernel", l(3, 2), "stride", l(2, 2), "pad", l(1, 0, 0, 1), "ceil", l(1))),
		"maxpool, defaults": node(weights.OpMaxPool, a("kernel", l(2, 2))),
		"avgpool":           node(weights.OpAvgPool, a("kernel", l(3, 3), "stride", l(2, 2), "pad", l(1, 1, 1, 1), "countpad", l(1))),
		"avgpool, ceil":     node(weights.OpAvgPool, a("kernel", l(2, 2), "stride", l(2, 2), "ceil", l(1))),
		"avgpool, uncount":  node(weights.OpAvgPool, a("kernel", l(3, 3), "stride", l(2, 2), "pad", l(1, 1, 1, 1))),
		"gap":               node(weights.OpGlobalAvgPool, nil),
		"flatten":           node(weights.OpFlatten, nil),
		"linear":            vector(node(weights.OpLinear, nil, tensor("weight", 5, 12), tensor("bias", 5))),
		"linear, no bias":   vector(node(weights.OpLinear, nil, tensor("weight", 5, 12))),
		"softmax":           vector(node(weights.OpSoftmax, nil)),
	} {
		t.Run(name, func(t *testing.T) {
			got := roundTrip(t, m)
			x := random(inputLen(m))
			if e := relative(oracle.Output(got, x, nil), oracle.Output(m, x, nil)); !(e <= 1e-6) {
				t.Errorf("relative error %.3g of %s, want at most 1e-6", e, operators(got))
			}
			if !slices.Equal(got.Graph.Outputs, m.Graph.Outputs) {
				t.Errorf("got outputs %q, want %q", got.Graph.Outputs, m.Graph.Outputs)
			}
		})
	}
	m := node("fft", nil)
	if _, err := onnx.Export(m); !errors.Is(err, onnx.ErrUnsupported) || !strings.Contains(err.Error(), "fft") {
		t.Errorf("an unknown operator: got %v, want %v", err, onnx.ErrUnsupported)
	}
}

// clone copies what the broken models change; not the numbers.
func clone(m *weights.Model) *weights.Model {
	c := *m
	c.Tensors = slices.Clone(m.Tensors)
	c.Graph.Inputs = slices.Clone(m.Graph.Inputs)
	c.Graph.Nodes = slices.Clone(m.Graph.Nodes)
	for i := range c.Graph.Nodes {
		n := &c.Graph.Nodes[i]
		n.Inputs, n.Attrs, n.Tensors = slices.Clone(n.Inputs), maps.Clone(n.Attrs), maps.Clone(n.Tensors)
	}
	return &c
}

// A model that the engine would refuse is an error, never a panic.
func TestExportBroken(t *testing.T) {
	whole := buildZoo(t, "shufflenetv2:0.25x@16,shuffle=dynamic")
	refused := 0
	for i := range whole.Graph.Nodes {
		for k := range 8 {
			m := clone(whole)
			n := &m.Graph.Nodes[i]
			switch k {
			case 0:
				n.Tensors = nil
			case 1:
				n.Attrs = nil
			case 2:
				n.Inputs = n.Inputs[:0]
			case 3:
				m.Graph.Inputs[0].Shape = []int{3}
			case 4:
				for name := range n.Attrs {
					n.Attrs[name] = []int{}
				}
			case 5:
				for name := range n.Attrs {
					n.Attrs[name] = make([]int, len(n.Attrs[name]))
				}
			case 6:
				for _, name := range n.Tensors {
					if t := m.Tensor(name); t != nil {
						t.Shape = []int{len(t.Data)}
					}
				}
			case 7:
				n.Op = []string{weights.OpAdd, weights.OpLinear, weights.OpFlatten, weights.OpSplit, weights.OpShuffle}[i%5]
			}
			_, err := onnx.Export(m, onnx.WithCustomDomain()) // must return
			if err == nil {
				continue
			}
			var e *onnx.Error
			if refused++; !errors.As(err, &e) || strings.Contains(err.Error(), "\n") {
				t.Errorf("node %q, change %d: got %T %q, want an *onnx.Error of one line", n.Name, k, err, err)
			}
		}
	}
	if refused < len(whole.Graph.Nodes) {
		t.Errorf("%d models refused, want more", refused)
	}
}

// Export takes time in proportion to the model, whatever the names and however often a
// value is an output.
func TestExportIsLinear(t *testing.T) {
	m := &weights.Model{Graph: weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: []int{4}}}}}
	in := "x"
	for i := range 30_000 {
		out := fmt.Sprintf("v/output.%d", i+2)
		m.Graph.Nodes = append(m.Graph.Nodes, weights.Node{Name: out, Op: weights.OpReLU, Inputs: []string{in}, Outputs: []string{out}})
		in = out
	}
	m.Graph.Nodes = append(m.Graph.Nodes, weights.Node{Name: "v", Op: weights.OpReLU, Inputs: []string{in}, Outputs: []string{"v"}})
	for range 30_000 {
		m.Graph.Outputs = append(m.Graph.Outputs, "v")
	}
	var b []byte
	var err error
	took := cputime.Of(func() { b, err = onnx.Export(m) })
	if err != nil || took > cputime.Bound(10*time.Second) {
		t.Fatalf("got %v of processor time, error %v, want at most 10s", took, err)
	}
	if again, err := onnx.Import(b); err != nil || len(again.Graph.Outputs) != 30_000 {
		t.Errorf("imported again: got error %v, want 30,000 outputs", err)
	}
}

// A tensor is not mixed up with a list of numbers of this package's own, whatever its name.
func TestExportNamesOfTensors(t *testing.T) {
	for _, name := range []string{"ints", "scalar", "riffle/list0", "riffle/6", "x/scaled"} {
		m := &weights.Model{
			Graph: weights.Graph{
				Inputs: []weights.Value{{Name: "x", Shape: []int{6, 1, 1}}}, Outputs: []string{"y"},
				Nodes: []weights.Node{
					{Name: "a", Op: weights.OpSlice, Inputs: []string{"x"}, Outputs: []string{"s"}, Attrs: map[string][]int{"range": {0, 6, 2}}},
					{Name: "b", Op: weights.OpAffine, Inputs: []string{"s"}, Outputs: []string{"t"}, Tensors: map[string]string{"scale": name, "shift": name}},
					{Name: "c", Op: weights.OpReLU6, Inputs: []string{"t"}, Outputs: []string{"y"}},
				},
			},
			Tensors: []weights.Tensor{{Name: name, Shape: []int{3}, Data: []float32{1, 2, 3}}},
		}
		b, err := onnx.Export(m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := onnx.Import(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x := []float32{1, 9, 0.5, 9, -2, 9}
		if got, want := oracle.Output(again, x, nil), oracle.Output(m, x, nil); relative(got, want) != 0 {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
