package weights

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// Check tells where the model's structure is broken, as [Read] does for a file:
// names, references, bounds, finite weights. What operators mean is left to the
// engine. The error is a [FormatError].
func (m *Model) Check() error {
	l := defaultLimits()
	for i := range m.Tensors {
		t := &m.Tensors[i]
		where := named("tensor", t.Name)
		if !t.DType.InFile() {
			return bad(ErrInvalid, where, fmt.Sprintf("dtype %v", t.DType), inFile)
		}
		n, err := l.elements(where, t.Shape)
		if err != nil {
			return err
		}
		if n != t.Len() || t.DType.Integer() != (t.Bytes != nil) {
			return bad(ErrInvalid, where, fmt.Sprintf("%d values and %d bytes", len(t.Data), len(t.Bytes)), fmt.Sprintf("%d of one of them (shape %v, %v)", n, t.Shape, t.DType))
		}
		if err := finite(where, t.Data); err != nil {
			return err
		}
	}
	entries, _ := directory(m.Tensors)
	d := document{m.Name, m.Graph, entries, m.Labels, m.Preprocess, m.Provenance}
	return d.check(&l)
}

// finite fails on the first NaN or infinity. The common case is one pass
// without branches: the largest magnitude, as bits, tells.
func finite(where place, data []float32) error {
	top := uint32(0)
	for _, v := range data {
		top = max(top, math.Float32bits(v)&0x7fffffff)
	}
	if top < 0x7f800000 {
		return nil
	}
	for i, v := range data {
		if math.Float32bits(v)&0x7fffffff >= 0x7f800000 {
			return notFinite(where, v, i)
		}
	}
	return nil
}

func notFinite(where place, v float32, i int) error {
	return bad(ErrInvalid, where, fmt.Sprintf("%v at index %d", v, i), "finite values")
}

// elements multiplies a shape out, without overflow.
func (l *limits) elements(where place, shape []int) (int, error) {
	if shape == nil {
		return 0, bad(ErrInvalid, where, "no shape", "a list of dimensions")
	}
	if len(shape) > l.dims {
		return 0, bad(ErrLimit, where, fmt.Sprintf("%d dimensions", len(shape)), fmt.Sprintf("at most %d", l.dims))
	}
	n := 1
	for _, d := range shape {
		if d < 1 {
			return 0, bad(ErrInvalid, where, fmt.Sprintf("shape %v", shape), "every dimension at least 1")
		}
		if d > l.elems/n {
			return 0, bad(ErrLimit, where, fmt.Sprintf("shape %v", shape), fmt.Sprintf("at most %d elements", l.elems))
		}
		n *= d
	}
	return n, nil
}

func (l *limits) text(where place, s string) error {
	if s == "" {
		return bad(ErrInvalid, where, "an empty name", "a name")
	}
	if len(s) > l.name {
		return bad(ErrLimit, where, fmt.Sprintf("a name of %d bytes", len(s)), fmt.Sprintf("at most %d", l.name))
	}
	if !utf8.ValidString(s) {
		return bad(ErrInvalid, where, fmt.Sprintf("%q", s), "UTF-8")
	}
	return nil
}

func count(where any, what string, n, most int) error {
	if n > most {
		return bad(ErrLimit, where, fmt.Sprintf("%d %s", n, what), fmt.Sprintf("at most %d", most))
	}
	return nil
}

// check checks all of the JSON section but the directory's offsets.
func (d *document) check(l *limits) error {
	g := &d.Graph
	for _, c := range []struct {
		where, what string
		n, most     int
	}{
		{"tensors", "tensors", len(d.Tensors), l.tensors}, {"graph", "nodes", len(g.Nodes), l.nodes},
		{"graph", "inputs", len(g.Inputs), l.nodes}, {"graph", "outputs", len(g.Outputs), l.nodes},
		{"labels", "labels", len(d.Labels), l.labels}, {"name", "bytes", len(d.Name), l.name},
	} {
		if err := count(c.where, c.what, c.n, c.most); err != nil {
			return err
		}
	}
	used := map[string]bool{} // tensor -> some node names it
	for i, t := range d.Tensors {
		where := numbered("tensor", i)
		if err := l.text(where, t.Name); err != nil {
			return err
		}
		if i > 0 && t.Name <= d.Tensors[i-1].Name {
			return bad(ErrInvalid, where, fmt.Sprintf("%q after %q", t.Name, d.Tensors[i-1].Name), "tensors in ascending order of names, each once")
		}
		used[t.Name] = false
	}
	if err := d.checkGraph(l, used); err != nil {
		return err
	}
	for _, t := range d.Tensors {
		if !used[t.Name] {
			return bad(ErrInvalid, named("tensor", t.Name), "no node that names it", "one or more")
		}
	}
	for i, s := range d.Labels {
		if err := l.text(numbered("label", i), s); err != nil {
			return err
		}
	}
	return d.Preprocess.check()
}

