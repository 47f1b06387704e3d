package table

import (
	"bytes"
	"testing"
)

func TestTable(t *testing.T) {
	g := &Table{Title: "times", Head: []string{"name", "ms"}, Left: 1}
	g.Add("äö|x", "1.5")
	g.Add("", "12.25")
	var text, md bytes.Buffer
	g.Text(&text)
	g.Markdown(&md)
	if got, want := text.String(), "\ntimes\nname     ms\näö|x    1.5\n      12.25\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := md.String(), "\n**times**\n\n| name | ms |\n| --- | ---: |\n| äö\\|x | 1.5 |\n|  | 12.25 |\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ width, keep, columns, want int }{
		{100, 1, 3, 13}, {13, 1, 3, 13}, {12, 1, 2, 8}, {8, 1, 2, 8}, {7, 1, 1, 3}, {1, 1, 1, 3}, {1, 2, 2, 8},
	} {
		g := &Table{Head: []string{"one", "two", "3"}, Left: 1}
		g.Add("a", "b", "ccc")
		g.Add("a", "b", "c")
		g.Fit(c.width, c.keep)
		if len(g.Head) != c.columns || len(g.Rows[1]) != c.columns || g.Width() != c.want {
			t.Errorf("width %d, %d kept: got %d columns, %d wide, want %d, %d wide", c.width, c.keep, len(g.Head), g.Width(), c.columns, c.want)
		}
	}
}
