package onnx_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// TestConformance runs ONNX's own cases, one operator each, from a directory that
// testdata/conformance.py writes: what imports must compute the same, and all else be
// refused by an Error.
func TestConformance(t *testing.T) {
	dir := os.Getenv("RIFFLE_ONNX_CONFORMANCE")
	if dir == "" {
		t.Skip("RIFFLE_ONNX_CONFORMANCE is not set to a directory of testdata/conformance.py")
	}
	models, _ := filepath.Glob(filepath.Join(dir, "*", "model.onnx"))
	if len(models) < 100 {
		t.Fatalf("got %d cases in %s, want 100 or more", len(models), dir)
	}
	count := map[string]int{}
	for _, path := range models {
		name := filepath.Base(filepath.Dir(path))
		got, err := conforms(filepath.Dir(path))
		count[got]++
		switch got {
		case "wrong":
			t.Errorf("%s: %v", name, err)
		default:
			t.Logf("%-8s %s %v", got, name, err)
		}
	}
	t.Logf("%d cases: %v", len(models), count)
}

// conforms says "right", "refused", "unfit" (no input that a model can have) or "wrong".
func conforms(dir string) (string, error) {
	file, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return "wrong", err
	}
	m, err := proto.Parse(file, 1<<16, 1<<16)
	if err != nil {
		return "unfit", err
	}
	var inits []byte
	var x *proto.Tensor
	for k, in := range m.Graph.Inputs {
		raw, err := os.ReadFile(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("input_%d.pb", k)))
		if err != nil {
			continue // a constant of the file
		}
		named := blob(raw, 8, in.Name)
		p, err := tensorOf(named)
		if err != nil {
			return "unfit", err
		}
		if rank := len(p.Dims); x == nil && p.Type == proto.Float && in.Type == proto.Float && (rank == 4 || rank == 2) {
			x = p
			continue
		}
		inits = blob(inits, 5, named)
	}
	if x == nil {
		return "unfit", nil
	}
	dims, n, err := x.Check()
	if err != nil || n == 0 {
		return "unfit", err
	}
	model, err := onnx.Import(withInits(file, inits))
	if err != nil {
		var e *onnx.Error
		if !errors.As(err, &e) || strings.Contains(err.Error(), "\n") {
			return "wrong", err
		}
		return "refused", err
	}
	data, _ := x.Decode(n)
	return compared(dir, model, data, dims[0])
}

// compared runs the model on every sample.
func compared(dir string, m *weights.Model, x []float32, batch int) (string, error) {
	got := make([][]float64, len(m.Graph.Outputs))
	for b := range batch {
		one := *m
		for k, o := range m.Graph.Outputs {
			one.Graph.Outputs = []string{o}
			got[k] = append(got[k], oracle.Output(&one, x[b*len(x)/batch:(b+1)*len(x)/batch], nil)...)
		}
	}
	for k := range got {
		raw, err := os.ReadFile(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("output_%d.pb", k)))
		if err != nil {
			return "wrong", err
		}
		p, err := tensorOf(raw)
		if err != nil {
			return "unfit", err
		}
		_, n, err := p.Check()
		if err != nil {
			return "unfit", err
		}
		want, ints := p.Decode(n)
		for _, v := range ints {
			want = append(want, float32(v))
		}
		most, bound := 1e-3, 1e-5
		if strings.HasSuffix(dir, "test_averagepool_2d_ceil_last_window_starts_on_pad") {
			bound = 3e-4 // its answers have four digits
		}
		for _, v := range want {
			if v == v && !math.IsInf(float64(v), 0) {
				most = max(most, math.Abs(float64(v)))
			}
		}
		for i := range want {
			if len(got[k]) != n || !alike(got[k][i], float64(want[i]), bound*most) {
				return "wrong", fmt.Errorf("output %d: got %d values %.5v, want %d %.5v", k, len(got[k]), got[k][:min(len(got[k]), 8)], n, want[:min(n, 8)])
			}
		}
	}
	return "right", nil
}

// alike says whether got is within most of want; NaN and infinities are alike to themselves.
func alike(got, want, most float64) bool {
	return math.Abs(got-want) <= most || got == want || math.IsNaN(got) && math.IsNaN(want)
}

// tensorOf parses a TensorProto, which may be without a name.
func tensorOf(b []byte) (*proto.Tensor, error) {
	g := blob([]byte(nil), 5, b)
	m, err := proto.Parse(blob([]byte(nil), 7, g), 1, 1)
	if err != nil {
		return nil, err
	}
	return m.Graph.Initializers[0], nil
}

// withInits adds fields to the graph of a file.
func withInits(file, inits []byte) []byte {
	var out []byte
	for len(file) > 0 {
		num, _, n := protowire.ConsumeField(file)
		if n < 0 {
			return nil
		}
		if num == 7 {
			_, _, tag := protowire.ConsumeTag(file)
			g, _ := protowire.ConsumeBytes(file[tag:])
			out = blob(out, 7, slices.Concat(g, inits))
		} else {
			out = append(out, file[:n]...)
		}
		file = file[n:]
	}
	return out
}
