package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRelease: what .goreleaser.yaml has the linker set is what -version says.
func TestRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	config, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`-X \S+=.*`).FindAllString(string(config), -1)
	if len(flags) != 2 {
		t.Fatalf("got %d variables that the linker sets, want version and commit", len(flags))
	}
	linker := strings.NewReplacer("{{ .Version }}", "7.8.9", "{{ .FullCommit }}", "fedcba98765432100123456789abcdef01234567").Replace(strings.Join(flags, " "))
	program := filepath.Join(t.TempDir(), "infer.exe")
	build := exec.Command(goTool, "build", "-o", program, "-ldflags", linker, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program, "-version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "infer v7.8.9 fedcba987654\n") {
		t.Errorf("got %q, %v", out, err)
	}
}
