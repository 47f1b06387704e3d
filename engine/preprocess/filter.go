package preprocess

// filter is the shape of an interpolation: how much an input counts at a distance
// from the output's centre. Distances are in pixels of the coarser of both.
type filter struct {
	support float64 // beyond it the weight is 0
	weight  func(distance float64) float64
}

// filters are those that a specification may name, as Pillow has them.
var filters = map[string]filter{
	"bilinear": {1, triangle},
	"bicubic":  {2, cubic},
}

func triangle(x float64) float64 {
	if x < 0 {
		x = -x
	}
	if x < 1 {
		return 1 - x
	}
	return 0
}

// cubic is Keys's cubic convolution (IEEE Trans. ASSP 29, 1981) with a = -1/2.
// Products are rounded before they are added to: no fused multiply-add, whose bits
// would differ from one architecture to the next.
func cubic(x float64) float64 {
	const a = -0.5
	if x < 0 {
		x = -x
	}
	switch {
	case x < 1:
		v := float64((a+2)*x) - (a + 3)
		v = float64(v * x)
		return float64(v*x) + 1
	case x < 2:
		v := float64((x-5)*x) + 8
		v = float64(v*x) - 4
		return v * a
	}
	return 0
}
