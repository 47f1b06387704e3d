package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// A model from a file system. With
//
//	//go:embed cifar10.rfl
//	var files embed.FS
//
// in place of os.DirFS it is part of the program.
func ExampleLoadFS() {
	m, err := engine.LoadFS(os.DirFS("../weights/zoo"), "cifar10.rfl")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	info := m.Info()
	fmt.Println(info.Input, info.Labels[0])
	// Output: [3 32 32] airplane
}

// A picture to a tensor by hand, where Classify's way of doing it is not
// enough: a server keeps one Preprocessor and one Session for each worker.
func ExampleModel_Preprocess() {
	m := load() // engine.Load("cifar10.rfl")
	defer m.Close()
	spec := m.Preprocess()
	fmt.Println(spec.Order, spec.Crop)
	p, err := preprocess.New(spec)
	if err != nil {
		log.Fatal(err)
	}
	img, err := preprocess.DecodeFile("../testdata/pictures/ship.png")
	if err != nil {
		log.Fatal(err)
	}
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	info := m.Info()
	src, dst := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	if err := p.Apply(src, img); err != nil {
		log.Fatal(err)
	}
	if err := s.Run(context.Background(), dst, src); err != nil {
		log.Fatal(err)
	}
	top, err := m.Top(dst, 1) // takes the softmax that this network leaves out
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(top[0].Label)
	// Output:
	// rgb [32 32]
	// ship
}

// What a model says of itself: what it wants, what it gives, what it costs, and
// where its weights come from.
func ExampleModel_Info() {
	m := load(engine.WithISA("generic")) // engine.Load("cifar10.rfl", engine.WithISA("generic"))
	defer m.Close()
	info := m.Info()
	fmt.Println(info.Name, info.Input, info.Outputs[0].Shape, info.Labels[:3])
	fmt.Println(info.ISA, info.Parameters < 1e6, info.MACs < 1e8)
	fmt.Println(info.Provenance.License)
	fmt.Println(info.Nodes[0].Op) // of every node its name, shapes, parameters, multiply-adds
	// Output:
	// cifar10 [3 32 32] [10] [airplane automobile bird]
	// generic true true
	// Apache-2.0
	// conv
}

// Several pictures in one run, each into its own part of the batch.
func ExampleModel_Top() {
	m := load() // engine.Load("cifar10.rfl")
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	p, err := preprocess.New(m.Preprocess())
	if err != nil {
		log.Fatal(err)
	}
	names := []string{"ship", "frog", "truck"}
	in, out := m.Info().InputLen(), m.Info().OutputLen()
	src, dst := make([]float32, len(names)*in), make([]float32, len(names)*out)
	for i, name := range names {
		img, err := preprocess.DecodeFile("../testdata/pictures/" + name + ".png")
		if err != nil {
			log.Fatal(err)
		}
		if err := p.Apply(src[i*in:(i+1)*in], img); err != nil {
			log.Fatal(err)
		}
	}
	if err := s.Run(context.Background(), dst, src); err != nil {
		log.Fatal(err)
	}
	for i := range names {
		top, err := m.Top(dst[i*out:], 1)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(top[0].Label)
	}
	// Output:
	// ship
	// frog
	// truck
}

// The vector before the classifier, as an embedding of the picture.
func ExampleWithOutputs() {
	m := load() // engine.Load("cifar10.rfl")
	nodes := m.Info().Nodes
	m.Close()
	var pooled string // the global mean, by its operator
	for _, n := range nodes {
		if n.Op == weights.OpGlobalAvgPool {
			pooled = n.Name
		}
	}
	m = load(engine.WithOutputs(pooled)) // engine.Load("cifar10.rfl", engine.WithOutputs(pooled))
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	info := m.Info()
	dst := make([]float32, info.OutputLen())
	if err := s.Run(context.Background(), dst, make([]float32, info.InputLen())); err != nil {
		log.Fatal(err)
	}
	classes := info.Outputs[0].Shape[0]
	embedding := dst[classes:]
	fmt.Println(classes, info.Outputs[1].Shape, len(embedding))
	// Output: 10 [1024 1 1] 1024
}

// What a network with dynamic shuffles chose for an input, and the same network
// with a choice of the caller's.
func ExampleSession_Permutations() {
	net, err := zoo.Build(must(zoo.ParseArch("shufflenetv2:0.5x@32,shuffle=dynamic")))
	if err != nil {
		log.Fatal(err)
	}
	m, err := engine.New(net)
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
	src, dst := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	if err := s.Run(context.Background(), dst, src); err != nil {
		log.Fatal(err)
	}
	chosen := s.Permutations()
	first := chosen[0]
	fmt.Println(len(chosen), "nodes; the first one:", first.Groups, "groups of", first.A, "x", first.B)

	static := first.Static()
	if err := s.Inject([]engine.Permutation{static}); err != nil {
		log.Fatal(err)
	}
	if err := s.Run(context.Background(), dst, src); err != nil {
		log.Fatal(err)
	}
	now := s.Permutations()[0]
	fmt.Println("away from the static shuffle:", now.Differ(&static))
	// Output:
	// 16 nodes; the first one: 2 groups of 4 x 6
	// away from the static shuffle: 0
}

// Where the time of a run goes, step by step of the plan.
func ExampleSession_Profile() {
	m := load() // engine.Load("cifar10.rfl")
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	info, steps := m.Info(), m.Steps()
	src, dst := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	times := make([]time.Duration, len(steps))
	if err := s.Profile(context.Background(), dst, src, times); err != nil {
		log.Fatal(err)
	}
	var total time.Duration
	for _, t := range times { // times[i] is what steps[i] took
		total += t
	}
	fmt.Println(steps[len(steps)-1].Op, total > 0)
	// Output: output true
}

// Which error it was, and what was wrong, without reading its text.
func ExampleShapeError() {
	m := load() // engine.Load("cifar10.rfl")
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	err = s.Run(context.Background(), make([]float32, 10), make([]float32, 100))
	var shape *engine.ShapeError
	fmt.Println(errors.Is(err, engine.ErrShape), errors.As(err, &shape))
	fmt.Printf("%s: got %s, want %s\n", shape.What, shape.Got, shape.Want)
	// Output:
	// true true
	// input: got 100 elements, want a multiple of 3072 ([3 32 32])
}

// A network that makes no sense is refused when it is loaded, and the error says
// where.
func ExampleModelError() {
	_, err := engine.New(&weights.Model{Graph: weights.Graph{
		Inputs:  []weights.Value{{Name: "x", Shape: []int{8}}},
		Nodes:   []weights.Node{{Name: "top", Op: "argmax", Inputs: []string{"x"}, Outputs: []string{"y"}}},
		Outputs: []string{"y"},
	}})
	var broken *engine.ModelError
	if errors.As(err, &broken) {
		fmt.Println(errors.Is(err, engine.ErrModel), broken.Node, broken.Op)
	}
	// Output: true top argmax
}

// A file that was cut short is told from one that is none.
func ExampleLoadBytes_truncated() {
	b := must(zoo.Bytes("cifar10"))
	_, err := engine.LoadBytes(b[:len(b)/2])
	fmt.Println(errors.Is(err, weights.ErrTruncated))
	_, err = engine.LoadBytes([]byte("not a model, but longer than a header would be, so that it is looked at"))
	fmt.Println(errors.Is(err, weights.ErrNotRFL))
	// Output:
	// true
	// true
}

func load(opts ...engine.Option) *engine.Model {
	return must(engine.LoadBytes(must(zoo.Bytes("cifar10")), opts...))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
