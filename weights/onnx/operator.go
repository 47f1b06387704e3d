package onnx

import "github.com/riffle-ml/riffle/weights"

// operator is all that this package knows of one operator, ONNX in and ONNX out. Each
// stands in a file of its own, and list.go names them all. An entry without a weights
// operator is one of ONNX's that becomes no node: it moves elements, or computes constants.
type operator struct {
	op string // the weights.Op constant, or ""

	reads   map[string]reader    // by ONNX operator, its domain in front where that is not ONNX's own
	asks    map[string]reader    // the same, for what gives a constant whatever its input is
	folds   map[string]evaluator // the same, where every input is a constant; it comes before reads
	lowers  map[string]lowering  // ONNX operators in whose place others are read
	refuses map[string]string    // ONNX operators that are known and not supported -> why

	sign sign // of the results

	// absorb makes node p, which is of this operator, compute what n makes of p's
	// result, where it can. Nothing else reads that result.
	absorb func(im *importer, p, n *weights.Node) bool
	// commutes says that n may as well be applied before a node of this operator.
	commutes func(im *importer, n *weights.Node) bool
	// finish completes a node that no other absorbed.
	finish func(im *importer, n *weights.Node)

	write   writer
	inputs  int // that write wants; 0: any number. One output is wanted unless several is set.
	several bool
}

// reader makes what the node at work means, and defines its outputs.
type reader func(im *importer)

// evaluator computes the node at work of constants; an input that is left out is nil. It
// returns nil where it cannot, and leaves the node to the reader.
type evaluator func(im *importer, in []*tensor) *tensor

// writer adds the ONNX nodes that do what n does. s is the shape of n's first input,
// for one sample. It returns the shapes of n's outputs.
type writer func(e *exporter, n *weights.Node, s []int) ([][]int, error)

// catalog is the operators by names: of weights', and of ONNX's.
type catalog struct {
	operators map[string]*operator
	reads     map[string]reader
	folds     map[string]evaluator
	lowers    map[string]lowering
	refuses   map[string]string
	supported string // names of ONNX's, for errors
}
