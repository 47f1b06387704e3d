package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	if err := eachSet("../../asm", drift); err != nil {
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
	for _, s := range sets {
		a, err := s.files()
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.files()
		if err != nil {
			t.Fatal(err)
		}
		for name := range a {
			if !bytes.Equal(a[name], b[name]) {
				t.Errorf("%s/%s came out different the second time", s.name, name)
			}
		}
	}
}

// TestUnitTwice: a second unit of the same name is refused, not lost.
func TestUnitTwice(t *testing.T) {
	s := set{"x", "amd64", "none", []unit{amd64("peak", peakAVX2), amd64("peak", peakAVX2)}}
	if _, err := s.files(); err == nil || !strings.Contains(err.Error(), "two units are called peak") {
		t.Errorf("got %v, wanted the name refused", err)
	}
}
