package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

// options are the flags, checked.
type options struct {
	archs, models, peers []string
	threads              []int
	isas                 []string
	batch, rounds        int
	benchtime            time.Duration
	format               string
	baseline, plot       string
	profile, kernels     bool
	peerTimeout          time.Duration
}

const usage = `usage: shufflebench [flags]

Measures the latency of networks, interleaved round by round. With no flags: the
default networks and the models built in, on every instruction set, with one
thread and with all.

networks (may be repeated)
  -arch SPEC       a network of random weights: shufflenetv2:1x@224,shuffle=dynamic
  -model NAME      a .rfl or .onnx file, or a model built in
contenders
  -threads LIST    numbers of threads, "all" is GOMAXPROCS (default 1,all)
  -isa LIST        instruction sets (default all that this machine has)
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
  -o FORMAT        table, md, csv, json or bench (for benchstat) (default table)
  -baseline FILE   compare with an earlier -o json
  -plot FILE       draw latencies and the roofline: .svg, .png or .pdf
`

// usageError is wrong usage: exit status 2.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

var formats = []string{"table", "md", "csv", "json", "bench"}

func parseOptions(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("shufflebench", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are reported in one place, run
	f.Usage = func() {}
	list := func(name string, to *[]string) {
		f.Func(name, "", func(s string) error { *to = append(*to, s); return nil })
	}
	list("arch", &o.archs)
	list("model", &o.models)
	list("peer", &o.peers)
	threads := f.String("threads", "1,all", "")
	isa := f.String("isa", "", "")
	f.IntVar(&o.batch, "batch", 1, "")
	f.IntVar(&o.rounds, "rounds", 10, "")
	f.DurationVar(&o.benchtime, "benchtime", time.Second, "")
	f.DurationVar(&o.peerTimeout, "peer-timeout", time.Minute, "")
	f.StringVar(&o.format, "o", "table", "")
	f.StringVar(&o.baseline, "baseline", "", "")
	f.StringVar(&o.plot, "plot", "", "")
	f.BoolVar(&o.profile, "profile", false, "")
	f.BoolVar(&o.kernels, "kernels", false, "")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, &usageError{err}
	}
	if f.NArg() > 0 {
		return nil, usagef("got %q, want flags only", f.Arg(0))
	}
	var err error
	if o.threads, err = parseThreads(*threads); err != nil {
		return nil, err
	}
	if o.isas, err = parseISAs(*isa); err != nil {
		return nil, err
	}
	return o, o.check()
}

func (o *options) check() error {
	switch {
	case o.batch < 1 || o.batch > 1<<16:
		return usagef("-batch: got %d, want 1 to 65536", o.batch)
	case o.rounds < 1 || o.rounds > 1<<16:
		return usagef("-rounds: got %d, want 1 to 65536", o.rounds)
	case o.benchtime <= 0:
		return usagef("-benchtime: got %v, want more than 0", o.benchtime)
	case o.peerTimeout <= 0:
		return usagef("-peer-timeout: got %v, want more than 0", o.peerTimeout)
	case !slices.Contains(formats, o.format):
		return usagef("-o: got %q, want %s", o.format, strings.Join(formats, ", "))
	case o.plot != "" && !slices.Contains([]string{".svg", ".png", ".pdf"}, strings.ToLower(filepath.Ext(o.plot))):
		return usagef("-plot: got %q, want a name that ends in .svg, .png or .pdf", o.plot)
	}
	for _, p := range o.peers {
		if _, err := words(p); err != nil {
			return err
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
				return nil, usagef("-threads: got %q, want 1 to 32, or all", p)
			}
		}
		if n = min(n, 32); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func parseISAs(s string) ([]string, error) {
	if s == "" {
		return engine.Sets(), nil
	}
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); !slices.Contains(engine.Sets(), p) {
			return nil, usagef("-isa: got %q, this machine has %s", p, strings.Join(engine.Sets(), ", "))
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// words splits a command as a shell would: blanks separate, quotes of both
// kinds and backslashes keep together. There is no expansion.
func words(s string) ([]string, error) {
	var out []string
	var cur strings.Builder
	in, quote, escaped := false, rune(0), false
	for _, r := range s {
		switch {
		case escaped:
			cur.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			in, escaped = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			cur.WriteRune(r)
		case r == '\'' || r == '"':
			in, quote = true, r
		case r == ' ' || r == '\t' || r == '\n':
			if in {
				out = append(out, cur.String())
				cur.Reset()
				in = false
			}
		default:
			in = true
			cur.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, usagef("-peer: got %q, want quotes closed", s)
	}
	if in {
		out = append(out, cur.String())
	}
	if len(out) == 0 {
		return nil, usagef("-peer: got %q, want a command", s)
	}
	return out, nil
}
