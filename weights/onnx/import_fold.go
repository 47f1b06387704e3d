package onnx

// fold computes a node whose inputs are all constants, and reports whether it did.
func (im *importer) fold(f evaluator) bool {
	if len(im.n.Inputs) == 0 || im.n.Inputs[0] == "" {
		return false
	}
	in := make([]*tensor, len(im.n.Inputs))
	for i := range in {
		v := im.in(i)
		switch {
		case v == nil: // left out
		case v.c == nil:
			return false
		default:
			in[i] = v.c
		}
	}
	out := f(im, in)
	if out == nil {
		return false
	}
	im.out(&value{c: out})
	return true
}
