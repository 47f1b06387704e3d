package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun draws the invented report of shufflebench's golden file in each
// format.
func TestRun(t *testing.T) {
	in, err := os.ReadFile("../testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	for ext, want := range map[string]string{"svg": "<svg", "png": "\x89PNG", "pdf": "%PDF"} {
		path := filepath.Join(t.TempDir(), "out."+ext)
		if err := run(bytes.NewReader(in), nil, path, ""); err != nil {
			t.Fatalf("%s: %v", ext, err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(got[:min(len(got), 200)], []byte(want)) {
			t.Errorf("%s: got %.50q, want %q in it", ext, got, want)
		}
		if ext != "svg" {
			continue
		}
		for _, text := range []string{"Invented 9000", "net:1x@32", "gemm4x24", "memory, 20 GB/s", "roofline", "milliseconds (logarithmic scale)", "GFLOP/s (logarithmic scale)", ">0.215 ms<", ">1500 ms<", ">1000<", "sessions side by side", ">8372 (p50 0.450, p99 0.600 ms)<"} {
			if !strings.Contains(string(got), text) {
				t.Errorf("svg: want %q in it", text)
			}
		}
	}
}

func TestRunErrors(t *testing.T) {
	for _, c := range []struct{ in, out, want string }{
		{"x", "a.svg", "not a report"}, {"{}", "a.svg", "format 0"}, {`{"format":1}`, "a.svg", "no measured rows"}, {`{"format":1}`, "", "no -o"},
		{`{"format":1,"rows":[{"n":1,"p50_ns":1,"p90_ns":1,"min_ns":1}]}`, "a.gif", "gif"},
		{`{"format":1,"rows":[{"n":1,"p50_ns":0,"p90_ns":1,"min_ns":0}]}`, "a.svg", "want more than 0"},
	} {
		if err := run(strings.NewReader(c.in), nil, c.out, ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %q: got %v, want %q", c.in, c.out, err, c.want)
		}
	}
}
