package kernel

// generic is the reference in Go: every architecture, every shape.
var generic = &Set{
	Name: "generic", Lanes: 1,
	GEMM: refGEMM, Linear: refLinear, Dots: refDots, Depthwise: refDepthwise,
	MaxPool: refMaxPool, AvgPool: refAvgPool, Mean: refMean,
	Phases: refPhases, Add: refAdd, Affine: refAffine, Gather: refGather, Pixels: refPixels,
	tile: genericTile, peak: refPeak,
}
