package quantize

import (
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/realdata"
)

// pictures are real ones, spread over a batch.
type pictures struct {
	data        []float32
	size, n, by int
}

func (p pictures) Len() int { return p.n }

func (p pictures) Read(i int, dst []float32) error {
	copy(dst, p.data[i*p.by*p.size:])
	return nil
}

// A real network on real pictures, calibrated on 500 training pictures: at least 9,230 of
// the 10,000 test pictures right, of which float32 has 9,258; and the same bits on every
// instruction set, for one and two threads and any batch, on 1,000 of them.
func TestRealNetwork(t *testing.T) {
	dir := realdata.Dir(t)
	m := realdata.Network(t, dir)
	train, _ := realdata.Pictures(t, dir, "data_batch_1")
	test, labels := realdata.Pictures(t, dir, "test_batch")
	const pixels, classes = 3 * 32 * 32, 10
	calibration, n, same := 500, len(labels), 1000
	if testing.Short() {
		calibration, n, same = 40, 32, 32
	}
	q, _, err := Model(t.Context(), m, pictures{train, pixels, calibration, 20}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	best := engine.Sets()[0]
	out := outputs(t, ready(t, q, engine.WithISA(best), engine.WithThreads(1)), test[:n*pixels])
	right := 0
	for i := range n {
		if largest(out[i*classes:(i+1)*classes]) == int(labels[i]) {
			right++
		}
	}
	if want := 9230; n == len(labels) && right < want {
		t.Errorf("got %d of %d right, want %d or more", right, n, want)
	}
	t.Logf("%d of %d right", right, n)
	// The reference takes some 15 ms a picture: it sees all of them once, and a few of
	// them again in every other way.
	for _, isa := range engine.Sets() {
		for _, threads := range []int{1, 2} {
			e := ready(t, q, engine.WithISA(isa), engine.WithThreads(threads))
			for _, batch := range []int{same, 7, 1} {
				n := same
				if isa == "generic" && (threads > 1 || batch < same) {
					n = min(n, 28)
				}
				if i := firstOther(t, e, test[:n*pixels], out[:n*classes], min(batch, n)); i >= 0 {
					t.Errorf("%s, %d threads, batches of %d: picture %d has other bits than on %s", isa, threads, batch, i, best)
				}
			}
		}
	}
}

// firstOther runs samples so many at a time, and returns the first whose outputs are not
// want; -1 if there is none.
func firstOther(t *testing.T, e *engine.Model, in, want []float32, batch int) int {
	t.Helper()
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x, y := e.Info().InputLen(), e.Info().OutputLen()
	got := make([]float32, len(want))
	for i := 0; i < len(in)/x; i += batch {
		end := min(i+batch, len(in)/x)
		if err := s.Run(t.Context(), got[i*y:end*y], in[i*x:end*x]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range len(in) / x {
		if !slices.Equal(got[i*y:(i+1)*y], want[i*y:(i+1)*y]) {
			return i
		}
	}
	return -1
}
