// Package kernels times the kernel variants that could compute each shape of a
// network, one by one, and says where the plan did not choose the fastest.
package kernels

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
	"github.com/riffle-ml/riffle/weights"
)

// Run times every variant on every shape of a model's plan for one thread, with
// the instruction set isa. Network and ISA of the rows are left to the caller, as
// in the warnings, which name the shapes alone. A warning tells where the plan did
// not choose the fastest variant.
func Run(ctx context.Context, m *weights.Model, isa string) (rows []report.Kernel, warnings []string, err error) {
	return run(ctx, m, isa, 2*time.Millisecond)
}

// run is Run with turns of about d for each variant.
func run(ctx context.Context, m *weights.Model, isa string, d time.Duration) (rows []report.Kernel, warnings []string, err error) {
	tasks, err := tasksOf(m, isa)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tasks {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		r := t.time(d)
		rows = append(rows, r...)
		if w := slower(r); w != "" {
			warnings = append(warnings, w)
		}
	}
	return rows, warnings, nil
}

const kernelRounds = 9

// time runs the variants in turns of about d.
func (t *task) time(d time.Duration) []report.Kernel {
	calls := make([]int, len(t.variants))
	for i, v := range t.variants {
		v.call()
		begin := time.Now()
		v.call()
		calls[i] = int(max(1, min(10_000, d/max(1, time.Since(begin)))))
	}
	ns := make([][]float64, len(t.variants))
	for range kernelRounds {
		for i, v := range t.variants {
			begin := time.Now()
			for range calls[i] {
				v.call()
			}
			ns[i] = append(ns[i], float64(time.Since(begin))/float64(calls[i]))
		}
	}
	rows := make([]report.Kernel, len(t.variants))
	for i, v := range t.variants {
		p50 := stats.Median(ns[i])
		rows[i] = report.Kernel{
			Shape: t.shape, Variant: v.name, Uses: t.uses, NS: p50, Min: slices.Min(ns[i]),
			GFLOPS: 2 * float64(t.macs) / p50, Chosen: v.chosen,
		}
	}
	return rows
}

// slower says which variant beat the chosen one by more than 3 %, both in the
// median and at best; "" if none did.
func slower(rows []report.Kernel) string {
	chosen := slices.IndexFunc(rows, func(k report.Kernel) bool { return k.Chosen })
	if chosen < 0 {
		return ""
	}
	c, best := &rows[chosen], &rows[chosen]
	for i := range rows {
		if k := &rows[i]; k.NS < best.NS && k.NS < 0.97*c.NS && k.Min < 0.97*c.Min {
			best = k
		}
	}
	if best == c {
		return ""
	}
	return fmt.Sprintf("%s: the plan's %s takes %s, %s takes %s", c.Shape, c.Variant, units.Duration(c.NS), best.Variant, units.Duration(best.NS))
}
