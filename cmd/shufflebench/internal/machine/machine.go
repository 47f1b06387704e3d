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

// interesting lists the processor features that matter to kernels, of riffle or of
// its peers.
var interesting = []cpuid.FeatureID{
	cpuid.AVX, cpuid.AVX2, cpuid.FMA3, cpuid.F16C, cpuid.AVXVNNI,
	cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512DQ, cpuid.AVX512VNNI, cpuid.AVX512BF16, cpuid.AVX512FP16, cpuid.AMXTILE,
	cpuid.ASIMD, cpuid.ASIMDHP, cpuid.ASIMDDP, cpuid.SVE, cpuid.SVE2,
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
	for _, s := range kernel.Sets() {
		m.ISAs = append(m.ISAs, s.Name)
	}
	if s, err := kernel.Select(""); err == nil {
		m.Why = s.Name + ": " + kernel.Why()
	}
	for _, f := range interesting {
		if cpuid.CPU.Supports(f) {
			m.Features = append(m.Features, f.String())
		}
	}
	for _, v := range []string{kernel.EnvISA, "GODEBUG", "GOGC", "GOAMD64"} {
		if s := os.Getenv(v); s != "" {
			m.Environment = append(m.Environment, v+"="+s)
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
