package main

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// go test ./cmd/shufflebench -run Golden -update
var update = flag.Bool("update", false, "write the golden files")

// invented is a report with something in every field.
func invented() *Report {
	stats := func(x ...float64) Stats { return summarize(x) }
	r := &Report{
		Format: 1, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Rounds: 3, Benchtime: time.Second,
		Machine: Machine{
			CPU: "Invented 9000", Features: []string{"AVX2", "FMA3"}, Unused: []string{"AVX512F"}, OS: "linux", Arch: "amd64", Go: "go1.26", Procs: 4, CPUs: 8,
			Load: "0.10 0.20 0.30", PeakGFLOPS: map[string]float64{"avx2": 100, "generic": 10}, MemoryGBs: 20, CacheGBs: 80,
		},
		Networks: []Network{
			{Name: "net:1x@32", Source: "arch", SHA256: strings.Repeat("0123456789abcdef", 4), Input: []int{3, 32, 32}, MACs: 10e6, Parameters: 1234567},
			{Name: "a|b", Source: "dir/a|b", SHA256: strings.Repeat("f", 64), Input: []int{3, 32, 32}, MACs: 20e6, Parameters: 99},
		},
		Rows: []Row{
			{Network: "net:1x@32", Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Stats: stats(200e3, 210e3, 220e3, 300e3), RoundP50: []float64{200e3, 210e3, 220e3}, RoundMin: []float64{199e3, 200e3, 201e3}, RoundN: []int{2, 1, 1}, GFLOPS: 93.02, PeakShare: 0.9302, Allocs: 0, Memory: 11 << 20, LoadNS: 5e6, FirstNS: 400e3, Diff: 3e-7},
			{Network: "net:1x@32", Engine: "riffle", ISA: "generic", Threads: 2, Batch: 1, Stats: stats(4e6, 5e6, 6e6), RoundP50: []float64{4e6, 5e6, 6e6}, RoundMin: []float64{4e6, 5e6, 6e6}, RoundN: []int{1, 1, 1}, GFLOPS: 4, PeakShare: 0.02, Allocs: 1.5, Memory: 900 << 10, LoadNS: 6e6, FirstNS: 5e6},
			{Network: "net:1x@32", Engine: "other", Version: "1.2", Threads: 1, Batch: 1, Stats: stats(300e3, 310e3, 330e3), RoundP50: []float64{300e3, 310e3, 330e3}, RoundMin: []float64{300e3, 310e3, 330e3}, RoundN: []int{1, 1, 1}, GFLOPS: 64.5, PeakShare: 0.645, Allocs: -1, Diff: 1e-6},
			{Network: "a|b", Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Stats: stats(1.5e9), RoundP50: []float64{1.5e9}, RoundMin: []float64{1.5e9}, RoundN: []int{1}, GFLOPS: 0.03, PeakShare: 0.0003},
			{Network: "a|b", Engine: "other", Version: "1.2", Threads: 1, Batch: 1, Allocs: -1, Error: "it died, \"badly\""},
		},
		Changes: []Change{{Row: 0, OldP50: 250e3, NewP50: 215e3, Delta: -0.14, P: 0.01, Significant: true}, {Row: 1, OldP50: 5.1e6, NewP50: 5e6, Delta: -0.02, P: 0.7}},
		Profiles: []Profile{{
			Network: "net:1x@32", ISA: "avx2", Total: 200e3,
			Steps: []ProfileStep{{Node: "conv_1", Op: "conv", Kernel: "gemm4x24 24x27x1024", Count: 1, NS: 150e3, Share: 0.75, GFLOPS: 95, PeakShare: 0.95, Bytes: 200 << 10, Intensity: 14}, {Node: "x", Op: "output", Kernel: "gather 10x1", Count: 1, NS: 50e3, Share: 0.25, Bytes: 80}},
			Kinds: []ProfileStep{{Op: "conv (gemm)", Count: 1, NS: 150e3, Share: 0.75, GFLOPS: 95, PeakShare: 0.95, Bytes: 200 << 10, Intensity: 14}},
		}},
		Kernels:  []KernelRow{{Network: "net:1x@32", ISA: "avx2", Shape: "gemm 24x27x1024", Variant: "tile 4x24", Uses: 2, NS: 150, Min: 140, GFLOPS: 95, Chosen: true}, {Network: "net:1x@32", ISA: "avx2", Shape: "gemm 24x27x1024", Variant: "tile 6x16", Uses: 2, NS: 155, Min: 141, GFLOPS: 92}},
		Warnings: []string{"the machine is busy", "something else"},
		Partial:  true, Interrupted: 2,
	}
	r.Ratios = ratios(r)
	return r
}

func TestGolden(t *testing.T) {
	for _, format := range formats {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		invented().write(w, format, true)
		w.Flush()
		path := filepath.Join("testdata", "report."+format)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s: got\n%s\nwant\n%s", format, b.Bytes(), want)
		}
	}
}

