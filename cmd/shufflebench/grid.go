package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// grid is a table of text: the first left columns are aligned to the left, the
// others, numbers, to the right.
type grid struct {
	title string
	head  []string
	left  int
	rows  [][]string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// text writes the grid for people who read a terminal.
func (g *grid) text(w io.Writer) {
	width := make([]int, len(g.head))
	for _, r := range append([][]string{g.head}, g.rows...) {
		for i, c := range r {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	if g.title != "" {
		fmt.Fprintf(w, "\n%s\n", g.title)
	}
	for _, r := range append([][]string{g.head}, g.rows...) {
		var l strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i > 0 {
				l.WriteString("  ")
			}
			if i < g.left {
				l.WriteString(c + pad)
			} else {
				l.WriteString(pad + c)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(l.String(), " "))
	}
}

// markdown writes the grid as a GitHub table.
func (g *grid) markdown(w io.Writer) {
	if g.title != "" {
		fmt.Fprintf(w, "\n**%s**\n", g.title)
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
	line(escape(g.head))
	rule := make([]string, len(g.head))
	for i := range rule {
		if rule[i] = "---"; i >= g.left {
			rule[i] = "---:"
		}
	}
	line(rule)
	for _, r := range g.rows {
		line(escape(r))
	}
}
