// Package zoo holds networks by name: the trained models built into the programs
// ([Load]), and the architectures of the family with random weights ([Build]), for
// measuring speed.
//
// Importing it links all of the trained models into the program, some hundred
// kilobytes each. A program that has a model of its own needs engine alone.
package zoo

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// Default is the name of the model that programs use when none is named.
const Default = "cifar10-sds"

// The pattern takes README.md along with the .rfl files: a pattern that matches
// no file would not build, and a checkout may have no model.
//
//go:embed *.[mr]*
var files embed.FS

// Names returns the names of the trained models built in, sorted. Safe for
// concurrent use.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // an embed.FS always has its root
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".rfl"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Bytes returns the .rfl file of the model called name, for engine.LoadBytes; a
// fresh copy. The error says which names there are. Safe for concurrent use.
func Bytes(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("model: got %q, want one of %q", name, Names())
	}
	return files.ReadFile(name + ".rfl")
}

// Load reads the model called name, for engine.New or to be looked at; a fresh
// one each time. Safe for concurrent use.
func Load(name string) (*weights.Model, error) {
	b, err := Bytes(name)
	if err != nil {
		return nil, err
	}
	return weights.Read(b)
}
