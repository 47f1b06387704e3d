package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// write prints the report. Errors of w are the caller's to find: w is a
// bufio.Writer, which keeps the first.
func (rep *Report) write(w io.Writer, format string, profile bool) {
	switch format {
	case "json":
		rep.writeJSON(w)
	case "csv":
		rep.writeCSV(w)
	case "bench":
		rep.writeBench(w)
	case "md":
		for _, l := range rep.header() {
			fmt.Fprintf(w, "- %s\n", l)
		}
		for _, g := range rep.grids(profile) {
			g.markdown(w)
		}
		rep.writeWarnings(w, "> **warning:** ")
	default:
		for _, l := range rep.header() {
			fmt.Fprintln(w, l)
		}
		for _, g := range rep.grids(profile) {
			g.text(w)
		}
		rep.writeWarnings(w, "warning: ")
	}
}

func (rep *Report) writeWarnings(w io.Writer, prefix string) {
	for i, s := range rep.Warnings {
		if i == 0 || strings.HasPrefix(prefix, ">") {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, prefix+s)
	}
}

func (rep *Report) writeJSON(w io.Writer) {
	b, err := json.MarshalIndent(rep, "", " ")
	if err != nil { // only a number that JSON has not, and there is none
		fmt.Fprintf(w, "{\"error\": %q}\n", err.Error())
		return
	}
	fmt.Fprintf(w, "%s\n", b)
}

// header says where and of what.
func (rep *Report) header() []string {
	m := &rep.Machine
	out := []string{
		fmt.Sprintf("processor: %s, %d logical processors", m.CPU, m.CPUs),
		"features used: " + orNone(m.Features) + "; there, but unused: " + orNone(m.Unused) + "; disabled: " + orNone(m.Disabled),
		fmt.Sprintf("%s %s/%s, GOMAXPROCS %d, load average %s", m.Go, m.OS, m.Arch, m.Procs, orUnknown(m.Load)),
		fmt.Sprintf("one core: %.1f GFLOP/s peak%s, copies %.1f GB/s in memory, %.1f GB/s in cache", m.peak(), rep.peaks(), m.MemoryGBs, m.CacheGBs),
		fmt.Sprintf("%d rounds, %v for each row, %s", rep.Rounds, rep.Benchtime, rep.Time.Format("2006-01-02 15:04 MST")),
	}
	if rep.Partial {
		out = append(out, fmt.Sprintf("INTERRUPTED after %d of %d rounds", rep.Interrupted, rep.Rounds))
	}
	for _, n := range rep.Networks {
		out = append(out, fmt.Sprintf("%s: %s, input %s, %.1f M multiply-adds, %s parameters, sha256 %.16s",
			n.Name, n.Source, dims(n.Input), float64(n.MACs)/1e6, count(n.Parameters), n.SHA256))
	}
	return out
}

func (rep *Report) peaks() string {
	var s []string
	for _, name := range sortedKeys(rep.Machine.PeakGFLOPS) {
		s = append(s, fmt.Sprintf("%s %.1f", name, rep.Machine.PeakGFLOPS[name]))
	}
	if len(s) < 2 {
		return ""
	}
	return " (" + strings.Join(s, ", ") + ")"
}

func (rep *Report) grids(profile bool) []*grid {
	out := []*grid{rep.latencies()}
	if len(rep.Ratios) > 0 {
		out = append(out, rep.ratioGrid())
	}
	if len(rep.Changes) > 0 {
		out = append(out, rep.changeGrid())
	}
	if profile {
		for i := range rep.Profiles {
			out = append(out, rep.Profiles[i].grids()...)
		}
	}
	if len(rep.Kernels) > 0 {
		out = append(out, rep.kernelGrid())
	}
	return out
}

func (rep *Report) latencies() *grid {
	g := &grid{
		title: "latency of a run",
		head: []string{"network", "engine", "isa", "threads", "batch", "p50", "p90", "p99", "min", "mean", "dev", "n",
			"GFLOP/s", "peak", "allocs", "memory", "load", "first", "diff"},
		left: 3,
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		c := []string{r.Network, r.engine(), r.ISA, fmt.Sprint(r.Threads), fmt.Sprint(r.Batch)}
		if r.N == 0 {
			c = append(c, "-", "-", "-", "-", "-", "-", "0", "-", "-", "-")
		} else {
			c = append(c, duration(r.P50), duration(r.P90), duration(r.P99), duration(r.Min), duration(r.Mean), duration(r.Dev), fmt.Sprint(r.N),
				flops(r.GFLOPS), percent(r.PeakShare), allocsText(r.Allocs))
		}
		g.add(append(c, bytesText(r.Memory), duration(r.LoadNS), duration(r.FirstNS), fmt.Sprintf("%.0e", r.Diff))...)
	}
	return g
}

