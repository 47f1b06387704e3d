package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
)

// bench is one run of shufflebench under way.
type bench struct {
	*options
	rep      *Report
	nets     []*network
	runs     []*entry // one for each row
	progress *progress
	dir      string // of the files for peers
}

// entry is a row with what runs it.
type entry struct {
	row    int
	net    *network
	c      contender
	all    []float64
	allocs []float64
	n      int // timed runs in a round
	warm   int
}

func (b *bench) row(e *entry) *Row { return &b.rep.Rows[e.row] }

// label names a row in messages.
func (r *Row) label() string {
	isa := r.ISA
	if isa != "" {
		isa = " " + isa
	}
	return fmt.Sprintf("%s: %s%s, %s", r.Network, r.Engine, isa, threadsText(r.Threads))
}

func threadsText(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// measure fills in the report. After an error it holds what was measured until
// then; the error of an interrupted run is the context's.
func (b *bench) measure(ctx context.Context) error {
	var err error
	if b.dir, err = os.MkdirTemp("", "shufflebench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	defer b.close()
	b.progress.say("reading networks")
	if b.nets, err = b.networks(); err != nil {
		return err
	}
	b.rep.Machine = machine()
	b.rep.Rounds, b.rep.Benchtime = b.rounds, b.benchtime
	for i, n := range b.nets {
		b.rep.Networks = append(b.rep.Networks, n.Network)
		if err := n.write(b.dir, i, b.batch); err != nil {
			return err
		}
	}
	for _, t := range b.threads {
		if t > b.rep.Machine.Procs {
			b.warn("%s asked for, but GOMAXPROCS is %d: riffle uses no more, peers may", threadsText(t), b.rep.Machine.Procs)
		}
	}
	b.busy("before")
	b.peaks()
	for _, n := range b.nets {
		if err := b.enter(ctx, n); err != nil {
			return err
		}
	}
	if err := b.verify(ctx); err != nil {
		return err
	}
	if err := b.race(ctx); err != nil {
		return err
	}
	b.busy("after")
	if b.profile || b.plot != "" {
		if err := b.profiles(ctx); err != nil {
			return err
		}
	}
	if b.kernels {
		if err := b.kernelRows(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) close() {
	for _, e := range b.runs {
		if e.c != nil {
			e.c.close()
		}
	}
}

func (b *bench) warn(format string, args ...any) {
	b.rep.Warnings = append(b.rep.Warnings, fmt.Sprintf(format, args...))
}

// peaks measures what this machine can do at best, in this process.
func (b *bench) peaks() {
	b.progress.say("measuring the peak")
	b.rep.Machine.PeakGFLOPS = map[string]float64{}
	for _, s := range kernel.Sets() {
		b.rep.Machine.PeakGFLOPS[s.Name] = s.PeakGFLOPS(100 * time.Millisecond)
	}
	b.rep.Machine.MemoryGBs = copyRate(64 << 20)
	b.rep.Machine.CacheGBs = copyRate(96 << 10)
}

// peak is a core's FMA peak, of its best instruction set.
func (m *Machine) peak() float64 {
	best := 0.0
	for _, p := range m.PeakGFLOPS {
		best = max(best, p)
	}
	return best
}

// enter makes the rows of a network and starts what runs them.
func (b *bench) enter(ctx context.Context, n *network) error {
	x := n.input(b.batch)
	for _, isa := range b.isas {
		for _, threads := range b.threads {
			if err := b.enterRiffle(ctx, n, x, isa, threads); err != nil {
				return err
			}
		}
	}
	for _, command := range b.peers {
		if n.onnx != nil && strings.Contains(command, "{model.onnx}") {
			b.warn("%s: no peer ran %s: %v", n.Name, command, n.onnx)
			continue
		}
		for _, threads := range b.threads {
			if err := b.enterPeer(ctx, n, x, command, threads); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) add(n *network, r Row) *entry {
	r.Network, r.Batch, r.Allocs = n.Name, b.batch, -1
	e := &entry{row: len(b.rep.Rows), net: n}
	b.rep.Rows = append(b.rep.Rows, r)
	b.runs = append(b.runs, e)
	return e
}

func (b *bench) enterRiffle(ctx context.Context, n *network, x []float32, isa string, threads int) error {
	e := b.add(n, Row{Engine: "riffle", ISA: isa, Threads: threads})
	b.progress.say("starting " + b.row(e).label())
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p, err := b.coldStart(ctx, e, []string{self, "peer", "-isa", isa}, n.paths["rfl"], x)
	if err != nil {
		return err
	}
	p.close()
	m, err := engine.New(n.model, engine.WithISA(isa), engine.WithThreads(threads))
	if err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	r, err := newRiffle(m)
	if err != nil {
		return err
	}
	r.setInput(x)
	e.c = &r
	return nil
}

func (b *bench) enterPeer(ctx context.Context, n *network, x []float32, command string, threads int) error {
	argv, err := words(command)
	if err != nil {
		return err
	}
	model := ""
	for i, w := range argv {
		for ext, path := range n.paths {
			if strings.Contains(w, "{model."+ext+"}") {
				argv[i], model = strings.ReplaceAll(w, "{model."+ext+"}", path), path
			}
		}
	}
	if model == "" {
		if n.onnx != nil {
			b.warn("%s: no peer ran %s: %v", n.Name, command, n.onnx)
			return nil
		}
		model = n.paths["onnx"]
	}
	e := b.add(n, Row{Engine: filepath.Base(argv[0]), Threads: threads})
	b.progress.say("starting " + command)
	p, err := b.coldStart(ctx, e, argv, model, x)
	if err != nil {
		return err
	}
	e.c = &peer{p: p, input: toBytes(x)}
	return nil
}

const coldStarts = 3

// coldStart starts a process, loads and runs once, three times over, and keeps
// the medians: they are noisy. The last process is returned, ready.
func (b *bench) coldStart(ctx context.Context, e *entry, argv []string, model string, x []float32) (*process, error) {
	var loads, firsts, memory []float64
	r := b.row(e)
	for i := range coldStarts {
		p, err := startProcess(r.Engine, argv, b.peerTimeout)
		if err != nil {
			return nil, err
		}
		load, err := p.ask(ctx, request{Op: "load", Model: model, Threads: r.Threads, Shape: append([]int{b.batch}, e.net.Input...)})
		if err == nil && len(load.NS) != 1 {
			err = p.fail(fmt.Errorf("load: got %d times, want 1", len(load.NS)))
		}
		if err != nil {
			p.close()
			return nil, fmt.Errorf("%s: %w", e.net.Name, err)
		}
		first, err := p.ask(ctx, request{Op: "run", Input: toBytes(x)})
		if err == nil && len(first.NS) != 1 {
			err = p.fail(fmt.Errorf("run: got %d times, want 1", len(first.NS)))
		}
		if err != nil {
			p.close()
			return nil, fmt.Errorf("%s: %w", e.net.Name, err)
		}
		rss := p.peakRSS()
		if rss == 0 {
			rss = first.PeakRSS
		}
		loads, firsts, memory = append(loads, load.NS[0]), append(firsts, first.NS[0]), append(memory, float64(rss))
		if load.Name != "" && r.ISA == "" {
			r.Engine, r.Version, p.what = load.Name, load.Version, load.Name
		}
		if i == coldStarts-1 {
			r.LoadNS, r.FirstNS, r.Memory = median(loads), median(firsts), int64(median(memory))
			return p, nil
		}
		p.close()
	}
	return nil, errors.New("unreachable")
}
