// Package cifartest gives tests the real CIFAR test splits.
//
// They come from the folder that the environment variable RIFFLE_DATA names,
// where the sets lie compressed without loss: one gzip stream a file of labels,
// then the residuals of planes G, R-G+128 and B-G+128 under the median (LOCO-I) predictor.
package cifartest

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

const (
	pictures = 10000
	side     = 32
	planeLen = side * side
)

// TestBatch writes the binary version of the CIFAR-10 test split to a new
// folder of t's and returns the folder. It skips t where RIFFLE_DATA is not set.
func TestBatch(t testing.TB) string {
	return write(t, "cifar10/test_batch.med.gz", 1, "test_batch.bin")
}

// Test100 is TestBatch for CIFAR-100.
func Test100(t testing.TB) string {
	return write(t, "cifar100/test.med.gz", 2, "test.bin")
}

func write(t testing.TB, from string, heads int, name string) string {
	t.Helper()
	data := os.Getenv("RIFFLE_DATA")
	if data == "" {
		t.Skip("RIFFLE_DATA is not set: no " + from)
	}
	f, err := os.Open(filepath.Join(data, from))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if want := pictures * (heads + 3*planeLen); len(in) != want {
		t.Fatalf("%s: got %d bytes, want %d", from, len(in), want)
	}
	labels, planes := in[:heads*pictures], in[heads*pictures:]
	for i := 0; i < len(planes); i += planeLen {
		undo(planes[i : i+planeLen])
	}
	out := make([]byte, 0, len(in))
	for i := range pictures {
		for h := range heads {
			out = append(out, labels[h*pictures+i])
		}
		g := planes[i*planeLen:][:planeLen]
		for _, c := range []int{1, 0, 2} { // red, green, blue
			p := planes[(c*pictures+i)*planeLen:][:planeLen]
			for j, v := range p {
				if c != 0 {
					v += g[j] - 128
				}
				out = append(out, v)
			}
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), out, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// undo turns residuals into a plane.
func undo(p []byte) {
	for i := range p {
		x, y := i%side, i/side
		switch {
		case x == 0 && y == 0:
		case y == 0:
			p[i] += p[i-1]
		case x == 0:
			p[i] += p[i-side]
		default:
			a, b, c := p[i-1], p[i-side], p[i-side-1]
			switch {
			case c >= max(a, b):
				p[i] += min(a, b)
			case c <= min(a, b):
				p[i] += max(a, b)
			default:
				p[i] += a + b - c
			}
		}
	}
}
