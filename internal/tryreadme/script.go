package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// script is one shell session that does what a reader of the page does. programs is a
// directory for the Go programs, page the name to call the page by. has tells which
// commands the machine has.
func script(page string, blocks []block, programs string, has func(command string) bool) (string, error) {
	var b strings.Builder
	b.WriteString("set -e -o pipefail\ntrap 'echo \"$at: failed\" >&2' ERR\n")
	for i := range blocks {
		x := &blocks[i]
		at := fmt.Sprintf("%s:%d", page, x.line)
		if missing := x.missing(has); x.runs() && missing != "" {
			fmt.Fprintf(&b, "echo '== %s: left out, for there is no %s'\n", at, missing)
			continue
		}
		switch {
		case !x.runs():
		case x.lang == "sh":
			fmt.Fprintf(&b, "at=%s; echo '== %s'\n%s\n", at, at, x.text)
		case x.file != "":
			// The reader pastes it into a file; what to do with it, the page says.
			source, err := write(programs, i, x.text)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "at=%s; echo '== %s: %s'\ncp %q %q\n", at, at, x.file, source, x.file)
		default:
			source, err := write(programs, i, x.text)
			if err != nil {
				return "", err
			}
			// A module of its own; the program runs where the reader is.
			fmt.Fprintf(&b, "at=%s; echo '== %s: a Go program'\n"+
				"(cd %q && go mod init example.com/readme && go mod tidy && go vet . && go build -o program.exe .)\n%q\n",
				at, at, filepath.Dir(source), filepath.Join(filepath.Dir(source), "program.exe"))
		}
	}
	return b.String(), nil
}

func (b *block) runs() bool { return !b.norun && (b.lang == "sh" || b.lang == "go") }

// missing is the first command that the block needs and the machine lacks.
func (b *block) missing(has func(command string) bool) string {
	for _, c := range b.needs {
		if !has(c) {
			return c
		}
	}
	return ""
}

// write puts a program into a directory of its own.
func write(programs string, i int, text string) (string, error) {
	dir := filepath.Join(programs, fmt.Sprint(i))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "main.go")
	return path, os.WriteFile(path, []byte(text+"\n"), 0o666)
}
