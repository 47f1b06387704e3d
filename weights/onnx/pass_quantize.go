package onnx

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// quantize8 makes quantized operators of what computes between a DequantizeLinear and a
// QuantizeLinear, as ONNX Runtime's quantizer and PyTorch's export write it (QDQ). What it
// does not know stays float32 between its neighbours: nothing is computed otherwise than
// the file says, but for rounding.
func (im *importer) quantize8() {
	g := &im.m.Graph
	if !slices.ContainsFunc(g.Nodes, func(n weights.Node) bool { return n.Op == weights.OpQuantize }) {
		return
	}
	q := &quantizer{im: im, maker: map[string]int{}, reads: map[string]int{}, twin: map[string]string{}, alias: map[string]string{}}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			q.reads[v]++
		}
	}
	for _, o := range g.Outputs {
		q.reads[o]++
	}
	for _, n := range g.Nodes {
		n.Inputs = slices.Clone(n.Inputs)
		for i, v := range n.Inputs {
			if a, ok := q.alias[v]; ok {
				n.Inputs[i] = a
			}
		}
		if n.Op == weights.OpQuantize && q.absorbed(&n) {
			continue
		}
		switch n.Op {
		case weights.OpGlobalAvgPool:
			if x, ok := q.bytes(n.Inputs[0]); ok {
				n.Inputs[0] = x
			}
		case weights.OpDynamicShuffle:
			if q.permuted(&n) {
				continue
			}
		}
		q.add(n)
	}
	g.Nodes = q.nodes
	for i, o := range g.Outputs {
		if a, ok := q.alias[o]; ok {
			g.Outputs[i] = a
		}
	}
	im.prune()
	q.floats()
	im.prune()
}

// quantizer is the graph as far as it is done.
type quantizer struct {
	im    *importer
	nodes []weights.Node
	maker map[string]int    // of a value: its node
	reads map[string]int    // in the file's graph
	twin  map[string]string // a float32 value that only moves quantized elements -> these
	alias map[string]string // a quantized value that is another one
}

func (q *quantizer) add(n weights.Node) {
	for _, o := range n.Outputs {
		q.maker[o] = len(q.nodes)
	}
	q.nodes = append(q.nodes, n)
}

// made returns the node that makes v; nil for the input.
func (q *quantizer) made(v string) *weights.Node {
	if at, ok := q.maker[v]; ok {
		return &q.nodes[at]
	}
	return nil
}

// bytes returns the quantized value that a float32 value is: what was dequantized, and
// planes of that which were only moved.
func (q *quantizer) bytes(v string) (string, bool) {
	if x, ok := q.twin[v]; ok {
		return x, x != ""
	}
	n := q.made(v)
	if n == nil {
		return "", false
	}
	switch n.Op {
	case weights.OpDequantize:
		return n.Inputs[0], true
	case weights.OpSplit, weights.OpSlice, weights.OpShuffle, weights.OpMaxPool, weights.OpFlatten:
		x, ok := q.bytes(n.Inputs[0])
		if !ok {
			break
		}
		moved := *n
		moved.Name, moved.Inputs, moved.Outputs = q.im.unique("n:", n.Name+"/8"), []string{x}, nil
		for _, o := range n.Outputs {
			y := q.im.unique("v:", o+"/8")
			q.im.quants[y], q.im.shapes[y], q.twin[o] = q.im.quants[x], q.im.shapes[o], y
			moved.Outputs = append(moved.Outputs, y)
		}
		q.add(moved)
		return q.twin[v], true
	}
	q.twin[v] = ""
	return "", false
}

// permuted makes a dynamic shuffle of dequantized planes one of quantized planes, and says
// whether it did. Whoever reads float32 gets these dequantized: a second shuffle, with a
// generator of its own, might choose otherwise.
func (q *quantizer) permuted(n *weights.Node) bool {
	x, ok := q.bytes(n.Inputs[0])
	if !ok {
		return false
	}
	out := n.Outputs[0]
	y := q.im.unique("v:", out+"/8")
	q.im.quants[y], q.im.shapes[y] = q.im.quants[x], q.im.shapes[out]
	moved := *n
	moved.Inputs, moved.Outputs = []string{x}, []string{y}
	q.add(moved)
	q.add(weights.Node{Name: q.im.unique("n:", n.Name+"/dequantize"), Op: weights.OpDequantize, Inputs: []string{y}, Outputs: []string{out}})
	return true
}

// alike returns a quantized value with the scale and zero point of to: x, or a table's.
func (q *quantizer) alike(x string, to weights.Quant, name string) string {
	from := q.im.quants[x]
	if from == to {
		return x
	}
	table := make([]byte, 256)
	for i := range table {
		f := float32(float32(i-from.Zero) * from.Scale)
		table[i] = byte(min(max(math.RoundToEven(float64(f/to.Scale))+float64(to.Zero), 0), 255))
	}
	y := q.im.unique("v:", name+"/rescaled")
	q.im.quants[y], q.im.shapes[y] = to, q.im.shapes[x]
	n := weights.Node{Name: q.im.unique("n:", name+"/rescale"), Outputs: []string{y}, Quant: []weights.Quant{to}}
	q.lookup(&n, x, table)
	q.add(n)
	return y
}

