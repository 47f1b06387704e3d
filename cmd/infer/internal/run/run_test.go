package run_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

func TestRunTensor(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), t.TempDir()
	const in, batch = 3 * 32 * 32, 3
	var b []byte
	for i := range batch * in {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i%101)/50-1))
	}
	src, dst := filepath.Join(dir, "in.f32"), filepath.Join(dir, "out.f32")
	if err := os.WriteFile(src, b, 0o666); err != nil {
		t.Fatal(err)
	}
	infertest.Want(t, cli.OK, "run", "-m", m, "-in", src, "-out", dst)
	all, err := os.ReadFile(dst)
	if err != nil || len(all) != batch*4*len(infertest.Animals) {
		t.Fatalf("got %d bytes, %v; want %d", len(all), err, batch*4*len(infertest.Animals))
	}
	// The last sample alone gives the same bits, on one thread and through pipes.
	code, out, errs := infertest.Infer(t, string(b[2*4*in:]), "run", "-m", m, "-threads", "1", "-in", "-", "-out", "-")
	if code != cli.OK || out != string(all[2*4*len(infertest.Animals):]) {
		t.Errorf("got %d, %d bytes, %q; want the same bits", code, len(out), errs)
	}
	for name, n := range map[string]int{"none": 0, "part": 4*in - 1, "one and part": 4*in + 4} {
		if err := os.WriteFile(src, b[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		_, errs := infertest.Want(t, cli.Failed, "run", "-m", m, "-in", src, "-out", filepath.Join(dir, "new.f32"))
		if !strings.Contains(errs, "want a multiple of 12288") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: got %q, want got and wanted", name, errs)
		}
	}
	if got := infertest.Entries(t, dir); got != "in.f32 out.f32" {
		t.Errorf("got files %q", got)
	}
}