func (r *Row) engine() string {
	s := r.Engine
	if r.Version != "" {
		s += " " + r.Version
	}
	if r.Error != "" {
		s += " (failed)"
	}
	return s
}

func (rep *Report) ratioGrid() *grid {
	g := &grid{
		title: "ratios of times (above 1: the first is slower)",
		head:  []string{"of", "network", "", "to", "threads", "medians", "95 %", "minima"}, left: 4,
	}
	for _, x := range rep.Ratios {
		r, b := &rep.Rows[x.Row], &rep.Rows[x.Base]
		ci := "-"
		if x.CI != nil {
			ci = fmt.Sprintf("%.3f-%.3f", x.CI.Lo, x.CI.Hi)
		}
		name, base := r.Engine, b.Engine
		switch x.What {
		case "isa":
			name, base = r.ISA, b.ISA
		case "threads":
			name, base = strings.TrimSpace(r.Engine+" "+r.ISA)+" "+threadsText(r.Threads), threadsText(b.Threads)
		case "network":
			name, base = strings.TrimSpace(r.Engine+" "+r.ISA), b.Network
		case "engine":
			base = b.Engine + " " + b.ISA
		}
		threads := fmt.Sprint(r.Threads)
		if x.What == "threads" {
			threads = ""
		}
		g.add(x.What, r.Network, name, base, threads, fmt.Sprintf("%.3f", x.P50), ci, fmt.Sprintf("%.3f", x.Min))
	}
	return g
}

func (rep *Report) changeGrid() *grid {
	g := &grid{
		title: "against the baseline (a change counts where p < 0.05 over the rounds)",
		head:  []string{"network", "engine", "isa", "threads", "before", "now", "change", "p"}, left: 3,
	}
	for _, c := range rep.Changes {
		r := &rep.Rows[c.Row]
		change := "~"
		if c.Significant {
			change = fmt.Sprintf("%+.1f %%", 100*c.Delta)
		}
		g.add(r.Network, r.Engine, r.ISA, fmt.Sprint(r.Threads), duration(c.OldP50), duration(c.NewP50), change, fmt.Sprintf("%.3f", c.P))
	}
	return g
}

func (p *Profile) grids() []*grid {
	kinds := &grid{
		title: fmt.Sprintf("%s, %s, 1 thread: %s by kind of operator", p.Network, p.ISA, duration(p.Total)),
		head:  []string{"operator", "steps", "time", "share", "GFLOP/s", "peak", "bytes", "flop/byte"}, left: 1,
	}
	for _, s := range p.Kinds {
		kinds.add(append([]string{s.Op, fmt.Sprint(s.Count)}, s.figures()...)...)
	}
	steps := &grid{
		title: fmt.Sprintf("%s, %s, 1 thread: every step", p.Network, p.ISA),
		head:  []string{"node", "operator", "kernel", "time", "share", "GFLOP/s", "peak", "bytes", "flop/byte"}, left: 3,
	}
	for _, s := range p.Steps {
		steps.add(append([]string{s.Node, s.Op, s.Kernel}, s.figures()...)...)
	}
	return []*grid{kinds, steps}
}

func (s *ProfileStep) figures() []string {
	intensity, peak := "-", "-"
	if s.GFLOPS > 0 {
		intensity, peak = fmt.Sprintf("%.1f", s.Intensity), percent(s.PeakShare)
	}
	return []string{duration(s.NS), percent(s.Share), flops(s.GFLOPS), peak, bytesText(s.Bytes), intensity}
}

func (rep *Report) kernelGrid() *grid {
	g := &grid{
		title: "kernels on the networks' shapes (* the plan's choice)",
		head:  []string{"network", "isa", "shape", "variant", "", "uses", "time", "min", "GFLOP/s"}, left: 5,
	}
	for _, k := range rep.Kernels {
		mark := ""
		if k.Chosen {
			mark = "*"
		}
		g.add(k.Network, k.ISA, k.Shape, k.Variant, mark, fmt.Sprint(k.Uses), duration(k.NS), duration(k.Min), flops(k.GFLOPS))
	}
	return g
}

func dims(d []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(d), "[]"), " ", "x")
}

// count writes 1234567 as 1.23 M.
func count(n int) string {
	if n < 1e5 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.2f M", math.Round(float64(n)/1e4)/100)
}
