package kernel

import "testing"

func TestTileFor(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		for m := 1; m < 70; m++ {
			for n := 1; n < 200; n++ {
				if tile := set.TileFor(m, n); tile > Tile6x16 {
					t.Fatalf("%d channels of %d pixels: tile %d", m, n, tile)
				}
			}
		}
	})
	for _, c := range []struct {
		m, n int
		want Tile
	}{
		{232, 49, Tile4x24}, // the last pixel by itself
		{116, 1, Tile4x24},
		{116, 784, Tile4x24},
		{24, 72, Tile4x24},
		{192, 16, Tile6x16}, // no strip of 24
		{128, 28, Tile6x16},
	} {
		if got := fewestCycles(c.m, c.n); got != c.want {
			t.Errorf("%d channels of %d pixels: %v, wanted %v", c.m, c.n, got, c.want)
		}
	}
}
