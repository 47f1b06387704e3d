package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/terminal"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/compare"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/measure"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/serve"
	"github.com/riffle-ml/riffle/engine"
)

// run is main without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "peer" {
		return status(stderr, serve.Serve(ctx, args[1:], stdin, stdout))
	}
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return cli.OK
	}
	if err != nil {
		return status(stderr, err)
	}
	if o.version {
		fmt.Fprintf(stdout, "shufflebench %s\n%s %s/%s\ninstruction sets: %s\n",
			cli.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(engine.Sets(), ", "))
		return cli.OK
	}
	return status(stderr, bench(ctx, o, stdout, stderr))
}

// bench measures, compares and writes. What was measured before an error is
// written.
func bench(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	line := terminal.NewLine(stderr)
	w, old, err := before(ctx, o, line)
	if err != nil {
		line.Hide()
		return err
	}
	defer w.close()
	rep := &report.Report{Format: report.Format, Time: time.Now().UTC().Truncate(time.Second)}
	var failed error
	if o.pictures != "" {
		failed = measure.Pictures(ctx, &o.Options, o.pictures, rep, line)
	} else {
		failed = measure.Run(ctx, &o.Options, rep, line)
	}
	line.Hide()
	rep.Ratios = compare.Ratios(rep)
	if old != nil {
		compare.Baseline(rep, old)
	}
	if !rep.Measured() {
		return failed
	}
	if err := w.report(rep, stdout); err != nil {
		return errors.Join(failed, err)
	}
	if failed == nil {
		line.Say("drawing")
		failed = w.drawings(ctx, rep)
		line.Hide()
	}
	return failed
}

// before does what can fail for reasons that have nothing to do with measuring: a
// wrong name, a missing program. It should be told at once, not after a minute.
func before(ctx context.Context, o *options, line *terminal.Line) (w *writer, old *report.Report, err error) {
	if o.baseline != "" {
		if old, err = report.Read(o.baseline); err != nil {
			return nil, nil, err
		}
	}
	if o.plot != "" {
		line.Say("looking for the program that plots")
	}
	w, err = newWriter(ctx, o)
	return w, old, err
}

// status prints an error and returns the exit status.
func status(stderr io.Writer, err error) int {
	switch {
	case err == nil || cli.ClosedPipe(err):
		return cli.OK
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "shufflebench: interrupted")
		return cli.Interrupted
	}
	for i, l := range strings.Split(err.Error(), "\n") { // what a peer said last may be several lines
		if i == 0 {
			l = "shufflebench: " + l
		}
		fmt.Fprintln(stderr, cli.Printable(l))
	}
	s := cli.Status(err)
	if s == cli.Usage {
		fmt.Fprintln(stderr, "shufflebench -h lists the flags")
	}
	return s
}
