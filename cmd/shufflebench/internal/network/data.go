package network

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// Noise returns an input of batch samples: seeded noise, the same in every call.
func (n *Network) Noise(batch int) []float32 {
	rng := rand.New(rand.NewPCG(2017, 7))
	size := batch
	for _, d := range n.Input {
		size *= d
	}
	x := make([]float32, size)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// Write writes the network to dir, as .rfl and, where ONNX can express it, as
// .onnx, and sets Paths and NoONNX. index makes the names unique.
func (n *Network) Write(dir string, index, batch int) error {
	base := filepath.Join(dir, fmt.Sprintf("model%d", index))
	if err := os.WriteFile(base+".rfl", n.rfl, 0o600); err != nil {
		return err
	}
	n.Paths["rfl"] = base + ".rfl"
	var opts []onnx.ExportOption
	if batch > 1 {
		opts = append(opts, onnx.WithSymbolicBatch())
	}
	b, err := onnx.Export(n.Model, opts...)
	if errors.Is(err, onnx.ErrUnsupported) {
		n.NoONNX = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: ONNX: %w", n.Name, err)
	}
	n.Paths["onnx"] = base + ".onnx"
	return os.WriteFile(base+".onnx", b, 0o600)
}

// NeedPreprocess gives a network that does not say how a picture becomes its input
// what is usual for networks trained on ImageNet: the shorter side scaled to the
// input's by 256/224, the centre crop, ImageNet's mean and deviation. A network
// whose input is no picture is an error.
func (n *Network) NeedPreprocess() error {
	if n.Model.Preprocess != nil {
		return nil
	}
	if len(n.Input) != 3 || n.Input[0] != 3 {
		return fmt.Errorf("%s: got an input of %v, want a picture of 3 channels", n.Name, n.Input)
	}
	h, w := n.Input[1], n.Input[2]
	n.Model.Preprocess = &weights.Preprocess{
		Resize: (min(h, w)*256 + 112) / 224, Crop: [2]int{h, w}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225},
	}
	return nil
}
