package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// attr returns the attribute of the node at work, or nil. One of another type would
// read as 0 or as nothing, so it is an error.
func (im *importer) attr(name string, want int64) *proto.Attr {
	a := im.n.Attrs[name]
	if a != nil && a.Type != 0 && a.Type != want {
		im.failf(ErrInvalid, "attribute %s: got a value of type %d, want type %d", name, a.Type, want)
	}
	return a
}

func (im *importer) attrInt(name string, def int64) int64 {
	if a := im.attr(name, proto.AttrInteger); a != nil {
		return a.I
	}
	return def
}

// flag reads an attribute that is 0 or 1.
func (im *importer) flag(name string, def int64) bool {
	v := im.attrInt(name, def)
	if v != 0 && v != 1 {
		im.failf(ErrInvalid, "%s: got %d, want 0 or 1", name, v)
	}
	return v == 1
}

// attrFloat reads one floating-point number.
func (im *importer) attrFloat(name string, def float64) float64 {
	if a := im.attr(name, proto.AttrFloat); a != nil {
		return float64(a.F)
	}
	return def
}

// attrText reads one string. One that is empty counts as left out.
func (im *importer) attrText(name, def string) string {
	if a := im.attr(name, proto.AttrString); a != nil && len(a.S) > 0 {
		return string(a.S)
	}
	return def
}

// maxAttr bounds kernels, strides, dilations, padding and groups, as the engine
// does the first four.
const maxAttr = 1 << 12

// attrInts returns a list of n integers in [lo, maxAttr], or def.
func (im *importer) attrInts(name string, n int, lo int64, def ...int) []int {
	a := im.attr(name, proto.AttrIntegers)
	if a == nil {
		return slices.Clone(def)
	}
	if len(a.Ints) != n {
		im.failf(ErrUnsupported, "%s: got %v, want %d values", name, a.Ints, n)
	}
	out := make([]int, n)
	for i, v := range a.Ints {
		if v < lo || v > maxAttr {
			im.failf(ErrUnsupported, "%s: got %v, want values from %d to %d", name, a.Ints, lo, maxAttr)
		}
		out[i] = int(v)
	}
	return out
}

// attrCount reads one positive integer.
func (im *importer) attrCount(name string, def int64) int {
	v := im.attrInt(name, def)
	if v < 1 || v > 1<<20 {
		im.failf(ErrInvalid, "%s: got %d, want 1 to %d", name, v, 1<<20)
	}
	return int(v)
}

// axis reads attribute axis of a value of a rank.
func (im *importer) axis(def int64, rank int) int { return im.axisOf(im.attrInt("axis", def), rank) }

func (im *importer) axisOf(a int64, rank int) int {
	if a < -int64(rank) || a >= int64(rank) {
		im.failf(ErrInvalid, "axis: got %d, want one of %d dimensions", a, rank)
	}
	return int((a + int64(rank)) % int64(rank))
}
