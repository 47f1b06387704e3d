package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/contender"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/engine"
)

// enter makes the rows of a network and starts what runs them.
func (b *bench) enter(ctx context.Context, n *network.Network) error {
	x := n.Noise(b.Batch)
	for _, isa := range b.ISAs {
		for _, threads := range b.Threads {
			if err := b.enterRiffle(ctx, n, x, isa, threads); err != nil {
				return err
			}
		}
	}
	if n.Half { // it is another engine's network of float32
		return nil
	}
	for _, command := range b.Peers {
		for _, threads := range b.Threads {
			if err := b.enterPeer(ctx, n, x, command, threads); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) enterRiffle(ctx context.Context, n *network.Network, x []float32, isa string, threads int) error {
	e := b.add(n, report.Row{Engine: "riffle", ISA: isa, Threads: threads})
	b.line.Say("starting " + b.row(e).Label())
	self, err := os.Executable()
	if err != nil {
		return err
	}
	argv := []string{self, "peer", "-isa", isa}
	if n.Half {
		argv = append(argv, "-half")
	}
	p, err := b.coldStart(ctx, e, argv, n.Paths["rfl"], x)
	if err != nil {
		return err
	}
	p.Close()
	m, err := engine.New(n.Model, n.Options(engine.WithISA(isa), engine.WithThreads(threads))...)
	if err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	r, err := contender.NewRiffle(m)
	if err != nil {
		return err
	}
	r.SetInput(x)
	e.c = r
	return nil
}

func (b *bench) enterPeer(ctx context.Context, n *network.Network, x []float32, command string, threads int) error {
	argv, model, err := b.command(n, command)
	if err != nil || argv == nil {
		return err
	}
	e := b.add(n, report.Row{Engine: filepath.Base(argv[0]), Threads: threads})
	b.line.Say("starting " + command)
	p, err := b.coldStart(ctx, e, argv, model, x)
	if err != nil {
		return err
	}
	e.c = contender.NewPeer(p, x)
	return nil
}

// command splits a peer's command into words and puts in the model's file, which it
// also returns. A command that names no file gets the ONNX file in the request
// "load". Where the network has no ONNX file and the peer wants one, argv is nil,
// and a warning says so, once.
func (b *bench) command(n *network.Network, command string) (argv []string, model string, err error) {
	if argv, err = peer.Words(command); err != nil {
		return nil, "", err
	}
	if n.NoONNX != nil && !strings.Contains(command, "{model.rfl}") {
		text := fmt.Sprintf("%s: no peer ran %s: %v", n.Name, command, n.NoONNX)
		if !slices.Contains(b.rep.Warnings, text) {
			b.rep.Warn("peer left out", "%s", text)
		}
		return nil, "", nil
	}
	model = n.Paths["onnx"]
	for i, w := range argv {
		for ext, path := range n.Paths {
			if strings.Contains(w, "{model."+ext+"}") {
				argv[i], model = strings.ReplaceAll(w, "{model."+ext+"}", path), path
			}
		}
	}
	return argv, model, nil
}
