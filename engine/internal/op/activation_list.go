package op

import (
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// activationKinds are the activations, each a function of package kernel.
var activationKinds = []graph.Kind{
	reluKind,
	relu6Kind,
	sigmoidKind,
	siluKind,
	hardSwishKind,
	mishKind,
	tanhKind,
	hardSigmoidKind,
	leakyReLUKind,
	eluKind,
	geluKind,
	clipKind,
}

var (
	reluKind      = activationKind(weights.OpReLU, kernel.Clamped(0, float32(math.Inf(1))))
	relu6Kind     = activationKind(weights.OpReLU6, kernel.Clamped(0, 6))
	sigmoidKind   = activationKind(weights.OpSigmoid, kernel.Activation{Kind: kernel.Sigmoid})
	siluKind      = activationKind(weights.OpSiLU, kernel.Activation{Kind: kernel.SiLU})
	hardSwishKind = activationKind(weights.OpHardSwish, kernel.Activation{Kind: kernel.HardSwish})
	mishKind      = activationKind(weights.OpMish, kernel.Activation{Kind: kernel.Mish})
	tanhKind      = activationKind(weights.OpTanh, kernel.Activation{Kind: kernel.Tanh})

	hardSigmoidKind = parametricKind(weights.OpHardSigmoid, func(a *graph.Attrs) kernel.Activation {
		return kernel.Activation{Kind: kernel.HardSigmoid, Lo: a.Number("alpha"), Hi: a.Number("beta")}
	})
	leakyReLUKind = parametricKind(weights.OpLeakyReLU, func(a *graph.Attrs) kernel.Activation {
		return kernel.Activation{Kind: kernel.LeakyReLU, Lo: a.Number("slope")}
	})
	eluKind = parametricKind(weights.OpELU, func(a *graph.Attrs) kernel.Activation {
		return kernel.Activation{Kind: kernel.ELU, Lo: a.Number("alpha")}
	})
	geluKind = parametricKind(weights.OpGELU, func(a *graph.Attrs) kernel.Activation {
		if a.Flag("tanh") {
			return kernel.Activation{Kind: kernel.GELUTanh}
		}
		return kernel.Activation{Kind: kernel.GELU}
	})
	clipKind = parametricKind(weights.OpClip, func(a *graph.Attrs) kernel.Activation {
		lo, hi := float32(math.Inf(-1)), float32(math.Inf(1))
		if a.Names("min") {
			lo = a.Number("min")
		}
		if a.Names("max") {
			hi = a.Number("max")
		}
		if lo > hi {
			a.Failf("min and max: got %v and %v, want min <= max", lo, hi)
		}
		return kernel.Clamped(lo, hi)
	})
)
