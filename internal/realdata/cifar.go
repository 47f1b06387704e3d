package realdata

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

// CIFAR returns a set of 10,000 pictures from the data folder in the form of its binary
// version: of each picture its heads labels, of one byte each, then its planes red, green
// and blue of 32 x 32 bytes. name is the set's path in the folder, where it lies compressed
// without loss: one gzip stream of labels, then the residuals of planes G, R-G+128 and
// B-G+128 under the median (LOCO-I) predictor. A file that is not so ends the test.
func CIFAR(t testing.TB, dir, name string, heads int) []byte {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
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
		t.Fatalf("%s: got %d bytes, want %d", path, len(in), want)
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
	return out
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
