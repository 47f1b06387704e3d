package load

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// Read reads a .rfl or ONNX file, or a built-in model; "" is the default one. size, if
// not 0, is the height and width of an ONNX input that leaves them open. The error
// is one of the model, with the name in it.
func Read(name string, size int) (*weights.Model, error) {
	var opts []onnx.Option
	if size > 0 {
		opts = append(opts, onnx.WithInputSize(size, size))
	}
	m, err := modelfile.Read(name, opts...)
	if err != nil && size == 0 && strings.Contains(err.Error(), "height and width fixed") {
		err = fmt.Errorf("%w; infer convert -crop N gives it the height and width N", err)
	}
	return m, app.ModelError(err)
}

// Bytes returns a model's file as it is.
func Bytes(name string) ([]byte, error) {
	b, err := modelfile.Bytes(name)
	return b, app.ModelError(err)
}