func (d *document) checkGraph(l *limits, used map[string]bool) error {
	g := &d.Graph
	if len(g.Inputs) == 0 || len(g.Outputs) == 0 {
		return bad(ErrInvalid, "graph", fmt.Sprintf("%d inputs, %d outputs", len(g.Inputs), len(g.Outputs)), "one or more of each")
	}
	values := map[string]bool{}
	define := func(where place, name string) error {
		if err := l.text(where, name); err != nil {
			return err
		}
		if values[name] {
			return bad(ErrInvalid, where, fmt.Sprintf("value %q a second time", name), "every value written once")
		}
		values[name] = true
		return nil
	}
	for _, v := range g.Inputs {
		where := named("input", v.Name)
		if err := define(where, v.Name); err != nil {
			return err
		}
		if len(v.Shape) == 0 {
			return bad(ErrInvalid, where, "no dimensions", "a shape")
		}
		if _, err := l.elements(where, v.Shape); err != nil {
			return err
		}
	}
	names := map[string]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		where := named("node", n.Name)
		if err := l.text(numbered("node", i), n.Name); err != nil {
			return err
		}
		if names[n.Name] {
			return bad(ErrInvalid, where, "the name a second time", "every node a name of its own")
		}
		names[n.Name] = true
		if err := l.text(where.of(": op"), n.Op); err != nil {
			return err
		}
		if len(n.Inputs) == 0 || len(n.Outputs) == 0 {
			return bad(ErrInvalid, where, fmt.Sprintf("%d inputs, %d outputs", len(n.Inputs), len(n.Outputs)), "one or more of each")
		}
		for _, v := range n.Inputs {
			if !values[v] {
				return bad(ErrInvalid, where, fmt.Sprintf("input %q", v), "a graph input or an output of an earlier node")
			}
		}
		for _, v := range n.Outputs {
			if err := define(where, v); err != nil {
				return err
			}
		}
		if err := n.checkQuant(where); err != nil {
			return err
		}
		for k, list := range n.Attrs {
			if err := l.text(where.of(": attribute"), k); err != nil {
				return err
			}
			if list == nil {
				return bad(ErrInvalid, where.of(": attribute "+k), "null", "a list")
			}
			if len(list) > l.list {
				return count(where.of(": attribute "+k), "values", len(list), l.list)
			}
			for _, v := range list {
				if v < math.MinInt32 || v > math.MaxInt32 {
					return bad(ErrLimit, where.of(": attribute "+k), v, "32 bits")
				}
			}
		}
		for role, t := range n.Tensors {
			if err := l.text(where.of(": tensor role"), role); err != nil {
				return err
			}
			if _, ok := used[t]; !ok {
				return bad(ErrInvalid, where, fmt.Sprintf("tensor %q as %s", t, role), "a tensor of the directory")
			}
			used[t] = true
		}
	}
	for _, v := range g.Outputs {
		if !values[v] {
			return bad(ErrInvalid, "graph outputs", fmt.Sprintf("%q", v), "a value of the graph")
		}
	}
	return nil
}

const maxSide = 1 << 14 // of resize and crop, pixels

func (p *Preprocess) check() error {
	if p == nil {
		return nil
	}
	channels := map[string]int{"rgb": 3, "bgr": 3, "gray": 1}[p.Order]
	switch {
	case channels == 0:
		return bad(ErrInvalid, "preprocess: order", fmt.Sprintf("%q", p.Order), "rgb, bgr or gray")
	case p.Filter != "bilinear" && p.Filter != "bicubic":
		return bad(ErrInvalid, "preprocess: filter", fmt.Sprintf("%q", p.Filter), "bilinear or bicubic")
	case p.Resize < 0 || p.Resize > maxSide:
		return bad(ErrInvalid, "preprocess: resize", p.Resize, fmt.Sprintf("0 to %d", maxSide))
	case len(p.Mean) != channels || len(p.Std) != channels:
		return bad(ErrInvalid, "preprocess: mean and std", fmt.Sprintf("%d and %d values", len(p.Mean), len(p.Std)), fmt.Sprintf("%d each", channels))
	}
	for _, c := range p.Crop {
		if c < 1 || c > maxSide {
			return bad(ErrInvalid, "preprocess: crop", p.Crop, fmt.Sprintf("1 to %d", maxSide))
		}
	}
	for i := range channels {
		if m, s := p.Mean[i], p.Std[i]; !(math.Abs(m) <= 1e6) || !(s >= 1e-6 && s <= 1e6) {
			return bad(ErrInvalid, "preprocess: mean and std", fmt.Sprintf("%v and %v", m, s), "a finite mean and a deviation above 0 (1e-6 to 1e6)")
		}
	}
	return p.checkLetterbox(channels)
}

func (p *Preprocess) checkLetterbox(channels int) error {
	if p.Letterbox == nil {
		return nil
	}
	if len(p.Letterbox) != channels || p.Resize != 0 {
		return bad(ErrInvalid, "preprocess: letterbox", fmt.Sprintf("%d levels with resize %d", len(p.Letterbox), p.Resize), fmt.Sprintf("%d levels with resize 0", channels))
	}
	for _, v := range p.Letterbox {
		if v < 0 || v > 255 {
			return bad(ErrInvalid, "preprocess: letterbox", v, "0 to 255")
		}
	}
	return nil
}
