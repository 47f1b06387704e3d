package app

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A client that is not ours: RIFFLE_TRITON is a Python with tritonclient[http,grpc].
func TestTritonClient(t *testing.T) {
	python := os.Getenv("RIFFLE_TRITON")
	if python == "" {
		t.Skip("RIFFLE_TRITON is not set")
	}
	r := start(t)
	c := exec.Command(python, "../../clients/triton.py", strings.TrimPrefix(r.http, "http://"), r.grpc, "../../../testdata/pictures/ship.png", "ship")
	if b, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, b)
	}
}
