package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestForeignRegisters: no arm64 function touches what is not a leaf's:
// R16 and R17 (the linker's), R18 (the platform's), R27 (the assembler's), R28
// (g), R29 (frame), R30 (return).
func TestForeignRegisters(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../asm/*_arm64.s")
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
		for line := range strings.Lines(string(dump)) {
			if m := foreign.FindString(line); m != "" && !strings.HasPrefix(line, "TEXT") {
				t.Errorf("%s: %s", filepath.Base(name), m)
			}
		}
	}
}
