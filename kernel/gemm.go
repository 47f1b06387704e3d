package kernel

// GEMM multiplies packed weights by pixels that are read through a table, and
// finishes each output in the same pass:
//
//	C[m][p] = act(Bias[m] + sum_k a[m,k]*B[k][p] + Scale[m]*R[m][p])
//
// for m in [0, M), p in [0, N), k in ascending order, where B[k][p] is
// Mem[B[k]+BOff+p], and likewise C and R with their own offsets. The sum starts
// at Bias[m]. The residual is added after the sum. It is the pointwise
// convolution (BOff = COff = 0, N = H*W) and, through a table of shifted planes,
// every other dense one.
//
// It takes every field of the epilogue. Planes are float32.
//
// Reads of B and R and writes to C reach to N rounded up to 8 elements, no
// further. C may not overlap B. C may be R (in place).
type GEMM struct {
	Mem        []float32
	Tile       Tile      // one of the set's Tiles
	A          []float32 // PackA(Tile, ..., M, K, ...)
	B          []int32   // K plane offsets
	C          []int32   // M plane offsets
	BOff, COff int       // elements, added to every entry of the table
	M, K, N    int

	// Panel is room for a copy of some strips of B. Where the rows of B lie far apart
	// and many output channels read them, a set is faster with one: see [Set.PanelLen].
	// It overlaps nothing else, what it holds is left over, and calls at the same time
	// have one each. nil, or any length, gives the same bits.
	Panel []float32

	// Factors has a factor for each row of B, by which its pixels are multiplied, and
	// rounded, before anything else: squeeze and excitation. nil: all 1. Not every set
	// takes them, and Panel must be longer then: see [Set.FactorsLen].
	Factors []float32

	// Soon is memory that is read after this product, which a set may ask for meanwhile:
	// a product computes, and hardly reads. It is not read here. A set that asks for some
	// of it leaves the rest in Soon. nil: nothing.
	Soon []byte
	Epilogue
}