// lookup makes n a table's values for the elements of x.
func (q *quantizer) lookup(n *weights.Node, x string, table []byte) {
	t := q.tensor(weights.Tensor{Name: n.Name + ".table", DType: weights.Uint8, Shape: []int{256}, Bytes: table})
	n.Op, n.Inputs, n.Attrs, n.Tensors = weights.OpQLookup, []string{x}, nil, map[string]string{"table": t}
}

// function makes n what p does to each element of value from, within limits, if that is a
// function of single elements and from is quantized. p is nil for the limits alone.
func (q *quantizer) function(n, p *weights.Node, from string, lo, hi int) bool {
	f := func(x float64) float64 { return x }
	if p != nil {
		f = element.Of(p, q.im.numbersOf(p))
	}
	if f == nil {
		return false
	}
	x, ok := q.bytes(from)
	if !ok {
		return false
	}
	table := element.Table(f, q.im.quants[x], n.Quant[0])
	for i, v := range table {
		table[i] = byte(min(max(int(v), lo), hi))
	}
	q.lookup(n, x, table)
	return true
}

// tensor adds a tensor of a name that is free.
func (q *quantizer) tensor(t weights.Tensor) string {
	t.Name = q.im.unique("t:", t.Name)
	q.im.tensors[t.Name] = len(q.im.m.Tensors)
	q.im.m.Tensors = append(q.im.m.Tensors, t)
	return t.Name
}

// absorbed makes what stands before a QuantizeLinear a quantized operator, and says
// whether it did.
func (q *quantizer) absorbed(n *weights.Node) bool {
	out, to := n.Outputs[0], n.Quant[0]
	if x, ok := q.bytes(n.Inputs[0]); ok {
		q.alias[out] = q.alike(x, to, n.Name)
		return true
	}
	v := n.Inputs[0]
	lo, hi := 0, 255
	p := q.made(v)
	if p != nil && (p.Op == weights.OpReLU || p.Op == weights.OpReLU6 || p.Op == weights.OpClip) && q.reads[v] == 1 {
		lo, hi = q.clamp(p, to)
		v = p.Inputs[0]
		p = q.made(v)
	}
	if v != n.Inputs[0] { // a limit, and nothing else
		made := weights.Node{Name: q.im.unique("n:", n.Name+"/8"), Outputs: []string{out}, Quant: n.Quant}
		if q.function(&made, nil, v, lo, hi) {
			q.add(made)
			return true
		}
	}
	if p == nil || q.reads[v] != 1 {
		return false
	}
	made := weights.Node{Name: q.im.unique("n:", p.Name+"/8"), Outputs: []string{out}, Attrs: maps.Clone(p.Attrs), Quant: n.Quant}
	switch p.Op {
	case weights.OpConcat:
		if lo != 0 || hi != 255 {
			return false
		}
		made.Op, made.Quant = weights.OpConcat, nil
		for _, in := range p.Inputs {
			x, ok := q.bytes(in)
			if !ok {
				return false
			}
			made.Inputs = append(made.Inputs, x)
		}
		for i, x := range made.Inputs {
			made.Inputs[i] = q.alike(x, to, fmt.Sprintf("%s.%d", n.Name, i))
		}
	case weights.OpConv, weights.OpLinear:
		x, ok := q.bytes(p.Inputs[0])
		if !ok || !q.layer(&made, p, x) {
			return false
		}
	case weights.OpStaticDynamicShuffle:
		x, ok := q.bytes(p.Inputs[0])
		if !ok || p.Attrs["form"][0] != 0 || !q.layer(&made, p, x) {
			return false
		}
	case weights.OpAdd, weights.OpAvgPool:
		if q.summed(&made, p) {
			break
		}
		made.Op = map[string]string{weights.OpAdd: weights.OpQAdd, weights.OpAvgPool: weights.OpQAvgPool}[p.Op]
		if p.Tensors["value"] != "" || p.Op == weights.OpAdd && !slices.Equal(q.im.shapes[p.Inputs[0]], q.im.shapes[p.Inputs[1]]) {
			return false
		}
		for _, in := range p.Inputs {
			x, ok := q.bytes(in)
			if !ok {
				return false
			}
			made.Inputs = append(made.Inputs, x)
		}
	case weights.OpMul:
		if !q.gated(&made, p) {
			return false
		}
	default:
		if len(p.Inputs) != 1 || !q.function(&made, p, p.Inputs[0], lo, hi) {
			return false
		}
		q.add(made)
		return true
	}
	if lo != 0 || hi != 255 {
		if made.Attrs == nil {
			made.Attrs = map[string][]int{}
		}
		made.Attrs["clamp"] = []int{lo, hi}
	}
	q.add(made)
	return true
}

