package engine

import (
	"context"
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/weights"
)

// tiny is a model of a few nodes that tests break in one place each.
func tiny() *weights.Model {
	m := &weights.Model{Name: "tiny"}
	m.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{3, 8, 8}}}
	m.Graph.Nodes = []weights.Node{
		{Name: "conv", Op: weights.OpConv, Inputs: []string{"x"}, Outputs: []string{"c"},
			Attrs:   map[string][]int{"kernel": {3, 3}, "stride": {2, 2}, "pad": {1, 1, 1, 1}},
			Tensors: map[string]string{"weight": "cw", "bias": "cb"}},
		{Name: "mix", Op: weights.OpShuffle, Inputs: []string{"c"}, Outputs: []string{"s"}, Attrs: map[string][]int{"perm": {2, 0, 3, 1}}},
		{Name: "mean", Op: weights.OpGlobalAvgPool, Inputs: []string{"s"}, Outputs: []string{"g"}},
		{Name: "flat", Op: weights.OpFlatten, Inputs: []string{"g"}, Outputs: []string{"f"}},
		{Name: "fc", Op: weights.OpLinear, Inputs: []string{"f"}, Outputs: []string{"y"}, Tensors: map[string]string{"weight": "fw", "bias": "fb"}},
	}
	m.Graph.Outputs = []string{"y"}
	fill := func(name string, shape ...int) {
		t := weights.Tensor{Name: name, Shape: shape, Data: make([]float32, shape2(shape))}
		for i := range t.Data {
			t.Data[i] = float32(i%7) - 3
		}
		m.Tensors = append(m.Tensors, t)
	}
	fill("cb", 4)
	fill("cw", 4, 3, 3, 3)
	fill("fb", 2)
	fill("fw", 2, 4)
	m.Labels = []string{"dark", "light"}
	m.Preprocess = &weights.Preprocess{Crop: [2]int{8, 8}, Filter: "bilinear", Order: "rgb", Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}}
	return m
}

func shape2(s []int) int { return graph.Shape(s).Elems() }

