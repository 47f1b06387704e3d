package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// value is what an ONNX name stands for: a constant, a sequence of values, or an
// activation.
//
// An activation is the model's value called base, seen through a chain of
// reshapes, transposes and selections. dims is the shape as ONNX sees it, for one
// sample: the batch dimension, where the chain has not merged it with another, is
// 1. Elements move in runs: element e of the activation is element
// index[e/run] + e%run of base; no index is the identity. A channel shuffle keeps
// whole planes together, so its index has one entry a channel.
type value struct {
	c   *tensor
	seq []*value

	base  string
	dims  []int
	index []int32
	run   int
	by    string // the ONNX node that made the view, or ""

	pad [4]int // around it, and taken over by no node yet: top, left, bottom, right
	low bool   // pad is the lowest number there is, not 0
}

func (v *value) elems() int {
	n, _ := product(v.dims)
	return n
}

func (v *value) padded() bool { return v.pad != [4]int{} }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// whole is the largest run that v's elements move in.
func (v *value) whole() int {
	if v.index == nil {
		return v.elems()
	}
	return v.run
}

// runs returns v's index in runs of n elements; n divides v.whole().
func (im *importer) runs(v *value, n int) []int32 {
	if v.index != nil && v.run == n {
		return v.index
	}
	im.spend(v.elems() / n)
	index := make([]int32, 0, v.elems()/n)
	if v.index == nil {
		for e := 0; e < v.elems(); e += n {
			index = append(index, int32(e))
		}
		return index
	}
	for _, first := range v.index {
		for e := 0; e < v.run; e += n {
			index = append(index, first+int32(e))
		}
	}
	return index
}

// view returns a view of v's base; index in runs of run elements.
func (im *importer) view(v *value, dims []int, index []int32, run int) *value {
	if v.padded() {
		im.failf(ErrUnsupported, "input: got an activation with padding, want Pad in front of a convolution or a pool only")
	}
	if len(dims) > maxRank {
		im.failf(ErrUnsupported, "output: got %d dimensions, want at most %d", len(dims), maxRank)
	}
	out := &value{base: v.base, dims: dims, index: index, run: run, by: nodeName(im.n)}
	if v.base != "" && out.elems() == im.size(v.base) && out.straight() {
		out.index = nil
	}
	return out
}

// size is the number of elements of a model value.
func (im *importer) size(base string) int {
	n, _ := product(im.shapes[base])
	return n
}

// straight says whether the index is the identity.
func (v *value) straight() bool {
	for k, first := range v.index {
		if int(first) != k*v.run {
			return false
		}
	}
	return true
}

// settle returns the model's value that v stands for, adding the node that a
// changed view of it needs: a shuffle, a slice, a flatten. hint is v's name in
// the file.
func (im *importer) settle(v *value, hint string) string {
	if v.padded() {
		im.failf(ErrUnsupported, "input %q: got an activation with padding, want Pad in front of a convolution or a pool only", hint)
	}
	from := im.shapes[v.base]
	if im.plain(v) {
		return v.base
	}
	to := v.dims // with the pixels apart
	flat := len(v.dims) == 2 && len(from) == 3
	if flat && v.dims[1]%(from[1]*from[2]) == 0 {
		to = []int{v.dims[0], v.dims[1] / (from[1] * from[2]), from[1], from[2]}
	}
	if len(to) != len(from)+1 || to[0] != 1 || !slices.Equal(to[2:], from[1:]) {
		im.failf(ErrUnsupported, "input %q: got shape %v made of %v by reshapes, transposes or slices, want one that permutes or drops channels, or flattens", hint, v.dims, append([]int{1}, from...))
	}
	base := im.permuted(v, to, hint, flat)
	if flat {
		base = im.add(weights.OpFlatten, im.nameOf(v, hint), hint, []string{base}, nil, nil, v.dims[1]).base
	}
	return base
}

// nameOf is the name of the node that settles v.
func (im *importer) nameOf(v *value, hint string) string {
	if v.by != "" {
		return v.by
	}
	return hint
}

