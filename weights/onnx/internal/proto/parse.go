package proto

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// opset decodes an OperatorSetIdProto into opsets.
func (d *decoder) opset(b []byte, opsets map[string]int64) error {
	var domain string
	var version int64
	err := fields(b, func(num protowire.Number, _ protowire.Type, v uint64, p []byte) error {
		switch num {
		case 1:
			domain = string(p)
		case 2:
			version = int64(v)
		}
		return nil
	})
	opsets[domain] = version
	if err != nil {
		return err
	}
	return bound(&d.names, maxNames, "names")
}

// maxDepth bounds graphs within graphs.
const maxDepth = 32

func (d *decoder) graph(b []byte) (*Graph, error) {
	if d.depth++; d.depth > maxDepth {
		return nil, limitf("got graphs within graphs, more than %d deep, want at most that", maxDepth)
	}
	defer func() { d.depth-- }()
	g := &Graph{}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			n, err := d.node(p)
			g.Nodes = append(g.Nodes, n)
			return err
		case 2:
			g.Name = string(p)
		case 5:
			t, err := d.tensor(p)
			g.Initializers = append(g.Initializers, t)
			return err
		case 11, 12, 13:
			v, err := d.value(p)
			list := map[protowire.Number]*[]Value{11: &g.Inputs, 12: &g.Outputs, 13: &g.Values}[num]
			*list = append(*list, v)
			return err
		case 15:
			g.Sparse = true
		}
		return nil
	})
	return g, err
}

func (d *decoder) node(b []byte) (*Node, error) {
	if err := bound(&d.nodes, d.maxNodes, "nodes"); err != nil {
		return nil, err
	}
	n := &Node{}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			n.Inputs = append(n.Inputs, string(p))
			return bound(&d.names, maxNames, "names")
		case 2:
			n.Outputs = append(n.Outputs, string(p))
			return bound(&d.names, maxNames, "names")
		case 3:
			n.Name = string(p)
		case 4:
			n.Op = string(p)
		case 7:
			n.Domain = string(p)
		case 8:
			n.Overload = string(p)
		case 5:
			name, a, err := d.attr(p)
			if n.Attrs == nil {
				n.Attrs = map[string]*Attr{}
			}
			n.Attrs[name] = a
			return err
		}
		return nil
	})
	if n.Domain == "ai.onnx" {
		n.Domain = ""
	}
	return n, err
}

func (d *decoder) attr(b []byte) (name string, a *Attr, err error) {
	if err := bound(&d.attrs, maxAttrs, "attributes"); err != nil {
		return "", nil, err
	}
	a = &Attr{}
	err = fields(b, func(num protowire.Number, typ protowire.Type, v uint64, p []byte) (err error) {
		switch num {
		case 1:
			name = string(p)
		case 2:
			a.F = math.Float32frombits(uint32(v))
		case 3:
			a.I = int64(v)
		case 4:
			a.S = p
		case 5:
			a.T, err = d.tensor(p)
		case 6:
			a.Graph, err = d.graph(p)
		case 10, 11:
			a.Other = true
		case 21:
			a.Ref = string(p)
		case 20:
			a.Type = int64(v)
		case 7:
			a.Floats = floats(a.Floats, typ, v, p)
		case 8:
			a.Ints, err = varints(a.Ints, typ, v, p)
		}
		return err
	})
	return name, a, err
}
