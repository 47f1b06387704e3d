package onnx_test

import (
	"errors"
	"fmt"
	"log"

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
