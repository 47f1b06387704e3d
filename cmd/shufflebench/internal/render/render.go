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

// Write prints the report in one of [Formats]. profile says whether the tables
// show the profiles. Errors of w are the caller's to find: w is a bufio.Writer,
// which keeps the first.
func Write(w io.Writer, rep *report.Report, format string, profile bool) {
	switch format {
	case "json":
		w.Write(JSON(rep))
	case "csv":
		writeCSV(w, rep)
	case "bench":
		writeBench(w, rep)
	case "md":
		for _, l := range header(rep) {
			fmt.Fprintf(w, "- %s\n", l)
		}
		for _, g := range tables(rep, profile) {
			g.Markdown(w)
		}
		writeWarnings(w, rep, "> **warning:** ")
	default:
		for _, l := range header(rep) {
			fmt.Fprintln(w, l)
		}
		for _, g := range tables(rep, profile) {
			g.Text(w)
		}
		writeWarnings(w, rep, "warning: ")
	}
}

func writeWarnings(w io.Writer, rep *report.Report, prefix string) {
	for i, s := range rep.Warnings {
		if i == 0 || strings.HasPrefix(prefix, ">") {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, prefix+s)
	}
}

// tables are those that the report has something for.
func tables(rep *report.Report, profile bool) []*table.Table {
	out := []*table.Table{latencies(rep)}
	if len(rep.Ratios) > 0 {
		out = append(out, ratios(rep))
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
