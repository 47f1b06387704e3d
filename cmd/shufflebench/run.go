package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// run is main without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "peer" {
		return report(stderr, serve(ctx, args[1:], stdin, stdout))
	}
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	if err != nil {
		return report(stderr, err)
	}
	var old *Report
	if o.baseline != "" { // a wrong name is told at once, not after a minute
		if old, err = readReport(o.baseline); err != nil {
			return report(stderr, err)
		}
	}
	b := &bench{options: o, rep: &Report{Format: 1, Time: time.Now().UTC().Truncate(time.Second)}, progress: newProgress(stderr)}
	failed := b.measure(ctx)
	b.progress.hide()
	if old != nil {
		b.rep.compareWith(old)
	}
	if b.rep.measured() {
		w := bufio.NewWriter(stdout)
		b.rep.write(w, o.format, o.profile)
		if err := w.Flush(); err != nil {
			return report(stderr, err)
		}
	}
	if failed == nil && o.plot != "" {
		b.progress.say("plotting")
		failed = plotReport(ctx, b.rep, o.plot)
		b.progress.hide()
	}
	return report(stderr, failed)
}

// measured tells whether there is anything to print.
func (rep *Report) measured() bool {
	for i := range rep.Rows {
		if rep.Rows[i].N > 0 {
			return true
		}
	}
	return false
}

// report prints an error and returns the exit status.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "shufflebench: interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "shufflebench: %v\n", err)
	var u *usageError
	if errors.As(err, &u) {
		fmt.Fprintln(stderr, "shufflebench -h lists the flags")
		return exitUsage
	}
	return exitFailed
}
