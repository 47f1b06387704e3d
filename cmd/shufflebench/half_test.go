package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/kernel"
)

// A network and its twin in float16 arithmetic are rows of one run; the twin's outputs
// are off by more than rounding in float32, and other engines do not run it.
func TestHalf(t *testing.T) {
	peer := "'" + self(t) + "' fakepeer honest {model.rfl}"
	var out, msg bytes.Buffer
	code := run(context.Background(), []string{"-half", "-isa", "generic", "-arch", "shufflenetv2:0.25x@32", "-threads", "1", "-rounds", "2", "-benchtime", "10ms",
		"-concurrency", "1", "-profile", "-o", "json", "-peer", peer}, nil, &out, &msg)
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg.String())
	}
	r := decode(t, out.String())
	if len(r.Networks) != 2 || r.Networks[0].Half || !r.Networks[1].Half || len(r.Rows) != 3 || len(r.Loads) != 2 {
		t.Fatalf("got networks %+v, %d rows and %d under load, want one of float32, its twin, 3 rows and 2", r.Networks, len(r.Rows), len(r.Loads))
	}
	if r.PeakOf(r.Networks[1].Name) != 2*r.PeakOf(r.Networks[0].Name) {
		t.Errorf("got a peak of %v, want twice that of float32", r.PeakOf(r.Networks[1].Name))
	}
	for _, row := range r.Rows {
		half := strings.HasSuffix(row.Network, " (half)")
		if off := row.Diff > 1e-4; off != half || half && row.Engine != "riffle" {
			t.Errorf("got %s, %s, outputs off by %v", row.Network, row.Engine, row.Diff)
		}
	}
	half := 0
	for _, k := range r.Profiles[1].Kinds {
		if strings.Contains(k.Op, "halfgemm") {
			half++
		}
	}
	if half == 0 {
		t.Errorf("got kinds of steps %+v, want some in float16", r.Profiles[1].Kinds)
	}
}

// A set without float16 arithmetic is a wrong flag.
func TestHalfRefused(t *testing.T) {
	for _, s := range kernel.Sets() {
		if s.HalfArithmetic() == nil {
			continue
		}
		if _, err := parseOptions([]string{"-half", "-isa", s.Name}); err == nil || !strings.Contains(err.Error(), "-half: float16 arithmetic: ") {
			t.Errorf("%s: got %v, want it refused", s.Name, err)
		}
	}
}
