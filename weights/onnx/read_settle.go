package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// settle returns the model's value that v stands for, adding the node that a
// changed view of it needs: a shuffle, a slice, a flatten, a rearrange, a pad. hint is v's name in
// the file.
func (im *importer) settle(v *value, hint string) string {
	if im.plain(v) {
		return v.base
	}
	if v.padded() {
		return im.padded(v, hint)
	}
	pick, why := im.channelsOf(v)
	if why != "" {
		return im.rearranged(v, hint, why)
	}
	base, flat := v.base, im.flat(v)
	if pick != nil {
		base = im.choose(v, pick, hint, flat)
	}
	if flat {
		base = im.add(weights.OpFlatten, im.nameOf(v, hint), hint, []string{base}, nil, nil, v.dims[1]).base
	}
	return base
}

// padded settles a view with padding around it.
func (im *importer) padded(v *value, hint string) string {
	x := im.settle(v.bare(), hint+"/bare")
	value := 0.0
	if v.low {
		value = -math.MaxFloat32
	}
	return im.padNode(hint+"/pad", hint, x, v.pad, [2]int{}, 0, value).base
}

// settles says whether settle will do.
func (im *importer) settles(v *value) bool {
	_, why := im.channelsOf(v)
	return im.plain(v) || why == ""
}

// flat says whether v is a vector of an image's elements.
func (im *importer) flat(v *value) bool { return len(v.dims) == 2 && len(im.shapes[v.base]) == 3 }

// channelsOf returns the channels of its base that v consists of, in v's order; nil for
// all of them, in their own. why says what else v is.
func (im *importer) channelsOf(v *value) (pick []int, why string) {
	if v.padded() {
		return nil, "got an activation with padding, want Pad in front of a convolution or a pool only"
	}
	from := im.shapes[v.base]
	to := v.dims // with the pixels apart
	if im.flat(v) && v.dims[1]%(from[1]*from[2]) == 0 {
		to = []int{v.dims[0], v.dims[1] / (from[1] * from[2]), from[1], from[2]}
	}
	if v.lead != 0 || len(to) != len(from)+1 || to[0] != 1 || !slices.Equal(to[2:], from[1:]) {
		return nil, fmt.Sprintf("got shape %v made of %v by reshapes, transposes or slices, want one that permutes or drops channels, or flattens", im.whole(v), append([]int{im.samples(v)}, from...))
	}
	if v.index == nil {
		return nil, ""
	}
	hw, _ := product(from[1:])
	run := gcd(v.run, hw)
	im.spend(4 * to[1])
	index := im.runs(v, run)
	pick = make([]int, to[1])
	seen := make([]bool, from[0])
	for c := range pick {
		first := int(index[c*(hw/run)])
		pick[c] = first / hw
		for k, at := range index[c*(hw/run):][:hw/run] {
			if int(at) != pick[c]*hw+k*run {
				return nil, "got a chain of reshapes and transposes that moves pixels, want one that only permutes channels"
			}
		}
		if seen[pick[c]] {
			return nil, fmt.Sprintf("got channel %d twice, want every channel once at most", pick[c])
		}
		seen[pick[c]] = true
	}
	return pick, ""
}

// choose takes channels of v's base: a run of them is a slice; anything else a
// shuffle, and a slice of that if channels were dropped. more says that another node
// follows, which has the name hint.
func (im *importer) choose(v *value, pick []int, hint string, more bool) string {
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
		perm := completed(pick, from[0])
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

// completed is the permutation of n that begins with pick; the rest follows in order.
func completed(pick []int, n int) []int {
	seen := make([]bool, n)
	for _, c := range pick {
		seen[c] = true
	}
	perm := slices.Clone(pick)
	for c, s := range seen {
		if !s {
			perm = append(perm, c)
		}
	}
	return perm
}
