package step

import "testing"

// The blocks of a depth are all of it, alike but for the last, and no longer than most,
// unless two of them would do: then it is one.
func TestBlockDepth(t *testing.T) {
	for _, most := range []int{winogradDepth, gemmDepth} {
		for k := 1; k < 40*most; k++ {
			d := blockDepth(k, most)
			blocks := (k + d - 1) / d
			switch {
			case k <= 2*most && d != k:
				t.Fatalf("blockDepth(%d, %d) = %d, want it whole", k, most, d)
			case k > 2*most && (d > most || d%8 > 0 || blocks != (k+most-1)/most):
				t.Fatalf("blockDepth(%d, %d) = %d, want a multiple of 8 of at most %d, for %d blocks", k, most, d, most, (k+most-1)/most)
			}
		}
	}
	if got := blockDepth(4608, 256); got != 256 {
		t.Errorf("blockDepth(4608, 256) = %d, want 256", got)
	}
	if got := blockDepth(576, 256); got != 192 {
		t.Errorf("blockDepth(576, 256) = %d, want 192", got)
	}
}
