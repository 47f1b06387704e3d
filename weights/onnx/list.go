package onnx

import (
	"sort"
	"strings"
)

// operatorList is every operator that is known. One to come adds its file, and a line here.
var operatorList = []*operator{
	&opConv,
	&opAffine,
	&opReLU,
	&opReLU6,
	&opAdd,
	&opConcat,
	&opSplit,
	&opSlice,
	&opShuffle,
	&opMaxPool,
	&opAvgPool,
	&opGlobalAvgPool,
	&opFlatten,
	&opLinear,
	&opSoftmax,
	&opDynamicShuffle,
	&opStaticDynamicShuffle,

	&moveIdentity,
	&moveReshape,
	&moveSqueeze,
	&moveTranspose,
	&moveGather,
	&movePad,

	&constConstant,
	&constShape,
	&constRange,
	&constArithmetic,
	&constUnary,
	&constWhere,
}

// The list by names: of weights' operators, and of ONNX's.
var (
	operators = map[string]*operator{}
	reads     = map[string]reader{} // asks too
	folds     = map[string]evaluator{}
	supported []string
)

func init() {
	for _, o := range operatorList {
		if o.op != "" {
			operators[o.op] = o
		}
		for name, f := range o.reads {
			reads[name] = f
			supported = append(supported, name)
		}
		for name, f := range o.asks {
			reads[name] = f
		}
		for name, f := range o.folds {
			folds[name] = f
		}
	}
	sort.Strings(supported)
}

// Supported lists the operators that Import knows as layers, sorted, a fresh list.
// Shape arithmetic is evaluated and needs no place among them.
func Supported() []string { return append([]string(nil), supported...) }

func supportedList() string { return strings.Join(supported, ", ") }
