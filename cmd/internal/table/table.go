// Package table writes tables of text, for a terminal or as Markdown.
package table

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table is a table of text. The first Left columns are aligned to the left, the
// others, which hold numbers, to the right.
type Table struct {
	Title string // a line above the table; "" for none
	Head  []string
	Left  int
	Rows  [][]string // each as long as Head
}

// Add appends a row.
func (g *Table) Add(cells ...string) { g.Rows = append(g.Rows, cells) }

// Fit drops columns from the right until the table is no wider than width, but keeps
// the first keep columns whatever their width.
func (g *Table) Fit(width, keep int) {
	used := -2
	for i, w := range g.widths() {
		used += 2 + w
		if used > width && i >= keep {
			g.Head = g.Head[:i]
			for k := range g.Rows {
				g.Rows[k] = g.Rows[k][:i]
			}
			return
		}
	}
}

// Width is the number of columns that [Table.Text] needs on a terminal.
func (g *Table) Width() int {
	used := -2
	for _, w := range g.widths() {
		used += 2 + w
	}
	return used
}

// widths returns the width of each column, in characters.
func (g *Table) widths() []int {
	width := make([]int, len(g.Head))
	for _, r := range append([][]string{g.Head}, g.Rows...) {
		for i, c := range r {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	return width
}

// Text writes the table for a terminal: columns two blanks apart, and an empty
// line and the title before them. Errors of w are the caller's to find (a
// bufio.Writer keeps the first).
func (g *Table) Text(w io.Writer) {
	width := g.widths()
	if g.Title != "" {
		fmt.Fprintf(w, "\n%s\n", g.Title)
	}
	for _, r := range append([][]string{g.Head}, g.Rows...) {
		var l strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i > 0 {
				l.WriteString("  ")
			}
			if i < g.Left {
				l.WriteString(c + pad)
			} else {
				l.WriteString(pad + c)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(l.String(), " "))
	}
}

// Markdown writes the table in GitHub's form. Errors of w are as with Text.
func (g *Table) Markdown(w io.Writer) {
	if g.Title != "" {
		fmt.Fprintf(w, "\n**%s**\n", g.Title)
	}
	fmt.Fprintln(w)
	line := func(cells []string) {
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	escape := func(cells []string) []string {
		out := make([]string, len(cells))
		for i, c := range cells {
			out[i] = strings.ReplaceAll(c, "|", `\|`)
		}
		return out
	}
	line(escape(g.Head))
	rule := make([]string, len(g.Head))
	for i := range rule {
		if rule[i] = "---"; i >= g.Left {
			rule[i] = "---:"
		}
	}
	line(rule)
	for _, r := range g.Rows {
		line(escape(r))
	}
}
