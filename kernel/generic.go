package kernel

// generic is the reference in Go. It runs on every architecture and takes every
// shape. Its GEMM takes any tile.
var generic = (&Set{}).with("generic", func(s *Set) {
	s.Lanes = 1
	s.Tiles = []Tile{{4, 24}, {6, 16}}
	s.StoreLanes, s.PixelCut, s.LinearRows = 8, 24, 8

	s.gemm = own(refGEMM, nil)
	s.factors = factors{"generic", func(m, k, n int) int { return 0 }}
	s.depthwise = own(refDepthwise, nil)
	s.maxPool = own(goPool.goMax, nil)
	s.avgPool = own(goPool.goAvg, nil)
	s.poolMasks = (*Pool).scaleTable
	s.mean = own(refMean, nil)
	s.linear = own(refLinear, nil)
	s.dots = own(refDots, nil)
	s.halfGEMM = own(refHalfGEMM, nil)
	s.phases = own(refPhases, nil)
	s.add = own(refAdd, nil)
	s.affine = own(refAffine, nil)
	s.binary = own(refBinary, nil)
	s.gather = own(copyGather, always[Gather]("gather_copy"))
	s.gatherBytes = own(copyGatherBytes, always[GatherBytes]("gatherbytes_copy"))

	s.activate = refActivate
	s.winogradInput = own(refWinogradInput, nil)
	s.winogradOutput = own(refWinogradOutput, nil)

	s.QRows, s.QPixels = 1, 64
	s.qgemm, s.qgemmLen, s.qgemmPack = own(refQGEMM, nil), refQGEMMLen, refQGEMMPack
	s.qdepthwise, s.qdepthwiseLen, s.qdepthwisePack = own(refQDepthwise, nil), refQDepthwiseLen, refQDepthwisePack
	s.qmaxPool = own(refQMaxPool, nil)
	s.qavgPool = own(refQAvgPool, nil)
	s.qmean = own(refQMean, nil)
	s.qlinear = own(refQLinear, nil)
	s.qadd = own(refQAdd, nil)
	s.qscale = own(refQScale, nil)
	s.qtable = own(refQTable, nil)
	s.quantize = own(refQuantize, nil)
	s.dequantize = own(refDequantize, nil)
	s.phasesBytes = own(refPhasesBytes, nil)

	s.tile = func(m, n int) Tile { return Tile{4, 24} } // the reference goes four rows at a time
	s.peak, s.qpeak = refPeak, refQPeak
})
