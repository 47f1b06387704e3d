package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

// opIntegers are the operators that compute with integers and scales which the file has.
var opIntegers = operator{
	lowers: map[string]lowering{
		"QLinearConv":                            lowerConv,
		"com.microsoft.QLinearConv":              lowerConv,
		"QLinearMatMul":                          lowerMatMul,
		"com.microsoft.QGemm":                    lowerGemm,
		"com.microsoft.QLinearAdd":               lowerPair("Add"),
		"com.microsoft.QLinearMul":               lowerPair("Mul"),
		"com.microsoft.QLinearConcat":            lowerConcat,
		"com.microsoft.QLinearAveragePool":       lowerOne("AveragePool"),
		"com.microsoft.QLinearGlobalAveragePool": lowerOne("GlobalAveragePool"),
		"com.microsoft.QLinearReduceMean":        lowerOne("ReduceMean"),
		"com.microsoft.QLinearSigmoid":           lowerOne("Sigmoid"),
		"com.microsoft.QLinearLeakyRelu":         lowerOne("LeakyRelu"),
		"com.microsoft.QLinearSoftmax":           lowerOne("Softmax"),
	},
	refuses: map[string]string{
		"DynamicQuantizeLinear": scaledAtRun, "ConvInteger": scaledAtRun, "MatMulInteger": scaledAtRun,
		"com.microsoft.DynamicQuantizeMatMul": scaledAtRun, "com.microsoft.MatMulIntegerToFloat": scaledAtRun,
	},
}

const scaledAtRun = "got arithmetic on integers whose scales are found anew for each sample, want a model that was calibrated (quantize_static), or the model of floating-point numbers that it was made of"

// lowerOne is a function of one value: x, its scale and zero point, those of the result.
func lowerOne(op string) lowering {
	return func(l *lowered) {
		l.checked(4, 5)
		y := l.layer(op, l.attrs("opset"), l.real(0, 1, 2))
		if a := l.n.Attrs["opset"]; a != nil { // whose form of the operator is meant
			l.nodes[len(l.nodes)-1].Opset = a.I
		}
		l.result(y, 3, 4)
	}
}

// lowerPair is a function of two values: each with its scale and zero point, then those of
// the result.
func lowerPair(op string) lowering {
	return func(l *lowered) {
		l.checked(7, 8)
		l.result(l.layer(op, l.attrs(), l.real(0, 1, 2), l.real(3, 4, 5)), 6, 7)
	}
}

// lowerConv is x, its scale and zero point, the weights and theirs, those of the result, and a
// bias in the steps of the sums.
func lowerConv(l *lowered) {
	l.checked(8, 9)
	in := []string{l.real(0, 1, 2), l.realAlong(0, 3, 4, 5)}
	if b := l.sums(8, l.in(1), l.in(4)); b != "" {
		in = append(in, b)
	}
	l.result(l.layer("Conv", l.attrs(), in...), 6, 7)
}

// lowerMatMul is a, its scale and zero point, b and its own, those of the result. A column of b
// may have its scale.
func lowerMatMul(l *lowered) {
	l.checked(8, 8)
	l.result(l.layer("MatMul", l.attrs(), l.real(0, 1, 2), l.realAlong(1, 3, 4, 5)), 6, 7)
}

// lowerGemm is a, its scale and zero point, b and its own, a bias in the steps of the sums, the
// scale and zero point of the result: without these it is one of floats.
func lowerGemm(l *lowered) {
	l.checked(6, 9)
	columns := int64(1)
	if a := l.n.Attrs["transB"]; a != nil && a.I != 0 {
		columns = 0
	}
	in := []string{l.real(0, 1, 2), l.realAlong(columns, 3, 4, 5)}
	scales := []string{l.in(1), l.in(4)}
	if a := l.n.Attrs["alpha"]; a != nil && a.F != 1 {
		scales = append(scales, l.put("Constant", "", map[string]*proto.Attr{"value_float": {Type: proto.AttrFloat, F: a.F}}))
	}
	if b := l.sums(6, scales...); b != "" {
		in = append(in, b)
	}
	if l.in(7) != "" {
		l.result(l.layer("Gemm", l.attrs(), in...), 7, 8)
		return
	}
	l.layer("Gemm", l.attrs(), in...)
	l.nodes[len(l.nodes)-1].Outputs = l.n.Outputs
}

// lowerConcat is the scale and zero point of the result, then each value with its own.
func lowerConcat(l *lowered) {
	l.checked(5, l.im.maxNodes)
	if len(l.n.Inputs)%3 != 2 {
		l.fail(ErrInvalid, "got %d inputs, want 2 and 3 for each value", len(l.n.Inputs))
	}
	var in []string
	for i := 2; i < len(l.n.Inputs); i += 3 {
		in = append(in, l.real(i, i+1, i+2))
	}
	l.result(l.layer("Concat", l.attrs(), in...), 0, 1)
}
