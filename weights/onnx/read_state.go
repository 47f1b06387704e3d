package onnx

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// sign is what is known of an operator's result: whether it may have negative elements.
type sign int

const (
	anySign     sign = iota
	nonNegative      // never negative
	asInputs         // not negative where no input is
)

// importer holds the model that is being built.
type importer struct {
	m              *weights.Model
	values         map[string]*value        // by ONNX name
	shapes         map[string][]int         // model value -> [C H W] or [N]
	signs          map[string]sign          // of a weights operator's results
	nonneg         map[string]bool          // model values without negative elements
	affines        map[string]affine        // output of a node -> what it, or a layer, is to multiply and add
	tensors        map[string]int           // name -> index in m.Tensors
	quants         map[string]weights.Quant // of quantized model values
	signed         map[string]bool          // quantized model values that are signed in the file
	steps          map[string][]float32     // of a tensor that was dequantized: see tensor
	suffix         map[string]int           // names given, and the last suffix tried
	opset          int64
	batch          int                          // the input's batch dimension if that is fixed, else 1
	channelsLast   bool                         // the file's input is [N H W C]
	single         bool                         // the batch dimension is fixed at 1
	need           map[string]bool              // names that a node or the graph reads
	hw             [2]int                       // height and width for an input that leaves them open
	transpositions map[transposition]transposed // those that were computed already
	wider          bool                         // casts to fewer bits are dropped
	beside         *beside                      // where data in other files is read from; nil: nowhere
	memory         int64                        // elements that may still be allocated
	limits

	n     *proto.Node // the node at work
	where string      // what is at work if that is no node
}

// affine is y[c] = scale[c]*x[c] + shift[c]. It stays in double precision until
// it is folded, or stored because nothing could take it.
type affine struct{ scale, shift []float64 }

// transposition is of a view's index, whose first entry tells it from others, or of none.
// The blocks of a network have the same ones again and again.
type transposition struct {
	shape string
	of    *int32
}

// transposed is the index that comes of one, and whether it is the identity.
type transposed struct {
	index    []int32
	straight bool
}

// limits of what one file may hold.
type limits struct{ maxFile, maxNodes, maxTensors int }

// failure is what failf panics with. One that is fatal ends the import at once; after any
// other the nodes behind are looked at, so that an error lists all that is not supported.
type failure struct {
	err   error
	fatal bool
}

// failf ends the reading of the node at work.
func (im *importer) failf(kind error, format string, args ...any) {
	panic(failure{im.errorf(kind, format, args...), kind != ErrUnsupported})
}

func (im *importer) errorf(kind error, format string, args ...any) *Error {
	const most = 2000 // a list may have a million numbers
	e := &Error{Kind: kind, Msg: im.where + fmt.Sprintf(format, args...)}
	if len(e.Msg) > most {
		e.Msg = strings.ToValidUTF8(e.Msg[:most], "") + "..."
	}
	if im.n != nil {
		n := im.n
		if n.For != nil {
			n = n.For
		}
		e.Node, e.Op = n.Label(), n.Operator()
	}
	return e
}

// label names the node at work, if there is one.
func (im *importer) label() string {
	if im.n == nil {
		return ""
	}
	return im.n.Label()
}

// spend fails when the file makes the import allocate out of proportion: a small
// file can name one large weight, or one large activation, many times.
func (im *importer) spend(elements int) {
	if im.memory -= int64(elements); im.memory < 0 {
		panic(failure{im.errorf(ErrUnsupported, "got constants, copies and reorderings of more elements than a file of this size may ask for"), true})
	}
}

// like is a new tensor of x's type.
func (im *importer) like(x *tensor, dims []int) *tensor {
	n, ok := product(dims)
	if !ok {
		im.failf(ErrUnsupported, "output: got shape %v, want at most %d elements", dims, maxSize)
	}
	im.spend(n)
	if x.isInt() {
		return &tensor{dims: dims, i: make([]int64, n)}
	}
	return &tensor{dims: dims, f: make([]float32, n)}
}
