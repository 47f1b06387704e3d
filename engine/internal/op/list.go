package op

import (
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
)

// Kinds are the operators that this version of the engine knows.
var Kinds = slices.Concat(activationKinds, []graph.Kind{
	absKind,
	addKind,
	affineKind,
	avgPoolKind,
	concatKind,
	convKind,
	dequantizeKind,
	divKind,
	dynamicShuffleKind,
	erfKind,
	expKind,
	flattenKind,
	globalAvgPoolKind,
	globalMaxPoolKind,
	globalSumKind,
	groupNormKind,
	layerNormKind,
	linearKind,
	logSoftmaxKind,
	matMulKind,
	maxKind,
	maxPoolKind,
	minKind,
	mulKind,
	padKind,
	preluKind,
	qaddKind,
	qavgPoolKind,
	qconvKind,
	qlinearKind,
	qlookupKind,
	qmulKind,
	qstaticDynamicShuffleKind,
	quantizeKind,
	rearrangeKind,
	reciprocalKind,
	resizeKind,
	shuffleKind,
	sliceKind,
	softmaxKind,
	softplusKind,
	splitKind,
	sqrtKind,
	staticDynamicShuffleKind,
	subKind,
})
