package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// summary is everything that inspect says; its fields are the JSON object's.
type summary struct {
	File        string              `json:"file"`
	Bytes       int                 `json:"bytes"`
	SHA256      string              `json:"sha256"`
	CRC32C      string              `json:"crc32c"` // of the whole file
	Name        string              `json:"name"`
	Input       []int               `json:"input"`
	Outputs     []output            `json:"outputs"`
	Parameters  int                 `json:"parameters"`
	MACs        int64               `json:"macs"`
	Float32     int                 `json:"float32_tensors"`
	Float16     int                 `json:"float16_tensors"`
	Activations int                 `json:"activation_bytes"` // of one session
	Preprocess  *weights.Preprocess `json:"preprocess,omitempty"`
	Labels      []string            `json:"labels,omitempty"`
	Provenance  weights.Provenance  `json:"provenance"`
	Operators   []operator          `json:"operators"`
	Nodes       []node              `json:"nodes,omitempty"`

	isONNX bool
}

type output struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

type operator struct {
	Op    string `json:"op"`
	Count int    `json:"count"`
}

type node struct {
	Name       string           `json:"name"`
	Op         string           `json:"op"`
	In         []string         `json:"in"`
	Out        []string         `json:"out"`
	Shapes     [][]int          `json:"shapes"` // of the outputs
	Attrs      map[string][]int `json:"attrs,omitempty"`
	Parameters int              `json:"parameters"`
	MACs       int64            `json:"macs"`
}

// summarize reads a model, and plans it: what inspect shows is what would run.
func summarize(name string) (*summary, error) {
	b, err := load.Bytes(name)
	if err != nil {
		return nil, err
	}
	w, err := load.Read(name, load.Reading{})
	if err != nil {
		return nil, err
	}
	e, err := engine.New(w, engine.WithThreads(1))
	if err != nil {
		return nil, app.ModelError(modelfile.WithPath(name, err))
	}
	defer e.Close()
	info := e.Info()
	hash := sha256.Sum256(b)
	s := &summary{
		File: name, Bytes: len(b), SHA256: hex.EncodeToString(hash[:]),
		CRC32C: fmt.Sprintf("%08x", crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))),
		Name:   w.Name, Input: info.Input, Parameters: info.Parameters, MACs: info.MACs,
		Activations: info.ActivationBytes, Preprocess: w.Preprocess, Labels: w.Labels, Provenance: w.Provenance,
		isONNX: modelfile.IsONNX(name),
	}
	for _, o := range info.Outputs {
		s.Outputs = append(s.Outputs, output{o.Name, o.Shape})
	}
	for i := range w.Tensors {
		if w.Tensors[i].DType == weights.Float16 {
			s.Float16++
		} else {
			s.Float32++
		}
	}
	seen := map[string]int{}
	for i, n := range info.Nodes {
		at, ok := seen[n.Op]
		if !ok {
			at = len(s.Operators)
			seen[n.Op] = at
			s.Operators = append(s.Operators, operator{Op: n.Op})
		}
		s.Operators[at].Count++
		g := &w.Graph.Nodes[i]
		s.Nodes = append(s.Nodes, node{n.Name, n.Op, g.Inputs, g.Outputs, n.Outputs, g.Attrs, n.Parameters, n.MACs})
	}
	return s, nil
}
