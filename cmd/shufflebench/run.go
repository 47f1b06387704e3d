package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/terminal"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/compare"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/measure"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/plot"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/render"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/serve"
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
	return status(stderr, bench(ctx, o, stdout, stderr))
}

// bench measures, compares, prints and plots. What was measured before an error
// is printed.
func bench(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	var old *report.Report
	if o.baseline != "" { // a wrong name is told at once, not after a minute
		var err error
		if old, err = report.Read(o.baseline); err != nil {
			return err
		}
	}
	line := terminal.NewLine(stderr)
	rep := &report.Report{Format: report.Format, Time: time.Now().UTC().Truncate(time.Second)}
	failed := measure.Run(ctx, &o.Options, rep, line)
	line.Hide()
	rep.Ratios = compare.Ratios(rep)
	if old != nil {
		compare.Baseline(rep, old)
	}
	if rep.Measured() {
		w := bufio.NewWriter(cli.Output{W: stdout})
		width, _ := terminal.Width(stdout)
		render.Write(w, rep, render.Options{Format: o.format, Verbose: o.verbose, Profile: o.profile, Width: width})
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if failed == nil && o.plot != "" {
		line.Say("plotting")
		failed = plot.Draw(ctx, render.JSON(rep), o.plot)
		line.Hide()
	}
	return failed
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
	fmt.Fprintf(stderr, "shufflebench: %v\n", err)
	s := cli.Status(err)
	if s == cli.Usage {
		fmt.Fprintln(stderr, "shufflebench -h lists the flags")
	}
	return s
}
