package run

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/op"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// newSession returns a session of a network of package zoo.
func newSession(t *testing.T, spec string, threads int) *Session {
	t.Helper()
	arch, err := zoo.ParseArch(spec)
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(arch)
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Build(m, op.Kinds, unlimited())
	if err != nil {
		t.Fatal(err)
	}
	b := plan.NewBuilder(kernel.Sets()[0], threads, unlimited())
	if err := op.Lower(b, g, nil); err != nil {
		t.Fatal(err)
	}
	p, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	pool := &Pool{}
	t.Cleanup(pool.Close)
	return NewSession(p, pool)
}

func randomInput(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// unlimited refuses nothing.
func unlimited() *limit.Meter {
	const most = math.MaxInt64
	return &limit.Meter{Limits: limit.Limits{Memory: most, Activations: most, Work: most, Nodes: most, Value: most}}
}
