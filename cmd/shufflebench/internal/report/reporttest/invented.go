// Package reporttest has a report for the tests of what handles reports.
package reporttest

import (
	"strings"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

// Invented is a report with something in every field, the ratios left out.
func Invented() *report.Report {
	sum := func(x ...float64) stats.Summary { return stats.Summarize(x) }
	r := &report.Report{
		Format: 1, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Rounds: 3, Benchtime: time.Second,
		Machine: report.Machine{
			CPU: "Invented 9000", ISAs: []string{"avx2", "generic"}, Why: "avx2: it is the only one", Features: []string{"AVX2", "FMA3", "AVX512F"}, Environment: []string{"GOGC=off"}, OS: "linux", Arch: "amd64", Go: "go1.26", Procs: 4, CPUs: 8,
			Load: "0.10 0.20 0.30", PeakGFLOPS: map[string]float64{"avx2": 100, "generic": 10}, MemoryGBs: 20, CacheGBs: 80,
		},
		Networks: []report.Network{
			{Name: "net:1x@32", Source: "arch", SHA256: strings.Repeat("0123456789abcdef", 4), Input: []int{3, 32, 32}, MACs: 10e6, Parameters: 1234567},
			{Name: "a|b", Source: "dir/a|b", SHA256: strings.Repeat("f", 64), Input: []int{3, 32, 32}, MACs: 20e6, Parameters: 99},
		},
		Rows: []report.Row{
			{Network: "net:1x@32", Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Summary: sum(200e3, 210e3, 220e3, 300e3), RoundP50: []float64{200e3, 210e3, 220e3}, RoundMin: []float64{199e3, 200e3, 201e3}, RoundN: []int{2, 1, 1}, GFLOPS: 93.02, PeakShare: 0.9302, Allocs: 0, Memory: 11 << 20, LoadNS: 5e6, FirstNS: 400e3, Diff: 3e-7},
			{Network: "net:1x@32", Engine: "riffle", ISA: "generic", Threads: 2, Batch: 1, Summary: sum(4e6, 5e6, 6e6), RoundP50: []float64{4e6, 5e6, 6e6}, RoundMin: []float64{4e6, 5e6, 6e6}, RoundN: []int{1, 1, 1}, GFLOPS: 4, PeakShare: 0.02, Allocs: 1.5, Memory: 900 << 10, LoadNS: 6e6, FirstNS: 5e6},
			{Network: "net:1x@32", Engine: "other", Version: "1.2", Threads: 1, Batch: 1, Summary: sum(300e3, 310e3, 330e3), RoundP50: []float64{300e3, 310e3, 330e3}, RoundMin: []float64{300e3, 310e3, 330e3}, RoundN: []int{1, 1, 1}, GFLOPS: 64.5, PeakShare: 0.645, Allocs: -1, Diff: 1e-6},
			{Network: "a|b", Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Summary: sum(1.5e9), RoundP50: []float64{1.5e9}, RoundMin: []float64{1.5e9}, RoundN: []int{1}, GFLOPS: 0.03, PeakShare: 0.0003},
			{Network: "a|b", Engine: "other", Version: "1.2", Threads: 1, Batch: 1, Allocs: -1, Error: "it died, \"badly\""},
		},
		Changes: []report.Change{{Row: 0, OldP50: 250e3, NewP50: 215e3, Delta: -0.14, P: 0.01, Significant: true}, {Row: 1, OldP50: 5.1e6, NewP50: 5e6, Delta: -0.02, P: 0.7}},
		Folder: &report.Folder{
			Path: "photos", Pictures: 2000, Bytes: 200 << 20, Preprocess: []report.Prepared{{Network: "net:1x@32", Text: "shorter side to 256, centre crop 224x224"}},
			Rows: []report.PictureRow{
				{Network: "net:1x@32", Engine: "riffle", ISA: "avx2", Threads: 2, N: 400, Rate: 250, RoundRate: []float64{240, 250, 260}, P50: 8e6, P90: 9e6, P99: 10e6, Min: 7e6, Agree: 1, Gain: 1},
				{Network: "net:1x@32", Engine: "pillow+other", Version: "1.2 pillow 13.0", Threads: 2, N: 400, Rate: 200, RoundRate: []float64{190, 200, 210}, P50: 10e6, P90: 11e6, P99: 12e6, Min: 9e6, Agree: 0.9985, Gain: 0.8},
			},
		},
		Loads: []report.Load{
			{Network: "net:1x@32", ISA: "avx2", Threads: 1, Batch: 1, Sessions: 1, N: 1000, Throughput: 4651.2, P50: 215e3, P95: 230e3, P99: 300e3, P999: 900e3, Max: 1.1e6},
			{Network: "net:1x@32", ISA: "avx2", Threads: 1, Batch: 1, Sessions: 4, N: 1800, Throughput: 8372.1, P50: 450e3, P95: 470e3, P99: 600e3, P999: 10.2e6, Max: 11e6},
		},
		Profiles: []report.Profile{{
			Network: "net:1x@32", ISA: "avx2", Total: 200e3,
			Steps: []report.Step{{Node: "conv_1", Op: "conv", Kernel: "gemm4x24 24x27x1024", Count: 1, NS: 150e3, RunNS: 155e3, Share: 0.75, GFLOPS: 95, PeakShare: 0.95, Bytes: 200 << 10, Intensity: 14}, {Node: "x", Op: "output", Kernel: "gather 10x1", Count: 1, NS: 50e3, RunNS: 55e3, Share: 0.25, Bytes: 80}},
			Kinds: []report.Step{{Op: "conv (gemm)", Count: 1, NS: 150e3, Share: 0.75, GFLOPS: 95, PeakShare: 0.95, Bytes: 200 << 10, Intensity: 14}},
		}},
		Kernels: []report.Kernel{{Network: "net:1x@32", ISA: "avx2", Shape: "gemm 24x27x1024", Variant: "tile 4x24", Uses: 2, NS: 150, Min: 140, GFLOPS: 95, Chosen: true}, {Network: "net:1x@32", ISA: "avx2", Shape: "gemm 24x27x1024", Variant: "tile 6x16", Uses: 2, NS: 155, Min: 141, GFLOPS: 92}},
		Partial: true, Interrupted: 2,
	}
	r.Warn("busy machine", "the machine is busy")
	r.Warn("something", "something else")
	r.Warn("something", "something else again")
	return r
}
