package contender

import (
	"context"
	"fmt"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
)

// Peer is another engine, in a process of its own that has loaded its model.
type Peer struct {
	p     *peer.Process
	input []byte
}

// NewPeer returns a contender that runs p on the input x, and closes p in the end.
func NewPeer(p *peer.Process, x []float32) *Peer { return &Peer{p, peer.Bytes(x)} }

func (c *Peer) Output(ctx context.Context) ([]float32, error) {
	a, err := c.p.Ask(ctx, peer.Request{Op: "run", Input: c.input})
	if err != nil {
		return nil, err
	}
	y, err := peer.Floats(a.Output)
	if err != nil {
		return nil, fmt.Errorf("%s: output: %w", c.p.What, err)
	}
	return y, nil
}

func (c *Peer) Time(ctx context.Context, warm, n int) ([]float64, float64, error) {
	a, err := c.p.Ask(ctx, peer.Request{Op: "time", Warm: warm, N: n})
	if err != nil {
		return nil, -1, err
	}
	if len(a.NS) != n {
		return nil, -1, c.p.Fail(fmt.Errorf("time: got %d times, want %d", len(a.NS), n))
	}
	for _, t := range a.NS {
		if !(t > 0) {
			return nil, -1, c.p.Fail(fmt.Errorf("time: got %v ns, want more than 0", t))
		}
	}
	allocs := -1.0
	if a.Allocs != nil {
		allocs = *a.Allocs
	}
	return a.NS, allocs, nil
}

func (c *Peer) Close() { c.p.Close() }

// Classify has a peer classify pictures. It makes [Peer] a [Classifier].
func (c *Peer) Classify(ctx context.Context, files []string) (*Classified, error) {
	a, err := c.p.Ask(ctx, peer.Request{Op: "classify", Files: files})
	if err != nil {
		return nil, err
	}
	if len(a.Classes) != len(files) || len(a.NS) != len(files) || !(a.Elapsed > 0) {
		return nil, c.p.Fail(fmt.Errorf("classify: got %d classes, %d times, %v ns in all, want %d, %d and more than 0",
			len(a.Classes), len(a.NS), a.Elapsed, len(files), len(files)))
	}
	return &Classified{a.Classes, a.NS, a.Elapsed}, nil
}
