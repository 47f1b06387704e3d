package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/render"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/serve"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
	"github.com/riffle-ml/riffle/engine"
)

// TestMain lets the test binary be what shufflebench starts: itself as a peer,
// and peers that misbehave.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "peer" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	if len(os.Args) > 2 && os.Args[1] == "fakepeer" {
		fakePeer(os.Args[2])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fakePeer runs riffle and misbehaves as how says.
func fakePeer(how string) {
	var s serve.Server
	in := bufio.NewReader(os.Stdin)
	for {
		l, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q peer.Request
		json.Unmarshal(l, &q)
		if q.Op == "quit" {
			return
		}
		a, err := s.Do(context.Background(), q)
		if err != nil {
			a = &peer.Answer{Error: err.Error()}
		}
		a.OK = err == nil
		if q.Op == "load" {
			a.Name, a.Version = "fake", "1.0"
		}
		switch how + " " + q.Op {
		case "refuses load":
			a = &peer.Answer{Error: "no such operator"}
		case "hangs time":
			time.Sleep(time.Hour)
		case "dies time":
			fmt.Fprintln(os.Stderr, "out of luck")
			os.Exit(7)
		case "dies-at-once load":
			os.Exit(3)
		case "wrong run":
			y, _ := peer.Floats(a.Output)
			y[3] += 0.01 * (1 + y[3]*y[3])
			a.Output = peer.Bytes(y)
		case "short run":
			a.Output = a.Output[:4]
		case "chatty run":
			fmt.Println("Warning: something happened")
		case "miscounts time":
			a.NS = append(a.NS, 1)
		case "cheats time":
			a.NS[0] = 0
		case "wrong classify":
			for i := range a.Classes {
				a.Classes[i] = 9 - a.Classes[i]
			}
		case "short classify":
			a.Classes = a.Classes[1:]
		case "slow time":
			for i := range a.NS {
				a.NS[i] *= 50
			}
		}
		b, _ := json.Marshal(a)
		os.Stdout.Write(append(b, '\n'))
	}
}

func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// quick are flags of a small run.
var quick = []string{"-arch", "shufflenetv2:0.25x@32", "-threads", "1", "-rounds", "3", "-benchtime", "20ms"}

func bench1(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), append(append([]string{}, quick...), args...), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func decode(t *testing.T, s string) *report.Report {
	t.Helper()
	var r report.Report
	if err := json.Unmarshal([]byte(s), &r); err != nil {
		t.Fatalf("%v in %.200s", err, s)
	}
	return &r
}

func TestRun(t *testing.T) {
	code, out, msg := bench1(t, "-threads", "1,2", "-o", "json", "-profile", "-kernels", "-peer", "'"+self(t)+"' peer {model.rfl}")
	if code != 0 || msg != "" {
		t.Fatalf("got status %d, %s", code, msg)
	}
	r := decode(t, out)
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.N < 3 || len(row.RoundP50) != 3 || row.Min > row.P50 || row.P50 > row.P99 || row.Min <= 0 || row.GFLOPS <= 0 || row.PeakShare <= 0 || row.LoadNS <= 0 || row.FirstNS <= 0 {
			t.Errorf("row %d: got %+v", i, row)
		}
		if row.Engine == "riffle" && row.ISA != "" && row.Allocs > 1 {
			t.Errorf("%s: got %v allocations a run", row.Label(), row.Allocs)
		}
	}
	var what []string
	for _, x := range r.Ratios {
		what = append(what, x.What)
		if x.P50 <= 0 || x.Min <= 0 || x.CI == nil {
			t.Errorf("ratio: got %+v", x)
		}
	}
	if s := strings.Join(what, " "); !strings.HasPrefix(s, "engine engine") || !strings.Contains(s, "threads") {
		t.Errorf("ratios: got %s", s)
	}
	if len(r.Profiles) != 1 || len(r.Profiles[0].Steps) < 20 || r.Profiles[0].Total <= 0 {
		t.Errorf("profiles: got %d", len(r.Profiles))
	}
	share := 0.0
	for _, k := range r.Profiles[0].Kinds {
		share += k.Share
	}
	if math.Abs(share-1) > 1e-9 {
		t.Errorf("shares of kinds: got %v, want 1", share)
	}
	chosen := 0
	for _, k := range r.Kernels {
		if k.NS <= 0 || k.Uses < 1 {
			t.Errorf("kernel: got %+v", k)
		}
		if k.Chosen {
			chosen++
		}
	}
	if chosen == 0 {
		t.Error("kernels: none is marked as chosen")
	}
}

