package load

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// Reading is what an ONNX file does not say, or should not mean.
type Reading struct {
	Size         Size // of an input that leaves height and width open; zero: none may
	ChannelsLast bool // the input is [N H W C]
	WiderCasts   bool // casts of activations to 16 bits are dropped
}

// Read reads a .rfl or ONNX file, or a built-in model; "" is the default one. The error is
// one of the model, with the name in it.
func Read(name string, r Reading) (*weights.Model, error) {
	var opts []onnx.Option
	if r.Size != (Size{}) {
		opts = append(opts, onnx.WithInputSize(r.Size[0], r.Size[1]))
	}
	if r.ChannelsLast {
		opts = append(opts, onnx.WithChannelsLast())
	}
	if r.WiderCasts {
		opts = append(opts, onnx.WithWiderCasts())
	}
	m, err := modelfile.Read(name, opts...)
	return m, app.ModelError(err)
}

// Bytes returns a model's file as it is.
func Bytes(name string) ([]byte, error) {
	b, err := modelfile.Bytes(name)
	return b, app.ModelError(err)
}
