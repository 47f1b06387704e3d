package weights

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// FORMAT.md is exact enough for a second reader: train/rfl.py was written from
// it, and reads the same tensors.
func TestSecondReader(t *testing.T) {
	python := ""
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(p, "-c", "import numpy").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		t.Skip("no python3 with numpy: the second reader is not run")
	}
	for _, m := range []*Model{small(), smallQuantized()} {
		secondReader(t, python, m)
	}
}

func secondReader(t *testing.T, python string, m *Model) {
	path := filepath.Join(t.TempDir(), "m.rfl")
	if err := WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "../train/rfl.py", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var want strings.Builder
	for i := range m.Tensors {
		tt := &m.Tensors[i]
		sum := 0.0
		for _, v := range tt.Data {
			sum += float64(v)
		}
		for _, v := range tt.Bytes {
			sum += float64(int8(v))
		}
		shape := strings.ReplaceAll(strings.Trim(fmt.Sprint(tt.Shape), "[]"), " ", "x")
		fmt.Fprintf(&want, "%s\t%s\t%s\t%.6e\n", tt.Name, tt.DType, shape, sum)
	}
	if string(out) != want.String() {
		t.Errorf("got\n%swant\n%s", out, want.String())
	}
	// It refuses what Read refuses: one bit anywhere.
	b := encode(t, m)
	for _, at := range []int{0, 9, 33, 70, len(b) - 1} {
		b[at] ^= 4
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if exec.Command(python, "../train/rfl.py", path).Run() == nil {
			t.Errorf("a flipped bit in byte %d was not noticed", at)
		}
		b[at] ^= 4
	}
}