// clamp is the elements that a limit leaves.
func (q *quantizer) clamp(n *weights.Node, to weights.Quant) (lo, hi int) {
	at := func(f float32) int {
		return int(min(max(math.RoundToEven(float64(f/to.Scale))+float64(to.Zero), 0), 255))
	}
	lo, hi = 0, 255
	tensors := q.im.m.Tensors
	switch n.Op {
	case weights.OpReLU:
		lo = at(0)
	case weights.OpReLU6:
		lo, hi = at(0), at(6)
	default:
		if t := n.Tensors["min"]; t != "" {
			lo = at(tensors[q.im.tensors[t]].Data[0])
		}
		if t := n.Tensors["max"]; t != "" {
			hi = at(tensors[q.im.tensors[t]].Data[0])
		}
	}
	return lo, hi
}

// gated makes n a product of quantized planes and a factor for each.
func (q *quantizer) gated(n, p *weights.Node) bool {
	if len(p.Inputs) != 2 {
		return false
	}
	for k := range 2 {
		s, t := q.im.shapes[p.Inputs[k]], q.im.shapes[p.Inputs[1-k]]
		x, ok := q.bytes(p.Inputs[k])
		if ok && len(s) == 3 && len(t) == 3 && s[0] == t[0] && t[1]*t[2] == 1 {
			n.Op, n.Inputs = weights.OpQMul, []string{x, p.Inputs[1-k]}
			return true
		}
	}
	return false
}

// summed makes n a convolution that adds a quantized value to its sums before it rounds
// them, if p is the sum of such two.
func (q *quantizer) summed(n, p *weights.Node) bool {
	if p.Op != weights.OpAdd || len(p.Inputs) != 2 || !slices.Equal(q.im.shapes[p.Inputs[0]], q.im.shapes[p.Inputs[1]]) {
		return false
	}
	for k := range 2 {
		c := q.made(p.Inputs[k])
		if c == nil || c.Op != weights.OpConv || q.reads[p.Inputs[k]] != 1 {
			continue
		}
		if in := q.im.shapes[c.Inputs[0]]; c.Attrs["groups"][0] == in[0] && in[0] > 1 {
			continue // no kernel of a depthwise convolution adds a second value
		}
		conv := *c // what follows adds nodes
		r, ok := q.bytes(p.Inputs[1-k])
		if !ok {
			continue
		}
		x, ok := q.bytes(conv.Inputs[0])
		if !ok || !q.layer(n, &conv, x) {
			continue
		}
		n.Name, n.Attrs = q.im.unique("n:", conv.Name+"/8"), maps.Clone(conv.Attrs)
		n.Inputs = append(n.Inputs, r)
		return true
	}
	return false
}

// layer makes n a convolution, a linear layer or a static-dynamic shuffle of quantized x, with
// the weights of p: if these are whole steps still, which a folded batch norm would have changed.
func (q *quantizer) layer(n, p *weights.Node, x string) bool {
	name := p.Tensors["weight"]
	w, steps := q.im.m.Tensors[q.im.tensors[name]], q.im.steps[name]
	rows := w.Shape[0]
	if len(steps) != 1 && len(steps) != rows {
		return false
	}
	bytes, scale := make([]byte, len(w.Data)), make([]float32, rows)
	per := len(w.Data) / rows
	for i, v := range w.Data {
		s := steps[i/per%len(steps)]
		k := math.RoundToEven(float64(v / s))
		if k < -128 || k > 127 || float32(k)*s != v {
			return false
		}
		bytes[i] = byte(int8(k))
		scale[i/per] = s * q.im.quants[x].Scale
	}
	if slices.ContainsFunc(scale, func(s float32) bool { return !usable(s) }) {
		return false
	}
	n.Op, n.Inputs = weights.OpQConv, []string{x}
	n.Tensors = map[string]string{
		"weight": q.tensor(weights.Tensor{Name: name + ".i8", DType: weights.Int8, Shape: w.Shape, Bytes: bytes}),
		"scale":  q.tensor(weights.Tensor{Name: name + ".scale", Shape: []int{rows}, Data: scale}),
	}
	also := []string{"bias"}
	switch p.Op {
	case weights.OpLinear:
		n.Op = weights.OpQLinear
	case weights.OpStaticDynamicShuffle:
		n.Op, also = weights.OpQStaticDynamicShuffle, []string{"w1", "b1", "w2", "b2", "gate", "shift"}
		delete(n.Attrs, "form")
	}
	for _, role := range also {
		if t := p.Tensors[role]; t != "" {
			n.Tensors[role] = t
		}
	}
	return true
}

// floats makes layers whose results nobody quantizes, the last one for instance, compute
// them from quantized inputs.
func (q *quantizer) floats() {
	g := &q.im.m.Graph
	q.nodes, q.maker, q.twin = nil, map[string]int{}, map[string]string{}
	for _, n := range g.Nodes {
		if n.Op == weights.OpConv || n.Op == weights.OpLinear {
			made := weights.Node{Name: n.Name, Outputs: n.Outputs, Attrs: n.Attrs}
			if x, ok := q.bytes(n.Inputs[0]); ok && q.layer(&made, &n, x) {
				n = made
			}
		}
		q.add(n)
	}
	g.Nodes = q.nodes
}
