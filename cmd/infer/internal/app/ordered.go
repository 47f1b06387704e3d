package app

import (
	"context"
	"sync"
	"sync/atomic"
)

// ahead is how many results may wait, for each worker, for one before them: a
// worker that is done does not have to wait for the reader to be scheduled.
const ahead = 16

// Ordered computes f(worker, i) for i = 0..n-1 on so many workers and hands the
// results to emit in order, from the calling goroutine. It returns emit's first
// error, or ctx's; no worker runs on.
func Ordered[R any](ctx context.Context, workers, n int, f func(worker, i int) R, emit func(i int, r R) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var (
		window = min(ahead*workers, max(n, 1))
		slots  = make([]chan R, window)      // result i comes in slot i mod window
		begin  = make(chan struct{}, window) // one for each that may be begun
		next   atomic.Int64
		wg     sync.WaitGroup
	)
	defer wg.Wait()
	defer cancel()
	for i := range slots {
		slots[i] = make(chan R, 1)
		begin <- struct{}{}
	}
	for w := range workers {
		wg.Go(func() {
			for {
				select {
				case <-begin:
				case <-ctx.Done():
					return
				}
				// What is begun and not emitted is less than the window, and
				// emitted in order: the slot is free.
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				slots[i%window] <- f(w, i)
			}
		})
	}
	for i := range n {
		select {
		case r := <-slots[i%window]:
			if err := emit(i, r); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		begin <- struct{}{}
	}
	return nil
}
