package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar/cifartest"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/kernel"
)

// TestEmulated builds this command for arm64, runs it with NEON on an emulated
// processor, and wants the classes that this machine's best instruction set
// gives: of every drawn picture, and, with the model that takes a twelfth of
// the default's work, of the first 1,000 real test pictures.
//
// It takes a minute or two, and so runs only where RIFFLE_EMULATE is set, as it
// is in .ci/run:
//
//	RIFFLE_EMULATE=1 RIFFLE_DATA=DIR go test ./cmd/infer -run Emulated -v
func TestEmulated(t *testing.T) {
	if os.Getenv("RIFFLE_EMULATE") == "" {
		t.Skip("RIFFLE_EMULATE is not set")
	}
	if runtime.GOARCH == "arm64" {
		t.Skip("nothing to emulate on arm64")
	}
	emulator, err := exec.LookPath("qemu-aarch64-static")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "infer")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	emulated := func(args ...string) string {
		t.Helper()
		c := exec.Command(emulator, append([]string{program}, args...)...)
		c.Env = append(os.Environ(), kernel.EnvISA+"=neon")
		var errs strings.Builder
		c.Stderr = &errs
		out, err := c.Output()
		if err != nil {
			t.Fatalf("infer %q: %v\n%s", args, err, errs.String())
		}
		return string(out)
	}

	t.Run("drawn", func(t *testing.T) {
		pictures, err := filepath.Glob("../../testdata/everyday/*.png")
		if err != nil || len(pictures) == 0 {
			t.Fatalf("no pictures: %v", err)
		}
		args := append([]string{"-json"}, pictures...)
		here, _ := infertest.Want(t, 0, args...)
		got, wanted := tops(t, emulated(args...)), tops(t, here)
		if len(wanted) != len(pictures) {
			t.Fatalf("%d answers here, wanted %d", len(wanted), len(pictures))
		}
		for _, p := range pictures {
			if got[p] == "" || got[p] != wanted[p] {
				t.Errorf("%s: %q, wanted %q", p, got[p], wanted[p])
			}
		}
	})

	t.Run("real", func(t *testing.T) {
		const record = 1 + 3*32*32
		count := 1000
		if testing.Short() {
			count = 300
		}
		set := filepath.Join(cifartest.TestBatch(t), "test_batch.bin")
		if err := os.Truncate(set, int64(count*record)); err != nil {
			t.Fatal(err)
		}
		classes := func(name string, run func(args ...string)) []string {
			file := filepath.Join(t.TempDir(), name)
			run("eval", "-q", "-m", "cifar10", "-cifar10", set, "-predictions", file)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Fields(string(text))
		}
		got := classes("there", func(args ...string) { t.Log(emulated(args...)) })
		wanted := classes("here", func(args ...string) {
			out, _ := infertest.Want(t, 0, args...)
			t.Log(out)
		})
		if len(got) != count || len(wanted) != count {
			t.Fatalf("%d classes there, %d here, wanted %d", len(got), len(wanted), count)
		}
		for i := range wanted {
			if got[i] != wanted[i] {
				t.Errorf("picture %d: class %s, wanted %s", i, got[i], wanted[i])
			}
		}
	})
}

// tops returns the best label of every picture in a -json output.
func tops(t *testing.T, out string) map[string]string {
	t.Helper()
	m := map[string]string{}
	for line := range strings.Lines(out) {
		var r struct {
			File string
			Top  []struct{ Label string }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || len(r.Top) == 0 {
			t.Fatalf("%q: %v", line, err)
		}
		m[r.File] = r.Top[0].Label
	}
	return m
}
