package onnx

// viewed makes an evaluator of the reader of an operator that only moves elements: it runs
// on a constant as if that were an activation.
func viewed(read reader) evaluator {
	return func(im *importer, in []*tensor) *tensor {
		x := in[0]
		if x.len() == 0 && len(x.dims) != 1 {
			im.failf(ErrUnsupported, "input: got shape %v, want one with elements", x.dims)
		}
		name := im.n.Inputs[0]
		kept := im.values[name]
		im.values[name] = &value{dims: x.dims}
		read(im)
		im.values[name] = kept
		v := im.values[im.n.Outputs[0]]
		delete(im.values, im.n.Outputs[0])
		if v.index == nil {
			return &tensor{name: x.name, dims: v.dims, f: x.f, i: x.i}
		}
		out := im.like(x, v.dims)
		for k, first := range v.index {
			for e := range v.run {
				out.set(k*v.run+e, x, int(first)+e)
			}
		}
		return out
	}
}

// evaluators is f under several names; it asks the node at work which it is.
func evaluators(f evaluator, names ...string) map[string]evaluator {
	m := map[string]evaluator{}
	for _, name := range names {
		m[name] = f
	}
	return m
}
