package onnx

import (
	"maps"
	"sort"
	"strings"
)

// operatorList is every operator that is known. One to come adds its file, and a line here.
var operatorList = []*operator{
	&opConv,
	&opAffine,
	&opReLU,
	&opReLU6,
	&opSigmoid,
	&opHardSigmoid,
	&opSiLU,
	&opHardSwish,
	&opMish,
	&opTanh,
	&opGELU,
	&opLeakyReLU,
	&opPReLU,
	&opELU,
	&opClip,
	&opErf,
	&opSoftplus,
	&opExp,
	&opSqrt,
	&opAbs,
	&opReciprocal,
	&opAdd,
	&opMul,
	&opSub,
	&opDiv,
	&opMin,
	&opMax,
	&opConcat,
	&opRearrange,
	&opPad,
	&opResize,
	&opSplit,
	&opSlice,
	&opShuffle,
	&opMaxPool,
	&opAvgPool,
	&opLayerNorm,
	&opGroupNorm,
	&opGlobalAvgPool,
	&opGlobalMaxPool,
	&opGlobalSum,
	&opFlatten,
	&opLinear,
	&opMatMul,
	&opSoftmax,
	&opLogSoftmax,
	&opDynamicShuffle,
	&opStaticDynamicShuffle,
	&opQuantize,
	&opDequantize,
	&opQConv,
	&opQLinear,
	&opQAdd,
	&opQMul,
	&opQAvgPool,
	&opQLookup,
	&opQStaticDynamicShuffle,
	&opIntegers,

	&moveIdentity,
	&moveReshape,
	&moveSqueeze,
	&moveTranspose,
	&moveGather,
	&movePad,
	&movePow,
	&moveExpand,
	&moveNorms,
	&moveConvTranspose,

	&constConstant,
	&constShape,
	&constRange,
	&constArithmetic,
	&constCompare,
	&constReduce,
	&constNorm,
	&constSums,
	&constMatMul,
	&constConv,
	&constConcat,
	&constClip,
	&constTile,
	&constUnary,
	&constWhere,
	&constQuantize,
}

// known is the list by names, and supported those of ONNX's layers.
var known, supported = index(operatorList)

func index(list []*operator) (*catalog, []string) {
	c := &catalog{operators: map[string]*operator{}, reads: map[string]reader{}, folds: map[string]evaluator{}, lowers: map[string]lowering{}, refuses: map[string]string{}}
	var names []string
	for _, o := range list {
		if o.op != "" {
			c.operators[o.op] = o
		}
		for name, f := range o.reads {
			c.reads[name] = f
			names = append(names, name)
		}
		for name, f := range o.lowers {
			c.lowers[name] = f
			names = append(names, name)
		}
		maps.Copy(c.reads, o.asks)
		maps.Copy(c.folds, o.folds)
		maps.Copy(c.refuses, o.refuses)
	}
	sort.Strings(names)
	c.supported = strings.Join(names, ", ")
	return c, names
}

// Supported lists the operators that Import knows as layers, sorted, a fresh list.
// Shape arithmetic is evaluated and needs no place among them.
func Supported() []string { return append([]string(nil), supported...) }
