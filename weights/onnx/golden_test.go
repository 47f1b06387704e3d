package onnx_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/golden"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// What PyTorch's exporter makes of small networks (testdata/make.py), and the
// operators that they must become: an import that gives the right numbers by a
// longer way fails too.
var exported = map[string]string{
	"affine-after":         "conv relu affine",
	"affine-chain":         "affine relu conv add",
	"affine-input":         "affine conv",
	"bn-first":             "affine relu conv",
	"bn-folded":            "conv relu conv",
	"bn-kept":              "conv relu conv",
	"bn-kept-11":           "conv relu conv",
	"bn-kept-17":           "conv relu conv",
	"bn-linear":            "flatten linear",
	"bn-pooled":            "conv maxpool relu",
	"bn-pooled-negative":   "conv maxpool affine",
	"bn-shared":            "conv affine add",
	"bn-twice":             "conv relu",
	"clamp":                "conv relu relu6 relu6",
	"conv-forms":           "conv relu conv conv",
	"dead":                 "conv",
	"double":               "conv",
	"gemm":                 "flatten linear relu linear softmax",
	"matmul":               "conv flatten linear",
	"mean-flat":            "conv gap flatten",
	"mean-keepdim":         "conv gap conv",
	"mean-negative":        "conv gap flatten",
	"pad-conv":             "conv conv",
	"pad-conv-11":          "conv",
	"pad-max":              "conv relu maxpool",
	"pad-max-lowest":       "conv maxpool",
	"pool-avg":             "avgpool avgpool",
	"pool-avg-count":       "avgpool avgpool",
	"pool-global":          "conv gap flatten",
	"pool-max":             "maxpool maxpool maxpool",
	"relu6-11":             "conv relu6",
	"relu6-17":             "conv relu6 conv relu6",
	"reshape-vector":       "conv flatten linear",
	"residual":             "conv relu conv conv add relu",
	"shuffle-back":         "conv",
	"shuffle-folds-batch":  "conv shuffle",
	"shuffle-folds-batch3": "conv shuffle",
	"shuffle-gather":       "conv shuffle",
	"shuffle-index-select": "conv shuffle slice",
	"shuffle-nhwc":         "conv shuffle",
	"shuffle-permute":      "conv shuffle",
	"shuffle-split":        "conv slice slice concat",
	"shuffle-stack":        "conv conv concat shuffle",
	"shuffle-twice":        "conv shuffle",
	"split-chunk-11":       "conv split relu relu relu relu concat",
	"split-outputs":        "conv slice gap flatten softmax shuffle",
	"split-sizes":          "conv split relu relu relu concat",
	"split-slices":         "conv slice slice relu concat",
	"split-steps":          "conv slice slice relu slice concat",
	"v1-11":                v1,
	"v1-13":                v1,
	"v1-batch3":            v1,
	"v2-11":                v2,
	"v2-12":                v2,
	"v2-13":                v2,
	"v2-14":                v2,
	"v2-15":                v2,
	"v2-16":                v2,
	"v2-17":                v2,
	"v2-batch1":            v2,
	"v2-batch3":            v2,
	"vector":               "linear relu linear",
}

const (
	v1   = "avgpool conv relu shuffle conv conv concat relu conv relu shuffle conv conv add relu gap flatten linear"
	v2   = "conv relu maxpool conv conv relu conv relu conv conv relu concat shuffle" + unit + unit + " gap flatten linear"
	unit = " slice slice conv relu conv conv relu concat shuffle"
)

// against compares the model with a golden file's x and y0, y1, ..., sample by
// sample. The bound is for weights that PyTorch folded in float32.
func against(t *testing.T, m *weights.Model, path string) {
	t.Helper()
	arrays, _, err := golden.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	x := arrays["x"]
	batch := x.Shape[0]
	in := len(x.Data) / batch
	for b := range batch {
		var want []float64
		for k := range len(arrays) - 1 {
			y := arrays["y"+string(rune('0'+k))].Data
			want = append(want, y[b*len(y)/batch:(b+1)*len(y)/batch]...)
		}
		got := oracle.Output(m, x.Float32()[b*in:][:in], nil)
		if e := relative(got, want); !(e <= 3e-6) {
			t.Errorf("sample %d: %d values, relative error %.3g, want %d values and at most 3e-6", b, len(got), e, len(want))
		}
	}
}

// forEachFile imports every .onnx file of a directory, which must be those that have their
// operators in want, and runs f on each. numbers is the path of its inputs and outputs.
func forEachFile(t *testing.T, dir string, want map[string]string, f func(t *testing.T, name string, m *weights.Model, numbers string)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	if err != nil || len(paths) != len(want) {
		t.Fatalf("got %d files in %s (%v), want %d", len(paths), dir, err, len(want))
	}
	for _, path := range paths {
		stem := strings.TrimSuffix(path, ".onnx")
		name := filepath.Base(stem)
		t.Run(name, func(t *testing.T) {
			m, err := onnx.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := operators(m); got != want[name] {
				t.Errorf("got operators %q, want %q", got, want[name])
			}
			f(t, name, m, stem+".safetensors")
		})
	}
}

// roundTrip is m exported and imported again.
func roundTrip(t *testing.T, m *weights.Model) *weights.Model {
	t.Helper()
	b, err := onnx.Export(m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := onnx.Import(b)
	if err != nil {
		t.Fatalf("exported and imported again: %v", err)
	}
	return again
}

func TestExported(t *testing.T) {
	forEachFile(t, "testdata", exported, func(t *testing.T, _ string, m *weights.Model, numbers string) {
		for k, o := range m.Graph.Outputs {
			if want := "y" + string(rune('0'+k)); o != want {
				t.Errorf("output %d: got %q, want %q", k, o, want)
			}
		}
		against(t, m, numbers)

		again := roundTrip(t, m)
		if operators(again) != operators(m) {
			t.Errorf("exported and imported again: got operators %q, want %q", operators(again), operators(m))
		}
		against(t, again, numbers)
	})
}

// TestFolder imports whole networks from a folder of pairs NAME.*.onnx and
// NAME.safetensors, made as testdata/make.py makes its own.
func TestFolder(t *testing.T) {
	dir := os.Getenv("RIFFLE_ONNX")
	if dir == "" {
		t.Skip("RIFFLE_ONNX is not set to a folder of networks")
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "*.onnx"))
	if len(paths) == 0 {
		t.Fatalf("no .onnx files in %s", dir)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			m, err := onnx.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(len(m.Graph.Nodes), "nodes:", operators(m))
			name, _, _ := strings.Cut(filepath.Base(path), ".")
			against(t, m, filepath.Join(dir, name+".safetensors"))
		})
	}
}
