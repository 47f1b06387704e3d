package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Run is a command without the process around it. It returns the exit status.
// ctx ends when the user interrupts the command.
type Run func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int

// Main runs a command as the process's main function and does not return. The
// first interrupt (or SIGTERM) ends the command's context; a second one kills
// the process. A reader that closes our output early is an error of writing
// (EPIPE), not a signal that kills the process.
func Main(run Run) {
	ignoreBrokenPipe()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
