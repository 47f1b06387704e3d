package cli

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"syscall"
	"testing"
)

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, OK},
		{errors.New("x"), Failed},
		{Usagef("-k: got %d", 0), Usage},
		{fmt.Errorf("a: %w", Usagef("b")), Usage},
		{WithStatus(Model, errors.New("x")), Model},
		{WithStatus(Model, nil), OK},
	} {
		if got := Status(c.err); got != c.want {
			t.Errorf("%v: got status %d, want %d", c.err, got, c.want)
		}
	}
	if err := Usagef("x: %w", io.EOF); !errors.Is(err, io.EOF) || err.Error() != "x: EOF" {
		t.Errorf("got %v, want an error that wraps io.EOF", err)
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain äöü ✓": "plain äöü ✓", "a\nb\tc": "a b c", "\x1b[2Jx": `\x1b[2Jx`, "a\u0085b\x7f": `a\x85b\x7f`, "": "",
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }

func TestClosedPipe(t *testing.T) {
	_, pipe := Output{failing{syscall.EPIPE}}.Write([]byte("x"))
	_, full := Output{failing{syscall.ENOSPC}}.Write([]byte("x"))
	if !ClosedPipe(pipe) || ClosedPipe(full) || ClosedPipe(syscall.EPIPE) || ClosedPipe(nil) {
		t.Errorf("got %v, %v, %v, want a closed pipe only where standard output's reader has gone",
			ClosedPipe(pipe), ClosedPipe(full), ClosedPipe(syscall.EPIPE))
	}
}

func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{}
	if got := versionOf(info, "", ""); got != "(devel)" {
		t.Errorf("got %q, want (devel)", got)
	}
	info.Main.Version = "v0.3.0"
	info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	if got, want := versionOf(info, "", ""), "v0.3.0 0123456789ab+changes"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := versionOf(info, "0.4.0", "fedcba9876543210"), "0.4.0 fedcba987654"; got != want {
		t.Errorf("set by the linker: got %q, want %q", got, want)
	}
}
