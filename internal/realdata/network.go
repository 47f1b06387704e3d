// Package realdata reads a real network and real pictures for tests: those of the folder
// that the environment variable RIFFLE_DATA names.
package realdata

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/internal/safetensors"
	"github.com/riffle-ml/riffle/weights"
)

// Dir is the data folder. The test is skipped where RIFFLE_DATA does not name it.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("RIFFLE_DATA")
	if dir == "" {
		t.Skip("RIFFLE_DATA is not set: no real data")
	}
	return dir
}

// readSafetensors returns a file's float32 tensors by name.
func readSafetensors(t testing.TB, path string) map[string]weights.Tensor {
	t.Helper()
	arrays, _, err := safetensors.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]weights.Tensor{}
	for name, a := range arrays {
		if a.Type != "F32" {
			t.Fatalf("%s: %s: got type %s, want F32", path, name, a.Type)
		}
		out[name] = weights.Tensor{Name: name, Shape: a.Shape, Data: a.Float32()}
	}
	return out
}

// realNet writes the network node by node, batch norms folded.
type realNet struct {
	m    weights.Model
	from map[string]weights.Tensor
}

func (r *realNet) node(op, name string, attrs map[string][]int, tensors map[string]string, in ...string) string {
	r.m.Graph.Nodes = append(r.m.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{name}, Attrs: attrs, Tensors: tensors})
	return name
}

func (r *realNet) conv(in, layer, bn string, stride, pad, groups int) string {
	w := r.from[layer+".weight"]
	w.Data = slices.Clone(w.Data)
	o := w.Shape[0]
	b := weights.Tensor{Name: layer + ".bias", Shape: []int{o}, Data: make([]float32, o)}
	p := func(s string, i int) float64 { return float64(r.from[bn+"."+s].Data[i]) }
	for i := range o {
		s := p("weight", i) / math.Sqrt(p("running_var", i)+1e-5)
		b.Data[i] = float32(p("bias", i) - p("running_mean", i)*s)
		row := w.Data[i*len(w.Data)/o : (i+1)*len(w.Data)/o]
		for k := range row {
			row[k] = float32(float64(row[k]) * s)
		}
	}
	r.m.Tensors = append(r.m.Tensors, w, b)
	return r.node(weights.OpConv, layer,
		map[string][]int{"kernel": w.Shape[2:], "stride": {stride, stride}, "pad": {pad, pad, pad, pad}, "groups": {groups}},
		map[string]string{"weight": w.Name, "bias": b.Name}, in)
}

// Network is the ShuffleNet V1 0.5x (g = 3) of the folder, trained on CIFAR-10.
func Network(t testing.TB, dir string) *weights.Model {
	r := &realNet{from: readSafetensors(t, filepath.Join(dir, "weights", "shufflenet_v1_0.5x_g3_cifar10.safetensors"))}
	r.m.Name = "shufflenet_v1_0.5x_g3_cifar10"
	r.m.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{3, 32, 32}}}
	relu := func(in string) string { return r.node(weights.OpReLU, in+".relu", nil, nil, in) }
	x := relu(r.conv("x", "conv1", "bn1", 1, 1, 1))
	for s, units := range []int{4, 8, 4} {
		for u := range units {
			unit := fmt.Sprintf("stage%d.%d.", s+2, u)
			groups, stride := 3, 1
			if s == 0 && u == 0 {
				groups = 1
			}
			if s > 0 && u == 0 {
				stride = 2
			}
			y := relu(r.conv(x, unit+"gconv1", unit+"bn1", 1, 0, groups))
			c := r.from[unit+"gconv1.weight"].Shape[0]
			perm := make([]int, c)
			for i := range 3 {
				for k := range c / 3 {
					perm[k*3+i] = i*(c/3) + k
				}
			}
			y = r.node(weights.OpShuffle, unit+"shuffle", map[string][]int{"perm": perm}, nil, y)
			y = r.conv(y, unit+"dwconv", unit+"bn", stride, 1, c)
			y = r.conv(y, unit+"gconv2", unit+"bn2", 1, 0, 3)
			switch {
			case u > 0:
				y = r.node(weights.OpAdd, unit+"add", nil, nil, y, x)
			case stride == 2:
				short := r.node(weights.OpAvgPool, unit+"pool", map[string][]int{"kernel": {2, 2}, "stride": {2, 2}}, nil, x)
				y = r.node(weights.OpConcat, unit+"concat", nil, nil, y, short)
			default:
				y = r.node(weights.OpConcat, unit+"concat", nil, nil, y, x)
			}
			x = relu(y)
		}
	}
	x = r.node(weights.OpGlobalAvgPool, "mean", nil, nil, x)
	x = r.node(weights.OpFlatten, "flatten", nil, nil, x)
	r.m.Tensors = append(r.m.Tensors, r.from["fc.weight"], r.from["fc.bias"])
	x = r.node(weights.OpLinear, "fc", nil, map[string]string{"weight": "fc.weight", "bias": "fc.bias"}, x)
	r.m.Graph.Outputs = []string{x}
	r.m.Sort()
	return &r.m
}
