package main

import (
	"errors"
	"flag"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/measure"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/render"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
)

// options are the flags, checked.
type options struct {
	measure.Options
	format         string
	baseline, plot string
	profile        bool // print the profiles
	verbose        bool
}

const usage = `usage: shufflebench [flags]

Measures the latency of networks, interleaved round by round. Without flags it
measures the networks of the README's table and the models built in, with one
thread and with all.

networks (may be repeated)
  -arch SPEC       a network of random weights: shufflenetv2:1x@224,shuffle=dynamic
  -model NAME      a .rfl or .onnx file, or a model built in
contenders
  -threads LIST    numbers of threads, "all" is GOMAXPROCS (default 1,all)
  -isa LIST        instruction sets, "all" is every one that this machine has
                   (default RIFFLE_ISA, else the best)
  -batch N         samples in a run (default 1)
  -peer COMMAND    another engine, a program that speaks the protocol in README.md;
                   {model.onnx} and {model.rfl} stand for the file (may be repeated)
  -peer-timeout D  longest wait for one answer of a peer (default 1m)
measuring
  -rounds N        rounds (default 10)
  -benchtime D     time for each row, over all rounds (default 1s)
  -profile         time of every step of every network, on one thread
  -kernels         time of every kernel variant on every shape
output
  -v               table: every column, every ratio and every warning
  -o FORMAT        table, md, csv, json or bench (for benchstat) (default table)
  -baseline FILE   compare with an earlier -o json
  -plot FILE       draw latencies and the roofline: .svg, .png or .pdf
`

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
	f.BoolVar(&o.profile, "profile", false, "")
	f.BoolVar(&o.verbose, "v", false, "")
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
	if o.Threads, err = parseThreads(*threads); err != nil {
		return nil, err
	}
	if o.ISAs, err = parseISAs(*isa); err != nil {
		return nil, err
	}
	o.Profile = o.profile || o.plot != "" // the plot has the roofline
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
		return cli.Usagef("-o: got %q, want %s", o.format, strings.Join(render.Formats, ", "))
	case o.plot != "" && !slices.Contains([]string{".svg", ".png", ".pdf"}, strings.ToLower(filepath.Ext(o.plot))):
		return cli.Usagef("-plot: got %q, want a name that ends in .svg, .png or .pdf", o.plot)
	}
	for _, p := range o.Peers {
		if _, err := peer.Words(p); err != nil {
			return cli.Usagef("-peer: %w", err)
		}
	}
	return nil
}

func parseThreads(s string) ([]int, error) {
	var out []int
	for _, p := range strings.Split(s, ",") {
		n := runtime.GOMAXPROCS(0)
		if p = strings.TrimSpace(p); p != "all" {
			var err error
			if n, err = strconv.Atoi(p); err != nil || n < 1 || n > 32 {
				return nil, cli.Usagef("-threads: got %q, want 1 to 32, or all", p)
			}
		}
		if n = min(n, 32); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func parseISAs(s string) ([]string, error) {
	switch s {
	case "":
		set, err := kernel.Select("") // as engine chooses
		if err != nil {
			return nil, err
		}
		return []string{set.Name}, nil
	case "all":
		return engine.Sets(), nil
	}
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); !slices.Contains(engine.Sets(), p) {
			return nil, cli.Usagef("-isa: got %q, this machine has %s", p, strings.Join(engine.Sets(), ", "))
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}
