package onnx

var constWhere = operator{
	folds: map[string]evaluator{"Where": (*importer).where3},
}

// where3 is Where of equal shapes, or of single elements.
func (im *importer) where3(in []*tensor) *tensor {
	if len(in) != 3 || in[1] == nil || in[2] == nil || !in[0].isInt() || in[1].isInt() != in[2].isInt() {
		return nil
	}
	dims, _, _ := im.broadcast(in[1].dims, in[2].dims)
	dims, _, _ = im.broadcast(in[0].dims, dims)
	out := im.like(in[1], dims)
	var step [3][]int
	for i, t := range in {
		_, step[i], _ = im.broadcast(t.dims, dims)
	}
	for k := range out.len() {
		from := 2
		if in[0].i[offset(k, dims, step[0])] != 0 {
			from = 1
		}
		out.set(k, in[from], offset(k, dims, step[from]))
	}
	return out
}
