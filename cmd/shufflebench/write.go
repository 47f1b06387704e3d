package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/terminal"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/plot"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/render"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/trace"
	"github.com/riffle-ml/riffle/internal/atomicfile"
)

// writer writes a report to where the flags say. Files appear whole or not at all.
type writer struct {
	*options
	plotter *plot.Plotter // nil without -plot
}

// newWriter makes sure that the files can be written and the plot drawn.
func newWriter(ctx context.Context, o *options) (*writer, error) {
	w := &writer{options: o}
	for _, f := range []struct{ flag, path string }{{"-o", o.out}, {"-plot", o.plot}, {"-trace", o.trace}} {
		if err := writable(f.path); err != nil {
			return nil, fmt.Errorf("%s: %w", f.flag, err)
		}
	}
	var err error
	if o.plot != "" {
		w.plotter, err = plot.New(ctx)
	}
	return w, err
}

// writable tries whether a file can be made in path's directory; "" is no file.
func writable(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("%s: got a directory, want a file", path)
		}
		return nil // a device or a pipe is written to directly
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".shufflebench-*")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

func (w *writer) close() {
	if w.plotter != nil {
		w.plotter.Close()
	}
}

// report writes the report to the file of -o, or else to stdout.
func (w *writer) report(rep *report.Report, stdout io.Writer) error {
	o := render.Options{Format: w.format, Verbose: w.verbose, Profile: w.profile}
	if w.out != "" {
		return atomicfile.Write(w.out, 0o666, func(f io.Writer) error {
			b := bufio.NewWriter(f)
			render.Write(b, rep, o)
			return b.Flush()
		})
	}
	o.Width, _ = terminal.Width(stdout)
	b := bufio.NewWriter(cli.Output{W: stdout})
	render.Write(b, rep, o)
	return b.Flush()
}

// drawings writes the files of -plot and -trace.
func (w *writer) drawings(ctx context.Context, rep *report.Report) error {
	if w.trace != "" {
		err := atomicfile.Write(w.trace, 0o666, func(f io.Writer) error { return trace.Write(f, rep) })
		if err != nil {
			return fmt.Errorf("-trace: %w", err)
		}
	}
	if w.plotter == nil {
		return nil
	}
	format, _ := plot.FormatOf(w.options.plot)
	drawing, err := w.plotter.Draw(ctx, render.JSON(rep), format)
	if err != nil {
		return err
	}
	err = atomicfile.Write(w.options.plot, 0o666, func(f io.Writer) error {
		_, err := f.Write(drawing)
		return err
	})
	if err != nil {
		return fmt.Errorf("-plot: %w", err)
	}
	return nil
}
