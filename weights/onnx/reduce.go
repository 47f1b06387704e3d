package onnx

import (
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// What becomes of a reduction: one number of all elements along some axes. A model has the
// mean and the maximum of a plane. Every other reduction is made of these, of sums of
// channels, and of functions of single elements in front and behind.

// reduction is a sum, a mean or a maximum, of functions of the elements, and a function of
// the result.
type reduction struct {
	mean, most    bool // else a sum
	before, after func(im *importer, x string) string
}

// overAxes is reduction r of v over axes, in the shape dims; kept says of each of dims
// which dimension of v it is.
func (im *importer) overAxes(r reduction, v *value, axes map[int]bool, kept, dims []int) *value {
	v = im.unpadded(v)
	if axes[v.lead] && !im.single {
		im.failf(ErrUnsupported, "axes: got %d, the batch, want others", v.lead)
	}
	if y, ok := im.overPlanes(r, v, axes, dims); ok {
		y.lead = max(0, slices.Index(kept, v.lead))
		return y
	}
	y := im.overChannels(r, v, axes)
	if y == nil {
		y = im.overRows(r, v, axes)
	}
	out := im.reshaped(y, dims)
	out.lead = max(0, slices.Index(kept, v.lead))
	return out
}

// sorted is v with axes behind all others, or in front of them. perm says which dimension
// of v each of t is, and count is the number of elements along axes.
func (im *importer) sorted(v *value, axes map[int]bool, front bool) (t *value, perm []int, count int) {
	var moved, sizes []int
	count = 1
	for i, d := range v.dims {
		if axes[i] {
			moved, count = append(moved, i), count*d
		} else {
			perm = append(perm, i)
		}
	}
	if front {
		perm = append(moved, perm...)
	} else {
		perm = append(perm, moved...)
	}
	for _, a := range perm {
		sizes = append(sizes, v.dims[a])
	}
	if !slices.IsSorted(perm) {
		v = im.transposed(v, perm, sizes)
	}
	return v, perm, count
}

// rowPlanes is v with every n elements, a row, as a plane: of the size of its base's planes
// where these have as many.
func (im *importer) rowPlanes(v *value, n int) *value {
	from, size := im.shapes[v.base], []int{1, n}
	if len(from) == 3 && from[1]*from[2] == n {
		size = from[1:]
	}
	return im.reshaped(v, slices.Concat([]int{1, v.elems() / n}, size))
}

// apply is f of x, if there is one.
func apply(im *importer, f func(im *importer, x string) string, x string) string {
	if f == nil {
		return x
	}
	return f(im, x)
}

// ofPlanes adds the reduction of each plane of x, and returns the name of [C 1 1].
func (r reduction) ofPlanes(im *importer, x string) string {
	x = apply(im, r.before, x)
	s := im.shapes[x]
	op := weights.OpGlobalSum
	if r.mean {
		op = weights.OpGlobalAvgPool
	} else if r.most {
		op = weights.OpGlobalMaxPool
	}
	return apply(im, r.after, im.add(op, im.n.Label(), im.n.Outputs[0]+"/planes", []string{x}, nil, nil, s[0], 1, 1).base)
}

// overPlanes is the reduction if the elements along axes are the pixels of whole planes, in
// any order.
func (im *importer) overPlanes(r reduction, v *value, axes map[int]bool, dims []int) (*value, bool) {
	from := im.shapes[v.base]
	if len(from) != 3 {
		return nil, false
	}
	t, _, count := im.sorted(v, axes, false)
	hw := from[1] * from[2]
	if count != hw {
		return nil, false
	}
	if t.index != nil { // planes in another order: settled, so that what reads them again shares that
		planes := im.reshaped(t, []int{1, t.elems() / hw, from[1], from[2]})
		planes.lead = 0
		if im.settles(planes) {
			x := im.settle(planes, im.n.Inputs[0])
			if in := im.values[im.n.Inputs[0]]; len(t.dims) == 4 && in != nil && in.mean == nil && t.base == in.base && slices.Equal(planes.dims, in.dims) && slices.Equal(planes.index, in.index) {
				im.share(0, x)
			}
			t = &value{base: x, dims: planes.dims}
		}
	}
	// Every hw elements, in whatever order, must be those of one plane.
	run := gcd(t.whole(), hw)
	index, per := im.runs(t, run), hw/run
	channels := make([]int32, len(index)/per)
	seen := make([]int32, per) // group + 1 that has a run of the plane
	for g := range channels {
		c := int(index[g*per]) / hw
		for _, at := range index[g*per:][:per] {
			k := (int(at) - c*hw) / run
			if int(at)/hw != c || int(at)%run != 0 || seen[k] == int32(g+1) {
				return nil, false
			}
			seen[k] = int32(g + 1)
		}
		channels[g] = int32(c)
	}
	y := r.ofPlanes(im, t.base)
	return im.view(&value{base: y}, dims, channels, 1), true
}

// overChannels is the reduction if the elements along axes are channels, such that what is
// kept of them are whole planes; else nil.
func (im *importer) overChannels(r reduction, v *value, axes map[int]bool) *value {
	from := im.shapes[v.base]
	t, _, count := im.sorted(v, axes, true)
	kept := t.elems() / count
	if len(from) == 1 {
		from = []int{from[0], 1, 1}
	}
	h, w := from[1], from[2]
	if kept%(h*w) != 0 || count == 1 {
		return nil
	}
	planes := im.reshaped(t, []int{1, t.elems() / (h * w), h, w})
	planes.lead = 0
	if !im.settles(planes) && h*w > 1 {
		return nil
	}
	x := im.settle(planes, im.n.Inputs[0]+"/channels")
	x = apply(im, r.before, x)
	var y string
	if c := kept / (h * w); r.most || c > 1 {
		y = im.halved(r, x, count, c)
	} else {
		y = im.weighed(r, x, count)
	}
	y = apply(im, r.after, y)
	return &value{base: y, dims: append([]int{1}, im.shapes[y]...)}
}

// weighed is the sum or the mean of n channels: a pointwise convolution.
func (im *importer) weighed(r reduction, x string, n int) string {
	s := im.shapes[x]
	factor := float32(1)
	if r.mean {
		factor = 1 / float32(n)
	}
	im.spend(n)
	tensors := map[string]string{"weight": im.storeFor(im.n.Label(), "weight", slices.Repeat([]float32{factor}, n), 1, n, 1, 1)}
	return im.add(weights.OpConv, im.n.Label(), im.n.Outputs[0]+"/sum", []string{x}, pointwiseAttrs(), tensors, 1, s[1], s[2]).base
}

// halved combines n blocks of c channels: the first half of them with the second, until
// one is left. Slices of channels cost nothing.
func (im *importer) halved(r reduction, x string, n, c int) string {
	op := weights.OpAdd
	if r.most {
		op = weights.OpMax
	}
	s := im.shapes[x]
	part := func(x string, lo, hi int) string {
		if c*(hi-lo) == im.shapes[x][0] {
			return x
		}
		return im.add(weights.OpSlice, im.n.Label(), im.n.Outputs[0]+"/part", []string{x}, map[string][]int{"range": {lo * c, hi * c, 1}}, nil, c*(hi-lo), s[1], s[2]).base
	}
	rest, count := "", float64(n) // a block that was left over
	both := func(a, b string, k int) string {
		return im.add(op, im.n.Label(), im.n.Outputs[0]+"/both", []string{a, b}, nil, nil, c*k, s[1], s[2]).base
	}
	for n > 1 {
		k := n / 2
		y := both(part(x, 0, k), part(x, k, 2*k), k)
		if n%2 == 1 {
			if last := part(x, 2*k, n); rest == "" {
				rest = last
			} else {
				rest = both(rest, last, 1)
			}
		}
		x, n = y, k
	}
	if rest != "" {
		x = both(x, rest, 1)
	}
	if r.mean {
		x = im.scaled(x, 1/count, 0)
	}
	return x
}

// overRows is the reduction of any other elements: moved, such that those that belong
// together are a plane.
func (im *importer) overRows(r reduction, v *value, axes map[int]bool) *value {
	t, _, count := im.sorted(v, axes, false)
	rows := im.reshaped(t, []int{1, t.elems() / count, 1, count})
	rows.lead = 0
	y := r.ofPlanes(im, im.settle(rows, im.n.Inputs[0]+"/rows"))
	return &value{base: y, dims: append([]int{1}, im.shapes[y]...)}
}

// reduceAxes are the axes of the node at work, a reduction of a value of a rank, and
// whether their dimensions stay, with the length 1. none says that it reduces nothing.
func (im *importer) reduceAxes(rank int) (axes map[int]bool, keep, none bool) {
	axes = im.axes(rank)
	if len(axes) == 0 {
		if im.flag("noop_with_empty_axes", 0) {
			return nil, true, true
		}
		for i := range rank {
			axes[i] = true
		}
	}
	return axes, im.flag("keepdims", 1), false
}

// reduced is the shape of v without axes, or with the length 1 along them, and which of v's
// dimensions each is.
func (v *value) reduced(axes map[int]bool, keep bool) (dims, kept []int) {
	dims = []int{}
	for i, d := range v.dims {
		switch {
		case !axes[i]:
			dims = append(dims, d)
		case keep:
			dims = append(dims, 1)
		default:
			continue
		}
		kept = append(kept, i)
	}
	return dims, kept
}

// pixels are the axes of a value [N C ...] behind its channels.
func pixels(v *value) map[int]bool {
	axes := map[int]bool{}
	for i := 2; i < len(v.dims); i++ {
		axes[i] = true
	}
	return axes
}

// global is reduction r of the pixels of input 0, in as many dimensions.
func (im *importer) global(r reduction) {
	v := im.act(0)
	axes := pixels(v)
	dims, kept := v.reduced(axes, true)
	im.out(im.overAxes(r, v, axes, kept, dims))
}

// reduce is reduction r of input 0 over the axes of the node at work.
func (im *importer) reduce(r reduction) {
	v := im.act(0)
	axes, keep, none := im.reduceAxes(len(v.dims))
	if none {
		im.identity()
		return
	}
	dims, kept := v.reduced(axes, keep)
	im.out(im.overAxes(r, v, axes, kept, dims))
}

// mean is the mean over axes of input 0. Where these are not the pixels of planes, a mean
// over more axes may follow, and so it waits.
func (im *importer) mean(axes map[int]bool, keep bool) {
	v := im.partial(0)
	dims, kept := v.reduced(axes, keep)
	p := &partialMean{of: v, axes: axes, kept: kept}
	if v.mean != nil {
		p.of, p.axes = v.mean.of, maps.Clone(v.mean.axes)
		for a := range axes {
			p.axes[v.mean.kept[a]] = true
		}
		for i, a := range kept {
			kept[i] = v.mean.kept[a]
		}
	}
	if p.axes[p.of.lead] && !im.single {
		im.failf(ErrUnsupported, "axes: got %d, the batch, want others", p.of.lead)
	}
	mean := reduction{mean: true}
	of := im.unpadded(p.of)
	if y, ok := im.overPlanes(mean, of, p.axes, dims); ok {
		y.lead = max(0, slices.Index(p.kept, of.lead))
		im.out(y)
		return
	}
	p.settle = func() *value { return im.overAxes(mean, of, p.axes, p.kept, dims) }
	im.out(&value{mean: p, dims: dims})
}
