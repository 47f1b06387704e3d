package app

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWriteFile(t *testing.T) {
	a := &App{Stdout: io.Discard}
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	hello := func(w io.Writer) error { _, err := io.WriteString(w, "hello"); return err }
	boom := errors.New("boom")
	if err := a.WriteFile(path, func(w io.Writer) error { hello(w); return boom }); err != boom || entries(t, dir) != "" {
		t.Errorf("got %v and files %q, want boom and none", err, entries(t, dir))
	}
	if err := a.WriteFile(path, hello); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := a.WriteFile(path, hello); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != 5 {
		t.Fatalf("got %v, %v", info, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info.Mode().Perm() != 0o640 {
		t.Errorf("got mode %v, want the old file's", info.Mode())
	}
	// A link stays one, and a device stays a device.
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := a.WriteFile(link, hello); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	pipeR, pipeW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipeR.Close()
	pipeW.Close()
	if err := a.WriteFile(os.DevNull, hello); err != nil {
		t.Errorf("%s: %v", os.DevNull, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced by a file", os.DevNull)
	}
}

func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
