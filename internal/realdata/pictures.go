package realdata

import (
	"path/filepath"
	"testing"
)

// Pictures returns a batch of CIFAR-10 as the network's input, 3 x 32 x 32 values a picture,
// and the pictures' labels: test_batch, data_batch_1, ...
func Pictures(t testing.TB, dir, batch string) (values []float32, labels []byte) {
	t.Helper()
	mean := [3]float32{0.53129727, 0.5259391, 0.52069134}
	std := [3]float32{0.28938246, 0.28505746, 0.27971658}
	const record = 1 + 3*planeLen
	values = make([]float32, 0, pictures*3*planeLen)
	b := CIFAR(t, dir, filepath.Join("cifar10", batch+".med.gz"), 1)
	for ; len(b) > 0; b = b[record:] {
		labels = append(labels, b[0])
		for i, v := range b[1:record] {
			c := i / planeLen
			values = append(values, (float32(v)/255-mean[c])/std[c])
		}
	}
	return values, labels
}
