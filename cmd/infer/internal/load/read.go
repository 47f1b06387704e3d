package load

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// Read reads a .rfl or ONNX file, or a built-in model; "" is the default one. size, if
// not 0, is the height and width of an ONNX input that leaves them open. nhwc says that
// an ONNX input has its channels last. The error is one of the model, with the name in it.
func Read(name string, size int, nhwc bool) (*weights.Model, error) {
	var opts []onnx.Option
	if size > 0 {
		opts = append(opts, onnx.WithInputSize(size, size))
	}
	if nhwc {
		opts = append(opts, onnx.WithChannelsLast())
	}
	m, err := modelfile.Read(name, opts...)
	return m, app.ModelError(err)
}

// Bytes returns a model's file as it is.
func Bytes(name string) ([]byte, error) {
	b, err := modelfile.Bytes(name)
	return b, app.ModelError(err)
}
