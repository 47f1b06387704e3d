package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/contender"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
	"github.com/riffle-ml/riffle/engine"
)

// classifying is a row of pictures with what runs it.
type classifying struct {
	report.PictureRow
	c    contender.Classifier
	each float64   // nanoseconds for each picture, in the check
	ns   []float64 // of each picture
}

// finish sums up: the rate is the median of the rounds', the percentiles are of the
// pictures of all rounds.
func (r *classifying) finish() {
	q := stats.Quantiles(r.ns, 0, 0.5, 0.9, 0.99)
	r.N, r.Rate = len(r.ns), stats.Median(r.RoundRate)
	r.Min, r.P50, r.P90, r.P99 = q[0], q[1], q[2], q[3]
}

// enterPictures makes the rows of a network and starts what runs them. The rows
// that it made before an error are returned with the error.
func (b *bench) enterPictures(ctx context.Context, n *network.Network) ([]*classifying, error) {
	if err := n.NeedPreprocess(); err != nil {
		return nil, err
	}
	p := n.Model.Preprocess
	text := fmt.Sprintf("resized to %s exactly", units.Dims(p.Crop[:]))
	if p.Resize > 0 {
		text = fmt.Sprintf("shorter side to %d, centre crop %s", p.Resize, units.Dims(p.Crop[:]))
	}
	b.rep.Folder.Preprocess = append(b.rep.Folder.Preprocess, report.Prepared{Network: n.Name, Text: text})
	var rows []*classifying
	for _, isa := range b.ISAs {
		for _, threads := range b.Threads {
			drafts := []bool{false}
			if b.Draft {
				drafts = append(drafts, true)
			}
			for _, draft := range drafts {
				r, err := riffleOnPictures(n, isa, threads, draft)
				if err != nil {
					return rows, fmt.Errorf("%s: %w", n.Name, err)
				}
				rows = append(rows, r)
			}
		}
	}
	for _, command := range b.Peers {
		for _, threads := range b.Threads {
			r, err := b.startPicturePeer(ctx, n, command, threads)
			if r != nil {
				rows = append(rows, r)
			}
			if err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

func riffleOnPictures(n *network.Network, isa string, threads int, draft bool) (*classifying, error) {
	m, err := engine.New(n.Model, engine.WithISA(isa), engine.WithThreads(1))
	if err != nil {
		return nil, err
	}
	r := &classifying{PictureRow: report.PictureRow{Network: n.Name, Engine: "riffle", ISA: isa, Threads: threads}}
	if draft {
		r.Engine += "+draft"
	}
	r.c, err = contender.NewPictures(m, threads, draft)
	return r, err
}

// startPicturePeer starts a peer that classifies pictures. It returns nil, and warns,
// where the network has no file of the kind that the peer wants.
func (b *bench) startPicturePeer(ctx context.Context, n *network.Network, command string, threads int) (*classifying, error) {
	argv, model, err := b.command(n, command)
	if err != nil || argv == nil {
		return nil, err
	}
	how, err := json.Marshal(n.Model.Preprocess)
	if err != nil {
		return nil, err
	}
	r := &classifying{PictureRow: report.PictureRow{Network: n.Name, Engine: filepath.Base(argv[0]), Threads: threads}}
	b.line.Say("starting " + command)
	p, err := peer.Start(r.Engine, argv, b.PeerTimeout)
	if err != nil {
		return nil, err
	}
	load, err := p.Ask(ctx, peer.Request{Op: "load", Model: model, Threads: threads, Shape: append([]int{1}, n.Input...), Preprocess: how})
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	if load.Name != "" {
		r.Engine, r.Version, p.What = load.Name, load.Version, load.Name
	}
	r.c = contender.NewPeer(p, nil)
	return r, nil
}
