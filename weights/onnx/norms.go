package onnx

import "github.com/riffle-ml/riffle/weights"

// What norms compute of each element, and of a sum.

func magnitudes(im *importer, x string) string {
	return im.functionOf(weights.OpAbs, im.n.Outputs[0]+"/magnitudes", x, nil, nil).base
}

func squares(im *importer, x string) string {
	return im.add(weights.OpMul, im.n.Label(), im.n.Outputs[0]+"/squares", []string{x, x}, nil, nil, im.shapes[x]...).base
}

func root(im *importer, x string) string {
	return im.functionOf(weights.OpSqrt, im.n.Outputs[0]+"/root", x, nil, nil).base
}

// The norms: the sum of the magnitudes, and the root of the sum of the squares.
var (
	manhattan = reduction{before: magnitudes}
	euclidean = reduction{before: squares, after: root}
)

// norm is that of attribute p.
func (im *importer) norm() reduction {
	switch p := im.attrInt("p", 2); p {
	case 1:
		return manhattan
	case 2:
	default:
		im.failf(ErrUnsupported, "p: got %d, want 1 or 2", p)
	}
	return euclidean
}
