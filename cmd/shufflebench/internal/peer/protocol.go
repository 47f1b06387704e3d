// Package peer talks to another engine that runs in a process of its own. It
// knows the protocol, which is described in shufflebench's README.md, and how to
// start, watch and end a process; it knows no engine.
package peer

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// Request asks a peer for one thing: one JSON object on one line of its standard
// input. Op is "load", "run", "time", "classify" or "quit".
type Request struct {
	Op      string `json:"op"`
	Model   string `json:"model,omitempty"`   // load: the file
	Threads int    `json:"threads,omitempty"` // load
	Shape   []int  `json:"shape,omitempty"`   // load: of the input, batch first

	Preprocess json.RawMessage `json:"preprocess,omitempty"` // load: how a picture becomes the input, as in a .rfl file
	Files      []string        `json:"files,omitempty"`      // classify: pictures

	Input []byte `json:"input,omitempty"` // run: float32, little-endian (base64 in JSON)
	Warm  int    `json:"warm,omitempty"`  // time: runs before the timed ones
	N     int    `json:"n,omitempty"`     // time: timed runs of run's input
}

// Answer is the reply to a [Request]: one JSON object on one line of the peer's
// standard output.
type Answer struct {
	OK      bool      `json:"ok"`
	Error   string    `json:"error,omitempty"`
	Name    string    `json:"name,omitempty"`       // load: short name of the engine
	Version string    `json:"version,omitempty"`    // load
	NS      []float64 `json:"ns,omitempty"`         // load, run: one; time: n of them; classify: one for each file
	Output  []byte    `json:"output,omitempty"`     // run: float32, little-endian
	Classes []int     `json:"classes,omitempty"`    // classify: the most probable class of each file
	Elapsed float64   `json:"elapsed_ns,omitempty"` // classify: from the first file to the last class, all threads at work
	Allocs  *float64  `json:"allocs,omitempty"`     // time: per run; optional
	PeakRSS int64     `json:"peak_rss,omitempty"`
}

// Bytes returns x as little-endian float32.
func Bytes(x []float32) []byte {
	b := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return b
}

// Floats reads what [Bytes] wrote. A length that is no multiple of 4 is an error.
func Floats(b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("got %d bytes, want a multiple of 4", len(b))
	}
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x, nil
}
