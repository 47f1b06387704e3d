package gate

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// watcher counts what a gate tells it.
type watcher struct {
	longest, panics atomic.Int64
}

func (w *watcher) Queue(_ string, n int) {
	for {
		old := w.longest.Load()
		if int64(n) <= old || w.longest.CompareAndSwap(old, int64(n)) {
			return
		}
	}
}
func (w *watcher) Panic(string, any, []byte) { w.panics.Add(1) }

func sleep(d time.Duration) func(context.Context, int, int) error {
	return func(context.Context, int, int) error { time.Sleep(d); return nil }
}

// A sample gets the processors of idle slots, and only while nobody waits for them.
func TestThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(4, 100, &watcher{})
		run := func(n, most int) []int {
			got := make([]int, n)
			g.Do(t.Context(), "m", Request{Samples: n, Threads: most}, func(_ context.Context, i, threads int) error {
				got[i] = threads
				time.Sleep(time.Second)
				return nil
			})
			return got
		}
		for most, want := range map[int]int{8: 4, 3: 3, 1: 1} {
			if got := run(1, most); got[0] != want {
				t.Errorf("alone, of a model that has %d: %d threads, want %d", most, got[0], want)
			}
		}
		first := make(chan []int, 1)
		go func() { first <- run(1, 3) }()
		time.Sleep(time.Second / 2)
		second := run(1, 8)
		if first := <-first; first[0] != 3 || second[0] != 1 {
			t.Errorf("one after the other: %d and %d threads, want 3 and 1", first[0], second[0])
		}
		if got := run(8, 4); slices.Max(got[:4]) != 1 {
			t.Errorf("with others waiting: threads %v, want 1", got[:4])
		}
		g.mu.Lock() // a slot frees itself after it has ended the request, before it lets go of the lock
		taken := g.taken
		g.mu.Unlock()
		if taken != 0 {
			t.Errorf("in the end %d slots are taken", taken)
		}
		g.Close(t.Context())
	})
}

// No more samples run at once than there are slots, and each runs once.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(3, 100, &watcher{})
		var now, most atomic.Int64
		var ran [50]atomic.Int64
		err := g.Do(t.Context(), "m", Request{Samples: len(ran), Threads: 1}, func(_ context.Context, i, _ int) error {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Millisecond)
			now.Add(-1)
			ran[i].Add(1)
			return nil
		})
		for i := range ran {
			if ran[i].Load() != 1 {
				t.Errorf("sample %d ran %d times", i, ran[i].Load())
			}
		}
		if err != nil || most.Load() != 3 {
			t.Errorf("%v, %d at once, want 3", err, most.Load())
		}
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A queue holds so many samples and no more; who comes then is told when to come back.
func TestBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watcher{}
		g := New(1, 4, w)
		g.Do(t.Context(), "m", Request{Samples: 20, Threads: 1}, sleep(time.Second)) // an empty queue takes any number; the gate learns what a sample takes
		w.longest.Store(0)
		var all sync.WaitGroup
		for range 5 { // one runs, four wait
			all.Go(func() {
				if err := g.Do(t.Context(), "m", Request{Samples: 1, Threads: 1}, sleep(time.Second)); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		err := g.Do(t.Context(), "m", Request{Samples: 1, Threads: 1}, sleep(time.Second))
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Busy || e.RetryAfter < time.Second || e.RetryAfter > 10*time.Second {
			t.Errorf("got %v (%+v), want to be told to come back in some seconds", err, e)
		}
		if g.Refuses("m", 1) == nil || g.Refuses("other", 1) != nil {
			t.Error("the full queue takes more, or another model's does not")
		}
		all.Wait()
		if w.longest.Load() != 4 {
			t.Errorf("%d waited, want 4", w.longest.Load())
		}
		g.Close(t.Context())
	})
}

// A model that is asked for always cannot keep out one that is asked for now and then, and
// slow and fast models get the same time.
func TestFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(2, 1000, &watcher{})
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var all sync.WaitGroup
		var fast, slow atomic.Int64 // time that each model had
		keep := func(model string, d time.Duration, sum *atomic.Int64) {
			for range 8 {
				all.Go(func() {
					for ctx.Err() == nil {
						g.Do(ctx, model, Request{Samples: 1, Threads: 1}, func(context.Context, int, int) error { time.Sleep(d); sum.Add(int64(d)); return nil })
					}
				})
			}
		}
		keep("fast", time.Millisecond, &fast)
		keep("slow", 50*time.Millisecond, &slow)
		time.Sleep(5 * time.Second)
		// Six samples of the others may run first: two are under way, and the queues
		// of the others get their turn.
		start := time.Now()
		if err := g.Do(ctx, "rare", Request{Samples: 1, Threads: 1}, sleep(time.Millisecond)); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > 150*time.Millisecond {
			t.Errorf("a rare model waited %v", d)
		}
		all.Wait()
		if share := float64(fast.Load()) / float64(fast.Load()+slow.Load()); share < 0.45 || share > 0.55 {
			t.Errorf("the fast model had %.2f of the time, want a half", share)
		}
		g.Close(t.Context())
	})
}

