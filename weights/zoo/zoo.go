// Package zoo holds networks by name: trained models that are embedded in the program
// ([Load]), and architectures with random weights ([Build]), which serve to measure speed.
//
// A program that imports zoo contains all of the trained models, up to four megabytes
// each. A program that has a model of its own needs package engine alone.
package zoo

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// Default is the name of the model that programs use when none is named. It is the one that
// knows most of what a photograph may show: 200 classes of animals, food and everyday things.
const Default = "tiny-imagenet"

// The pattern takes README.md along with the .rfl files: a pattern that matches
// no file would not build, and a checkout may have no model.
//
//go:embed *.[mr]*
var files embed.FS

// Names returns the names of the embedded models, sorted. Safe for concurrent use.
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

// Bytes returns the .rfl file of the model called name, a fresh copy, for
// engine.LoadBytes. The error says which names there are. Safe for concurrent use.
func Bytes(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("model: got %q, want one of %q", name, Names())
	}
	return files.ReadFile(name + ".rfl")
}

// Load reads the model called name, a fresh one each time, for engine.New or for a
// look at its graph. The error says which names there are. Safe for concurrent use.
func Load(name string) (*weights.Model, error) {
	b, err := Bytes(name)
	if err != nil {
		return nil, err
	}
	return weights.Read(b)
}
