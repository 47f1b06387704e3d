package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

// lower puts nodes that compute with floats in place of those that compute with integers.
func (im *importer) lower(ops *catalog, nodes []*proto.Node) []*proto.Node {
	var out []*proto.Node // nil: no other than nodes
	for i, n := range nodes {
		for _, a := range n.Attrs {
			if a.Graph != nil {
				a.Graph.Nodes = im.lower(ops, a.Graph.Nodes)
			}
		}
		write := ops.lowers[n.Operator()]
		if out == nil && write != nil {
			out = append(make([]*proto.Node, 0, 2*len(nodes)), nodes[:i]...)
		}
		switch {
		case write != nil:
			im.n = n
			l := &lowered{im: im, n: n, prefix: im.newPrefix(n)}
			write(l)
			im.n = nil
			out = append(out, l.nodes...)
		case out != nil:
			out = append(out, n)
		}
	}
	if out == nil {
		return nodes
	}
	return out
}
