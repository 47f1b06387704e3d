package onnx

// Shape and Size give constants of anything: its shape is known.
var constShape = operator{
	asks: map[string]reader{"Shape": (*importer).shapeOf, "Size": (*importer).shapeOf},
}

// shapeOf is Shape and Size of anything. A batch that the file leaves open counts as 1.
func (im *importer) shapeOf() {
	v := im.in(0)
	if v == nil || v.seq != nil {
		im.failf(ErrInvalid, "input: got none, want a tensor")
	}
	dims := im.whole(v)
	if v.c != nil {
		dims = v.c.dims
	}
	if im.n.Op == "Size" {
		n, _ := product(dims)
		im.out(&value{c: &tensor{i: []int64{int64(n)}}})
		return
	}
	r := int64(len(dims))
	clamp := func(k int64) int64 {
		if k < 0 {
			k += r
		}
		return max(0, min(k, r))
	}
	lo, hi := clamp(im.attrInt("start", 0)), clamp(im.attrInt("end", r))
	im.out(&value{c: integers(dims[lo:max(lo, hi)])})
}
