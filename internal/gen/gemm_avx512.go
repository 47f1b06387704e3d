package main

import "github.com/mmcloughlin/avo/build"

// gemmAVX512 is the unit of the GEMM tiles of 32 registers: 24 accumulators, and the
// vectors of pixels and the weight that they take. One packing, in tiles of eight rows,
// serves every shape: 8x48, 8x32, three tiles side by side for 24x16, and for what is
// left of a plane 24x8, 24x4 and 64x1.
//
// Measured on Zen 4 beside the shapes 12x32, 6x64 and 28x16 with packings of their own, on
// 23 shapes of networks: none was faster by over 1.5 % anywhere, and each slower by 2 to
// 10 % on planes of 7x7 and 14x14, which have a pixel or four more than whole vectors.
func gemmAVX512() *build.Context {
	ctx := newContext()
	for _, s := range []struct {
		lanes, vecs int
		masked      bool
	}{{16, 3, false}, {16, 2, false}, {16, 1, false}, {16, 1, true}, {8, 1, true}} {
		for _, panel := range []bool{false, true} {
			if panel && s.vecs > 1 { // a panel is for depths at which narrow strips are faster
				continue
			}
			(&gemm{vectors: vectors{ctx, s.lanes}, accumulators: 24, rows: 8, vecs: s.vecs, panel: panel, masked: s.masked, embedded: true, fetches: s.vecs > 1}).emit()
		}
	}
	gemmColumns(vectors{ctx, 8}, 1, []int{8, 4, 2, 1})
	gemmColumns(vectors{ctx, 8}, 4, []int{5, 3, 1})
	gemmPack(vectors{ctx, 16}, 1, false, false)
	gemmPack(vectors{ctx, 16}, 1, true, false)
	gemmPack(vectors{ctx, 8}, 1, true, false)
	gemmPack(vectors{ctx, 16}, 1, true, true)
	gemmPack(vectors{ctx, 8}, 1, true, true)
	return ctx
}
