package main

import "slices"

// ratios lists the comparisons that the rows invite, always within one round:
// peers with riffle's best instruction set, other sets with the best, several
// threads with one, and networks with the first of the same input, on the
// same engine and threads.
func ratios(rep *Report) []Ratio {
	rows := rep.Rows
	var out []Ratio
	add := func(what string, row, base int) {
		r, b := &rows[row], &rows[base]
		if row == base || r.N == 0 || b.N == 0 {
			return
		}
		x := Ratio{What: what, Row: row, Base: base, P50: median(r.RoundP50) / median(b.RoundP50), Min: r.Min / b.Min}
		if iv, ok := ratioInterval(r.RoundP50, b.RoundP50); ok {
			x.CI = &iv
		}
		out = append(out, x)
	}
	find := func(ok func(r *Row) bool) int {
		return slices.IndexFunc(rows, func(r Row) bool { return ok(&r) })
	}
	for i := range rows {
		r := &rows[i]
		if best := find(func(o *Row) bool {
			return o.Network == r.Network && o.Engine == "riffle" && o.ISA != "" && o.Threads == r.Threads
		}); best >= 0 {
			if r.ISA == "" {
				add("engine", i, best)
			} else {
				add("isa", i, best)
			}
		}
		if one := find(func(o *Row) bool {
			return o.Network == r.Network && o.Engine == r.Engine && o.Version == r.Version && o.ISA == r.ISA
		}); one >= 0 {
			add("threads", i, one)
		}
		if first := find(func(o *Row) bool {
			return o.Engine == r.Engine && o.Version == r.Version && o.ISA == r.ISA && o.Threads == r.Threads &&
				slices.Equal(rep.input(o.Network), rep.input(r.Network))
		}); first >= 0 {
			add("network", i, first)
		}
	}
	rank := map[string]int{"engine": 0, "network": 1, "threads": 2, "isa": 3}
	slices.SortStableFunc(out, func(a, b Ratio) int { return rank[a.What] - rank[b.What] })
	return out
}

func (rep *Report) input(network string) []int {
	for _, n := range rep.Networks {
		if n.Name == network {
			return n.Input
		}
	}
	return nil
}
