package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	if err := drift("../../asm", files); err != nil {
		t.Error(err)
	}
}

func TestWriteAndDrift(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{"a_amd64.s": []byte("a"), manifest: []byte("0  a_amd64.s\n")}
	if drift(dir, files) == nil {
		t.Error("an empty folder passed the check")
	}
	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := drift(dir, files); err != nil {
		t.Errorf("what was written just now: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a_amd64.s"), []byte("b"), 0o644); err != nil {
		t.Fatal(err)
	}
	if drift(dir, files) == nil {
		t.Error("an edited file passed the check")
	}
	renamed := map[string][]byte{"b_amd64.s": []byte("b"), manifest: []byte("0  b_amd64.s\n")}
	if err := write(dir, renamed); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a_amd64.s")); err == nil {
		t.Error("a file that no unit makes any more was left")
	}
}

func TestSameBytesTwice(t *testing.T) {
	a, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	b, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s came out different the second time", name)
		}
	}
}
