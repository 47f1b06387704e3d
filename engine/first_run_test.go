package engine

import (
	"context"
	"math"
	"runtime"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// A session has all that its steps work in before its first run: that run allocates
// nothing either.
func TestFirstRunAllocatesNothing(t *testing.T) {
	w := map[string]string{"weight": "w"}
	m := network([]int{8, 20, 20}, []string{"p2"}, []weights.Node{
		node1("d", weights.OpConv, "x", map[string][]int{"kernel": {7, 7}, "pad": {3, 3, 3, 3}, "groups": {8}}, w),
		node1("p1", weights.OpMaxPool, "d", map[string][]int{"kernel": {3, 3}, "pad": {1, 1, 1, 1}}, nil),
		node1("c", weights.OpConv, "p1", map[string][]int{"kernel": {3, 3}, "stride": {2, 2}, "pad": {1, 1, 1, 1}}, map[string]string{"weight": "v"}),
		node1("p2", weights.OpAvgPool, "c", map[string][]int{"kernel": {5, 5}, "pad": {2, 2, 2, 2}}, nil),
	}, filled("w", 8, 1, 7, 7), filled("v", 8, 8, 3, 3))
	forEachSet(t, func(t *testing.T, isa string) {
		e := mustNew(t, m, WithISA(isa), WithThreads(1))
		in, out := randomInput(e.plan.InLen, 1), make([]float32, e.plan.OutLen)
		least := uint64(math.MaxUint64) // the runtime allocates at times, too
		for range 5 {
			s, err := e.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if err := s.Run(context.Background(), out, in); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			least = min(least, after.Mallocs-before.Mallocs)
		}
		if least != 0 {
			t.Errorf("the first run allocates %d times", least)
		}
	})
}
