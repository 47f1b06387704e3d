package hugepages

import "testing"

// A slice has its length and is all 0, whatever the system makes of the advice.
func TestFloats(t *testing.T) {
	for _, n := range []int{0, 1, least/4 - 1, least / 4, least/4 + 1, 3 * least / 4, 3*least + 5} {
		f := Floats(n)
		if len(f) != n {
			t.Fatalf("Floats(%d) has %d elements", n, len(f))
		}
		for i := range f {
			if f[i] != 0 {
				t.Fatalf("Floats(%d): element %d is %v, want 0", n, i, f[i])
			}
			f[i] = 1
		}
	}
}
