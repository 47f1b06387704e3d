package main

import (
	"errors"
	"flag"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/measure"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/plot"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/render"
	"github.com/riffle-ml/riffle/kernel"
)

// options are the flags, checked.
type options struct {
	measure.Options
	format   string // of the output
	out      string // file of the output; "" is standard output
	baseline string
	plot     string // file
	trace    string // file
	pictures string // directory
	profile  bool   // print the profiles
	verbose  bool
	version  bool // say which build this is, and nothing else
}

func parseOptions(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("shufflebench", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are reported in one place, run
	f.Usage = func() {}
	list := func(name string, to *[]string) {
		f.Func(name, "", func(s string) error { *to = append(*to, s); return nil })
	}
	list("arch", &o.Archs)
	list("model", &o.Models)
	list("peer", &o.Peers)
	threads := f.String("threads", "1,all", "")
	isa := f.String("isa", "", "")
	f.IntVar(&o.Batch, "batch", 1, "")
	f.IntVar(&o.Rounds, "rounds", 10, "")
	f.DurationVar(&o.Benchtime, "benchtime", time.Second, "")
	f.DurationVar(&o.PeerTimeout, "peer-timeout", time.Minute, "")
	f.StringVar(&o.format, "o", "table", "")
	f.StringVar(&o.baseline, "baseline", "", "")
	f.StringVar(&o.plot, "plot", "", "")
	f.StringVar(&o.trace, "trace", "", "")
	f.BoolVar(&o.Draft, "draft", false, "")
	f.StringVar(&o.pictures, "pictures", "", "")
	concurrency := f.String("concurrency", "", "")
	f.BoolVar(&o.profile, "profile", false, "")
	f.BoolVar(&o.verbose, "v", false, "")
	f.BoolVar(&o.version, "version", false, "")
	f.BoolVar(&o.Int8, "int8", false, "")
	f.BoolVar(&o.Half, "half", false, "")
	f.BoolVar(&o.Kernels, "kernels", false, "")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, cli.WithStatus(cli.Usage, err)
	}
	if f.NArg() > 0 {
		return nil, cli.Usagef("got %q, want flags only", f.Arg(0))
	}
	var err error
	if o.Threads, err = parseCounts("-threads", *threads, mostThreads); err != nil {
		return nil, err
	}
	if *concurrency != "" {
		if o.Concurrency, err = parseCounts("-concurrency", *concurrency, mostSessions); err != nil {
			return nil, err
		}
	}
	if o.ISAs, err = parseISAs(*isa); err != nil {
		return nil, err
	}
	o.Profile = o.profile || o.plot != "" || o.trace != "" // the plot has the roofline
	if format, ok := formatOf(o.format); ok {
		o.format, o.out = format, o.format
	}
	return o, o.check()
}

func (o *options) check() error {
	switch {
	case o.Batch < 1 || o.Batch > 1<<16:
		return cli.Usagef("-batch: got %d, want 1 to 65536", o.Batch)
	case o.Rounds < 1 || o.Rounds > 1<<16:
		return cli.Usagef("-rounds: got %d, want 1 to 65536", o.Rounds)
	case o.Benchtime <= 0:
		return cli.Usagef("-benchtime: got %v, want more than 0", o.Benchtime)
	case o.PeerTimeout <= 0:
		return cli.Usagef("-peer-timeout: got %v, want more than 0", o.PeerTimeout)
	case !slices.Contains(render.Formats, o.format):
		return cli.Usagef("-o: got %q, want %s, or a file that ends in .txt, .md, .csv, .json or .bench", o.format, strings.Join(render.Formats, ", "))
	case o.Draft && o.pictures == "":
		return cli.Usagef("-draft: got it without -pictures, want both")
	case o.pictures != "" && (o.profile || o.Kernels || o.Int8 || o.Half || o.plot != "" || o.trace != "" || o.baseline != "" || len(o.Concurrency) > 0 || o.Batch > 1):
		return cli.Usagef("-pictures: got it with -profile, -kernels, -int8, -half, -plot, -trace, -baseline, -concurrency or -batch, which are about tensors; want it without")
	}
	if _, ok := plot.FormatOf(o.plot); o.plot != "" && !ok {
		return cli.Usagef("-plot: got %q, want a name that ends in .svg, .png or .pdf", o.plot)
	}
	for _, isa := range o.ISAs {
		set, err := kernel.Select(isa)
		if err == nil {
			err = set.HalfArithmetic()
		}
		if o.Half && err != nil {
			return cli.Usagef("-half: %v", err)
		}
	}
	for _, p := range o.Peers {
		if _, err := peer.Words(p); err != nil {
			return cli.Usagef("-peer: %w", err)
		}
	}
	return nil
}

// formatOf tells a file from a format: it has an extension, which names the format.
func formatOf(name string) (format string, ok bool) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".txt":
		return "table", true
	case ".md", ".csv", ".json", ".bench":
		return ext[1:], true
	}
	return "", false
}
