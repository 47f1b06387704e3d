package main

import (
	"io"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// readONNX imports a model.
func readONNX(path string) (*weights.Model, error) { return onnx.ReadFile(path) }

// writeONNX exports a model.
func writeONNX(w io.Writer, m *weights.Model) error { return onnx.Write(w, m) }
