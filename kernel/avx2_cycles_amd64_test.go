//go:build !purego

package kernel

import "testing"

func TestAVX2Tile(t *testing.T) {
	for _, c := range []struct {
		m, n int
		want Tile
	}{
		{232, 49, Tile{4, 24}}, // the last pixel by itself
		{116, 1, Tile{4, 24}},
		{116, 784, Tile{4, 24}},
		{24, 72, Tile{4, 24}},
		{192, 16, Tile{6, 16}}, // no strip of 24
		{128, 28, Tile{6, 16}},
	} {
		if got := avx2Tile(c.m, c.n); got != c.want {
			t.Errorf("%d channels of %d pixels: %v, wanted %v", c.m, c.n, got, c.want)
		}
	}
}
