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
