package render

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// briefHeader says in a few lines where the run took place.
func briefHeader(rep *report.Report) []string {
	m := &rep.Machine
	out := []string{
		fmt.Sprintf("%s, %d logical processors, GOMAXPROCS %d", m.CPU, m.CPUs, m.Procs),
		fmt.Sprintf("one core: %.1f GFLOP/s peak%s, copies %.1f GB/s in memory, %.1f GB/s in cache", m.Peak(), briefInt8(rep), m.MemoryGBs, m.CacheGBs),
		fmt.Sprintf("%d rounds, %v for each row, %s %s/%s, %s", rep.Rounds, rep.Benchtime, m.Go, m.OS, m.Arch, rep.Time.Format("2006-01-02 15:04 MST")),
	}
	if len(m.Environment) > 0 {
		out = append(out, "environment: "+strings.Join(m.Environment, ", "))
	}
	if rep.Partial {
		out = append(out, fmt.Sprintf("INTERRUPTED after %d of %d rounds", rep.Interrupted, rep.Rounds))
	}
	return out
}

// column is a column of the brief table.
type column struct {
	head string
	cell func(i int, r *report.Row) string
}

// brief has a row for each contender, and as many columns as fit width. What is
// the same in all rows stands in the title.
func brief(rep *report.Report, width int) *table.Table {
	left, title := []column{}, "latency of a run"
	if engines := distinct(rep, engineISA); len(engines) > 1 {
		left = append(left, column{"engine", func(_ int, r *report.Row) string { return engineISA(r) }})
	} else {
		title += ", " + engines[0]
	}
	if threads := distinct(rep, func(r *report.Row) string { return report.Threads(r.Threads) }); len(threads) > 1 {
		left = append(left, column{"threads", func(_ int, r *report.Row) string { return fmt.Sprint(r.Threads) }})
	} else {
		title += ", " + threads[0]
	}
	if rep.Rows[0].Batch > 1 {
		title += fmt.Sprintf(", %d samples a run", rep.Rows[0].Batch)
	}
	if slices.ContainsFunc(rep.Ratios, func(x report.Ratio) bool { return x.What == "engine" && x.Low }) {
		title += lowNote(rep)
	}
	return fit(rep, title, append(left, always(rep)...), optional, width)
}

// always are the figures that no terminal is too narrow for.
func always(rep *report.Report) []column {
	p50 := timed("p50", func(r *report.Row) string { return units.Duration(r.P50) })
	cols := []column{
		{"p50", func(i int, r *report.Row) string {
			if r.Error != "" {
				return "failed"
			}
			return p50.cell(i, r)
		}},
		timed("min", func(r *report.Row) string { return units.Duration(r.Min) }),
	}
	of := map[int]*report.Ratio{} // by row
	for i, x := range rep.Ratios {
		if x.What == "engine" {
			of[x.Row] = &rep.Ratios[i]
		}
	}
	if len(of) > 0 {
		cols = append(cols, column{"/ riffle", func(i int, r *report.Row) string {
			if x := of[i]; x != nil {
				return fmt.Sprintf("%.2f", x.P50) + lowMark(x.Low)
			}
			return ""
		}})
	}
	return cols
}

// optional are the other figures, the most wanted first.
var optional = []column{
	timed("p99", func(r *report.Row) string { return units.Duration(r.P99) }),
	timed("peak", func(r *report.Row) string { return units.Percent(r.PeakShare) }),
	{"memory", func(_ int, r *report.Row) string { return units.Bytes(r.Memory) }},
	{"load", func(_ int, r *report.Row) string { return units.Duration(r.LoadNS) }},
	{"first", func(_ int, r *report.Row) string { return units.Duration(r.FirstNS) }},
	timed("allocs", func(r *report.Row) string { return allocations(r.Allocs) }),
	timed("n", func(r *report.Row) string { return fmt.Sprint(r.N) }),
}

// timed is a column that rows without times have nothing for.
func timed(head string, cell func(r *report.Row) string) column {
	return column{head, func(_ int, r *report.Row) string {
		if r.N == 0 {
			return "-"
		}
		return cell(r)
	}}
}

// fit makes a table of the rows' networks, the columns in must, and as many of
// more as fit width. Long names of networks are cut if even the former do not fit.
func fit(rep *report.Report, title string, must, more []column, width int) *table.Table {
	g := &table.Table{Title: title, Head: []string{"network"}, Left: 1}
	columns := append(slices.Clone(must), more...)
	for _, c := range columns {
		if g.Head = append(g.Head, c.head); c.head == "engine" {
			g.Left = 2
		}
	}
	longest, last := 0, ""
	for i := range rep.Rows {
		r := &rep.Rows[i]
		cells := []string{""}
		if r.Network != last { // said once for rows that follow each other
			cells[0], last = r.Network, r.Network
			longest = max(longest, utf8.RuneCountInString(r.Network))
		}
		for _, c := range columns {
			cells = append(cells, c.cell(i, r))
		}
		g.Add(cells...)
	}
	g.Fit(width, 1+len(must))
	room := max(16, longest-max(0, g.Width()-width))
	for _, r := range g.Rows {
		r[0] = cut(r[0], room)
	}
	return g
}

// engineISA names an engine with its instruction set or its version.
func engineISA(r *report.Row) string {
	v, _, _ := strings.Cut(r.Version, " ") // a version of the engine may be followed by others
	return strings.TrimSpace(strings.TrimSpace(r.Engine+" "+r.ISA) + " " + v)
}

// distinct lists what f says of the rows, each once.
func distinct(rep *report.Report, f func(*report.Row) string) []string {
	var out []string
	for i := range rep.Rows {
		if s := f(&rep.Rows[i]); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// cut takes runes out of the middle of s, so that width are left.
func cut(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	back := (width - 1) / 2
	return string(r[:width-1-back]) + "…" + string(r[len(r)-back:])
}

// briefInt8 is the int8 peak where a network is quantized.
func briefInt8(rep *report.Report) string {
	for _, n := range rep.Networks {
		if n.Int8 {
			return fmt.Sprintf(", int8 %.0f GMAC/s", rep.Machine.Int8Peak())
		}
	}
	return ""
}
