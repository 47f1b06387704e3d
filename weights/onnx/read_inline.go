package onnx

import (
	"maps"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// inliner puts the nodes of the file's own functions in place of the nodes that call them.
type inliner struct {
	im        *importer
	functions map[[3]string]*proto.Function
	nodes     int
}

// maxCalls bounds functions that call functions. Their number of nodes is bounded too.
const maxCalls = 32

func (im *importer) inline(p *proto.Model) {
	if len(p.Functions) == 0 {
		return
	}
	in := &inliner{im: im, functions: map[[3]string]*proto.Function{}}
	for _, f := range p.Functions {
		in.functions[[3]string{f.Domain, f.Name, f.Overload}] = f
	}
	p.Graph.Nodes = in.expand(p.Graph.Nodes, 0)
}

func (in *inliner) expand(nodes []*proto.Node, depth int) (out []*proto.Node) {
	for _, n := range nodes {
		in.im.n = n
		if in.nodes++; in.nodes > in.im.maxNodes {
			panic(failure{in.im.errorf(ErrUnsupported, "got more than %d nodes of functions, want at most that", in.im.maxNodes), true})
		}
		f := in.functions[[3]string{n.Domain, n.Op, n.Overload}]
		if f == nil {
			for _, a := range n.Attrs {
				if a.Graph != nil {
					a.Graph.Nodes = in.expand(a.Graph.Nodes, depth)
				}
			}
			out = append(out, n)
			continue
		}
		if depth == maxCalls {
			panic(failure{in.im.errorf(ErrUnsupported, "got functions that call functions, more than %d deep, want at most that", maxCalls), true})
		}
		out = append(out, in.expand(in.call(n, f), depth+1)...)
	}
	in.im.n = nil
	return out
}

// call is the nodes of f in place of n.
func (in *inliner) call(n *proto.Node, f *proto.Function) (out []*proto.Node) {
	if len(n.Inputs) > len(f.Inputs) || len(n.Outputs) > len(f.Outputs) {
		panic(failure{in.im.errorf(ErrInvalid, "got %d inputs and %d outputs of a function, want at most %d and %d", len(n.Inputs), len(n.Outputs), len(f.Inputs), len(f.Outputs)), true})
	}
	r := &renaming{im: in.im, prefix: in.im.newPrefix(n), names: map[string]string{}}
	for i, name := range f.Inputs {
		r.names[name] = ""
		if i < len(n.Inputs) {
			r.names[name] = n.Inputs[i]
		}
	}
	for i, o := range n.Outputs {
		if to, input := r.names[f.Outputs[i]]; input && o != "" {
			out = append(out, &proto.Node{Op: "Identity", Name: r.prefix + "Identity", Inputs: []string{to}, Outputs: []string{o}})
		} else if o != "" {
			r.names[f.Outputs[i]] = o
		}
	}
	attrs := func(own map[string]*proto.Attr) map[string]*proto.Attr {
		var c map[string]*proto.Attr
		for name, a := range own {
			if a.Ref == "" {
				continue
			}
			if c == nil {
				c = maps.Clone(own)
			}
			if to := n.Attrs[a.Ref]; to != nil {
				c[name] = to
			} else if to := f.Defaults[a.Ref]; to != nil {
				c[name] = to
			} else {
				delete(c, name)
			}
		}
		if c == nil {
			return own
		}
		return c
	}
	for _, inner := range f.Nodes {
		c := r.node(inner, attrs)
		if v := f.Opsets[c.Domain]; v != 0 && c.Opset == 0 {
			c.Opset = v
		}
		out = append(out, c)
	}
	return out
}
