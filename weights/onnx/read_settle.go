package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

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
