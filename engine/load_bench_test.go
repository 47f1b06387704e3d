package engine

import (
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLoad is loading in a process that has done it before; a first load
// takes longer by the first touch of its memory: see cmd/shufflebench/footprint.
//
//	go test -run XXX -bench Load ./engine
func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "v2.rfl")
	file, err := build(b, "shufflenetv2:1x@224").Encode()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{"../weights/zoo/cifar10.rfl", path} {
		b.Run(filepath.Base(path), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m, err := Load(path, WithThreads(1))
				if err != nil {
					b.Fatal(err)
				}
				m.Close()
			}
		})
	}
}