func TestReadReport(t *testing.T) {
	got, err := readReport("testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	if want := invented(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	for _, bad := range []string{"testdata/report.csv", "testdata/none"} {
		if _, err := readReport(bad); err == nil {
			t.Errorf("%s: got no error", bad)
		}
	}
}

func TestBaseline(t *testing.T) {
	row := func(p50 ...float64) Row {
		return Row{Network: "net", Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Stats: summarize(p50), RoundP50: p50}
	}
	old := &Report{Machine: Machine{CPU: "x"}, Networks: []Network{{Name: "net", SHA256: "a"}}, Rows: []Row{row(100, 101, 102, 103, 104)}}
	for _, c := range []struct {
		name        string
		now         Row
		significant bool
	}{
		{"slower", row(110, 111, 112, 113, 114), true},
		{"the same", row(99.5, 101.5, 102.5, 103.5, 104.5), false},
	} {
		rep := &Report{Machine: Machine{CPU: "x"}, Networks: old.Networks, Rows: []Row{c.now}}
		rep.compareWith(old)
		if len(rep.Changes) != 1 || rep.Changes[0].Significant != c.significant || len(rep.Warnings) != 0 {
			t.Errorf("%s: got %+v, %q", c.name, rep.Changes, rep.Warnings)
		}
	}
	other := &Report{Machine: Machine{CPU: "y"}, Networks: []Network{{Name: "net", SHA256: "b"}}, Rows: []Row{row(1, 2, 3)}}
	other.Rows[0].Threads = 2
	other.compareWith(old)
	for i, want := range []string{"another processor", "another model", "none of these rows"} {
		if i >= len(other.Warnings) || !strings.Contains(other.Warnings[i], want) {
			t.Errorf("got %q, want %q", other.Warnings, want)
		}
	}
}

func TestRatios(t *testing.T) {
	var got []string
	for _, x := range invented().Ratios {
		got = append(got, x.What)
		if x.What == "engine" && (x.Row != 2 || x.Base != 0 || !near(x.P50, 310.0/210, 1e-12) || !near(x.Min, 1.5, 1e-12)) {
			t.Errorf("got %+v, want the other engine over riffle, 310/210 and 300/200", x)
		}
	}
	if s := strings.Join(got, " "); s != "engine network" {
		t.Errorf("got %s, want a ratio of engines and one of networks", s)
	}
}

func TestWarnings(t *testing.T) {
	b := &bench{rep: &Report{Rows: []Row{
		{Network: "steady", Stats: Stats{N: 5, P50: 100, P90: 110}, RoundP50: []float64{99, 101}},
		{Network: "tail", Stats: Stats{N: 5, P50: 100, P90: 140}, RoundP50: []float64{99, 101}},
		{Network: "drift", Stats: Stats{N: 5, P50: 100, P90: 110}, RoundP50: []float64{80, 120}},
	}}}
	b.spread()
	if w := b.rep.Warnings; len(w) != 2 || !strings.HasPrefix(w[0], "tail") || !strings.HasPrefix(w[1], "drift") {
		t.Errorf("got %q, want warnings of tail and drift", w)
	}
	work, total, ok := parseCPUTimes("cpu  10 1 2 80 5 0 1 1 0 0\ncpu0 1\n")
	if !ok || work != 15 || total != 100 {
		t.Errorf("got %v of %v, %v; want 15 of 100", work, total, ok)
	}
	if _, _, ok := parseCPUTimes("intr 1 2 3"); ok {
		t.Error("got times from a file without them")
	}
	rows := []KernelRow{{Variant: "a", NS: 100, Min: 99, Chosen: true}, {Variant: "b", NS: 90, Min: 89}}
	if w := slower(rows); !strings.Contains(w, "b 90.00 ns") {
		t.Errorf("got %q, want b named", w)
	}
	rows[1].NS = 98
	if w := slower(rows); w != "" {
		t.Errorf("got %q, want no warning of 2 %%", w)
	}
}

func TestCompare(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for _, c := range []struct {
		got, want []float32
		ok        bool
	}{
		{[]float32{1, 100}, []float32{1.001, 100}, true}, // a share of the largest
		{[]float32{1, 100}, []float32{1.02, 100}, false},
		{[]float32{nan}, []float32{nan}, true},
		{[]float32{nan, 1}, []float32{1, 1}, false},
		{[]float32{1, 1}, []float32{nan, 1}, false},
		{[]float32{1 / (nan - nan + 1e-45)}, []float32{1}, false},
		{[]float32{1}, []float32{1, 1}, false},
		{[]float32{0}, []float32{0}, true},
	} {
		if _, err := compare(c.got, c.want, tolerance); (err == nil) != c.ok {
			t.Errorf("%v, %v: got %v", c.got, c.want, err)
		}
	}
}
