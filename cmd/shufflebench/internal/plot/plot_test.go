package plot

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]string{"a.svg": "svg", "dir/a.b.PNG": "png", "x.pdf": "pdf", "a.gif": "", "svg": "", "": ""} {
		if got, ok := FormatOf(path); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", path, got, ok, want)
		}
	}
}

// What is missing is told by New, before anything is measured.
func TestNoPlotter(t *testing.T) {
	t.Chdir(t.TempDir()) // in no module
	t.Setenv("PATH", "")
	if _, err := New(context.Background()); err == nil || !strings.Contains(err.Error(), "no shufflebench-plot in PATH") {
		t.Errorf("got %v, want that there is no program", err)
	}
}

// fake puts a program called shufflebench-plot first in PATH.
func fake(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh")
	}
	if err := os.WriteFile(filepath.Join(dir, "shufflebench-plot"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestPlotter(t *testing.T) {
	fake(t, `echo "$@"; cat`)
	p, err := New(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := p.Draw(context.Background(), []byte("report"), "png")
	if want := "-o - -format png\nreport"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Draw(ctx, nil, "png"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestBrokenPlotter(t *testing.T) {
	fake(t, `echo "no fonts" >&2; exit 3`)
	if _, err := New(context.Background()); err == nil || !strings.Contains(err.Error(), "exit status 3: no fonts") {
		t.Errorf("got %v, want what the program said", err)
	}
}

// The real one, where it can be built: its modules may have to be downloaded.
func TestBuiltPlotter(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	p, err := New(context.Background())
	if err != nil {
		t.Skip(err)
	}
	defer p.Close()
	report, err := os.ReadFile("../../testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Draw(context.Background(), report, "svg")
	if err != nil || !bytes.Contains(got, []byte("<svg")) {
		t.Errorf("got %.50q, %v, want an SVG", got, err)
	}
}
