package kernel

// DepthwiseMasks returns the edge masks of a depthwise convolution's SIMD fast
// path, or nil where it has none: see [Depthwise]. It reads sizes alone, not
// planes or weights. The masks may be shared by any number of calls.
func DepthwiseMasks(d *Depthwise) []float32 { return nil }

// PoolMasks is DepthwiseMasks for a [Pool].
func PoolMasks(p *Pool) []float32 { return nil }
