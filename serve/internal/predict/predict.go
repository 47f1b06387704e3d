// Package predict turns a request of the protocol into runs of a network, and what it
// computed into an answer.
package predict

import (
	"context"
	"sync"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/gate"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// Run computes what r asks of n, in n's slots of the gate. The request's memory is not
// used after Run returns, but the answer may share it. release is called once the answer
// has been sent; after an error there is none.
func (p *Predictor) Run(ctx context.Context, n *network.Network, r *oip.Request) (a *oip.Answer, release func(), err error) {
	src, err := p.source(n, r)
	if err != nil {
		return nil, nil, err
	}
	outs, err := outputs(n, r, src.samples())
	if err != nil {
		return nil, nil, err
	}
	size := int64(0)
	for _, o := range outs {
		size += o.size()
	}
	if release, err = p.Budget.Hold(size); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			release()
			release = nil
		}
	}()
	p.Seen.Batch(ctx, n.Name, src.samples())
	var mu sync.Mutex // of outs, which the samples share
	came := time.Now()
	err = p.Gate.Do(ctx, n.Name, gate.Request{Samples: src.samples(), Threads: n.Info.Threads, Weight: src.weight()}, func(ctx context.Context, i, threads int) error {
		var took [len(stages)]time.Duration
		took[0] = time.Since(came)
		x, err := n.Borrow()
		if err != nil {
			return err
		}
		x.Session.SetThreads(threads)
		if err := sample(ctx, src, x, i, &took); err != nil {
			n.Return(x)
			return err
		}
		at := came // the stages follow one another
		for k, name := range stages {
			if took[k] > 0 {
				p.Seen.Stage(ctx, n.Name, name, i, at, took[k])
			}
			at = at.Add(took[k])
		}
		mu.Lock()
		defer mu.Unlock()
		for _, o := range outs {
			if err := o.take(i, x, &took); err != nil {
				n.Return(x)
				return err
			}
		}
		n.Return(x)
		return nil
	})
	if err != nil {
		return nil, release, fault.From(err)
	}
	a = &oip.Answer{Model: n.Name, Version: n.Version, ID: r.ID}
	for _, o := range outs {
		a.Outputs = append(a.Outputs, o.tensor())
	}
	return a, release, nil
}

// sample computes sample i into x.Dst.
func sample(ctx context.Context, src source, x *network.Runner, i int, took *[len(stages)]time.Duration) error {
	in, err := src.input(ctx, x, i, took)
	if err != nil {
		return err
	}
	start := time.Now()
	err = x.Session.Run(ctx, x.Dst, in)
	took[3] = time.Since(start)
	return err
}
