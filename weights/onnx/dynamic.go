package onnx

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// The operators of the domain riffle, which ONNX lacks; doc.go has their form.

// domain is that of the operators that ONNX does not have.
const domain = "riffle"

// generator reads what both dynamic operators share: the activation x of shape s, and
// the attributes of the permutation.
func (im *importer) generator() (x string, s []int, attrs map[string][]int) {
	x, s = im.planes(0)
	g := im.attrCount("groups", 1)
	f := im.attrInts("factors", 2, 1)
	if f == nil || int64(g)*int64(f[0])*int64(f[1]) != int64(s[0]) {
		im.failf(ErrInvalid, "groups and factors: got %d and %v, want a product of %d channels", g, f, s[0])
	}
	pairs := im.attrCount("pairs", 1)
	if pairs != 1 && pairs != g {
		im.failf(ErrInvalid, "pairs: got %d, want 1 or %d", pairs, g)
	}
	attrs = map[string][]int{"groups": {g}, "factors": f, "pairs": {pairs}}
	if usual := im.attrInts("usual", pairs*(f[0]+f[1]), 0); usual != nil {
		attrs["usual"] = usual
	}
	return x, s, attrs
}

// generatorRoles are the inputs behind x that both dynamic operators have.
var generatorRoles = []string{"w1", "b1", "w2", "b2"}

// roleShapes are those of every role, for c channels; -1 is the generator's width.
func roleShapes(attrs map[string][]int, c int) map[string][]int {
	g, f, pairs := attrs["groups"][0], attrs["factors"], attrs["pairs"][0]
	logits := pairs * (f[0]*f[0] + f[1]*f[1])
	return map[string][]int{
		"w1": {-1, c}, "b1": {-1}, "w2": {logits, -1}, "b2": {logits}, "weight": {c, c / g}, "gate": {c}, "shift": {c},
		"wa": {pairs, f[0], f[0]}, "wb": {pairs, f[1], f[1]}, "scale": {c},
	}
}

// roleTensors stores the constants behind x, one for each of the roles.
func (im *importer) roleTensors(roles []string, shapes map[string][]int) map[string]string {
	if len(im.n.Inputs) != 1+len(roles) {
		im.failf(ErrInvalid, "got %d inputs, want %d (x, %v)", len(im.n.Inputs), 1+len(roles), roles)
	}
	width := -1
	tensors := map[string]string{}
	for i, r := range roles {
		t, want := im.floatConstant(1+i, true), slices.Clone(shapes[r])
		for d := range want {
			if want[d] == -1 && width < 0 && d < len(t.dims) {
				width = t.dims[d] // the first of them says
			}
			if want[d] == -1 {
				want[d] = width
			}
		}
		if !slices.Equal(t.dims, want) {
			im.failf(ErrInvalid, "%s: got shape %v, want %v", r, t.dims, want)
		}
		tensors[r] = im.storeCopy(r, t)
		im.steps[tensors[r]] = t.steps
	}
	return tensors
}

// dynamic writes a node of the domain riffle with the given roles; more attributes
// follow those of the permutation.
func (e *exporter) dynamic(n *weights.Node, s []int, op string, roles []string, more ...[]byte) ([][]int, error) {
	return e.dynamicWith(n, s, op, roles, nil, more...)
}

// dynamicWith is dynamic with inputs behind those of the roles.
func (e *exporter) dynamicWith(n *weights.Node, s []int, op string, roles, behind []string, more ...[]byte) ([][]int, error) {
	if !e.custom {
		return nil, unsupported("ONNX has no such operator; as an option it is written as a node of the domain %s, which other engines cannot run", domain)
	}
	g, err1 := list(n, "groups", 1, 1)
	f, err2 := list(n, "factors", 1, 0, 0)
	pairs, err3 := list(n, "pairs", 1, 1)
	if err := cmp.Or(err1, err2, err3, planar(s)); err != nil {
		return nil, err
	}
	attrs := [][]byte{proto.IntAttr("groups", g[0]), proto.IntsAttr("factors", f...), proto.IntAttr("pairs", pairs[0])}
	if usual, ok := n.Attrs["usual"]; ok {
		attrs = append(attrs, proto.IntsAttr("usual", usual...))
	}
	in := []string{n.Inputs[0]}
	for _, r := range roles {
		t := e.m.Tensor(n.Tensors[r])
		if t == nil {
			return nil, fmt.Errorf("%s: got no tensor, want one", r)
		}
		in = append(in, e.tensor(t, t.Shape...))
	}
	e.put(n.Name, domain+"."+op, append(in, behind...), n.Outputs, append(attrs, more...)...)
	return [][]int{s}, nil
}
