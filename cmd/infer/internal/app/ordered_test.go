package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

func TestOrdered(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		var got []int
		err := Ordered(context.Background(), workers, 100, func(_, i int) int {
			time.Sleep(time.Duration(i*7919%5) * 100 * time.Microsecond)
			return i * i
		}, func(i, r int) error {
			got = append(got, r)
			return nil
		})
		if err != nil || len(got) != 100 {
			t.Fatalf("%d workers: got %d results, %v", workers, len(got), err)
		}
		for i, r := range got {
			if r != i*i {
				t.Fatalf("%d workers: result %d is %d, want %d", workers, i, r, i*i)
			}
		}
		stop := errors.New("stop")
		n := 0
		err = Ordered(context.Background(), workers, 100, func(_, i int) int { return i }, func(i, _ int) error {
			if n++; i == 10 {
				return stop
			}
			return nil
		})
		if err != stop || n != 11 {
			t.Errorf("%d workers: got %v after %d results, want stop after 11", workers, err, n)
		}
	}
}

// TestOrderedWindow: where the reader of results is slow, workers wait for it, and do not
// pile results up.
func TestOrderedWindow(t *testing.T) {
	const workers, n = 3, 1000
	var begun atomic.Int64
	err := Ordered(context.Background(), workers, n, func(_, i int) int {
		begun.Add(1)
		return i
	}, func(i, r int) error {
		if i%100 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		if b := int(begun.Load()); b > i+ahead*workers {
			return fmt.Errorf("%d were begun when result %d came", b, i)
		}
		return nil
	})
	if err != nil || begun.Load() != n {
		t.Errorf("got %v after %d", err, begun.Load())
	}
}
