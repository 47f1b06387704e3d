package zoo_test

import (
	"fmt"
	"log"

	"github.com/riffle-ml/riffle/weights/zoo"
)

// A network of the family with random weights, to be timed or exported.
func ExampleBuild() {
	a, err := zoo.ParseArch("shufflenetv1:0.5x@64,g=3,classes=7")
	if err != nil {
		log.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a, m.Graph.Inputs[0].Shape)

	_, err = zoo.ParseArch("shufflenetv2:9x")
	fmt.Println(err)
	// Output:
	// shufflenetv1:0.5x@64,g=3,classes=7 [3 64 64]
	// network "shufflenetv2:9x": width: got "9x", want 0.05x to 8x
}

// A trained model as data, before anything runs it.
func ExampleLoad() {
	m, err := zoo.Load(zoo.Default)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Name, len(m.Labels), m.Preprocess.Crop)
	// Output: tiny-imagenet 200 [64 64]
}
