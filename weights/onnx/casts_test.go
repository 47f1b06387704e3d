package onnx_test

import (
	"errors"
	"testing"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// A cast that rounds activations is refused, and dropped where the caller says that a
// more exact result will do.
func TestWiderCasts(t *testing.T) {
	for _, to := range []int64{10, 16} { // float16, bfloat16
		b := image(13).node("Cast", "x", "z", attrInt("to", to)).node("Relu", "z", "r").node("Cast", "r", "y", attrInt("to", 1)).out("y").bytes()
		if _, err := onnx.Import(b); !errors.Is(err, onnx.ErrUnsupported) {
			t.Errorf("to %d: got %v, want ErrUnsupported", to, err)
		}
		m, err := onnx.Import(b, onnx.WithWiderCasts())
		if err != nil {
			t.Errorf("to %d, with wider casts: %v", to, err)
		} else if got := operators(m); got != weights.OpReLU {
			t.Errorf("to %d: got %q, want the ReLU alone", to, got)
		}
	}
}