// A dynamic shuffle has no ONNX form: peers that want one sit out, with a
// warning, and those that read .rfl do not.
func TestDynamicHasNoONNX(t *testing.T) {
	peer := "'" + self(t) + "' fakepeer honest "
	var out, msg bytes.Buffer
	code := run(context.Background(), []string{"-arch", "shufflenetv2:0.25x@32,shuffle=dynamic", "-threads", "1", "-rounds", "2", "-benchtime", "10ms",
		"-o", "json", "-peer", peer + "{model.onnx}", "-peer", peer, "-peer", peer + "{model.rfl}"}, nil, &out, &msg)
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg.String())
	}
	r, peers := decode(t, out.String()), 0
	for i := range r.Rows {
		if r.Rows[i].Engine == "fake" {
			peers++
		}
	}
	if s := strings.Join(r.Warnings, "\n"); peers != 1 || strings.Count(s, "no peer ran") != 2 {
		t.Errorf("got %d peers and warnings %s, want 1 peer, 2 that sat out", peers, s)
	}
}

func TestONNXModel(t *testing.T) {
	// The file that {model.onnx} names is one that riffle itself reads alike.
	dir := t.TempDir()
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Write(dir, 0, 1); err != nil {
		t.Fatal(err)
	}
	code, out, msg := bench1(t, "-model", n.Paths["onnx"], "-o", "json")
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg)
	}
	if r := decode(t, out); len(r.Networks) != 2 || r.Networks[0].MACs != r.Networks[1].MACs {
		t.Errorf("got %+v, want the same network twice", r.Networks)
	}
}

// A peer's fault before the rounds stops everything; during the rounds only
// its own row.
func TestBadPeers(t *testing.T) {
	for _, c := range []struct {
		how, want string
		timed     bool
	}{
		{"refuses", "no such operator", false},
		{"dies-at-once", `it ended before it answered "load" (exit status 3)`, false},
		{"wrong", "outputs disagree with the reference, nothing was timed: element 3", false},
		{"short", "got 1 values, want 10", false},
		{"chatty", `got "Warning: something happened", want a JSON object`, false},
		{"dies", `it ended before it answered "time" (exit status 7): out of luck`, true},
		{"hangs", `no answer to "time" in 1.5s (killed)`, true},
		{"miscounts", "got 2 times, want 1", true},
		{"cheats", "got 0 ns, want more than 0", true},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			code, out, msg := bench1(t, "-o", "json", "-peer-timeout", "1500ms", "-peer", "'"+self(t)+"' fakepeer "+c.how+" {model.rfl}")
			if code != cli.Failed || !strings.Contains(msg, c.want) {
				t.Errorf("got status %d, %q, want status 1 and %q", code, msg, c.want)
			}
			if !c.timed {
				if out != "" {
					t.Errorf("got %.200s, want nothing printed", out)
				}
				return
			}
			r := decode(t, out)
			if last := r.Rows[len(r.Rows)-1]; r.Rows[0].N == 0 || last.N != 0 || !strings.Contains(last.Error, c.want) {
				t.Errorf("got %+v, want riffle timed and the peer's row failed", r.Rows)
			}
		})
	}
}

