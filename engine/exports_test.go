package engine

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// What a step is reckoned to take, in nanoseconds: kernels with vector code, and plain Go.
const (
	vectorMACs, vectorBytes = 1.0 / 40, 1.0 / 12
	plainMACs, plainBytes   = 1.0, 0.5
	mostPlain               = 0.02 // of a network's time, in one operator
)

// moves are kinds of steps that copy memory and compute nothing.
var moves = []string{"copy", "gather", "constant", "spread", "pad", "rearrange"}

// TestNoReference: no operator of a classifier that takes over a fiftieth of its time runs
// without vector code where the instruction set has any. Times are reckoned from what the steps
// compute and read, so that the machine does not matter. RIFFLE_EXPORTS is a directory of ONNX
// files, as python3 -m train.classifiers --infer infer --keep DIR makes it.
func TestNoReference(t *testing.T) {
	dir := os.Getenv("RIFFLE_EXPORTS")
	if dir == "" {
		t.Skip("RIFFLE_EXPORTS is not set")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*/net.onnx"))
	if flat, _ := filepath.Glob(filepath.Join(dir, "*.onnx")); err == nil {
		paths = append(paths, flat...)
	}
	if len(paths) == 0 {
		t.Fatalf("%s: got no ONNX files (%v), want */net.onnx or *.onnx", dir, err)
	}
	read := 0
	for _, path := range paths {
		m, err := onnx.ReadFile(path)
		if err != nil { // which ones convert is train.classifiers' to say
			t.Logf("%s: %v", path, err)
			continue
		}
		read++
		wantVectorCode(t, path, m)
	}
	if read == 0 {
		t.Errorf("%s: none of %d files was read", dir, len(paths))
	}
}

// TestNoReferenceShipped: likewise of the models that ship.
func TestNoReferenceShipped(t *testing.T) {
	for _, name := range zoo.Names() {
		m, err := zoo.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		wantVectorCode(t, name, m)
	}
}

func wantVectorCode(t *testing.T, name string, m *weights.Model) {
	t.Helper()
	for _, isa := range Sets() {
		if isa == "generic" {
			continue
		}
		e, err := New(m, WithISA(isa), WithThreads(1))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for op, share := range plainShares(e.Steps()) {
			if share > mostPlain {
				t.Errorf("%s, %s: operator %s takes about %.1f %% of the time in plain Go, want vector code, or at most %.0f %%", name, isa, op, 100*share, 100*mostPlain)
			}
		}
		e.Close()
	}
}

// plainShares is the share of the time that each operator's steps without vector code take.
func plainShares(steps []Step) map[string]float64 {
	all, plain := 0.0, map[string]float64{}
	for _, s := range steps {
		ns := float64(s.MACs)*vectorMACs + float64(s.Bytes)*vectorBytes
		if s.Reference || s.Implementation == "" && !slices.Contains(moves, s.Kind) {
			ns = float64(s.MACs)*plainMACs + float64(s.Bytes)*plainBytes
			plain[s.Op+", "+s.Kind] += ns
		}
		all += ns
	}
	for op := range plain {
		plain[op] /= all
	}
	return plain
}

// The reckoning sees a reference step among vector ones.
func TestPlainShares(t *testing.T) {
	got := plainShares([]Step{
		{Op: "conv", Kind: "gemm", Implementation: "gemm4x24_avx2", MACs: 4000},
		{Op: "maxpool", Kind: "maxpool", Implementation: "maxpool_generic", Reference: true, Bytes: 200},
		{Op: "softmax", Kind: "softmax", Bytes: 10},
		{Op: "input", Kind: "copy", Bytes: 12000},
	})
	if len(got) != 2 || got["maxpool, maxpool"] < 0.08 || got["softmax, softmax"] > 0.01 {
		t.Errorf("got %v, want the maximum and the softmax", got)
	}
}
