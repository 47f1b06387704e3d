package onnx

import (
	"maps"
	"strings"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// renaming copies nodes for another place, where their values have other names.
type renaming struct {
	im     *importer
	prefix string
	names  map[string]string // those that have another name there
	inner  map[string]bool   // those that get the prefix; nil: all the others
}

// newPrefix is what names of the nodes that stand for n begin with.
func (im *importer) newPrefix(n *proto.Node) string {
	label := n.Label()
	return im.unique("p:", strings.ToValidUTF8(label[:min(len(label), 60)], "")) + "/"
}

// name is what a name becomes. What is made here is paid for: a file may ask for many
// copies of a long one.
func (r *renaming) name(s string) string {
	if s == "" {
		return ""
	}
	if to, ok := r.names[s]; ok {
		return to
	}
	if r.inner != nil && !r.inner[s] {
		return s
	}
	r.im.spend((len(r.prefix)+len(s))/4 + 16)
	to := r.prefix + s
	r.names[s] = to
	return to
}

func (r *renaming) list(names []string) []string {
	out := make([]string, len(names))
	for i, s := range names {
		out[i] = r.name(s)
	}
	return out
}

// node copies n. attrs resolves its attributes.
func (r *renaming) node(n *proto.Node, attrs func(map[string]*proto.Attr) map[string]*proto.Attr) *proto.Node {
	c := *n
	r.im.spend(64 + len(n.Inputs) + len(n.Outputs))
	c.Name = r.prefix + n.Label()
	c.Inputs, c.Outputs = r.list(n.Inputs), r.list(n.Outputs)
	c.Attrs = attrs(n.Attrs)
	for name, a := range c.Attrs {
		if a.Graph != nil {
			b := *a
			b.Graph = r.graph(a.Graph, attrs)
			c.Attrs = maps.Clone(c.Attrs)
			c.Attrs[name] = &b
		}
	}
	return &c
}

// graph copies g with its values' names.
func (r *renaming) graph(g *proto.Graph, attrs func(map[string]*proto.Attr) map[string]*proto.Attr) *proto.Graph {
	c := &proto.Graph{Sparse: g.Sparse}
	for _, t := range g.Initializers {
		d := *t
		d.Name = r.name(t.Name)
		c.Initializers = append(c.Initializers, &d)
	}
	for _, n := range g.Nodes {
		c.Nodes = append(c.Nodes, r.node(n, attrs))
	}
	for _, o := range g.Outputs {
		c.Outputs = append(c.Outputs, proto.Value{Name: r.name(o.Name)})
	}
	return c
}
