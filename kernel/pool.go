package kernel

// Pool is a windowed maximum or mean over each plane. Output pixel (y, x) covers
// the input rows from y*SH-PadTop to y*SH-PadTop+KH-1 and the columns from
// x*SW-PadLeft to x*SW-PadLeft+KW-1. Pixels outside the plane count as -Inf for the
// maximum and as 0 for the mean. The mean divides by KH*KW if CountPad is set, else
// by the number of covered pixels inside the plane. A maximum propagates NaN. Every
// window covers at least one pixel of the plane.
//
// A mean is a sum times the float32 next to one over the divisor. The sum is of the
// columns, padding included, and each column's is of the rows inside the plane, both
// added in an order that depends on their number alone. So a mean has the same bits in
// every set, but for 2x2 windows with stride 2, and for 3x3 and 5x5 with CountPad and
// the same padding on all sides, for which sets have units of their own.
//
// Planes are float32. Slack and sharing are as in [Depthwise]. There is no epilogue.
type Pool struct {
	Mem             []float32
	Src, Dst        []int32 // C plane offsets each
	C               int
	H, W            int // input plane
	OH, OW          int // output plane
	KH, KW, SH, SW  int // window, strides
	PadTop, PadLeft int
	CountPad        bool
	Masks           []float32 // the set's PoolMasks, made once when planning; nil: reference
	Work            []float32 // of this call alone; a call that needs more puts a longer one here
}
