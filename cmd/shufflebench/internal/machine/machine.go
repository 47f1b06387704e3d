// Package machine says where a measurement takes place: the processor, what it
// can do at best, and whether other programs keep it busy.
package machine

import (
	"os"
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/kernel"
)

// uses lists the processor's features that the kernels of a set need.
var uses = map[string][]cpuid.FeatureID{
	"avx2": {cpuid.AVX, cpuid.AVX2, cpuid.FMA3},
	"neon": {cpuid.ASIMD},
}

// could lists features of interest that no kernel uses.
var could = []cpuid.FeatureID{
	cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512VNNI, cpuid.AVX512BF16, cpuid.AVX512FP16,
	cpuid.AVXVNNI, cpuid.AMXTILE, cpuid.SVE, cpuid.SVE2, cpuid.ASIMDHP, cpuid.ASIMDDP,
}

// Describe says where this process runs. The peaks are left out: see [Measure].
func Describe() report.Machine {
	m := report.Machine{
		CPU: strings.TrimSpace(cpuid.CPU.BrandName), OS: runtime.GOOS, Arch: runtime.GOARCH, Go: runtime.Version(),
		Procs: runtime.GOMAXPROCS(0), CPUs: runtime.NumCPU(), Load: loadAverage(),
	}
	if m.CPU == "" {
		m.CPU = "unknown processor"
	}
	for _, set := range []string{"avx2", "neon"} {
		_, err := kernel.Select(set)
		for _, f := range uses[set] {
			switch {
			case err == nil:
				m.Features = append(m.Features, f.String())
			case cpuid.CPU.Supports(f):
				m.Unused = append(m.Unused, f.String())
			}
		}
		if e, ok := err.(*kernel.SelectError); ok && runtime.GOARCH == map[string]string{"avx2": "amd64", "neon": "arm64"}[set] {
			m.Disabled = append(m.Disabled, set+": "+e.Reason)
		}
	}
	for _, f := range could {
		if cpuid.CPU.Supports(f) {
			m.Unused = append(m.Unused, f.String())
		}
	}
	for _, v := range []string{kernel.EnvISA, "GODEBUG", "GOGC", "GOAMD64"} {
		if s := os.Getenv(v); s != "" {
			m.Disabled = append(m.Disabled, v+"="+s)
		}
	}
	return m
}

// loadAverage is "" where the system has no /proc.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	if f := strings.Fields(string(b)); len(f) >= 3 {
		return strings.Join(f[:3], " ")
	}
	return ""
}
