package render

import (
	"fmt"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// profiles is two tables: the kinds of operators, and every step.
func profiles(p *report.Profile) []*table.Table {
	kinds := &table.Table{
		Title: fmt.Sprintf("%s, %s, 1 thread: %s by kind of operator", p.Network, p.ISA, units.Duration(p.Total)),
		Head:  []string{"operator", "steps", "time", "share", "GFLOP/s", "peak", "bytes", "flop/byte"}, Left: 1,
	}
	for _, s := range p.Kinds {
		kinds.Add(append([]string{s.Op, fmt.Sprint(s.Count)}, figures(&s)...)...)
	}
	steps := &table.Table{
		Title: fmt.Sprintf("%s, %s, 1 thread: every step", p.Network, p.ISA),
		Head:  []string{"node", "operator", "kernel", "time", "share", "GFLOP/s", "peak", "bytes", "flop/byte"}, Left: 3,
	}
	for _, s := range p.Steps {
		steps.Add(append([]string{s.Node, s.Op, kernelOf(&s)}, figures(&s)...)...)
	}
	return []*table.Table{kinds, steps}
}

func figures(s *report.Step) []string {
	intensity, peak := "-", "-"
	if s.GFLOPS > 0 {
		intensity, peak = fmt.Sprintf("%.1f", s.Intensity), units.Percent(s.PeakShare)
	}
	return []string{units.Duration(s.NS), units.Percent(s.Share), flops(s.GFLOPS), peak, units.Bytes(s.Bytes), intensity}
}

// kernelOf marks a step that runs the Go reference although there is a vector
// instruction set: it is slow.
func kernelOf(s *report.Step) string {
	if s.Reference {
		return s.Kernel + " (reference)"
	}
	return s.Kernel
}

// kernels has a row for each variant of each shape.
func kernels(rep *report.Report) *table.Table {
	g := &table.Table{
		Title: "kernels on the networks' shapes (* the plan's choice)",
		Head:  []string{"network", "isa", "shape", "variant", "", "uses", "time", "min", "GFLOP/s"}, Left: 5,
	}
	for _, k := range rep.Kernels {
		mark := ""
		if k.Chosen {
			mark = "*"
		}
		g.Add(k.Network, k.ISA, k.Shape, k.Variant, mark, fmt.Sprint(k.Uses), units.Duration(k.NS), units.Duration(k.Min), flops(k.GFLOPS))
	}
	return g
}
