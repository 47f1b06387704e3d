package app

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The README's curl lines work as pasted, but for the address.
func TestReadmeCurl(t *testing.T) {
	for _, tool := range []string{"curl", "bash", "base64"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t)
	n := 0
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "curl -sf") {
			continue
		}
		n++
		c := exec.Command("bash", "-o", "pipefail", "-c", strings.ReplaceAll(line, "localhost:8000", strings.TrimPrefix(r.http, "http://")))
		c.Dir = "../.."
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%s%v %s", line, err, out)
		}
		for part, want := range map[string]string{"ship.png": `"data":["ship"`, "cat.png": `"data":["cat"`, "metrics": "riffle_stage_seconds_sum{model=\"cifar10-sds\"", "index": `"state":"READY"`} {
			if strings.Contains(line, part) && !strings.Contains(string(out), want) {
				t.Errorf("%sanswers %s, want %s", line, out, want)
			}
		}
	}
	if n < 8 {
		t.Errorf("%d curl lines in the README, want 8 or more", n)
	}
}
