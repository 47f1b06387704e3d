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
	q, _, err := Model(t.Context(), m, pictures{train, pixels, 500, 20}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, same := len(labels), 1000
	if testing.Short() {
		n, same = 32, 8
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
	for _, isa := range engine.Sets() {
		for _, threads := range []int{1, 2} {
			e, n := ready(t, q, engine.WithISA(isa), engine.WithThreads(threads)), same
			if isa == "generic" && threads > 1 { // 20 ms a picture
				n = same / 8
			}
			if got := outputs(t, e, test[:n*pixels]); !slices.Equal(got, out[:n*classes]) {
				t.Errorf("%s, %d threads: other bits than %s", isa, threads, best)
			}
		}
	}
}
