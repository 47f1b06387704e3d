// Package modelfile finds the model that a user names on the command line: a
// .rfl file, an .onnx file, or a model built into the program.
package modelfile

import (
	"errors"
	"fmt"
	"io"
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

// IsONNX tells whether the model called name is an ONNX file. The contents decide where
// they can: a .rfl file begins with a mark of its own, and what begins as ONNX
// files do is one by any name. Of other files the extension .onnx does, in upper or
// lower case.
func IsONNX(name string) bool {
	if !IsPath(name) {
		return false
	}
	head := firstBytes(name)
	switch {
	case strings.HasPrefix(head, "\x89RFL"):
		return false
	case strings.EqualFold(filepath.Ext(name), ".onnx"):
		return true
	}
	// Field 1 of the message is the format's version. Then comes field 2 (who made
	// the file), 7 (the graph) or 8 (the opsets).
	return len(head) > 2 && head[0] == 0x08 && head[1] < 0x80 && strings.IndexByte("\x12\x3A\x42", head[2]) >= 0
}

// firstBytes returns what a regular file begins with; "" where there is none.
// Reading a pipe would take the bytes away.
func firstBytes(path string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, 8))
	return string(b)
}

// Title is how messages call the model: its name, or for "" that of the
// default model.
func Title(name string) string {
	if name == "" {
		return zoo.Default
	}
	return name
}

// Read reads the model called name: an ONNX file, which is imported with the
// options; another file, which is .rfl; a model built in; for "" the default model
// built in. An error names the file or the model.
func Read(name string, opts ...onnx.Option) (*weights.Model, error) {
	switch {
	case IsONNX(name):
		m, err := onnx.ReadFile(name, opts...)
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
		return fmt.Errorf("model: got %q, want a .rfl or .onnx file (./%s for one of that name) or one of %s", name, name, strings.Join(names, ", "))
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
