package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// readReport reads what -o json printed.
func readReport(path string) (*Report, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%s: not a report of -o json: %w", path, err)
	}
	if r.Format != 1 {
		return nil, fmt.Errorf("%s: format %d, want 1, a report of -o json", path, r.Format)
	}
	return &r, nil
}

// compareWith fills in Changes. Rows are the same if network, engine, instruction
// set, threads and batch are; the versions of a peer may differ. What makes the
// comparison unfair becomes a warning.
func (rep *Report) compareWith(old *Report) {
	warn := func(format string, args ...any) { rep.Warnings = append(rep.Warnings, fmt.Sprintf(format, args...)) }
	if rep.Machine.CPU != old.Machine.CPU {
		warn("the baseline is of another processor: %s", old.Machine.CPU)
	}
	sums := map[string]string{}
	for _, n := range old.Networks {
		sums[n.Name] = n.SHA256
	}
	for _, n := range rep.Networks {
		if s := sums[n.Name]; s != "" && s != n.SHA256 {
			warn("%s: the baseline is of another model: sha256 %.16s", n.Name, s)
		}
	}
	type key struct {
		network, engine, isa string
		threads, batch       int
	}
	of := func(r *Row) key { return key{r.Network, r.Engine, r.ISA, r.Threads, r.Batch} }
	before := map[key]*Row{}
	for i := range old.Rows {
		if r := &old.Rows[i]; r.N > 0 {
			before[of(r)] = r
		}
	}
	if len(before) == 0 {
		warn("the baseline has no measured rows")
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		b := before[of(r)]
		if b == nil || r.N == 0 {
			continue
		}
		p := mannWhitney(r.RoundP50, b.RoundP50)
		rep.Changes = append(rep.Changes, Change{
			Row: i, OldP50: b.P50, NewP50: r.P50, Delta: r.P50/b.P50 - 1, P: p, Significant: p < 0.05,
		})
	}
	if len(before) > 0 && len(rep.Changes) == 0 {
		warn("the baseline has none of these rows")
	}
}
