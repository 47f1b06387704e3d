package main

import (
	"context"
	"sync"
)

// ordered computes f(worker, i) for i = 0..n-1 on so many workers and hands the
// results to emit in order, from the calling goroutine. At most two results per worker
// wait. It returns emit's first error, or ctx's; no worker runs on.
func ordered[R any](ctx context.Context, workers, n int, f func(worker, i int) R, emit func(i int, r R) error) error {
	ctx, cancel := context.WithCancel(ctx)
	type job struct {
		i   int
		out chan R
	}
	var (
		jobs    = make(chan job)
		pending = make(chan chan R, 2*workers)
		wg      sync.WaitGroup
	)
	defer wg.Wait()
	defer cancel()
	for w := range workers {
		wg.Go(func() {
			for j := range jobs {
				j.out <- f(w, j.i)
			}
		})
	}
	wg.Go(func() {
		defer close(jobs)
		defer close(pending)
		for i := range n {
			out := make(chan R, 1) // a worker never waits for the reader
			select {
			case pending <- out:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- job{i, out}:
			case <-ctx.Done():
				return
			}
		}
	})
	for i := range n {
		// pending closes early only if ctx is done; a result promised there
		// may then never come.
		var out chan R
		select {
		case out = <-pending:
		case <-ctx.Done():
			return ctx.Err()
		}
		if out == nil {
			return ctx.Err()
		}
		select {
		case r := <-out:
			if err := emit(i, r); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
