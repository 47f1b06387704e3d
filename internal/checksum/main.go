// Command checksum prints the SHA-256 of what networks compute, one line for
// each network and instruction set of this machine. Two builds that print the
// same lines compute the same bits. A change of structure must not change a
// line; a change of arithmetic changes them, and says so.
//
//	go run ./internal/checksum                 the shipped models and five networks of package zoo
//	go run ./internal/checksum ARCH MODEL...   those named
//
// Each network computes a batch of three samples of normal noise from a fixed
// seed, with one thread and with two. The checksum covers all outputs of both.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// networks are built in Go, with random weights: each kernel is in one of them.
var networks = []string{
	"shufflenetv2:0.5x@224", "shufflenetv1:1x@96,g=3", "mobilenetv2:1x@96",
	"shufflenetv2:0.5x@32,shuffle=dynamic", "shufflenetv2:0.5x@32,pointwise=grouped",
}

func main() {
	names := os.Args[1:]
	if len(names) == 0 {
		names = append(zoo.Names(), networks...)
	}
	for _, name := range names {
		m, err := load(name)
		for _, isa := range engine.Sets() {
			if err != nil {
				break
			}
			var sum []byte
			if sum, err = checksum(m, isa); err == nil {
				fmt.Printf("%-8s %-40s %x\n", isa, name, sum)
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "checksum: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func load(name string) (*weights.Model, error) {
	if slices.Contains(zoo.Names(), name) {
		return zoo.Load(name)
	}
	arch, err := zoo.ParseArch(name)
	if err != nil {
		return nil, err
	}
	return zoo.Build(arch)
}

func checksum(m *weights.Model, isa string) ([]byte, error) {
	const samples = 3
	h := sha256.New()
	for _, threads := range []int{1, 2} {
		e, err := engine.New(m, engine.WithISA(isa), engine.WithThreads(threads))
		if err != nil {
			return nil, err
		}
		s, err := e.NewSession()
		if err != nil {
			return nil, err
		}
		info, rng := e.Info(), rand.New(rand.NewPCG(1, 2))
		src := make([]float32, samples*info.InputLen())
		for i := range src {
			src[i] = float32(rng.NormFloat64())
		}
		dst := make([]float32, samples*info.OutputLen())
		if err := s.Run(context.Background(), dst, src); err != nil {
			return nil, err
		}
		if err := binary.Write(h, binary.LittleEndian, dst); err != nil {
			return nil, err
		}
		if err := e.Close(); err != nil {
			return nil, err
		}
	}
	return h.Sum(nil), nil
}
