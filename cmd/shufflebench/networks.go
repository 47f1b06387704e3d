package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// defaultArchs shows what the shuffle costs: the family's own, one chosen per
// input, and two stand-ins for dense pointwise convolutions.
var defaultArchs = []string{
	"shufflenetv2:0.5x@32",
	"shufflenetv2:0.5x@32,shuffle=dynamic",
	"shufflenetv2:0.5x@32,pointwise=grouped",
	"shufflenetv2:0.5x@32,pointwise=kronecker",
}

// network is one to measure: the same bytes for every contender.
type network struct {
	Network
	model *weights.Model
	rfl   []byte
	paths map[string]string // files written for peers, by extension
	onnx  error             // why there is no ONNX file
}

// networks reads or builds what the flags ask for, or the default set.
func (o *options) networks() ([]*network, error) {
	var list []*network
	add := func(n *network, err error) error {
		if err == nil {
			list = append(list, n)
		}
		return err
	}
	for _, a := range o.archs {
		if err := add(fromArch(a)); err != nil {
			return nil, err
		}
	}
	for _, m := range o.models {
		if err := add(fromModel(m)); err != nil {
			return nil, err
		}
	}
	if len(list) > 0 {
		return unique(list)
	}
	for _, a := range defaultArchs {
		if err := add(fromArch(a)); err != nil {
			return nil, err
		}
	}
	for _, name := range zoo.Names() {
		if err := add(fromModel(name)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// unique refuses two networks of one name: rows could not be told apart.
func unique(list []*network) ([]*network, error) {
	seen := map[string]bool{}
	for _, n := range list {
		if seen[n.Name] {
			return nil, usagef("network %q: given twice", n.Name)
		}
		seen[n.Name] = true
	}
	return list, nil
}

func fromArch(spec string) (*network, error) {
	a, err := zoo.ParseArch(spec)
	if err != nil {
		return nil, &usageError{err}
	}
	m, err := zoo.Build(a)
	if err != nil {
		return nil, err
	}
	return newNetwork(spec, "arch", m)
}

// fromModel reads a .rfl file, an .onnx file, or a model built into this program.
func fromModel(name string) (*network, error) {
	if !strings.ContainsAny(name, `/\`) && filepath.Ext(name) == "" {
		m, err := zoo.Load(name)
		if err != nil {
			return nil, err
		}
		return newNetwork(name, "built in", m)
	}
	var m *weights.Model
	var err error
	if strings.EqualFold(filepath.Ext(name), ".onnx") {
		m, err = onnx.ReadFile(name)
	} else {
		m, err = weights.ReadFile(name)
	}
	if err != nil {
		if !strings.Contains(err.Error(), name) {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return nil, err
	}
	return newNetwork(filepath.Base(name), name, m)
}

func newNetwork(name, source string, m *weights.Model) (*network, error) {
	rfl, err := m.Encode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// What contenders load is what the checksum is of.
	if m, err = weights.Read(rfl); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	e, err := engine.New(m, engine.WithThreads(1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer e.Close()
	info, sum := e.Info(), sha256.Sum256(rfl)
	return &network{
		Network: Network{
			Name: name, Source: source, SHA256: hex.EncodeToString(sum[:]),
			Input: info.Input, MACs: info.MACs, Parameters: info.Parameters,
		},
		model: m, rfl: rfl, paths: map[string]string{},
	}, nil
}

// input is seeded noise: the same for every contender.
func (n *network) input(batch int) []float32 {
	rng := rand.New(rand.NewPCG(2017, 7))
	size := batch
	for _, d := range n.Input {
		size *= d
	}
	x := make([]float32, size)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// write puts the network into dir, as .rfl and, where it can be one, as .onnx.
func (n *network) write(dir string, index, batch int) error {
	base := filepath.Join(dir, fmt.Sprintf("model%d", index))
	if err := os.WriteFile(base+".rfl", n.rfl, 0o600); err != nil {
		return err
	}
	n.paths["rfl"] = base + ".rfl"
	var opts []onnx.ExportOption
	if batch > 1 {
		opts = append(opts, onnx.WithSymbolicBatch())
	}
	b, err := onnx.Export(n.model, opts...)
	if errors.Is(err, onnx.ErrUnsupported) {
		n.onnx = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: ONNX: %w", n.Name, err)
	}
	n.paths["onnx"] = base + ".onnx"
	return os.WriteFile(base+".onnx", b, 0o600)
}
