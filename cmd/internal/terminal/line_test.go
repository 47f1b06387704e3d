package terminal

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Only a terminal has a line: a buffer, a pipe or a file gets nothing.
func TestNoTerminal(t *testing.T) {
	var b bytes.Buffer
	l := NewLine(&b)
	if l != nil {
		t.Fatalf("got %v, want no line on a buffer", l)
	}
	l.Say("x")
	l.Bar(1, 2)
	l.Hide()
	if b.Len() > 0 {
		t.Errorf("got %q, want nothing written", b.String())
	}
}

func TestLine(t *testing.T) {
	var b bytes.Buffer
	l := &Line{w: &b, width: 20}
	l.Hide()
	if b.Len() > 0 {
		t.Errorf("got %q, want nothing to hide", b.String())
	}
	l.Say(strings.Repeat("ä", 30))
	if got, want := b.String(), "\r"+strings.Repeat("ä", 19)+"\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Reset()
	l.Bar(1, 10)
	l.Bar(2, 10) // too soon
	if n := strings.Count(b.String(), "\r"); n != 1 {
		t.Errorf("got %d drawings, want 1", n)
	}
	b.Reset()
	l.Hide()
	if got, want := b.String(), "\r\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		done, total, width int
		since              time.Duration
		want               string
	}{
		{5, 10, 80, 10 * time.Second, strings.Repeat("━", 20) + strings.Repeat("─", 20) + " 5/10  0:10 left"},
		{0, 10, 80, 0, strings.Repeat("─", 40) + " 0/10"},
		{300, 600, 30, 3 * time.Second, " 300/600  100/s  0:03 left"},
		{300, 600, 20, 3 * time.Second, " 300/600  100/s  0:"},
	} {
		got := bar(c.done, c.total, c.since, c.width, false)
		if got != c.want || utf8.RuneCountInString(got) >= c.width {
			t.Errorf("%d of %d on %d columns: got %q, want %q", c.done, c.total, c.width, got, c.want)
		}
	}
	if got := bar(5, 10, time.Second, 80, true); !strings.Contains(got, "\x1b[36m━") {
		t.Errorf("got %q, want colours", got)
	}
}
