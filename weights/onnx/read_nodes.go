package onnx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// unique returns want, or want with a number behind it where that name is taken
// in its space ("v:" values, "n:" nodes, "t:" tensors).
func (im *importer) unique(space, want string) string {
	if want == "" {
		want = "unnamed"
	}
	name := want
	for {
		if _, taken := im.suffix[space+name]; !taken {
			break
		}
		im.suffix[space+want]++
		name = fmt.Sprintf("%s.%d", want, im.suffix[space+want]+1)
	}
	im.suffix[space+name] = 0
	return name
}

// emit adds a node to the model and makes the ONNX output stand for its result.
func (im *importer) emit(op string, in []string, attrs map[string][]int, tensors map[string]string, shape ...int) {
	im.out(im.add(op, im.n.Label(), im.n.Outputs[0], in, attrs, tensors, shape...))
}

// add adds a node and returns its result, an activation.
func (im *importer) add(op, name, out string, in []string, attrs map[string][]int, tensors map[string]string, shape ...int) *value {
	if n, ok := product(shape); !ok || n == 0 {
		im.failf(ErrUnsupported, "output: got shape %v, want 1 to %d elements", shape, maxSize)
	}
	out = im.unique("v:", out)
	name = im.unique("n:", name)
	im.shapes[out] = shape
	im.m.Graph.Nodes = append(im.m.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{out}, Attrs: attrs, Tensors: tensors})
	im.nonneg[out] = im.keepsSign(op, in)
	if q, ok := im.keepsQuant(op, in); ok {
		im.quants[out] = q
		im.signed[out] = slices.ContainsFunc(in, func(x string) bool { return im.signed[x] })
	}
	return &value{base: out, dims: append([]int{1}, shape...)}
}

// keepsSign says whether an operator's result has no negative elements.
func (im *importer) keepsSign(op string, in []string) bool {
	switch im.signs[op] {
	case nonNegative:
		return true
	case asInputs:
		return !slices.ContainsFunc(in, func(x string) bool { return !im.nonneg[x] })
	}
	return false
}

// store adds a tensor and returns its name: from, if that says something and is
// free, else the node's name with the role. data is kept.
func (im *importer) store(role, from string, data []float32, shape ...int) string {
	if _, taken := im.suffix["t:"+from]; taken || from == "" || strings.HasPrefix(from, "onnx::") {
		return im.storeFor(im.n.Label(), role, data, shape...)
	}
	return im.storeAs(im.unique("t:", from), data, shape)
}

// storeFor is store for a node of the model.
func (im *importer) storeFor(node, role string, data []float32, shape ...int) string {
	return im.storeAs(im.unique("t:", node+"."+role), data, shape)
}

func (im *importer) storeAs(name string, data []float32, shape []int) string {
	im.tensors[name] = len(im.m.Tensors)
	im.m.Tensors = append(im.m.Tensors, weights.Tensor{Name: name, Shape: shape, Data: data})
	return name
}

// storeCopy is store of a constant that others may name too.
func (im *importer) storeCopy(role string, t *tensor) string {
	im.spend(len(t.f))
	return im.store(role, t.name, slices.Clone(t.f), slices.Clone(t.dims)...)
}

// nameOf is the name of the node that settles v.
func (im *importer) nameOf(v *value, hint string) string {
	if v.by != "" {
		return v.by
	}
	return hint
}
