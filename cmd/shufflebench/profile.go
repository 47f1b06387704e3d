package main

import (
	"context"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

// profiles times every step of every network, on the first instruction set.
func (b *bench) profiles(ctx context.Context) error {
	for _, n := range b.nets {
		b.progress.say("profiling " + n.Name)
		m, err := engine.New(n.model, engine.WithISA(b.isas[0]), engine.WithThreads(1))
		if err != nil {
			return err
		}
		p, err := profile(ctx, m, n.input(1), b.benchtime/2, b.rep.Machine.peak())
		m.Close()
		if err != nil {
			return err
		}
		p.Network, p.ISA = n.Name, b.isas[0]
		b.rep.Profiles = append(b.rep.Profiles, *p)
	}
	return nil
}

// profile runs one sample again and again for about d, and takes the median of
// each step. peak is in GFLOP/s.
func profile(ctx context.Context, m *engine.Model, x []float32, d time.Duration, peak float64) (*Profile, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	steps, info := m.Steps(), m.Info()
	out, times := make([]float32, info.OutputLen()), make([]time.Duration, len(steps))
	samples := make([][]float64, len(steps))
	const warm, atLeast = 2, 5
	begin := time.Now()
	for i := 0; i < warm+atLeast || time.Since(begin) < d; i++ {
		if err := s.Profile(ctx, out, x, times); err != nil {
			return nil, err
		}
		if i < warm {
			continue
		}
		for k, t := range times {
			samples[k] = append(samples[k], float64(t))
		}
	}
	medians := make([]float64, len(steps))
	for i := range medians {
		medians[i] = median(samples[i])
	}
	return sumProfile(steps, medians, peak), nil
}

func sumProfile(steps []engine.Step, ns []float64, peak float64) *Profile {
	p := &Profile{}
	for _, t := range ns {
		p.Total += t
	}
	kinds := map[string]int{}
	macs := map[string]int64{}
	for i, st := range steps {
		ps := ProfileStep{Node: st.Node, Op: st.Op, Kernel: st.Kernel, Count: 1, NS: ns[i], Bytes: st.Bytes}
		ps.derive(p.Total, st.MACs, peak)
		p.Steps = append(p.Steps, ps)
		kind := kindOf(st)
		k, ok := kinds[kind]
		if !ok {
			k = len(p.Kinds)
			kinds[kind] = k
			p.Kinds = append(p.Kinds, ProfileStep{Op: kind})
		}
		macs[kind] += st.MACs
		p.Kinds[k].Count++
		p.Kinds[k].NS += ns[i]
		p.Kinds[k].Bytes += st.Bytes
	}
	for i := range p.Kinds {
		p.Kinds[i].derive(p.Total, macs[p.Kinds[i].Op], peak)
	}
	slices.SortStableFunc(p.Kinds, func(a, b ProfileStep) int {
		switch {
		case a.NS > b.NS:
			return -1
		case a.NS < b.NS:
			return 1
		}
		return 0
	})
	return p
}

func (s *ProfileStep) derive(total float64, macs int64, peak float64) {
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

// kindOf tells the kinds of convolution apart, which an operator's name does not.
func kindOf(st engine.Step) string {
	name, _ := splitKernel(st.Kernel)
	switch {
	case st.Op == "conv" && len(name) >= 4 && name[:4] == "gemm":
		return "conv (gemm)"
	case st.Op == "conv" && len(name) >= 9 && name[:9] == "depthwise":
		return "conv (" + name + ")"
	}
	return st.Op
}
