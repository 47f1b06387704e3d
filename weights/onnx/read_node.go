package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

// catalog is the operators by names: of weights', and of ONNX's.
type catalog struct {
	operators map[string]*operator
	reads     map[string]reader
	folds     map[string]evaluator
	refuses   map[string]string
	supported string // names of ONNX's, for errors
}

// maxProblems bounds what is listed of one file.
const maxProblems = 1000

// nodes reads the nodes, in order. Those that are not supported are listed, all of
// them, before the import fails: values are what the file says of the values' shapes.
func (im *importer) nodes(ops *catalog, nodes []*proto.Node, values []proto.Value) {
	shapes := map[string]*proto.Value{}
	for i := range values {
		shapes[values[i].Name] = &values[i]
	}
	var problems Errors
	for _, n := range nodes {
		im.n = n
		if e := im.attempt(ops); e != nil {
			problems = append(problems, e)
			im.assume(shapes)
		}
		if len(problems) == maxProblems {
			break
		}
	}
	im.n = nil
	if len(problems) > 0 {
		panic(failure{err: problems.one()})
	}
}

// attempt reads the node at work, and returns why it is not supported.
func (im *importer) attempt(ops *catalog) (problem *Error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok || f.fatal {
				panic(r)
			}
			problem = f.err.(*Error)
		}
	}()
	im.node(ops)
	return nil
}

// node reads the node at work. Where an input is unknown, because the node that makes
// it is not supported, no more is asked than that its operator be known.
func (im *importer) node(ops *catalog) {
	op := im.n.Operator()
	read, fold := ops.reads[op], ops.folds[op]
	switch why := ops.refuses[op]; {
	case fold != nil && im.fold(fold):
		return
	case why != "":
		im.failf(ErrUnsupported, "%s", why)
	case read == nil && !im.listed:
		im.listed = true
		im.failf(ErrUnsupported, "unknown operator%s%s", supportedAre, ops.supported)
	case read == nil:
		im.failf(ErrUnsupported, "unknown operator")
	}
	for name, a := range im.n.Attrs {
		if a.Graph {
			im.failf(ErrUnsupported, "%q: got a subgraph, want none", name)
		}
	}
	for _, in := range im.n.Inputs {
		if v := im.values[in]; v != nil && v.unknown {
			im.unknown()
			return
		}
	}
	read(im)
}

// unknown makes the outputs of the node at work unknown.
func (im *importer) unknown() {
	for _, o := range im.n.Outputs {
		if o != "" && im.values[o] == nil {
			im.values[o] = &value{unknown: true}
		}
	}
}

// elementwise are ONNX's operators whose result has the shape of an input, or of
// several that broadcast.
var elementwise = map[string]bool{
	"Abs": true, "Add": true, "Cast": true, "Celu": true, "Clip": true, "Div": true, "Elu": true, "Erf": true, "Exp": true, "Gelu": true, "HardSigmoid": true,
	"HardSwish": true, "InstanceNormalization": true, "LayerNormalization": true, "LeakyRelu": true, "Log": true, "LogSoftmax": true, "LRN": true, "Max": true,
	"Min": true, "Mish": true, "Mul": true, "Neg": true, "Pow": true, "PRelu": true, "QuantizeLinear": true, "DequantizeLinear": true, "Reciprocal": true, "Selu": true,
	"Sigmoid": true, "Softmax": true, "Softplus": true, "Softsign": true, "Sqrt": true, "Sub": true, "Swish": true, "Tanh": true,
}

// assume gives a shape to the outputs of the node at work, which is not supported, so
// that the nodes behind it can be looked at: the file's own, or that of the largest
// input. Where there is none, what comes of it is unknown.
func (im *importer) assume(shapes map[string]*proto.Value) {
	for _, o := range im.n.Outputs {
		if o == "" || im.values[o] != nil {
			continue
		}
		dims := im.declared(shapes[o])
		if dims == nil && len(im.n.Outputs) == 1 && elementwise[im.n.Op] {
			dims = im.largest()
		}
		if n, ok := product(dims); !ok || n == 0 || len(dims) == 0 {
			continue
		}
		base := im.unique("v:", o)
		im.shapes[base] = dims
		im.values[o] = &value{base: base, dims: append([]int{1}, dims...)}
	}
	im.unknown()
}

// declared is the shape that the file gives a value, for one sample; nil if it gives none.
func (im *importer) declared(v *proto.Value) (dims []int) {
	if v == nil || !proto.IsFloat(v.Type) || len(v.Dims) != 4 && len(v.Dims) != 2 {
		return nil
	}
	for _, d := range v.Dims[1:] {
		if d < 1 || d > maxSize {
			return nil
		}
		dims = append(dims, int(d))
	}
	return dims
}

// largest is the shape of the activation with the most elements that the node at work
// reads, for one sample; nil if there is none whose shape is known.
func (im *importer) largest() (dims []int) {
	most := 0
	for _, in := range im.n.Inputs {
		v := im.values[in]
		if v == nil || v.unknown || v.c != nil || v.seq != nil || len(v.dims) != 4 && len(v.dims) != 2 || v.dims[0] != 1 {
			continue
		}
		if k := v.elems(); k > most {
			most, dims = k, v.dims[1:]
		}
	}
	return dims
}
