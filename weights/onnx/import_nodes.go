package onnx

import (
	"maps"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// maxProblems bounds what is listed of one file.
const maxProblems = 1000

// reading is the reading of a file's nodes.
type reading struct {
	*importer
	ops      *catalog
	shapes   map[string]*proto.Value // what the file says of the values' shapes
	opset    int64                   // of nodes that do not say it
	listed   bool                    // an error has the list of operators already
	problems Errors
}

// nodes reads the nodes, in order. Those that are not supported are listed, all of
// them, before the import fails.
func (im *importer) nodes(ops *catalog, nodes []*proto.Node, values []proto.Value) {
	r := &reading{importer: im, ops: ops, shapes: map[string]*proto.Value{}, opset: im.opset}
	for i := range values {
		r.shapes[values[i].Name] = &values[i]
	}
	r.all(nodes)
	im.n = nil
	if len(r.problems) > 0 {
		panic(failure{err: r.problems.one()})
	}
}

func (r *reading) all(nodes []*proto.Node) {
	for _, n := range nodes {
		if len(r.problems) == maxProblems {
			return
		}
		r.n, r.importer.opset = n, r.opset
		if n.Opset != 0 {
			r.importer.opset = n.Opset
		}
		if e := r.attempt(); e != nil {
			r.n = n
			r.problems = append(r.problems, e)
			r.assume(r.shapes)
		}
	}
}

// attempt reads the node at work, and returns why it is not supported.
func (r *reading) attempt() (problem *Error) {
	defer func() {
		if x := recover(); x != nil {
			f, ok := x.(failure)
			if !ok || f.fatal {
				panic(x)
			}
			problem = f.err.(*Error)
		}
	}()
	r.node()
	return nil
}

// node reads the node at work. Where an input is unknown, because the node that makes
// it is not supported, no more is asked than that its operator be known.
func (r *reading) node() {
	op := r.n.Operator()
	read, fold := r.ops.reads[op], r.ops.folds[op]
	if op == "If" {
		r.branch()
		return
	}
	switch why := r.ops.refuses[op]; {
	case fold != nil && r.fold(fold):
		return
	case why != "":
		r.failf(ErrUnsupported, "%s", why)
	case read == nil && !r.listed:
		r.listed = true
		r.failf(ErrUnsupported, "unknown operator%s%s", supportedAre, r.ops.supported)
	case read == nil:
		r.failf(ErrUnsupported, "unknown operator")
	}
	for name, a := range r.n.Attrs {
		if a.Graph != nil || a.Other {
			r.failf(ErrUnsupported, "%q: got a subgraph or a list of tensors, want none", name)
		}
	}
	for _, in := range r.n.Inputs {
		if v := r.values[in]; v != nil && v.unknown {
			r.unknown()
			return
		}
	}
	read(r.importer)
}

// branch reads, in place of an If whose condition is known, the nodes of the branch that
// is taken.
func (r *reading) branch() {
	n := r.n
	if v := r.in(0); v != nil && v.unknown {
		r.unknown()
		return
	}
	cond := r.constant(0, true)
	if cond.len() != 1 || !cond.isInt() {
		r.failf(ErrInvalid, "condition: got %d values, want one bool", cond.len())
	}
	name := "else_branch"
	if cond.i[0] != 0 {
		name = "then_branch"
	}
	a := n.Attrs[name]
	if a == nil || a.Graph == nil || len(a.Graph.Outputs) < len(n.Outputs) || a.Graph.Sparse {
		r.failf(ErrInvalid, "%s: got none with %d outputs, want one", name, len(n.Outputs))
	}
	inner := map[string]bool{}
	a.Graph.Defines(inner)
	names := &renaming{im: r.importer, prefix: r.newPrefix(n), names: map[string]string{}, inner: inner}
	g := names.graph(a.Graph, func(own map[string]*proto.Attr) map[string]*proto.Attr { return own })
	nodes, need := r.ordered(g)
	maps.Copy(r.need, need)
	r.initializers(g)
	r.all(nodes)
	r.n = n
	for i, o := range n.Outputs {
		v := r.values[g.Outputs[i].Name]
		switch {
		case o == "":
		case v == nil:
			r.failf(ErrInvalid, "%s: got output %q that nothing makes", name, a.Graph.Outputs[i].Name)
		default:
			c := *v
			r.define(o, &c)
		}
	}
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
	"Abs": true, "Add": true, "Cast": true, "Ceil": true, "Celu": true, "Cos": true, "Floor": true, "Round": true, "Sign": true, "Sin": true, "Clip": true, "Div": true, "Elu": true, "Erf": true, "Exp": true, "Gelu": true, "HardSigmoid": true,
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
