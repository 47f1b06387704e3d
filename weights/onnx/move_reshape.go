package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

var moveReshape = operator{
	reads: map[string]reader{"Reshape": (*importer).reshape},
	folds: map[string]evaluator{"Reshape": viewed((*importer).reshape)},
}

func (im *importer) reshape() {
	v := im.act(0)
	if im.n.Attrs["shape"] == nil { // an attribute before opset 5
		im.constant(1, true)
	}
	t := &tensor{i: im.listOf("shape", 1)}
	if len(t.i) == 0 || len(t.i) > proto.MaxRank {
		im.failf(ErrUnsupported, "shape: got %d dimensions, want 1 to %d", len(t.i), proto.MaxRank)
	}
	whole, dims, open := im.whole(v), make([]int, len(t.i)), -1
	for i, d := range t.i {
		switch {
		case d == 0 && !im.flag("allowzero", 0) && i < len(whole):
			dims[i] = whole[i]
		case d == -1 && open < 0:
			open, dims[i] = i, 1
		case d < 1 || d > maxSize:
			im.failf(ErrUnsupported, "shape: got %v for %v, want positive dimensions", t.i, whole)
		default:
			dims[i] = int(d)
		}
	}
	n, ok := product(dims)
	elems := v.elems() * im.samples(v)
	if ok && n > 0 && open >= 0 {
		dims[open] = elems / n
		n *= dims[open]
	}
	if !ok || n != elems {
		im.failf(ErrInvalid, "shape: got %v, want one of the %d elements of %v", t.i, elems, whole)
	}
	im.out(im.regrouped(v, dims))
}
