package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	riffle "github.com/riffle-ml/riffle/beam"
)

// The command as people run it, on prism.
func TestCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	dir := t.TempDir()
	ship, err := os.ReadFile("../../../testdata/pictures/ship.png")
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "ship.png"), ship, 0o644)
	os.WriteFile(filepath.Join(dir, "bad.png"), []byte("x"), 0o644)
	out := filepath.Join(dir, "out")
	c := exec.Command("go", "run", ".", "-input", filepath.Join(dir, "*.png"), "-output", out, "-runner", "prism", "-top", "1", "-model", "cifar10-sds")
	if b, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	var r riffle.Result
	var f riffle.Failure
	for name, v := range map[string]any{"-results": &r, "-failed": &f} {
		b, err := os.ReadFile(out + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, v); err != nil {
			t.Errorf("%s: %v in %q", name, err, b)
		}
	}
	if len(r.Classes) != 1 || r.Classes[0].Label != "ship" || !strings.HasSuffix(r.Name, "ship.png") || !strings.HasSuffix(f.Name, "bad.png") {
		t.Errorf("got %+v and %+v", r, f)
	}
}
