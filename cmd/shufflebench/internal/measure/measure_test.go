package measure

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// interrupter is a contender that is interrupted after some turns.
type interrupter struct {
	turns  int
	cancel func()
}

func (c *interrupter) Output(context.Context) ([]float32, error) { return nil, nil }
func (c *interrupter) Close()                                    {}
func (c *interrupter) Time(ctx context.Context, warm, n int) ([]float64, float64, error) {
	if c.turns--; c.turns == 0 {
		c.cancel()
		return nil, -1, ctx.Err()
	}
	ns := make([]float64, n)
	for i := range ns {
		ns[i] = 60e6
	}
	return ns, 0, nil
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := &bench{
		Options: &Options{Rounds: 10, Benchtime: time.Second},
		rep:     &report.Report{Rounds: 10, Machine: report.Machine{PeakGFLOPS: map[string]float64{"avx2": 100}}},
	}
	b.add(&network.Network{Network: report.Network{Name: "n"}}, report.Row{Engine: "riffle", Threads: 1}).c = &interrupter{5, cancel}
	err := b.race(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	r := &b.rep.Rows[0]
	if r.N != 3 || r.P50 != 60e6 || r.Error != "" || !b.rep.Partial || b.rep.Interrupted != 3 {
		t.Errorf("got %+v, partial %v after %d, want the 3 rounds that were measured", r, b.rep.Partial, b.rep.Interrupted)
	}
}

func TestCompare(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for _, c := range []struct {
		got, want []float32
		ok        bool
	}{
		{[]float32{1, 100}, []float32{1.001, 100}, true}, // a share of the largest
		{[]float32{1, 100}, []float32{1.02, 100}, false},
		{[]float32{nan}, []float32{nan}, true},
		{[]float32{nan, 1}, []float32{1, 1}, false},
		{[]float32{1, 1}, []float32{nan, 1}, false},
		{[]float32{1 / (nan - nan + 1e-45)}, []float32{1}, false},
		{[]float32{1}, []float32{1, 1}, false},
		{[]float32{0}, []float32{0}, true},
	} {
		if _, err := compare(c.got, c.want, tolerance); (err == nil) != c.ok {
			t.Errorf("%v, %v: got %v", c.got, c.want, err)
		}
	}
}
