package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestForeignRegisters: no arm64 function touches what is not a leaf's:
// R16 and R17 (the linker's), R18 (the platform's), R27 (the assembler's), R28
// (g), R29 (frame), R30 (return). What the assembler itself puts where a
// function with a frame begins and returns is its own: lines of TEXT and RET.
func TestForeignRegisters(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../asm/neon/*_arm64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	foreign := regexp.MustCompile(`(?m)^.*\b(R1[678]|R18_PLATFORM|R2[789]|R30|g)\b.*$`)
	for _, name := range files {
		object := filepath.Join(t.TempDir(), "f.o")
		c := exec.Command("go", "tool", "asm", "-I", filepath.Join(strings.TrimSpace(string(root)), "pkg", "include"), "-p", "asm", "-o", object, name)
		c.Env = append(c.Environ(), "GOOS=linux", "GOARCH=arm64")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		dump, err := exec.Command("go", "tool", "objdump", object).Output()
		if err != nil || strings.Count(string(dump), "RET") == 0 {
			t.Fatalf("%s: no code in the dump: %v", name, err)
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(source), "\n")
		at := regexp.MustCompile(`^\s*` + regexp.QuoteMeta(filepath.Base(name)) + `:(\d+)\s`)
		kept := 0
		for line := range strings.Lines(string(dump)) {
			m := at.FindStringSubmatch(line)
			if m == nil {
				continue // TEXT and empty lines
			}
			n, err := strconv.Atoi(m[1])
			if err != nil || n < 1 || n > len(lines) {
				t.Fatalf("%s: a line of the dump that the source lacks: %s", name, line)
			}
			if word := strings.Fields(lines[n-1]); len(word) > 0 && (word[0] == "TEXT" || word[0] == "RET") {
				continue
			}
			kept++
			if m := foreign.FindString(line); m != "" {
				t.Errorf("%s: %s", filepath.Base(name), m)
			}
		}
		if kept < len(lines)/4 {
			t.Errorf("%s: of %d lines only %d were looked at", filepath.Base(name), len(lines), kept)
		}
	}
}
