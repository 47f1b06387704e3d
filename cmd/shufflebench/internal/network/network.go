// Package network reads or builds the networks that shufflebench measures, and
// writes them to files for the processes that run them.
package network

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// defaultArchs are the networks of the README's table, and what the shuffle costs:
// the family's own, one chosen per input, and two stand-ins for dense pointwise
// convolutions.
var defaultArchs = []string{
	"shufflenetv2:1x@224",
	"shufflenetv2:0.5x@224",
	"shufflenetv1:1x@224,g=3",
	"shufflenetv1:1x@224,g=8",
	"mobilenetv2:1x@224",
	"shufflenetv2:0.5x@32",
	"shufflenetv2:0.5x@32,shuffle=dynamic",
	"shufflenetv2:0.5x@32,pointwise=grouped",
	"shufflenetv2:0.5x@32,pointwise=kronecker",
}

// Network is one network to measure. Every contender gets the same bytes.
type Network struct {
	report.Network
	Model  *weights.Model
	Paths  map[string]string // files that Write wrote, by extension: "rfl", "onnx"
	NoONNX error             // why Write wrote no ONNX file; nil if it did

	rfl []byte
}

// All builds the networks of archs, specifications as [zoo.ParseArch] reads them,
// and reads models: files, or names of models built in. With neither it returns
// the default networks and all models built in. Two networks of one name are an
// error, because their rows could not be told apart.
func All(archs, models []string) ([]*Network, error) {
	if len(archs)+len(models) == 0 {
		archs, models = defaultArchs, zoo.Names()
	}
	var list []*Network
	add := func(n *Network, err error) error {
		if err == nil {
			list = append(list, n)
		}
		return err
	}
	for _, a := range archs {
		if err := add(FromArch(a)); err != nil {
			return nil, err
		}
	}
	for _, m := range models {
		if err := add(FromModel(m)); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	for _, n := range list {
		if seen[n.Name] {
			return nil, cli.Usagef("network %q: given twice", n.Name)
		}
		seen[n.Name] = true
	}
	return list, nil
}

// FromArch builds a network of random weights.
func FromArch(spec string) (*Network, error) {
	a, err := zoo.ParseArch(spec)
	if err != nil {
		return nil, cli.WithStatus(cli.Usage, err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		return nil, err
	}
	return newNetwork(spec, "arch", m)
}

// FromModel reads a .rfl file, an .onnx file, or a model built in.
func FromModel(name string) (*Network, error) {
	m, err := modelfile.Read(name)
	if err != nil {
		return nil, err
	}
	if modelfile.IsPath(name) {
		return newNetwork(filepath.Base(name), name, m)
	}
	return newNetwork(name, "built in", m)
}

func newNetwork(name, source string, m *weights.Model) (*Network, error) {
	rfl, err := m.Encode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// Read again, so that all contenders have the tensors that the file holds.
	if m, err = weights.Read(rfl); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	e, err := engine.New(m, engine.WithThreads(1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer e.Close()
	info, sum := e.Info(), sha256.Sum256(rfl)
	return &Network{
		Network: report.Network{
			Name: cli.Printable(name), Source: source, SHA256: hex.EncodeToString(sum[:]),
			Input: info.Input, MACs: info.MACs, Parameters: info.Parameters, Int8: m.Quantized(),
		},
		Model: m, rfl: rfl, Paths: map[string]string{},
	}, nil
}
