package app

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The arguments in the image and in the manifests are ones that the command takes.
func TestDeployArguments(t *testing.T) {
	for file, line := range map[string]string{"Dockerfile": `(?m)^CMD \[(.*)\]$`, "kserve.yaml": `(?m)^ *args: \[(.*)\]$`} {
		b, err := os.ReadFile("../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(line).FindSubmatch(b)
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
