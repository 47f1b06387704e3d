package quantize

import (
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// builder writes the quantized model. It walks the units once and decides which values
// are quantized and what their sources are; what needs scales it puts off until they
// are chosen.
type builder struct {
	m      *weights.Model // the float32 network
	shapes map[string][]int
	seen   map[string]*spread
	keep   map[string]bool
	opts   *Options

	wanted map[string]bool   // values that a quantized operator wants
	bytes  map[string]string // float32 network's value -> its name where it is quantized
	floats map[string]string // and where it is float32
	names  *graph
	sources
	later []func() // in order: they write the nodes

	out     weights.Model
	written map[string]bool   // tensors of out
	copied  map[string]string // a tensor of the float32 network -> its name in out
}

// build plans the quantized network.
func build(n *network, list []*unit, seen map[string]*spread, keep map[string]bool, o *Options) *builder {
	b := &builder{
		m: n.m, shapes: n.shapes, seen: seen, keep: keep, opts: o,
		wanted: map[string]bool{}, bytes: map[string]string{}, floats: map[string]string{n.input: n.input}, names: index(n.m),
		sources: sources{channels: map[string][]int{}}, written: map[string]bool{}, copied: map[string]string{},
	}
	for i := len(list) - 1; i >= 0; i-- {
		b.want(list[i])
	}
	for _, u := range list {
		b.unit(u)
	}
	for i, v := range n.m.Graph.Outputs {
		b.later = append(b.later, func() { b.out.Graph.Outputs[i] = b.any(v) })
	}
	return b
}

// finish writes the model. The sources have their scales.
func (b *builder) finish() *weights.Model {
	b.out = *b.m
	b.out.Graph.Nodes = nil
	b.out.Graph.Outputs = slices.Clone(b.m.Graph.Outputs)
	b.out.Tensors = nil
	for _, write := range b.later {
		write()
	}
	b.out.Sort()
	return &b.out
}

// any is the name that a value has in the quantized network.
func (b *builder) any(v string) string {
	if name, ok := b.bytes[v]; ok && name == v {
		return name
	}
	return b.floats[v]
}

// node writes a node in the place that it is called from.
func (b *builder) node(n weights.Node) {
	b.out.Graph.Nodes = append(b.out.Graph.Nodes, n)
}

// tensor writes a tensor and returns its name, which is another if there is one of that
// name.
func (b *builder) tensor(t weights.Tensor) string {
	for b.written[t.Name] {
		t.Name += "'"
	}
	b.written[t.Name] = true
	b.out.Tensors = append(b.out.Tensors, t)
	return t.Name
}

// float returns the name of a value as float32, and makes one if there is none.
func (b *builder) float(v string) string {
	if name, ok := b.floats[v]; ok {
		return name
	}
	name := b.names.fresh(v + "|f32")
	b.floats[v] = name
	from := b.bytes[v]
	b.later = append(b.later, func() {
		b.node(weights.Node{Name: name, Op: weights.OpDequantize, Inputs: []string{from}, Outputs: []string{name}})
	})
	return name
}

// byte returns the name of a value that is quantized, and quantizes it if it is not.
func (b *builder) byte(v string) string {
	if name, ok := b.bytes[v]; ok {
		return name
	}
	name := b.names.fresh(v + "|u8")
	b.bytes[v] = name
	b.add(v, name, b.shapes[v][0])
	from := b.floats[v]
	b.later = append(b.later, func() {
		b.node(weights.Node{
			Name: name, Op: weights.OpQuantize, Inputs: []string{from}, Outputs: []string{name}, Quant: b.quantOf(name),
		})
	})
	return name
}

// made notes that value v is quantized under its own name, and is a source.
func (b *builder) made(v string) {
	b.bytes[v] = v
	b.add(v, v, b.shapes[v][0])
}

// quantOf is what a node writes whose one output is a source.
func (b *builder) quantOf(name string) []weights.Quant { return b.quants(name)[:1] }

// want notes which of a unit's inputs it would have quantized.
func (b *builder) want(u *unit) {
	if b.keep[u.Name] {
		return
	}
	switch kindOf(u, b.shapes) {
	case computes:
		if element.Is(u.Op) && !b.tabled(u) {
			return
		}
		for _, v := range u.Inputs {
			b.wanted[v] = true
		}
		if u.residual != "" {
			b.wanted[u.residual] = true
		}
	case scales: // whose factor is float32
		planes, _ := gated(u, b.shapes)
		b.wanted[planes] = true
	case moves:
		for _, v := range u.out {
			if b.wanted[v] {
				for _, in := range u.Inputs {
					b.wanted[in] = true
				}
			}
		}
	case averages:
		b.wanted[u.Inputs[0]] = true
	}
}

// kind is what a quantized network does with an operator.
type kind int

const (
	stays    kind = iota // float32
	computes             // from quantized inputs
	scales               // a quantized input by a float32 factor
	moves                // whatever it gets
	averages             // whatever it gets, into float32
)

func kindOf(u *unit, shapes map[string][]int) kind {
	switch u.Op {
	case weights.OpConv, weights.OpLinear, weights.OpAvgPool:
		return computes
	case weights.OpStaticDynamicShuffle:
		if u.Attr("form", 0)[0] == 0 {
			return computes
		}
	case weights.OpAdd:
		if len(u.Inputs) == 2 && slices.Equal(shapes[u.Inputs[0]], shapes[u.Inputs[1]]) {
			return computes
		}
	case weights.OpMul:
		if a, f := gated(u, shapes); a != "" && f != "" {
			return scales
		}
	case weights.OpConcat, weights.OpSplit, weights.OpSlice, weights.OpShuffle, weights.OpDynamicShuffle, weights.OpMaxPool,
		weights.OpFlatten:
		return moves
	case weights.OpGlobalAvgPool:
		return averages
	}
	if element.Is(u.Op) {
		return computes
	}
	return stays
}

// gated returns the two inputs of a product of [C H W] and [C 1 1]: planes and factors.
func gated(u *unit, shapes map[string][]int) (planes, factors string) {
	if len(u.Inputs) != 2 {
		return "", ""
	}
	for k := range 2 {
		a, f := u.Inputs[k], u.Inputs[1-k]
		s, t := shapes[a], shapes[f]
		if len(s) == 3 && len(t) == 3 && s[0] == t[0] && t[1]*t[2] == 1 && s[1]*s[2] > 1 {
			return a, f
		}
	}
	return "", ""
}

// unit writes one unit.
func (b *builder) unit(u *unit) {
	k := kindOf(u, b.shapes)
	switch {
	case b.keep[u.Name] || k == stays:
		b.asItIs(u)
	case k == moves:
		b.move(u)
	case k == averages:
		b.average(u)
	case element.Is(u.Op) && !(b.isByte(u.Inputs[0]) && b.tabled(u)):
		b.asItIs(u)
	case element.Is(u.Op):
		b.lookup(u)
	case k == scales:
		b.scale(u)
	case u.Op == weights.OpAdd:
		b.sum(u)
	case u.Op == weights.OpAvgPool:
		b.pool(u)
	default:
		b.layer(u)
	}
}

// tabled says whether a function of single elements is worth a table: not of a few that
// go on as float32.
func (b *builder) tabled(u *unit) bool {
	return size(b.shapes[u.Inputs[0]][1:]) > 1 || b.wanted[u.out[0]]
}

// isByte says whether value v is there in its quantized form.
func (b *builder) isByte(v string) bool {
	_, ok := b.bytes[v]
	return ok
}

// asItIs writes a unit's nodes as they are: in float32.
func (b *builder) asItIs(u *unit) {
	n := *u.Node
	n.Inputs = nil
	for _, v := range u.Inputs {
		n.Inputs = append(n.Inputs, b.float(v))
	}
	for _, v := range u.out {
		b.floats[v] = v
	}
	b.later = append(b.later, func() {
		n.Tensors = b.tensorsOf(u.Node)
		b.node(n)
	})
}

// tensorsOf copies the tensors of a node that stays as it is.
func (b *builder) tensorsOf(n *weights.Node, roles ...string) map[string]string {
	if len(n.Tensors) == 0 {
		return nil
	}
	names := map[string]string{}
	for _, role := range slices.Sorted(maps.Keys(n.Tensors)) {
		if len(roles) > 0 && !slices.Contains(roles, role) {
			continue
		}
		from := n.Tensors[role]
		if _, ok := b.copied[from]; !ok {
			b.copied[from] = b.tensor(*b.m.Tensor(from))
		}
		names[role] = b.copied[from]
	}
	return names
}

// move writes an operator that takes planes as they come.
func (b *builder) move(u *unit) {
	quantized := false
	for _, v := range u.out {
		quantized = quantized || b.wanted[v]
	}
	if !quantized {
		b.asItIs(u)
		return
	}
	n := *u.Node
	n.Inputs = nil
	for _, v := range u.Inputs {
		n.Inputs = append(n.Inputs, b.byte(v))
	}
	if u.Op == weights.OpDynamicShuffle {
		b.unify(n.Inputs[0])
	}
	b.moveChannels(u, n.Inputs)
	for _, v := range u.out {
		b.bytes[v] = v
	}
	b.later = append(b.later, func() {
		n.Tensors = b.tensorsOf(u.Node)
		if u.Op == weights.OpDynamicShuffle && b.opts.HalfGenerators {
			b.halve(n.Tensors)
		}
		b.node(n)
	})
}

// moveChannels says which sources the channels of a mover's outputs have.
func (b *builder) moveChannels(u *unit, in []string) {
	x := b.channels[in[0]]
	switch u.Op {
	case weights.OpConcat:
		var all []int
		for _, v := range in {
			all = append(all, b.channels[v]...)
		}
		b.channels[u.out[0]] = all
	case weights.OpSplit:
		at := 0
		for k, c := range u.Attr("sizes") {
			b.channels[u.out[k]] = x[at : at+c]
			at += c
		}
	case weights.OpSlice:
		var some []int
		r := u.Attr("range")
		for c := r[0]; c < r[1]; c += r[2] {
			some = append(some, x[c])
		}
		b.channels[u.out[0]] = some
	case weights.OpShuffle:
		y := make([]int, len(x))
		for i, c := range u.Attr("perm") {
			y[i] = x[c]
		}
		b.channels[u.out[0]] = y
	case weights.OpFlatten:
		var all []int
		s := b.shapes[u.Inputs[0]]
		for _, id := range x {
			for range size(s[1:]) {
				all = append(all, id)
			}
		}
		b.channels[u.out[0]] = all
	default: // a dynamic shuffle's are all alike; a maximum keeps them
		b.channels[u.out[0]] = x
	}
}

// average writes a mean over all pixels, which is float32.
func (b *builder) average(u *unit) {
	if !b.isByte(u.Inputs[0]) {
		b.asItIs(u)
		return
	}
	n := *u.Node
	n.Inputs = []string{b.bytes[u.Inputs[0]]}
	b.floats[u.out[0]] = u.out[0]
	b.later = append(b.later, func() { b.node(n) })
}
