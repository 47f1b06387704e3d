package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sample is a time with the usual scatter: 2 % around ns, and a tail to the right.
func sample(rng *rand.Rand, ns float64) float64 {
	return ns * math.Exp(0.02*rng.NormFloat64()+0.02*rng.ExpFloat64())
}

// A neighbour that slows some of the runs 1.6 times is found, whatever its share
// and whatever outliers there are, and the lower cluster is the undisturbed time.
func TestTwoClusters(t *testing.T) {
	for _, n := range []int{40, 200, 5000} {
		for _, factor := range []float64{1.3, 1.6, 3} {
			for _, share := range []float64{0.15, 0.5, 0.85} {
				for _, far := range []float64{0, 0.02} { // of the runs met by something else altogether
					rng := rand.New(rand.NewPCG(uint64(n), uint64(100*factor*share)))
					x := make([]float64, n)
					slow := 0
					for i := range x {
						x[i] = sample(rng, 1e6)
						if float64(i) < share*float64(n) {
							x[i] = sample(rng, factor*1e6)
							slow++
						}
						if rng.Float64() < far {
							x[i] *= 4 + 20*rng.Float64()
						}
					}
					first := x[0]
					c, ok := TwoClusters(x)
					if !ok {
						t.Errorf("%d times, %.0f %% of them %v times as long, outliers %v: not found", n, 100*share, factor, far)
						continue
					}
					if !near(c.Low/1e6, 1.02, 0.03) || !near(c.High/1e6/factor, 1.02, 0.04) || !near(c.Share, share, 0.05) || c.Cut <= c.Low || c.Cut >= c.High {
						t.Errorf("%d times, share %v, factor %v, outliers %v: got %+v", n, share, factor, far, c)
					}
					if x[0] != first {
						t.Fatal("the sample was changed")
					}
				}
			}
		}
	}
}

// What has one peak is not cut in two, however wide it is and however long its tail.
func TestOneCluster(t *testing.T) {
	shapes := map[string]func(*rand.Rand) float64{
		"usual":       func(r *rand.Rand) float64 { return sample(r, 1e6) },
		"wide":        func(r *rand.Rand) float64 { return 1e6 * math.Exp(0.5*r.NormFloat64()) },
		"long tail":   func(r *rand.Rand) float64 { return 1e6 * math.Exp(r.ExpFloat64()) },
		"even":        func(r *rand.Rand) float64 { return 1e6 * (1 + 3*r.Float64()) },
		"outliers":    func(r *rand.Rand) float64 { return sample(r, 1e6) * math.Pow(30, math.Floor(1.01*r.Float64())) },
		"two, nearby": func(r *rand.Rand) float64 { return sample(r, 1e6*(1+0.1*float64(r.IntN(2)))) },
		"constant":    func(*rand.Rand) float64 { return 1e6 },
	}
	for name, f := range shapes {
		for _, n := range []int{10, 40, 100, 1000} {
			found := 0
			const tries = 200
			for seed := range uint64(tries) {
				rng := rand.New(rand.NewPCG(seed, uint64(n)))
				x := make([]float64, n)
				for i := range x {
					x[i] = f(rng)
				}
				if _, ok := TwoClusters(x); ok {
					found++
				}
			}
			// Chance leaves a gap in a few of the small and wide samples.
			if most := map[int]int{40: 15, 100: 2}[n]; found > most {
				t.Errorf("%s: got two clusters in %d of %d samples of %d, want at most %d", name, found, tries, n, most)
			}
		}
	}
}