func TestSlowPeer(t *testing.T) {
	code, out, msg := bench1(t, "-o", "json", "-peer", "'"+self(t)+"' fakepeer slow {model.rfl}")
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg)
	}
	for _, x := range decode(t, out).Ratios {
		if x.What == "engine" {
			if x.P50 < 5 || x.Min < 5 {
				t.Errorf("got a ratio of %v, minima %v; the peer said 50 times what it took", x.P50, x.Min)
			}
			return
		}
	}
	t.Error("got no ratio of engines")
}

func TestUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-threads 0", "1 to 32"}, {"-isa mmx", "this machine has"}, {"-batch 0", "-batch"}, {"-rounds 0", "-rounds"},
		{"-benchtime -1s", "-benchtime"}, {"-o xml", "want table, md"}, {"-plot x.gif", ".svg"}, {"extra", "want flags only"},
		{"-arch resnet", "family"}, {"-arch shufflenetv2:0.25x@32", "given twice"}, {"-peer '", "quotes closed"}, {"-peer ", "want a command"},
		{"-nonsense", "not defined"}, {"-concurrency 0", "1 to 1024"}, {"-pictures testdata -profile", "about tensors"}, {"-peer-timeout 0s", "-peer-timeout"},
	} {
		args := strings.SplitN(c.args, " ", 3)
		if code, _, msg := bench1(t, args...); code != cli.Usage || !strings.Contains(msg, c.want) {
			t.Errorf("%s: got status %d, %q, want 2 and %q", c.args, code, msg, c.want)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"-model none", "or one of"}, {"-model no/file.rfl", "no such file"}, {"-baseline no/file.json", "no such file"},
	} {
		if code, _, msg := bench1(t, strings.Fields(c.args)...); code != cli.Failed || !strings.Contains(msg, c.want) {
			t.Errorf("%s: got status %d, %q, want 1 and %q", c.args, code, msg, c.want)
		}
	}
	var out bytes.Buffer
	if code := run(context.Background(), []string{"-h"}, nil, &out, io.Discard); code != 0 || out.String() != usage {
		t.Errorf("-h: got status %d, %s", code, out.String())
	}
}

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

const pictureDir = "../../testdata/pictures"

func TestPictures(t *testing.T) {
	args := []string{"-model", "cifar10", "-arch", "shufflenetv2:0.25x@32", "-pictures", pictureDir, "-threads", "1,2", "-rounds", "2", "-benchtime", "100ms", "-o", "json", "-peer", "'" + self(t) + "' peer {model.rfl}"}
	var out, msg bytes.Buffer
	if code := run(context.Background(), args, nil, &out, &msg); code != 0 {
		t.Fatalf("got status %d, %s", code, msg.String())
	}
	f := decode(t, out.String()).Folder
	if f == nil || len(f.Rows) != 8 || f.Pictures < 10 || f.Bytes < 10000 {
		t.Fatalf("got %+v, want 8 rows", f)
	}
	for _, r := range f.Rows {
		if r.N < 2 || r.Rate <= 0 || len(r.RoundRate) != 2 || r.Min <= 0 || r.Min > r.P50 || r.P50 > r.P99 || r.Agree != 1 || r.Gain <= 0 {
			t.Errorf("got %+v", r)
		}
	}
}

func TestBadPicturePeers(t *testing.T) {
	for how, want := range map[string]string{
		"wrong": "classes disagree with those of", "short": "got 9 classes", "refuses": "no such operator",
	} {
		code, out, msg := bench1(t, "-o", "json", "-model", "cifar10", "-pictures", pictureDir, "-peer", "'"+self(t)+"' fakepeer "+how+" {model.rfl}")
		if code != cli.Failed || out != "" || !strings.Contains(msg, want) {
			t.Errorf("%s: got status %d, %.100q, %q, want %q", how, code, out, msg, want)
		}
	}
	if code, _, msg := bench1(t, "-pictures", t.TempDir()); code != cli.Failed || !strings.Contains(msg, "got no pictures") {
		t.Errorf("got status %d, %s, want an error of a directory without pictures", code, msg)
	}
}
