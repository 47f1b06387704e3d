package kernel

import (
	"slices"
	"testing"
)

func TestTileFor(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		for m := 1; m < 70; m++ {
			for n := 1; n < 200; n++ {
				if tile := set.TileFor(m, n); !slices.Contains(set.Tiles, tile) {
					t.Fatalf("%d channels of %d pixels: tile %v", m, n, tile)
				}
			}
		}
	})
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
		if got := fewestCycles(c.m, c.n); got != c.want {
			t.Errorf("%d channels of %d pixels: %v, wanted %v", c.m, c.n, got, c.want)
		}
	}
}
