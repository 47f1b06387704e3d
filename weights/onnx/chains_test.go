package onnx_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// chain is n nodes, each on the result of the one before it. x is the file's input
// and k, w, s, ... constants of it.
func chain(f *file, n int, step func(f *file, i int, in, out string)) *file {
	in := "x"
	for i := range n {
		out := fmt.Sprintf("v%d", i)
		step(f, i, in, out)
		in = out
	}
	return f.node("Relu", in, "y").out("y")
}

// Every pass of the importer takes time and memory in proportion to the file. Each chain
// of 60,000 takes about a second of processor time at most. The limit is ten times that, so that it
// measures nothing: a pass that looks at all nodes, or at a whole tensor, for each node takes minutes.
func TestChainsAreLinear(t *testing.T) {
	n := 60_000
	if testing.Short() {
		n = 6_000
	}
	most := 10 * time.Second * time.Duration(n) / 60_000
	simple := func(op, more string, attrs ...[]byte) func(f *file, i int, in, out string) {
		return func(f *file, _ int, in, out string) { f.node(op, in+more, out, attrs...) }
	}
	every := func(steps ...func(f *file, i int, in, out string)) func(f *file, i int, in, out string) {
		return func(f *file, i int, in, out string) { steps[i%len(steps)](f, i, in, out) }
	}
	small := func() *file { return newFile(13, 1, 8, 2, 2) }
	conv := func() *file { // in front of the chain, with a large weight
		return newFile(13, 1, 64, 1, 1).floats("w", 1024, 64, 1, 1).node("Conv", "x w", "c")
	}
	behind := func(step func(f *file, i int, in, out string)) func(f *file, i int, in, out string) {
		return func(f *file, i int, in, out string) {
			if i == 0 {
				in = "c"
			}
			step(f, i, in, out)
		}
	}
	for _, c := range []struct {
		name string
		f    *file
		step func(f *file, i int, in, out string)
	}{
		{"Relu", small(), simple("Relu", "")},
		{"Identity", small(), simple("Identity", "")},
		{"Add of itself", small(), func(f *file, _ int, in, out string) { f.node("Add", in+" "+in, out) }},
		{"Add of the input", small(), simple("Add", " x")},
		{"Add of a constant", small().tensor("k", float32Type, nil, 1), simple("Add", " k")},
		{"Mul behind a large convolution", conv().tensor("k", float32Type, nil, 0.999), behind(simple("Mul", " k"))},
		{"Mul behind one large channel", newFile(13, 1, 1<<18, 1, 1).floats("w", 1, 1<<18, 1, 1).node("Conv", "x w", "c").tensor("k", float32Type, nil, 0.999), behind(simple("Mul", " k"))},
		{"Mul behind a maximum", conv().tensor("k", float32Type, nil, 0.999), behind(every(simple("MaxPool", "", attrInts("kernel_shape", 1, 1)), simple("Mul", " k")))},
		{"Reshape", small().ints("s", 1, 8, 4).ints("r", 1, 8, 2, 2), every(simple("Reshape", " s"), simple("Reshape", " r"))},
		{"Reshape of another order", newFile(13, 1, 1<<18, 1, 1).ints("s", 1, 1<<18).ints("r", 1, 1<<18, 1, 1).ints("p", swapped(1<<18)...), func(f *file, i int, in, out string) {
			if i == 0 {
				f.node("Gather", "x p", out, attrInt("axis", 1))
				return
			}
			f.node("Reshape", in+[]string{" s", " r"}[i%2], out)
		}},
		{"Transpose there and back", small(), every(simple("Transpose", "", attrInts("perm", 0, 2, 3, 1)), simple("Transpose", "", attrInts("perm", 0, 3, 1, 2)))},
		{"Squeeze and Unsqueeze", small().ints("a", 4), every(simple("Unsqueeze", " a"), simple("Squeeze", " a"))},
		{"Concat of one", small(), simple("Concat", "", attrInt("axis", 1))},
		{"Dropout", small(), simple("Dropout", "")},
		{"Cast", small(), simple("Cast", "", attrInt("to", 1))},
		{"Split and Concat", small().ints("s", 4, 4), func(f *file, i int, in, out string) {
			f.node("Split", in+" s", fmt.Sprintf("a%d b%d", i, i), attrInt("axis", 1)).node("Concat", fmt.Sprintf("b%d a%d", i, i), out, attrInt("axis", 1))
		}},
		{"shape arithmetic", small().ints("one", 1), func(f *file, i int, in, out string) {
			if i == 0 {
				f.node("Shape", "x", "n0")
			}
			f.node("Add", fmt.Sprintf("n%d one", i), fmt.Sprintf("n%d", i+1)).node("Identity", in, out)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			nodes := n
			switch c.name {
			case "Split and Concat", "shape arithmetic":
				nodes /= 2
			}
			b := chain(c.f, nodes, c.step).bytes()
			within(t, b, most, 384<<20) // 256 MB at once: half of it is garbage by then
		})
	}
}

// swapped is the permutation of n that differs from the identity at the end alone.
func swapped(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	p[n-2], p[n-1] = n-1, n-2
	return p
}

// within imports b and fails if that takes more of the processor's time than most, or
// allocates more than bytes altogether, what is freed meanwhile included. The time is what
// this process computes, garbage collection included: how busy the machine is does not
// matter.
func within(t *testing.T, b []byte, most time.Duration, bytes uint64) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var err error
	took := cputime.Of(func() { _, err = onnx.Import(b) })
	runtime.ReadMemStats(&after)
	got := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes: %v, %d MB allocated, error %v", len(b), took, got>>20, err)
	if most = cputime.Bound(most); took > most {
		t.Errorf("got %v, want at most %v", took, most)
	}
	if got > bytes {
		t.Errorf("got %d bytes allocated, want at most %d", got, bytes)
	}
	return err
}
