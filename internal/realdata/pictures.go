package realdata

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Pictures returns a batch of CIFAR-10 as the network's input, from the data folder's
// packed form (its README has the format): test_batch, data_batch_1, ...
func Pictures(t testing.TB, dir, batch string) (pictures []float32, labels []byte) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "cifar10", batch+".med.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	const n, px = 10_000, 32 * 32
	if len(b) != n*(1+3*px) {
		t.Fatalf("%s: got %d bytes, want %d", batch, len(b), n*(1+3*px))
	}
	labels, b = b[:n], b[n:]
	for at := 0; at < len(b); at += px {
		p := b[at : at+px]
		for i := range p {
			var pred byte
			switch y, x := i/32, i%32; {
			case y == 0 && x == 0:
			case y == 0:
				pred = p[i-1]
			case x == 0:
				pred = p[i-32]
			default:
				a, b, c := p[i-1], p[i-32], p[i-33]
				if pred = a + b - c; c >= max(a, b) {
					pred = min(a, b)
				} else if c <= min(a, b) {
					pred = max(a, b)
				}
			}
			p[i] += pred
		}
	}
	mean := [3]float32{0.53129727, 0.5259391, 0.52069134}
	std := [3]float32{0.28938246, 0.28505746, 0.27971658}
	pictures = make([]float32, n*3*px)
	for i := range n {
		for k := range px {
			g := b[i*px+k]
			rgb := [3]byte{b[(n+i)*px+k] + g - 128, g, b[(2*n+i)*px+k] + g - 128}
			for c, v := range rgb {
				pictures[(i*3+c)*px+k] = (float32(v)/255 - mean[c]) / std[c]
			}
		}
	}
	return pictures, labels
}
