package engine

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// TestLite0: EfficientNet-Lite0 with its real weights, as both of PyTorch's exporters write
// it, names PyTorch's class for every photograph, and so is right as often.
// weights/onnx/testdata/lite0.py makes RIFFLE_LITE0; RIFFLE_DATA has imagenet-samples.
func TestLite0(t *testing.T) {
	data, dir := os.Getenv("RIFFLE_DATA"), os.Getenv("RIFFLE_LITE0")
	if data == "" || dir == "" {
		t.Skip("RIFFLE_DATA and RIFFLE_LITE0 are not set")
	}
	b, err := os.ReadFile(filepath.Join(dir, "lite0.json"))
	if err != nil {
		t.Fatal(err)
	}
	var torch struct {
		Right  int
		Photos map[string]struct {
			Class, Label int
			Margin       float64
		}
	}
	if err := json.Unmarshal(b, &torch); err != nil {
		t.Fatal(err)
	}
	if len(torch.Photos) < 40 || torch.Right < 35 {
		t.Fatalf("lite0.json: got %d photographs, %d right, want 40 and 35 or more", len(torch.Photos), torch.Right)
	}
	for _, file := range []string{"lite0-old.onnx", "lite0-dynamo.onnx"} {
		m, err := onnx.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		m.Preprocess = &weights.Preprocess{
			Resize: 256, Crop: [2]int{224, 224}, Filter: "bicubic", Order: "rgb",
			Mean: []float64{127.0 / 255, 127.0 / 255, 127.0 / 255}, Std: []float64{128.0 / 255, 128.0 / 255, 128.0 / 255},
		}
		e := mustNew(t, m)
		right := 0
		for name, want := range torch.Photos {
			img, err := preprocess.DecodeFile(filepath.Join(data, "imagenet-samples/images", name))
			if err != nil {
				t.Fatal(err)
			}
			top, err := e.Classify(context.Background(), img, 1)
			if err != nil {
				t.Fatal(err)
			}
			if top[0].Class != want.Class {
				t.Errorf("%s, %s: got class %d, want PyTorch's, %d, which is ahead by %.3g", file, name, top[0].Class, want.Class, want.Margin)
			}
			if top[0].Class == want.Label {
				right++
			}
		}
		t.Logf("%s: %d of %d photographs are right, as PyTorch has it: %d", file, right, len(torch.Photos), torch.Right)
		if right != torch.Right {
			t.Errorf("%s: %d photographs are right, want %d", file, right, torch.Right)
		}
	}
}
