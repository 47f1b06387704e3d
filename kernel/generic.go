package kernel

// generic is the reference in Go: every architecture, every shape.
var generic = &Set{
	Name: "generic", Lanes: 1, Tiles: []Tile{{4, 24}, {6, 16}}, StoreLanes: 8, PixelCut: 24, LinearRows: 8,
	GEMM: refGEMM, Linear: refLinear, Dots: refDots, Depthwise: refDepthwise,
	MaxPool: refMaxPool, AvgPool: refAvgPool, Mean: refMean,
	Phases: refPhases, Add: refAdd, Affine: refAffine, Gather: copyGather, GatherBytes: copyGatherBytes,
	tile: genericTile, peak: refPeak,
}
