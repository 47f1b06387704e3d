// Package measure runs networks and fills in a report. It starts what is measured,
// checks that all outputs agree, and then times all rows, interleaved. It prints
// nothing but a line of progress, and compares nothing.
package measure

import (
	"context"
	"os"

	"github.com/riffle-ml/riffle/cmd/internal/terminal"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/kernels"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/machine"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/profile"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/engine"
)

// Run measures and fills in rep. After an error rep holds what was measured until
// then; the error of an interrupted run is ctx's. line, which may be nil, shows
// what is going on.
func Run(ctx context.Context, o *Options, rep *report.Report, line *terminal.Line) error {
	dir, err := os.MkdirTemp("", "shufflebench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{Options: o, rep: rep, line: line}
	defer b.close()
	if err := b.prepare(ctx, dir); err != nil {
		return err
	}
	b.busy("before")
	line.Say("measuring the peak")
	machine.Measure(&rep.Machine)
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
	if len(o.Concurrency) > 0 {
		if err := b.loads(ctx); err != nil {
			return err
		}
	}
	b.busy("after")
	if o.Profile {
		if err := b.profiles(ctx); err != nil {
			return err
		}
	}
	if o.Kernels {
		return b.kernels(ctx)
	}
	return nil
}

// prepare reads the networks, writes them to dir for other processes, and
// describes the machine.
func (b *bench) prepare(ctx context.Context, dir string) error {
	b.line.Say("reading networks")
	var err error
	if b.nets, err = network.All(b.Archs, b.Models); err != nil {
		return err
	}
	if b.Int8 {
		b.line.Say("quantizing networks")
		if b.nets, err = network.WithInt8(ctx, b.nets); err != nil {
			return err
		}
	}
	if b.Half {
		b.nets = network.WithHalf(b.nets)
	}
	b.rep.Machine = machine.Describe()
	b.rep.Rounds, b.rep.Benchtime = b.Rounds, b.Benchtime
	for i, n := range b.nets {
		b.rep.Networks = append(b.rep.Networks, n.Network)
		if err := n.Write(dir, i, b.Batch); err != nil {
			return err
		}
	}
	for _, t := range b.Threads {
		if t > b.rep.Machine.Procs {
			b.rep.Warn("more threads than processors", "%s asked for, but GOMAXPROCS is %d: riffle uses no more, peers may", report.Threads(t), b.rep.Machine.Procs)
		}
	}
	return nil
}

// busy warns if other programs keep the machine busy.
func (b *bench) busy(when string) {
	if procs, ok := machine.Busy(); ok && procs > 0.15 {
		b.rep.Warn("busy machine", "the machine is busy: %s the measurement others used %.1f of its %d processors", when, procs, b.rep.Machine.CPUs)
	}
}

// profiles times every step of every network, on the first instruction set.
func (b *bench) profiles(ctx context.Context) error {
	for _, n := range b.nets {
		b.line.Say("profiling " + n.Name)
		m, err := engine.New(n.Model, n.Options(engine.WithISA(b.ISAs[0]), engine.WithThreads(1))...)
		if err != nil {
			return err
		}
		p, err := profile.Run(ctx, m, n.Noise(1), b.Benchtime/2, b.rep.PeakOf(n.Name))
		m.Close()
		if err != nil {
			return err
		}
		p.Network, p.ISA = n.Name, b.ISAs[0]
		b.rep.Profiles = append(b.rep.Profiles, *p)
	}
	return nil
}

// kernels times every kernel variant, on each instruction set.
func (b *bench) kernels(ctx context.Context) error {
	for _, n := range b.nets {
		if n.Half { // a kernel of which there is but one
			continue
		}
		for _, isa := range b.ISAs {
			b.line.Say("kernels of " + n.Name + ", " + isa)
			rows, warnings, err := kernels.Run(ctx, n.Model, isa)
			if err != nil {
				return err
			}
			for i := range rows {
				rows[i].Network, rows[i].ISA = n.Name, isa
			}
			b.rep.Kernels = append(b.rep.Kernels, rows...)
			for _, w := range warnings {
				b.rep.Warn("slower kernel", "%s, %s: %s", n.Name, isa, w)
			}
		}
	}
	return nil
}
