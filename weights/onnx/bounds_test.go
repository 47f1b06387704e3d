package onnx_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/weights/onnx"
)

// Files of a few bytes that ask for much. Each is refused or imported in 2 seconds and
// 256 MB; most take milliseconds.
func TestSmallFilesThatAskForMuch(t *testing.T) {
	sequences := func(f *file, n int) *file {
		sum := "x0"
		for i := range n {
			f.node("SplitToSequence", "x one", fmt.Sprintf("s%d", i), attrInt("axis", 1))
			f.node("SequenceAt", fmt.Sprintf("s%d zero", i), fmt.Sprintf("a%d", i))
			f.node("Relu", fmt.Sprintf("a%d", i), fmt.Sprintf("r%d", i))
			if i > 0 {
				f.node("Add", fmt.Sprintf("%s r%d", sum, i), fmt.Sprintf("x%d", i))
			} else {
				f.node("Identity", "r0", "x0")
			}
			sum = fmt.Sprintf("x%d", i)
		}
		return f.out(sum)
	}
	split := func() *file {
		return newFile(13, 1, 4096, 1, 1).tensor("one", int64Type, nil, 1).tensor("zero", int64Type, nil, 0)
	}
	large := []byte(nil)
	for _, c := range []struct {
		name   string
		f      *file
		refuse bool // the importer itself; what it lets through is left to the engine's limits
	}{
		{"800 splits into sequences of 4,096 parts", sequences(split(), 800), true},
		{"a split into a sequence of 4,096 parts", sequences(split(), 1), false},
		{"a window of 4,096 x 4,096", newFile(13, 1, 1, 8192, 8192).node("AveragePool", "x", "y", attrInts("kernel_shape", 4096, 4096), attrInts("strides", 1, 1)).out("y"), false},
		{"a stride of 4,096", newFile(13, 1, 128, 1024, 1024).floats("w", 1, 128, 1, 1).node("Conv", "x w", "y", attrInts("strides", 4096, 4096)).out("y"), false},
		{"a dilation of 4,096", newFile(13, 1, 1, 8192, 8192).floats("w", 1, 1, 2, 2).node("Conv", "x w", "y", attrInts("dilations", 4096, 4096)).out("y"), false},
		{"padding of 4,096", newFile(13, 1, 1, 1, 1).floats("w", 1, 1, 1, 1).node("Conv", "x w", "y", attrInts("pads", 4096, 4096, 4096, 4096)).out("y"), false},
		{"an input of 2^40 elements", newFile(13, 1, 1<<20, 1<<10, 1<<10).node("Relu", "x", "y").out("y"), true},
		{"attributes of a megabyte", newFile(13, 1, 8, 2, 2).node("Relu", "x", "y", blob(blob(large, 1, "none"), 8, string(make([]byte, 1<<20)))).out("y"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := within(t, c.f.bytes(), 2*time.Second, 256<<20)
			var e *onnx.Error
			if c.refuse && !errors.As(err, &e) || !c.refuse && err != nil {
				t.Errorf("got %v, want an Error: %v", err, c.refuse)
			}
		})
	}
}
