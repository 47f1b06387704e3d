package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// A network and its quantized twin are rows of one run, and peers run both.
func TestInt8(t *testing.T) {
	peer := "'" + self(t) + "' fakepeer honest {model.rfl}"
	var out, msg bytes.Buffer
	code := run(context.Background(), []string{"-int8", "-arch", "shufflenetv2:0.25x@32", "-threads", "1", "-rounds", "2", "-benchtime", "10ms",
		"-profile", "-o", "json", "-peer", peer}, nil, &out, &msg)
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg.String())
	}
	r := decode(t, out.String())
	if len(r.Networks) != 2 || r.Networks[0].Int8 || !r.Networks[1].Int8 || r.Networks[0].MACs != r.Networks[1].MACs || len(r.Rows) != 4 {
		t.Fatalf("got networks %+v and %d rows, want one of float32, its twin, and 4 rows", r.Networks, len(r.Rows))
	}
	if r.Machine.Int8Peak() <= 0 || len(r.Machine.PeakInt8) != len(r.Machine.ISAs) {
		t.Errorf("got int8 peaks %v, want one for each of %v", r.Machine.PeakInt8, r.Machine.ISAs)
	}
	kinds := ""
	for _, k := range r.Profiles[1].Kinds {
		kinds += k.Op + "\n"
	}
	if !strings.Contains(kinds, "qconv (qgemm)\n") || !strings.Contains(kinds, "qconv (qdepthwise") {
		t.Errorf("got kinds of steps %s, want those of quantized convolutions", kinds)
	}
}
