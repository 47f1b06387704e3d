package engine

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// A real network on real pictures: the ShuffleNet V1 0.5x (g = 3) of the data
// folder's README, trained on CIFAR-10 by its author, against what PyTorch made
// of it: all 10,000 predicted classes, and the logits of the first 16 pictures.
// Skipped where RIFFLE_DATA does not name the folder.

func realData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RIFFLE_DATA")
	if dir == "" {
		t.Skip("RIFFLE_DATA is not set: no real data")
	}
	return dir
}

// readSafetensors returns a file's float32 tensors by name.
func readSafetensors(t *testing.T, path string) map[string]weights.Tensor {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(b)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	delete(header, "__metadata__")
	out := map[string]weights.Tensor{}
	for name, raw := range header {
		var e struct {
			DType string
			Shape []int
			At    [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(raw, &e); err != nil || e.DType != "F32" {
			t.Fatalf("%s: %v, %s", name, err, e.DType)
		}
		data := make([]float32, (e.At[1]-e.At[0])/4)
		if err := binary.Read(bytes.NewReader(b[8+int(n)+e.At[0]:]), binary.LittleEndian, data); err != nil {
			t.Fatal(err)
		}
		out[name] = weights.Tensor{Name: name, Shape: e.Shape, Data: data}
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

func realNetwork(t *testing.T, dir string) *weights.Model {
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

// testPictures returns the CIFAR-10 test batch as the network's input, from
// the data folder's packed form (its README has the format).
func testPictures(t *testing.T, dir string) (pictures []float32, labels []byte) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "cifar10", "test_batch.med.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	const n, px = 10_000, 32 * 32
	if len(b) != n*(1+3*px) {
		t.Fatalf("test batch: got %d bytes, want %d", len(b), n*(1+3*px))
	}
	labels, b = b[:n], b[n:]
	for at := 0; at < len(b); at += px {
		p := b[at : at+px]
		for i := range p {
			var pred byte
			switch y, x := i/32, i%32; {
			case y == 0 && x == 0:
			case y == 0:
				pred = p[i-1]
			case x == 0:
				pred = p[i-32]
			default:
				a, b, c := p[i-1], p[i-32], p[i-33]
				if pred = a + b - c; c >= max(a, b) {
					pred = min(a, b)
				} else if c <= min(a, b) {
					pred = max(a, b)
				}
			}
			p[i] += pred
		}
	}
	mean := [3]float32{0.53129727, 0.5259391, 0.52069134}
	std := [3]float32{0.28938246, 0.28505746, 0.27971658}
	pictures = make([]float32, n*3*px)
	for i := range n {
		for k := range px {
			g := b[i*px+k]
			rgb := [3]byte{b[(n+i)*px+k] + g - 128, g, b[(2*n+i)*px+k] + g - 128}
			for c, v := range rgb {
				pictures[(i*3+c)*px+k] = (float32(v)/255 - mean[c]) / std[c]
			}
		}
	}
	return pictures, labels
}

func TestRealNetwork(t *testing.T) {
	dir := realData(t)
	m := realNetwork(t, dir)
	all, labels := testPictures(t, dir)
	text, err := os.ReadFile(filepath.Join(dir, "weights", "shufflenet_v1_0.5x_g3_cifar10.predictions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(strings.Fields(string(text)), "") // one digit a picture
	forEachSet(t, func(t *testing.T, isa string) {
		n := len(labels)
		switch {
		case testing.Short(): // half a second a picture, where a processor is emulated
			n = 32
		case isa == "generic": // some 20 ms a picture
			n = 400
		}
		e := mustNew(t, m, WithISA(isa), WithThreads(1))
		out := runAll(t, e, all[:n*e.plan.InLen])
		right, wrong := 0, 0
		for i := range n {
			class := 0
			for k, v := range out[i*10 : (i+1)*10] {
				if v > out[i*10+class] {
					class = k
				}
			}
			if class == int(labels[i]) {
				right++
			}
			if byte('0'+class) != want[i] {
				wrong++
			}
		}
		if wrong > 0 || n == 10_000 && right != 9258 {
			t.Errorf("%d of %d predictions differ from PyTorch's, %d right; want none, 9258 right of 10000", wrong, n, right)
		}
		checkRealLogits(t, dir, out[:160])
		n = min(n, 1000)
		if two := runAll(t, mustNew(t, m, WithISA(isa), WithThreads(2)), all[:n*e.plan.InLen]); !slices.Equal(two, out[:10*n]) {
			t.Error("two threads give other bits than one")
		}
	})
}

// checkRealLogits compares with PyTorch's float32 logits. Both sides round: the
// bound is what 35 layers of at most 240 terms each may lose, two roundings a
// term growing with the square root of their number, on the largest logit.
func checkRealLogits(t *testing.T, dir string, got []float32) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "weights", "shufflenet_v1_0.5x_g3_cifar10.expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e struct{ Logits [][]float64 }
	if err := json.Unmarshal(b, &e); err != nil || len(e.Logits) != 16 {
		t.Fatalf("expected.json: %v, %d rows of logits, want 16", err, len(e.Logits))
	}
	bound := 35 * math.Sqrt(2*240) * 0x1p-24
	if e := relError(got, slices.Concat(e.Logits...)); e > bound {
		t.Errorf("logits: relative error %.3g, want at most %.3g", e, bound)
	} else {
		t.Logf("logits: relative error %.3g (bound %.3g)", e, bound)
	}
}
