package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

var moveReshape = operator{
	reads: map[string]reader{"Reshape": (*importer).reshape},
	folds: map[string]evaluator{"Reshape": viewed((*importer).reshape)},
}

func (im *importer) reshape() {
	v := im.act(0)
	t := im.constant(1, true)
	if !t.isInt() || len(t.dims) != 1 || len(t.i) == 0 || len(t.i) > proto.MaxRank {
		im.failf(ErrUnsupported, "shape: got dimensions %v, want a list of 1 to %d integers", t.dims, proto.MaxRank)
	}
	dims := make([]int, len(t.i))
	open := -1
	for i, d := range t.i {
		switch {
		case d == 0 && !im.flag("allowzero", 0) && i < len(v.dims):
			dims[i] = v.dims[i]
			continue
		case d == -1 && open < 0:
			open, dims[i] = i, 1
			continue
		case i == 0 && im.batch > 1 && v.base != "": // the samples are the slowest part of dimension 0
			if d%int64(im.batch) != 0 {
				im.failf(ErrUnsupported, "shape: got %v, want a first dimension that is a multiple of the batch, %d", t.i, im.batch)
			}
			d /= int64(im.batch)
		}
		if d < 1 || d > maxSize {
			im.failf(ErrUnsupported, "shape: got %v for %v, want positive dimensions", t.i, v.dims)
		}
		dims[i] = int(d)
	}
	n, ok := product(dims)
	if ok && n > 0 && open >= 0 {
		dims[open] = v.elems() / n
		n *= dims[open]
	}
	if !ok || n != v.elems() {
		im.failf(ErrInvalid, "shape: got %v, want one of the %d elements of %v", t.i, v.elems(), v.dims)
	}
	im.out(im.reshaped(v, dims))
}
