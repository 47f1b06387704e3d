// Package oracle runs a weights.Model by the textbook: every operator as the
// loops of its definition, in float64, no fusion, no tables. It is what the
// engine's tests compare with, and shares no code with the engine.
package oracle

import (
	"fmt"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// Run computes every value of the model's graph for one sample and returns
// them by name. It panics on a model that the engine would refuse.
func Run(m *weights.Model, in []float32, inject Permutations) map[string]*Tensor {
	vals := map[string]*Tensor{}
	x := alloc(m.Graph.Inputs[0].Shape...)
	for i, v := range in {
		x.Data[i] = float64(v)
	}
	vals[m.Graph.Inputs[0].Name] = x
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		var ins []*Tensor
		for _, name := range n.Inputs {
			ins = append(ins, vals[name])
		}
		for k, t := range node(m, n, ins, inject) {
			vals[n.Outputs[k]] = t
		}
	}
	return vals
}

// Output runs the model and returns its outputs one after another.
func Output(m *weights.Model, in []float32, inject Permutations) []float64 {
	vals := Run(m, in, inject)
	var out []float64
	for _, name := range m.Graph.Outputs {
		out = append(out, vals[name].Data...)
	}
	return out
}

func node(m *weights.Model, n *weights.Node, in []*Tensor, inject Permutations) []*Tensor {
	x := in[0]
	data := func(role string) []float32 {
		if t := m.Tensor(n.Tensors[role]); t != nil {
			return t.Data
		}
		return nil
	}
	one := func(t *Tensor) []*Tensor { return []*Tensor{t} }
	each := func(f func(i int, v float64) float64) []*Tensor {
		y := alloc(x.Shape...)
		for i, v := range x.Data {
			y.Data[i] = f(i, v)
		}
		return one(y)
	}
	per := len(x.Data) / x.Shape[0]
	if f := function(n, data); f != nil {
		return each(func(i int, v float64) float64 { return f(i/per, v) })
	}
	if f := arithmetic[n.Op]; f != nil {
		y := in[len(in)-1]
		if t := m.Tensor(n.Tensors["value"]); t != nil {
			y = constant(t)
		}
		return one(binary(x, y, f))
	}
	switch n.Op {
	case weights.OpConv:
		return one(conv(n, x, m.Tensor(n.Tensors["weight"]), data("bias")))
	case weights.OpAffine:
		s, t := data("scale"), data("shift")
		return each(func(i int, v float64) float64 { return v*float64(s[i/per]) + float64(t[i/per]) })
	case weights.OpConcat:
		y := &Tensor{Shape: append([]int(nil), x.Shape...)}
		y.Shape[0] = 0
		for _, t := range in {
			y.Shape[0] += t.Shape[0]
			y.Data = append(y.Data, t.Data...)
		}
		return one(y)
	case weights.OpSplit:
		var out []*Tensor
		at := 0
		for _, c := range n.Attrs["sizes"] {
			y := alloc(append([]int{c}, x.Shape[1:]...)...)
			copy(y.Data, x.Data[at*per:])
			at += c
			out = append(out, y)
		}
		return out
	case weights.OpSlice:
		r := n.Attrs["range"]
		var pick []int
		for c := r[0]; c < r[1]; c += r[2] {
			pick = append(pick, c)
		}
		return one(permute(x, pick))
	case weights.OpShuffle:
		return one(permute(x, n.Attrs["perm"]))
	case weights.OpMaxPool, weights.OpAvgPool:
		return one(pool(n, x))
	case weights.OpGlobalAvgPool:
		y := alloc(x.Shape[0], 1, 1)
		for i, v := range x.Data {
			y.Data[i/per] += v / float64(per)
		}
		return one(y)
	case weights.OpGlobalSum:
		y := alloc(x.Shape[0], 1, 1)
		for i, v := range x.Data {
			y.Data[i/per] += v
		}
		return one(y)
	case weights.OpGlobalMaxPool:
		y := alloc(x.Shape[0], 1, 1)
		for c := range y.Data {
			y.Data[c] = slices.Max(x.Data[c*per : (c+1)*per])
		}
		return one(y)
	case weights.OpLayerNorm, weights.OpGroupNorm:
		return one(norm(n, x, data))
	case weights.OpResize:
		return one(resize(n, x))
	case weights.OpRearrange:
		return one(rearrange(n, x))
	case weights.OpPad:
		value := 0.0
		if v := data("value"); v != nil {
			value = float64(v[0])
		}
		return one(pad(n, x, value))
	case weights.OpFlatten:
		return one(&Tensor{[]int{len(x.Data)}, x.Data})
	case weights.OpLinear:
		w, b := m.Tensor(n.Tensors["weight"]), data("bias")
		y := alloc(w.Shape[0])
		for o := range y.Data {
			y.Data[o] = dot(w.Data[o*w.Shape[1]:], x.Data, b, o)
		}
		return one(y)
	case weights.OpMatMul:
		return one(matMul(n, x, in[1]))
	case weights.OpSoftmax, weights.OpLogSoftmax:
		return one(softmax(x, n.Op == weights.OpLogSoftmax))
	case weights.OpDynamicShuffle:
		sigma, tau := choose(n, x, data, inject)
		return one(permute(x, pi(n, x.Shape[0], sigma, tau)))
	case weights.OpStaticDynamicShuffle:
		sigma, tau := choose(n, x, data, inject)
		return one(staticDynamic(n, x, data, sigma, tau))
	}
	panic(fmt.Sprintf("oracle: unknown operator %q", n.Op))
}

