package step

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// However a convolution is cut into bands, and its output channels into shares, it has
// the same bits.
func TestWinogradBands(t *testing.T) {
	const c, m, size = 24, 40, 28
	set, err := kernel.Select("")
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range []int{2, 4} {
		var want []float32
		for _, rows := range []int{0, 1, 2, 3, 5} {
			for _, threads := range []int{1, 2, 5, 11} {
				for _, byOutput := range []bool{false, true} {
					p, err := dense(set, threads, c, m, size, []int{tile}, 1e-9)
					if err != nil {
						t.Fatal(err)
					}
					w, ok := p.Steps[0].Runner.(*winogradStep)
					if !ok {
						t.Skipf("the set %s has no units for it", set.Name)
					}
					rng := rand.New(rand.NewPCG(1, 2))
					for i := range w.a {
						w.a[i] = rng.Float32() - 0.5
					}
					memory := plan.NewMemory(p)
					worker := plan.NewWorker(p, memory)
					for _, off := range memory.Table(w.b) {
						for i := range size * size {
							memory.Arena[int(off)+i] = rng.Float32() - 0.5
						}
					}
					// Fewer rows in a band than the plan has room for.
					if rows > 0 && rows < w.rows {
						w.Winograd.bands.rows = rows
						w.lines = nil
						for i := range max(w.k, w.block) {
							w.lines = append(w.lines, int32(i*w.pitch()))
						}
					}
					w.byOutput = byOutput
					for i := range p.Steps[0].Parts {
						w.Run(&worker, plan.Share{Index: i, Of: p.Steps[0].Parts})
					}
					var got []float32
					for _, off := range memory.Table(w.c) {
						got = append(got, memory.Arena[off:][:size*size]...)
					}
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Errorf("tiles of %d, bands of %d rows, %d shares, of channels %v: other bits", tile, rows, threads, byOutput)
					}
				}
			}
		}
	}
}
