package app

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The image is built as the README and the tests build the command, by a Go that is new
// enough, and has nothing in it that the command does not need.
func TestDockerfile(t *testing.T) {
	file := string(must(t, "../../deploy/Dockerfile"))
	const command = "go build -trimpath -tags grpcnotrace -ldflags '-s -w -funcalign=16' -o "
	for name, text := range map[string]string{"Dockerfile": file, "README.md": string(must(t, "../../README.md"))} {
		if !strings.Contains(text, command) || !strings.Contains(text, "CGO_ENABLED=0") {
			t.Errorf("%s does not build with CGO_ENABLED=0 and %s", name, command)
		}
	}
	image := regexp.MustCompile(`(?m)^FROM .*golang:(\d+\.\d+) AS build$`).FindStringSubmatch(file)
	want := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(must(t, "../../go.mod"))
	if image == nil || want == nil || image[1] != string(want[1]) {
		t.Errorf("the image has Go %q, and go.mod wants %q", image, want)
	}
	_, last, ok := strings.Cut(file, "\nFROM scratch\n")
	if !ok || strings.Contains(last, "RUN") || !strings.Contains(last, "USER 65532") {
		t.Errorf("the last stage is not from scratch, runs something, or is root's: %s", last)
	}
}

func must(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The arguments in the image and in the manifests are ones that the command takes.
func TestDeployArguments(t *testing.T) {
	for file, line := range map[string]string{"Dockerfile": `(?m)^CMD \[(.*)\]$`, "kserve.yaml": `(?m)^ *args: \[(.*)\]$`} {
		m := regexp.MustCompile(line).FindSubmatch(must(t, "../../deploy/"+file))
		if m == nil {
			t.Fatalf("%s has no arguments", file)
		}
		args := strings.Split(strings.ReplaceAll(string(m[1]), `"`, ""), ", ")
		c, err := parse(args, io.Discard)
		if err != nil || c.http != ":8080" || c.grpc != ":9000" || c.models != "/mnt/models" {
			t.Errorf("%s: %q: %+v, %v", file, args, c, err)
		}
	}
}
