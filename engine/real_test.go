package engine

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/realdata"
)

// A real network on real pictures: the ShuffleNet V1 0.5x (g = 3) of the data
// folder's README, trained on CIFAR-10 by its author, against what PyTorch made
// of it: all 10,000 predicted classes, and the logits of the first 16 pictures.
// Skipped where RIFFLE_DATA does not name the folder.

func TestRealNetwork(t *testing.T) {
	dir := realdata.Dir(t)
	m := realdata.Network(t, dir)
	all, labels := realdata.Pictures(t, dir, "test_batch")
	text, err := os.ReadFile(filepath.Join(dir, "weights", "shufflenet_v1_0.5x_g3_cifar10.predictions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(strings.Fields(string(text)), "") // one digit a picture
	forEachSet(t, func(t *testing.T, isa string) {
		n := len(labels)
		switch {
		case testing.Short(): // half a second a picture, where a processor is emulated
			n = 32
		case isa == "generic": // some 20 ms a picture
			n = 400
		}
		e := mustNew(t, m, WithISA(isa), WithThreads(1))
		out := runAll(t, e, all[:n*e.plan.InLen])
		right, wrong := 0, 0
		for i := range n {
			class := 0
			for k, v := range out[i*10 : (i+1)*10] {
				if v > out[i*10+class] {
					class = k
				}
			}
			if class == int(labels[i]) {
				right++
			}
			if byte('0'+class) != want[i] {
				wrong++
			}
		}
		if wrong > 0 || n == 10_000 && right != 9258 {
			t.Errorf("%d of %d predictions differ from PyTorch's, %d right; want none, 9258 right of 10000", wrong, n, right)
		}
		checkRealLogits(t, dir, out[:160])
		n = min(n, 1000)
		if two := runAll(t, mustNew(t, m, WithISA(isa), WithThreads(2)), all[:n*e.plan.InLen]); !slices.Equal(two, out[:10*n]) {
			t.Error("two threads give other bits than one")
		}
	})
}

// checkRealLogits compares with PyTorch's float32 logits. Both sides round: the
// bound is what 35 layers of at most 240 terms each may lose, two roundings a
// term growing with the square root of their number, on the largest logit.
func checkRealLogits(t *testing.T, dir string, got []float32) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "weights", "shufflenet_v1_0.5x_g3_cifar10.expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e struct{ Logits [][]float64 }
	if err := json.Unmarshal(b, &e); err != nil || len(e.Logits) != 16 {
		t.Fatalf("expected.json: %v, %d rows of logits, want 16", err, len(e.Logits))
	}
	bound := 35 * math.Sqrt(2*240) * 0x1p-24
	if e := relError(got, slices.Concat(e.Logits...)); e > bound {
		t.Errorf("logits: relative error %.3g, want at most %.3g", e, bound)
	} else {
		t.Logf("logits: relative error %.3g (bound %.3g)", e, bound)
	}
}
