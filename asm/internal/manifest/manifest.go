// Package manifest tests that the files of a generated package are those that its
// MANIFEST lists.
package manifest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Check fails where a generated file of the package in this directory was edited,
// added or lost by hand. That the files are what the generators make is tested in
// internal/gen.
func Check(t *testing.T) {
	t.Helper()
	for _, problem := range problems(t, ".") {
		t.Error(problem)
	}
}

func problems(t *testing.T, dir string) (found []string) {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(dir, "MANIFEST"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{"MANIFEST": true}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("MANIFEST has the line %q, wanted a sum, two spaces and a name", line)
		}
		listed[name] = true
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			found = append(found, err.Error())
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != sum {
			found = append(found, fmt.Sprintf("%s was changed by hand (sum %s, wanted %s): change its generator and run go generate ./asm", name, got, sum))
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(listed) == 1 {
		t.Fatalf("no generated files: %v", err)
	}
	for _, f := range files {
		if !listed[f.Name()] && !strings.HasSuffix(f.Name(), "_test.go") {
			found = append(found, f.Name()+" is not in MANIFEST: nothing here but the test is written by hand")
		}
	}
	return found
}
