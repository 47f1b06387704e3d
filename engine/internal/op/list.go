package op

import "github.com/riffle-ml/riffle/engine/internal/graph"

// Kinds are the operators that this version of the engine knows.
var Kinds = []graph.Kind{
	addKind,
	affineKind,
	avgPoolKind,
	concatKind,
	convKind,
	dynamicShuffleKind,
	flattenKind,
	globalAvgPoolKind,
	linearKind,
	maxPoolKind,
	relu6Kind,
	reluKind,
	shuffleKind,
	sliceKind,
	softmaxKind,
	splitKind,
	staticDynamicShuffleKind,
}
