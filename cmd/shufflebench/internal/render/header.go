package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// header says where the run took place and what was measured.
func header(rep *report.Report) []string {
	m := &rep.Machine
	out := []string{
		fmt.Sprintf("processor: %s, %d logical processors", m.CPU, m.CPUs),
		"instruction sets: " + orNone(m.ISAs) + "; processor features: " + orNone(m.Features) + "; environment: " + orNone(m.Environment),
		fmt.Sprintf("%s %s/%s, GOMAXPROCS %d, load average %s", m.Go, m.OS, m.Arch, m.Procs, orUnknown(m.Load)),
		fmt.Sprintf("one core: %.1f GFLOP/s peak%s, copies %.1f GB/s in memory, %.1f GB/s in cache", m.Peak(), peaks(rep), m.MemoryGBs, m.CacheGBs),
		fmt.Sprintf("%d rounds, %v for each row, %s", rep.Rounds, rep.Benchtime, rep.Time.Format("2006-01-02 15:04 MST")),
	}
	if m.Why != "" {
		out = slices.Insert(out, 2, "default instruction set "+m.Why)
	}
	if rep.Partial {
		out = append(out, fmt.Sprintf("INTERRUPTED after %d of %d rounds", rep.Interrupted, rep.Rounds))
	}
	for _, n := range rep.Networks {
		out = append(out, fmt.Sprintf("%s: %s, input %s, %.1f M multiply-adds, %s parameters, sha256 %.16s",
			n.Name, n.Source, units.Dims(n.Input), float64(n.MACs)/1e6, units.Count(n.Parameters), n.SHA256))
	}
	return out
}

func peaks(rep *report.Report) string {
	var s []string
	for _, name := range slices.Sorted(maps.Keys(rep.Machine.PeakGFLOPS)) {
		s = append(s, fmt.Sprintf("%s %.1f", name, rep.Machine.PeakGFLOPS[name]))
	}
	if len(s) < 2 {
		return ""
	}
	return " (" + strings.Join(s, ", ") + ")"
}

func orNone(s []string) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, " ")
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
