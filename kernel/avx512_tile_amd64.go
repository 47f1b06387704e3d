//go:build !purego

package kernel

// avx512Products is what the set has of the GEMM.
func avx512Products(s *Set) {
	s.Tiles = []Tile{avx512Tile}
	s.PixelCut = avx512Tile.Cols
	s.gemm = own(avx512GEMM, tiled(s.Tiles, "avx512"))
	s.tile = func(m, n int) Tile { return avx512Tile }
	s.cycles, s.panel = avx512Cycles, avx512PanelLen
}

// avx512Tile is the one packing of avx512's GEMM, whose strips have shapes of their own:
// see internal/gen/gemm_avx512.go.
var avx512Tile = Tile{8, 48}

// From so great a depth on, a strip's rows lie in more pages of memory than the processor
// has the addresses of at hand. Measured on Zen 4, GFLOP/s without a panel and with one:
// 512 channels of depth 4608 and 49 pixels 84 and 93, 256 of 2304 and 196 pixels 92 and
// 107, 512 of 2048 and 49 pixels 98 and 97. Less deep ones are slower with one: 128 of
// 512 and 784 pixels 116 and 111, 128 of 1152 and 784 pixels 112 and 108.
const (
	panelDepth512 = 2048
	panelRows512  = 64 // output channels; with fewer the copy is read too seldom
	panelMost512  = 256 << 10
)

// avx512PanelLen is three strips of 16 pixels: more than one saves nothing but calls.
func avx512PanelLen(m, k, n int) int {
	if len := k * avx512Tile.Cols; m >= panelRows512 && k >= panelDepth512 && n > 4 && len <= panelMost512 {
		return len
	}
	return 0
}
