package quantize

import (
	"math"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// seen is a value of a quantized network as the engine computed it.
type seen struct {
	shape []int
	f     []float32
	quant []weights.Quant // of each channel; nil: float32
}

// q is element k as the integer that it was.
func (v *seen) q(k int) int {
	u := v.quant[k/size(v.shape[1:])]
	return int(math.RoundToEven(float64(v.f[k])/float64(u.Scale))) + u.Zero
}

// at is element [c][y][x] less its zero point: 0 outside the plane.
func (v *seen) at(c, y, x int) int {
	if y < 0 || x < 0 || y >= v.shape[1] || x >= v.shape[2] {
		return 0
	}
	return v.q((c*v.shape[1]+y)*v.shape[2]+x) - v.quant[c].Zero
}

// requant is q(f) of weights/FORMAT.md.
func requant(f float32, u weights.Quant, clamp []int) int {
	if f != f {
		return clamp[0]
	}
	k := math.RoundToEven(float64(f)) + float64(u.Zero)
	return int(min(max(k, float64(clamp[0])), float64(clamp[1])))
}

// Each quantized node computes what weights/FORMAT.md says, to the bit: from its inputs as
// the engine has them.
func TestDefinition(t *testing.T) {
	checked := map[string]int{}
	for _, spec := range []string{"", "shufflenetv2:0.5x@32,shuffle=static-dynamic", "shufflenetv1:0.5x@32,g=3"} {
		m := everything()
		if spec != "" {
			if testing.Short() {
				continue
			}
			m = built(t, spec)
		}
		q, _ := quantized(t, m, Options{})
		for op, n := range checkDefinition(t, q) {
			checked[op] += n
		}
	}
	for _, op := range []string{
		weights.OpQuantize, weights.OpDequantize, weights.OpQConv, weights.OpQLinear, weights.OpQAdd, weights.OpQMul, weights.OpQAvgPool,
		weights.OpQLookup, weights.OpQStaticDynamicShuffle, weights.OpGlobalAvgPool, weights.OpMaxPool,
	} {
		if checked[op] == 0 {
			t.Errorf("no %s was checked, want some", op)
		}
	}
}

// checkDefinition runs a quantized network with all its values as outputs.
func checkDefinition(t *testing.T, q *weights.Model) map[string]int {
	t.Helper()
	tapped := *q
	tapped.Graph.Outputs = nil
	for _, n := range q.Graph.Nodes {
		tapped.Graph.Outputs = append(tapped.Graph.Outputs, n.Outputs...)
	}
	e := ready(t, &tapped, engine.WithThreads(1))
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in := inputs(e, 1)
	out := make([]float32, e.Info().OutputLen())
	if err := s.Run(t.Context(), out, in); err != nil {
		t.Fatal(err)
	}
	values := map[string]*seen{q.Graph.Inputs[0].Name: {shape: q.Graph.Inputs[0].Shape, f: in}}
	at := 0
	for _, o := range e.Info().Outputs {
		n := size(o.Shape)
		values[o.Name] = &seen{shape: o.Shape, f: out[at : at+n]}
		at += n
	}
	pi := map[string][]int{}
	for _, p := range s.Permutations() {
		pi[p.Node] = p.Channels()
	}
	checked := map[string]int{}
	for i := range q.Graph.Nodes {
		n := &q.Graph.Nodes[i]
		y := values[n.Outputs[0]]
		x := values[n.Inputs[0]]
		if n.Quant != nil {
			y.quant = slices.Repeat(n.Quant, y.shape[0])
		} else {
			moveQuants(n, values)
		}
		want := definition(q, n, x, y, values, pi[n.Name])
		if want == nil {
			continue
		}
		checked[n.Op]++
		for k := range y.f {
			got := y.f[k]
			if n.Quant != nil {
				got = float32(y.q(k))
			}
			if got != want(k) {
				t.Errorf("node %q (%s), element %d: got %v, want %v", n.Name, n.Op, k, got, want(k))
				break
			}
		}
	}
	return checked
}

// moveQuants says what the channels of a node's outputs mean, which has no quant.
func moveQuants(n *weights.Node, values map[string]*seen) {
	x, y := values[n.Inputs[0]], values[n.Outputs[0]]
	switch n.Op {
	case weights.OpConcat:
		for _, in := range n.Inputs {
			y.quant = append(y.quant, values[in].quant...)
		}
	case weights.OpSplit:
		at := 0
		for _, v := range n.Outputs {
			if x.quant != nil {
				values[v].quant = x.quant[at:][:values[v].shape[0]]
			}
			at += values[v].shape[0]
		}
	case weights.OpSlice, weights.OpShuffle:
		for c := range y.shape[0] {
			from := 0
			if n.Op == weights.OpSlice {
				from = n.Attr("range")[0] + c*n.Attr("range")[2]
			} else {
				from = n.Attr("perm")[c]
			}
			if x.quant != nil {
				y.quant = append(y.quant, x.quant[from])
			}
		}
	case weights.OpFlatten:
		for _, u := range x.quant {
			y.quant = append(y.quant, slices.Repeat([]weights.Quant{u}, size(x.shape[1:]))...)
		}
	case weights.OpDynamicShuffle, weights.OpMaxPool:
		y.quant = x.quant
	}
}

// definition is what element k of a node's first output is; nil for a node that is not
// of version 1.1.
func definition(m *weights.Model, n *weights.Node, x, y *seen, values map[string]*seen, pi []int) func(k int) float32 {
	clamp := n.Attr("clamp", 0, 255)
	var s weights.Quant
	if n.Quant != nil {
		s = n.Quant[0]
	}
	pixels := size(y.shape[1:])
	finish := func(f float32) float32 {
		if n.Quant == nil {
			return f
		}
		return float32(requant(f, s, clamp))
	}
	data := func(role string) []float32 {
		if t := m.Tensor(n.Tensors[role]); t != nil {
			return t.Data
		}
		return make([]float32, y.shape[0])
	}
	// layer is what a sum of integers of output channel o becomes.
	layer := func(o, sum int, bias string, more float32) float32 {
		scale := data("scale")[o]
		sum += int(math.RoundToEven(float64(data(bias)[o]) / float64(scale)))
		if n.Quant != nil {
			scale /= s.Scale
		}
		return finish(float32(float32(sum)*scale) + more)
	}
	per := func(a float32) float32 { // in the result's steps
		if n.Quant != nil {
			return a / s.Scale
		}
		return a
	}
	switch n.Op {
	case weights.OpQuantize:
		return func(k int) float32 { return finish(float32(x.f[k] * float32(1/s.Scale))) }
	case weights.OpDequantize:
		return func(k int) float32 {
			u := x.quant[k/pixels]
			return float32(float32(x.q(k)-u.Zero) * u.Scale)
		}
	case weights.OpGlobalAvgPool:
		if x.quant == nil {
			return nil
		}
		return func(c int) float32 {
			sum, count := 0, size(x.shape[1:])
			for p := range count {
				sum += x.q(c*count+p) - x.quant[c].Zero
			}
			return float32(float32(sum) * float32(x.quant[c].Scale/float32(count)))
		}
	case weights.OpMaxPool:
		if x.quant == nil {
			return nil
		}
		return func(k int) float32 {
			best := float32(math.Inf(-1))
			window(n, x, y, k, func(at int) { best = max(best, x.f[at]) })
			return best
		}
	case weights.OpQAvgPool:
		return func(k int) float32 {
			sum, count := 0, 0
			u := x.quant[k/pixels]
			window(n, x, y, k, func(at int) { sum, count = sum+x.q(at)-u.Zero, count+1 })
			if n.Attr("countpad", 0)[0] == 1 {
				count = n.Attr("kernel")[0] * n.Attr("kernel")[1]
			}
			return finish(float32(float32(sum) * float32(float32(u.Scale/s.Scale)/float32(count))))
		}
	case weights.OpQAdd:
		b := values[n.Inputs[1]]
		return func(k int) float32 {
			c := k / pixels
			f := float32(float32(x.q(k)-x.quant[c].Zero) * per(x.quant[c].Scale))
			return finish(f + float32(float32(b.q(k)-b.quant[c].Zero)*per(b.quant[c].Scale)))
		}
	case weights.OpQMul:
		f := values[n.Inputs[1]]
		return func(k int) float32 {
			c := k / pixels
			m := min(max(float32(f.f[c]*per(x.quant[c].Scale)), -65536), 65536)
			return finish(float32(float32(x.q(k)-x.quant[c].Zero) * m))
		}
	case weights.OpQLookup:
		table := m.Tensor(n.Tensors["table"]).Bytes
		return func(k int) float32 { return float32(table[x.q(k)]) }
	case weights.OpQLinear:
		w := m.Tensor(n.Tensors["weight"])
		return func(o int) float32 {
			sum := 0
			for i := range w.Shape[1] {
				sum += int(int8(w.Bytes[o*w.Shape[1]+i])) * (x.q(i) - x.quant[i].Zero)
			}
			return layer(o, sum, "bias", 0)
		}
	case weights.OpQStaticDynamicShuffle:
		w := m.Tensor(n.Tensors["weight"])
		return func(k int) float32 {
			o, p := k/pixels, k%pixels
			sum := 0
			for c := range w.Shape[1] {
				from := o%n.Attr("groups")[0]*w.Shape[1] + c
				sum += int(int8(w.Bytes[o*w.Shape[1]+c])) * (x.q(from*pixels+p) - x.quant[from].Zero)
			}
			gate := float32(per(x.quant[0].Scale) * data("gate")[o])
			return layer(o, sum, "shift", float32(float32(x.q(pi[o]*pixels+p)-x.quant[0].Zero)*gate))
		}
	case weights.OpQConv:
		w := m.Tensor(n.Tensors["weight"])
		st, di, pad := n.Attr("stride", 1, 1), n.Attr("dilation", 1, 1), n.Attr("pad", 0, 0, 0, 0)
		return func(k int) float32 {
			o, i, j := k/pixels, k%pixels/y.shape[2], k%y.shape[2]
			sum := 0
			for e, v := range w.Bytes[o*len(w.Bytes)/w.Shape[0]:][:len(w.Bytes)/w.Shape[0]] {
				c, a, b := e/(w.Shape[2]*w.Shape[3]), e/w.Shape[3]%w.Shape[2], e%w.Shape[3]
				sum += int(int8(v)) * x.at(inputChannel(n, w, o, c), i*st[0]+a*di[0]-pad[0], j*st[1]+b*di[1]-pad[1])
			}
			more := float32(0)
			if len(n.Inputs) == 2 {
				r := values[n.Inputs[1]]
				more = float32(float32(r.q(k)-r.quant[o].Zero) * per(r.quant[o].Scale))
			}
			return layer(o, sum, "bias", more)
		}
	}
	return nil
}

// window hands over the places in x of the pixels in the window of element k of y.
func window(n *weights.Node, x, y *seen, k int, see func(at int)) {
	ks, st, pad := n.Attr("kernel"), n.Attr("stride", 1, 1), n.Attr("pad", 0, 0, 0, 0)
	c, i, j := k/(y.shape[1]*y.shape[2]), k/y.shape[2]%y.shape[1], k%y.shape[2]
	for a := range ks[0] {
		for b := range ks[1] {
			v, u := i*st[0]+a-pad[0], j*st[1]+b-pad[1]
			if v >= 0 && u >= 0 && v < x.shape[1] && u < x.shape[2] {
				see((c*x.shape[1]+v)*x.shape[2] + u)
			}
		}
	}
}
