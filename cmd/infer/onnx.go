package main

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// readONNX imports a model. size, if it is not 0, is the height and width of an
// input that leaves them open.
func readONNX(path string, size int) (*weights.Model, error) {
	if size > 0 {
		return onnx.ReadFile(path, onnx.WithInputSize(size, size))
	}
	return onnx.ReadFile(path)
}

// writeONNX exports a model. Dynamic shuffles, which ONNX does not know, become
// nodes of riffle's own domain, so that the file can come back.
func writeONNX(m *weights.Model) ([]byte, error) {
	return onnx.Export(m, onnx.WithCustomDomain())
}
