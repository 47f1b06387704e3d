package folder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPictures(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b.JPG", "a/z.png", "a/notes.txt", ".hidden.png", ".git/x.png", "c.webp", "e.dib", "README"} {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink(dir, filepath.Join(dir, "a", "loop.png")) // where there are links
	os.Symlink(filepath.Join(dir, "c.webp"), filepath.Join(dir, "d.webp"))
	_, err := os.Lstat(filepath.Join(dir, "d.webp"))
	want, others := "a/z.png b.JPG c.webp", 2
	if err == nil {
		want, others = want+" d.webp", 3 // loop.png is a directory
	}
	want += " e.dib"
	got, skipped, err := Pictures(dir)
	var names []string
	for _, p := range got {
		rel, _ := filepath.Rel(dir, p)
		names = append(names, filepath.ToSlash(rel))
	}
	if s := strings.Join(names, " "); err != nil || s != want || skipped != others {
		t.Errorf("got %s, %d skipped, %v, want %s, %d skipped", s, skipped, err, want, others)
	}
	if _, _, err := Pictures(filepath.Join(dir, "none")); err == nil {
		t.Error("got no error for a directory that is not there")
	}
}
