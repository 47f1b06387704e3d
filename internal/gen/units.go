package main

// sets are the whole of package asm.
var sets = []set{
	{"avx2", "amd64", "AVX2 and FMA", []unit{
		amd64("activate", activateAVX2),
		amd64("binary", binaryAVX2),
		amd64("depthwise", depthwiseAVX2),
		amd64("fold", foldAVX2),
		amd64("gemm", gemmAVX2),
		amd64("linear", linearAVX2),
		amd64("mean", meanAVX2),
		amd64("move", moveAVX2),
		amd64("peak", peakAVX2),
		amd64("phases", phasesAVX2),
		amd64("pool", poolAVX2),
		amd64("qgemm", qgemmAVX2),
		amd64("qpeak", qpeakAVX2),
		amd64("taps", tapsAVX2),
		amd64("winograd", winogradAVX2),
	}},
	{"avx512", "amd64", "AVX-512 (F, VL, BW and DQ)", []unit{
		amd64("depthwise", depthwiseAVX512),
		amd64("peak", peakAVX512),
		amd64("pool", poolAVX512),
		amd64("taps", tapsAVX512),
		amd64("qgemm", qgemmAVX512),
		amd64("qpeak", qpeakAVX512),
	}},
	{"neon", "arm64", "NEON", []unit{
		neon("activate", activateNEON),
		neon("binary", binaryNEON),
		neon("depthwise", depthwiseNEON),
		neon("fold", foldNEON),
		neon("gemm", gemmNEON),
		neon("linear", linearNEON),
		neon("mean", meanNEON),
		neon("move", moveNEON),
		neon("peak", peakNEON),
		neon("phases", phasesNEON),
		neon("pool", poolNEON),
		neon("taps", tapsNEON),
	}},
}
