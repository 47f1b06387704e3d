package onnx_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights/onnx"
)

// The forms that testdata/forms.py writes: what people and exporters write besides
// PyTorch's. The answers are those of the ONNX project's evaluator and of ONNX Runtime.
func TestFormsGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/forms/*.onnx")
	if err != nil || len(paths) < 60 {
		t.Fatalf("got %d files in testdata/forms (%v), want 60 or more", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(path, ".onnx")
		t.Run(filepath.Base(name), func(t *testing.T) {
			var opts []onnx.Option
			if strings.Contains(name, "channels-last") {
				opts = append(opts, onnx.WithChannelsLast())
				if _, err := onnx.ReadFile(path); !errors.Is(err, onnx.ErrUnsupported) || !strings.Contains(err.Error(), "NHWC") {
					t.Errorf("without the option: got %v, want ErrUnsupported that says NHWC", err)
				}
			}
			m, err := onnx.ReadFile(path, opts...)
			if err != nil {
				t.Fatal(err)
			}
			against(t, m, name+".safetensors")
			against(t, roundTrip(t, m), name+".safetensors")
		})
	}
}
