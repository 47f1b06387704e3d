package main

// unit makes the files of one kernel for one instruction set. Its name, plus a
// suffix such as _amd64.s, names them.
type unit struct {
	name string
	make func() (map[string][]byte, error)
}

// units are the whole of package asm. Those of another architecture stand here
// beside avx2's, with a builder of their own.
var units = []unit{
	avx2("depthwise", depthwiseAVX2),
	avx2("gemm", gemmAVX2),
	avx2("linear", linearAVX2),
	avx2("mean", meanAVX2),
	avx2("move", moveAVX2),
	avx2("peak", peakAVX2),
	avx2("phases", phasesAVX2),
	avx2("pixels", pixelsAVX2),
	avx2("pool", poolAVX2),
	neon("depthwise", depthwiseNEON),
	neon("gemm", gemmNEON),
	neon("linear", linearNEON),
	neon("mean", meanNEON),
	neon("move", moveNEON),
	neon("peak", peakNEON),
	neon("phases", phasesNEON),
	neon("pixels", pixelsNEON),
	neon("pool", poolNEON),
}
