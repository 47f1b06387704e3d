package convert_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/convert"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

func TestModules(t *testing.T) {
	for name, want := range map[string][2]string{
		"/stage2/stage2.0/branch1/branch1.0/Conv": {"stage2.0.branch1.0.Conv", "stage2.0.branch1.0"},
		"/stage2/stage2.10/Concat":                {"stage2.10.Concat", "stage2.10"},
		"/conv1/conv10/Conv":                      {"conv1.conv10.Conv", "conv1.conv10"},
		"Conv_12":                                 {"Conv_12", "Conv_12"},
		"/Conv":                                   {"Conv", "Conv"},
		"fc.weight":                               {"fc.weight", "fc.weight"},
		"":                                        {"", ""},
	} {
		if got := [2]string{convert.Modules(name, false), convert.Modules(name, true)}; got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// Short names are those of one network still: what was shared is shared, what
// differed differs, inputs and outputs are called as before.
func TestShortNames(t *testing.T) {
	node := func(name, op, in string, out ...string) weights.Node {
		return weights.Node{Name: name, Op: op, Inputs: []string{in}, Outputs: out}
	}
	m := &weights.Model{
		Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "a", Shape: []int{4, 3, 3}}},
			Nodes: []weights.Node{
				node("/a/Affine", weights.OpAffine, "a", "/a/Affine_output_0"), // a node, called as the input is
				node("/b/b.0/Relu", weights.OpReLU, "/a/Affine_output_0", "v"),
				node("/b/b.0/Affine", weights.OpAffine, "v", "w"), // the same module
				node("/split/Split", weights.OpSplit, "w", "p", "q"),
				node("/y/Concat", weights.OpConcat, "p", "y"),
			},
			Outputs: []string{"y", "v"},
		},
		Tensors: []weights.Tensor{
			{Name: "both", Shape: []int{4}, Data: []float32{1, 2, 3, 4}},
			{Name: "one", Shape: []int{4}, Data: []float32{5, 6, 7, 8}},
		},
	}
	nodes := m.Graph.Nodes
	nodes[0].Tensors = map[string]string{"scale": "both", "shift": "both"}
	nodes[2].Tensors = map[string]string{"scale": "both", "shift": "one"}
	nodes[3].Attrs = map[string][]int{"sizes": {1, 3}}
	nodes[4].Inputs = []string{"p", "q"}
	in := make([]float32, 36)
	for i := range in {
		in[i] = float32(i) - 17
	}
	want := outputs(t, m, in)
	convert.Shorten(m)
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if got := outputs(t, m, in); !slices.Equal(got, want) {
		t.Error("another network")
	}
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
		names = append(names, n.Outputs...)
	}
	for _, x := range m.Tensors {
		names = append(names, x.Name)
	}
	if want := []string{"a", "a_", "b.0.Relu", "v", "b.0.Affine", "b.0.Affine", "split", "split.a", "split.b", "y", "y", "b.0.Affine.shift", "both"}; !slices.Equal(names, want) {
		t.Errorf("got  %q\nwant %q", names, want)
	}
	// Once is enough.
	convert.Shorten(m)
	for i, x := range []string{"b.0.Affine.shift", "both"} {
		if m.Tensors[i].Name != x {
			t.Errorf("again: got %q, want %q", m.Tensors[i].Name, x)
		}
	}
}

func outputs(t *testing.T, m *weights.Model, in []float32) []float32 {
	t.Helper()
	e, err := engine.New(m)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	info := e.Info()
	out := make([]float32, info.OutputLen())
	if err := s.Run(t.Context(), out, in); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestConvertShort(t *testing.T) {
	from := infertest.ModelFile(t, func(m *weights.Model) { m.Graph.Nodes[0].Name = "/a/a.1/Thing" })
	for args, name := range map[string]string{"": "/a/a.1/Thing", "-short": "a.1"} {
		to := filepath.Join(t.TempDir(), "new.rfl")
		infertest.Want(t, cli.OK, append([]string{"convert", from, "-o", to, "-q"}, strings.Fields(args)...)...)
		m, err := weights.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Graph.Nodes[0].Name; got != name {
			t.Errorf("%q: got %q, want %q", args, got, name)
		}
	}
}
