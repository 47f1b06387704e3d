package main

import (
	"fmt"
	"io"
	"os"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// maxONNX bounds an ONNX file: protobuf's own limit on a message.
const maxONNX = 1<<31 - 1

// readONNX imports a model. size, if it is not 0, is the height and width of an
// input that leaves them open.
func readONNX(path string, size int) (*weights.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxONNX {
		return nil, fmt.Errorf("got %d bytes, want at most %d", info.Size(), maxONNX)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxONNX))
	if err != nil {
		return nil, err
	}
	var opts []onnx.Option
	if size > 0 {
		opts = append(opts, onnx.WithInputSize(size, size))
	}
	return onnx.Import(b, opts...)
}

// writeONNX exports a model.
func writeONNX(w io.Writer, m *weights.Model) error {
	b, err := onnx.Export(m)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
