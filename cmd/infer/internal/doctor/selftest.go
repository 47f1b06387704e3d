package doctor

import (
	"context"
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// test is one model on one instruction set.
type test struct {
	Model  string `json:"model"`
	Set    string `json:"set"`
	OK     bool   `json:"ok"`
	Result string `json:"result"`
}

// tolerance is how far two instruction sets may be apart, as a share of the largest
// output: they round in another order. What is wrong is wrong by much more.
const tolerance = 1e-3

// selfTest runs a model built in on every instruction set, on an input that is always
// the same, and compares the results with those of the reference, plain Go.
func selfTest(ctx context.Context, name string) []test {
	w, err := zoo.Load(name)
	if err != nil {
		return []test{{Model: name, Set: "all", Result: err.Error()}}
	}
	reference, err := outputs(ctx, w, "generic", nil)
	if err != nil {
		return []test{{Model: name, Set: "generic", Result: err.Error()}}
	}
	tests := []test{{name, "generic", true, fmt.Sprintf("the reference; class %d", largest(reference.out))}}
	for _, set := range engine.Sets() {
		if set == "generic" {
			continue
		}
		t := test{Model: name, Set: set}
		// The reference's permutations are prescribed: one that is decided by a
		// hair may rightly differ.
		if got, err := outputs(ctx, w, set, reference.chosen); err != nil {
			t.Result = err.Error()
		} else {
			d := distance(got.out, reference.out)
			t.OK = d <= tolerance
			t.Result = fmt.Sprintf("differs from the reference by %.2g of the largest output, want at most %.0g", d, tolerance)
		}
		tests = append(tests, t)
	}
	return tests
}

// result is what one run gave.
type result struct {
	out    []float32
	chosen []engine.Permutation
}

func outputs(ctx context.Context, w *weights.Model, set string, inject []engine.Permutation) (*result, error) {
	m, err := engine.New(w, engine.WithISA(set))
	if err != nil {
		return nil, err
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Inject(inject); err != nil {
		return nil, err
	}
	info := m.Info()
	in, out := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	for i := range in { // waves of many lengths
		in[i] = float32(math.Sin(float64(i) * (0.01 + float64(i%7)/50)))
	}
	if err := s.Run(ctx, out, in); err != nil {
		return nil, err
	}
	for i, v := range out {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("output %d: got %v, want a number", i, v)
		}
	}
	return &result{out, s.Permutations()}, nil
}

func largest(v []float32) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}

// distance is the largest difference, as a share of the largest of want's magnitudes.
func distance(got, want []float32) float64 {
	d, size := 0.0, 0.0
	for i := range want {
		d = max(d, math.Abs(float64(got[i])-float64(want[i])))
		size = max(size, math.Abs(float64(want[i])))
	}
	if d == 0 {
		return 0
	}
	return d / size
}
