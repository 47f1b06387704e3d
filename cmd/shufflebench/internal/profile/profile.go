// Package profile times every step of a network's plan.
package profile

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
	"github.com/riffle-ml/riffle/engine"
)

// Run runs the sample x again and again for about d, on one thread, and takes the
// median of each step. peak is that of one core, in GFLOP/s. Network and ISA of
// the result are left to the caller.
func Run(ctx context.Context, m *engine.Model, x []float32, d time.Duration, peak float64) (*report.Profile, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	steps, info := m.Steps(), m.Info()
	out, times := make([]float32, info.OutputLen()), make([]time.Duration, len(steps))
	samples := make([][]float64, len(steps)) // of each step
	var totals []float64                     // of each run
	const warm, atLeast = 2, 5
	begin := time.Now()
	for i := 0; i < warm+atLeast || time.Since(begin) < d; i++ {
		if err := s.Profile(ctx, out, x, times); err != nil {
			return nil, err
		}
		if i < warm {
			continue
		}
		total := 0.0
		for k, t := range times {
			samples[k] = append(samples[k], float64(t))
			total += float64(t)
		}
		totals = append(totals, total)
	}
	medians := make([]float64, len(steps))
	for i := range medians {
		medians[i] = stats.Median(samples[i])
	}
	p := sum(steps, medians, peak)
	run := middle(totals)
	for i := range p.Steps {
		p.Steps[i].RunNS = samples[i][run]
	}
	return p, nil
}

// middle returns the index of x's lower median. x is not empty.
func middle(x []float64) int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	return order[(len(x)-1)/2]
}

// sum makes a profile of the steps and their times, and sums them up by kind.
func sum(steps []engine.Step, ns []float64, peak float64) *report.Profile {
	p := &report.Profile{}
	for _, t := range ns {
		p.Total += t
	}
	kinds := map[string]int{}
	macs := map[string]int64{}
	for i, st := range steps {
		ps := report.Step{
			Node: cli.Printable(st.Node), Op: st.Op, Kernel: st.Kernel, Kind: st.Kind, Implementation: st.Implementation, Reference: st.Reference,
			Count: 1, NS: ns[i], Bytes: st.Bytes,
		}
		derive(&ps, p.Total, st.MACs, peak)
		p.Steps = append(p.Steps, ps)
		kind := kindOf(st)
		k, ok := kinds[kind]
		if !ok {
			k = len(p.Kinds)
			kinds[kind] = k
			p.Kinds = append(p.Kinds, report.Step{Op: kind})
		}
		macs[kind] += st.MACs
		p.Kinds[k].Count++
		p.Kinds[k].NS += ns[i]
		p.Kinds[k].Bytes += st.Bytes
	}
	for i := range p.Kinds {
		derive(&p.Kinds[i], p.Total, macs[p.Kinds[i].Op], peak)
	}
	slices.SortStableFunc(p.Kinds, func(a, b report.Step) int {
		return cmp.Compare(b.NS, a.NS)
	})
	return p
}

// derive fills in what follows from a step's time. peak is in GFLOP/s.
func derive(s *report.Step, total float64, macs int64, peak float64) {
	if s.NS > 0 {
		s.GFLOPS = 2 * float64(macs) / s.NS
	}
	if total > 0 {
		s.Share = s.NS / total
	}
	if peak > 0 {
		s.PeakShare = s.GFLOPS / peak
	}
	if s.Bytes > 0 {
		s.Intensity = 2 * float64(macs) / float64(s.Bytes)
	}
}

// kindOf is the kind by which steps are summed up: the operator, and for a
// convolution also the kernel that it runs on.
func kindOf(st engine.Step) string {
	switch {
	case st.Kind == "chain":
		return "chain"
	case st.Op == "conv" && (st.Kind == "gemm" || st.Kind == "halfgemm"), st.Op == "qconv" && st.Kind == "qgemm":
		return st.Op + " (" + st.Kind + ")"
	case st.Op == "conv" && st.Kind == "depthwise", st.Op == "qconv" && st.Kind == "qdepthwise":
		return st.Op + " (" + st.Implementation + ")"
	}
	return st.Op
}
