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