// A request that nobody waits for leaves the queue at once, and what has not begun
// never runs.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1, 10, &watcher{})
		go g.Do(t.Context(), "m", Request{Samples: 1, Threads: 1}, sleep(time.Minute))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := g.Do(ctx, "m", Request{Samples: 10, Threads: 1}, func(context.Context, int, int) error { t.Error("ran"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := g.Refuses("m", 10); err != nil {
			t.Errorf("the queue is not empty: %v", err)
		}
		time.Sleep(2 * time.Minute)
		g.Close(t.Context())
	})
}

// The first error ends a request; a panic is one, and the slot goes on.
func TestErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watcher{}
		g := New(1, 100, w)
		ran := 0
		err := g.Do(t.Context(), "m", Request{Samples: 10, Threads: 1}, func(_ context.Context, i, _ int) error {
			if ran++; i == 3 {
				panic("oh")
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "sample 3") || ran != 4 || w.panics.Load() != 1 {
			t.Errorf("%v, %d ran, %d panics", err, ran, w.panics.Load())
		}
		if err := g.Do(t.Context(), "m", Request{Samples: 1, Threads: 1}, sleep(1)); err != nil {
			t.Error(err)
		}
		g.Close(t.Context())
		if err := g.Do(t.Context(), "m", Request{Samples: 1, Threads: 1}, sleep(1)); fault.From(err).Kind != fault.Unavailable {
			t.Errorf("after Close: %v", err)
		}
	})
}

// Close lets what waits finish, unless its context ends first.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1, 10, &watcher{})
		done := make(chan error, 1)
		go func() { done <- g.Do(t.Context(), "m", Request{Samples: 5, Threads: 1}, sleep(time.Second)) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.Close(ctx); err == nil {
			t.Error("closed while samples ran")
		}
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Requests for one model take turns: one of many samples neither holds up one that comes
// later nor takes all of the queue, and those of one sample are answered in their order.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1, 9, &watcher{})
		start := time.Now()
		var all sync.WaitGroup
		var mu sync.Mutex
		ends := map[string]time.Duration{}
		ask := func(name string, n int) {
			all.Go(func() {
				if err := g.Do(t.Context(), "m", Request{Samples: n, Threads: 1}, sleep(time.Second)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				mu.Lock()
				defer mu.Unlock()
				ends[name] = time.Since(start)
			})
			synctest.Wait()
		}
		ask("many", 100)
		ask("first", 1)
		ask("few", 3)
		ask("second", 1)
		if err := g.Refuses("m", 1); err == nil {
			t.Error("with 4, 1, 3 and 1 samples counted, a queue of 9 takes one more")
		}
		all.Wait()
		// many, many: the first is under way when the others come. Then first, few, second.
		want := map[string]time.Duration{"many": 105 * time.Second, "first": 3 * time.Second, "second": 5 * time.Second, "few": 9 * time.Second}
		if !maps.Equal(ends, want) {
			t.Errorf("they ended after %v, want %v", ends, want)
		}
		g.Close(t.Context())
	})
}

// Where all slots are at samples that take long, one that does not is not kept waiting, not
// even behind a third of them; and no more than one runs besides the slots.
func TestRelief(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const short, long = 2 * time.Millisecond, time.Second
		g := New(2, 100, &watcher{})
		var now, most atomic.Int64
		run := func(model string, d time.Duration) (took time.Duration) {
			start := time.Now()
			err := g.Do(t.Context(), model, Request{Samples: 1, Threads: 1, Weight: int(d)}, func(context.Context, int, int) error {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(d)
				now.Add(-1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		var all sync.WaitGroup
		later := func(n int, model string, d, within time.Duration) {
			for range n {
				all.Go(func() {
					if took := run(model, d); took > within {
						t.Errorf("model %s: a sample of %v took %v, want at most %v", model, d, took, within)
					}
				})
				synctest.Wait()
			}
		}
		check := func(want int64) {
			t.Helper()
			all.Wait()
			if most.Swap(0) != want {
				t.Errorf("%d ran at once, want %d", most.Load(), want)
			}
		}
		for range 3 {
			run("m", short)
			run("other", short)
		}
		later(4, "m", long, 2*long)
		later(10, "m", short, 50*time.Millisecond)
		later(1, "other", short, 50*time.Millisecond)
		check(3)
		later(50, "m", short, time.Minute) // none of these is long
		check(2)
		later(4, "m", long, 2*long) // and of these none is short
		check(2)
		// Close waits for the relief too.
		later(2, "m", long, long)
		later(1, "other", long, long+20*time.Millisecond)
		time.Sleep(long / 2)
		if err := g.Close(t.Context()); err != nil || now.Load() != 0 {
			t.Errorf("closed with %d samples under way: %v", now.Load(), err)
		}
		check(3)
	})
}
