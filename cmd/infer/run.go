package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1 // some picture or input failed
	exitUsage       = 2
	exitModel       = 3
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// app is one invocation: where it reads and writes.
type app struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
}

// command is one of the things infer does.
type command struct {
	name string
	help string
	run  func(a *app, args []string) error
}

func commands() []command {
	return []command{
		{"convert", helpConvert, (*app).convert},
		{"run", helpRun, (*app).runTensor},
		{"inspect", helpInspect, (*app).inspect},
		{"eval", helpEval, (*app).eval},
	}
}

// run is main without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{ctx, &interruptible{ctx: ctx, r: stdin}, stdout, stderr}
	c := command{"", helpClassify, (*app).classify}
	if len(args) > 0 {
		if args[0] == "help" {
			return a.help(args[1:])
		}
		for _, x := range commands() {
			if x.name == args[0] {
				c, args = x, args[1:]
				break
			}
		}
	}
	return a.report(c, c.run(a, args))
}

// help prints a command's help to standard output: it was asked for.
func (a *app) help(args []string) int {
	text := helpClassify
	if len(args) > 0 {
		text = ""
		for _, c := range commands() {
			if c.name == args[0] {
				text = c.help
			}
		}
		if text == "" {
			return a.report(command{}, usagef("help: got %q, want convert, run, inspect or eval", args[0]))
		}
	}
	fmt.Fprint(a.stdout, text)
	return exitOK
}

// failure is an error with the exit status it asks for.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usagef(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

func modelError(err error) error { return &failure{exitModel, err} }

// errHelp asks for the command's help text, errSome says that failures were
// reported already.
var (
	errHelp = errors.New("help")
	errSome = errors.New("some failed")
)

// report says on standard error what went wrong, in one line, and returns the
// exit status.
func (a *app) report(c command, err error) int {
	name := strings.TrimSpace("infer " + c.name)
	var f *failure
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errHelp):
		fmt.Fprint(a.stdout, c.help)
		return exitOK
	case errors.Is(err, errSome):
		return exitFailed
	case a.ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	case closedPipe(err):
		// Whoever read our output has seen enough. Nothing failed.
		return exitOK
	case errors.As(err, &f):
		fmt.Fprintf(a.stderr, "%s: %s\n", name, oneLine(err))
		if f.code == exitUsage {
			fmt.Fprintf(a.stderr, "%s -h for help\n", name)
		}
		return f.code
	}
	fmt.Fprintf(a.stderr, "%s: %s\n", name, oneLine(err))
	return exitFailed
}

// outputError marks an error of writing standard output.
type outputError struct{ err error }

func (e *outputError) Error() string { return "writing the output: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// closedPipe tells whether err is that standard output's reader has gone.
func closedPipe(err error) bool {
	var out *outputError
	return errors.As(err, &out) &&
		(errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed))
}

// print writes one record to standard output.
func (a *app) print(s string) error {
	if _, err := io.WriteString(a.stdout, s); err != nil {
		return &outputError{err}
	}
	return nil
}

// oneLine is err as one printable line.
func oneLine(err error) string { return printable(err.Error()) }

// printable replaces control characters, which a file's name or a model's
// label could use to write over the terminal.
func printable(s string) string {
	clean := true
	for _, r := range s {
		if r < ' ' || r >= 0x7F && r < 0xA0 {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r >= 0x7F && r < 0xA0:
			fmt.Fprintf(&b, "\\x%02x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
