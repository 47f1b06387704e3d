package step

// A sum of n products errs, where each is added to the sum of those before it, by about
// sqrt(n) roundings: each addition rounds a sum that has grown like the square root of its
// length. A deep product is therefore cut into blocks: each is a GEMM, of which all but
// the first add to what is there already, as they would add a residual. A chain is then no
// longer than a block, and a block's rows of pixels lie nearer.
const (
	gemmDepth     = 256 // of a block
	winogradDepth = 64  // transforming back amplifies the error
)

// blockDepth is how many of k rows a block has, the last one perhaps fewer. What is not
// more than two blocks is one: a second pass over the outputs would cost more than it
// improves.
func blockDepth(k, most int) int {
	if k <= 2*most {
		return k
	}
	blocks := (k + most - 1) / most
	return ((k+blocks-1)/blocks + 7) &^ 7
}
