package measure

import (
	"context"
	"errors"
	"fmt"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

const coldStarts = 3

// coldStart measures how long a peer takes to load the model, what its first run
// takes, and its memory. It does so in three processes, one after the other, and
// keeps the medians, because single values scatter. It returns the last process,
// which is ready to run.
func (b *bench) coldStart(ctx context.Context, e *entry, argv []string, model string, x []float32) (*peer.Process, error) {
	var loads, firsts, memory []float64
	r := b.row(e)
	for i := range coldStarts {
		p, err := peer.Start(r.Engine, argv, b.PeerTimeout)
		if err != nil {
			return nil, err
		}
		load, err := p.Ask(ctx, peer.Request{Op: "load", Model: model, Threads: r.Threads, Shape: append([]int{b.Batch}, e.net.Input...)})
		if err == nil && len(load.NS) != 1 {
			err = p.Fail(fmt.Errorf("load: got %d times, want 1", len(load.NS)))
		}
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("%s: %w", e.net.Name, err)
		}
		first, err := p.Ask(ctx, peer.Request{Op: "run", Input: peer.Bytes(x)})
		if err == nil && len(first.NS) != 1 {
			err = p.Fail(fmt.Errorf("run: got %d times, want 1", len(first.NS)))
		}
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("%s: %w", e.net.Name, err)
		}
		rss := p.PeakRSS()
		if rss == 0 {
			rss = first.PeakRSS
		}
		loads, firsts, memory = append(loads, load.NS[0]), append(firsts, first.NS[0]), append(memory, float64(rss))
		if load.Name != "" && r.ISA == "" {
			r.Engine, r.Version, p.What = load.Name, load.Version, load.Name
		}
		if i == coldStarts-1 {
			r.LoadNS, r.FirstNS, r.Memory = stats.Median(loads), stats.Median(firsts), int64(stats.Median(memory))
			return p, nil
		}
		p.Close()
	}
	return nil, errors.New("unreachable")
}
