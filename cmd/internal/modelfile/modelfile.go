// Package modelfile finds the model that a user names on the command line: a
// .rfl file, an .onnx file, or a model built into the program.
package modelfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// IsPath tells a file from the name of a model built in: it has a separator or
// an extension.
func IsPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || filepath.Ext(name) != ""
}

// IsONNX tells an ONNX file by its extension, in upper or lower case.
func IsONNX(name string) bool { return strings.EqualFold(filepath.Ext(name), ".onnx") }

// Title is how messages call the model: its name, or for "" that of the
// default model.
func Title(name string) string {
	if name == "" {
		return zoo.Default
	}
	return name
}

// Read reads the model called name: an .onnx file, which is imported; another
// file, which is .rfl; a model built in; for "" the default model built in. An
// error names the file or the model.
func Read(name string) (*weights.Model, error) {
	switch {
	case IsONNX(name):
		m, err := onnx.ReadFile(name)
		return m, WithPath(name, err)
	case IsPath(name):
		m, err := weights.ReadFile(name)
		return m, WithPath(name, err)
	}
	if err := builtIn(name); err != nil {
		return nil, err
	}
	m, err := zoo.Load(Title(name))
	if err != nil {
		return nil, fmt.Errorf("built-in model %s: %w", Title(name), err)
	}
	return m, nil
}

// Bytes returns a file's content, or the .rfl file of a model built in.
func Bytes(name string) ([]byte, error) {
	if IsPath(name) {
		return os.ReadFile(name)
	}
	if err := builtIn(name); err != nil {
		return nil, err
	}
	return zoo.Bytes(Title(name))
}

// builtIn refuses a name that is no built-in model's.
func builtIn(name string) error {
	names := zoo.Names()
	switch {
	case len(names) == 0:
		return errors.New("this build has no model built in: give a file, model.rfl")
	case name != "" && !slices.Contains(names, name):
		return fmt.Errorf("model: got %q, want a .rfl file (./%s for one of that name) or one of %s", name, name, strings.Join(names, ", "))
	}
	return nil
}

// WithPath puts the file's name before an error that does not name it. It
// returns nil for nil.
func WithPath(path string, err error) error {
	if err == nil || strings.Contains(err.Error(), path) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
