package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// A network of another size gives what the same network, built for that size, gives.
func TestWithInputSize(t *testing.T) {
	for _, c := range []struct {
		small, large string
		h, w         int
	}{
		{"shufflenetv2:0.5x@32", "shufflenetv2:0.5x@64", 64, 64},
		{"shufflenetv2:0.5x@64", "shufflenetv2:0.5x@32", 32, 32},
		{"shufflenetv1:0.25x@64,g=3", "shufflenetv1:0.25x@96,g=3", 96, 96},
	} {
		small, large := build(t, c.small+",stem=imagenet,classes=7"), build(t, c.large+",stem=imagenet,classes=7")
		x := randomInput(3*c.h*c.w, 5)
		sized := mustNew(t, small, WithInputSize(c.h, c.w))
		if got := sized.Info().Input; !slices.Equal(got, []int{3, c.h, c.w}) {
			t.Errorf("%s: got input %v, want 3x%dx%d", c.small, got, c.h, c.w)
		}
		if got, want := runAll(t, sized, x), runAll(t, mustNew(t, large), x); !slices.Equal(got, want) {
			t.Errorf("%s at %dx%d: got other bits than %s", c.small, c.h, c.w, c.large)
		}
		if !slices.Equal(small.Graph.Inputs[0].Shape, mustNew(t, small).Info().Input) {
			t.Errorf("%s: the model itself was changed", c.small)
		}
	}
}

// A height and a width of their own, a resize in between, and preprocessing in proportion.
func TestWithInputSizeResize(t *testing.T) {
	nodes := []weights.Node{
		{Name: "up", Op: weights.OpResize, Inputs: []string{"x"}, Outputs: []string{"u"}, Attrs: map[string][]int{"size": {16, 12}, "mode": {1}}},
		{Name: "sum", Op: weights.OpGlobalSum, Inputs: []string{"u"}, Outputs: []string{"s"}},
		{Name: "flat", Op: weights.OpFlatten, Inputs: []string{"s"}, Outputs: []string{"y"}},
	}
	m := &weights.Model{
		Graph: weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: []int{3, 8, 8}}}, Nodes: nodes, Outputs: []string{"y"}},
		Preprocess: &weights.Preprocess{
			Resize: 10, Crop: [2]int{8, 8}, Filter: "bilinear", Order: "rgb", Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1},
		},
	}
	e := mustNew(t, m, WithInputSize(12, 16))
	if p := e.Preprocess(); p.Crop != [2]int{12, 16} || p.Resize != 15 {
		t.Errorf("got preprocessing %+v, want a crop of 12x16 of a shorter side of 15", p)
	}
	want := *m
	want.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{3, 12, 16}}}
	want.Graph.Nodes = slices.Clone(nodes)
	want.Graph.Nodes[0].Attrs = map[string][]int{"size": {24, 24}, "mode": {1}}
	x := randomInput(3*12*16, 3)
	if e := relError(runAll(t, e, x), oracle.Output(&want, x, nil)); e > 1e-5 {
		t.Errorf("relative error %.3g, want at most 1e-5", e)
	}
	if _, err := New(m, WithInputSize(9, 9)); err == nil || !strings.Contains(err.Error(), "whole number") {
		t.Errorf("a factor of 1.5 at 9 pixels: got %v, want an error that says so", err)
	}
}

// The node that forbids another size is named.
func TestWithInputSizeRefused(t *testing.T) {
	model := func(n weights.Node, more ...weights.Node) *weights.Model {
		m := &weights.Model{Graph: weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: []int{2, 4, 4}}}, Outputs: []string{"y"}}}
		m.Graph.Nodes = append([]weights.Node{n}, more...)
		m.Tensors = []weights.Tensor{{Name: "v", Shape: []int{1, 4, 4}, Data: make([]float32, 16)}, {Name: "w", Shape: []int{3, 32}, Data: make([]float32, 96)}}
		return m
	}
	node := func(name, op, in, out string) weights.Node {
		return weights.Node{Name: name, Op: op, Inputs: []string{in}, Outputs: []string{out}}
	}
	moved, positions, dense := node("moved", weights.OpRearrange, "x", "y"), node("positions", weights.OpAdd, "x", "y"), node("dense", weights.OpLinear, "f", "y")
	moved.Attrs = map[string][]int{"shape": {2, 2, 4}, "dims": {2, 2, 4}, "strides": {16, 8, 1}}
	positions.Tensors, dense.Tensors = map[string]string{"value": "v"}, map[string]string{"weight": "w"}
	for name, m := range map[string]*weights.Model{
		"moved": model(moved), "positions": model(positions), "dense": model(node("flat", weights.OpFlatten, "x", "f"), dense),
	} {
		used := map[string]bool{}
		for _, n := range m.Graph.Nodes {
			for _, x := range n.Tensors {
				used[x] = true
			}
		}
		m.Tensors = slices.DeleteFunc(m.Tensors, func(x weights.Tensor) bool { return !used[x.Name] })
		mustNew(t, m, WithInputSize(4, 4))
		_, err := New(m, WithInputSize(6, 8))
		var e *ModelError
		if !errors.As(err, &e) || e.Node != name || !strings.Contains(err.Error(), "not of 6x8") {
			t.Errorf("got %v, want a ModelError at %q that names the size", err, name)
		}
	}
	for _, size := range [][2]int{{0, 4}, {4, -1}, {4, 1<<16 + 1}} {
		if _, err := New(model(moved), WithInputSize(size[0], size[1])); !errors.Is(err, ErrOption) {
			t.Errorf("%v: got %v, want ErrOption", size, err)
		}
	}
	vector := &weights.Model{Graph: weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: []int{5}}}, Outputs: []string{"y"}, Nodes: []weights.Node{node("r", weights.OpReLU, "x", "y")}}}
	if _, err := New(vector, WithInputSize(4, 4)); err == nil || !strings.Contains(err.Error(), "[C H W]") {
		t.Errorf("a vector: got %v, want an error", err)
	}
}