// What a model means is checked at load, each breach naming the node.
func TestBrokenModels(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(m *weights.Model)
		where string // node named in the error
	}{
		{"unknown operator", func(m *weights.Model) { m.Graph.Nodes[1].Op = "deform" }, "mix"},
		{"unknown attribute", func(m *weights.Model) { m.Graph.Nodes[0].Attrs["speed"] = []int{1} }, "conv"},
		{"missing attribute", func(m *weights.Model) { delete(m.Graph.Nodes[0].Attrs, "kernel") }, "conv"},
		{"kernel that is not the weight's", func(m *weights.Model) { m.Graph.Nodes[0].Attrs["kernel"] = []int{1, 1} }, "conv"},
		{"stride of zero", func(m *weights.Model) { m.Graph.Nodes[0].Attrs["stride"] = []int{0, 2} }, "conv"},
		{"one stride", func(m *weights.Model) { m.Graph.Nodes[0].Attrs["stride"] = []int{2} }, "conv"},
		{"negative padding", func(m *weights.Model) { m.Graph.Nodes[0].Attrs["pad"] = []int{-1, 0, 0, 0} }, "conv"},
		{"groups that do not divide", func(m *weights.Model) { m.Graph.Nodes[0].Attrs["groups"] = []int{2} }, "conv"},
		{"input channels that do not chain", func(m *weights.Model) { m.Graph.Inputs[0].Shape = []int{4, 8, 8} }, "conv"},
		{"window larger than the picture", func(m *weights.Model) {
			m.Graph.Inputs[0].Shape = []int{3, 0x7, 1}
			m.Graph.Nodes[0].Attrs["pad"] = []int{0, 0, 0, 0}
		}, "conv"},
		{"permutation that repeats", func(m *weights.Model) { m.Graph.Nodes[1].Attrs["perm"] = []int{2, 0, 2, 1} }, "mix"},
		{"permutation out of range", func(m *weights.Model) { m.Graph.Nodes[1].Attrs["perm"] = []int{2, 0, 4, 1} }, "mix"},
		{"permutation too short", func(m *weights.Model) { m.Graph.Nodes[1].Attrs["perm"] = []int{0, 1} }, "mix"},
		{"linear on planes", func(m *weights.Model) { m.Graph.Nodes[4].Inputs = []string{"g"} }, "fc"},
		{"bias of another length", func(m *weights.Model) { m.Tensors[0].Shape = []int{2, 2} }, "conv"},
		{"two inputs for a convolution", func(m *weights.Model) { m.Graph.Nodes[0].Inputs = []string{"x", "x"} }, "conv"},
		{"two outputs for a shuffle", func(m *weights.Model) { m.Graph.Nodes[1].Outputs = []string{"s", "s2"} }, "mix"},
		{"labels that are not as many as classes", func(m *weights.Model) { m.Labels = m.Labels[:1] }, "output y"},
		{"preprocessing for another size", func(m *weights.Model) { m.Preprocess.Crop = [2]int{9, 8} }, "input x"},
		{"input that is no picture or vector", func(m *weights.Model) { m.Graph.Inputs[0].Shape = []int{3, 8} }, "input x"},
	} {
		m := tiny()
		c.edit(m)
		_, err := New(m)
		var me *ModelError
		if !errors.Is(err, ErrModel) || !errors.As(err, &me) || me.Node != c.where || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want a ModelError at %q", c.name, err, c.where)
		}
	}
	if _, err := New(tiny()); err != nil {
		t.Errorf("the model itself: %v", err)
	}
	for _, limit := range []int64{1, 400, 1000} { // too small for the input, for one layer, for all at once
		if _, err := New(tiny(), WithMaxActivations(limit)); !errors.Is(err, ErrLimit) {
			t.Errorf("activations over a limit of %d: got %v, want ErrLimit", limit, err)
		}
	}
	// A small file must not ask for gigabytes of tables.
	wide := tiny()
	wide.Graph.Inputs[0].Shape = []int{1 << 24, 1, 1}
	wide.Graph.Nodes = []weights.Node{{Name: "n", Op: weights.OpReLU, Inputs: []string{"x"}, Outputs: []string{"y"}}}
	wide.Tensors, wide.Labels, wide.Preprocess = nil, nil, nil
	if _, err := New(wide); !errors.Is(err, ErrLimit) || !errors.Is(err, ErrModel) {
		t.Errorf("too many channels: got %v", err)
	}
	for _, o := range []Option{WithThreads(0), WithISA("mmx"), WithMaxActivations(0), WithMaxActivations(mostActivations + 1)} {
		if _, err := New(tiny(), o); !errors.Is(err, ErrOption) {
			t.Errorf("a bad option: got %v, want ErrOption", err)
		}
	}
}

func TestLoadAndClassify(t *testing.T) {
	b, err := tiny().Encode()
	if err != nil {
		t.Fatal(err)
	}
	m, err := LoadFS(fstest.MapFS{"m.rfl": {Data: b}}, "m.rfl")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := LoadBytes(b[:100]); err == nil {
		t.Error("half a file was loaded")
	}
	if _, err := Load(t.TempDir() + "/none.rfl"); err == nil {
		t.Error("no file was loaded")
	}
	img := image.NewNRGBA(image.Rect(0, 0, 20, 10))
	for i := range 20 * 10 {
		img.SetNRGBA(i%20, i/20, color.NRGBA{uint8(i), uint8(3 * i), 100, 255})
	}
	top, err := m.Classify(context.Background(), img, 5)
	if err != nil || len(top) != 2 || top[0].Prob < top[1].Prob || top[0].Label == "" {
		t.Fatalf("got %v, %v", top, err)
	}
	if sum := top[0].Prob + top[1].Prob; sum < 0.999 || sum > 1.001 {
		t.Errorf("probabilities sum to %v", sum)
	}
	if top, err := m.Classify(context.Background(), img, 0); err != nil || len(top) != 0 {
		t.Errorf("k = 0: got %v, %v", top, err)
	}
	plain := tiny()
	plain.Preprocess = nil
	if _, err := mustNew(t, plain).Classify(context.Background(), img, 1); !errors.Is(err, ErrNoPreprocess) {
		t.Errorf("no preprocessing: got %v", err)
	}
	m.Close()
	if _, err := m.Classify(context.Background(), img, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: got %v", err)
	}
}
