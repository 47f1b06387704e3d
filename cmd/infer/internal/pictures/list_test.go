package pictures

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func files(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(t *testing.T, l *List, dir string) []string {
	var out []string
	for _, p := range l.All {
		name, err := filepath.Rel(dir, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p.err != nil {
			name += "!"
		}
		out = append(out, filepath.ToSlash(name))
	}
	return out
}

// TestExpand: pictures by name, those of a directory before those of the next; other
// files are counted, hidden ones not.
func TestExpand(t *testing.T) {
	dir := files(t, "b/2.PNG", "b/1.jpg", "a.png", "notes.txt", "b/Thumbs.db", "b/c/x.onnx", ".hidden.png", ".git/x.png", "b/.DS_Store", "png")
	l := Expand([]string{dir, filepath.Join(dir, "notes.txt"), filepath.Join(dir, "none.png"), filepath.Join(dir, "b", "c")})
	want := []string{"a.png", "b/1.jpg", "b/2.PNG", "notes.txt", "none.png!", "b/c!"}
	if got := names(t, l, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: what is named by itself counts, whatever its ending", got, want)
	}
	if l.Skipped != 5 { // notes.txt, png, Thumbs.db, and x.onnx twice
		t.Errorf("got %d skipped, want 5", l.Skipped)
	}
	if note := l.Note(); !strings.HasPrefix(note, "5 files were skipped") {
		t.Errorf("got %q", note)
	}
	if l := Expand([]string{filepath.Join(dir, "a.png"), "-"}); l.Note() != "" || len(l.All) != 2 || l.All[1].Name != "-" {
		t.Errorf("got %+v and the note %q, want two pictures and none", l, l.Note())
	}
}

// TestLinks: links to files are pictures, links to directories are not followed, and one
// that leads nowhere is an error in its place.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	dir := files(t, "a.png")
	for to, name := range map[string]string{"a.png": "link.png", ".": "loop.png", "nowhere": "broken.png"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := names(t, Expand([]string{dir}), dir), []string{"a.png", "broken.png!", "link.png"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
