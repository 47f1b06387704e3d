package onnx

import (
	"fmt"
	"slices"
)

// spread returns constant t, which an operator combines with activation v, as a number
// for each channel of the model value at p, where v is computed.
func (im *importer) spread(t *tensor, v *value, p spot) []float64 {
	if t.isInt() {
		im.failf(ErrUnsupported, "constant: got integers, want float32")
	}
	im.spend(2 * p.s[0])
	out := make([]float64, p.s[0])
	switch {
	case len(t.f) == 1 && len(t.dims) <= len(v.dims):
		for i := range out {
			out[i] = float64(t.f[0])
		}
	case p.view != nil:
		if why := im.spreadView(t, v, out); why != "" {
			im.failf(ErrUnsupported, "%s", why)
		}
	default:
		// Shapes are aligned at the right: C values lie where the channels do, and
		// every other dimension is 1.
		c := p.s[0]
		at := len(t.dims) - len(v.dims) + 1
		if len(v.dims) < 2 || len(t.dims) > len(v.dims) || len(t.f) != c || at < 0 || t.dims[at] != c {
			im.failf(ErrUnsupported, "constant: got dimensions %v for %v, want one value, or one for each of the %d channels", t.dims, im.whole(v), c)
		}
		for i := range out {
			out[i] = float64(t.f[i])
		}
	}
	return out
}

// perChannel says whether constant t is one number for each channel of v.
func (im *importer) perChannel(t *tensor, v *value) bool {
	if t.isInt() || t.len() == 1 && len(t.dims) <= len(v.dims) {
		return true
	}
	from := im.shapes[v.base]
	if !im.settles(v) {
		return !v.padded() && len(t.dims) <= len(v.dims) && im.spreadView(t, v, make([]float64, from[0])) == ""
	}
	at := slices.Index(t.dims, t.len())
	if at < 0 || len(t.dims) > len(v.dims) {
		return false
	}
	at += len(v.dims) - len(t.dims)
	return at == 1 && v.dims[1] == t.len()
}

// spreadView is spread where v's dimensions are no model value's: it asks of every
// element which channel it is of. Those of one channel must have one number; why says that
// they have not.
func (im *importer) spreadView(t *tensor, v *value, out []float64) (why string) {
	bad := fmt.Sprintf("constant: got dimensions %v for %v, want one value, or one for each channel", t.dims, im.whole(v))
	pad := len(v.dims) - len(t.dims)
	if pad < 0 {
		return bad
	}
	dims := slices.Concat(slices.Repeat([]int{1}, pad), t.dims)
	step, n := make([]int, len(dims)), 1
	for d := len(dims) - 1; d >= 0; d-- {
		if dims[d] != 1 {
			if dims[d] != v.dims[d] || d == v.lead && im.samples(v) > 1 {
				return bad
			}
			step[d] = n
		}
		n *= dims[d]
	}
	im.spend(v.elems() / 8) // time, not memory
	hw := im.size(v.base) / len(out)
	known := make([]bool, len(out))
	for e := range v.elems() {
		at := e
		if v.index != nil {
			at = int(v.index[e/v.run]) + e%v.run
		}
		x := float64(t.f[offset(e, v.dims, step)])
		c := at / hw
		if known[c] && out[c] != x {
			return bad
		}
		known[c], out[c] = true, x
	}
	return ""
}
