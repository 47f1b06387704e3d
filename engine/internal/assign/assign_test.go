package assign

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
)

func solve(l []float32, n int) []int32 {
	a := NewSolver(n)
	p := make([]int32, n)
	a.Solve(p, l)
	return p
}

// Against the dynamic program over sets of columns: the same sum, and the same
// permutation where the best is unique (random logits: always).
func TestAssignExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 12; n++ {
		for range 200 {
			l := make([]float32, n*n)
			d := make([]float64, n*n)
			for i := range l {
				l[i] = float32(rng.NormFloat64())
				d[i] = float64(l[i])
			}
			got, want := ints(solve(l, n)), oracle.Assign(d, n)
			if !slices.Equal(got, want) {
				t.Fatalf("n = %d: got %v, want %v", n, got, want)
			}
		}
	}
}

// For n up to 64 optimality is checked by its certificate: no cycle of rows can
// swap columns at a gain (Bellman-Ford finds no negative cycle).
func TestAssignOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := 1; n <= 64; n++ {
		for _, integer := range []bool{false, true} { // integers: ties abound
			l := make([]float32, n*n)
			for i := range l {
				if l[i] = float32(rng.NormFloat64()); integer {
					l[i] = float32(rng.IntN(4))
				}
			}
			p := solve(l, n)
			if err := bijection(p, n); err != nil {
				t.Fatal(err)
			}
			dist := make([]float64, n)
			for range n {
				for r := range n {
					for q := range n {
						// row r gives its column to q
						gain := float64(l[q*n+int(p[r])]) - float64(l[q*n+int(p[q])])
						if v := dist[r] - gain; v < dist[q]-1e-9 {
							dist[q] = v
						}
					}
				}
			}
			for r := range n {
				for q := range n {
					gain := float64(l[q*n+int(p[r])]) - float64(l[q*n+int(p[q])])
					if dist[r]-gain < dist[q]-1e-6 {
						t.Fatalf("n = %d: not optimal", n)
					}
				}
			}
		}
	}
}

func TestAssignHostile(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for n := 1; n <= 8; n++ {
		for _, v := range []float32{0, nan, inf, -inf, math.MaxFloat32, 1e-45} {
			l := make([]float32, n*n)
			for i := range l {
				if l[i] = v; i%3 == 1 {
					l[i] = -v
				}
			}
			if err := bijection(solve(l, n), n); err != nil {
				t.Errorf("n = %d, %v: %v", n, v, err)
			}
		}
	}
	// All equal: the first of equals wins in every scan, so the identity.
	if got := solve(make([]float32, 25), 5); !slices.Equal(got, []int32{0, 1, 2, 3, 4}) {
		t.Errorf("all equal: got %v, want the identity", got)
	}
}

func TestAssignAllocates(t *testing.T) {
	a := NewSolver(29)
	l, rng := make([]float32, 29*29), rand.New(rand.NewPCG(5, 7))
	for i := range l {
		l[i] = float32(rng.NormFloat64())
	}
	p := make([]int32, 29)
	if n := testing.AllocsPerRun(10, func() { a.Solve(p, l) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func ints(p []int32) []int {
	out := make([]int, len(p))
	for i, v := range p {
		out[i] = int(v)
	}
	return out
}

// bijection fails unless p is a permutation of 0..n-1.
func bijection(p []int32, n int) error {
	seen := make([]bool, n)
	for i, v := range p {
		if v < 0 || int(v) >= n || seen[v] {
			return fmt.Errorf("entry %d: got %d, want each of 0..%d once", i, v, n-1)
		}
		seen[v] = true
	}
	return nil
}
