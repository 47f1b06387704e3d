package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opResize = operator{
	op: weights.OpResize, inputs: 1,
	reads: map[string]reader{"Resize": (*importer).resize, "Upsample": (*importer).resize},
	sign:  asInputs,
	write: (*exporter).resize,
}

// The numbers that a model has for ONNX's words.
var (
	resizeModes  = []string{"nearest", "linear"}
	resizePlaces = []string{"half_pixel", "asymmetric", "align_corners"}
	resizeRounds = []string{"floor", "round_prefer_floor", "ceil", "round_prefer_ceil"}
)

func (im *importer) resize() {
	x, s := im.planes(0)
	size, scales := im.resized(s)
	mode := im.word("mode", "nearest", resizeModes)
	places, rounds := "half_pixel", "round_prefer_floor"
	if im.n.Op == "Upsample" || im.opset < 11 {
		places, rounds = "asymmetric", "floor"
	}
	if im.attrText("coordinate_transformation_mode", places) == "pytorch_half_pixel" && size[0] > 1 && size[1] > 1 {
		places = "half_pixel"
	} else {
		places = resizePlaces[im.word("coordinate_transformation_mode", places, resizePlaces)]
	}
	if im.flag("antialias", 0) || im.attrText("keep_aspect_ratio_policy", "stretch") != "stretch" {
		im.failf(ErrUnsupported, "got antialias or an aspect ratio that is kept, want neither")
	}
	for d := range 2 { // a model's scale is the quotient of the sizes
		if q := float64(size[d]) / float64(s[1+d]); math.Abs(scales[d]-q) > 1e-5*q {
			im.failf(ErrUnsupported, "scales: got %v for %v, want one that makes a whole number of pixels", scales, s)
		}
	}
	attrs := map[string][]int{"size": size, "mode": {mode}, "coordinates": {slices.Index(resizePlaces, places)}}
	if mode == 0 {
		attrs["round"] = []int{im.word("nearest_mode", rounds, resizeRounds)}
	}
	im.emit(weights.OpResize, []string{x}, attrs, nil, s[0], size[0], size[1])
}

// word reads an attribute that is one of words, and returns which.
func (im *importer) word(name, def string, words []string) int {
	got := im.attrText(name, def)
	k := slices.Index(words, got)
	if k < 0 {
		im.failf(ErrUnsupported, "%s: got %q, want one of %q", name, got, words)
	}
	return k
}

// resized is the size of the output for planes of shape s, and the scales.
func (im *importer) resized(s []int) (size []int, scales [2]float64) {
	var list []float64
	if a := im.attr("scales", proto.AttrFloats); a != nil {
		for _, f := range a.Floats {
			list = append(list, float64(f))
		}
	}
	at := 2
	if im.n.Op == "Upsample" || im.opset < 11 {
		at = 1
	}
	if t := im.floatConstant(at, false); list == nil && t != nil {
		for _, f := range t.f {
			list = append(list, float64(f))
		}
	}
	size = []int{0, 0}
	axes := im.listOf("axes", 99)
	place := []int{0, 1} // of height and width in a list of two
	if slices.Equal(axes, []int64{3, 2}) {
		place = []int{1, 0}
	} else if axes != nil && !slices.Equal(axes, []int64{2, 3}) && !slices.Equal(axes, []int64{0, 1, 2, 3}) {
		im.failf(ErrUnsupported, "axes: got %v, want 2 and 3, or all", axes)
	}
	if t := im.constant(3, false); len(list) == 0 && t != nil && t.isInt() {
		n := len(t.i)
		if n != 4 && (n != 2 || axes == nil) || n == 4 && t.i[1] != int64(s[0]) {
			im.failf(ErrUnsupported, "sizes: got %v of axes %v for %v, want height and width", t.i, axes, s)
		}
		for d := range 2 {
			v := t.i[n-2+place[d]]
			if v < 1 || v > 1<<16 {
				im.failf(ErrUnsupported, "sizes: got %v, want 1 to %d", t.i, 1<<16)
			}
			size[d] = int(v)
			scales[d] = float64(v) / float64(s[1+d])
		}
		return size, scales
	}
	if n := len(list); n != 4 && (n != 2 || axes == nil) || n == 4 && (list[0] != 1 || list[1] != 1) {
		im.failf(ErrUnsupported, "scales: got %v, want those of height and width alone", list)
	}
	for d := range 2 {
		scales[d] = list[len(list)-2+place[d]]
		v := math.Floor(float64(s[1+d])*scales[d] + 1e-6)
		if !(v >= 1 && v <= 1<<16) {
			im.failf(ErrUnsupported, "scales: got %v for %v, want 1 to %d pixels", list, s, 1<<16)
		}
		size[d] = int(v)
	}
	return size, scales
}

// resize gives sizes where the batch is known, else scales.
func (e *exporter) resize(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	size, err := list(n, "size", 1, 0, 0)
	if err != nil {
		return nil, err
	}
	number := func(name string, words []string) (string, error) {
		k, err := list(n, name, 0, 0)
		if err != nil || k[0] >= len(words) {
			return "", unsupported("%s: got %v, want 0 to %d", name, k, len(words)-1)
		}
		return words[k[0]], nil
	}
	var words [3]string
	for i, w := range []struct {
		name string
		of   []string
	}{{"mode", resizeModes}, {"coordinates", resizePlaces}, {"round", resizeRounds}} {
		if words[i], err = number(w.name, w.of); err != nil {
			return nil, err
		}
	}
	in := []string{n.Inputs[0], "", "", e.initInts(1, s[0], size[0], size[1])}
	if e.open {
		name := e.fresh(n.Outputs[0] + "/scales")
		e.initFloats(name, []int{4}, []float32{1, 1, scaleTo(s[1], size[0]), scaleTo(s[2], size[1])})
		in = []string{n.Inputs[0], "", name}
	}
	e.put(n.Name, "Resize", in, n.Outputs,
		proto.TextAttr("mode", words[0]), proto.TextAttr("coordinate_transformation_mode", words[1]), proto.TextAttr("nearest_mode", words[2]))
	return [][]int{{s[0], size[0], size[1]}}, nil
}

// scaleTo is a scale whose product with from is at least to.
func scaleTo(from, to int) float32 {
	k := float32(float64(to) / float64(from))
	for float64(k)*float64(from) < float64(to) {
		k = math.Nextafter32(k, 2*k)
	}
	return k
}
