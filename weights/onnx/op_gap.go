package onnx

import (
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opGlobalAvgPool = operator{
	op: weights.OpGlobalAvgPool, inputs: 1,
	reads: map[string]reader{
		"GlobalAveragePool": (*importer).globalAveragePool,
		"ReduceMean":        (*importer).reduceMean,
	},
	sign:  asInputs,
	write: (*exporter).mean,
}

func (im *importer) globalAveragePool() {
	axes := map[int]bool{}
	for i := 2; i < len(im.act(0).dims); i++ {
		axes[i] = true
	}
	im.mean(axes, true)
}

func (im *importer) reduceMean() {
	rank := len(im.partial(0).dims)
	axes := im.axes(rank)
	if len(axes) == 0 {
		if im.flag("noop_with_empty_axes", 0) {
			im.identity()
			return
		}
		for i := range rank {
			axes[i] = true
		}
	}
	im.mean(axes, im.flag("keepdims", 1))
}

// partial is activation input i, which may be a partial mean.
func (im *importer) partial(i int) *value {
	if v := im.in(i); v != nil && v.mean != nil {
		return v
	}
	return im.act(i)
}

// mean is the mean over axes of input 0: a global average pool, if these are the pixels
// of whole planes, however they lie.
func (im *importer) mean(axes map[int]bool, keep bool) {
	v := im.partial(0)
	p := &partialMean{of: v, axes: axes}
	if v.mean != nil {
		p = &partialMean{of: v.mean.of, axes: maps.Clone(v.mean.axes)}
		for a := range axes {
			p.axes[v.mean.kept[a]] = true
		}
	}
	dims := []int{}
	for i, d := range v.dims {
		switch {
		case !axes[i]:
			dims = append(dims, d)
		case keep:
			dims = append(dims, 1)
		default:
			continue
		}
		k := i
		if v.mean != nil {
			k = v.mean.kept[i]
		}
		p.kept = append(p.kept, k)
	}
	p.by = im.n.Label()
	if p.axes[p.of.lead] && !im.single {
		im.failf(ErrUnsupported, "axes: got %d, the batch, want others", p.of.lead)
	}
	out, ok := im.planeMeans(p, dims)
	if v := p.of; !ok && len(v.dims) == 4 && len(p.axes) == 2 && p.axes[2] && p.axes[3] && v.lead == 0 {
		// The planes are no model value's: those of a part of the pixels, for instance.
		x := im.settle(v, im.n.Inputs[0]+"/planes")
		p.of = &value{base: x, dims: v.dims}
		out, ok = im.planeMeans(p, dims)
	}
	if !ok {
		out = &value{mean: p, dims: dims}
	}
	im.out(out)
}

// planeMeans adds the global average pool that p is, if it is one, and returns it in
// the shape dims.
func (im *importer) planeMeans(p *partialMean, dims []int) (*value, bool) {
	v, from := p.of, im.shapes[p.of.base]
	order, moved := []int{}, []int{}
	for i := range v.dims {
		if p.axes[i] {
			moved = append(moved, i)
		} else {
			order = append(order, i)
		}
	}
	count := 1
	for _, i := range moved {
		count *= v.dims[i]
	}
	hw := 1
	for _, d := range from[1:] {
		hw *= d
	}
	if v.padded() || len(from) != 3 || count != hw {
		return nil, false
	}
	perm := append(order, moved...)
	sizes := make([]int, len(perm))
	for i, a := range perm {
		sizes[i] = v.dims[a]
	}
	if !slices.IsSorted(perm) {
		v = im.transposed(v, perm, sizes)
	}
	if v.index != nil { // planes in another order: settled, so that what reads them again shares that
		planes := im.reshaped(v, []int{1, v.elems() / hw, from[1], from[2]})
		planes.lead = 0
		if im.settles(planes) {
			x := im.settle(planes, im.n.Inputs[0])
			if len(v.dims) == 4 && v == p.of {
				im.share(0, x)
			}
			v = &value{base: x, dims: planes.dims}
			from = im.shapes[x]
		}
	}
	// Every hw elements, in whatever order, must be those of one plane.
	run := gcd(v.whole(), hw)
	index, per := im.runs(v, run), hw/run
	channels := make([]int32, len(index)/per)
	seen := make([]int32, per) // group + 1 that has a run of the plane
	for g := range channels {
		c := int(index[g*per]) / hw
		for _, at := range index[g*per:][:per] {
			r := (int(at) - c*hw) / run
			if int(at)/hw != c || int(at)%run != 0 || seen[r] == int32(g+1) {
				return nil, false
			}
			seen[r] = int32(g + 1)
		}
		channels[g] = int32(c)
	}
	name := im.n.Outputs[0]
	if len(dims) != 4 {
		name += "/mean"
	}
	y := im.add(weights.OpGlobalAvgPool, im.n.Label(), name, []string{v.base}, nil, nil, from[0], 1, 1)
	out := im.view(y, dims, channels, 1)
	out.lead = max(0, slices.Index(p.kept, p.of.lead))
	return out, true
}

func (e *exporter) mean(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	e.put(n.Name, "GlobalAveragePool", n.Inputs, n.Outputs)
	return [][]int{{s[0], 1, 1}}, nil
}
