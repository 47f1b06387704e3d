package manifest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProblems: an edited, an added and a lost file are found, and nothing else.
func TestProblems(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("MANIFEST", fmt.Sprintf("%x  a.s\n%x  b.s\n", sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))))
	write("a.s", "a")
	write("b.s", "b")
	write("x_test.go", "")
	if found := problems(t, dir); found != nil {
		t.Errorf("sound files: %v", found)
	}
	write("a.s", "edited")
	write("c.s", "added")
	if err := os.Remove(filepath.Join(dir, "b.s")); err != nil {
		t.Fatal(err)
	}
	found := strings.Join(problems(t, dir), "\n")
	for _, want := range []string{"a.s was changed", "b.s: no such file", "c.s is not in MANIFEST"} {
		if !strings.Contains(found, want) {
			t.Errorf("found %q, wanted %q in it", found, want)
		}
	}
}