// permuted settles a view that takes whole channels of base in another order.
func (im *importer) permuted(v *value, to []int, hint string, more bool) string {
	if v.index == nil {
		return v.base
	}
	from := im.shapes[v.base]
	hw, _ := product(from[1:])
	run := gcd(v.run, hw)
	index := im.runs(v, run)
	pick := make([]int, to[1])
	seen := make([]bool, from[0])
	for c := range pick {
		first := int(index[c*(hw/run)])
		pick[c] = first / hw
		for k, at := range index[c*(hw/run):][:hw/run] {
			if int(at) != pick[c]*hw+k*run {
				im.failf(ErrUnsupported, "input %q: got a chain of reshapes and transposes that moves pixels, want one that only permutes channels", hint)
			}
		}
		if seen[pick[c]] {
			im.failf(ErrUnsupported, "input %q: got channel %d twice, want every channel once at most", hint, pick[c])
		}
		seen[pick[c]] = true
	}
	return im.choose(v, pick, seen, hint, more)
}

// choose takes channels of v's base: a run of them is a slice; anything else a
// shuffle, and a slice of that if channels were dropped.
func (im *importer) choose(v *value, pick []int, seen []bool, hint string, more bool) string {
	from, base, n := im.shapes[v.base], v.base, len(pick)
	name, out := im.nameOf(v, hint), func(role string, last bool) string {
		if last && !more {
			return hint
		}
		return hint + "/" + role
	}
	step := 1
	if n > 1 {
		step = pick[1] - pick[0]
	}
	regular := step > 0
	for c := range pick {
		regular = regular && pick[c] == pick[0]+c*step
	}
	r := []int{pick[0], pick[n-1] + 1, step}
	if !regular {
		perm := slices.Clone(pick)
		for c, s := range seen {
			if !s {
				perm = append(perm, c)
			}
		}
		base = im.add(weights.OpShuffle, name, out("shuffle", n == from[0]), []string{base}, map[string][]int{"perm": perm}, nil, from...).base
		r = []int{0, n, 1}
	}
	if n < from[0] {
		s := slices.Clone(from)
		s[0] = n
		base = im.add(weights.OpSlice, name, out("slice", true), []string{base}, map[string][]int{"range": r}, nil, s...).base
	}
	return base
}

// any settles activation input i, so that what reads it again shares the nodes,
// and returns its name and shape.
func (im *importer) any(i int) (string, []int) {
	name := im.settle(im.act(i), im.n.inputs[i])
	s := im.shapes[name]
	im.values[im.n.inputs[i]] = &value{base: name, dims: append([]int{1}, s...)}
	return name, s
}

// planes is any of what must be [1 C H W].
func (im *importer) planes(i int) (string, []int) {
	v := im.act(i)
	if len(v.dims) != 4 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.inputs[i], v.dims)
	}
	return im.any(i)
}

// vector is any of what must be [1 N].
func (im *importer) vector(i int) (string, int) {
	v := im.act(i)
	if len(v.dims) != 2 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N K]", im.n.inputs[i], v.dims)
	}
	name, s := im.any(i)
	return name, s[0]
}

// channels settles activation input i if it is a model value but for the order
// or the choice of channels, so that slices of it become nodes; otherwise it stays
// a view.
func (im *importer) channels(i int) *value {
	v := im.act(i)
	from := im.shapes[v.base]
	if v.base == "" || len(v.dims) != len(from)+1 || v.dims[0] != 1 || !slices.Equal(v.dims[2:], from[1:]) || v.padded() {
		return v
	}
	if hw, _ := product(from[1:]); v.index != nil && v.run%hw != 0 {
		return v
	}
	im.any(i)
	return im.values[im.n.inputs[i]]
}

// plain says whether v is a model value itself.
func (im *importer) plain(v *value) bool {
	return v.base != "" && v.index == nil && !v.padded() && len(v.dims) > 1 && v.dims[0] == 1 && slices.Equal(v.dims[1:], im.shapes[v.base])
}
