// Package network holds one loaded version of a model, and the memory to run it with.
package network

import (
	"sync"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Network is one version of a model, loaded and warmed up. It is immutable but for its
// idle runners, and safe for concurrent use.
type Network struct {
	Name, Version string
	Model         *engine.Model
	Info          engine.Info
	Input         string // the name of its input tensor
	Own           int    // so many of Info.Outputs are the file's; the others were asked for
	// Embedding is the name of the output that the last linear layer reads; "" if
	// there is none.
	Embedding string
	Usual     map[string]engine.Permutation // by node, what the file says is usual
	Dynamic   int                           // layers that choose a permutation
	Channels  int                           // of all of these together

	mu   sync.Mutex
	idle []*Runner
}

// Runner is what one sample at a time needs. It belongs to who borrowed it.
type Runner struct {
	Session *engine.Session
	Pre     *preprocess.Preprocessor // nil if the model does not say how a picture becomes its input
	Src     []float32                // one sample's input
	Dst     []float32                // one sample's outputs, in the order of Info.Outputs
}
