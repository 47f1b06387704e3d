package eval_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval"
	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar/cifartest"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

// evalJSON runs eval and returns its report.
func evalJSON(t *testing.T, status int, args ...string) eval.Report {
	t.Helper()
	out, _ := infertest.Want(t, status, append([]string{"eval", "-json"}, args...)...)
	var r eval.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return r
}

// TestEvalFolder labels pictures by what infer itself says, so that the
// accuracy is known.
func TestEvalFolder(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	flat := infertest.Tree(t, map[string]string{"0.png": "png0", "1.png": "png1", "2.png": "png2", "3.png": "png3", "4.png": "png4"})
	out, _ := infertest.Want(t, cli.OK, "-m", m, "-k", "10", "-json", flat)
	dir := t.TempDir()
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var rec struct {
			Top []struct{ Label string }
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatal(err)
		}
		// Picture i is put where its true class has rank 0, 0, 4, 5, 9.
		label := rec.Top[[]int{0, 0, 4, 5, 9}[i]].Label
		sub := filepath.Join(dir, label)
		if err := os.MkdirAll(sub, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprint(i, ".png")), infertest.Drawing(t, i), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r := evalJSON(t, cli.OK, "-m", m, dir)
	if r.Pictures != 5 || r.Top1 != 2 || r.Top5 != 3 || r.Top1Rate != 0.4 || r.Failed != 0 || r.Speed <= 0 {
		t.Errorf("got %+v, want 2 and 3 of 5", r)
	}
	// A broken picture is left out of the accuracy and fails the run.
	bad := filepath.Join(dir, "ant", "broken.png")
	if err := os.MkdirAll(filepath.Dir(bad), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	pred := filepath.Join(t.TempDir(), "p.txt")
	r = evalJSON(t, cli.Failed, "-m", m, "-predictions", pred, dir)
	if r.Pictures != 5 || r.Failed != 1 || r.Top1 != 2 {
		t.Errorf("got %+v, want one failed", r)
	}
	b, err := os.ReadFile(pred)
	if err != nil || strings.Count(string(b), "\n") != 6 || strings.Count("\n"+string(b), "\n-1\n") != 1 {
		t.Errorf("got predictions %q, %v; want 6 lines, one of them -1", b, err)
	}
	text, errs := infertest.Want(t, cli.Failed, "eval", "-m", m, dir)
	if !strings.Contains(text, "top-1    40.00 %  (2 right)") || !strings.Contains(text, "5 pictures and 1 that failed") || !strings.Contains(errs, "broken.png: not a picture") {
		t.Errorf("got %q and %q", text, errs)
	}
}

// cifarRecords is a small set in CIFAR-10's binary form.
func cifarRecords(n int) []byte {
	var b []byte
	for i := range n {
		b = append(b, byte(i%10))
		for j := range 3072 {
			b = append(b, byte(j*(i+1)/7))
		}
	}
	return b
}

func TestEvalCIFAR(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "test_batch.bin"), cifarRecords(50), 0o666); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, threads := range []string{"1", "2", "5"} {
		pred := filepath.Join(t.TempDir(), "p.txt")
		r := evalJSON(t, cli.OK, "-m", m, "-cifar10", dir, "-threads", threads, "-predictions", pred)
		b, err := os.ReadFile(pred)
		if err != nil || r.Pictures != 50 || r.Data != "CIFAR-10 test" {
			t.Fatalf("got %+v, %v", r, err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(b, first) {
			t.Errorf("%s threads: predictions differ", threads)
		}
		right := 0
		for i, line := range strings.Fields(string(b)) {
			if line == fmt.Sprint(i%10) {
				right++
			}
		}
		if right != r.Top1 {
			t.Errorf("the predictions have %d right, the report %d", right, r.Top1)
		}
	}
	for _, args := range [][]string{{"-cifar100", dir}, {"-cifar10", t.TempDir()}} {
		code, out, errs := infertest.Infer(t, "", append([]string{"eval", "-m", m}, args...)...)
		if code == cli.OK || out != "" || !strings.Contains(errs, "infer eval: ") {
			t.Errorf("%q: got %d, %q, %q; want an error", args, code, out, errs)
		}
	}
	vector := infertest.ModelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	infertest.Want(t, cli.Model, "eval", "-m", vector, "-cifar10", dir)
}

// TestEvalRealCIFAR runs the random network over the real test split: about
// one in ten must be right.
func TestEvalRealCIFAR(t *testing.T) {
	dir, count := cifartest.TestBatch(t), 10000
	if testing.Short() { // a processor may be emulated
		count = 300
		if err := os.Truncate(filepath.Join(dir, "test_batch.bin"), int64(count)*(1+3*32*32)); err != nil {
			t.Fatal(err)
		}
	}
	r := evalJSON(t, cli.OK, "-m", infertest.ModelFile(t, nil), "-cifar10", dir)
	if r.Pictures != count || r.Top1Rate < 0.03 || r.Top1Rate > 0.25 || r.Top5Rate < 0.35 || r.Top5Rate > 0.75 {
		t.Errorf("got %+v, want about chance", r)
	}
	t.Logf("%.0f pictures/s", r.Speed)
}
