// Package render prints a report: as tables for a terminal or in Markdown, as CSV,
// as JSON, or as Go benchmark lines. It computes nothing.
package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// Formats are the formats that [Write] knows.
var Formats = []string{"table", "md", "csv", "json", "bench"}

// Options say how a report is printed.
type Options struct {
	Format  string // one of Formats
	Verbose bool   // table: every column, every ratio, every warning
	Profile bool   // table, md: the profiles too
	Width   int    // table: columns of the terminal; 0 is 100
}

// Write prints the report. Errors of w are the caller's to find: w is a
// bufio.Writer, which keeps the first.
func Write(w io.Writer, rep *report.Report, o Options) {
	switch o.Format {
	case "json":
		w.Write(JSON(rep))
	case "csv":
		writeCSV(w, rep)
	case "bench":
		writeBench(w, rep)
	case "md":
		writeMarkdown(w, rep, o)
	default:
		if o.Verbose {
			writeFull(w, rep, o)
		} else {
			writeBrief(w, rep, o)
		}
	}
}

// writeBrief is what fits a terminal: the columns that matter most, and a line
// about all warnings.
func writeBrief(w io.Writer, rep *report.Report, o Options) {
	if o.Width == 0 {
		o.Width = 100
	}
	for _, l := range briefHeader(rep) {
		fmt.Fprintln(w, l)
	}
	if rep.Folder != nil {
		g := pictures(rep.Folder)
		g.Fit(o.Width, 4)
		g.Text(w)
	}
	if len(rep.Rows) > 0 {
		brief(rep, o.Width).Text(w)
	}
	for _, g := range asked(rep, o.Profile) {
		g.Text(w)
	}
	if s := warningsLine(rep); s != "" {
		fmt.Fprintf(w, "\n%s\n", s)
	}
}

// writeFull is everything, however wide.
func writeFull(w io.Writer, rep *report.Report, o Options) {
	for _, l := range header(rep) {
		fmt.Fprintln(w, l)
	}
	for _, g := range tables(rep, o.Profile) {
		g.Text(w)
	}
	for i, s := range rep.Warnings {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, "warning: "+s)
	}
}

func writeMarkdown(w io.Writer, rep *report.Report, o Options) {
	for _, l := range header(rep) {
		fmt.Fprintf(w, "- %s\n", l)
	}
	for _, g := range tables(rep, o.Profile) {
		g.Markdown(w)
	}
	for _, s := range rep.Warnings {
		fmt.Fprintf(w, "\n> **warning:** %s\n", s)
	}
}

// tables are those that the report has something for.
func tables(rep *report.Report, profile bool) []*table.Table {
	var out []*table.Table
	if rep.Folder != nil {
		out = append(out, pictures(rep.Folder))
	}
	if len(rep.Rows) > 0 {
		out = append(out, latencies(rep))
	}
	if len(rep.Ratios) > 0 {
		out = append(out, ratios(rep))
	}
	return append(out, asked(rep, profile)...)
}

// asked are the tables that a flag asked for.
func asked(rep *report.Report, profile bool) []*table.Table {
	var out []*table.Table
	if len(rep.Loads) > 0 {
		out = append(out, loads(rep))
	}
	if len(rep.Changes) > 0 {
		out = append(out, changes(rep))
	}
	if profile {
		for i := range rep.Profiles {
			out = append(out, profiles(&rep.Profiles[i])...)
		}
	}
	if len(rep.Kernels) > 0 {
		out = append(out, kernels(rep))
	}
	return out
}

// warningsLine sums all warnings up in a line; "" if there is none.
func warningsLine(rep *report.Report) string {
	if len(rep.Warnings) == 0 {
		return ""
	}
	var kinds []string
	for _, k := range rep.WarningsOf {
		s := k.Kind
		if k.Count > 1 {
			s = fmt.Sprintf("%s (%d)", s, k.Count)
		}
		kinds = append(kinds, s)
	}
	return fmt.Sprintf("warnings: %s. -v shows them, and every column.", strings.Join(kinds, ", "))
}
