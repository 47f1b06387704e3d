package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/render"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// What the command prints without flags fits a terminal of 100 columns and 40 lines.
func TestBareFitsTheScreen(t *testing.T) {
	nets, err := network.All(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rep := &report.Report{Rounds: 10, Benchtime: time.Second}
	rep.Machine = report.Machine{CPU: "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", CPUs: 128, Procs: 128, Go: "go1.26.8", OS: "darwin", Arch: "amd64"}
	rep.Machine.PeakGFLOPS, rep.Machine.MemoryGBs, rep.Machine.CacheGBs = map[string]float64{"avx512": 1234.5}, 123.4, 1234.5
	for _, n := range nets {
		rep.Networks = append(rep.Networks, n.Network)
		for _, threads := range []int{1, 32} {
			r := report.Row{Network: n.Name, Engine: "riffle", ISA: "avx512", Threads: threads, Batch: 1, Memory: 123456789, LoadNS: 123.4e6, FirstNS: 123.4e6, PeakShare: 1}
			r.Summary = stats.Summary{N: 123456, P50: 123.4e6, P99: 123.4e6, Min: 123.4e6}
			rep.Rows = append(rep.Rows, r)
			rep.Warn("wide spread", "%s", r.Label())
			rep.Warn("two clusters", "%s", r.Label())
		}
	}
	rep.Warn("busy machine", "before")
	var out bytes.Buffer
	render.Write(&out, rep, render.Options{Format: "table"})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if n := len(lines); n < 24 || n > 40 {
		t.Errorf("got %d lines, want 24 to 40", n)
	}
	for _, l := range lines {
		if n := utf8.RuneCountInString(l); n > 100 {
			t.Errorf("got %d columns, want at most 100: %s", n, l)
		}
	}
	for _, want := range []string{"shufflenetv2:1x@224 ", "mobilenetv2:1x@224 ", "shufflenetv1:1x@224,g=8 ", "cifar10 ", "p99", "peak", "memory"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, out.String())
		}
	}
}

func TestConcurrency(t *testing.T) {
	code, out, msg := bench1(t, "-o", "json", "-concurrency", "1,3", "-isa", "all")
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg)
	}
	r := decode(t, out)
	if want := 2 * len(engine.Sets()); len(r.Loads) != want {
		t.Fatalf("got %d rows under load, want %d", len(r.Loads), want)
	}
	for i, l := range r.Loads {
		if l.Sessions != []int{1, 3}[i%2] || l.N < 3 || l.Throughput <= 0 || l.P50 <= 0 || l.P50 > l.P95 || l.P95 > l.P99 || l.P99 > l.P999 || l.P999 > l.Max {
			t.Errorf("got %+v", l)
		}
	}
}

// Files appear where the flags say, and a place where none can is told before
// anything is measured.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	out, trace := filepath.Join(dir, "out.JSON"), filepath.Join(dir, "trace.json")
	code, stdout, msg := bench1(t, "-o", out, "-trace", trace)
	if code != 0 || stdout != "" {
		t.Fatalf("got status %d, %q, %s", code, stdout, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	r := decode(t, string(b))
	if b, err = os.ReadFile(trace); err != nil {
		t.Fatal(err)
	}
	var events struct{ TraceEvents []struct{ Cat string } }
	if err := json.Unmarshal(b, &events); err != nil {
		t.Fatal(err)
	}
	runs := 0
	for _, e := range events.TraceEvents {
		if e.Cat == "run" {
			runs++
		}
	}
	if steps := len(r.Profiles[0].Steps); runs != 1 || len(events.TraceEvents) < steps+1 {
		t.Errorf("got %d runs and %d events, want 1 run of %d steps", runs, len(events.TraceEvents), steps)
	}
	for _, args := range [][]string{{"-o", dir + "/none/x.json"}, {"-trace", dir + "/none/x"}, {"-plot", dir + "/none/x.svg"}, {"-trace", dir}} {
		code, stdout, msg := bench1(t, args...)
		if code != cli.Failed || stdout != "" || !strings.HasPrefix(msg, "shufflebench: "+args[0]+": ") {
			t.Errorf("%v: got status %d, %.100q, %q, want an error and nothing measured", args, code, stdout, msg)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("got %v left behind", left)
	}
}

// Names and messages that come from files cannot write over the terminal.
func TestControlCharacters(t *testing.T) {
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.Model.Graph.Nodes {
		n.Model.Graph.Nodes[i].Name = fmt.Sprintf("\x1b[2Jnode%d", i)
	}
	path := filepath.Join(t.TempDir(), "x.rfl")
	if err := weights.WriteFile(path, n.Model); err != nil {
		t.Skip(err) // the format refuses such names
	}
	code, out, msg := bench1(t, "-model", path, "-profile", "-v", "-peer", "/bin/none {model.onnx}")
	if strings.ContainsAny(out+msg, "\x1b") {
		t.Errorf("got status %d, control characters in %.300q, %.300q", code, out, msg)
	}
	code, out, msg = bench1(t, "-model", path, "-profile", "-v")
	if code != 0 || strings.ContainsAny(out+msg, "\x1b") {
		t.Errorf("got status %d, control characters in %.300q, %.300q", code, out, msg)
	}
}
