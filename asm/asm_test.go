package asm

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestManifest fails where a generated file was edited, added or lost by hand.
// That the files are what the generators make is tested in internal/gen.
func TestManifest(t *testing.T) {
	list, err := os.ReadFile("MANIFEST")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("MANIFEST has the line %q, wanted a sum, two spaces and a name", line)
		}
		listed[name] = true
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != sum {
			t.Errorf("%s was changed by hand (sum %s, wanted %s): change its generator and run go generate ./...", name, got, sum)
		}
	}
	files, err := filepath.Glob("*_*64.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated files: %v", err)
	}
	for _, name := range files {
		if !listed[name] {
			t.Errorf("%s is not in MANIFEST: nothing here is written by hand", name)
		}
	}
}
