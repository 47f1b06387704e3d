// Package app is what every command of infer stands on: its streams, its flags, its
// output files, and how it reports errors.
//
// It knows people and files. It must not know models or pictures.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// App is one invocation of the program. Its methods may be called from one
// goroutine at a time; its fields may be read from any.
type App struct {
	Ctx            context.Context // done when the user interrupts
	Stdin          io.Reader       // a read ends when Ctx is done
	Stdout, Stderr io.Writer
}

// New returns the invocation that reads stdin and writes stdout and stderr.
func New(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) *App {
	return &App{ctx, &interruptible{ctx: ctx, r: stdin}, cli.Output{W: stdout}, stderr}
}

// Print writes one record to standard output.
func (a *App) Print(s string) error {
	_, err := io.WriteString(a.Stdout, s)
	return err
}

// Note tells the user, on standard error, something that is no error.
func (a *App) Note(command, format string, args ...any) {
	fmt.Fprintf(a.Stderr, "%s: note: %s\n", program(command), cli.Printable(fmt.Sprintf(format, args...)))
}

var (
	// ErrHelp asks for the command's help text.
	ErrHelp = errors.New("help")
	// ErrReported says that something failed and that the user knows already.
	ErrReported = errors.New("some failed")
)

// ModelError says that the model cannot be used. nil stays nil.
func ModelError(err error) error { return cli.WithStatus(cli.Model, err) }

// Report says on standard error, in one line, what went wrong with a command, and
// returns the exit status of the program. help is the command's help text.
func (a *App) Report(command, help string, err error) int {
	switch {
	case errors.Is(err, ErrHelp):
		err = a.Print(help)
	case errors.Is(err, ErrReported):
		return cli.Failed
	}
	switch {
	case err == nil:
		return cli.OK
	case a.Ctx.Err() != nil && errors.Is(err, context.Canceled):
		return cli.Interrupted
	case cli.ClosedPipe(err):
		return cli.OK
	}
	fmt.Fprintf(a.Stderr, "%s: %s\n", program(command), cli.OneLine(err))
	status := cli.Status(err)
	if status == cli.Usage {
		fmt.Fprintf(a.Stderr, "%s -h for help\n", program(command))
	}
	return status
}

// program is how messages call a command; "" is infer without a command.
func program(command string) string { return strings.TrimSpace("infer " + command) }