func conv(n *weights.Node, x *Tensor, w *weights.Tensor, b []float32) *Tensor {
	k, s, d, p := n.Attrs["kernel"], n.Attr("stride", 1, 1), n.Attr("dilation", 1, 1), n.Attr("pad", 0, 0, 0, 0)
	g := n.Attr("groups", 1)[0]
	oh := (x.Shape[1]+p[0]+p[2]-d[0]*(k[0]-1)-1)/s[0] + 1
	ow := (x.Shape[2]+p[1]+p[3]-d[1]*(k[1]-1)-1)/s[1] + 1
	y := alloc(w.Shape[0], oh, ow)
	in, out := x.Shape[0]/g, w.Shape[0]/g
	for o := range w.Shape[0] {
		for yy := range oh {
			for xx := range ow {
				sum := 0.0
				if b != nil {
					sum = float64(b[o])
				}
				for c := range in {
					for i := range k[0] {
						for j := range k[1] {
							v := x.at(o/out*in+c, yy*s[0]+i*d[0]-p[0], xx*s[1]+j*d[1]-p[1])
							sum += v * float64(w.Data[((o*in+c)*k[0]+i)*k[1]+j])
						}
					}
				}
				y.Data[(o*oh+yy)*ow+xx] = sum
			}
		}
	}
	return y
}

func pool(n *weights.Node, x *Tensor) *Tensor {
	k, s, p := n.Attrs["kernel"], n.Attr("stride", 1, 1), n.Attr("pad", 0, 0, 0, 0)
	h, w := x.Shape[1], x.Shape[2]
	oh, ow := (h+p[0]+p[2]-k[0])/s[0]+1, (w+p[1]+p[3]-k[1])/s[1]+1
	if n.Attr("ceil", 0)[0] == 1 {
		if (h+p[0]+p[2]-k[0])%s[0] != 0 && oh*s[0] < h+p[0] {
			oh++
		}
		if (w+p[1]+p[3]-k[1])%s[1] != 0 && ow*s[1] < w+p[1] {
			ow++
		}
	}
	y := alloc(x.Shape[0], oh, ow)
	for c := range x.Shape[0] {
		for yy := range oh {
			for xx := range ow {
				top, sum, in, padded := math.Inf(-1), 0.0, 0, 0
				for i := range k[0] {
					for j := range k[1] {
						py, px := yy*s[0]+i-p[0], xx*s[1]+j-p[1]
						if py < h+p[2] && px < w+p[3] {
							padded++
						}
						if py < 0 || py >= h || px < 0 || px >= w {
							continue
						}
						v := x.at(c, py, px)
						top, sum, in = max(top, v), sum+v, in+1
					}
				}
				v := top
				if n.Op == weights.OpAvgPool {
					if v = sum / float64(in); n.Attr("countpad", 0)[0] == 1 {
						v = sum / float64(padded)
					}
				}
				y.Data[(c*oh+yy)*ow+xx] = v
			}
		}
	}
	return y
}
