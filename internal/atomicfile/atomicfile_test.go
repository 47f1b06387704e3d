package atomicfile_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/riffle-ml/riffle/internal/atomicfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// holds fails unless path holds want and its directory no temporary file.
func holds(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Errorf("got %d bytes (%.20q), error %v; want %d bytes (%.20q)", len(b), b, err, len(want), want)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp")); len(left) > 0 {
		t.Errorf("got temporary files %v, want none", left)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("ä", 120)+".rfl") // 244 bytes
	for _, s := range []string{"first", "", strings.Repeat("long ", 100_000)} {
		if err := atomicfile.Write(path, 0o644, text(s)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, s)
	}
}

func TestWriteFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	boom := errors.New("boom")
	half := func(w io.Writer) error {
		w.Write(bytes.Repeat([]byte("x"), 1<<20))
		return boom
	}
	if err := atomicfile.Write(path, 0o644, half); err != boom {
		t.Errorf("got %v, want the error of the function itself", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("got %v, want no file", err)
	}
	if err := atomicfile.Write(path, 0o644, text("old")); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, 0o644, half); err != boom {
		t.Errorf("got %v, want the error of the function itself", err)
	}
	holds(t, path, "old")
	func() {
		defer func() { recover() }()
		atomicfile.Write(path, 0o644, func(w io.Writer) error { panic("of the function") })
	}()
	holds(t, path, "old")
}

func TestWriteWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	if err := atomicfile.Write(dir, 0o644, text("x")); err == nil || !strings.Contains(err.Error(), "got a directory") {
		t.Errorf("a directory: got %v, want an error that says so", err)
	}
	if err := atomicfile.Write(filepath.Join(dir, "none", "x"), 0o644, text("x")); !os.IsNotExist(err) {
		t.Errorf("in a directory that is missing: got %v, want not exist", err)
	}
	loop := filepath.Join(dir, "loop")
	if os.Symlink("loop", loop) == nil {
		if err := atomicfile.Write(loop, 0o644, text("x")); err == nil || !strings.Contains(err.Error(), "symbolic links") {
			t.Errorf("a loop of links: got %v, want an error that says so", err)
		}
	}
}

func TestWriteKeepsMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("windows has no permission bits")
	}
	path := filepath.Join(t.TempDir(), "model")
	for _, c := range []struct{ before, want os.FileMode }{{0, 0o600}, {0o666, 0o666}, {0o640, 0o640}} {
		if c.before != 0 {
			if err := os.Chmod(path, c.before); err != nil { // whatever the umask
				t.Fatal(err)
			}
		}
		if err := atomicfile.Write(path, 0o600, text("x")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != c.want {
			t.Errorf("mode %o before: got %v, error %v, want %o", c.before, info.Mode(), err, c.want)
		}
	}
}

func TestWriteThroughLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join("sub", "model"), link); err != nil {
		t.Skip(err)
	}
	for _, s := range []string{"link to a file that is missing", "link to a file"} {
		if err := atomicfile.Write(link, 0o644, text(s)); err != nil {
			t.Fatal(err)
		}
		holds(t, filepath.Join(dir, "sub", "model"), s)
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("got %v, error %v, want the link as it was", info, err)
		}
	}
}

func TestWriteFromMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := atomicfile.Write(path, 0o644, text(strings.Repeat(string(rune('a'+i)), 100_000))); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 100_000 {
		t.Fatalf("got %d bytes, error %v, want 100000", len(b), err)
	}
	holds(t, path, strings.Repeat(string(b[:1]), 100_000))
}
