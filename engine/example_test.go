package engine_test

import (
	"context"
	"fmt"
	"log"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// The three-line way: load, decode, classify.
func Example() {
	b, err := zoo.Bytes("cifar10") // or engine.Load("cifar10.rfl")
	if err != nil {
		log.Fatal(err)
	}
	m, err := engine.LoadBytes(b)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	img, err := preprocess.DecodeFile("../testdata/pictures/ship.png")
	if err != nil {
		log.Fatal(err)
	}
	top, err := m.Classify(context.Background(), img, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(top[0].Label)
	// Output: ship
}

// A session for each goroutine runs float32 batches without allocating.
func ExampleSession_Run() {
	b, err := zoo.Bytes("cifar10")
	if err != nil {
		log.Fatal(err)
	}
	m, err := engine.LoadBytes(b, engine.WithThreads(1))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	info := m.Info()
	src := make([]float32, 4*info.InputLen()) // 4 samples, NCHW
	dst := make([]float32, 4*info.OutputLen())
	if err := s.Run(context.Background(), dst, src); err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Input, len(dst))
	// Output: [3 32 32] 40
}
