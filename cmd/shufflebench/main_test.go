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
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/serve"
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
		if x.P50 <= 0 || x.Min <= 0 || x.CI == nil && !x.Low { // of two clusters, too few rounds may be left for an interval
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

func TestUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-threads 0", "1 to 32"}, {"-isa mmx", "this machine has"}, {"-batch 0", "-batch"}, {"-rounds 0", "-rounds"},
		{"-benchtime -1s", "-benchtime"}, {"-o xml", "want table, md"}, {"-plot x.gif", ".svg"}, {"extra", "want flags only"},
		{"-arch resnet", "family"}, {"-arch shufflenetv2:0.25x@32", "given twice"}, {"-peer '", "quotes closed"}, {"-peer ", "want a command"},
		{"-nonsense", "not defined"}, {"-concurrency 0", "1 to 1024"}, {"-draft", "without -pictures"}, {"-pictures testdata -profile", "about tensors"}, {"-peer-timeout 0s", "-peer-timeout"},
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
	var version bytes.Buffer
	if code := run(context.Background(), []string{"-version"}, nil, &version, io.Discard); code != 0 || !strings.HasPrefix(version.String(), "shufflebench "+cli.Version()+"\n") {
		t.Errorf("-version: got status %d, %s", code, version.String())
	}
	if code := run(context.Background(), []string{"-h"}, nil, &out, io.Discard); code != 0 || out.String() != usage {
		t.Errorf("-h: got status %d, %s", code, out.String())
	}
}
