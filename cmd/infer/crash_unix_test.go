//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
)

// writers are the commands that write a file, here called OUT.
func writers(t *testing.T) map[string][]string {
	t.Helper()
	m, dynamic := infertest.ModelFile(t, nil), infertest.DynamicFile(t)
	dir := infertest.Tree(t, map[string]string{"ant/a.png": "png1", "bee/b.png": "png2"})
	tensor := filepath.Join(dir, "x.f32")
	if err := os.WriteFile(tensor, make([]byte, 40*4*3*32*32), 0o666); err != nil {
		t.Fatal(err)
	}
	many := []string{"-m", m, "-q", "-embed", "OUT.npy"}
	for range 3 {
		many = append(many, dir)
	}
	return map[string][]string{
		"convert":      {"convert", m, "-q", "-o", "OUT.rfl"},
		"convert onnx": {"convert", m, "-q", "-o", "OUT.onnx"},
		"run":          {"run", "-m", m, "-in", tensor, "-out", "OUT.f32"},
		"run npy":      {"run", "-m", m, "-in", tensor, "-out", "OUT.npy"},
		"embed":        many,
		"explain-png":  {"-m", dynamic, "-q", "-explain-png", "OUT.png", dir},
		"predictions":  {"eval", "-m", m, "-q", "-predictions", "OUT.txt", dir},
	}
}

// place gives OUT a place, and the file there an old content.
func place(t *testing.T, args []string) (at string, placed []string) {
	t.Helper()
	dir := t.TempDir()
	for _, a := range args {
		if rest, ok := bytes.CutPrefix([]byte(a), []byte("OUT")); ok {
			at = filepath.Join(dir, "out"+string(rest))
			a = at
		}
		placed = append(placed, a)
	}
	if err := os.WriteFile(at, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	return at, placed
}

// TestDiskFull: where the disk is full, or a file may not grow, the old file stands.
func TestDiskFull(t *testing.T) {
	child(t) // or skipped
	for name, args := range writers(t) {
		at, args := place(t, args)
		// A limit on the size of files: writing fails in the middle, as on a full disk.
		c := exec.Command("sh", append([]string{"-c", `ulimit -f 0 && exec "$@"`, "sh", os.Args[0]}, args...)...)
		c.Env = append(os.Environ(), envChild+"=1")
		out, err := c.CombinedOutput()
		if err == nil {
			t.Errorf("%s: got no error\n%s", name, out)
		}
		if b, err := os.ReadFile(at); err != nil || string(b) != "old" {
			t.Errorf("%s: got %d bytes, %v, want the old file\n%s", name, len(b), err, out)
		}
		// And without the limit the new one comes.
		if out, err := child(t, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if b, err := os.ReadFile(at); err != nil || string(b) == "old" || infertest.Entries(t, filepath.Dir(at)) != filepath.Base(at) {
			t.Errorf("%s: got %d bytes, %v, and files %q", name, len(b), err, infertest.Entries(t, filepath.Dir(at)))
		}
	}
}

// TestKilled: killed in the middle of its output, a command leaves the old file.
func TestKilled(t *testing.T) {
	at, args := place(t, []string{"run", "-m", infertest.ModelFile(t, nil), "-in", "-", "-out", "OUT.f32"})
	for _, signal := range []os.Signal{os.Kill, os.Interrupt, syscall.SIGTERM} {
		c := child(t, args...)
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write(make([]byte, 100*4*3*32*32)); err != nil { // and it waits for more
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		if b, err := os.ReadFile(at); err != nil || string(b) != "old" {
			t.Errorf("%v: got %d bytes, %v, want the old file", signal, len(b), err)
		}
		if signal != os.Kill && c.ProcessState.ExitCode() != 130 {
			t.Errorf("%v: got exit status %d, want 130", signal, c.ProcessState.ExitCode())
		}
	}
}
