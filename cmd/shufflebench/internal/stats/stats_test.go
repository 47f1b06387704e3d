package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol }

func TestSummarize(t *testing.T) {
	// By hand; quantiles as R's quantile(x, type = 7) has them.
	x := []float64{9, 1, 2, 4, 7}
	got := Summarize(x)
	want := Summary{N: 5, P50: 4, P90: 8.2, P99: 8.92, Min: 1, Max: 9, Mean: 4.6, Dev: math.Sqrt(11.3)}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"p50", got.P50, want.P50}, {"p90", got.P90, want.P90}, {"p99", got.P99, want.P99}, {"min", got.Min, want.Min},
		{"max", got.Max, want.Max}, {"mean", got.Mean, want.Mean}, {"dev", got.Dev, want.Dev}, {"n", float64(got.N), 5},
	} {
		if !near(c.got, c.want, 1e-12) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
	if x[0] != 9 {
		t.Error("Summarize changed its sample")
	}
	if got := Summarize([]float64{3}); got.Dev != 0 || got.P99 != 3 {
		t.Errorf("one value: got %+v", got)
	}
	if got := Summarize(nil); got != (Summary{}) {
		t.Errorf("no value: got %+v", got)
	}
	if q := Quantiles(x, 0.5, 0.9, 1); q[0] != 4 || !near(q[1], 8.2, 1e-12) || q[2] != 9 || x[0] != 9 {
		t.Errorf("quantiles: got %v, want 4, 8.2, 9", q)
	}
	if q := Quantiles(nil, 0.5); q[0] != 0 {
		t.Errorf("quantiles of nothing: got %v, want 0", q)
	}
	if m := Median([]float64{4, 1, 3, 2}); m != 2.5 {
		t.Errorf("median: got %v, want 2.5", m)
	}
}

func TestMannWhitney(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y []float64
		want float64
		tol  float64
	}{
		// U = 0: 1 way of C(8,4) = 70, both sides.
		{"apart", []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}, 2.0 / 70, 1e-12},
		// U = 1 of 20 ways: 2 of them have U <= 1, both sides.
		{"3 of 3", []float64{1, 2, 4}, []float64{3, 5, 6}, 2 * 2.0 / 20, 1e-12},
		{"either way", []float64{3, 5, 6}, []float64{1, 2, 4}, 2 * 2.0 / 20, 1e-12},
		{"mixed", []float64{1, 4}, []float64{2, 3}, 1, 1e-12},
		// Ties: ranks 1, 2.5, 4.5 of x, so U = 2; variance 3/4*(7-12/30), z = (4.5-2-0.5)/sqrt(4.95).
		{"ties", []float64{1, 2, 3}, []float64{2, 3, 4}, math.Erfc(2 / math.Sqrt(4.95) / math.Sqrt2), 1e-12},
		{"equal", []float64{1, 1}, []float64{1, 1}, 1, 0},
		{"empty", nil, []float64{1}, 1, 0},
	} {
		if got := MannWhitney(c.x, c.y); !near(got, c.want, c.tol) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRatioInterval(t *testing.T) {
	if _, ok := RatioInterval([]float64{1, 2}, []float64{1, 2}); ok {
		t.Error("two rounds: got an interval, want none")
	}
	// Both sides are slow in the same rounds: the ratio is 2 in every round, but
	// the medians move.
	rng := rand.New(rand.NewPCG(1, 1))
	var a, b []float64
	for range 20 {
		v := 1 + rng.Float64()
		a, b = append(a, 2*v), append(b, v)
	}
	if iv, ok := RatioInterval(a, b); !ok || !near(iv.Lo, 2, 1e-9) || !near(iv.Hi, 2, 1e-9) {
		t.Errorf("paired: got %v, %v, want 2 to 2", iv, ok)
	}
	// Coverage: of samples with a ratio of 1.1 about 95 in 100 intervals hold it.
	hits := 0
	for range 200 {
		for i := range a {
			a[i], b[i] = 1.1*(1+0.01*rng.NormFloat64()), 1+0.01*rng.NormFloat64()
		}
		if iv, _ := RatioInterval(a, b); iv.Lo <= 1.1 && 1.1 <= iv.Hi {
			hits++
		}
	}
	if hits < 175 || hits == 200 {
		t.Errorf("coverage: got %d of 200, want about 190", hits)
	}
}
