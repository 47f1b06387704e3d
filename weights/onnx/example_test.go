package onnx_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// A network for another engine, and back.
func Example() {
	a, err := zoo.ParseArch("shufflenetv2:0.5x@224")
	if err != nil {
		log.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		log.Fatal(err)
	}
	b, err := onnx.Export(m)
	if err != nil {
		log.Fatal(err)
	}
	back, err := onnx.Import(b)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(back.Graph.Inputs[0].Shape, len(back.Graph.Nodes) == len(m.Graph.Nodes))
	// Output: [3 224 224] true
}

// What ONNX has no operator for is not written but where it is asked for, and
// the error names the node.
func ExampleError() {
	a, err := zoo.ParseArch("shufflenetv2:0.5x@32,shuffle=dynamic")
	if err != nil {
		log.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		log.Fatal(err)
	}
	_, err = onnx.Export(m)
	var e *onnx.Error
	fmt.Println(errors.Is(err, onnx.ErrUnsupported), errors.As(err, &e) && e.Op == weights.OpDynamicShuffle)
	_, err = onnx.Export(m, onnx.WithCustomDomain())
	fmt.Println(err)
	// Output:
	// true true
	// <nil>
}

// A network with an operator that riffle does not run is refused when it is
// brought in, and the error names the node and says what there is.
func ExampleImport() {
	b, err := onnx.Export(must(zoo.Build(zoo.Arch{Family: "shufflenetv2", Size: 32})))
	if err != nil {
		log.Fatal(err)
	}
	m, err := onnx.Import(b)
	if err != nil {
		log.Fatal(err)
	}
	// How a picture becomes the input, and what the classes are called, ONNX does not say.
	m.Labels = strings.Split("airplane automobile bird cat deer dog frog horse ship truck", " ")
	m.Preprocess = &weights.Preprocess{
		Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.5, 0.5, 0.5}, Std: []float64{0.25, 0.25, 0.25},
	}
	fmt.Println(m.Graph.Inputs[0].Shape, m.Check())

	_, err = onnx.Import(bytes.ReplaceAll(b, []byte("Relu"), []byte("Rely")))
	var e *onnx.Error
	if errors.As(err, &e) {
		fmt.Println(errors.Is(err, onnx.ErrUnsupported), e.Node, e.Op)
	}
	// Output:
	// [3 32 32] <nil>
	// true relu_2 Rely
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
